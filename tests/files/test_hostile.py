"""Hostile files: refused with a code, in little time and memory, and no one else's work suffers.

Run:   SLUICE=path/to/sluice python -m unittest tests.files.test_hostile
Table: SLUICE=path/to/sluice python -m tests.files.test_hostile --table

The table, also printed after the tests, has for each file its size, the codes, the time of one check (wall and processor)
and how much more memory it took at its peak than a small good file of the same kind. Memory is asserted, at 64 MiB; the
time is only bounded, at a minute, because a second on one machine is not a second on another.

Needs 7z (p7zip-full), GNU time, openpyxl and pyzipper, and room for 1 GiB in the temporary folder.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unicodedata
import unittest


from . import kit
from .hostile import ANY, CASES, PASSWORD, archives, parts, texts
from .kit import DC_STEM, MA_HEADER, MA_STEM

EXTRA_KIB = 64 << 10
# The lines of the table, as cells.
LINES = []


# --- measuring --------------------------------------------------------------------------------------


def good(kind, folder):
    """A small good file of a kind."""
    rows = [kit.ma_row(n) for n in range(10)]
    if kind == "csv":
        return kit.write_csv(folder / f"{DC_STEM}.csv", kit.DC_HEADER, kit.dc_rows())
    if kind == "MA csv":
        return kit.write_csv(folder / f"{MA_STEM}.csv", MA_HEADER, rows)
    if kind == "xlsx":
        return parts.workbook(folder / f"{DC_STEM}.xlsx")
    if kind == "zip":
        plain = kit.write_csv(folder / f"{MA_STEM}.csv", MA_HEADER, rows)
        command = ["7z", "a", "-tzip", "-mem=AES256", f"-p{PASSWORD}", folder / f"{MA_STEM}.zip", plain]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return folder / f"{MA_STEM}.zip"
    raise KeyError(kind)


def password_file(folder):
    path = pathlib.Path(folder) / kit.PASSWORD_NAME
    path.write_text(PASSWORD + "\n", encoding="ascii")
    return path


@functools.cache
def peak_of_good(kind):
    """Peak memory, KiB, of checking a small good file of this kind; the file must be accepted."""
    with tempfile.TemporaryDirectory(prefix="sluice-good-") as folder:
        file = good(kind, pathlib.Path(folder))
        answer = kit.check(file, password_file=password_file(folder) if kind == "zip" else None)
        if answer.verdict != "accepted" or answer.codes or answer.rows:
            raise AssertionError(f"the good {kind} is not accepted\n{answer}")
        return answer.outcome.peak


def quantity(size):
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def try_case(case):
    """Makes the file, checks it, and adds its line to the table: (the run, the answer, a problem or None)."""
    base = peak_of_good(case.like)
    with tempfile.TemporaryDirectory(prefix="sluice-hostile-") as folder:
        file = case.make(pathlib.Path(folder))
        size = os.path.getsize(file)
        arguments = ["check", "--json", file]
        if case.password:
            arguments += ["--password-file", password_file(folder)]
        outcome = kit.run(arguments)
    answer = problem = None
    try:
        (told,) = kit.objects(outcome.out)
        answer = kit.Answer(told, outcome)
    except (ValueError, KeyError, TypeError, AssertionError) as caught:
        problem = f"not the documented JSON ({caught!r})"
    said = "timed out" if outcome.timed_out else f"exit {outcome.code}"
    if answer is not None and not outcome.timed_out and outcome.code in (0, 1):
        said = " ".join(answer.codes) or answer.verdict
    extra = (outcome.peak - base) / 1024
    LINES.append(
        (case.what, quantity(size), said, f"{outcome.seconds:.2f}", f"{outcome.cpu:.2f}", f"{extra:.1f}")
    )
    return outcome, answer, problem


def table(out=sys.stdout):
    """The table as Markdown."""
    head = ("File", "Size", "Codes", "Seconds", "of them processor", "Extra MiB")
    rows = [head, *LINES]
    widths = [max(len(row[n]) for row in rows) for n in range(len(head))]

    def line(cells):
        left = [cell.ljust(width) for cell, width in zip(cells[:3], widths)]
        return (
            "| " + " | ".join(left + [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:])]) + " |"
        )

    print("\n" + line(head), file=out)
    rule = ["-" * width for width in widths[:3]] + ["-" * (width - 1) + ":" for width in widths[3:]]
    print("| " + " | ".join(rule) + " |", file=out)
    for row in LINES:
        print(line(row), file=out)
    out.flush()


def tearDownModule():
    if LINES:
        table(sys.stderr)


# --- the tests --------------------------------------------------------------------------------------


class HostileFiles(unittest.TestCase):
    """One test for each case; they are added below."""

    def judge(self, case):
        outcome, answer, problem = try_case(case)
        self.assertFalse(outcome.timed_out, f"{case.what}: {outcome}")
        self.assertIn(outcome.code, (0, 1), f"{case.what} is not survived: {outcome}")
        self.assertIsNone(problem, f"{case.what}: {problem}\n{outcome}")
        problems = []
        if case.codes == ANY:
            clean = answer.verdict == "accepted" and not answer.rows
            if outcome.code != (0 if clean else 1):
                problems.append(f"{answer.verdict} with exit {outcome.code}")
        elif (answer.verdict, outcome.code) != ("refused", 1):
            problems.append(
                f"{answer.verdict} with exit {outcome.code}, but it is to be refused with {case.codes}"
            )
        elif not set(answer.codes) & set(case.codes):
            problems.append(f"refused with {answer.codes}, but the rules say {case.codes}")
        if answer.verdict == "refused" and not answer.codes:
            problems.append("refused without a code")
        extra = outcome.peak - peak_of_good(case.like)
        if extra > EXTRA_KIB:
            problems.append(f"{extra / 1024:.0f} MiB more than a good file")
        self.assertFalse(problems, f"{case.what}: {'; '.join(problems)}\n{outcome}")


def add_tests():
    for number, case in enumerate(CASES):
        slug = re.sub(r"[^a-z0-9]+", "_", case.what.lower()).strip("_")
        test = functools.partialmethod(HostileFiles.judge, case)
        setattr(HostileFiles, f"test_{number:03}_{slug}", test)


add_tests()


def harmful(text):
    """The characters of a text that could take over a terminal or turn its text around."""
    return sorted(
        {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    )


BAD_TEXT = "\x1b]0;mine\x07\x1b[2J\x9b31m\x7f\u202ecod\u2066\u200b\u2028\b\b\r"


class TerminalText(kit.FileCase):
    """What is printed of a stranger's file is harmless to a terminal."""

    def printed(self, *arguments):
        told = kit.run(["check", *arguments])
        self.assertEqual(told.code, 1, told)
        self.assertEqual(harmful(told.out), [], told)
        self.assertEqual(harmful(told.err), [], told)
        return told

    def test_fields(self):
        rows = [kit.ma_row(0)]
        for title in MA_HEADER:
            rows.append(kit.ma_row(len(rows), **{title.replace(" ", "_"): BAD_TEXT}))
            rows.append(kit.ma_row(len(rows), **{title.replace(" ", "_"): "line\nfeed" + BAD_TEXT}))
        self.printed(kit.write_csv(self.path(f"{MA_STEM}.csv"), MA_HEADER, rows))

    def test_fields_of_a_demand(self):
        rows = kit.dc_rows()
        rows[1][0] = rows[2][1] = BAD_TEXT
        self.printed(kit.write_csv(self.path(f"{DC_STEM}.csv"), kit.DC_HEADER, rows))

    def test_header(self):
        self.printed(
            kit.write_csv(self.path(f"{MA_STEM}.csv"), [*MA_HEADER, BAD_TEXT], [kit.ma_row(0) + [""]])
        )

    def test_workbook_cells_and_sheets(self):
        text = "\u202e\u009b31m\u200b&#x7f;&#x1b;[2J"
        file = self.path(f"{DC_STEM}.xlsx")
        self.printed(parts.workbook(file, sheet=parts.sheet(parts.week(parts.inline("B2", text)))))
        self.printed(parts.workbook(file, book=parts.book(parts.ONE_SHEET.replace("Demand", text))))
        self.printed(
            parts.workbook(file, sheet=parts.sheet(parts.HEADER.replace("Demand", text) + parts.WEEK))
        )

    def test_names(self):
        for name in (f"DC_{BAD_TEXT}.csv", f"{DC_STEM}{BAD_TEXT}.csv", f"{DC_STEM}.{BAD_TEXT}", BAD_TEXT):
            with self.subTest(name=name):
                self.path(name).write_bytes(texts.DEMAND)
                self.printed(self.path(name))

    def test_member_names(self):
        for name in (f"../{BAD_TEXT}.csv", f"x.{BAD_TEXT}", BAD_TEXT):
            with self.subTest(name=name):
                file = self.path(archives.NAME)
                with archives.RawZip(file) as out:
                    out.add(name, archives.Packed(archives.GOOD), password=PASSWORD)
                self.printed(file, "--password-file", password_file(self.folder))

    def test_a_file_that_is_not_there(self):
        told = kit.run(["check", self.path(f"DC_{BAD_TEXT}.csv")])
        self.assertIn(told.code, (1, 2), told)
        self.assertEqual(harmful(told.out + told.err), [], told)

    def test_on_a_terminal(self):
        """A terminal may get colours of the program's own, but nothing of the file's."""
        rows = [kit.ma_row(0, MPRN=BAD_TEXT), kit.ma_row(1, Action=BAD_TEXT)]
        file = kit.write_csv(self.path(f"{MA_STEM}.csv"), MA_HEADER, rows)
        main, side = os.openpty()
        child = subprocess.Popen(
            [kit.sluice_path(), "check", file], stdin=subprocess.DEVNULL, stdout=side, stderr=side
        )
        os.close(side)
        # What never ends is ended, and what is read then ends too.
        ender = threading.Timer(kit.TIMEOUT, child.kill)
        ender.start()
        self.addCleanup(ender.cancel)
        shown = b""
        try:
            while len(shown) < 1 << 20:
                shown += os.read(main, 65536) or b""
        except OSError:
            pass  # The other side is closed.
        finally:
            os.close(main)
            self.assertEqual(child.wait(kit.TIMEOUT), 1)
        text = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown.decode("utf-8", "surrogateescape")).replace(
            "\r\n", "\n"
        )
        self.assertEqual(harmful(text.replace("\r", "")), [], text)


