"""The figures of the reports add up, within each report, from one to the other, and with the tables (REP-1).

A programme is led through a week in which everything happens that reports count: split supply, Dormant homes, refused,
withdrawn and moved rows, a change of supplier, hand-back, a stop order, a cut, outcomes of every kind, a supplier that buys
another, one that fails, days that are not locked. At several moments every report is read by DCC and by each supplier, for
all days and for the week.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_reports
"""

import datetime
import itertools
import unittest

from tests.files.kit import device, objects

from . import kit
from .kit import DAYS, MONDAY, S1SP

WEEK = str(MONDAY)
REASONS = ["failed", "not_attempted", "unknown", "dcc", "stopped", "lapsed", "incomplete", "withdrawn"]
REASONS += ["not_authorised", "handed_back", "not_asked"]
OUTCOMES = ["migrated", "failed", "not_attempted", "unknown", "started", "pending"]
STANDS = "('ACCEPTED', 'SCHEDULED')"
STOOD = ("ACCEPTED", "SCHEDULED", "UNKNOWN", "MIGRATED", "FAILED", "NOT_ATTEMPTED")
LIVE = "('ACCEPTED', 'HELD', 'STANDBY', 'DEFERRED', 'SCHEDULED', 'STOPPED', 'SUSPENDED', 'UNKNOWN')"


