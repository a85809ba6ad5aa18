"""The reference that figure P1 of the quality targets is measured against.

    python scripts/reference_p1.py make DIR [--parties 250 --s1sps 4 --days 1000] [--seed 1]
    python scripts/reference_p1.py run DIR
    python scripts/reference_p1.py copy IN_DIR FILE

make  writes capacity.csv and demand.csv, every pool with more demand than capacity
run   scales them with the rules in plain Python, without derivation sentences, and
      writes allocation.csv and balances.csv into DIR/reference
copy  is the bare input and output: reads both inputs in full and writes a file with
      the bytes of FILE (say, an allocation.csv of Sluice); FILE is read before the
      clock starts and the copy is removed after it has stopped

Each prints the seconds it took. `run` follows what Sluice does by default from
2021-07-26 on: rulebook msm-5.0, DMIN 100, no ceiling, opening balances zero.
"""

import argparse
import csv
import random
import time
from collections import defaultdict
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

FIRST_DAY = date(2021, 7, 26)
RULEBOOK = "msm-5.0"
DMIN = 100
NANO = 10**9
ALLOCATION_HEADER = [
    "Party", "S1SP", "Migration Date", "Demand", "Counted Demand", "Flat Allocation", "Pro Rata Allocation",
    "Allocation", "Unmet Demand", "Opening Balance", "Closing Balance",
]


# --- make -----------------------------------------------------------------


def s1sp_codes(count):
    return (["CGI"] + [f"S1SP{chr(ord('A') + n)}" for n in range(1, count)])[:count]


def party_codes(rng, count):
    """Codes like the sample AAA123, all different."""
    codes = set()
    while len(codes) < count:
        codes.add("".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=3)) + f"{rng.randrange(1000):03}")
    return sorted(codes)


def usual_demands(rng, parties):
    """{party: usual daily demand}: 14 large suppliers, some middling, many small."""
    usual = {}
    for place, party in enumerate(rng.sample(parties, len(parties))):
        if place < 14:
            usual[party] = rng.randint(800, 4000)
        elif place < 60:
            usual[party] = rng.randint(100, 600)
        else:
            usual[party] = rng.randint(1, 120)
    return usual


def day_capacity(rng, demands):
    """Total capacity and reserve, always scarce; about one day in fifty is very short."""
    demand = sum(demands)
    share = rng.uniform(0.05, 0.3) if rng.random() < 0.02 else rng.uniform(0.55, 0.95)
    usable = min(demand - 1, int(demand * share))
    reserve = int(usable * rng.uniform(0, 0.2))
    return usable + reserve, reserve


def make(folder, parties, s1sps, days, seed):
    rng = random.Random(seed)
    codes = party_codes(rng, parties)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "capacity.csv", "w", newline="") as cap_file, open(folder / "demand.csv", "w", newline="") as dem_file:
        capacity = csv.writer(cap_file, lineterminator="\n")
        demand = csv.writer(dem_file, lineterminator="\n")
        capacity.writerow(["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"])
        demand.writerow(["Party", "S1SP", "Migration Date", "Demand"])
        for s1sp in s1sp_codes(s1sps):
            usual = usual_demands(rng, codes)
            for number in range(days):
                day = (FIRST_DAY + timedelta(days=number)).isoformat()
                # At least one unit each, so that a day without scarcity cannot come up.
                demands = [max(1, int(usual[party] * rng.uniform(0.7, 1.3))) for party in codes]
                capacity.writerow([s1sp, day, *day_capacity(rng, demands)])
                demand.writerows([party, s1sp, day, units] for party, units in zip(codes, demands))


# --- run ------------------------------------------------------------------


