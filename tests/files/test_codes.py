"""Each code that can be found without a database, by the smallest file that shows it.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_codes
"""

import io
import unittest
import zipfile

import openpyxl

from . import kit
from .hostile.parts import workbook
from .kit import DAYS, DC_HEADER, DC_STEM, MA_HEADER, MA_STEM, USER


class CodeCase(kit.FileCase):
    def demand(self, rows=None, header=DC_HEADER, name=f"{DC_STEM}.csv"):
        return kit.write_csv(self.path(name), header, kit.dc_rows() if rows is None else rows)

    def demand_bytes(self, content, name=f"{DC_STEM}.csv"):
        self.path(name).write_bytes(content)
        return self.path(name)

    def authorisation(self, *rows, header=MA_HEADER):
        return kit.write_csv(self.path(f"{MA_STEM}.csv"), header, rows)

    def one(self, code, **changes):
        """The second of three rows is changed and gets `code` and no other."""
        file = self.authorisation(kit.ma_row(0), kit.ma_row(1, **changes), kit.ma_row(2))
        return self.rows(file, {3: [code]})

    def fine(self, **changes):
        self.rows(self.authorisation(kit.ma_row(0), kit.ma_row(1, **changes)), {})


class RowCodes(CodeCase):
    def test_no_code(self):
        self.accepted(self.authorisation(*[kit.ma_row(n) for n in range(20)]))

    def test_ma101_mandatory_field_empty(self):
        for title in ("CHF_Device_ID", "Migration_Date", "Action", "Notified_Critical_Supplier_ID"):
            for value in ("", "  "):
                with self.subTest(title=title, value=value):
                    self.one("MA101", **{title: value})

    def test_ma101_neither_mpan_nor_mprn(self):
        self.one("MA101", Import_MPAN="", MPRN="")

    def test_one_of_mpan_and_mprn_is_enough(self):
        self.fine(MPRN="")
        self.fine(Import_MPAN="")

    def test_ma102_mpan(self):
        good = kit.mpan(1)
        wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
        for value in (wrong, good[:-1], good + "0", "12A" + good[3:], "0" * 12, "١" * 13):
            with self.subTest(value=value):
                self.one("MA102", Import_MPAN=value)

    def test_ma102_names_the_spreadsheet(self):
        for value in ("1.20006E+12", "1.20006e+12", "1,20006E+12"):
            with self.subTest(value=value):
                answer = self.one("MA102", Import_MPAN=value)
                if "," not in value:
                    self.assertRegex(answer.messages[3].lower(), "spreadsheet|excel")

    def test_ma103_mprn(self):
        for value in ("12345", "12345678901", "12345A", "3.00E+09", "-1234567"):
            with self.subTest(value=value):
                self.one("MA103", MPRN=value)
        for value in ("123456", "1234567890"):
            with self.subTest(value=value):
                self.fine(MPRN=value)

    def test_ma104_ids(self):
        for title in ("CHF_Device_ID", "Notified_Critical_Supplier_ID"):
            for value in (USER[:-3], USER + "-00", USER.replace("A", "G"), "7-0B3-D5-1F-30-00-A0-08", "x"):
                with self.subTest(title=title, value=value):
                    self.one("MA104", **{title: value})

    def test_ids_in_any_case_and_without_hyphens(self):
        self.fine(CHF_Device_ID=kit.device(1).lower(), Notified_Critical_Supplier_ID=USER.replace("-", ""))
        self.fine(CHF_Device_ID=kit.device(1).replace("-", "").lower())

    def test_ma105_dates(self):
        for value in (
            "2021-02-30",
            "30/02/2021",
            "07/26/2021",
            "26.07.2021",
            "26 July 2021",
            "2021-7",
            "44403000000",
        ):
            with self.subTest(value=value):
                self.one("MA105", Migration_Date=value)
        for day in (DAYS[0].isoformat(), DAYS[0].strftime("%d/%m/%Y")):
            with self.subTest(day=day):
                self.fine(Migration_Date=day)

    def test_ma105_actions(self):
        for value in ("MAYBE", "AUTHORIZE", "AUTHORISE WITHDRAW"):
            with self.subTest(value=value):
                self.one("MA105", Action=value)
        self.fine(Action="WITHDRAW")

    def test_ma107_every_occurrence(self):
        twice = kit.device(0)
        rows = [
            kit.ma_row(0),
            kit.ma_row(1),
            kit.ma_row(2, CHF_Device_ID=twice),
            kit.ma_row(3, CHF_Device_ID=twice),
        ]
        self.rows(self.authorisation(*rows), {2: ["MA107"], 4: ["MA107"], 5: ["MA107"]})

    def test_ma107_in_another_spelling(self):
        other = kit.device(10).lower().replace("-", "")
        rows = [kit.ma_row(10), kit.ma_row(11, CHF_Device_ID=other)]
        self.rows(self.authorisation(*rows), {2: ["MA107"], 3: ["MA107"]})

    def test_all_codes_that_apply(self):
        bad = kit.ma_row(1, Import_MPAN="12", MPRN="34", CHF_Device_ID="x", Migration_Date="soon")
        self.rows(self.authorisation(kit.ma_row(0), bad), {3: ["MA102", "MA103", "MA104", "MA105"]})

    def test_ma107_stands_beside_format_codes(self):
        rows = [kit.ma_row(0), kit.ma_row(1, CHF_Device_ID=kit.device(0), Import_MPAN="1")]
        self.rows(self.authorisation(*rows), {2: ["MA107"], 3: ["MA102", "MA107"]})

    def test_columns_in_another_order(self):
        rows = [kit.ma_row(0), kit.ma_row(1, MPRN="1")]
        self.rows(self.authorisation(*[row[::-1] for row in rows], header=MA_HEADER[::-1]), {3: ["MA103"]})

    def test_row_is_the_line_a_person_sees(self):
        rows = [kit.ma_row(n) for n in range(30)]
        rows[28] = kit.ma_row(28, MPRN="1")
        self.rows(self.authorisation(*rows), {30: ["MA103"]})

    def test_several_files_at_once(self):
        good, bad = self.demand(), self.authorisation(kit.ma_row(0, MPRN="1"))
        refused = self.demand(name=f"{DC_STEM}.pdf")
        answers, outcome = kit.check_all(good, bad, refused)
        self.assertEqual([a.verdict for a in answers], ["accepted", "accepted", "refused"], outcome)
        self.assertEqual([a.codes for a in answers], [[], [], ["FI02"]], outcome)
        self.assertEqual([a.rows for a in answers], [{}, {2: ["MA103"]}, {}], outcome)
        self.assertEqual(outcome.code, 1, outcome)
        for answer, file in zip(answers, (good, bad, refused)):
            self.assertTrue(answer.file.endswith(file.name), outcome)

    def test_readable_without_json(self):
        told = kit.run(["check", self.authorisation(kit.ma_row(0), kit.ma_row(1, MPRN="1"))])
        self.assertEqual(told.code, 1, told)
        self.assertIn("MA103", told.out)


