"""Templates filled in, saved and exported by LibreOffice, as a supplier would.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_roundtrip
Needs soffice (libreoffice-calc), python3-uno and openpyxl.
"""

import csv
import datetime
import re
import unittest
import zipfile

import openpyxl

from . import kit, office
from .kit import DAYS, DC_HEADER, DC_STEM, DMMS_HEADER, DMMS_STEM, DMMSR_STEM, MA_HEADER, MA_STEM

OFFICE = None

PLAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def setUpModule():
    global OFFICE
    OFFICE = office.Office()


def tearDownModule():
    OFFICE.stop()


def choices(book, sheet, title):
    """What the drop-down of a template's column offers."""
    page = book[sheet]
    cell = next(c for row in page.iter_rows() for c in row if str(c.value).strip() == title)
    for rule in page.data_validations.dataValidation:
        if rule.type == "list" and any(
            area.min_col <= cell.column <= area.max_col for area in rule.sqref.ranges
        ):
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
        line = next(
            c.row for row in book["Authorisation"].iter_rows() for c in row if c.value == kit.device(1)
        )
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
        demand = self.path(f"{DC_STEM}.csv")
        kit.write_csv(demand, DC_HEADER, [[day.isoformat(), "5000"] for day in DAYS])
        inputs = ["--capacity", self.path("capacity.csv"), "--demand", demand]
        for form in ("csv", "xlsx"):
            out = self.path(f"out-{form}")
            scaled = kit.run(["scale", *inputs, "--responses", form, "--out", out])
            self.assertEqual(scaled.code, 0, scaled)
            for given in ("allocation.csv", f"DR_{DC_STEM.removeprefix('DC_')}.{form}"):
                made = self.template("authorisation", f"{form}-{given}-{self.NAME}", "--from", out / given)
                pages = openpyxl.load_workbook(made)
                shown = {str(cell.value) for page in pages for row in page.iter_rows() for cell in row}
                found = [text for text in shown if re.search(r"\b1,?017\b", text)]
                self.assertTrue(found, f"{given}: the allocation is not shown")
                provisional = any(text.startswith("Your allowance is provisional") for text in shown)
                self.assertEqual(provisional, given.startswith("DR_"), f"{given}: its stage is not told")
        other = out / f"DR_{DC_STEM.removeprefix('DC_').replace(kit.PARTY, 'OTHER1')}.{form}"
        other.write_bytes(b"Migration Date")
        command = ["template", "authorisation", "--party", kit.PARTY, "--s1sp", kit.S1SP, "--week", kit.MONDAY.isoformat()]
        run = kit.run([*command, "--user-id", kit.USER, "--from", other, "--out", self.path("other.xlsx")])
        self.assertEqual(run.code, 2, run)
        self.assertIn("is that of OTHER1", run.err)


class DormantTemplate(TemplateCase):
    NAME = f"{DMMSR_STEM}.xlsx"

    def made(self, count=4):
        rows = [
            [
                kit.device(n),
                kit.mpan(n),
                kit.mprn(n),
                "DMC-1",
                "PLANNED",
                DAYS[n % 5].isoformat(),
                "2021-07-12",
            ]
            for n in range(count)
        ]
        notice = kit.write_csv(self.path(f"{DMMS_STEM}.csv"), DMMS_HEADER, rows)
        return self.template("dmms-answer", self.NAME, "--from", notice)

    def test_well_made(self):
        book = self.well_made(self.made(), "Answer", kit.DMMSR_HEADER)
        self.assertEqual(sorted(choices(book, "Answer", "Answer")), ["ACTIVE", "NO_OBJECTION", "OBJECT"])
        listed = [
            c.value for row in book["Answer"].iter_rows() for c in row if str(c.value).startswith("00-DB-")
        ]
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


if __name__ == "__main__":
    unittest.main()
