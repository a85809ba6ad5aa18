"""Hostile workbooks, all of them demand files."""

from ..kit import DC_STEM
from . import ANY, case
from .parts import (
    HEADER,
    LINK,
    ONE_SHEET,
    REST,
    SHARED_HEADER,
    SHEET_NAME,
    TWO_STRINGS,
    WEEK,
    around,
    book,
    inline,
    links,
    shared,
    sheet,
    strings,
    styles,
    types,
    week,
    workbook,
)
from .rawzip import MIB, Packed, filled

BELOW_LIMIT = 200 * MIB
# What a file gets whose rows are not the seven days, whatever is seen first.
WRONG_ROWS = "FI09 FI14 FI15 FI19 FI20"


def xlsx(what, codes, **parts):
    """A case; parts that are large are functions, called when the case runs."""

    def make(folder):
        made = {name: part() if callable(part) else part for name, part in parts.items()}
        return workbook(folder / f"{DC_STEM}.xlsx", **made)

    case(what, "xlsx", codes, make)


# --- one large cell, in the three ways a cell can hold text ---------------------------------------

RUN = "<r><rPr><b/></rPr><t>" + "A" * 900 + "</t></r>"
BIG = week(shared("B2", 2), SHARED_HEADER)
for mib in (512, 200):
    xlsx(
        f"{mib} MiB cell, shared string",
        "FI09",
        sheet=sheet(BIG),
        strings=lambda mib=mib: around(strings(TWO_STRINGS + "<si><t>@</t></si>"), "A", mib * MIB),
    )
    xlsx(
        f"{mib} MiB cell, inline string",
        "FI09",
        sheet=lambda mib=mib: around(sheet(week(inline("B2", "@"))), "A", mib * MIB),
    )
    xlsx(
        f"{mib} MiB cell, rich-text runs",
        "FI09",
        sheet=sheet(BIG),
        strings=lambda mib=mib: around(strings(TWO_STRINGS + "<si>@</si>"), RUN, mib * MIB),
    )

# One text in pieces that are each short: neither a tag nor a text between tags is long.
for piece, between in (("quoted sections", "<![CDATA[" + "A" * 900 + "]]>"), ("comments", "A" * 900 + "<!-- -->")):
    xlsx(
        f"200 MiB cell of {piece}, shared string",
        "FI09",
        sheet=sheet(BIG),
        strings=lambda between=between: around(strings(TWO_STRINGS + "<si><t>@</t></si>"), between, 200 * MIB),
    )
    xlsx(
        f"200 MiB cell of {piece}, inline string",
        "FI09",
        sheet=lambda between=between: around(sheet(week(inline("B2", "@"))), between, 200 * MIB),
    )

# --- places far away: a dense reader asks for everything in between ---------------------------------

FAR = '<row r="200000">' + inline("ALL200000", "x") + "</row>"
xlsx(
    "cells A1 and ALL200000",
    WRONG_ROWS,
    sheet=sheet('<row r="1">' + inline("A1", "Migration Date") + "</row>" + FAR),
)
xlsx("a good week and ALL200000", WRONG_ROWS, sheet=sheet(HEADER + WEEK + FAR))
xlsx("ALL200000, dimension says A1", WRONG_ROWS, sheet=sheet(HEADER + WEEK + FAR, '<dimension ref="A1"/>'))
xlsx("a good week, dimension says all", ANY, sheet=sheet(before='<dimension ref="A1:XFD1048576"/>'))
xlsx(
    "a good week, dimension overflows",
    ANY,
    sheet=sheet(before='<dimension ref="A1:ZZZZZZZZZ99999999999999999999"/>'),
)
for place in ("ZZZZZZZZZZZZZZZ2", "XFE2"):
    xlsx(f"a cell at {place}", WRONG_ROWS, sheet=sheet(week(f'<c r="{place}"><v>10</v></c>')))
for place in ("B99999999999999999999", "B0", "2B", ""):
    xlsx(f"a cell at {place or 'no place'}", ANY, sheet=sheet(week(f'<c r="{place}"><v>10</v></c>')))
for number in ("0", "-1", "4294967297", "99999999999999999999", "x"):
    row = f'<row r="{number}"><c t="inlineStr"><is><t>x</t></is></c></row>'
    xlsx(f"a row with the number {number}", WRONG_ROWS, sheet=sheet(HEADER + WEEK + row))

# --- numbers that are none --------------------------------------------------------------------------

NUMBERS = {
    "1e308": "1e308",
    "1e999": "1e999",
    "NaN": "NaN",
    "-INF": "-INF",
    "1e-320": "1e-320",
    "--1": "--1",
    "of 400 digits": "9" * 400,
    "of 9 million digits": "9" * 9_000_000,
}
for what, value in NUMBERS.items():
    xlsx(
        f"a demand {what}",
        "FI09 FI15 FI20",
        sheet=lambda value=value: sheet(week(f'<c r="B2"><v>{value}</v></c>')),
    )
    xlsx(
        f"a date {what}",
        "FI05 FI09 FI15 FI19",
        sheet=lambda value=value: sheet(
            HEADER + f'<row r="2"><c r="A2" s="1"><v>{value}</v></c><c r="B2"><v>1</v></c></row>' + REST
        ),
    )
