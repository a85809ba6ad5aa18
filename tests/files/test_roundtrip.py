"""Workbooks as people really send them: templates filled in by LibreOffice, and workbooks made by openpyxl.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_roundtrip
Needs soffice (libreoffice-calc), python3-uno and openpyxl.
"""

import csv
import datetime
import os
import re
import unittest
import zipfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from . import kit, office
from .kit import DAYS, DC_HEADER, DC_STEM, DMMS_HEADER, DMMS_STEM, DMMSR_STEM, MA_HEADER, MA_STEM

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


def choices(book, sheet, title):
    """What the drop-down of a template's column offers."""
    page = book[sheet]
    cell = next(c for row in page.iter_rows() for c in row if str(c.value).strip() == title)
    for rule in page.data_validations.dataValidation:
        if rule.type == "list" and any(area.min_col <= cell.column <= area.max_col for area in rule.sqref.ranges):
            text = rule.formula1.strip()
            if text.startswith('"'):
                return text.strip('"').split(",")
            where, area = text.lstrip("=").rsplit("!", 1)
            cells = book[where.strip("'")][area.replace("$", "")]
            return [str(c.value) for row in cells for c in row if c.value is not None]
    return []


class TemplateCase(kit.FileCase):
    def template(self, kind, name, *more):
        made = kit.run(
            ["template", kind, "--party", kit.PARTY, "--s1sp", kit.S1SP, "--week", kit.MONDAY.isoformat()]
            + ["--user-id", kit.USER, *more, "--out", self.path(name)]
        )
        self.assertEqual(made.code, 0, made)
        return self.path(name)

    def sent(self, name):
        """Where the filled-in file goes: a folder of its own, so that it can have the same name."""
        self.path("sent").mkdir(exist_ok=True)
        return self.path("sent") / name

    def same_verdict(self, first, second):
        one, two = kit.check(first), kit.check(second)
        self.assertEqual((one.verdict, one.codes, one.rows), (two.verdict, two.codes, two.rows), two)
        return one

    def well_made(self, file, sheet, header):
        """What 3-files.md promises of every template."""
        book = openpyxl.load_workbook(file)
        self.assertEqual(book.sheetnames[0], sheet)
        self.assertIn("How to fill this in", book.sheetnames)
        with zipfile.ZipFile(file) as parts:
            self.assertFalse([n for n in parts.namelist() if "vba" in n.lower() or "macro" in n.lower()])
            self.assertIn(PLAIN_TYPE, parts.read("[Content_Types].xml").decode())
        self.assertTrue(book[sheet].protection.sheet)
        self.assertTrue(book[sheet].data_validations.dataValidation)
        locked = [{"do": "locked", "sheet": sheet, "column": title} for title in header]
        self.assertEqual(OFFICE.job(file, locked)["locked"], [True] * len(header))
        return book


