"""Hostile archives: authorisations protected with a password, opened with it unless the case says otherwise."""

import shutil
import subprocess

from .. import kit
from ..kit import MA_HEADER, MA_STEM
from . import ANY, PASSWORD, case
from .parts import ONE_SHEET, around, book, sheet, workbook
from .rawzip import MIB, Packed, RawZip, filled

NAME = f"{MA_STEM}.zip"
MEMBER = f"{MA_STEM}.csv"
TOP = (",".join(MA_HEADER) + "\n").encode()
ROW = (",".join(kit.ma_row(0)) + "\n").encode()
GOOD = TOP + ROW


def archive(what, codes, *members, password=True, say_members=None, **figures):
    """A case; `members` are pairs of a name and its bytes, Packed or a function that gives either."""

    def make(folder):
        with RawZip(folder / NAME, say_members) as out:
            for name, part in members:
                part = part() if callable(part) else part
                part = Packed(part) if isinstance(part, bytes) else part
                out.add(name, part, password=PASSWORD if password else None, **figures)
        return folder / NAME

    case(what, "zip", codes, make, password=True)


# --- bombs ------------------------------------------------------------------------------------------

archive("CSV of 512 MiB", "FI09", (MEMBER, lambda: filled(GOOD, b"A", 512 * MIB)))
archive("CSV of 512 MiB of rows", "FI09", (MEMBER, lambda: filled(TOP, ROW, 512 * MIB)))
archive("CSV of 512 MiB of line feeds", "FI09 FI22", (MEMBER, lambda: filled(TOP, b"\n", 512 * MIB)))
archive(
    "CSV of 8 GiB that says 1 kB",
    "FI09 FI12",
    (MEMBER, lambda: filled(GOOD, b"A", 8192 * MIB)),
    say_size=1000,
)
archive("CSV of 200 MiB, one line", "FI09", (MEMBER, lambda: filled(GOOD, b"A", 200 * MIB)))
archive("CSV of 1 kB that says 4 GiB", "FI09 FI10 FI12", (MEMBER, GOOD), say_size=0xFFFFFFF0)
archive("CSV of 1 kB that says 4 GiB packed", "FI09 FI10 FI12", (MEMBER, GOOD), say_packed=0xFFFFFFF0)
archive("CSV of 1 kB that says 10 B packed", "FI10 FI12", (MEMBER, GOOD), say_packed=10)
archive(
    "unprotected CSV of 512 MiB", "FI09 FI10", (MEMBER, lambda: filled(GOOD, b"A", 512 * MIB)), password=False
)


def inner_workbook(folder):
    rows = (
        '<row r="1">'
        + "".join(f'<c t="inlineStr"><is><t>{title}</t></is></c>' for title in MA_HEADER)
        + "</row>"
    )
    rows += '<row r="2"><c t="inlineStr"><is><t>@</t></is></c></row>'
    inner = workbook(
        folder / "inner.xlsx",
        book=book(ONE_SHEET.replace("Demand", "Authorisation")),
        sheet=around(sheet(rows), "A", 512 * MIB),
    )
    with RawZip(folder / NAME) as out:
        out.add(f"{MA_STEM}.xlsx", Packed(inner.read_bytes()), password=PASSWORD)
    inner.unlink()
    return folder / NAME


case("workbook with a cell of 512 MiB", "zip", "FI09", inner_workbook, password=True)

# --- what is inside -----------------------------------------------------------------------------------


def nested(name):
    def make(folder):
        with RawZip(folder / "inner") as out:
            out.add(MEMBER, Packed(GOOD))
        content = (folder / "inner").read_bytes()
        (folder / "inner").unlink()
        with RawZip(folder / NAME) as out:
            out.add(name, Packed(content), password=PASSWORD)
        return folder / NAME

    return make


case("archive in the archive", "zip", "FI10", nested("inner.zip"), password=True)
case("archive in the archive, called CSV", "zip", "FI02 FI10 FI13", nested("inner.csv"), password=True)
case("archive in the archive, called XLSX", "zip", "FI02 FI10 FI15", nested("inner.xlsx"), password=True)

