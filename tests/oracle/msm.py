"""A second implementation of the scaling rules MSM-1 to MSM-8.

Written from the rules alone, to be compared with Sluice (see compare.py).
It favours being easy to check against the rules over being fast: shares are
kept as exact fractions until the rules ask for whole numbers.

Days are `datetime.date`, codes upper-case text, demands and capacities whole
installations, balances nano-installations (1 installation = NANO).
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

NANO = 10**9
CEILING_PERCENT = 110


class Line(NamedTuple):
    """What one party gets from one pool, with enough to follow why."""

    demand: int  # counted demand
    flat: int
    pro_rata: int
    opening: int
    closing: int
    entitlement: Fraction  # the share that was rounded; whole if not scaled
    extra: bool  # got one of the units left over by rounding

    @property
    def allocation(self):
        return self.flat + self.pro_rata

    @property
    def unmet(self):
        return self.demand - self.allocation


class Pool(NamedTuple):
    """One S1SP on one day, under one rulebook."""

    rulebook: str
    s1sp: str
    day: date

    def lot(self, party):
        """Where chance puts a party of this pool: the smallest comes first."""
        # MSM-7
        text = f"{self.rulebook}|{self.s1sp}|{self.day.isoformat()}|{party}"
        return sha256(text.encode()).hexdigest()


def monday_of(day):
    return day - timedelta(days=day.weekday())


# --- MSM-2a: the weekly ceiling ------------------------------------------


def weekly_limit(eligible):
    """The most a party may ask for in a week, rounded up."""
    # MSM-2a
    return -(-CEILING_PERCENT * eligible // 100)


def counted_week(week, limit):
    """Cut one party's week {day: demand} down to the limit, if it is over."""
    total = sum(week.values())
    if total <= limit:
        return dict(week)
    counted, remainder = {}, {}
    for day, demand in week.items():
        # MSM-2a: every day keeps the whole part of its share of the limit
        counted[day], remainder[day] = divmod(demand * limit, total)
    left = limit - sum(counted.values())
    # MSM-2a: one unit each to the largest remainders, the earlier day first
    for day in sorted(week, key=lambda d: (-remainder[d], d))[:left]:
        counted[day] += 1
    return counted


def counted_demands(demands, eligible):
    """{(party, s1sp, day): demand} with every party's weeks held to the ceiling.

    `eligible` is {(party, s1sp): installations}, or None when nobody knows.
    """
    # MSM-2a: no inventory, no ceiling
    if eligible is None:
        return dict(demands)
    weeks = defaultdict(dict)
    for (party, s1sp, day), demand in demands.items():
        weeks[party, s1sp, monday_of(day)][day] = demand
    counted = {}
    for (party, s1sp, _), week in weeks.items():
        limit = weekly_limit(eligible.get((party, s1sp), 0))
        for day, demand in counted_week(week, limit).items():
            counted[party, s1sp, day] = demand
    return counted


# --- MSM-3 to MSM-8: one pool --------------------------------------------


def level(flats, capacity):
    """The height at which capacity runs out when poured evenly over the flats.

    Only for flats that exceed capacity together, so a level always exists.
    """
    left = capacity
    for already_full, flat in enumerate(sorted(flats)):
        sharing = len(flats) - already_full
        # MSM-4: those below the level are served in full, the rest share alike
        if flat * sharing >= left:
            return Fraction(left, sharing)
        left -= flat
    raise ValueError("the flat allocations fit into the capacity")


