"""What the tests of this folder share: running the program and measuring it, names, and small valid files.

The program is only ever seen from outside; its path comes from the environment variable SLUICE.
"""

import csv
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

PARTY = "AAA123"
S1SP = "CGI"
USER = "70-B3-D5-1F-30-00-A0-08"
MONDAY = datetime.date(2021, 7, 26)
DAYS = [MONDAY + datetime.timedelta(days=n) for n in range(7)]

DC_STEM = f"DC_{PARTY}_{USER}_{S1SP}_20210726"
MA_STEM = f"MA_{S1SP}_{USER}_20210720_093000"
DMMS_STEM = f"DMMS_{S1SP}_{USER}_20210726"
DMMSR_STEM = f"DMMSR_{S1SP}_{USER}_20210726"
PASSWORD_NAME = f"MAPASSWORD_{S1SP}_{USER}_20210720_093000.txt"

DC_HEADER = ["Migration Date", "Demand"]
MA_HEADER = [
    "Import MPAN",
    "MPRN",
    "CHF Device ID",
    "Migration Date",
    "Action",
    "Notified Critical Supplier ID",
    "Priority",
    "Supplier Reference",
]
DMMS_HEADER = [
    "CHF Device ID",
    "Import MPAN",
    "MPRN",
    "Device Model Combination",
    "Line",
    "Migration Date",
    "Respond By",
]
DMMSR_HEADER = ["CHF Device ID", "Answer", "Reason", "Statement"]

# Seconds, far above what anything here takes, because other work may share the machine.
TIMEOUT = 60
# More than this is never read back from a child's output.
OUTPUT_LIMIT = 32 << 20


def sluice_path():
    """The program under test, or a failure that says what to do."""
    path = os.environ.get("SLUICE")
    if not path or not os.access(path, os.X_OK):
        raise AssertionError("set SLUICE to the path of the built program")
    return os.path.abspath(path)


# --- identifiers ----------------------------------------------------------------------------------


def mpan(number):
    """A 13-digit MPAN core: distributor 12, then the number, then the right check digit."""
    body = f"12{number:010d}"
    weights = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
    return body + str(sum(int(d) * w for d, w in zip(body, weights)) % 11 % 10)


def mprn(number):
    """A ten-digit MPRN."""
    return f"{3_000_000_000 + number}"


def device(number):
    """An EUI-64 in the printed form."""
    digits = f"00DB1234{number:08X}"
    return "-".join(digits[n : n + 2] for n in range(0, 16, 2))


# --- valid content --------------------------------------------------------------------------------


def dc_rows(demand=100):
    """Seven days of demand, as text."""
    return [[day.isoformat(), str(demand + n)] for n, day in enumerate(DAYS)]


def ma_row(number, **changes):
    """One authorisation; `changes` by column name with underscores, such as `Migration_Date=""`."""
    row = dict(
        zip(
            MA_HEADER,
            [
                mpan(number),
                mprn(number),
                device(number),
                DAYS[number % 5].isoformat(),
                "AUTHORISE",
                USER,
                str(number + 1),
                f"ref {number}",
            ],
        )
    )
    for key, value in changes.items():
        name = key.replace("_", " ")
        if name not in row:
            raise KeyError(name)
        row[name] = value
    return list(row.values())