class FileCodes(CodeCase):
    def test_no_code(self):
        self.accepted(self.demand())
        for ending in ("\n", "\r\n"):
            text = "Migration Date,Demand\n" + "".join(f"{d:%d/%m/%Y},{n}\n" for n, d in enumerate(DAYS))
            for mark in (b"", b"\xef\xbb\xbf"):
                with self.subTest(ending=ending, mark=mark):
                    self.accepted(self.demand_bytes(mark + text.replace("\n", ending).encode()))

    def test_quoted_fields_and_no_last_line_ending(self):
        text = '"Migration Date","Demand"\n' + "\n".join(f'"{d}","5"' for d in DAYS)
        self.accepted(self.demand_bytes(text.encode()))

    def test_header_in_another_case(self):
        self.accepted(self.demand(header=[" MIGRATION DATE ", "demand "]))

    def test_fi01_name(self):
        names = [
            f"DC_{USER}_CGI_20210726.csv",
            f"DC_{kit.PARTY}_CGI_20210726.csv",
            f"DC_{kit.PARTY}_{USER.replace('-', '')}_CGI_20210726.csv",
            f"DC_{kit.PARTY}_{USER}_CGI.csv",
            f"DC_{kit.PARTY}_{USER}_CGI_2021-07-26.csv",
            f"DC_{kit.PARTY}_{USER}_CGI_20210726_2.csv",
            f"DC_{kit.PARTY}_{USER}_CGI_20210726 (1).csv",
            f"DC_{kit.PARTY * 3}_{USER}_CGI_20210726.csv",
            f"DC__{USER}_CGI_20210726.csv",
            f"DX_{kit.PARTY}_{USER}_CGI_20210726.csv",
            "demand.csv",
            ".csv",
        ]
        for name in names:
            with self.subTest(name=name):
                self.refused(self.demand(name=name), "FI01")

    def test_names_in_other_forms(self):
        for stem in (DC_STEM.lower(), DC_STEM.replace("DC_", "DC-"), DC_STEM.replace("DC_", "dc-")):
            for ending in (".csv", ".CSV"):
                with self.subTest(stem=stem, ending=ending):
                    self.accepted(self.demand(name=stem + ending))

    def test_fi02_content_of_another_kind(self):
        book = openpyxl.Workbook()
        book.active.title = "Demand"
        for row in [DC_HEADER, *kit.dc_rows()]:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        workbook, text = stream.getvalue(), self.demand().read_bytes()
        other = io.BytesIO()
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("content.xml", "<a/>")
        old = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4096)
        cases = {
            "text as xlsx": (text, ".xlsx"),
            "text as xlsm": (text, ".xlsm"),
            "workbook as csv": (workbook, ".csv"),
            "old workbook as csv": (old, ".csv"),
            "old workbook": (old, ".xls"),
            "open document": (other.getvalue(), ".ods"),
            "pdf": (b"%PDF-1.4", ".pdf"),
            "text": (text, ".txt"),
            "demand as zip": (other.getvalue(), ".zip"),
            "no ending": (text, ""),
        }
        for what, (content, ending) in cases.items():
            with self.subTest(what):
                codes = {"no ending": ("FI01", "FI02"), "old workbook as csv": ("FI02", "FI13")}.get(
                    what, ("FI02",)
                )
                self.refused(self.demand_bytes(content, DC_STEM + ending), *codes)

    def test_fi02_or_fi15_old_or_protected_workbook(self):
        """A workbook with a password to open it is an OLE file, whatever its name says; so is the format of before 2007."""
        old = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4096)
        self.refused(self.demand_bytes(old, f"{DC_STEM}.xlsx"), "FI02", "FI15")

    def test_fi05_date_in_the_name(self):
        for date in ("20210727", "20210725", "20211332", "20210230", "00000000"):
            with self.subTest(date=date):
                self.refused(
                    self.demand(name=DC_STEM.replace("20210726", date) + ".csv"), "FI05", exactly=False
                )

    def test_fi05_stamp(self):
        for stamp in ("20210720_250000", "20210720_096000", "20210230_093000", "20990720_093000"):
            with self.subTest(stamp=stamp):
                file = self.authorisation(kit.ma_row(0))
                self.refused(file.rename(self.path(f"MA_CGI_{USER}_{stamp}.csv")), "FI05")

    def test_fi13_not_utf8(self):
        text = self.demand().read_text(encoding="utf-8")
        cases = {
            "utf-16 with a mark": text.encode("utf-16"),
            "utf-16 without": text.encode("utf-16-le"),
            "latin-1": text.replace("Demand", "Demandé", 1).encode("latin-1"),
            "nul": text.replace("100", "10\0").encode(),
            "half a character": text.encode() + b"\xe2\x82",
            "a surrogate": text.encode() + b"\xed\xa0\x80",
            "too long a form": text.encode() + b"\xc0\xaf",
        }
        for what, content in cases.items():
            with self.subTest(what):
                self.refused(self.demand_bytes(content), "FI13")

    def test_fi14_columns(self):
        rows = kit.dc_rows()
        cases = {
            "missing": (["Migration Date"], [r[:1] for r in rows]),
            "unknown": (DC_HEADER + ["Note"], [r + ["x"] for r in rows]),
            "unknown instead": (["Migration Date", "Demands"], rows),
            "repeated": (DC_HEADER + ["demand "], [r + ["1"] for r in rows]),
            "no header": (rows[0], rows[1:]),
        }
        for what, (header, content) in cases.items():
            with self.subTest(what):
                self.refused(self.demand(content, header), "FI14", exactly=False)

    def test_fi14_optional_columns_are_columns(self):
        """A column whose fields may be empty has to be there."""
        rows = [kit.ma_row(n)[:-1] for n in range(2)]
        self.refused(self.authorisation(*rows, header=MA_HEADER[:-1]), "FI14")

    def test_fi15_workbook(self):
        book = openpyxl.Workbook()
        book.active.title = "Sheet1"
        for row in [DC_HEADER, *kit.dc_rows()]:
            book.active.append(row)
        file = self.path(f"{DC_STEM}.xlsx")
        book.save(file)
        with self.subTest("sheet missing"):
            self.refused(file, "FI15")
        book.active.title = "Demand"
        book.save(file)
        self.accepted(file)
        whole = file.read_bytes()
        for size in (len(whole) // 2, len(whole) - 10):
            with self.subTest("truncated", size=size):
                self.refused(self.demand_bytes(whole[:size], file.name), "FI15")

    def test_fi19_seven_days(self):
        rows = kit.dc_rows()
        cases = {
            "six": rows[:6],
            "six, one twice": rows[:6] + rows[:1],
            "eight, one twice": rows + rows[:1],
            "eight": rows + [["2021-08-02", "1"]],
            "another week": [[f"2021-08-{n:02}", "1"] for n in range(2, 9)],
            "one day unreadable": rows[:6] + [["next Sunday", "1"]],
            "one day empty": rows[:6] + [["", "1"]],
        }
        for what, content in cases.items():
            with self.subTest(what):
                self.refused(self.demand(content), "FI19")

    def test_order_of_days_is_free(self):
        self.accepted(self.demand(kit.dc_rows()[::-1]))

    def test_fi20_demand(self):
        for value in (
            "-1",
            "1.5",
            "1000001",
            "many",
            "",
            "1,000",
            "1e3",
            "0x10",
            "+-1",
            "99999999999999999999",
            "٣",
        ):
            with self.subTest(value=value):
                rows = kit.dc_rows()
                rows[2][1] = value
                self.refused(self.demand(rows), "FI20")
        for value in ("0", "1000000"):
            with self.subTest(value=value):
                rows = kit.dc_rows()
                rows[2][1] = value
                self.accepted(self.demand(rows))

    def test_fi22_no_rows(self):
        self.refused(self.demand([]), "FI22", exactly=False)
        self.refused(self.authorisation(), "FI22")

    def test_empty_file(self):
        self.refused(self.demand_bytes(b""), "FI14", "FI22")
        self.refused(self.demand_bytes(b"\n\n"), "FI14", "FI22")
        self.refused(self.demand_bytes(b"", f"{DC_STEM}.xlsx"), "FI02", "FI15")

    def test_every_code_has_a_message(self):
        file = self.demand([["2021-07-26", "many"]])
        told = kit.run(["check", file])
        self.assertEqual(told.code, 1, told)
        self.assertRegex(told.out, r"FI(19|20)")
        self.assertIn(file.name, told.out)

    def test_a_file_that_is_not_there(self):
        told = kit.run(["check", self.path(f"{DC_STEM}.csv")])
        self.assertEqual(told.code, 2, told)
        self.assertEqual(len(told.err.strip().splitlines()), 1, told)


class Limits(CodeCase):
    """Just within and just over the limits of FI09."""

    def test_characters_in_a_cell(self):
        for letter in ("x", "\u00e9"):
            with self.subTest(letter=letter):
                self.fine(Supplier_Reference=letter * 32_767)
                file = self.authorisation(kit.ma_row(0, Supplier_Reference=letter * 32_768))
                self.refused(file, "FI09")

    def test_characters_in_a_workbook_cell(self):
        for count in (32_767, 32_768):
            book = openpyxl.Workbook()
            book.active.title = "Authorisation"
            book.active.append(MA_HEADER)
            book.active.append(kit.ma_row(0)[:-1])
            file = self.path(f"{MA_STEM}.xlsx")
            book.save(file)
            # openpyxl itself keeps to the limit.
            long = '<c r="H2" t="inlineStr"><is><t>' + "x" * count + "</t></is></c></row></sheetData>"
            with zipfile.ZipFile(file) as old:
                parts = {name: old.read(name) for name in old.namelist()}
            page = parts["xl/worksheets/sheet1.xml"].decode()
            parts["xl/worksheets/sheet1.xml"] = page.replace("</row></sheetData>", long).encode()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
                for name, content in parts.items():
                    new.writestr(name, content)
            with self.subTest(count=count):
                self.accepted(file) if count == 32_767 else self.refused(file, "FI09")

    def test_rows(self):
        file, row = self.path(f"{MA_STEM}.csv"), ",".join(kit.ma_row(0)) + "\n"
        before, after = row.split(kit.device(0))
        for count in (1_000_000, 1_000_001):
            with open(file, "w", encoding="ascii") as out:
                out.write(",".join(MA_HEADER) + "\n")
                out.writelines(f"{before}{n:016X}{after}" for n in range(count))
            with self.subTest(count=count):
                self.accepted(file) if count == 1_000_000 else self.refused(file, "FI09")

    def test_members(self):
        for count in (4_096, 4_097):
            file = workbook(
                self.path(f"{DC_STEM}.xlsx"), extra=[(f"docProps/{n}.xml", "<a/>") for n in range(count - 7)]
            )
            with zipfile.ZipFile(file) as parts:
                self.assertEqual(len(parts.namelist()), count)
            with self.subTest(count=count):
                self.accepted(file) if count == 4_096 else self.refused(file, "FI09")


if __name__ == "__main__":
    unittest.main()
