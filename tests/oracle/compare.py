"""Compares `sluice scale` with the oracle of msm.py on random programmes.

    python tests/oracle/compare.py --sluice PATH [--cases 100000] [--seed 1]

A case is one pool: one S1SP on one day. Every figure of every line, the order
of the lines and all closing balances are compared. The last line printed is
`N passed, M failed`; it stops at the first difference, prints that pool and
leaves the files of the run where it says. Same seed, same programmes.
"""

import argparse
import csv
import io
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import msm

ALLOCATION_HEADER = [
    "Party", "S1SP", "Migration Date", "Demand", "Counted Demand", "Flat Allocation", "Pro Rata Allocation",
    "Allocation", "Unmet Demand", "Opening Balance", "Closing Balance", "Derivation",
]
BALANCES_HEADER = ["Party", "S1SP", "Balance"]
CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TIMEOUT_SECONDS = 600
CROWD = 1600
# A balance is a signed 64-bit number; this leaves room for the days that follow.
FAR_BALANCE = 9 * 10**18


class Profile(NamedTuple):
    """What one run of Sluice is to be tried with."""

    rulebook: str
    dmin: int
    first_day: str
    days: int  # of one S1SP
    styles: tuple  # how demands are drawn, one of them per pool
    balances: str = ""  # "", "small", "equal" or "extreme"
    ceiling: bool = False
    odd_files: bool = False  # other column order, cases, date forms, line ends
    crowd: bool = False  # begin with three pools of very many parties


ALL_STYLES = ("few", "same", "twins", "near dmin", "retail", "wide", "large")
TIES = ("same", "twins", "near dmin", "few")

PROFILES = [
    Profile("msm-5.0", 100, "2021-07-12", 30, ALL_STYLES),
    Profile("msm-4.0", 100, "2020-12-17", 40, ALL_STYLES, "small"),
    Profile("msm-5.0", 0, "2021-07-26", 45, ALL_STYLES, crowd=True),
    Profile("msm-4.0", 0, "2021-01-04", 30, ALL_STYLES, "small", ceiling=True),
    Profile("msm-5.0", 1, "2021-12-20", 30, ALL_STYLES, "small", ceiling=True),
    Profile("msm-4.0", 1, "2021-03-22", 6, TIES, "equal"),
    Profile("msm-5.0", 7, "2024-02-20", 25, ALL_STYLES, ceiling=True, odd_files=True),
    Profile("msm-4.0", 7, "2019-12-26", 20, TIES, "extreme"),
    Profile("msm-5.0", 1000, "2022-10-20", 40, ALL_STYLES, "small"),
    Profile("msm-4.0", 1000, "2020-03-23", 15, ("wide", "large", "retail"), crowd=True),
    Profile("msm-5.0", 0, "2021-07-12", 90, TIES, "equal"),
    Profile("msm-4.0", 0, "2020-12-28", 7, ("large", "wide"), "extreme", ceiling=True, odd_files=True),
    Profile("msm-5.0", 7, "2022-12-19", 50, ("few", "same"), "small", ceiling=True),
    Profile("msm-5.0", 100, "2023-12-25", 21, ("retail",), "small", ceiling=True, odd_files=True),
    Profile("msm-4.0", 1, "2021-07-01", 1, ALL_STYLES, "extreme"),
    Profile("msm-5.0", 1000, "2021-11-30", 4, TIES, "equal", ceiling=True),
]


class Programme(NamedTuple):
    """The inputs of one run, in the shapes of msm.scale_programme."""

    capacities: dict
    demands: dict
    eligible: dict  # or None
    balances: dict  # or None


# --- Drawing a programme --------------------------------------------------


def draw_code(rng, taken):
    """A code not drawn before; short ones often, so that some are prefixes of others."""
    while True:
        code = "".join(rng.choices(CODE_LETTERS, k=rng.choice((1, 2, 3, 3, 5, 6, 6, 16))))
        if code not in taken:
            taken.add(code)
            return code


