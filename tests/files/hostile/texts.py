"""Hostile CSV files."""

from .. import kit
from ..kit import DAYS, DC_STEM, MA_HEADER, MA_STEM
from . import ANY, case
from .rawzip import MIB

DEMAND = ("Migration Date,Demand\n" + "".join(f"{day},10\n" for day in DAYS)).encode()
MA_TOP = (",".join(MA_HEADER) + "\n").encode()
MA_ROW = (",".join(kit.ma_row(0)) + "\n").encode()
WRONG_ROWS = "FI09 FI14 FI19 FI20 FI22"


def write(path, before=b"", unit=b"", size=0, after=b""):
    """`unit` again and again, about `size` bytes of it, between `before` and `after`."""
    with open(path, "wb") as out:
        out.write(before)
        if size:
            block = unit * max(1, MIB // len(unit))
            for _ in range(-(-size // len(block))):
                out.write(block)
        out.write(after)
    return path


def demand(what, codes, *content):
    case(what, "csv", codes, lambda folder: write(folder / f"{DC_STEM}.csv", *content))


def authorisation(what, codes, *content):
    case(what, "MA csv", codes, lambda folder: write(folder / f"{MA_STEM}.csv", *content))


def sparse(folder):
    """A file of 1 GiB that takes no room on disk: its line is all NUL."""
    path = write(folder / f"{DC_STEM}.csv", DEMAND)
    with open(path, "r+b") as out:
        out.truncate(1024 * MIB)
    return path


# --- length -----------------------------------------------------------------------------------------

demand("1 GiB line", "FI09", b"", b"A", 1024 * MIB)
case("1 GiB line of NUL, sparse", "csv", "FI09 FI13", sparse)
demand("255 MiB line", "FI09", b"", b"A", 255 * MIB)
demand("255 MiB field after a good week", "FI09", DEMAND, b"A", 255 * MIB - len(DEMAND))
demand("255 MiB field in quotes", "FI09", DEMAND + b'"', b"A", 250 * MIB, b'",1\n')
demand("255 MiB field of lines in quotes", "FI09", DEMAND + b'"', b"A\n", 250 * MIB, b'",1\n')
demand("255 MiB field of quotes", WRONG_ROWS, DEMAND, b'"', 255 * MIB - len(DEMAND))
demand("field of 32,768 characters", "FI09", DEMAND[:-3] + b"1" * 32768)
authorisation("255 MiB line, authorisation", "FI09", MA_TOP + MA_ROW, b"A", 255 * MIB)
authorisation("reference of 32,768 characters", "FI09", MA_TOP + MA_ROW[:-1] + b"A" * 32768 + b"\n")

# --- what is not text -------------------------------------------------------------------------------

demand("NUL in a field", "FI13", DEMAND.replace(b"10\n", b"1\x000\n", 1))
demand("NUL after a good week", "FI13", DEMAND + b"\0")
demand("UTF-16", "FI13", DEMAND.decode().encode("utf-16"))
demand("UTF-16, big end first", "FI13", b"\xfe\xff" + DEMAND.decode().encode("utf-16-be"))
demand("UTF-16 without a mark", "FI13", DEMAND.decode().encode("utf-16-le"))
demand("UTF-32", "FI13", DEMAND.decode().encode("utf-32"))
demand("200 MiB of NUL", "FI09 FI13", b"", b"\0", 200 * MIB)
demand("200 MiB of bytes 255", "FI09 FI13", DEMAND, b"\xff", 200 * MIB)

# --- quotes -----------------------------------------------------------------------------------------

demand("unbalanced quote in the header", WRONG_ROWS, b'"' + DEMAND)
demand("unbalanced quote in a row", WRONG_ROWS, DEMAND.replace(b"2021-07-28", b'"2021-07-28'))
demand("unbalanced quote in the last field", WRONG_ROWS, DEMAND[:-3] + b'"10\n')
authorisation("unbalanced quote, authorisation", ANY, MA_TOP + MA_ROW + b'"' + MA_ROW)
authorisation("unbalanced quote and 200 MiB", "FI09", MA_TOP + MA_ROW + b'"', MA_ROW, 200 * MIB)

# --- columns and rows -------------------------------------------------------------------------------

demand("10,000,000 columns in the header", "FI09 FI14", b"Migration Date,Demand", b",a", 20_000_000, b"\n")
demand(
    "10,000,000 columns without names",
    "FI09 FI14",
    b"Migration Date,Demand",
    b",",
    10_000_000,
    b"\n" + DEMAND[22:],
)
demand("10,000,000 columns in a row", WRONG_ROWS, DEMAND[:-1], b",a", 20_000_000, b"\n")
demand("200 MiB of commas", "FI09 FI14 FI22", b"", b",", 200 * MIB)
demand("200 MiB of line feeds", "FI09 FI14 FI22", b"", b"\n", 200 * MIB)
demand("200 MiB of carriage returns", "FI09 FI14 FI22", b"", b"\r", 200 * MIB)
demand("200 MiB of both", "FI09 FI14 FI22", b"", b"\r\n", 200 * MIB)
demand("200 MiB of line feeds after a good week", ANY, DEMAND, b"\n", 200 * MIB)
demand("200 MiB of line feeds after the header", "FI09 FI22", DEMAND[:22], b"\n", 200 * MIB)
demand("30 million rows", "FI09 FI19", DEMAND[:22], b"x,1\n", 120 * MIB)
authorisation("200 MiB of line feeds, authorisation", "FI09 FI14 FI22", b"", b"\n", 200 * MIB)
authorisation("200 MiB of line feeds after the header, authorisation", "FI09 FI22", MA_TOP, b"\n", 200 * MIB)
authorisation("1,048,576 rows, authorisation", "FI09", MA_TOP, b"x,,,,,,,\n", 9 * 1_048_576)
authorisation("10 million empty rows, authorisation", "FI09 FI22", MA_TOP, b",,,,,,,\n", 80 * MIB)
authorisation("250 MiB of one row again and again", "FI09", MA_TOP, MA_ROW, 250 * MIB)
