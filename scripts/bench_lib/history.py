"""A programme that has run for weeks, made as it would have come about: every file is handed in, every act is done by its command, in
the order of the calendar.

40 suppliers and 4 S1SPs that share the capacity of the days evenly, a four-hundredth of the installations in all. Every
week is asked for with more than there is, scaled, made firm, authorised, locked and carried out; of the homes of a day most
migrate, some fail and come again. Of the rows of a file a few are refused.
"""
import heapq
import json
import subprocess
from collections import deque
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy

from .database import Sluice
from .make_data import FIRST_DEVICE, SUPPLIERS, mpans
from .names import party
from .tables import (
    AUTHORISATION, INVENTORY, authorisation, device, installation, write, write_capacity, write_combinations, write_demand,
    write_parties,
)

S1SPS = ["CGI", "S1SPB", "S1SPC", "S1SPD"]
COHORTS = {"CGI": "IOC", "S1SPB": "MOC (MDS)", "S1SPC": "MOC (Secure)", "S1SPD": "FOC"}
FIRST_WEEK = date(2021, 7, 26)
DAYS = 5
# Of a thousand homes of a day so many fail, or are not attempted; of a thousand rows of a file so many are somebody else's.
FAILED, NOT_ATTEMPTED, WRONG = 40, 10, 10
# They ask for so much more than there is.
ASKED = 1.25
CODES = [("VALIDATION", "KEYS"), ("DEVICE_TEST", "WAN"), ("COMMISSIONING", "HAN")]


def user_id(number):
    return f"70-B3-D5-1F-30-02-{number:02X}-01"


class Homes:
    """The installations by their places, and those of each supplier and S1SP that are still to be migrated."""

    def __init__(self, installations, suppliers):
        self.draw = numpy.random.default_rng(7)
        self.mpan = mpans(installations)
        self.chf = numpy.uint64(FIRST_DEVICE) + numpy.arange(installations, dtype=numpy.uint64) * numpy.uint64(11)
        # Some suppliers are a hundred times as large as others.
        sizes = numpy.geomspace(1, 100, suppliers)
        self.supplier = self.draw.choice(suppliers, installations, p=sizes / sizes.sum())
        self.s1sp = numpy.arange(installations) % len(S1SPS)
        self.open = {
            (supplier, s1sp): deque(numpy.nonzero((self.supplier == supplier) & (self.s1sp == s1sp))[0].tolist())
            for supplier in range(suppliers)
            for s1sp in range(len(S1SPS))
        }

    def inventory(self):
        for place, chf in enumerate(self.chf.tolist()):
            s1sp = S1SPS[self.s1sp[place]]
            yield installation(place, chf, self.mpan[place], self.supplier[place], s1sp, COHORTS[s1sp])

    def row(self, place, day, sender):
        return authorisation(place, int(self.chf[place]), self.mpan[place], day, user_id(sender))


