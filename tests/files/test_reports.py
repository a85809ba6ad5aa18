"""Workbooks of reports as LibreOffice shows them (REP-1).

Run: python -m unittest tests.files.test_reports
Needs soffice (libreoffice-calc) and python3-uno. The workbooks are those of the scenarios, which the program makes byte for byte.
"""

import pathlib
import unittest

from . import office

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = office.Office()

    @classmethod
    def tearDownClass(cls):
        cls.office.stop()

    def looked(self, path):
        sheets = self.office.job(path)["sheets"]
        looked = self.office.job(path, [{"do": "look", "sheet": sheet} for sheet in sheets])["looked"]
        return sheets, dict(zip(sheets, looked))

    def test_rep_1_progress(self):
        sheets, seen = self.looked(SCENARIOS / "REP-1-progress" / "expected" / "progress.xlsx")
        self.assertEqual(sheets, ["About", "By cohort", "By supplier", "By supplier and cohort", "Charts"])
        about = dict(row[:2] for row in seen["About"]["cells"] if row[0])
        self.assertIn("installations are migrated", about["Found"])
        self.assertIn("Invented data", about["Remark"])
        for sheet in sheets:
            with self.subTest(sheet):
                first, frame = [row[0] for row in seen[sheet]["cells"][:2]]
                self.assertTrue(first.startswith("Progress to completion"), first)
                self.assertIn("Progress to completion", seen[sheet]["head"][0])
                self.assertRegex(seen[sheet]["head"][2], "^for ")
                self.assertRegex(seen[sheet]["foot"][0], "data of .*UK time")
                self.assertRegex(seen[sheet]["foot"][2], "Page .* of ")
                if sheet != "About":
                    self.assertRegex(frame, "S1SPs? .* for .*data of")
        cohorts = seen["By cohort"]
        words = [row[0] for row in cohorts["cells"]]
        # Totals come first, below the names of their columns.
        self.assertEqual(words.index("Total"), words.index("Cohort") + 1)
        self.assertEqual(cohorts["repeated"], [words.index("Cohort")] * 2)
        self.assertGreaterEqual(len(seen["Charts"]["charts"]), 2)
        self.assertFalse([sheet for sheet in seen.values() for row in sheet["cells"] for cell in row if cell.startswith("###")])

    def test_rep_1_outcomes(self):
        sheets, seen = self.looked(SCENARIOS / "REP-1-outcomes" / "expected" / "outcomes.xlsx")
        self.assertEqual(sheets[0], "About")
        self.assertEqual(len(seen["Charts"]["charts"]), 2)
        for title in seen["Charts"]["charts"]:
            self.assertRegex(title, "success rate|failures|became of")


if __name__ == "__main__":
    unittest.main()
