"""The oracle against the worked examples and counter-examples of the rules.

Run with `python tests/oracle/test_msm.py` or `python -m unittest` from here.
"""

import random
import sys
import unittest
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import msm

RULEBOOK = "msm-5.0"
FIRST_DAY = date(2021, 7, 12)
PARTIES = ["AAA123", "BBB456", "CCC789", "DDD012"]


def one_pool(capacity, demands, dmin=100, balances=None, day=FIRST_DAY, rulebook=RULEBOOK):
    return msm.scale_pool(msm.Pool(rulebook, "CGI", day), capacity, demands, dmin, balances or {})


def allocations(lines):
    return [line.allocation for line in lines.values()]


def closings(lines):
    return [line.closing for line in lines.values()]


def run_days(days, dmin, first_day=FIRST_DAY, rulebook=RULEBOOK):
    """Consecutive pools given as (demands, capacity), balances chained."""
    capacities, demands = {}, {}
    for offset, (of_party, capacity) in enumerate(days):
        day = first_day + timedelta(days=offset)
        capacities["CGI", day] = (capacity, 0)
        for party, demand in of_party.items():
            demands[party, "CGI", day] = demand
    return msm.scale_programme(rulebook, dmin, capacities, demands)


class WorkedExamples(unittest.TestCase):
    demands = dict(zip(PARTIES, (900, 400, 80, 250)))
    unequal = dict(zip(PARTIES, (57, 33, 7, 3)))

    def test_scaled(self):
        lines = one_pool(1000, self.demands)
        self.assertEqual(allocations(lines), [497, 249, 80, 174])
        self.assertEqual(closings(lines), [-200000000, -200000000, 0, 400000000])
        self.assertEqual([line.flat for line in lines.values()], [100, 100, 80, 100])
        self.assertEqual(lines["AAA123"].entitlement, Fraction(800 * 620, 1250))

    def test_short(self):
        lines = one_pool(250, self.demands)
        self.assertEqual(allocations(lines), [62, 63, 62, 63])
        self.assertEqual(closings(lines), [500000000, -500000000, 500000000, -500000000])
        self.assertEqual([line.pro_rata for line in lines.values()], [0, 0, 0, 0])

    def test_no_scaling(self):
        lines = one_pool(2000, self.demands)
        self.assertEqual(allocations(lines), [900, 400, 80, 250])
        self.assertEqual(closings(lines), [0, 0, 0, 0])
        self.assertEqual([line.flat for line in lines.values()], [100, 100, 80, 100])

    def test_dmin_zero_first_day(self):
        lines = one_pool(10, self.unequal, dmin=0)
        self.assertEqual(allocations(lines), [6, 3, 1, 0])
        self.assertEqual(closings(lines), [-300000000, 300000000, -300000000, 300000000])

    def test_dmin_zero_thirty_days(self):
        results, balances = run_days([(self.unequal, 10)] * 30, dmin=0)
        self.assertEqual(max(day for _, day in results), date(2021, 8, 10))
        sums = [sum(lines[party].allocation for lines in results.values()) for party in PARTIES]
        self.assertEqual(sums, [171, 99, 21, 9])
        self.assertEqual(balances, {("CGI", party): 0 for party in PARTIES})


class Ceiling(unittest.TestCase):
    def test_limit_330_of_1000_on_five_days(self):
        week = {FIRST_DAY + timedelta(days=n): 200 for n in range(5)}
        self.assertEqual(msm.weekly_limit(300), 330)
        self.assertEqual(list(msm.counted_week(week, 330).values()), [66] * 5)

    def test_limit_is_rounded_up(self):
        self.assertEqual([msm.weekly_limit(n) for n in (0, 1, 9, 10, 11)], [0, 2, 10, 11, 13])

    def test_units_left_go_to_the_earlier_of_equal_remainders(self):
        days = [FIRST_DAY + timedelta(days=n) for n in range(3)]
        counted = msm.counted_week(dict.fromkeys(reversed(days), 5), 8)
        self.assertEqual([counted[day] for day in days], [3, 3, 2])

    def test_larger_remainder_comes_before_earlier_day(self):
        days = [FIRST_DAY + timedelta(days=n) for n in range(3)]
        # Shares of 4: 3/6*4 = 2, 1/6*4 = 2/3, 2/6*4 = 4/3.
        counted = msm.counted_week(dict(zip(days, (3, 1, 2))), 4)
        self.assertEqual([counted[day] for day in days], [2, 1, 1])

    def test_at_the_limit_nothing_changes(self):
        self.assertEqual(msm.counted_week({FIRST_DAY: 330}, 330), {FIRST_DAY: 330})

    def test_unlisted_party_counts_as_none_eligible(self):
        demands = {("A", "CGI", FIRST_DAY): 5, ("B", "CGI", FIRST_DAY): 5}
        counted = msm.counted_demands(demands, {("A", "CGI"): 100})
        self.assertEqual(list(counted.values()), [5, 0])

    def test_weeks_start_on_monday_and_are_limited_apart(self):
        sunday, monday = date(2021, 7, 18), date(2021, 7, 19)
        demands = {("A", "CGI", sunday): 11, ("A", "CGI", monday): 11}
        self.assertEqual(msm.counted_demands(demands, {("A", "CGI"): 10}), demands)


