"""The hostile files of the project's quality figures, each made by code.

`CASES` says for each how it is made and with which codes it may be refused. Where the rules name one code, it is that one;
where a file breaks several rules at once, the order in which they are found is free. `ANY` marks files that break no rule
by themselves but are built to exhaust a reader: they may be taken or refused, within the same limits of time and memory.
"""

import dataclasses
import pathlib
import typing

PASSWORD = "open sesame"
ANY = ("any",)


@dataclasses.dataclass(frozen=True)
class Case:
    """`make(folder)` writes the file and gives its path. `like` names the small good file it is measured against.

    `password` is true when the check is given PASSWORD.
    """

    what: str
    like: str
    make: typing.Callable[[pathlib.Path], pathlib.Path]
    codes: tuple
    password: bool = False


CASES = []


def case(what, like, codes, make, password=False):
    """Adds a case; `codes` is ANY, or codes separated by blanks."""
    if any(old.what == what for old in CASES):
        raise ValueError(f"two cases are called {what!r}")
    codes = tuple(codes.split()) if isinstance(codes, str) else codes
    CASES.append(Case(what, like, make, codes, password))


# The modules add their cases when they are imported.
from . import archives, names, texts, workbooks  # noqa: E402,F401
