"""A supplier with 10,000 authorisations fails (MAM-11): 4,000 are adopted, 6,000 units are freed at the locks, and registrations
that arrive later change nothing twice.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_failure
"""

import datetime
import json
import unittest

from tests.files.kit import device, mpan

from . import kit

ROWS, ADOPTED = 10_000, 4_000
FAILS = "2021-07-22T10:00:00+01:00"
REGISTRATIONS = ["MPxN", "Fuel", "MPID", "Effective From"]
# What a second change would show in.
AFFECTED = ["allocation", "authorisation", "issued", "notice", "schedule", "schedule_line", "state_change"]


class Failure:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=ROWS).open()
        self.failed, self.next = self.main.suppliers
        rows = kit.authorisations(self.failed, self.failed.numbers)
        self.main.submit(self.failed.party, self.main.authorisation_file(self.failed, rows))
        self.assertEqual(self.states(), {"ACCEPTED": ROWS})

    def states(self):
        return dict(self.main.rows("SELECT state, count(*) FROM authorisation GROUP BY state"))

    def units(self, party):
        """The allocation of each Migration Day."""
        sql = "SELECT units FROM allocation WHERE party = ? ORDER BY date"
        return [units for (units,) in self.main.rows(sql, party)][:5]

    def appoint(self, *more):
        names = ["--from", self.failed.party, "--to", self.next.party]
        why = ["--reason", "its licence is revoked", "--by", "alice", "--json", "--now", FAILS]
        return json.loads(self.main.run("responsibility", "appoint", *names, *why, *more).out)["effect"]

    def adopt(self, numbers):
        listed = self.main.file("wanted.csv", kit.csv_bytes(["CHF Device ID"], [[device(n * 16)] for n in numbers]))
        names = ["1", "--as", self.next.party, "--from", listed, "--json"]
        return json.loads(self.main.run("responsibility", "adopt", *names).out)["adopted"]

    def registrations(self):
        """Every meter of the failed supplier is registered to the next one, and the inventory names it."""
        rows = []
        for number in self.failed.numbers:
            rows.append([mpan(number), "ELECTRICITY", self.next.electricity, "2021-07-20"])
            if kit.has_gas(number):
                rows.append([kit.meters(number)[1], "GAS", self.next.gas, "2021-07-20"])
        signed = ["--by", "alice", "--approve", "bob"]
        self.main.run("import", "registrations", self.main.table("registrations", REGISTRATIONS, rows), *signed)
        rows = [kit.inventory_row(self.next, n) for s in self.main.suppliers for n in s.numbers]
        self.main.run("import", "inventory", self.main.table("inventory", kit.INVENTORY, rows), *signed)

    def lock(self):
        """Every day is locked at its time: 18:00 on the Working Day before it."""
        for day in kit.DAYS[:5]:
            before = day - datetime.timedelta(days=3 if day == kit.MONDAY else 1)
            at = ["--s1sp", kit.S1SP, "--waive", "a test", "--by", "alice", "--now", f"{before}T18:00:00+01:00"]
            self.main.run("schedule", "lock", day, *at)

    def affected(self):
        return {table: digest for table, digest in self.main.snapshot().items() if table in AFFECTED}

    def unallocated(self):
        week = json.loads(self.main.run("week", "show", kit.MONDAY, "--json").out)
        return sum(day["capacity"] - day["allocated"] for day in week["s1sps"][0]["days"])

    def test_ten_thousand_rows(self):
        before = self.main.snapshot()
        shown = self.appoint("--dry-run")
        self.assertEqual((shown["rows"], shown["became"]), ({"ACCEPTED": ROWS}, {"SUSPENDED": ROWS}))
        self.assertEqual(sum(day["units"] for day in shown["units"]), ROWS)
        # The clock has passed the cut-off; the preview itself keeps nothing.
        acts = {"act", "act_key", "audit", "passed_milestone", "clock_left"}
        after = self.main.snapshot()
        self.assertEqual([table for table in after if after[table] != before[table] and table not in acts], [])

        self.assertEqual(self.appoint("--approve", "bob")["became"], {"SUSPENDED": ROWS})
        self.assertEqual((self.states(), self.units(self.failed.party)), ({"SUSPENDED": ROWS}, [ROWS // 5] * 5))
        self.assertEqual(self.unallocated(), 0)

        adopted = self.adopt(self.failed.numbers[:ADOPTED])
        self.assertEqual((adopted["adopted"], adopted["left"]), ({"ACCEPTED": ADOPTED}, ROWS - ADOPTED))
        self.assertEqual(self.units(self.failed.party), [(ROWS - ADOPTED) // 5] * 5)
        self.assertEqual(self.units(self.next.party), [self.main.demand + ADOPTED // 5] * 5)

        before = self.affected()
        self.registrations()
        self.assertEqual(self.affected(), before)

        self.lock()
        # No outcome has come of the days that are over (OUT-4).
        states = self.states()
        self.assertEqual((states.pop("LAPSED"), sum(states.values())), (ROWS - ADOPTED, ADOPTED))
        self.assertLessEqual(set(states), {"SCHEDULED", "UNKNOWN"})
        self.assertEqual((self.units(self.failed.party), self.unallocated()), ([0] * 5, ROWS - ADOPTED))
        used = "SELECT count(*) FROM authorisation WHERE unit = 1 AND party = ?"
        self.assertEqual(self.main.one(used, self.next.party), ADOPTED)

        before = self.affected()
        self.registrations()
        self.assertEqual(self.affected(), before)
        self.intact(self.main)


class FailureSqlite(Failure, kit.OnSqlite):
    pass


class FailurePostgresql(Failure, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