class KnownNotToHold(unittest.TestCase):
    def test_one_unit_more_capacity_can_cost_a_unit(self):
        demands = {"A": 1, "B": 3, "C": 3}
        self.assertEqual(allocations(one_pool(3, demands, dmin=0)), [1, 1, 1])
        lines = one_pool(4, demands, dmin=0)
        self.assertEqual(allocations(lines), [0, 2, 2])
        self.assertGreater(lines["A"].closing, 0)

    def test_a_balance_can_pass_one_installation(self):
        # B and then C must win the lot for this; so the day matters.
        for rulebook, first_day in (("msm-5.0", date(2021, 7, 23)), ("msm-4.0", date(2021, 7, 18))):
            days = [(dict.fromkeys(who, 300), cap) for who, cap in (("ABCD", 401), ("ACD", 301), ("AD", 201))]
            _, balances = run_days(days, 100, first_day, rulebook)
            self.assertEqual(balances["CGI", "A"], 1083333333)
            self.assertEqual(balances["CGI", "D"], 83333333)


class Edges(unittest.TestCase):
    def test_capacity_equal_to_demand_is_not_scaled(self):
        lines = one_pool(7, {"A": 3, "B": 4}, dmin=0, balances={"A": 5})
        self.assertEqual(closings(lines), [5, 0])
        self.assertEqual(allocations(lines), [3, 4])

    def test_no_capacity(self):
        for dmin in (0, 100):
            lines = one_pool(0, {"A": 3, "B": 4}, dmin, balances={"A": 5})
            self.assertEqual(allocations(lines), [0, 0])
            self.assertEqual(closings(lines), [5, 0])

    def test_capacity_equal_to_the_flats_leaves_nothing_to_round(self):
        lines = one_pool(200, {"A": 300, "B": 400}, balances={"A": 5, "B": -5})
        self.assertEqual(allocations(lines), [100, 100])
        self.assertEqual(closings(lines), [5, -5])

    def test_a_party_below_the_level_is_served_in_full(self):
        lines = one_pool(100, {"A": 10, "B": 300, "C": 300})
        self.assertEqual(allocations(lines), [10, 45, 45])

    def test_a_whole_share_takes_no_part_in_rounding(self):
        # Shares 1, 3/2, 3/2 of 4: A has a large balance but nothing to round.
        lines = one_pool(4, {"A": 2, "B": 3, "C": 3}, dmin=0, balances={"A": 9 * msm.NANO})
        self.assertEqual(lines["A"].allocation, 1)
        self.assertEqual(lines["A"].closing, 9 * msm.NANO)

    def test_reserve_is_not_shared(self):
        results, _ = msm.scale_programme(RULEBOOK, 0, {("CGI", FIRST_DAY): (10, 4)}, {("A", "CGI", FIRST_DAY): 9})
        self.assertEqual(allocations(results["CGI", FIRST_DAY]), [6])

    def test_balances_of_the_absent_are_kept(self):
        _, balances = msm.scale_programme(RULEBOOK, 0, {}, {("A", "CGI", FIRST_DAY): 9}, None, {("B", "CGI"): 7})
        self.assertEqual(balances, {("CGI", "A"): 0, ("CGI", "B"): 7})


class Properties(unittest.TestCase):
    def pools(self, count=3000):
        rng = random.Random(7)
        for _ in range(count):
            demands = {f"P{n}": rng.randint(0, 12) for n in range(rng.randint(1, 8))}
            balances = {party: rng.choice((0, 0, rng.randint(-2, 2) * 400_000_000)) for party in demands}
            yield rng.randint(0, 60), demands, rng.choice((0, 1, 3, 100)), balances

    def test_bounds_sum_rounding_and_order(self):
        for capacity, demands, dmin, balances in self.pools():
            lines = one_pool(capacity, demands, dmin, balances)
            self.assertEqual(sum(allocations(lines)), min(capacity, sum(demands.values())))
            short = sum(min(d, dmin) for d in demands.values()) > capacity
            for party, line in lines.items():
                self.assertTrue(0 <= line.allocation <= demands[party])
                exact = line.entitlement + (0 if short else line.flat)
                self.assertLess(abs(line.allocation - exact), 1)
            backwards = one_pool(capacity, dict(reversed(demands.items())), dmin, balances)
            self.assertEqual(backwards, lines)

    def test_equals_differ_by_at_most_one(self):
        for capacity, demands, dmin, balances in self.pools():
            lines = one_pool(capacity, demands, dmin, balances)
            groups = {}
            for party, line in lines.items():
                groups.setdefault((demands[party], line.opening), []).append(line.allocation)
            for group in groups.values():
                self.assertLessEqual(max(group) - min(group), 1)


if __name__ == "__main__":
    unittest.main()