def write_tables(folder, weeks, daily, suppliers):
    """The reference data but the inventory."""
    s1sps = [(code, f"70-B3-D5-1F-30-03-{number:02X}-01") for number, code in enumerate(S1SPS)]
    write_parties(folder, map(user_id, range(suppliers)), s1sps)
    write_combinations(folder, S1SPS)
    days = [FIRST_WEEK + timedelta(days=7 * week + day) for week in range(weeks) for day in range(DAYS)]
    write_capacity(folder, days, S1SPS, daily // len(S1SPS), 0)
    codes = ["KEYS,VALIDATION,DCC,NO,0\n", "WAN,,SUPPLIER,YES,3\n", "HAN,COMMISSIONING,S1SP,YES,0\n"]
    write(folder / "outcome-codes.csv", "Code,Stage,Who Acts,Attempt,Retry After Days\n", codes)


class History:
    """The weeks in the order of the calendar."""

    def __init__(self, url, folder, installations, weeks, daily, on_week=None, suppliers=SUPPLIERS):
        self.sluice, self.folder, self.daily, self.on_week = Sluice(url), folder, daily, on_week
        self.suppliers = suppliers
        self.homes = Homes(installations, suppliers)
        self.agenda, self.count = [], 0
        self.last_firm = datetime.fromisoformat("2021-05-10T09:00:00+00:00")
        self.on_day = {}
        self.prepare(weeks)

    def prepare(self, weeks):
        self.folder.mkdir(parents=True, exist_ok=True)
        write_tables(self.folder, weeks, self.daily, self.suppliers)
        write(self.folder / "inventory.csv", INVENTORY, self.homes.inventory())
        self.sluice.do("init", "--simulated", "--now", "2021-05-10T09:00:00Z")
        for kind in ("parties", "dmc", "epcl", "outcome-codes", "capacity", "inventory"):
            self.sluice.do("import", kind, self.folder / f"{kind}.csv")
        self.sluice.do("user", "add", "alice", "--role", "operator")
        self.sluice.do("user", "add", "bob", "--role", "approver")
        for week in range(weeks):
            self.plan(FIRST_WEEK + timedelta(days=7 * week))

    def plan(self, monday):
        said = subprocess.run(
            [self.sluice.program, "calendar", "--week", str(monday), "--json"], check=True, capture_output=True
        )
        calendar = json.loads(said.stdout)
        at = {of["id"]: datetime.fromisoformat(of["at"]) for of in calendar["milestones"]}
        hours = lambda number: timedelta(hours=number)
        self.at(at["demand_cutoff"] - hours(6), self.ask, monday)
        # CAL-5: after a holiday the week before may be made firm after the cut-off of this one.
        firm = at["firm_due"] - hours(1)
        self.at(max(at["demand_cutoff"] + hours(1), self.last_firm + hours(1)), self.scale, monday)
        self.at(firm, self.make_firm, monday)
        self.last_firm = firm
        self.at(at["firm_due"] + hours(17), self.authorise, monday)
        for day in calendar["days"][:DAYS]:
            of = date.fromisoformat(day["date"])
            self.at(datetime.fromisoformat(day["schedule_lock"]) + timedelta(minutes=1), self.lock, of)
            self.at(datetime.fromisoformat(day["outcomes_due"]) - hours(1), self.carry_out, of)

    def at(self, moment, act, of):
        self.count += 1
        heapq.heappush(self.agenda, (moment, self.count, act, of))

    def run(self):
        while self.agenda:
            moment, _, act, of = heapq.heappop(self.agenda)
            act(moment.isoformat(), of)

    def files(self, name):
        folder = self.folder / "files"
        folder.mkdir(exist_ok=True)
        return folder / name

    def do(self, what, *words, **how):
        """Does an act, or looks at something: what it is, and by which command."""
        return self.sluice.do(*words, **how)

    def submit(self, what, sender, files, now):
        # 1: some rows were refused, as they should be.
        done = self.do(what, "submit", *files, "--as", sender, "--now", now, good=(0, 1))
        if "aside" in done.stdout:
            raise SystemExit(f"{files}: {done.stdout[-2000:]}")
        for file in files:
            file.unlink()
            for response in file.parent.glob(f"{file.stem[:2]}R*"):
                response.unlink()

    def ask(self, now, monday):
        for supplier in range(self.suppliers):
            files = []
            for s1sp, code in enumerate(S1SPS):
                left = len(self.homes.open[supplier, s1sp])
                share = self.daily / len(S1SPS) * (self.homes.supplier == supplier).mean() * ASKED
                demand = [min(int(share) + 1, left // DAYS) if day < DAYS else 0 for day in range(7)]
                file = self.files(f"DC_{party(supplier)}_{user_id(supplier)}_{code}_{monday:%Y%m%d}.csv")
                write_demand(file, [(monday + timedelta(days=day), units) for day, units in enumerate(demand)])
                files.append(file)
            self.submit("demand of a supplier", party(supplier), files, now)

    def scale(self, now, monday):
        self.do("demand cut-off", "week", "show", monday, "--now", now)
        self.do("scaling", "week", "scale", monday, "--by", "alice", "--now", now)
        self.do("provisional result", "week", "publish", monday, "--stage", "provisional", "--by", "alice")

    def make_firm(self, now, monday):
        two = ["--by", "alice", "--approve", "bob"]
        self.do("firm result", "week", "publish", monday, "--stage", "firm", *two, "--now", now)

    def allocations(self, monday):
        """By supplier, S1SP and day, as published."""
        for s1sp, code in enumerate(S1SPS):
            bundle = self.files("bundle")
            self.sluice.do("week", "bundle", monday, "--s1sp", code, "--out", bundle, "--force")
            lines = (bundle / "allocation.csv").read_text().splitlines()[1:]
            for line in lines:
                who, _, day, *_ = line.split(",", 3)
                yield int(who[3:]), s1sp, date.fromisoformat(day), int(line.split(",")[7])

    def authorise(self, now, monday):
        files = {}
        for supplier, s1sp, day, allocation in self.allocations(monday):
            homes = self.homes.open[supplier, s1sp]
            taken = [homes.popleft() for _ in range(min(allocation, len(homes)))]
            self.on_day.setdefault((s1sp, day), []).extend(taken)
            rows = files.setdefault((supplier, s1sp), [])
            rows.extend(self.homes.row(place, day, supplier) for place in taken)
            others = self.homes.draw.integers(0, len(self.homes.chf), self.homes.draw.binomial(len(taken), WRONG / 1000))
            rows.extend(self.homes.row(place, day, supplier) for place in others.tolist() if self.homes.supplier[place] != supplier)
        stamp = datetime.fromisoformat(now).strftime("%Y%m%d_%H%M%S")
        for supplier in range(self.suppliers):
            written = []
            for s1sp, code in enumerate(S1SPS):
                if rows := files.get((supplier, s1sp)):
                    written.append(self.files(f"MA_{code}_{user_id(supplier)}_{stamp}.csv"))
                    write(written[-1], AUTHORISATION, rows)
            if written:
                self.submit("authorisations of a supplier", party(supplier), written, now)

    def lock(self, now, day):
        waiver = ["--waive", "the data of a measurement do not age"]
        self.do("lock of a day", "schedule", "lock", day, *waiver, "--by", "alice", "--now", now)

    def carry_out(self, now, day):
        stamp = datetime.fromisoformat(now).strftime("%H%M%S")
        for s1sp, code in enumerate(S1SPS):
            homes, rows = self.on_day.pop((s1sp, day), []), []
            chance = self.homes.draw.integers(0, 1000, len(homes))
            for place, chance in zip(homes, chance.tolist()):
                chf = device(int(self.homes.chf[place]))
                if chance < FAILED:
                    stage, reason = CODES[chance % len(CODES)]
                    rows.append(f"{chf},FAILED,{stage},{reason},\n")
                elif chance < FAILED + NOT_ATTEMPTED:
                    rows.append(f"{chf},NOT_ATTEMPTED,,,\n")
                else:
                    rows.append(f"{chf},MIGRATED,,,\n")
                    continue
                # It comes again when all others have been asked for.
                self.homes.open[self.homes.supplier[place], s1sp].append(place)
            if rows:
                file = self.files(f"OUTCOME_{code}_{day:%Y%m%d}_{stamp}.csv")
                write(file, "CHF Device ID,Outcome,Stage,Code,At\n", rows)
                self.submit("outcomes of a day", code, [file], now)
        if day.weekday() == DAYS - 1 and self.on_week:
            self.on_week(day)


def make(options):
    """Makes one, and says how long each week took."""
    started = datetime.now()
    said = lambda day: print(f"{datetime.now() - started}  the week until {day} is carried out", flush=True)
    daily = options.installations // 400
    History(options.into, options.data, options.installations, options.weeks, daily, said).run()