PATHS = {
    "../x.csv": "FI10",
    "a/b.csv": "FI10",
    "/etc/x.csv": "FI10",
    "..\\x.csv": "FI10",
    "C:\\x.csv": "FI10",
    "C:x.csv": "FI10",
    "./x.csv": "FI10",
    "a/": "FI10",
    "": "FI10",
    "..": "FI10",
}
for name, codes in PATHS.items():
    archive(f"member {name!r}", codes, (name, GOOD))
archive("member with a NUL in its name", "FI10", ("x.csv\0.pdf", GOOD))
archive("member with a name of 65,000 bytes", ANY, ("x" * 64_996 + ".csv", GOOD))
archive("two members", "FI10", ("a.csv", GOOD), ("b.csv", GOOD))
archive("two members of one name", "FI10", (MEMBER, GOOD), (MEMBER, GOOD))
archive("a folder and a member", "FI10", ("a/", b""), (MEMBER, GOOD))
archive("no member", "FI10")
archive(
    "three members that say 100,000",
    "FI09 FI10",
    *[(f"{n}.csv", Packed()) for n in range(3)],
    say_members=100_000,
)
archive("two members that say one", "FI10 FI12", ("a.csv", GOOD), ("b.csv", GOOD), say_members=1)
archive("one member that says 2 to the 63rd", "FI09 FI10 FI12", (MEMBER, GOOD), say_members=1 << 63)


def crowd(apart):
    def make(folder):
        with RawZip(folder / NAME, apart=apart) as out:
            empty = Packed()
            for number in range(100_000):
                out.add(f"{number}.csv", empty)
        return folder / NAME

    return make


case("100,000 members, authorisation", "zip", "FI09 FI10", crowd(0), password=True)
case("100,000 members, their number far from the end", "zip", "FI09 FI10", crowd(300_000), password=True)

# --- encryption and damage ----------------------------------------------------------------------------


def seven(*switches):
    """7-Zip makes the archive."""

    def make(folder):
        (folder / MEMBER).write_bytes(GOOD * 50)
        command = ["7z", "a", "-tzip", "-bd", *switches, folder / NAME, folder / MEMBER]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        (folder / MEMBER).unlink()
        return folder / NAME

    return make


case("ZipCrypto", "zip", "FI10", seven("-mem=ZipCrypto", f"-p{PASSWORD}"), password=True)
case("AES-128", "zip", "FI10", seven("-mem=AES128", f"-p{PASSWORD}"), password=True)
case("wrong password", "zip", "FI12", seven("-mem=AES256", "-panother"), password=True)
case("no password given", "zip", "FI11", seven("-mem=AES256", f"-p{PASSWORD}"))
archive("authentication code wrong", "FI12", (MEMBER, GOOD), break_code=True)


def cut(share):
    def make(folder):
        path = seven("-mem=AES256", f"-p{PASSWORD}")(folder)
        with open(path, "r+b") as out:
            out.truncate(int(path.stat().st_size * share))
        return path

    return make


for percent in (1, 50, 99):
    case(
        f"truncated to {percent} %",
        "zip",
        "FI02 FI10 FI12" if percent == 1 else "FI10 FI12",
        cut(percent / 100),
        password=True,
    )


def alone(content):
    def make(folder):
        (folder / NAME).write_bytes(content)
        return folder / NAME

    return make


case("only an end record", "zip", "FI10", alone(b"PK\5\6" + bytes(18)), password=True)
case("only zeros", "zip", "FI02 FI10 FI12", alone(bytes(100_000)), password=True)
case(
    "a hundred thousand end records",
    "zip",
    "FI02 FI10 FI12",
    alone((b"PK\5\6" + bytes(18)) * 100_000),
    password=True,
)


def padded(folder):
    """A good archive behind 300 MiB of nothing."""
    path = seven("-mem=AES256", f"-p{PASSWORD}")(folder)
    with open(folder / "padded", "wb") as out:
        out.truncate(300 * MIB)
        out.seek(300 * MIB)
        with open(path, "rb") as good:
            shutil.copyfileobj(good, out)
    return (folder / "padded").rename(path)


case("300 MiB of zeros before the archive", "zip", "FI02 FI09 FI10 FI12", padded, password=True)