class Names(kit.FileCase):
    """Names that a file system takes only as part of a path, or not at all."""

    def test_way_up_and_down_again(self):
        """A path is the caller's own; only the last part of it is the file's name."""
        self.path("a").mkdir()
        file = kit.write_csv(self.path(f"{DC_STEM}.csv"), kit.DC_HEADER, kit.dc_rows())
        self.accepted(self.path("a") / ".." / file.name)

    def test_4_kib(self):
        for name in ("A" * 4096, f"DC_{'A' * 4070}.csv", "../" * 1300 + "x"):
            with self.subTest(name=name[:20]):
                told = kit.run(["check", self.path(name)])
                self.assertIn(told.code, (1, 2), told)

    def test_places_that_are_no_files(self):
        self.path(f"{DC_STEM}.csv").mkdir()
        for place in (self.path(f"{DC_STEM}.csv"), "/dev/null", "/"):
            with self.subTest(place=place):
                told = kit.run(["check", place])
                self.assertIn(told.code, (1, 2), told)

    def test_others_are_judged_all_the_same(self):
        file = kit.write_csv(self.path(f"{DC_STEM}.csv"), kit.DC_HEADER, kit.dc_rows())
        bad = kit.write_csv(self.path("DC_\x1b[2J.csv"), kit.DC_HEADER, kit.dc_rows())
        answers, outcome = kit.check_all(file, bad, file)
        self.assertEqual([a.verdict for a in answers], ["accepted", "refused", "accepted"], outcome)


