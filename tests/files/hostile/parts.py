"""A workbook part by part, every part replaceable by a hostile one."""

from ..kit import DAYS
from .rawzip import Packed, RawZip, filled

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SHEET_NAME = "xl/worksheets/sheet1.xml"


def inline(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def shared(place, index):
    return f'<c r="{place}" t="s"><v>{index}</v></c>'


HEADER = '<row r="1">' + inline("A1", "Migration Date") + inline("B1", "Demand") + "</row>"
SHARED_HEADER = '<row r="1">' + shared("A1", 0) + shared("B1", 1) + "</row>"
TWO_STRINGS = "<si><t>Migration Date</t></si><si><t>Demand</t></si>"


def day(number, demand=None):
    """The row of day `number`, 0 to 6; `demand` is a whole cell."""
    line = number + 2
    demand = demand or f'<c r="B{line}"><v>10</v></c>'
    return f'<row r="{line}">' + inline(f"A{line}", DAYS[number].isoformat()) + demand + "</row>"


REST = "".join(day(n) for n in range(1, 7))
WEEK = day(0) + REST


def week(cell, header=HEADER):
    """A header and a week whose first demand is `cell`."""
    return header + day(0, cell) + REST


def sheet(rows=HEADER + WEEK, before="", doctype=""):
    return (
        DECLARATION
        + doctype
        + f'<worksheet xmlns="{MAIN}">'
        + before
        + "<sheetData>"
        + rows
        + "</sheetData></worksheet>"
    )


def strings(content=TWO_STRINGS, doctype=""):
    return DECLARATION + doctype + f'<sst xmlns="{MAIN}">' + content + "</sst>"


ONE_SHEET = '<sheet name="Demand" sheetId="1" r:id="rId1"/>'


def book(sheets=ONE_SHEET, doctype=""):
    return (
        DECLARATION
        + doctype
        + f'<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><sheets>'
        + sheets
        + "</sheets></workbook>"
    )


def link(name, kind, target, mode=""):
    return f'<Relationship Id="{name}" Type="{LINK}/{kind}" Target="{target}"{mode}/>'


def links(target="worksheets/sheet1.xml", mode="", more=""):
    return (
        DECLARATION
        + f'<Relationships xmlns="{PACKAGE}/relationships">'
        + link("rId1", "worksheet", target, mode)
        + link("rId2", "sharedStrings", "sharedStrings.xml")
        + link("rId3", "styles", "styles.xml")
        + more
        + "</Relationships>"
    )


def types(more=""):
    parts = {
        "workbook": "sheet.main",
        "worksheets/sheet1": "worksheet",
        "sharedStrings": "sharedStrings",
        "styles": "styles",
    }
    return (
        DECLARATION
        + f'<Types xmlns="{PACKAGE}/content-types">'
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="/xl/{n}.xml" ContentType="{KIND}{kind}+xml"/>' for n, kind in parts.items()
        )
        + more
        + "</Types>"
    )


TWO_FORMATS = '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'


def styles(formats=TWO_FORMATS):
    """Cell style 1 is a date."""
    return (
        DECLARATION
        + f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
        + '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        + f"<cellXfs>{formats}</cellXfs></styleSheet>"
    )


def around(text, unit, size):
    """A part of about `size` bytes: `text` with its `@` replaced by `unit` over and over."""
    before, after = text.split("@")
    return filled(before.encode(), unit.encode(), size, after.encode())


def workbook(path, extra=(), extra_first=False, lies=None, say_members=None, **parts):
    """Writes a workbook; `parts` replace good ones, as text, bytes or Packed, or leave them out with None.

    `lies` are figures to write for a member instead of the true ones, `say_members` a count of members.
    """
    root = f'<Relationships xmlns="{PACKAGE}/relationships">' + link(
        "rId1", "officeDocument", "xl/workbook.xml"
    )
    members = {
        "[Content_Types].xml": parts.pop("types", types()),
        "_rels/.rels": DECLARATION + root + "</Relationships>",
        "xl/workbook.xml": parts.pop("book", book()),
        "xl/_rels/workbook.xml.rels": parts.pop("links", links()),
        "xl/styles.xml": parts.pop("styles", styles()),
        "xl/sharedStrings.xml": parts.pop("strings", strings()),
        SHEET_NAME: parts.pop("sheet", sheet()),
    }
    if parts:
        raise TypeError(f"no such parts: {sorted(parts)}")
    members = [(name, part) for name, part in members.items() if part is not None]
    with RawZip(path, say_members) as archive:
        for name, part in [*extra, *members] if extra_first else [*members, *extra]:
            if isinstance(part, str):
                part = part.encode()
            if isinstance(part, bytes):
                part = Packed(part)
            archive.add(name, part, **(lies or {}).get(name, {}))
    return path
