"""Hostile names. The content is a good demand file each time."""

import os

from ..kit import PARTY, S1SP, USER
from . import case
from .texts import DEMAND

GOOD = f"DC_{PARTY}_{USER}_{S1SP}_20210726.csv"


def name(what, text):
    """`text` is the file's name, as text or as bytes."""

    def make(folder):
        path = os.path.join(os.fsencode(folder), os.fsencode(text))
        with open(path, "wb") as out:
            out.write(DEMAND)
        return os.fsdecode(path)

    case(f"name {what}", "csv", "FI01", make)


def put(old, new):
    return GOOD.replace(old, new, 1)


name("with .. for the party", put(PARTY, ".."))
name("with ..\\ before it", "..\\" + GOOD)
name("with a drive before it", "C:" + GOOD)
name("with %2e%2e%2f before it", "%2e%2e%2f" + GOOD)
name("of 255 bytes", put(PARTY, PARTY + "A" * (255 - len(GOOD))))
name("of 255 bytes of hyphens", "DC" + "-" * 249 + ".csv")
name("with a line feed", put(PARTY, "AAA\n123"))
name("with a line feed at the end of the stem", put(".csv", "\n.csv"))
name("with an escape sequence", put(PARTY, "AAA123\x1b[31m"))
name("with a bell and a new title", put(PARTY, "\x1b]0;mine\x07"))
name("with a tabulator", put(PARTY, "AAA\t123"))
name("with a control character of 8 bits", put(PARTY, "AAA\x9b31m"))
name("that is not UTF-8", GOOD.encode().replace(b"AAA", b"A\xffA"))
name("with a Cyrillic A", put("AAA", "A\u0410A"))
name("with a Greek A", put("AAA", "\u0391AA"))
name("with full-width digits", put("20210726", "".join(chr(0xFF10 + int(n)) for n in "20210726")))
name("with Arabic digits", put("20210726", "".join(chr(0x0660 + int(n)) for n in "20210726")))
name("with a dotless i, which is I in upper case", put(S1SP, "CG\u0131"))
name("with a long s, which is S in upper case", put(S1SP, "CG\u017f"))
name("with a Kelvin sign, which is k in lower case", put(PARTY, "\u212aAA123"))
name("with typographic hyphens", put(USER, USER.replace("-", "\u2010")))
name("with a full-width low line", put("DC_", "DC\uff3f"))
name("with a soft hyphen", put(PARTY, "AAA\u00ad123"))
name("with a blank of no width", put(PARTY, "AAA\u200b123"))
name("with a byte-order mark", "\ufeff" + GOOD)
name("with a right-to-left override", put("20210726", "\u202e62701202"))
name("with an isolate", put(PARTY, "\u2066AAA123\u2069"))
name("with a combining accent", put(PARTY, "AAA\u0301123"))
name("with a blank at the end of the stem", put(".csv", " .csv"))
name("with a blank before it", " " + GOOD)
name("with two kinds", "DC_" + GOOD)