def write_csv(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


# --- running --------------------------------------------------------------------------------------


class Run:
    """How a child ended. `peak` is its peak resident memory in KiB, `seconds` wall time, `cpu` user plus system time."""

    def __init__(self, code, out, err, seconds, cpu, peak, timed_out):
        self.code, self.out, self.err = code, out, err
        self.seconds, self.cpu, self.peak, self.timed_out = seconds, cpu, peak, timed_out

    def __str__(self):
        end = "timed out" if self.timed_out else f"exit {self.code}"
        return f"{end}\nstdout: {self.out[:2000]!r}\nstderr: {self.err[:2000]!r}"


def run(arguments, timeout=TIMEOUT, cwd=None):
    """Runs the program with `arguments` and waits at most `timeout` seconds.

    GNU time starts the child, because on Linux a process inherits the peak memory of whatever forked it, and this
    interpreter with its libraries is larger than the program.
    """
    with tempfile.TemporaryDirectory(prefix="sluice-run-") as folder:
        figures = os.path.join(folder, "figures")
        command = ["/usr/bin/time", "-q", "-f", "%e %U %S %M", "-o", figures, sluice_path()]
        command += [os.fspath(a) for a in arguments]
        with open(os.path.join(folder, "out"), "w+b") as out, open(os.path.join(folder, "err"), "w+b") as err:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, start_new_session=True
            )
            timed_out = False
            try:
                code = child.wait(timeout)
            except subprocess.TimeoutExpired:
                timed_out = True
                os.killpg(child.pid, signal.SIGKILL)
                code = child.wait()
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read(OUTPUT_LIMIT).decode("utf-8", "surrogateescape"))
        try:
            with open(figures, encoding="ascii") as lines:
                wall, user, system, peak = lines.read().split()[-4:]
            figures = float(wall), float(user) + float(system), int(peak)
        except (OSError, ValueError):
            figures = float(timeout), float(timeout), 0
        return Run(code, *texts, *figures, timed_out)


class Answer:
    """What `sluice check --json` said about one file."""

    def __init__(self, told, outcome):
        self.file = told["file"]
        self.verdict = told["verdict"]
        self.codes = told["codes"]
        self.rows = {}
        for row in told["rows"]:
            if row["row"] in self.rows:
                raise AssertionError(f"row {row['row']} is listed twice\n{outcome}")
            self.rows[row["row"]] = row["codes"]
        self.messages = {row["row"]: row["message"] for row in told["rows"]}
        self.outcome = outcome

    @property
    def exit(self):
        return self.outcome.code

    def __str__(self):
        return str(self.outcome)


def objects(text):
    """The JSON objects of an output: one after the other, or in one list."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        value, at = decoder.raw_decode(text, at)
        found += value if isinstance(value, list) else [value]


def check_all(*files, password_file=None, timeout=TIMEOUT):
    """`sluice check --json` of several files: the answers in order, and the run."""
    arguments = ["check", "--json", *files]
    if password_file is not None:
        arguments += ["--password-file", password_file]
    outcome = run(arguments, timeout)
    if outcome.timed_out:
        raise AssertionError(f"check did not end\n{outcome}")
    try:
        return [Answer(told, outcome) for told in objects(outcome.out)], outcome
    except (ValueError, KeyError, TypeError) as problem:
        raise AssertionError(f"not the documented JSON ({problem!r})\n{outcome}") from problem


def check(file, password_file=None, timeout=TIMEOUT):
    """`sluice check --json` of one file."""
    answers, outcome = check_all(file, password_file=password_file, timeout=timeout)
    if len(answers) != 1:
        raise AssertionError(f"{len(answers)} answers for one file\n{outcome}")
    return answers[0]


class FileCase(unittest.TestCase):
    """A test with a temporary folder of its own and the assertions this folder needs."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-files-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return self.folder / name

    def accepted(self, file, **options):
        """The file is accepted whole: no codes, no rows, exit 0."""
        answer = check(file, **options)
        self.assertEqual(
            (answer.verdict, answer.codes, answer.rows, answer.exit), ("accepted", [], {}, 0), answer
        )
        return answer

    def refused(self, file, *codes, exactly=True, **options):
        """The file is refused with one of `codes` (and, with `exactly`, no other code), exit 1."""
        answer = check(file, **options)
        self.assertEqual((answer.verdict, answer.exit), ("refused", 1), answer)
        self.assertTrue(answer.codes, answer)
        if exactly:
            self.assertLessEqual(set(answer.codes), set(codes), answer)
        self.assertTrue(set(answer.codes) & set(codes), answer)
        return answer

    def rows(self, file, expected, **options):
        """The file is accepted with exactly the row codes `expected`: {line: [codes]}."""
        answer = check(file, **options)
        self.assertEqual((answer.verdict, answer.codes), ("accepted", []), answer)
        self.assertEqual({n: sorted(c) for n, c in answer.rows.items()}, expected, answer)
        self.assertEqual(answer.exit, 1 if expected else 0, answer)
        for message in answer.messages.values():
            self.assertTrue(message.strip(), answer)
        return answer