class Week(kit.Programme):
    """Four suppliers with homes that are Active, in split supply, and Dormant."""

    def __init__(self, backend, folder):
        super().__init__(backend, folder, suppliers=4, installations=24, demand=4, capacity=14)
        # Rows of outcomes, holds and answers to Dormant notices, by sender.
        self.sent = {}

    def installations(self):
        rows = []
        for place, supplier in enumerate(self.suppliers):
            other = self.suppliers[(place + 1) % len(self.suppliers)]
            for index, number in enumerate(supplier.numbers):
                row = kit.inventory_row(supplier, number)
                gas = row[11] != ""
                # Every home with an even number has gas; of those a few are in split supply, the last ones are Dormant.
                if gas and index in (2, 4, 6):
                    row[10] = other.gas
                if index >= 20:
                    row[7], row[11] = "DORMANT", "DORMANT" if gas else ""
                rows.append(row)
        return rows

    def begin(self):
        self.register()
        capacity = [[S1SP, f"{day}", self.capacity, 2] for day in DAYS[:5]]
        self.run("import", "capacity", self.table("capacity", kit.CAPACITY, capacity), "--by", "alice", "--approve", "bob")
        codes = [["WAN", "", "SUPPLIER", "YES", 28], ["HAN", "", "S1SP", "NO", 0]]
        columns = ["Code", "Stage", "Who Acts", "Attempt", "Retry After Days"]
        self.run("import", "outcome-codes", self.table("outcome-codes", columns, codes))
        excluded = [[device(self.suppliers[0].numbers[19] * 16), "", "NO_WAN", "2021-05-01"]]
        columns = ["CHF Device ID", "Fuel", "Category", "Effective From"]
        self.run("import", "exclusions", self.table("exclusions", columns, excluded), "--by", "alice", "--approve", "bob")
        self.run("dormant", "plan", WEEK, "--by", "alice", "--now", "2021-06-07T10:00:00+01:00")
        self.run("dormant", "notify", WEEK, "--by", "alice")
        self.answer_dormant()
        self.firm()

    def answer_dormant(self):
        """One answer to the notice, one that is none."""
        supplier = self.suppliers[0]
        planned = self.rows("SELECT chf FROM dormant_line ORDER BY chf")[0][0]
        home = "-".join(f"{planned:016X}"[n : n + 2] for n in range(0, 16, 2))
        rows = [[home, "NO_OBJECTION", "", ""], [device(supplier.numbers[1] * 16), "NO_OBJECTION", "", ""]]
        name = f"DMMSR_{S1SP}_{supplier.user_id}_{MONDAY:%Y%m%d}.csv"
        self.judged(supplier.party, self.file(name, kit.csv_bytes(["CHF Device ID", "Answer", "Reason", "Statement"], rows)), 2)

    def hold(self):
        """A hold of a home of its own in the next week, one of another's."""
        supplier, day = self.suppliers[1], f"{MONDAY + datetime.timedelta(days=7)}"
        homes = [device(owner.numbers[11] * 16) for owner in (supplier, self.suppliers[0])]
        rows = [[home, "", "", day, day, "", "SET"] for home in homes]
        columns = ["CHF Device ID", "Import MPAN", "MPRN", "From", "To", "Weekdays", "Action"]
        name = f"HOLD_{S1SP}_{supplier.user_id}_20210713_010000.csv"
        self.judged(supplier.party, self.file(name, kit.csv_bytes(columns, rows)), 2)

    def judged(self, party, file, rows, *more):
        """Hands in a file whose rows each get an answer and make no authorisation."""
        self.submit(party, file, code=None, more=list(more))
        self.sent[party] = self.sent.get(party, 0) + rows

    def change_supplier(self):
        """The electricity of a home goes to another supplier, and the gas supplier leads, whose unit it uses (MAM-2)."""
        home, to = self.suppliers[0].numbers[10], self.suppliers[1].electricity
        row = [kit.mpan(home), "ELECTRICITY", to, f"{datetime.date.fromisoformat(kit.OPEN[:10])}"]
        columns = ["MPxN", "Fuel", "MPID", "Effective From"]
        self.run("import", "registrations", self.table("registrations", columns, [row]))

    def authorise(self):
        self.run("audit", "verify", "--now", kit.OPEN)
        self.change_supplier()
        self.hold()
        for place, supplier in enumerate(self.suppliers):
            rows = kit.authorisations(supplier, supplier.numbers[:18])
            if place == 0:
                rows[10][0] = ""
            # Twice in the file, an MPAN with a wrong check digit, a Dormant home, an excluded one.
            rows += [rows[0], kit.authorisation(supplier, supplier.numbers[21]), kit.authorisation(supplier, supplier.numbers[19])]
            rows[5][0] = "1200000000000"
            self.submit(supplier.party, self.authorisation_file(supplier, rows), code=1)
            self.submit(supplier.party, self.file(f"notes{place}.csv", b"nothing"), code=1)
        for place, supplier in enumerate(self.suppliers):
            # The gas supplier's rows for one or two of the homes in split supply.
            other = self.suppliers[place - 1]
            rows = []
            # Not the same of each, so that a supplier's figure taken for another's does not cancel out.
            for number in [other.numbers[index] for index in [(4,), (2, 4), (2,), (2, 4)][place]]:
                row = kit.authorisation(other, number, number % 5)
                row[0], row[5] = "", supplier.user_id
                rows.append(row)
            self.submit(supplier.party, self.authorisation_file(supplier, rows), code=None)
            # One taken back, one to another day.
            taken = kit.authorisations(supplier, supplier.numbers[7:8], "WITHDRAW")
            moved = [kit.authorisation(supplier, supplier.numbers[8], (supplier.numbers[8] + 1) % 5)]
            self.submit(supplier.party, self.authorisation_file(supplier, taken + moved), code=None)
        self.run("handback", "--as", self.suppliers[1].party, "--s1sp", S1SP, "--date", DAYS[4], "--units", 1, code=None)

    def lock(self, day, now):
        self.run("schedule", "lock", DAYS[day], "--waive", "old", "--by", "alice", "--now", now)

    def outcomes(self, day, words, now):
        """Outcomes of a day's schedule, one after the other, again and again; the last home has none."""
        sql = "SELECT l.chf FROM schedule_line l WHERE l.date = ? AND l.version = (SELECT max(version) FROM schedule s \
               WHERE s.s1sp = l.s1sp AND s.date = l.date) ORDER BY l.chf"
        date = int(DAYS[day].strftime("%Y%m%d"))
        homes = [f"{chf % 2**64:016X}" for (chf,) in self.rows(sql, date)]
        homes = ["-".join(home[n : n + 2] for n in range(0, 16, 2)) for home in homes]
        rows = [[home, *word, ""] for home, word in zip(homes[:-1], itertools.cycle(words))]
        stamp = datetime.datetime.fromisoformat(now).strftime("%H%M%S")
        name = f"OUTCOME_{S1SP}_{DAYS[day]:%Y%m%d}_{stamp}.csv"
        file = self.file(name, kit.csv_bytes(["CHF Device ID", "Outcome", "Stage", "Code", "At"], rows))
        self.judged(S1SP, file, len(rows), "--now", now)