def round_shares(pool, entitlements, balances):
    """Whole units for exact shares: {party: (units, extra, closing balance)}."""
    whole = {party: share.numerator // share.denominator for party, share in entitlements.items()}
    fraction = {party: share - whole[party] for party, share in entitlements.items() if share.denominator != 1}
    nano = {party: f.numerator * NANO // f.denominator for party, f in fraction.items()}

    def order(party):
        # MSM-6: largest truncated fraction plus balance first; MSM-7: then the lot
        return -(nano[party] + balances.get(party, 0)), pool.lot(party)

    left_over = sum(entitlements.values()) - sum(whole.values())
    # MSM-6: only a party that lost a fraction can be given a unit for it
    lucky = set(sorted(fraction, key=order)[: int(left_over)]) if left_over else set()
    result = {}
    for party, units in whole.items():
        extra = party in lucky
        # MSM-8
        closing = balances.get(party, 0) + nano.get(party, 0) - NANO * extra
        result[party] = units + extra, extra, closing
    return result


def unscaled_pool(demands, flats, balances):
    """Everybody gets all of it; the split is for show and no balance moves."""
    lines = {}
    for party, demand in demands.items():
        balance = balances.get(party, 0)
        flat = flats[party]
        # MSM-3
        lines[party] = Line(demand, flat, demand - flat, balance, balance, Fraction(demand - flat), False)
    return lines


def short_pool(pool, capacity, demands, flats, balances):
    """Not even the flat allocations fit: equal shares up to the level."""
    height = level(list(flats.values()), capacity)
    # MSM-4: nobody gets more than the flat allocation
    shares = {party: min(Fraction(flat), height) for party, flat in flats.items()}
    rounded = round_shares(pool, shares, balances)
    lines = {}
    for party, (units, extra, closing) in rounded.items():
        # MSM-4: the whole award counts as flat
        lines[party] = Line(demands[party], units, 0, balances.get(party, 0), closing, shares[party], extra)
    return lines


def pro_rata_pool(pool, capacity, demands, flats, balances):
    """Flat allocations in full, what remains in proportion to what is unmet."""
    rest = capacity - sum(flats.values())
    unmet = {party: demand - flats[party] for party, demand in demands.items()}
    # Above zero, since demand exceeds a capacity that holds all the flats.
    total_unmet = sum(unmet.values())
    # MSM-5
    shares = {party: Fraction(u * rest, total_unmet) for party, u in unmet.items()}
    rounded = round_shares(pool, shares, balances)
    lines = {}
    for party, (units, extra, closing) in rounded.items():
        opening = balances.get(party, 0)
        lines[party] = Line(demands[party], flats[party], units, opening, closing, shares[party], extra)
    return lines


def scale_pool(pool, capacity, demands, dmin, balances):
    """{party: Line} for {party: counted demand} and {party: opening balance}."""
    # MSM-4
    flats = {party: min(demand, dmin) for party, demand in demands.items()}
    # MSM-3
    if sum(demands.values()) <= capacity:
        return unscaled_pool(demands, flats, balances)
    # MSM-4
    if sum(flats.values()) > capacity:
        return short_pool(pool, capacity, demands, flats, balances)
    return pro_rata_pool(pool, capacity, demands, flats, balances)


# --- A whole programme ----------------------------------------------------


def pools_of(counted):
    """Counted demands by pool: {(s1sp, day): {party: demand}}."""
    pools = defaultdict(dict)
    for (party, s1sp, day), demand in counted.items():
        pools[s1sp, day][party] = demand
    return pools


def scale_programme(rulebook, dmin, capacities, demands, eligible=None, balances=None):
    """Scale all pools; returns ({(s1sp, day): {party: Line}}, {(s1sp, party): balance}).

    capacities: {(s1sp, day): (total, dormant reserve)}; a day not in it has none.
    demands: {(party, s1sp, day): demand}; eligible and balances: {(party, s1sp): n}.
    Pools come out in the order S1SP, day.
    """
    standing = defaultdict(dict)
    for (party, s1sp), balance in (balances or {}).items():
        standing[s1sp][party] = balance
    results = {}
    # MSM-8: the days of an S1SP in date order, each opening with the last balance
    for (s1sp, day), pool_demands in sorted(pools_of(counted_demands(demands, eligible)).items()):
        total, reserve = capacities.get((s1sp, day), (0, 0))
        # MSM-1
        capacity = total - reserve
        lines = scale_pool(Pool(rulebook, s1sp, day), capacity, pool_demands, dmin, standing[s1sp])
        for party, line in lines.items():
            standing[s1sp][party] = line.closing
        results[s1sp, day] = lines
    closing = {(s1sp, party): b for s1sp, of_party in standing.items() for party, b in of_party.items()}
    return results, closing