class Formulas(kit.FileCase):
    """Text that a spreadsheet would run is text to us."""

    def test_in_a_reference(self):
        evil = ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "+1+1", "-1+1", "\t=1+1", '=HYPERLINK("http://x")']
        rows = [kit.ma_row(n, Supplier_Reference=text) for n, text in enumerate(evil)]
        self.accepted(kit.write_csv(self.path(f"{MA_STEM}.csv"), MA_HEADER, rows))

    def test_in_a_demand(self):
        rows = kit.dc_rows()
        rows[0][1] = "=1+1"
        self.refused(kit.write_csv(self.path(f"{DC_STEM}.csv"), kit.DC_HEADER, rows), "FI20")


class ChosenKeys(kit.FileCase):
    """Device IDs chosen to collide in a map with a known hash: fewer rows than the limit, so only the map can suffer."""

    MULTIPLIER = 0xF1357AEA2E62A9C5
    ROWS = 300_000

    def devices(self):
        """Device IDs that one much used hash, a product and a rotation, sends to the same few places."""
        inverse = pow(self.MULTIPLIER, -1, 1 << 64)
        for number in range(self.ROWS):
            value = number << 24
            turned = (value >> 26 | value << 38) & (1 << 64) - 1
            yield f"{turned * inverse & (1 << 64) - 1:016X}"

    def test_authorisation(self):
        rows = [[kit.mpan(1), "", device, "2021-07-26", "AUTHORISE", kit.USER, "", ""] for device in self.devices()]
        self.accepted(kit.write_csv(self.path(f"{kit.MA_STEM}.csv"), kit.MA_HEADER, rows))

    def test_answers(self):
        rows = [[device, "ACTIVE", "", ""] for device in self.devices()]
        self.accepted(kit.write_csv(self.path(f"{kit.DMMSR_STEM}.csv"), kit.DMMSR_HEADER, rows))


