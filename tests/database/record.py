"""The log as its documentation says it (docs/decisions/record.md), computed here a second time, so that tests can rewrite it
as somebody would who wants to hide what was done.
"""

import hashlib


def fields(*parts):
    """Each with its length in eight bytes before it."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def number(value):
    return value.to_bytes(8, "big", signed=True)


def leaf(row):
    """The leaf of a row of the log, by the names of its columns."""
    kind, rulebook = row["kind"].encode(), row["rulebook"].encode()
    if row["format"] == 1:
        middle = [row["actor"].encode(), kind, rulebook, row["detail_digest"], row["outcome_digest"]]
        return hashlib.sha256(b"\0" + fields(number(row["seq"]), number(row["at"]), *middle)).digest()
    digests = [row[f"{what}_digest"] for what in ("detail", "input", "outcome", "issued")]
    program = [row["account"], kind, rulebook, number(row["engine"]), row["program"].encode()]
    whole = fields(number(2), number(row["seq"]), number(row["at"]), *program, *digests)
    return hashlib.sha256(b"\0" + whole).digest()


def salted(salt, subject, *parts):
    """A digest of format 2."""
    return hashlib.sha256(fields(salt, subject, *parts)).digest()


def file_salt(salt):
    """The salt of what was taken over and issued."""
    return hashlib.sha256(fields(salt, b"files")).digest()


def root(leaves):
    """RFC 6962, section 2.1, by its own words."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()
