"""Files as programs in Python write them: openpyxl, XlsxWriter, PyExcelerate, csv and zip archives of pyzipper.

    python make_python.py     (openpyxl 3.1.5, XlsxWriter 3.3.1, PyExcelerate 0.13.0, pyzipper 0.4.0)
"""

import csv
import datetime
import io
import subprocess
import tempfile
import zipfile

import openpyxl
import pyexcelerate
import pyzipper
import xlsxwriter
from common import DAY, DAYS, DC, DEMAND, DIGITS, HERE, HUB, MA, MPAN, MPRN, OUTCOME, ROW, USER, folder, text

MIDNIGHT = datetime.time()


def with_openpyxl():
    place = folder("openpyxl")

    def demand(name, rows, change=None, sheet="Demand"):
        book = openpyxl.Workbook()
        page = book.active
        page.title = sheet
        page.append(DC)
        for row in rows:
            page.append(row)
        if change:
            change(book, page)
        book.save(place / f"DC-{name}.xlsx")

    week = list(zip(DAYS, DEMAND))
    demand("dates", week)
    demand("dates-with-midnight", [(datetime.datetime.combine(day, MIDNIGHT), units) for day, units in week])
    demand("dates-with-a-time", [(datetime.datetime.combine(day, datetime.time(23)), units) for day, units in week])
    demand("dates-as-numbers", [((day - datetime.date(1899, 12, 30)).days, units) for day, units in week])
    demand("dates-without-zeros", [(f"{day.day}/{day.month}/{day.year}", units) for day, units in week])
    demand("dates-month-first", [(day.strftime("%m/%d/%Y"), units) for day, units in week])
    demand("noise", [(day, units * (1 + 2e-16) + 0.0) for day, units in week])
    demand("numbers-as-text", [(day, f" {units} ") for day, units in week])
    demand("formula", [(day, f"={units}*1") for day, units in week])
    demand("iso-dates", week, lambda book, page: setattr(book, "iso_dates", True))

    def hide_row(book, page):
        page.row_dimensions[3].hidden = True

    def hide_last_row(book, page):
        page.row_dimensions[9].hidden = True

    def add_title(book, page):
        page.insert_rows(1, 2)
        page["A1"] = "Our demand"

    def hide_sheet(book, page):
        page.sheet_state = "hidden"
        book.create_sheet("Notes")
        book.active = 1

    def note(book, page):
        page["D4"] = "checked by Ann"

    def twin(name):
        def change(book, page):
            other = book.create_sheet(name)
            other.append(DC)
            for day in DAYS:
                other.append([day, 1])

        return change

    demand("hidden-row", week, hide_row)
    demand("hidden-sheet", week, hide_sheet)
    demand("note-beside", week, note)
    demand("two-sheets-exact", week, twin("demand "))
    demand("two-sheets-alike", week, twin(" demand"), sheet="DEMAND")
    demand("hidden-repeat", [*week, (DAYS[1], 7)], hide_last_row)
    demand("title-above", week, add_title)
    book = openpyxl.Workbook()
    book.active.title = "Authorisation"
    book.active.append(MA)
    book.active.append(ROW)
    book.active.append([MPAN * 10**8, "2000 000 003", HUB.replace("-", "\u2013"), "26/07/21", "AUTHORISE", USER, "", ""])
    book.active["H2"] = "a_x005F_b"
    book.save(place / "MA-rows.xlsx")


def with_xlsxwriter():
    place = folder("xlsxwriter")

    def demand(name, write, **options):
        with xlsxwriter.Workbook(place / f"DC-{name}.xlsx", options) as book:
            page = book.add_worksheet("Demand")
            page.write_row(0, 0, DC)
            form = book.add_format({"num_format": "dd mmm yyyy"})
            for line, (day, units) in enumerate(zip(DAYS, DEMAND), 1):
                write(page, line, day, units, form)

    def dates(page, line, day, units, form):
        page.write_datetime(line, 0, day, form)
        page.write_number(line, 1, units)

    def stale(page, line, day, units, form):
        page.write_datetime(line, 0, day, form)
        page.write_formula(line, 1, f"={units}*1")

    def with_result(page, line, day, units, form):
        page.write_datetime(line, 0, day, form)
        page.write_formula(line, 1, f"={units}*1", None, units)

    def noise(page, line, day, units, form):
        serial = (day - datetime.date(1899, 12, 30)).days
        page.write_number(line, 0, serial - 1e-11 * (line % 2), form)
        page.write_number(line, 1, units * (1 - 2e-16))

    demand("dates", dates)
    demand("constant-memory", dates, constant_memory=True)
    demand("from-1904", dates, date_1904=True)
    demand("stale-formulas", stale)
    demand("formulas-with-results", with_result)
    demand("noise", noise)
    with xlsxwriter.Workbook(place / "OUTCOME-sixteen-digits.xlsx") as book:
        page = book.add_worksheet("Outcome")
        page.write_row(0, 0, OUTCOME)
        page.write_row(1, 0, [DIGITS, "MIGRATED"])
        page.write_row(2, 0, [HUB, "MIGRATED"])
    with xlsxwriter.Workbook(place / "MA-carriage-returns.xlsx") as book:
        page = book.add_worksheet("Authorisation")
        page.write_row(0, 0, [f"{title}\r" for title in MA])
        page.write_row(1, 0, [f"{cell}\r" for cell in text(ROW)])


