"""The makers of hostile files: each file is what it is said to be. This needs no built program.

Run: python -m unittest tests.files.test_hostile_makers
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import openpyxl

from . import kit
from .hostile import CASES, PASSWORD, archives, parts


class Makers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-makers-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def made(self, what):
        (case,) = [case for case in CASES if case.what == what]
        return case.make(self.folder)

    def seven(self, file, *switches):
        return subprocess.run(["7z", "t", *switches, file], capture_output=True, timeout=120).returncode

    def test_the_small_good_workbook_is_good(self):
        book = openpyxl.load_workbook(parts.workbook(self.folder / "good.xlsx"))
        rows = list(book["Demand"].values)
        self.assertEqual(rows[0], ("Migration Date", "Demand"))
        self.assertEqual(rows[1:], [(day.isoformat(), 10) for day in kit.DAYS])

    def test_half_a_gibibyte_in_half_a_megabyte(self):
        for how in ("shared string", "inline string"):
            file = self.made(f"512 MiB cell, {how}")
            self.assertLess(file.stat().st_size, 545_000)
            self.assertEqual(self.seven(file), 0)
            with zipfile.ZipFile(file) as members:
                self.assertGreater(max(m.file_size for m in members.infolist()), 512 << 20)

    def test_two_cells_in_little(self):
        self.assertLess(self.made("cells A1 and ALL200000").stat().st_size, 4000)

    def test_counts(self):
        with zipfile.ZipFile(self.made("100,000 members")) as members:
            self.assertEqual(len(members.namelist()), 100_007)

    def test_lies(self):
        with zipfile.ZipFile(self.made("a 300 MiB sheet that says 1 kB")) as members:
            self.assertEqual(members.getinfo(parts.SHEET_NAME).file_size, 1000)

    def test_archives(self):
        switch = f"-p{PASSWORD}"
        for what in ("CSV of 512 MiB", "two members", "member 'a/b.csv'", "archive in the archive"):
            self.assertEqual(self.seven(self.made(what), switch), 0, what)
        for what in ("authentication code wrong", "wrong password", "truncated to 50 %"):
            (self.folder / archives.NAME).unlink()
            self.assertNotEqual(self.seven(self.made(what), switch), 0, what)

    def test_sizes_of_texts(self):
        self.assertEqual(self.made("1 GiB line").stat().st_size, 1 << 30)
        file = self.made("1 GiB line of NUL, sparse")
        self.assertEqual(file.stat().st_size, 1 << 30)
        self.assertLess(file.stat().st_blocks * 512, 1 << 20)
        self.assertLess(self.made("255 MiB field after a good week").stat().st_size, 256 << 20)


if __name__ == "__main__":
    unittest.main()
