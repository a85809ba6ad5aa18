"""The running counts of the reports (REP-1): one that does not agree is named, and an act puts it right.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_counts
"""

import json

from . import kit


class Counts:
    """A file was taken; what it asks for is counted by day and by file."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1).open()
        supplier = self.main.suppliers[0]
        rows = kit.authorisations(supplier, list(supplier.numbers)[:10])
        answer = self.main.submit(supplier.party, self.main.authorisation_file(supplier, rows))
        self.file = answer["receipt"]

    def wrong(self):
        return json.loads(self.main.run("audit", "counts", "--json", code=1).out)["wrong"]

    def test_what_is_counted_agrees(self):
        self.assertIn("what counting from scratch gives", self.main.run("audit", "counts").out)
        self.assertEqual(self.main.rows("SELECT state, rows FROM file_count"), [("ACCEPTED", 10)])
        units = "SELECT CAST(sum(units) AS BIGINT) FROM day_count WHERE what = 'UNIT' AND outcome = 'ACCEPTED'"
        self.assertEqual(self.main.one(units), 10)
        in_hand = "SELECT CAST(sum(homes) AS BIGINT) FROM place_count WHERE place = 'IN_HAND'"
        self.assertEqual(self.main.one(in_hand), 10)

    def test_what_does_not_agree_is_named_and_counted_again(self):
        self.main.backend.write("UPDATE day_count SET units = units + ? WHERE what = 'UNIT'", 7)
        self.main.backend.write("DELETE FROM file_count WHERE rows = ?", 10)
        self.main.backend.write("UPDATE place_count SET homes = homes + 1 WHERE place = ?", "IN_HAND")
        waits = "s1sp, lead, state, since, stage, code, failed, retry_from, excluded, planned, home, homes"
        values = "'CGI', 1, 'HELD', 20210701, '', '', 0, 0, 0, 0, 0, ?"
        self.main.backend.write(f"INSERT INTO wait_count ({waits}) VALUES ({values})", 3)
        self.main.backend.write("DELETE FROM clock_left WHERE what = ?", "WEEK")
        excluded = "s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid, homes"
        self.main.backend.write(f"INSERT INTO exclusion_count ({excluded}) VALUES (1, 'NO_WAN', '', 'IMPORT', 20210701, 1, -1, ?)", 2)
        self.main.backend.write("UPDATE open_count SET homes = homes - ? WHERE home = 0", 1)
        wrong = self.wrong()
        tables = {"day_count", "file_count", "place_count", "wait_count", "clock_left", "open_count", "exclusion_count"}
        self.assertEqual({one["table"] for one in wrong}, tables)
        of_file = next(one for one in wrong if one["table"] == "file_count")
        self.assertEqual((of_file["kept"], of_file["found"]), (None, 10))
        self.assertIn(f"rows of file {self.file} ", of_file["of"])
        text = self.main.run("audit", "counts", code=1).out
        self.assertIn("kept nothing, there is 10", text)
        self.assertIn("sluice audit counts --anew", text)
        # Looking changes nothing.
        self.assertEqual(self.wrong(), wrong)
        self.assertIn("is not the same", self.main.run("replay", code=1).out)
        self.assertIn("--by", self.main.run("audit", "counts", "--anew", code=2).err)
        self.assertIn("counted from scratch", self.main.run("audit", "counts", "--anew", "--by", "alice").out)
        self.main.run("audit", "counts")
        self.assertEqual(self.main.one("SELECT count(*) FROM audit WHERE kind = 'count-again'"), 1)
        self.intact(self.main)
        self.assertIn("are the same, byte for byte", self.main.run("replay").out)

    def test_where_nothing_is_wrong_nothing_is_done(self):
        self.main.run("audit", "counts", "--anew", "--by", "alice")
        self.assertEqual(self.main.one("SELECT count(*) FROM audit WHERE kind = 'count-again'"), 0)


class CountsOnSqlite(Counts, kit.OnSqlite):
    """In a file."""


class CountsOnPostgresql(Counts, kit.OnPostgresql):
    """On a server."""
