"""Reference data that contradict each other are refused whole, with their rows; the database stays as it was (REF-2).

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_reference
"""

import unittest

from . import kit

REGISTRATIONS = ["MPxN", "Fuel", "MPID", "Effective From"]
EXCLUSIONS = ["CHF Device ID", "Fuel", "Category", "Effective From"]
OUTCOME_CODES = ["Code", "Stage", "Who Acts", "Attempt", "Retry After Days"]


class Contradictions:
    @classmethod
    def changed(cls, rows, *changes):
        """The rows with cells changed: (line as a person sees it, column, value)."""
        rows = [list(row) for row in rows]
        for line, column, value in changes:
            rows[line - 2][column] = value
        return rows

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2).register()
        self.before = self.main.snapshot()

    def refused(self, kind, header, rows, *expected):
        """Exit 2, and for each of `expected`, a line and a word, the line of standard error that tells it."""
        with self.subTest(kind=kind, expected=expected):
            run = self.main.run("import", kind, self.main.table(kind, header, rows), code=2)
            self.assertEqual(run.out, "", run)
            self.assertNotIn("\\u{", run.err)
            *listed, last = run.lines
            self.assertTrue(last.startswith("sluice: "), run)
            if listed:
                self.assertIn("nothing was imported; correct these rows", last, run)
            self.assertFalse([line for line in listed if line.startswith("sluice: ")], run)
            for line, word in expected:
                told = [text for text in run.lines if line is None or text.startswith(f"line {line}: ")]
                self.assertTrue([text for text in told if word in text], f"{line}, {word}\n{run}")
            lines = [text.split(":")[0] for text in listed]
            self.assertEqual(lines, [f"line {line}" for line, _ in expected if line], run)
            self.assertEqual(self.main.snapshot(), self.before)

    def test_parties(self):
        good = self.main.parties()
        change = self.changed
        first, second, third = (row[0] for row in good)
        self.assertEqual(third, kit.S1SP)
        self.refused("parties", kit.PARTIES, change(good, (3, 0, first)), (3, first))
        self.refused("parties", kit.PARTIES, change(good, (3, 3, good[0][3])), (3, good[0][3]))
        self.refused("parties", kit.PARTIES, change(good, (3, 4, good[0][4])), (3, good[0][4]))
        self.refused("parties", kit.PARTIES, change(good, (4, 6, "")), (4, "S1SP"))
        twin = ["TWIN", "Twin", "S1SP", "70-B3-D5-1F-30-00-F9-99"]
        # MSM-14: a second party that is the S1SP would read what the first is sent.
        self.refused("parties", kit.PARTIES, [*good, [*twin, "", "", kit.S1SP, "", ""]], (5, "in line 4 too"))
        self.refused("parties", kit.PARTIES, change(good, (2, 2, "BUTCHER"), (4, 3, "x")), (2, "BUTCHER"), (4, "x"))
        # What others still need does not go.
        self.refused("parties", kit.PARTIES, good[:1] + good[2:], (None, second))

    def test_capacity(self):
        good = [[kit.S1SP, f"{day}", 10, 2] for day in kit.DAYS]
        change = self.changed
        self.refused("capacity", kit.CAPACITY, change(good, (4, 3, 11)), (None, "11"))
        self.refused("capacity", kit.CAPACITY, change(good, (3, 1, "2021-07-26")), (None, "2021-07-26"))
        self.refused("capacity", kit.CAPACITY, change(good, (3, 2, -1)), (None, "-1"))
        self.refused("capacity", kit.CAPACITY, change(good, (8, 0, "NONE")), (None, "NONE"))

    def test_combinations(self):
        good = [["D1", "CSP", "a:b:1", "c:d:1", "e:f:1"], ["D2", "CSP", "a:b:1", "c:d:1", ""]]
        self.refused("dmc", kit.DMC, self.changed(good, (3, 0, "D1")), (3, "D1"))
        self.refused("dmc", kit.DMC, self.changed(good, (2, 2, "a:b")), (2, "a:b"))
        self.refused("dmc", kit.DMC, good[:1], (None, "D2"))

    def test_eligible_combinations(self):
        good = [[kit.S1SP, name, "2021-01-01", ""] for name in ("D1", "D2")]
        wrong = self.changed(good, (2, 0, "NONE"), (3, 1, "D9"))
        self.refused("epcl", kit.EPCL, wrong, (2, "NONE"), (3, "D9"))
        self.refused("epcl", kit.EPCL, self.changed(good, (3, 3, "2020-12-31")), (3, "earlier than Date Added"))

    def test_inventory(self):
        good, change = self.main.installations(), self.changed
        for column in (0, 4, 5):
            twice = change(good, (5, column, good[0][column]))
            self.refused("inventory", kit.INVENTORY, twice, (5, f"{good[0][column]} stands in line 2 too"))
        wrong_digit = good[3][5][:-1] + str((int(good[3][5][-1]) + 1) % 10)
        unknown = [(2, 6, "NONE"), (3, 1, "NOSUCH"), (4, 3, "D9"), (5, 5, wrong_digit), (6, 7, "ASLEEP"), (7, 2, "ZOC")]
        expected = [(2, "NONE"), (3, "NOSUCH"), (4, "D9"), (5, wrong_digit), (6, "ASLEEP"), (7, "ZOC")]
        self.refused("inventory", kit.INVENTORY, change(good, *unknown), *expected)
        # A gas meter is there whole or not at all.
        self.assertTrue(good[0][8])
        self.refused("inventory", kit.INVENTORY, change(good, (2, 9, "")), (2, "MPRN"))

    def test_second_operator(self):
        good = self.main.installations()
        rows = self.changed(good, (2, 7, "DORMANT"))
        self.refused("inventory", kit.INVENTORY, rows, (None, "second operator"))
        table = self.main.table("inventory", kit.INVENTORY, rows)
        run = self.main.run("import", "inventory", table, "--by", "alice", "--approve", "alice", code=2)
        self.assertEqual(len(run.lines), 1, run)
        self.assertEqual(self.main.snapshot(), self.before)
        self.main.run("import", "inventory", table, "--dry-run")
        self.assertEqual(self.main.snapshot(), self.before)
        self.main.run("import", "inventory", table, "--by", "alice", "--approve", "bob")
        self.assertNotEqual(self.main.snapshot(), self.before)
        self.intact(self.main)

    def test_registrations(self):
        good = [[kit.mpan(1), "ELECTRICITY", "E001", "2021-01-01"], ["2000000002", "GAS", "G01", "2021-01-01"]]
        change = self.changed
        self.refused("registrations", REGISTRATIONS, change(good, (2, 2, "ZZZZ")), (2, "ZZZZ"))
        self.refused("registrations", REGISTRATIONS, change(good, (3, 1, "ELECTRICITY")), (3, "2000000002"))
        twice = [*good, [*good[0][:2], "E002", good[0][3]]]
        self.refused("registrations", REGISTRATIONS, twice, (4, "line 2"))

    def test_exclusions_and_outcomes(self):
        rows = [[kit.device(1_000_000 * 16), "STEAM", "PPM", "2021-01-01"], ["x", "", "PPM", "2021-13-01"]]
        self.refused("exclusions", EXCLUSIONS, rows, (2, "STEAM"), (3, "x"), (3, "2021-13-01"))
        rows = [["GT01", "", "DCC", "YES", 3], ["GT01", "", "DCC", "NO", 3], ["GT02", "", "NOBODY", "YES", 3]]
        self.refused("outcome-codes", OUTCOME_CODES, rows, (3, "GT01"), (4, "NOBODY"))

    def test_after_the_firm_result(self):
        """MSM-12: the capacity of a firm week changes by a cut."""
        self.main.firm()
        self.before = self.main.snapshot()
        rows = [[kit.S1SP, "2021-08-02", 9, 0], [kit.S1SP, "2021-07-26", 1, 0]]
        self.refused("capacity", kit.CAPACITY, rows, (None, "week cut"))

    def test_lines_are_those_of_the_file(self):
        """A cell of several lines moves those below it; so does a first row that is empty."""
        good = [[kit.S1SP, "D1", "2021-01-01", ""], ["NONE", "D2", "2021-01-01", ""]]
        text = kit.csv_bytes(kit.EPCL, good)
        spread = text.replace(b"CGI,D1", b'CGI,"D1\n"')
        for place, content in enumerate((spread, b"\n" + text, text.replace(b"\nCGI", b"\n\nCGI"))):
            with self.subTest(place=place):
                run = self.main.run("import", "epcl", self.main.file("epcl.csv", content), code=2)
                self.assertEqual(run.lines[0], "line 4: S1SP NONE is not known", run)

    def test_not_a_table(self):
        for content in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", bytes(1000)):
            with self.subTest(content=content[:10]):
                run = self.main.run("import", "inventory", self.main.file("inventory.csv", content), code=2)
                self.assertEqual(len(run.lines), 1, run)
                self.assertEqual(self.main.snapshot(), self.before)


class ContradictionsOnSqlite(Contradictions, kit.OnSqlite):
    pass


class ContradictionsOnPostgresql(Contradictions, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