class OneAmongOthers(kit.FileCase):
    """A hostile demand file in a folder neither stops nor delays the others."""

    HOSTILE = (
        "512 MiB cell, shared string",
        "200 MiB cell, rich-text runs",
        "cells A1 and ALL200000",
        "255 MiB line",
        "1 GiB line of NUL, sparse",
        "10,000,000 columns in the header",
        "100,000 members",
        "name with an escape sequence",
        "name with a right-to-left override",
    )

    def setUp(self):
        super().setUp()
        self.path("in").mkdir()
        self.good = []
        for n, party in enumerate(("BBB456", "CCC789", "DDD012")):
            user = f"70-B3-D5-1F-30-00-B0-0{n}"
            stem = f"DC_{party}_{user}_{kit.S1SP}_20210726"
            kit.write_csv(self.path("in") / f"{stem}.csv", kit.DC_HEADER, kit.dc_rows(400 + n))
            self.good.append((party, stem))
        self.capacity = kit.write_csv(
            self.path("capacity.csv"),
            ["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"],
            [[kit.S1SP, day.isoformat(), "1000", "100"] for day in kit.DAYS],
        )

    def scale(self, out):
        return kit.run(
            ["scale", "--capacity", self.capacity, "--demand", self.path("in"), "--out", self.path(out)]
        )

    def results(self, out):
        return {p.name: p.read_bytes() for p in self.path(out).iterdir() if p.suffix == ".csv"}

    def test_scale(self):
        alone = self.scale("alone")
        self.assertEqual(alone.code, 0, alone)
        expected = self.results("alone")
        self.assertLessEqual({f"DR{stem[2:]}.csv" for _, stem in self.good}, set(expected), alone)
        for what in self.HOSTILE:
            with self.subTest(what):
                (case,) = [case for case in CASES if case.what == what]
                bad = case.make(self.path("in"))
                try:
                    told = self.scale("beside")
                    self.assertFalse(told.timed_out, told)
                    self.assertEqual(told.code, 1, told)
                    self.assertEqual(self.results("beside"), expected, told)
                    self.assertRegex(told.out + told.err, "|".join(case.codes), told)
                    self.assertEqual(harmful(told.out + told.err), [], told)
                    self.assertLess(told.peak - alone.peak, EXTRA_KIB, told)
                finally:
                    os.unlink(bad)
                    shutil.rmtree(self.path("beside"), ignore_errors=True)
                figures = (f"{told.seconds:.2f}", f"{told.cpu:.2f}", f"{(told.peak - alone.peak) / 1024:.1f}")
                LINES.append((f"scale with: {what}", "", " ".join(case.codes), *figures))


def main():
    """Prints the table without judging it."""
    for case in CASES:
        try_case(case)
    table()


if __name__ == "__main__":
    if "--table" in sys.argv[1:]:
        main()
    else:
        unittest.main()