def draw_demands(rng, style, count, dmin):
    if style == "few":
        return [rng.randint(0, 6) for _ in range(count)]
    if style == "same":
        return [rng.choice((1, 3, 101, rng.randint(0, 2000)))] * count
    if style == "twins":
        return rng.choices((rng.randint(0, 10), rng.randint(0, 1500)), k=count)
    if style == "near dmin":
        return [max(0, dmin + rng.randint(-1, 1)) for _ in range(count)]
    if style == "retail":
        return [min(1_000_000, int(rng.lognormvariate(5, 1.5))) for _ in range(count)]
    if style == "wide":
        return [int(10 ** rng.uniform(0, 6)) for _ in range(count)]
    if style == "crowd":
        return rng.choices((1_000_000, 999_999, 999_998, dmin + 1), (10, 10, 10, 1), k=count)
    return [rng.choice((1_000_000, rng.randint(500_000, 1_000_000))) for _ in range(count)]


def draw_pool(rng, style, parties, dmin):
    """{party: demand} of a day; some parties are absent, some ask for nothing."""
    present = [party for party in parties if rng.random() < 0.85] or [rng.choice(parties)]
    demands = draw_demands(rng, style, len(present), dmin)
    return {p: 0 if rng.random() < 0.06 else d for p, d in zip(present, demands)}


def draw_party_count(rng):
    kind = rng.random()
    if kind < 0.08:
        return 1
    if kind < 0.09:
        return 60
    return rng.randint(2, 12)


def draw_days(rng, profile):
    """The days of one S1SP: nearly consecutive, so weeks have gaps."""
    day = date.fromisoformat(profile.first_day) + timedelta(days=rng.randint(0, 3))
    for _ in range(profile.days):
        yield day
        day += timedelta(days=1 if rng.random() < 0.85 else rng.randint(2, 9))


def draw_all_demands(rng, profile, cases, taken):
    """Demands for exactly `cases` pools."""
    demands, left, crowd = {}, cases, profile.crowd
    parties_of_all = [draw_code(rng, taken) for _ in range(60)]
    while left:
        s1sp = draw_code(rng, taken)
        days = list(draw_days(rng, profile))[:left]
        parties = rng.sample(parties_of_all, draw_party_count(rng))
        if crowd and left > 3:
            # So many parties make fractions that are smaller, and closer
            # together, than one nano-installation.
            days, parties = days[:3], [draw_code(rng, taken) for _ in range(CROWD)]
        for day in days:
            style = "crowd" if crowd else rng.choice(profile.styles)
            for party, demand in draw_pool(rng, style, parties, profile.dmin).items():
                demands[party, s1sp, day] = demand
        left -= len(days)
        crowd = False
    return demands


def draw_eligible(rng, demands, taken):
    """Eligible counts around what a party asks for, so that some weeks are cut."""
    weeks = defaultdict(lambda: defaultdict(int))
    for (party, s1sp, day), demand in demands.items():
        weeks[party, s1sp][msm.monday_of(day)] += demand
    eligible = {(draw_code(rng, taken), "CGI"): 5}
    for key, of_week in weeks.items():
        kind = rng.random()
        if kind < 0.06:
            continue
        asked = rng.choice(list(of_week.values()))
        eligible[key] = 0 if kind < 0.1 else int(asked / 1.1 * rng.uniform(0.3, 1.8)) + rng.randint(0, 2)
    return eligible


def draw_balance(rng, kind):
    if kind == "extreme":
        some = rng.randint(-9_200_000_000, 9_200_000_000)
        return rng.choice((0, 1, -1, some, rng.randint(-FAR_BALANCE, FAR_BALANCE), rng.choice((-FAR_BALANCE, FAR_BALANCE))))
    return rng.choice((0, rng.randint(-999_999_999, 999_999_999), rng.randint(-3 * msm.NANO, 3 * msm.NANO)))


def draw_balances(rng, kind, demands, taken):
    """Opening balances for most parties, and for some that ask for nothing."""
    stranger, elsewhere = draw_code(rng, taken), draw_code(rng, taken)
    keys = {(party, s1sp) for party, s1sp, _ in demands}
    s1sps = sorted({s1sp for _, s1sp in keys})
    keys |= {(stranger, rng.choice(s1sps)), (stranger, elsewhere)}
    level = {s1sp: rng.choice((0, 250_000_000, -msm.NANO, 1_500_000_000)) for s1sp in s1sps + [elsewhere]}
    balances = {}
    for party, s1sp in sorted(keys):
        if rng.random() < 0.8:
            balances[party, s1sp] = level[s1sp] if kind == "equal" else draw_balance(rng, kind)
    return balances