MIGRATED, MISSED = ["MIGRATED", "", ""], ["NOT_ATTEMPTED", "", ""]
FAILED, UNCOUNTED = ["FAILED", "DEVICE_TEST", "WAN"], ["FAILED", "COMMISSIONING", "HAN"]
STARTED = ["STARTED", "", ""]


class Report:
    """A report, as programs read it."""

    def __init__(self, programme, name, reader=None, week=False):
        arguments = ["report", name, "--json"]
        arguments += ["--as", reader] if reader else []
        arguments += ["--week", WEEK] if week else []
        (told,) = objects(programme.run(*arguments).out)
        self.tables = {table["id"]: table for table in told["tables"]}

    def rows(self, table):
        return self.tables[table]["rows"]

    def sum(self, table, *columns, **where):
        rows = [row for row in self.rows(table) if all(row[key] == value for key, value in where.items())]
        return sum(row[column] or 0 for row in rows for column in columns)


class Figures:
    def setUp(self):
        super().setUp()
        self.main = Week(self.backend, self.folder)
        self.addCleanup(self.main.close)

    def test_figures_add_up(self):
        main = self.main
        main.begin()
        self.hold("firm")
        main.authorise()
        self.hold("authorised")
        main.lock(0, "2021-07-23T18:00:00+01:00")
        main.run("stop", "impose", "--supplier", main.suppliers[2].party, "--reason", "meters restart", "--by", "alice")
        main.lock(1, "2021-07-26T18:00:00+01:00")
        main.outcomes(0, [MIGRATED, FAILED, MISSED, UNCOUNTED, MISSED, MIGRATED, STARTED], "2021-07-26T19:00:00+01:00")
        self.hold("one day over")
        main.run("stop", "lift", 1, "--by", "alice", "--approve", "bob", "--now", "2021-07-27T08:00:00+01:00")
        main.run("week", "cut", WEEK, "--s1sp", S1SP, "--date", DAYS[1], "--capacity", 6, "--by", "alice")
        main.outcomes(1, [MIGRATED, FAILED, MIGRATED], "2021-07-27T17:00:00+01:00")
        main.lock(2, "2021-07-27T18:00:00+01:00")
        self.hold("some outcomes unknown")
        sold, buyer = main.suppliers[3].party, main.suppliers[2].party
        self.unchanged_by("transfer", sold, buyer)
        self.hold("one supplier bought another")
        # Homes in split supply of both were in the schedule of a day that is over.
        main.run("audit", "verify", "--now", "2021-07-29T09:00:00+01:00")
        self.unchanged_by("appoint", main.suppliers[0].party, main.suppliers[1].party)
        self.hold("one supplier failed")
        main.run("audit", "verify", "--now", "2021-07-30T09:00:00+01:00")
        self.hold("days that were not locked")
        self.happened()
        self.intact(main)

    def unchanged_by(self, event, old, new):
        """Meters pass to another supplier, which rewrites nothing of what was authorised and scheduled until then."""
        before = Report(self.main, "weeks").tables["weeks"]["totals"]
        signed = ["--reason", event, "--by", "alice", "--approve", "bob"]
        self.main.run("responsibility", event, "--from", old, "--to", new, *signed)
        after = Report(self.main, "weeks").tables["weeks"]["totals"]
        for column in ("authorised", "scheduled", "migrated"):
            self.assertEqual(before[column], after[column], (event, column))

    def happened(self):
        """What the test is about has happened, else it shows nothing."""
        states = {state for (state,) in self.main.rows("SELECT DISTINCT state FROM authorisation")}
        for state in ("MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN", "EXPIRED", "WITHDRAWN", "MOVED"):
            self.assertIn(state, states)
        idle = Report(self.main, "idle").tables["idle"]["totals"]
        for reason in ("failed", "not_attempted", "unknown", "dcc", "stopped", "not_authorised"):
            self.assertGreater(idle[reason], 0, reason)
        # What still has a unit on a day that is over was left behind.
        sql = "SELECT sum(unit) FROM authorisation WHERE state IN ('ACCEPTED', 'HELD', 'SUSPENDED') AND date < 20210730"
        rows = [row for row in Report(self.main, "idle").rows("idle") if row["whose"].startswith("SUP")]
        self.assertEqual(sum(row["dcc"] for row in rows), self.main.one(sql))
        # Split supply that is in a schedule, with the supplier that failed and the one in its place; a gas supplier that leads.
        sql = "SELECT count(*) FROM schedule_line WHERE electricity_party = ? AND gas_party = ? AND type = 'ACTIVE'"
        self.assertGreater(self.main.one(sql, *[supplier.party for supplier in self.main.suppliers[:2]]), 0)
        home = int(device(self.main.suppliers[0].numbers[10] * 16).replace("-", ""), 16)
        self.assertGreater(self.main.one("SELECT count(*) FROM schedule_line WHERE chf = ?", home), 0)
        self.assertGreater(len(Report(self.main, "backlog").rows("reasons")), 3)
        sql = "SELECT count(DISTINCT f.kind) FROM answer a JOIN file f ON f.id = a.file WHERE a.verdict = 'REFUSED'"
        self.assertGreater(self.main.one(sql), 2, "kinds of files with refused rows")
        self.assertGreater(Report(self.main, "conduct").sum("kinds", "events"), 4)

    def hold(self, moment):
        """Everything holds for every reader."""
        for week in (False, True):
            whole = self.read(None, week)
            with self.subTest(moment=moment, reader="DCC", week=week):
                self.within(whole)
                self.of_the_pool(whole)
                self.against_tables(whole, week)
            parts = []
            for supplier in self.main.suppliers:
                part = self.read(supplier.party, week)
                with self.subTest(moment=moment, reader=supplier.party, week=week):
                    self.within(part)
                    self.leads(part, supplier.party)
                parts.append(part)
            with self.subTest(moment=moment, week=week):
                self.parts_are_the_whole(whole, parts)

    def read(self, reader, week):
        names = ["weeks", "outcomes", "idle", "refusals", "dormant"]
        read = {name: Report(self.main, name, reader, week) for name in names}
        for name in ("progress", "backlog"):
            read[name] = Report(self.main, name, reader)
        return read

    def within(self, read):
        """What holds for every reader."""
        weeks, outcomes, idle = read["weeks"], read["outcomes"], read["idle"]
        for table in ("days", "suppliers"):
            self.assertEqual(outcomes.sum(table, "scheduled"), outcomes.sum(table, *OUTCOMES), table)
        for column in ["scheduled", *OUTCOMES]:
            self.assertEqual(outcomes.sum("days", column), outcomes.sum("suppliers", column), column)
        self.assertEqual(outcomes.sum("days", "failed"), outcomes.sum("failures", "failed"))
        for column in ("scheduled", "migrated"):
            self.assertEqual(weeks.sum("weeks", column), outcomes.sum("days", column, kind="AUTHORISED"), column)
            dormant = outcomes.sum("days", column, kind="DORMANT")
            self.assertEqual(weeks.sum("weeks", f"dormant_{column}"), dormant, column)
        units = idle.sum("idle", "units", "beyond")
        self.assertEqual(units, idle.sum("idle", "migrated", "open", "idle"))
        self.assertEqual(idle.sum("idle", "idle"), idle.sum("idle", *REASONS))
        others = {"(nobody)", "(Dormant reserve)"}
        own = sum(row["units"] for row in idle.rows("idle") if row["whose"] not in others)
        self.assertEqual(own, weeks.sum("weeks", "allocation"))
        own = [row for row in idle.rows("idle") if row["whose"] not in others]
        for column in ("migrated", "failed", "not_attempted", "unknown"):
            self.assertEqual(sum(row[column] for row in own), outcomes.sum("days", column, kind="AUTHORISED"), column)
        progress = read["progress"]
        for table in ("cohorts", "suppliers"):
            parts = progress.sum(table, "migrated", "in_hand", "excluded", "open")
            self.assertEqual(progress.sum(table, "installations"), parts, table)
        backlog = read["backlog"]
        self.assertEqual(backlog.sum("reasons", "all"), backlog.sum("suppliers", "all"))
        ages = ["days_7", "days_14", "days_28", "days_56", "older"]
        self.assertEqual(backlog.sum("reasons", "all"), backlog.sum("reasons", *ages))
        refusals = read["refusals"]
        answers = refusals.sum("senders", "taken", "withdrawn", "no_change", "refused")
        self.assertEqual(refusals.sum("senders", "rows"), answers)
        self.assertGreaterEqual(refusals.sum("codes", "count", what="ROW"), refusals.sum("senders", "refused"))
        self.assertEqual(refusals.sum("codes", "count", what="FILE"), refusals.sum("senders", "files_refused"))
        dormant = read["dormant"]
        states = ["in_plan", "noticed", "scheduled", "migrated", "failed", "not_attempted", "unknown", "stopped", "out", "unused"]
        self.assertEqual(dormant.sum("plans", "installations"), dormant.sum("plans", *states))
        answers = dormant.sum("notices", "silent", "no_objection", "active", "objections")
        self.assertEqual(dormant.sum("notices", "notices"), answers)
        for column in ("objections", "upheld", "rejected", "undecided"):
            self.assertEqual(dormant.sum("notices", column), dormant.sum("objections", column), column)

    def of_the_pool(self, read):
        """What only those see who see all."""
        weeks, idle, outcomes = read["weeks"], read["idle"], read["outcomes"]
        self.assertEqual(idle.sum("idle", "units"), weeks.sum("weeks", "capacity", "reserve"))
        dormant = idle.sum("idle", "migrated", whose="(Dormant reserve)")
        self.assertEqual(dormant, outcomes.sum("days", "migrated", kind="DORMANT"))
        # What stands in the plans and what stands in the schedules is the same.
        self.assertEqual(read["dormant"].sum("plans", "migrated"), outcomes.sum("days", "migrated", kind="DORMANT"))

    def leads(self, read, party):
        """Whose unit it is, it is also in the schedule for."""
        self.assertEqual(read["weeks"].sum("weeks", "authorised"), len(self.authorised(party)))

    def authorised(self, party=None):
        """Installations, days and suppliers of whose rows one stood with a unit at some time, and none was taken back."""
        rows = self.main.rows("SELECT chf, file, date, party, state, unit FROM authorisation")
        parties = {(chf, file): party for (chf, file, _, party, _, _) in rows}
        steps = self.main.rows("SELECT chf, file, date, was, became FROM state_change WHERE unit = 1")
        stood = {(chf, date, party) for (chf, _, date, party, state, unit) in rows if unit and state in STOOD}
        stood |= {(chf, date, parties[chf, file]) for (chf, file, date, *states) in steps if set(states) & set(STOOD)}
        standing = {(chf, date, party) for (chf, _, date, party, state, _) in rows if state in STOOD}
        back = {(chf, date, party) for (chf, _, date, party, state, _) in rows if state in ("WITHDRAWN", "MOVED")}
        return {key for key in stood - (back - standing) if party in (None, key[2])}

    def against_tables(self, read, week):
        """The same counted another way, from the tables."""
        one, progress, weeks = self.main.one, read["progress"], read["weeks"]
        self.assertEqual(progress.sum("cohorts", "installations"), one("SELECT count(*) FROM installation"))
        migrated = one("SELECT count(*) FROM attempt WHERE migrated IS NOT NULL")
        self.assertEqual(progress.sum("cohorts", "migrated"), migrated)
        self.assertEqual(Report(self.main, "outcomes").sum("days", "migrated"), migrated)
        live = one(f"SELECT count(DISTINCT chf) FROM authorisation WHERE state IN {LIVE}")
        planned = "('PLANNED', 'NOTICED', 'SCHEDULED', 'STOPPED', 'UNKNOWN')"
        dormant = one(f"SELECT count(*) FROM dormant_line WHERE state IN {planned}")
        self.assertEqual(progress.sum("cohorts", "in_hand"), live + dormant)
        stands = one(f"SELECT count(DISTINCT chf) FROM authorisation WHERE state IN {STANDS}")
        sql = f"SELECT count(DISTINCT chf) FROM authorisation a WHERE state IN {LIVE} AND NOT EXISTS (SELECT 1 FROM \
                authorisation b WHERE b.chf = a.chf AND b.state IN {STANDS})"
        self.assertEqual(live, stands + one(sql))
        again = ("It failed", "It was not attempted")
        waiting = sum(row["all"] for row in read["backlog"].rows("reasons") if not row["reason"].startswith(again))
        self.assertEqual(waiting, live - stands)
        self.assertEqual(weeks.sum("weeks", "authorised"), len(self.authorised()))
        if week:
            return
        # By sender every row of a file that was not refused whole has one answer.
        sent, kinds = dict(self.main.sent), "('OUTCOME', 'HOLD', 'DMMSR')"
        sql = "SELECT f.sender, count(*) FROM authorisation a JOIN file f ON f.id = a.file GROUP BY f.sender UNION ALL \
               SELECT f.sender, sum(a.rows) FROM answer a JOIN file f ON f.id = a.file WHERE f.kind NOT IN "
        for sender, rows in self.main.rows(f"{sql}{kinds} GROUP BY f.sender"):
            sent[sender] = sent.get(sender, 0) + rows
        for row in read["refusals"].rows("senders"):
            self.assertEqual(row["rows"], sent.get(row["party"], 0), row["party"])
        codes = self.main.rows("SELECT codes, rows FROM answer WHERE verdict = 'REFUSED'")
        counted = sum(len(codes.split()) * rows for (codes, rows) in codes)
        self.assertEqual(read["refusals"].sum("codes", "count", what="ROW"), counted)

    def parts_are_the_whole(self, whole, parts):
        """What the suppliers see of themselves is together what DCC sees of them."""
        columns = {
            ("weeks", "weeks"): ["forecast", "demand", "allocation", "authorised", "dropped", "scheduled", "migrated"],
            ("outcomes", "days"): ["scheduled", *OUTCOMES],
            ("progress", "suppliers"): ["installations", "migrated", "in_hand", "excluded", "open"],
            ("backlog", "suppliers"): ["all"],
            ("dormant", "notices"): ["notices", "objections"],
        }
        for (name, table), columns in columns.items():
            for column in columns:
                together = sum(part[name].sum(table, column) for part in parts)
                self.assertEqual(together, whole[name].sum(table, column), (name, column))
        for supplier, part in zip(self.main.suppliers, parts):
            self.assertEqual(
                part["idle"].rows("idle"), [row for row in whole["idle"].rows("idle") if row["whose"] == supplier.party]
            )
            for row in part["idle"].rows("idle") + part["outcomes"].rows("suppliers") + part["refusals"].rows("senders"):
                self.assertEqual(row.get("whose", row.get("party")), supplier.party)


class FiguresSqlite(Figures, kit.OnSqlite):
    pass


class FiguresPostgresql(Figures, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