def with_pyexcelerate():
    place = folder("pyexcelerate")
    book = pyexcelerate.Workbook()
    rows = [DC, *[[datetime.datetime.combine(day, MIDNIGHT), units] for day, units in zip(DAYS, DEMAND)]]
    book.new_sheet("Demand", data=rows)
    book.save(str(place / "DC-dates.xlsx"))


def with_csv():
    place = folder("csv")
    rows = [DC, *[text(row) for row in zip(DAYS, DEMAND)]]

    def written(delimiter):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(rows)
        return out.getvalue()

    (place / "DC-semicolons.csv").write_bytes(written(";").encode())
    (place / "DC-tabs.csv").write_bytes(written("\t").encode())
    (place / "DC-sep-line.csv").write_bytes(("sep=,\r\n" + written(",")).encode())
    (place / "DC-utf-16.csv").write_bytes(written("\t").encode("utf-16"))
    (place / "DC-utf-8-mark.csv").write_bytes(written(",").encode("utf-8-sig"))
    (place / "DC-midnights.csv").write_bytes(
        "\r\n".join([",".join(DC), *[f"{d.day}/{d.month}/{d.year} 00:00:00,{n}" for d, n in zip(DAYS, DEMAND)]]).encode()
    )
    wrong = [
        "1200 0612 34560",
        "008010001200061234560",
        "1200061234560.0",
        '=""1200061234560""',
        "'1200061234560",
        "12\u201300\u2013061234560",
        "1.20006E+12",
        "12000612345",
    ]
    lines = [",".join(MA)]
    for number, mpan in enumerate(wrong):
        hub = f"{HUB[:-2]}{number + 20:02}"
        lines.append(f'"{mpan}",,{hub},2021-07-27,AUTHORISE,{USER},,')
    (place / "MA-mpans.csv").write_text("\r\n".join(lines), encoding="utf-8")


def rows_of_archive():
    return "\r\n".join([",".join(MA), ",".join(text(ROW))]).encode()


def with_pyzipper():
    place = folder("pyzipper")

    def archive(name, password, *others, order=1):
        members = [("MA.csv", rows_of_archive()), *others][::order]
        with pyzipper.AESZipFile(
            place / f"MA-{name}.zip", "w", compression=zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
        ) as made:
            made.setpassword(password)
            for member, content in members:
                made.writestr(member, content)

    pound = "Pa££wörd"
    for name, spelt in (("utf-8", "utf-8"), ("windows-1252", "cp1252"), ("code-page-850", "cp850")):
        archive(f"password-{name}", pound.encode(spelt))
        (place / f"MA-password-{name}.txt").write_bytes((pound + "\r\n").encode("utf-8"))
    (place / "MA-password-code-page-850.txt").write_bytes((pound + "\r\n").encode("utf-16"))
    helpers = [("__MACOSX/._MA.csv", b"x"), (".DS_Store", b"x"), ("Thumbs.db", b"x"), ("desktop.ini", b"x")]
    archive("helper-members", b"secret", *helpers)
    archive("helper-members-first", b"secret", *helpers, order=-1)
    archive("two-members", b"secret", ("other.csv", b"x"), helpers[0])
    # An old workbook begins like one that is protected by a password of its own.
    old = (HERE / "perl-writeexcel" / "DC-old-format-renamed.xlsx").read_bytes()
    with pyzipper.AESZipFile(place / "MA-protected-workbook.zip", "w", encryption=pyzipper.WZ_AES) as made:
        made.setpassword(b"secret")
        made.writestr("MA.xlsx", old)
    for name in ("helper-members", "helper-members-first", "two-members", "protected-workbook"):
        (place / f"MA-{name}.txt").write_text("secret")


def with_7z():
    """7-Zip 16.02 of Debian."""
    place = folder("7z")
    with tempfile.TemporaryDirectory() as inner:
        member = f"{inner}/MA.csv"
        with open(member, "wb") as out:
            out.write(rows_of_archive() + b"\r\n" * 500)
        for method in ("Deflate", "Deflate64", "BZip2", "LZMA", "PPMd"):
            made = place / f"MA-{method}.zip"
            made.unlink(missing_ok=True)
            command = ["7z", "a", "-tzip", f"-mm={method}", "-mem=AES256", "-psecret", str(made), member]
            subprocess.run(command, check=True, capture_output=True)
            made.with_suffix(".txt").write_text("secret\n")
        made = place / "MA-not-zip.zip"
        made.unlink(missing_ok=True)
        subprocess.run(["7z", "a", "-t7z", "-psecret", str(made), member], check=True, capture_output=True)


if __name__ == "__main__":
    with_openpyxl()
    with_xlsxwriter()
    with_pyexcelerate()
    with_csv()
    with_pyzipper()
    with_7z()