def draw_capacity(rng, demands, dmin):
    """A capacity with a meaning for these demands; None for a day left out."""
    total = sum(demands)
    flat = sum(min(d, dmin) for d in demands)
    if len(demands) > CROWD // 2:
        return flat + rng.choice((1, 1, 2, len(demands) - 2))
    kind = rng.choices(
        ("pro rata", "short", "at total", "below total", "above", "at flat", "below flat", "above flat", "tiny", "zero", "none"),
        (40, 20, 4, 6, 6, 3, 4, 5, 5, 4, 3),
    )[0]
    exact = {"at total": total, "below total": total - 1, "at flat": flat, "below flat": flat - 1, "above flat": flat + 1}
    if kind in exact:
        return max(0, exact[kind])
    if kind == "none":
        return None
    drawn = {
        "pro rata": lambda: rng.randint(flat, total) if flat < total else rng.randint(0, total),
        "short": lambda: rng.randint(0, flat or total),
        "above": lambda: total + rng.randint(1, 1000),
        "tiny": lambda: rng.randint(0, len(demands)),
        "zero": lambda: 0,
    }
    return drawn[kind]()


def draw_total_and_reserve(rng, capacity):
    reserve = rng.randint(1, capacity + 5) if rng.random() < 0.3 else 0
    return capacity + reserve, reserve


def draw_capacities(rng, profile, demands, eligible):
    """Capacity for most pools, and for some days that nobody asked for."""
    capacities = {}
    for (s1sp, day), of_party in msm.pools_of(msm.counted_demands(demands, eligible)).items():
        capacity = draw_capacity(rng, list(of_party.values()), profile.dmin)
        if capacity is not None:
            capacities[s1sp, day] = draw_total_and_reserve(rng, capacity)
    known_weeks = {(s1sp, msm.monday_of(day)) for s1sp, day in capacities}
    # A week of demand without a single capacity line would be wrong input.
    for s1sp, day in sorted({(s1sp, day) for _, s1sp, day in demands}):
        unknown = (s1sp, msm.monday_of(day)) not in known_weeks
        if unknown or rng.random() < 0.02:
            capacities.setdefault((s1sp, msm.monday_of(day) + timedelta(days=6)), (9, 4))
    return capacities


def draw_programme(rng, profile, cases):
    taken = {"CGI"}
    demands = draw_all_demands(rng, profile, cases, taken)
    eligible = draw_eligible(rng, demands, taken) if profile.ceiling else None
    balances = draw_balances(rng, profile.balances, demands, taken) if profile.balances else None
    return Programme(draw_capacities(rng, profile, demands, eligible), demands, eligible, balances)


# --- Files in -------------------------------------------------------------


def odd_cell(rng, cell):
    """The same cell as somebody else might type it."""
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y") if rng.random() < 0.5 else cell.isoformat()
    if isinstance(cell, str) and rng.random() < 0.3:
        return cell.lower()
    return cell


def write_table(rng, path, header, rows, odd):
    rows = list(rows)
    rng.shuffle(rows)
    order = list(range(len(header)))
    if odd:
        rng.shuffle(order)
        header = [rng.choice((name, name.upper(), f" {name.lower()} ")) for name in header]
        rows = [[odd_cell(rng, cell) for cell in row] for row in rows]
    encoding = "utf-8-sig" if odd and rng.random() < 0.5 else "utf-8"
    line_end = "\r\n" if odd and rng.random() < 0.5 else "\n"
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator=line_end)
        writer.writerow([header[column] for column in order])
        writer.writerows([row[column] for column in order] for row in rows)


def write_inputs(rng, folder, programme, odd):
    """Writes the files of a run and returns the options that name them."""
    tables = {
        "--capacity": (["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"], programme.capacities),
        "--demand-table": (["Party", "S1SP", "Migration Date", "Demand"], programme.demands),
        "--eligible": (["Party", "S1SP", "Eligible"], programme.eligible),
        "--balances": (["Party", "S1SP", "Balance"], programme.balances),
    }
    options = []
    for option, (header, table) in tables.items():
        if table is None:
            continue
        path = folder / f"{option.strip('-')}.csv"
        rows = (key + (value if isinstance(value, tuple) else (value,)) for key, value in table.items())
        write_table(rng, path, header, rows, odd)
        options += [option, str(path)]
    return options


