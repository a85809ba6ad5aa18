"""Hostile files of one party, and what another one, who hands in beside it, notices of them: nothing.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_rival

What the rival waited is printed, as a figure and not as a test: a second on one machine is none on another.
"""

import math
import random
import statistics
import subprocess
import sys
import threading
import time
import unittest
import zipfile

from tests.files.hostile import parts
from tests.files.kit import MA_HEADER, device

from . import kit

HOLD = ["CHF Device ID", "From", "To", "Weekdays", "Action"]


def one(name, content):
    """A kind that is one file."""
    return lambda programme, stem, user: [programme.file(name.format(stem=stem, user=user), content())]


def table(header, row, count):
    return lambda: kit.csv_bytes(header, [row(number) for number in range(count)])


def cut_off(programme, stem, _):
    """The first half of a workbook."""
    whole = parts.workbook(programme.folder / "files" / "whole.xlsx").read_bytes()
    return [programme.file(f"MA_{stem}.xlsx", whole[: len(whole) // 2])]


def names_alike(programme, stem, _):
    """The same under many names that are one."""
    written = kit.csv_bytes(MA_HEADER, [])
    forms = [f"MA_{stem}", f"ma-{stem.replace('_', '-')}", f"Ma_{stem.lower()}"]
    names = [f"{form}.{ending}" for form in forms for ending in ("csv", "CSV", "Csv", "xlsx", "zip", "XLSM")]
    return [programme.file(name, written) for name in names]


def passwords_of_nothing(programme, stem, _):
    """For files that never come."""
    start = stem[: -len("000000")]
    return [programme.file(f"MAPASSWORD_{start}{n:06}.txt", b"guess\n") for n in range(0, 120, 3)]


def another_password(programme, stem, _):
    file = programme.folder / "files" / f"MA_{stem}.zip"
    inner = programme.file(f"MA_{stem}.csv", kit.csv_bytes(MA_HEADER, []))
    command = ["7z", "a", "-tzip", "-mem=AES256", "-psecret", file, inner]
    subprocess.run(command, check=True, capture_output=True, timeout=kit.TIMEOUT)
    return [file, programme.file(f"MAPASSWORD_{stem}.txt", b"not it\n")]


def archives_in_archives(programme, stem, _):
    path = programme.folder / "files" / f"MA_{stem}.zip"
    content = kit.csv_bytes(MA_HEADER, [])
    for depth in range(20):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{depth}.zip" if depth else f"MA_{stem}.csv", content)
        content = path.read_bytes()
    return [path]


def many_at_once(programme, _, user):
    """A hundred and fifty files of one command."""
    names = [f"DC_NOBODY_{user}_CGI_2021{number:04}.csv" for number in range(150)]
    return [programme.file(name, b"Migration Date,Demand\n") for name in names]


NOISE = random.Random(1)
KINDS = {
    "nothing": one("MA_{stem}.csv", lambda: b""),
    "half a workbook": cut_off,
    "noise in the place of a workbook": one("MA_{stem}.xlsx", lambda: NOISE.randbytes(8 << 20)),
    "a line of 32 MiB": one("MA_{stem}.csv", lambda: b"x" * (32 << 20)),
    "a million columns": one("MA_{stem}.csv", lambda: b"," * 1_000_000 + b"\n" + b"," * 1_000_000),
    "a quote that never ends": one("MA_{stem}.csv", lambda: ",".join(MA_HEADER).encode() + b'\n"' + b"a\n" * (8 << 20)),
    "lines that end as of old": one("MA_{stem}.csv", lambda: ",".join(MA_HEADER).encode() + b"\r1,2,3" * 300_000),
    "formulas": one("MA_{stem}.csv", table(MA_HEADER, lambda n: [f"=cmd|' /C calc'!A{n}"] * len(MA_HEADER), 20_000)),
    "rows that are all wrong": one("MA_{stem}.csv", table(MA_HEADER, lambda n: [f"wrong {n}"] * len(MA_HEADER), 60_000)),
    "holds of one home": one(
        "HOLD_CGI_{user}_20210713_010000.csv",
        table(HOLD, lambda n: [device(1), f"{2022 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}", "", "", "SET"], 5_000),
    ),
    "an answer with a NUL": one(
        "DMMSR_CGI_{user}_20210726.csv",
        lambda: b"CHF Device ID,Answer,Reason,Statement\n" + device(1).encode() + b",OBJECT,OTHER,a\0b\n",
    ),
    "names that are alike": names_alike,
    "passwords of nothing": passwords_of_nothing,
    "another password": another_password,
    "archives in archives": archives_in_archives,
    "many at once": many_at_once,
}


class Neighbour(threading.Thread):
    """The rival: it authorises a home and withdraws it, again and again, until it is told to end."""

    def __init__(self, programme):
        super().__init__()
        self.programme, self.supplier = programme, programme.suppliers[1]
        self.done, self.waited, self.told, self.failed = threading.Event(), [], [], None

    def run(self):
        try:
            while not self.done.is_set():
                for action in ("AUTHORISE", "WITHDRAW"):
                    self.hand_in(action)
        except Exception as failed:  # It is raised again where the test waits for it.
            self.failed = failed

    def hand_in(self, action):
        row = kit.authorisation(self.supplier, self.supplier.numbers[0], action=action)
        file = self.programme.authorisation_file(self.supplier, [row])
        began = time.monotonic()
        told = self.programme.submit(self.supplier.party, file)
        # On a busy machine the verdict may come later: the same file again has the same receipt.
        while told["status"] == "pending":
            told = self.programme.submit(self.supplier.party, file)
        self.waited.append(time.monotonic() - began)
        self.told.append(told["status"])


class Rival:
    def test_hostile_files_beside_a_rival(self):
        """Each kind has its receipts and verdicts, the rival is accepted each time, and the record is whole."""
        programme = self.programme(suppliers=2, installations=5).open()
        hostile, rival = programme.suppliers[0], Neighbour(programme)
        rival.start()
        try:
            for kind, make in KINDS.items():
                with self.subTest(kind):
                    files = make(programme, programme.stem(hostile), hostile.user_id)
                    run = programme.run("submit", "--json", "--as", hostile.party, *files, code=None)
                    self.assertIn(run.code, (0, 1), run)
                    self.assertNotIn("FI24", run.out)
            self.growing(programme, hostile)
            kit.until(lambda: rival.failed or len(rival.told) > 1, "the rival handed something in")
        finally:
            rival.done.set()
            rival.join(2 * kit.TIMEOUT)
        self.assertFalse(rival.is_alive())
        self.assertIsNone(rival.failed)
        self.assertEqual(set(rival.told), {"accepted"})
        self.assertNotIn("set aside", programme.run("week", "show", kit.MONDAY).out)
        self.intact(programme)
        waited = sorted(rival.waited)
        p99 = waited[math.ceil(len(waited) * 0.99) - 1]
        print(
            f"{programme.backend.__class__.__name__}: beside {len(KINDS) + 1} hostile kinds a rival handed in {len(waited)} files; "
            f"it waited {statistics.median(waited):.2f} s, p99 {p99:.2f} s",
            file=sys.stderr,
        )

    def growing(self, programme, hostile):
        """A file that grows while it is handed in is judged as one of its states, and has one receipt for it."""
        path = programme.authorisation_file(hostile, [])
        child = programme.start("submit", "--json", "--as", hostile.party, path)
        with path.open("ab") as file:
            while child.poll() is None:
                file.write(b"1,2,3\n" * 1_000)
                file.flush()
                time.sleep(0.001)
        run = programme.ended(child, code=None)
        self.assertIn(run.code, (0, 1), run)
        self.assertEqual(programme.rows("SELECT count(*) FROM received WHERE name = ?", path.name)[0], (1,))


class RivalOnSqlite(Rival, kit.OnSqlite):
    pass


class RivalOnPostgresql(Rival, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