class DemandTemplate(TemplateCase):
    def fill(self, steps, name=f"{DC_STEM}.xlsx", template=f"{DC_STEM}.xlsx", **options):
        made = self.template("demand", template)
        target = self.sent(name)
        OFFICE.job(made, steps, target, **options)
        return target

    def test_well_made(self):
        book = self.well_made(self.template("demand", f"{DC_STEM}.xlsx"), "Demand", DC_HEADER)
        dates = [cell.value for row in book["Demand"].iter_rows() for cell in row if cell.is_date]
        self.assertEqual([d.date() if isinstance(d, datetime.datetime) else d for d in dates], DAYS)
        numbers = [r for r in book["Demand"].data_validations.dataValidation if r.type == "whole"]
        self.assertTrue(numbers, "no limit on the demand")

    def test_filled_as_typed(self):
        self.accepted(self.fill([office.put("Demand", "Demand", n, str(100 * n)) for n in range(1, 8)]))

    def test_filled_with_numbers_and_text(self):
        steps = [office.put("Demand", "Demand", n, 5 * n, "number") for n in range(1, 5)]
        steps += [office.put("Demand", "Demand", n, str(n), "text") for n in range(5, 8)]
        self.accepted(self.fill(steps))

    def test_filled_with_formulas(self):
        self.accepted(self.fill([office.put("Demand", "Demand", n, f"=100+{n}*2") for n in range(1, 8)]))

    def test_saved_as_xlsm(self):
        steps = [office.put("Demand", "Demand", n, "7") for n in range(1, 8)]
        self.accepted(self.fill(steps, name=f"{DC_STEM}.xlsm", filter=office.XLSM))

    def test_exported_as_csv(self):
        steps = [office.put("Demand", "Demand", n, "1200") for n in range(1, 8)]
        steps.append({"do": "show", "sheet": "Demand"})
        file = self.fill(steps, name=f"{DC_STEM}.csv", filter=office.CSV, options=office.CSV_OPTIONS)
        self.accepted(file)

    def test_resaved(self):
        made = self.template("demand", f"{DC_STEM}.xlsx")
        OFFICE.job(made, save=self.sent(made.name))
        self.same_verdict(made, self.sent(made.name))

    def test_resaved_when_full(self):
        first = self.fill([office.put("Demand", "Demand", n, "7") for n in range(1, 8)])
        self.path("again").mkdir()
        OFFICE.job(first, save=self.path("again") / first.name)
        self.accepted(self.path("again") / first.name)

    def test_csv_template(self):
        made = self.template("demand", f"{DC_STEM}.csv")
        with open(made, encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
        self.assertEqual(rows[0], DC_HEADER)
        self.assertEqual([row[0] for row in rows[1:]], [day.isoformat() for day in DAYS])
        kit.write_csv(self.sent(made.name), rows[0], [[row[0], "12"] for row in rows[1:]])
        self.accepted(self.sent(made.name))


class AuthorisationTemplate(TemplateCase):
    NAME = f"{MA_STEM}.xlsx"

    def test_well_made(self):
        book = self.well_made(self.template("authorisation", self.NAME), "Authorisation", MA_HEADER)
        self.assertEqual(sorted(choices(book, "Authorisation", "Action")), ["AUTHORISE", "WITHDRAW"])

    def test_filled_as_typed(self):
        made = self.template("authorisation", self.NAME)
        rows = [kit.ma_row(n) for n in range(6)]
        # As on a British keyboard.
        rows[5] = kit.ma_row(5, Migration_Date=DAYS[0].strftime("%d/%m/%Y"))
        rows[4] = kit.ma_row(4, Action="WITHDRAW")
        steps = office.fill("Authorisation", MA_HEADER, rows)
        seen = ["Import MPAN", "MPRN", "CHF Device ID", "Notified Critical Supplier ID"]
        steps += [office.read("Authorisation", title, 1) for title in seen]
        told = OFFICE.job(made, steps, self.sent(self.NAME))
        self.assertEqual(told["read"], [rows[0][MA_HEADER.index(title)] for title in seen])
        self.accepted(self.sent(self.NAME))

    def test_filled_with_numbers_and_text(self):
        made = self.template("authorisation", self.NAME)
        rows = [[int(kit.mpan(n)), int(kit.mprn(n)), *kit.ma_row(n)[2:]] for n in range(3)]
        kinds = {"Import MPAN": "number", "MPRN": "number", "Migration Date": "text", "CHF Device ID": "text"}
        OFFICE.job(made, office.fill("Authorisation", MA_HEADER, rows, kinds), self.sent(self.NAME))
        self.accepted(self.sent(self.NAME))

    def test_only_what_is_mandatory(self):
        made = self.template("authorisation", self.NAME)
        rows = [kit.ma_row(0, MPRN="", Priority="", Supplier_Reference=""), kit.ma_row(1, Import_MPAN="")]
        OFFICE.job(made, office.fill("Authorisation", MA_HEADER, rows), self.sent(self.NAME))
        self.accepted(self.sent(self.NAME))

    def test_bad_row_keeps_its_line(self):
        made = self.template("authorisation", self.NAME)
        rows = [kit.ma_row(0), kit.ma_row(1, Import_MPAN="1200000000001"), kit.ma_row(2)]
        OFFICE.job(made, office.fill("Authorisation", MA_HEADER, rows), self.sent(self.NAME))
        book = openpyxl.load_workbook(self.sent(self.NAME))
        line = next(c.row for row in book["Authorisation"].iter_rows() for c in row if c.value == kit.device(1))
        self.rows(self.sent(self.NAME), {line: ["MA102"]})

    def test_resaved(self):
        made = self.template("authorisation", self.NAME)
        OFFICE.job(made, save=self.sent(self.NAME))
        self.same_verdict(made, self.sent(self.NAME))
        self.refused(self.sent(self.NAME), "FI22")

    def test_exported_as_csv(self):
        made = self.template("authorisation", self.NAME)
        steps = office.fill("Authorisation", MA_HEADER, [kit.ma_row(n) for n in range(3)])
        steps.append({"do": "show", "sheet": "Authorisation"})
        target = self.sent(f"{MA_STEM}.csv")
        OFFICE.job(made, steps, target, filter=office.CSV, options=office.CSV_OPTIONS)
        self.accepted(target)

    def test_shows_the_allowance(self):
        kit.write_csv(
            self.path("capacity.csv"),
            ["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"],
            [[kit.S1SP, day.isoformat(), "1417", "400"] for day in DAYS],
        )
        kit.write_csv(
            self.path("table.csv"),
            ["Party", "S1SP", "Migration Date", "Demand"],
            [[kit.PARTY, kit.S1SP, day.isoformat(), "5000"] for day in DAYS],
        )
        inputs = ["--capacity", self.path("capacity.csv"), "--demand-table", self.path("table.csv")]
        scaled = kit.run(["scale", *inputs, "--table-only", "--out", self.path("out")])
        self.assertEqual(scaled.code, 0, scaled)
        made = self.template("authorisation", self.NAME, "--from", self.path("out") / "allocation.csv")
        shown = {str(c.value) for page in openpyxl.load_workbook(made) for row in page.iter_rows() for c in row}
        self.assertTrue([text for text in shown if re.search(r"\b1,?017\b", text)], "the allocation is not shown")


class DormantTemplate(TemplateCase):
    NAME = f"{DMMSR_STEM}.xlsx"

    def made(self, count=4):
        rows = [
            [kit.device(n), kit.mpan(n), kit.mprn(n), "DMC-1", "PLANNED", DAYS[n % 5].isoformat(), "2021-07-12"]
            for n in range(count)
        ]
        notice = kit.write_csv(self.path(f"{DMMS_STEM}.csv"), DMMS_HEADER, rows)
        return self.template("dmms-answer", self.NAME, "--from", notice)

    def test_well_made(self):
        book = self.well_made(self.made(), "Answer", kit.DMMSR_HEADER)
        self.assertEqual(sorted(choices(book, "Answer", "Answer")), ["ACTIVE", "NO_OBJECTION", "OBJECT"])
        listed = [c.value for row in book["Answer"].iter_rows() for c in row if str(c.value).startswith("00-DB-")]
        self.assertEqual(listed, [kit.device(n) for n in range(4)])

    def test_filled(self):
        made = self.made()
        answers = ["NO_OBJECTION", "ACTIVE", "NO_OBJECTION", "ACTIVE"]
        steps = [office.put("Answer", "Answer", n, answer) for n, answer in enumerate(answers, 1)]
        OFFICE.job(made, steps, self.sent(self.NAME))
        self.accepted(self.sent(self.NAME))

    def test_every_reason_offered_is_accepted(self):
        made = self.made(8)
        reasons = choices(openpyxl.load_workbook(made), "Answer", "Reason")
        self.assertGreaterEqual(len(reasons), 5)
        steps = [office.put("Answer", "Answer", n, "NO_OBJECTION") for n in range(len(reasons) + 1, 9)]
        for number, reason in enumerate(reasons, 1):
            steps.append(office.put("Answer", "Answer", number, "OBJECT"))
            steps.append(office.put("Answer", "Reason", number, reason))
            steps.append(office.put("Answer", "Statement", number, "Our engineer says so."))
        OFFICE.job(made, steps, self.sent(self.NAME))
        self.accepted(self.sent(self.NAME))

    def test_resaved(self):
        made = self.made()
        OFFICE.job(made, save=self.sent(self.NAME))
        self.same_verdict(made, self.sent(self.NAME))


class OtherWorkbooks(kit.FileCase):
    """Workbooks that no template of ours was the start of."""

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
            [int(row[0]), int(row[1]), row[2], datetime.date.fromisoformat(row[3]), *row[4:6], int(row[6]), row[7]]
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

    def test_columns_in_another_order(self):
        self.accepted(self.demand([[100, day] for day in DAYS], header=DC_HEADER[::-1]))
        rows = [row[::-1] for row in self.numbers()]
        self.accepted(self.authorisation(rows, header=MA_HEADER[::-1]))

    def test_header_in_another_case(self):
        self.accepted(self.demand([[day, 100] for day in DAYS], header=["  MIGRATION date ", "demand  "]))
        header = [f" {title.upper()} " for title in MA_HEADER]
        self.accepted(self.authorisation(self.numbers(), header=header))

    def test_header_after_blank_lines(self):
        self.accepted(self.demand([[day, 100] for day in DAYS], change=lambda book, page: page.insert_rows(1, 3)))

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

    def test_formulas_without_a_cached_value_are_empty(self):
        self.refused(self.demand([[day, "=50+50"] for day in DAYS]), "FI20")

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