# --- Files out ------------------------------------------------------------


class Difference(Exception):
    """The two sides disagree; carries the pool (or None) and what to say."""

    def __init__(self, pool, text):
        super().__init__(text)
        self.pool = pool


class SluiceFailed(Exception):
    pass


def run_sluice(command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS)
    except OSError as error:
        raise SluiceFailed(f"sluice could not be started: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise SluiceFailed(f"sluice had not finished after {TIMEOUT_SECONDS} seconds") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-10:]
        raise SluiceFailed("\n".join([f"sluice ended with exit status {done.returncode} and said:", *said]))


def read_table(path, header):
    """The rows as text. A wrong header is a failure, not a difference."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SluiceFailed(f"{path.name} cannot be read: {error}") from error
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or rows[0] != header:
        raise SluiceFailed(f"{path.name} has the header {rows[:1]}, not {header}")
    return rows[1:]


def expected_row(party, s1sp, day, asked, line):
    figures = (asked, line.demand, line.flat, line.pro_rata, line.allocation, line.unmet, line.opening, line.closing)
    return [party, s1sp, day, *map(str, figures)]


def check_allocation(programme, results, rows):
    """All lines, pool by pool, in the order S1SP, date, party."""
    place = 0
    for (s1sp, day), lines in results.items():
        day_text = day.isoformat()
        for party in sorted(lines):
            expected = expected_row(party, s1sp, day_text, programme.demands[party, s1sp, day], lines[party])
            found = rows[place][:-1] if place < len(rows) else None
            if found != expected:
                raise Difference((s1sp, day), describe_rows(place, expected, found))
            place += 1
    if place < len(rows):
        raise Difference(None, f"allocation.csv has {len(rows) - place} lines too many; the first: {rows[place]}")


def describe_rows(place, expected, found):
    where = f"allocation.csv, line {place + 2}"
    if found is None:
        return f"{where}: missing; expected {expected}"
    if len(found) != len(expected) or found[:3] != expected[:3]:
        return f"{where}: another line (order?)\n  expected {expected}\n  found    {found}"
    names = zip(ALLOCATION_HEADER, expected, found)
    return "\n  ".join([f"{where}, {'/'.join(expected[:3])}:", *(f"{n}: expected {e}, found {f}" for n, e, f in names if e != f)])


def check_balances(results, balances, rows):
    for place, (s1sp, party) in enumerate(sorted(balances)):
        expected = [party, s1sp, str(balances[s1sp, party])]
        found = rows[place] if place < len(rows) else None
        if found != expected:
            pools = [pool for pool, lines in results.items() if pool[0] == s1sp and party in lines]
            text = f"balances.csv, line {place + 2}: expected {expected}, found {found}"
            raise Difference(pools[-1] if pools else None, text)
    if len(balances) < len(rows):
        raise Difference(None, f"balances.csv has {len(rows) - len(balances)} lines too many: {rows[len(balances)]}")


# --- Telling a person -----------------------------------------------------


def print_table(rows):
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(str(cell).rjust(width) for cell, width in zip(row, widths)))


def print_pool(profile, programme, results, found_rows, key):
    """Inputs and both results of one pool."""
    s1sp, day = key
    total, reserve = programme.capacities.get(key, (0, 0))
    lines = results[key]
    print(f"\nPool {s1sp} {day} under {profile.rulebook}, DMIN {profile.dmin}")
    given = "" if key in programme.capacities else " (no capacity line: 0)"
    print(f"  total capacity {total} - dormant reserve {reserve} = {total - reserve}{given}")
    print(f"  counted demand {sum(line.demand for line in lines.values())} of {len(lines)} parties")
    print("\nInputs")
    header = ["Party", "Demand", "Week's demand", "Eligible", "Counted Demand", "Opening Balance", "Lot"]
    print_table([header, *inputs(profile, programme, lines, key)])
    print("\nOracle")
    ours = []
    for party, line in sorted(lines.items()):
        row = expected_row(party, s1sp, day.isoformat(), programme.demands[party, s1sp, day], line)
        ours.append([party, *row[3:], line.entitlement, "yes" if line.extra else ""])
    print_table([["Party", *ALLOCATION_HEADER[3:-1], "Exact Share", "Extra Unit"], *ours])
    print("\nSluice")
    theirs = [row for row in found_rows if row[1:3] == [s1sp, day.isoformat()]]
    print_table([["Party", *ALLOCATION_HEADER[3:-1]], *([row[0], *row[3:-1]] for row in theirs)])
    for row in theirs:
        print(f"  {row[0]}: {row[-1]}")


def inputs(profile, programme, lines, key):
    s1sp, day = key
    pool = msm.Pool(profile.rulebook, s1sp, day)
    for party, line in sorted(lines.items()):
        monday = msm.monday_of(day)
        week = sum(programme.demands.get((party, s1sp, monday + timedelta(days=n)), 0) for n in range(7))
        eligible = "-" if programme.eligible is None else programme.eligible.get((party, s1sp), "not listed")
        asked = programme.demands[party, s1sp, day]
        yield [party, asked, week, eligible, line.demand, line.opening, pool.lot(party)[:12]]


# --- The runs -------------------------------------------------------------


def compare_once(sluice, rng, profile, cases, folder):
    """One run; returns how many pools agree before the first difference."""
    programme = draw_programme(rng, profile, cases)
    files = write_inputs(rng, folder, programme, profile.odd_files)
    out = folder / "out"
    command = [sluice, "scale", *files, "--rulebook", profile.rulebook, "--dmin", str(profile.dmin)]
    command += ["--table-only", "--out", str(out)]
    results, balances = msm.scale_programme(profile.rulebook, profile.dmin, *programme)
    allocation_rows = []
    try:
        run_sluice(command)
        allocation_rows = read_table(out / "allocation.csv", ALLOCATION_HEADER)
        check_allocation(programme, results, allocation_rows)
        check_balances(results, balances, read_table(out / "balances.csv", BALANCES_HEADER))
    except (SluiceFailed, Difference) as problem:
        print(f"{'DIFFERENCE' if isinstance(problem, Difference) else 'FAILED'}: {problem}")
        pool = getattr(problem, "pool", None)
        if pool:
            print_pool(profile, programme, results, allocation_rows, pool)
        print("\nThe run was:", " ".join(command))
        return agreeing_before(problem, results)
    return cases


def agreeing_before(problem, results):
    """Pools known to agree, in the order of the lines, when `problem` came up."""
    if isinstance(problem, SluiceFailed):
        return 0
    if problem.pool:
        return list(results).index(problem.pool)
    return len(results) - 1


def shares_of(cases, runs):
    """Splits the cases over the runs; a run without cases is left out."""
    return [share for n in range(runs) if (share := cases * (n + 1) // runs - cases * n // runs)]


def compare_all(sluice, cases, seed):
    passed = 0
    for number, share in enumerate(shares_of(cases, len(PROFILES))):
        profile = PROFILES[number]
        folder = Path(tempfile.mkdtemp(prefix="sluice-oracle-"))
        began = time.perf_counter()
        agreed = compare_once(sluice, random.Random(f"{seed}/{number}"), profile, share, folder)
        passed += agreed
        if agreed < share:
            print(f"Its files are in {folder}")
            print(f"{passed} passed, 1 failed")
            return 1
        shutil.rmtree(folder)
        print(f"{share} pools agree, {time.perf_counter() - began:.1f} s: {profile}", flush=True)
    print(f"{passed} passed, 0 failed")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Compare sluice scale with a second implementation of its rules.")
    parser.add_argument("--sluice", required=True, help="the program to test")
    parser.add_argument("--cases", type=int, default=100_000, help="pools to compare (default 100000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    sluice = shutil.which(options.sluice)
    if sluice is None:
        print(f"FAILED: there is no program {options.sluice}")
        print("0 passed, 1 failed")
        return 1
    return compare_all(sluice, options.cases, options.seed)


if __name__ == "__main__":
    sys.exit(main())