def read_capacity(path):
    """{(s1sp, day): capacity without the reserve}"""
    with open(path, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {(s1sp, day): int(total) - int(reserve) for s1sp, day, total, reserve in rows}


def read_demand(path):
    """{(s1sp, day): [(party, demand)]}, parties sorted"""
    pools = defaultdict(list)
    with open(path, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for party, s1sp, day, demand in rows:
            pools[s1sp, day].append((party, int(demand)))
    for parties in pools.values():
        parties.sort()
    return pools


def first_by_lot(pool, parties, count):
    s1sp, day = pool
    return sorted(parties, key=lambda p: sha256(f"{RULEBOOK}|{s1sp}|{day}|{p}".encode()).digest())[:count]


def share_out(pool, numerators, denominator, parties, balances):
    """Whole units of numerator / denominator each; moves the balances."""
    units, order = [], []
    lost = 0
    for place, numerator in enumerate(numerators):
        whole, remainder = divmod(numerator, denominator)
        units.append(whole)
        if remainder:
            lost += remainder
            party = parties[place]
            balances[party] = standing = balances.get(party, 0) + remainder * NANO // denominator
            order.append((-standing, place))
    extra = lost // denominator
    if not extra:
        return units
    order.sort()
    if extra < len(order) and order[extra - 1][0] == order[extra][0]:
        break_tie(pool, order, extra, parties)
    for _, place in order[:extra]:
        units[place] += 1
        balances[parties[place]] -= NANO
    return units


def break_tie(pool, order, extra, parties):
    """Reorders those level at the last extra unit, winners of the lot first."""
    value = order[extra][0]
    tied = [place for standing, place in order if standing == value]
    above = sum(standing < value for standing, _ in order)
    place_of = {parties[place]: place for place in tied}
    winners = first_by_lot(pool, place_of, extra - above)
    order[above:extra] = [(value, place_of[party]) for party in winners]


def level(flats, capacity):
    """The equal share that uses up capacity, as numerator and denominator."""
    left, sharing = capacity, len(flats)
    for flat in sorted(flats):
        if flat * sharing >= left:
            break
        left -= flat
        sharing -= 1
    return left, sharing


def scale_pool(pool, capacity, parties, demands, balances):
    """Flat and pro rata units of each party, in order."""
    flats = [demand if demand < DMIN else DMIN for demand in demands]
    flat_total = sum(flats)
    if sum(demands) <= capacity:
        return flats, [demand - flat for demand, flat in zip(demands, flats)]
    if flat_total > capacity:
        top, sharing = level(flats, capacity)
        shares = [min(flat * sharing, top) for flat in flats]
        return share_out(pool, shares, sharing, parties, balances), [0] * len(parties)
    rest = capacity - flat_total
    shares = [(demand - flat) * rest for demand, flat in zip(demands, flats)]
    return flats, share_out(pool, shares, sum(demands) - flat_total, parties, balances)


def run(folder):
    capacities = read_capacity(folder / "capacity.csv")
    pools = read_demand(folder / "demand.csv")
    balances = defaultdict(dict)
    out = folder / "reference"
    out.mkdir(exist_ok=True)
    with open(out / "allocation.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ALLOCATION_HEADER)
        for pool in sorted(pools):
            writer.writerows(pool_lines(pool, capacities.get(pool, 0), pools[pool], balances[pool[0]]))
    with open(out / "balances.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["Party", "S1SP", "Balance"])
        for s1sp in sorted(balances):
            writer.writerows([party, s1sp, balance] for party, balance in sorted(balances[s1sp].items()))


def pool_lines(pool, capacity, asked, balances):
    s1sp, day = pool
    parties = [party for party, _ in asked]
    demands = [demand for _, demand in asked]
    opening = [balances.setdefault(party, 0) for party in parties]
    flats, pro_rata = scale_pool(pool, capacity, parties, demands, balances)
    for party, demand, flat, rest, before in zip(parties, demands, flats, pro_rata, opening):
        units = flat + rest
        yield party, s1sp, day, demand, demand, flat, rest, units, demand - units, before, balances[party]


# --- copy -----------------------------------------------------------------


def copy(folder, content):
    for name in ("demand.csv", "capacity.csv"):
        (folder / name).read_bytes()
    (folder / "copy.tmp").write_bytes(content)


# --- Command line ---------------------------------------------------------


def timed(label, action, *arguments):
    began = time.perf_counter()
    action(*arguments)
    print(f"{label}: {time.perf_counter() - began:.3f} s")


def parse():
    parser = argparse.ArgumentParser(description="The reference of performance figure P1.")
    actions = parser.add_subparsers(dest="action", required=True)
    maker = actions.add_parser("make")
    maker.add_argument("dir", type=Path)
    maker.add_argument("--parties", type=int, default=250)
    maker.add_argument("--s1sps", type=int, default=4)
    maker.add_argument("--days", type=int, default=1000)
    maker.add_argument("--seed", type=int, default=1)
    actions.add_parser("run").add_argument("dir", type=Path)
    copier = actions.add_parser("copy")
    copier.add_argument("dir", type=Path)
    copier.add_argument("file", type=Path)
    return parser.parse_args()


def main():
    options = parse()
    if options.action == "make":
        timed("make", make, options.dir, options.parties, options.s1sps, options.days, options.seed)
    elif options.action == "run":
        timed("run", run, options.dir)
    else:
        content = options.file.read_bytes()
        timed("copy", copy, options.dir, content)
        (options.dir / "copy.tmp").unlink()


if __name__ == "__main__":
    main()