for index in ("2", "-1", "4294967296", "99999999999999999999", "x"):
    xlsx(f"a shared string {index} of 2", "FI14 FI15 FI20", sheet=sheet(week(shared("B2", index))))
xlsx(
    "a cell with a format that is not there", ANY, sheet=sheet(week('<c r="B2" s="4294967295"><v>1</v></c>'))
)

# --- entities ---------------------------------------------------------------------------------------

LAUGHS = '<!ENTITY e0 "100">' + "".join(f'<!ENTITY e{n + 1} "' + f"&e{n};" * 10 + '">' for n in range(10))
DOCTYPES = {
    "an external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>',
    "a billion laughs": "<!DOCTYPE x [" + LAUGHS + '<!ENTITY e "&e10;">]>',
}
for what, doctype in DOCTYPES.items():
    xlsx(f"{what} in the sheet", "FI15", sheet=sheet(week(inline("B2", "&e;")), doctype=doctype))
    xlsx(
        f"{what} in the shared strings",
        "FI15",
        sheet=sheet(week(shared("B2", 2), SHARED_HEADER)),
        strings=strings(TWO_STRINGS + "<si><t>&e;</t></si>", doctype),
    )
    xlsx(
        f"{what} in the workbook part",
        "FI15",
        book=book('<sheet name="&e;Demand" sheetId="1" r:id="rId1"/>', doctype),
    )
xlsx("an undeclared entity", "FI15 FI20", sheet=sheet(week(inline("B2", "&e;"))))
for reference in ("&#0;", "&#x110000;", "&#xD800;", "&#99999999999999999999;", "&"):
    xlsx(f"the character {reference}", "FI13 FI15 FI20", sheet=sheet(week(inline("B2", reference))))

# --- sizes and counts that lie ----------------------------------------------------------------------


def lying(what, codes, large=False, **figures):
    part = (lambda: around(sheet(week(inline("B2", "@"))), "A", 300 * MIB)) if large else sheet()
    xlsx(what, codes, sheet=part, lies={SHEET_NAME: figures})


lying("a 300 MiB sheet that says 1 kB", "FI09 FI15", large=True, say_size=1000)
lying("a 300 MiB sheet that says 0 B", "FI09 FI15", large=True, say_size=0)
lying("a small sheet that says 4 GiB", "FI09 FI15", say_size=0xFFFFFFF0)
lying("a small sheet that says 200 MiB", "FI09 FI15", say_size=BELOW_LIMIT)
lying("a small sheet that says 10 B", "FI09 FI15", say_size=10)
lying("a small sheet that says 4 GiB packed", "FI02 FI09 FI15", say_packed=0xFFFFFFF0)
lying("a small sheet that says 3 B packed", "FI02 FI09 FI15", say_packed=3)


def members(count):
    return [(f"m{n}", Packed()) for n in range(count)]


xlsx("100,000 members", "FI09", extra=lambda: members(100_000))
xlsx("65,000 members before the others", "FI09", extra=lambda: members(65_000), extra_first=True)
xlsx(
    "100,000 members that say 5",
    "FI02 FI09 FI15",
    extra=lambda: members(100_000),
    extra_first=True,
    say_members=5,
)
xlsx("7 members that say 65,000", "FI02 FI09 FI15", say_members=65_000)
xlsx("7 members that say 4 billion", "FI02 FI09 FI15", say_members=1 << 32)
xlsx("7 members that say 2 to the 63rd", "FI02 FI09 FI15", say_members=1 << 63)
# What is not read need not be inflated.
xlsx(
    "300 MiB of picture beside a good week",
    ANY,
    extra=lambda: [("xl/media/image1.png", filled(b"", b"A", 300 * MIB))],
)

# --- many small things ------------------------------------------------------------------------------


def many(what, codes, part, text, unit, mib, **others):
    """`part` is `text` with its `@` replaced by `unit`, over and over, to `mib` MiB."""
    xlsx(what, codes, **{part: lambda: around(text, unit, mib * MIB)}, **others)


NINTH = HEADER + WEEK + '<row r="9">@</row>'
STRING_SHEET = sheet(SHARED_HEADER + WEEK)
EXTRA_STRINGS = strings(TWO_STRINGS + "@")
VALUE = "<c><v>1</v></c>"
many(
    "20 million empty shared strings", "FI09 FI15", "strings", EXTRA_STRINGS, "<si/>", 100, sheet=STRING_SHEET
)
many(
    "11 million short shared strings",
    "FI09 FI15",
    "strings",
    EXTRA_STRINGS,
    "<si><t>a</t></si>",
    180,
    sheet=STRING_SHEET,
)
many(
    "190 MiB of long shared strings",
    "FI09",
    "strings",
    EXTRA_STRINGS,
    "<si><t>" + "a" * 990 + "</t></si>",
    190,
    sheet=STRING_SHEET,
)


