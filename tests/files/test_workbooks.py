"""Workbooks that no template of ours was the start of, made by openpyxl and LibreOffice.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_workbooks
Needs soffice (libreoffice-calc), python3-uno and openpyxl.
"""

import datetime
import os
import re
import subprocess
import unittest
import zipfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from . import kit, office
from .kit import DAYS, DC_HEADER, DC_STEM, MA_HEADER, MA_STEM

OFFICE = None

MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PLAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def setUpModule():
    global OFFICE
    OFFICE = office.Office()


def tearDownModule():
    OFFICE.stop()


def rewrite(source, target, change):
    """Copies a workbook member by member; `change(name, bytes)` gives the new bytes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


class OtherWorkbooks(kit.FileCase):
    def demand(self, rows, name=f"{DC_STEM}.xlsx", header=DC_HEADER, change=None):
        book = openpyxl.Workbook()
        page = book.active
        page.title = "Demand"
        page.append(header)
        for row in rows:
            page.append(row)
        if change is not None:
            change(book, page)
        book.save(self.path(name))
        return self.path(name)

    def authorisation(self, rows, name=f"{MA_STEM}.xlsx", header=MA_HEADER, change=None):
        def named(book, page):
            page.title = "Authorisation"
            if change is not None:
                change(book, page)

        return self.demand(rows, name, header, named)

    def numbers(self, count=4):
        """Authorisation rows with numbers and dates in number and date cells."""
        rows = [kit.ma_row(n) for n in range(count)]
        return [
            [
                int(row[0]),
                int(row[1]),
                row[2],
                datetime.date.fromisoformat(row[3]),
                *row[4:6],
                int(row[6]),
                row[7],
            ]
            for row in rows
        ]

    def test_numbers_and_dates(self):
        self.accepted(self.authorisation(self.numbers()))
        self.accepted(self.demand([[day, 100] for day in DAYS]))
        self.accepted(self.demand([[datetime.datetime.combine(day, datetime.time()), 100.0] for day in DAYS]))

    def test_text_dates(self):
        self.accepted(self.demand([[day.strftime("%d/%m/%Y"), 100] for day in DAYS]))
        self.accepted(self.demand([[day.isoformat(), "100"] for day in DAYS]))

    def test_big_numbers_with_an_exponent(self):
        """Some writers store 13 digits as 1.234567890123E12, which is still exact."""
        plain = self.authorisation(self.numbers(), name="plain.xlsx")

        def exponent(name, content):
            if not name.startswith("xl/worksheets/"):
                return content
            return re.sub(rb"<v>(\d)(\d{12})</v>", rb"<v>\1.\2E12</v>", content)

        file = rewrite(plain, self.path(f"{MA_STEM}.xlsx"), exponent)
        with zipfile.ZipFile(file) as parts:
            self.assertIn(b"E12</v>", parts.read("xl/worksheets/sheet1.xml"))
        self.accepted(file)

    def test_blank_trailing_rows(self):
        def trail(book, page):
            for line in range(page.max_row + 1, page.max_row + 60):
                for column in range(1, 12):
                    page.cell(line, column).fill = PatternFill("solid", fgColor="FFFF00")
                page.row_dimensions[line].height = 20

        self.accepted(self.demand([[day, 100] for day in DAYS], change=trail))
        self.accepted(self.authorisation(self.numbers(), change=trail))

    def test_empty_columns_to_the_right(self):
        def widen(book, page):
            for line in range(1, page.max_row + 1):
                for column in range(9, 30):
                    page.cell(line, column).font = Font(bold=True)

        self.accepted(self.demand([[day, 100] for day in DAYS], change=widen))
        self.accepted(self.authorisation(self.numbers(), change=widen))

    def test_whole_rows_and_columns_formatted(self):
        """As when a person selects a row by its number, or a column by its letter, and colours it."""

        def colour(book, page):
            for column in range(1, 16_385):
                page.cell(3, column).fill = PatternFill("solid", fgColor="FFFF00")
            for line in range(1, 20_000):
                page.cell(line, 5).fill = PatternFill("solid", fgColor="FFFF00")

        self.accepted(self.demand([[day, 100] for day in DAYS], change=colour))

    def test_columns_in_another_order(self):
        self.accepted(self.demand([[100, day] for day in DAYS], header=DC_HEADER[::-1]))
        rows = [row[::-1] for row in self.numbers()]
        self.accepted(self.authorisation(rows, header=MA_HEADER[::-1]))

    def test_header_in_another_case(self):
        self.accepted(self.demand([[day, 100] for day in DAYS], header=["  MIGRATION date ", "demand  "]))
        header = [f" {title.upper()} " for title in MA_HEADER]
        self.accepted(self.authorisation(self.numbers(), header=header))

    def test_header_after_blank_lines(self):
        self.accepted(
            self.demand([[day, 100] for day in DAYS], change=lambda book, page: page.insert_rows(1, 3))
        )

    def test_rich_text(self):
        header = [CellRichText("Migration ", TextBlock(InlineFont(b=True), "Date")), "Demand"]
        self.accepted(self.demand([[day, 100] for day in DAYS], header=header))

    def test_other_sheets_first(self):
        def notes(book, page):
            book.create_sheet("Notes", 0)["A1"] = "see the next sheet"

        self.accepted(self.demand([[day, 100] for day in DAYS], change=notes))

    def test_1904_dates(self):
        def epoch(book, page):
            book.epoch = CALENDAR_MAC_1904

        file = self.demand([[day, 100] for day in DAYS], change=epoch)
        with zipfile.ZipFile(file) as parts:
            self.assertRegex(parts.read("xl/workbook.xml").decode(), r'date1904="(1|true)"')
        self.accepted(file)

    def test_iso_dates(self):
        def iso(book, page):
            book.iso_dates = True

        file = self.demand([[day, 100] for day in DAYS], change=iso)
        with zipfile.ZipFile(file) as parts:
            self.assertIn('t="d"', parts.read("xl/worksheets/sheet1.xml").decode())
        self.accepted(file)

    def macro_workbook(self, target):
        """A workbook of the macro kind with something where the macros are; it is never looked at."""
        plain = self.demand([[day, 100] for day in DAYS], name="plain.xlsx")

        def typed(name, content):
            if name == "[Content_Types].xml":
                binary = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                content = content.replace(PLAIN_TYPE.encode(), MACRO_TYPE.encode())
                content = content.replace(b"<Default ", binary + b"<Default ", 1)
            if name == "xl/_rels/workbook.xml.rels":
                kind = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
                link = b'<Relationship Id="rIdVba" Type="' + kind + b'" Target="vbaProject.bin"/>'
                content = content.replace(b"</Relationships>", link + b"</Relationships>")
            return content

        rewrite(plain, target, typed)
        with zipfile.ZipFile(target, "a") as parts:
            parts.writestr("xl/vbaProject.bin", os.urandom(3000))
        return target

    def test_xlsm(self):
        self.accepted(self.macro_workbook(self.path(f"{DC_STEM}.xlsm")))

    def test_streamed(self):
        """Written to where a writer cannot go back: the sizes stand behind each member."""
        plain = self.demand([[day, 100] for day in DAYS], name="plain.xlsx")
        file = self.path(f"{DC_STEM}.xlsx")
        read, write = os.pipe()
        with open(file, "wb") as out, subprocess.Popen(["cat"], stdin=read, stdout=out) as copy:
            os.close(read)
            with open(write, "wb") as pipe:
                rewrite(plain, pipe, lambda name, content: content)
            self.assertEqual(copy.wait(kit.TIMEOUT), 0)
        self.assertTrue(file.read_bytes()[6] & 8, "no sizes behind the members")
        self.accepted(file)

    def test_sizes_of_64_bits(self):
        plain = self.demand([[day, 100] for day in DAYS], name="plain.xlsx")
        file = self.path(f"{DC_STEM}.xlsx")
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                with new.open(name, "w", force_zip64=True) as out:
                    out.write(old.read(name))
        self.accepted(file)

    def test_stored(self):
        plain = self.demand([[day, 100] for day in DAYS], name="plain.xlsx")
        file = self.path(f"{DC_STEM}.xlsx")
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        self.accepted(file)

    def test_elements_with_a_prefix(self):
        """Some writers name every element `x:...`."""
        plain = self.demand([[day, 100] for day in DAYS], name="plain.xlsx")

        def prefix(name, content):
            if not re.match(r"xl/(workbook|styles|sharedStrings|worksheets/.*)\.xml$", name):
                return content
            content = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", content)
            return content.replace(b'xmlns="http', b'xmlns:x="http')

        file = rewrite(plain, self.path(f"{DC_STEM}.xlsx"), prefix)
        self.assertEqual(openpyxl.load_workbook(file)["Demand"]["B8"].value, 100)
        self.accepted(file)

    def test_macros_do_not_hide_behind_xlsx(self):
        self.refused(self.macro_workbook(self.path(f"{DC_STEM}.xlsx")), "FI02")

    def test_formulas_by_their_cached_value(self):
        rows = [[f"=DATE(2021,7,{26 + n})", f"=SUM(50,{n})*2"] for n in range(7)]
        raw = self.demand(rows, name="raw.xlsx")
        file = self.path(f"{DC_STEM}.xlsx")
        dates = [office.read("Demand", "Demand", n) for n in (1, 7)]
        self.assertEqual(OFFICE.job(raw, [{"do": "recalculate"}, *dates], file)["read"], ["100", "112"])
        self.assertEqual(openpyxl.load_workbook(file)["Demand"]["B2"].value, "=SUM(50,0)*2")
        self.accepted(file)

    def test_text_formulas_by_their_cached_value(self):
        rows = self.numbers(3)
        for row in rows:
            row[0] = f"={row[0] - 5}+5"
            row[2] = f'="{row[2][:12]}"&"{row[2][12:]}"'
            row[4] = f'=UPPER("{row[4].lower()}")'
        raw = self.authorisation(rows, name="raw.xlsx")
        OFFICE.job(raw, [{"do": "recalculate"}], self.path(f"{MA_STEM}.xlsx"))
        self.accepted(self.path(f"{MA_STEM}.xlsx"))

    def test_formulas_without_a_cached_value_are_named(self):
        answer = self.refused(self.demand([[day, "=50+50"] for day in DAYS]), "FI15")
        self.assertIn("cell B2 holds a formula without a result", answer.outcome.out)

    def test_formulas_that_failed(self):
        raw = self.demand([[day, "=1/0"] for day in DAYS], name="raw.xlsx")
        OFFICE.job(raw, [{"do": "recalculate"}], self.path(f"{DC_STEM}.xlsx"))
        self.refused(self.path(f"{DC_STEM}.xlsx"), "FI20")

    def test_rounded_by_the_spreadsheet(self):
        rows = self.numbers()
        rows[1][0] = "1.20006E+12"
        answer = self.rows(self.authorisation(rows), {3: ["MA102"]})
        self.assertRegex(answer.messages[3].lower(), "spreadsheet|excel")
        self.rows(kit.write_csv(self.path(f"{MA_STEM}.csv"), MA_HEADER, rows), {3: ["MA102"]})

    def test_fractions_and_truth_values(self):
        for value in (12.5, True, -1, 1_000_001, datetime.date(2021, 7, 26), None):
            with self.subTest(value=value):
                rows = [[day, 100] for day in DAYS]
                rows[3][1] = value
                self.refused(self.demand(rows), "FI20")

    def test_line_in_the_sheet(self):
        rows = self.numbers(5)
        rows[3][2] = "not a device"
        self.rows(self.authorisation(rows), {5: ["MA104"]})

    def test_resaved_by_libreoffice(self):
        plain = self.authorisation(self.numbers(), name="plain.xlsx")
        OFFICE.job(plain, save=self.path(f"{MA_STEM}.xlsx"))
        self.accepted(self.path(f"{MA_STEM}.xlsx"))
        with zipfile.ZipFile(self.path(f"{MA_STEM}.xlsx")) as parts:
            self.assertIn("xl/sharedStrings.xml", parts.namelist())


if __name__ == "__main__":
    unittest.main()