def alike(pattern):
    """A thousand elements whose ids differ at their end alone."""
    return "".join(pattern.replace("@", "x" * 60_000 + f"{number:04}") for number in range(1_000))


xlsx(
    "1,000 relationships and 1,000 sheets with ids alike",
    ANY,
    links=lambda: links(more=alike(f'<Relationship Id="@" Type="{LINK}/x" Target="x"/>')),
    book=lambda: book(ONE_SHEET + alike('<sheet name="a" sheetId="2" r:id="@"/>')),
)
many("18 million empty rows", "FI09 FI15", "sheet", sheet(HEADER + WEEK + "@"), "<row/>", 100)
many("40 million empty cells in a row", "FI09 FI14 FI15", "sheet", sheet(NINTH), "<c/>", 160)
many("8 million cells in a row", WRONG_ROWS, "sheet", sheet(NINTH), VALUE, 120)
many("8 million header cells", "FI09 FI14 FI15", "sheet", sheet("<row>@</row>" + WEEK), VALUE, 120)
many("5 million rows of one cell", "FI09", "sheet", sheet(HEADER + WEEK + "@"), f"<row>{VALUE}</row>", 130)
many("10 million cell formats", ANY, "styles", styles("@"), '<xf numFmtId="14"/>', 190)
many("4 million sheets", ANY, "book", book(ONE_SHEET + "@"), '<sheet name="a" sheetId="2" r:id="rId1"/>', 190)
many(
    "2 million relationships",
    ANY,
    "links",
    links(more="@"),
    f'<Relationship Id="r" Type="{LINK}/x" Target="x"/>',
    190,
)
many(
    "3 million content types",
    ANY,
    "types",
    types("@"),
    '<Override PartName="/a" ContentType="application/xml"/>',
    190,
)

# --- deep and large pieces of XML -------------------------------------------------------------------


def deep():
    return "<a>" * 10_000_000 + "</a>" * 10_000_000


NESTED = "10 million elements inside each other"
xlsx(f"{NESTED}, in the sheet", "FI09 FI15", sheet=lambda: sheet(HEADER + WEEK + deep()))
xlsx(
    f"{NESTED}, in a cell",
    "FI09 FI15 FI20",
    sheet=lambda: sheet(week(f'<c r="B2" t="inlineStr"><is>{deep()}</is></c>')),
)
xlsx(
    f"{NESTED}, in the shared strings",
    "FI09 FI15",
    sheet=STRING_SHEET,
    strings=lambda: strings(TWO_STRINGS + "<si>" + deep() + "</si>"),
)
PIECES = {
    "comment": "<!--@-->",
    "processing instruction": "<?x @?>",
    "attribute": '<row r="900" x="@"/>',
    "element name": "<a@/>",
}
for what, text in PIECES.items():
    many(f"a 200 MiB {what} in the sheet", ANY, "sheet", sheet(HEADER + WEEK + text), "A", 200)
    many(
        f"a 200 MiB {what} in the shared strings",
        ANY,
        "strings",
        strings(TWO_STRINGS + text),
        "A",
        200,
        sheet=STRING_SHEET,
    )
many("200 MiB of white space in the sheet", ANY, "sheet", sheet(HEADER + WEEK + "@"), " ", 200)
many("a 200 MiB formula", ANY, "sheet", sheet(week('<c r="B2"><f>@</f><v>1</v></c>')), "A", 200)
many(
    "200 MiB of character data in a cell",
    "FI09",
    "sheet",
    sheet(week(inline("B2", "<![CDATA[@]]>"))),
    "A",
    200,
)
many(
    "200 MiB of digits in a cell", "FI09 FI15 FI20", "sheet", sheet(week('<c r="B2"><v>@</v></c>')), "1", 200
)
many("a 200 MiB comment in the workbook part", ANY, "book", book(ONE_SHEET + "<!--@-->"), "A", 200)
many("a 200 MiB comment in the relationships", ANY, "links", links(more="<!--@-->"), "A", 200)
many("a 200 MiB comment in the content types", ANY, "types", types("<!--@-->"), "A", 200)
many("a 200 MiB comment in the styles", ANY, "styles", styles("<!--@-->"), "A", 200)

# --- parts that are elsewhere, missing or broken ----------------------------------------------------

xlsx("sheet part missing", "FI15", sheet=None)
xlsx("sheet part outside the archive", "FI15", links=links("../../../../../../etc/passwd"), sheet=None)
xlsx(
    "sheet part on a server",
    "FI15",
    links=links("http://127.0.0.1:9/s.xml", ' TargetMode="External"'),
    sheet=None,
)
xlsx("workbook part that is not XML", "FI15", book="\x01\x02 not XML")
xlsx("sheet cut in the middle", "FI15", sheet=sheet()[:-60])
xlsx(
    "sheet that is not UTF-8",
    "FI13 FI15 FI20",
    sheet=sheet(week(inline("B2", "@"))).encode().replace(b"@", b"\xff\xfe"),
)
xlsx("two sheet parts of one name", ANY, extra=[(SHEET_NAME, sheet(week(inline("B2", "x"))))])
