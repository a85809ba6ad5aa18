"""What the tests of this folder share: programmes of any size on SQLite and on PostgreSQL, and a search for secrets.

The program is only ever seen from outside, its path in the environment variable SLUICE; its tables are read with the
databases' own drivers. PostgreSQL's address is in SLUICE_TEST_POSTGRES; `scripts/with-postgres` sets it. Each test has
a database of its own: a file, or a schema that is dropped afterwards.
"""

import base64
import contextlib
import csv
import datetime
import hashlib
import io
import os
import pathlib
import random
import shutil
import sqlite3
import string
import struct
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import zipfile

import psycopg
import zstandard

from tests.files.kit import MA_HEADER, device, mpan, objects, sluice_path

S1SP = "CGI"
MONDAY = datetime.date(2021, 7, 26)
DAYS = [MONDAY + datetime.timedelta(days=n) for n in range(7)]
# The moments of a programme's life, on its simulated clock.
INIT = "2021-06-01T09:00:00+01:00"
DEMAND = "2021-06-10T09:00:00+01:00"
SCALE = "2021-07-05T17:30:00+01:00"
FIRM = "2021-07-12T10:00:00+01:00"
OPEN = "2021-07-13T10:00:00+01:00"

PARTIES = ["Party", "Name", "Role", "User IDs", "Electricity MPIDs", "Gas MPIDs", "S1SP"]
PARTIES += ["Operations Contact", "Out-of-hours Contact"]
CAPACITY = ["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"]
DMC = ["Device Model Combination", "Communications Provider", "CHF Model", "ESME Model", "GSME Model"]
EPCL = ["S1SP", "Device Model Combination", "Date Added", "Date Removed"]
INVENTORY = ["CHF Device ID", "S1SP", "Cohort", "Device Model Combination", "ESME Device ID", "Import MPAN"]
INVENTORY += ["Electricity MPID", "Electricity Status", "GSME Device ID", "MPRN", "Gas MPID", "Gas Status"]

# Seconds, far above what anything here takes, because other work may share the machine.
TIMEOUT = 120

# How often a command is given again that found the database busy; others take their turns meanwhile.
ATTEMPTS = 50


def until(holds, what):
    """Waits until something can be seen; on a busy machine that takes as long as it takes, but not for ever."""
    end = time.monotonic() + TIMEOUT
    while not (seen := holds()):
        if time.monotonic() > end:
            raise AssertionError(f"in {TIMEOUT} s it was not seen that {what}")
        time.sleep(0.01)
    return seen


def postgres_url():
    """The server's address, or a failure that says what to do."""
    url = os.environ.get("SLUICE_TEST_POSTGRES")
    if not url:
        raise AssertionError(
            "there is no PostgreSQL to test with: run this under scripts/with-postgres, or set SLUICE_TEST_POSTGRES"
        )
    return url


# --- what a command did -----------------------------------------------------------------------------


class Run:
    """What one run did."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    @property
    def lines(self):
        """The lines on standard error."""
        return self.err.splitlines()

    def __str__(self):
        words = " ".join(map(str, self.arguments))
        return f"sluice {words}\nexit {self.code}\nstdout: {self.out[:4000]}\nstderr: {self.err[:4000]}"


# --- back ends --------------------------------------------------------------------------------------


class Sqlite:
    """A database in a file."""

    def __init__(self, folder):
        self.path = folder / "data" / "sluice.db"
        self.url = f"sqlite:{self.path}"

    def connect(self):
        return contextlib.closing(sqlite3.connect(self.path, isolation_level=None))

    def rows(self, sql, *values):
        with self.connect() as connection:
            return connection.execute(sql, values).fetchall()

    def write(self, sql, *values):
        """Writes past the program, with no foreign key in the way."""
        with self.connect() as connection:
            connection.execute(sql, values)

    def tables(self):
        return [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]

    @contextlib.contextmanager
    def locked(self):
        """Another program has begun to write and does not end. Gives a wait for a command that is held up by it."""
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield self.has_opened
            connection.execute("ROLLBACK")

    def has_opened(self, child):
        """Waits until a command has opened the database, or has ended. Whether it waits for a lock cannot be seen."""

        def files():
            with contextlib.suppress(OSError):
                folder = pathlib.Path(f"/proc/{child.pid}/fd")
                return [os.readlink(file) for file in folder.iterdir()]
            return []

        until(lambda: f"{self.path}" in files() or child.poll() is not None, "the database is open")

    def files(self):
        """Every file of the database: it, and those beside it."""
        return sorted(self.path.parent.rglob("*"))

    def settle(self):
        pass

    def drop(self):
        pass


class Postgresql:
    """A schema of its own in the database that SLUICE_TEST_POSTGRES names."""

    def __init__(self, folder):
        self.server = postgres_url()
        self.schema = f"t_{os.getpid()}_{random.getrandbits(48):012x}"
        self.url = self.address()

    def address(self, port=None, **more):
        """The address of the schema, with changes."""
        parts = urllib.parse.urlsplit(self.server)
        if port is not None:
            host = parts.netloc.rpartition(":")[0] if ":" in parts.netloc.rpartition("@")[2] else parts.netloc
            parts = parts._replace(netloc=f"{host}:{port}")
        query = [parts.query] if parts.query else []
        query += [f"{key}={urllib.parse.quote(value)}" for key, value in {**more, "schema": self.schema}.items()]
        return urllib.parse.urlunsplit(parts._replace(query="&".join(query)))

    def connect(self):
        return psycopg.connect(self.server, autocommit=True, options=f"-c search_path={self.schema}")

    def rows(self, sql, *values):
        with self.connect() as connection:
            return connection.execute(sql.replace("?", "%s"), values or None).fetchall()

    def write(self, sql, *values):
        """Writes past the program, with no foreign key in the way."""
        with self.connect() as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(sql.replace("?", "%s"), values or None)

    def tables(self):
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = ? ORDER BY tablename"
        return [name for (name,) in self.rows(sql, self.schema)]

    @contextlib.contextmanager
    def locked(self):
        """Another writer holds the lock of crates/store/src/postgresql/server.rs and does not end."""
        with self.held(f"LOCK TABLE {self.schema}.schema_version IN SHARE ROW EXCLUSIVE MODE") as waits:
            yield waits

    @contextlib.contextmanager
    def held(self, sql, *values):
        """A lock that is taken and held. Gives a wait for a command that is held up by it, or has ended."""
        with self.connect() as connection, connection.transaction():
            connection.execute(sql, values or None)
            held_up = "SELECT pid FROM pg_stat_activity WHERE ? = ANY (pg_blocking_pids(pid))"
            pid = connection.info.backend_pid
            yield lambda child: until(lambda: self.rows(held_up, pid) or child.poll() is not None, "it is held up")

    def files(self):
        """Every file of the server, its log and its journal included. Empty for a server that is elsewhere."""
        ((folder,),) = self.rows("SHOW data_directory")
        return sorted(pathlib.Path(folder).rglob("*")) if os.access(folder, os.R_OK) else []

    def settle(self):
        """Brings everything to the disk."""
        with self.connect() as connection:
            connection.execute("CHECKPOINT")

    def drop(self):
        with self.connect() as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")


# --- programmes -------------------------------------------------------------------------------------


class Supplier:
    """A supplier with the numbers of its installations."""

    def __init__(self, place, installations):
        self.party = f"SUP{place:03d}"
        self.user_id = f"70-B3-D5-1F-30-00-A{place:X}-01" if place < 16 else None
        self.electricity, self.gas = f"E{place:03d}", f"G{place:02d}"
        self.numbers = range(place * 1_000_000, place * 1_000_000 + installations)


def csv_bytes(header, rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def has_gas(number):
    return number % 2 == 0


def meters(number):
    """The MPAN and MPRN of an installation; every second one has gas."""
    return mpan(number), f"{2_000_000_000 + number}" if has_gas(number) else ""


def inventory_row(supplier, number):
    _, mprn = meters(number)
    gas = [device(number * 16 + 2), mprn, supplier.gas, "ACTIVE"] if mprn else ["", "", "", ""]
    meter = [device(number * 16 + 1), mpan(number), supplier.electricity, "ACTIVE"]
    return [device(number * 16), S1SP, "IOC", "D1" if mprn else "D2", *meter, *gas]


def authorisation(supplier, number, day=0, action="AUTHORISE", reference=""):
    """A row of an authorisation file."""
    return [*meters(number), device(number * 16), f"{DAYS[day]}", action, supplier.user_id, "", reference]


def authorisations(supplier, numbers, action="AUTHORISE"):
    """A row for each number, spread over the five Migration Days of the week."""
    return [authorisation(supplier, n, n % 5, action, f"r{n}") for n in numbers]


class Programme:
    """A programme whose week of 26 July 2021 is firm and takes authorisations."""

    def __init__(self, backend, folder, suppliers=2, installations=20, demand=None, capacity=None):
        self.folder = folder
        self.said = []
        # Files tell their time in steps.
        self.began = time.time() - 1
        for name in ("data", "files", "tmp"):
            (folder / name).mkdir()
        self.backend = backend(folder)
        self.suppliers = [Supplier(place, installations) for place in range(1, suppliers + 1)]
        self.demand = demand or -(-installations // 5)
        self.capacity = capacity or suppliers * self.demand
        self.stamps = 0

    def close(self):
        self.backend.drop()

    # Commands.

    def environment(self, **more):
        own = {name: value for name, value in os.environ.items() if name != "SLUICE_TOKEN"}
        return {**own, "SLUICE_DATABASE": self.backend.url, "TMPDIR": str(self.folder / "tmp"), **more}

    def run(self, *arguments, code=0, **options):
        """A command in the working folder; it must end with `code`, unless that is None."""
        given = {"SLUICE_DATABASE": options.pop("url", None), "SLUICE_TOKEN": options.pop("token", None)}
        environment = self.environment(**{name: value for name, value in given.items() if value})
        command = [*options.pop("before", []), options.pop("program", sluice_path()), *map(str, arguments)]
        done = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, timeout=TIMEOUT, check=False, **options
        )
        return self.heard(arguments, done.returncode, done.stdout, done.stderr, code)

    def start(self, *arguments, **options):
        """A command that goes on by itself."""
        url = options.pop("url", None)
        environment = self.environment(**({"SLUICE_DATABASE": url} if url else {}))
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(
            [sluice_path(), *map(str, arguments)], env=environment, cwd=self.folder, **options
        )

    def ended(self, child, code=0):
        """Waits for a command that was started."""
        out, err = child.communicate(timeout=TIMEOUT)
        return self.heard(child.args[1:], child.returncode, out, err, code)

    def until_free(self, arguments, run=None):
        """A command, once more as long as the database is busy with others; `run` is what came of it already."""
        for _ in range(ATTEMPTS):
            run = run or self.run(*arguments, code=None)
            if run.code != 3 or "busy" not in run.err:
                return run
            run = None
        raise AssertionError(f"the database was busy {ATTEMPTS} times: {arguments}")

    def heard(self, arguments, status, out, err, code):
        self.said += [out or b"", err or b""]
        run = Run(arguments, status, (out or b"").decode(), (err or b"").decode())
        if code is not None and status != code:
            raise AssertionError(f"exit {code} was expected\n{run}")
        return run

    def submit(self, party, *files, code=0, **options):
        """Hands files in; what became of each."""
        more = options.pop("more", [])
        run = self.run("submit", "--json", "--as", party, *more, *files, code=code, **options)
        told = objects(run.out)
        assert len(told) == len(files), run
        return told[0] if len(told) == 1 else told

    # Files.

    def file(self, name, content):
        path = self.folder / "files" / name
        path.write_bytes(content)
        return path

    def table(self, kind, header, rows):
        return self.file(f"{kind}.csv", csv_bytes(header, rows))

    def stem(self, supplier):
        """The next name of an authorisation file, without kind and ending; stamps rise."""
        self.stamps += 1
        stamp = datetime.datetime(2021, 7, 13, 1) + datetime.timedelta(seconds=self.stamps)
        return f"{S1SP}_{supplier.user_id}_{stamp:%Y%m%d_%H%M%S}"

    def authorisation_file(self, supplier, rows):
        return self.file(f"MA_{self.stem(supplier)}.csv", csv_bytes(MA_HEADER, rows))

    # Its life.

    def parties(self):
        rows = [[s.party, s.party, "SUPPLIER", s.user_id, s.electricity, s.gas, "", "", ""] for s in self.suppliers]
        return [*rows, [S1SP, S1SP, "S1SP", "70-B3-D5-1F-30-00-F0-01", "", "", S1SP, "", ""]]

    def installations(self):
        return [inventory_row(supplier, number) for supplier in self.suppliers for number in supplier.numbers]

    def register(self):
        """Made, with its reference data."""
        self.run("init", "--simulated", "--now", INIT)
        self.run("import", "parties", self.table("parties", PARTIES, self.parties()))
        capacity = [[S1SP, f"{day}", self.capacity, 0] for day in DAYS[:5]]
        self.run("import", "capacity", self.table("capacity", CAPACITY, capacity))
        combinations = [["D1", "CSP", "a:b:1", "c:d:1", "e:f:1"], ["D2", "CSP", "a:b:1", "c:d:1", ""]]
        self.run("import", "dmc", self.table("dmc", DMC, combinations))
        listed = [[S1SP, name, "2021-01-01", ""] for name in ("D1", "D2")]
        self.run("import", "epcl", self.table("epcl", EPCL, listed))
        self.run("import", "inventory", self.table("inventory", INVENTORY, self.installations()))
        self.run("user", "add", "alice", "--role", "operator")
        self.run("user", "add", "bob", "--role", "approver")
        return self

    def open(self):
        """Authorisation files are taken."""
        self.register().firm()
        self.run("audit", "verify", "--now", OPEN)
        return self

    def firm(self):
        """Demand is in, scaled and firm."""
        for place, supplier in enumerate(self.suppliers):
            rows = [[f"{day}", self.demand if day in DAYS[:5] else 0] for day in DAYS]
            name = f"DC_{supplier.party}_{supplier.user_id}_{S1SP}_{MONDAY:%Y%m%d}.csv"
            file = self.file(name, csv_bytes(["Migration Date", "Demand"], rows))
            self.submit(supplier.party, file, more=[] if place else ["--now", DEMAND])
        self.run("week", "scale", MONDAY, "--now", SCALE)
        self.run("week", "publish", MONDAY, "--stage", "provisional", "--by", "alice")
        self.run("week", "publish", MONDAY, "--stage", "firm", "--by", "alice", "--approve", "bob", "--now", FIRM)

    # What its tables say.

    def rows(self, sql, *values):
        return self.backend.rows(sql, *values)

    def one(self, sql, *values):
        """The only row; of one column its value."""
        rows = self.rows(sql, *values)
        assert len(rows) == 1, (sql, values, rows)
        return rows[0][0] if len(rows[0]) == 1 else rows[0]

    def snapshot(self):
        """A digest of every table but those of the intake, which is no part of it; the given clock is not looked at."""
        digests = {}
        for table in (table for table in self.backend.tables() if not table.startswith("intake_")):
            where = " WHERE name <> 'clock'" if table == "setting" else ""
            rows = sorted(repr([plain(value) for value in row]) for row in self.rows(f"SELECT * FROM {table}{where}"))
            digests[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
        return digests

    def content(self, digest):
        """What is kept under a digest."""
        parts = self.rows("SELECT bytes FROM content_part WHERE digest = ? ORDER BY place", bytes(digest))
        return unpacked(b"".join(bytes(part) for (part,) in parts))

    def received(self, receipt):
        """The bytes of a received file."""
        return self.content(self.one("SELECT digest FROM received WHERE id = ?", receipt))

    def answered(self, receipt):
        """The numbers of the rows of a file that made an authorisation or were answered otherwise, twelve bytes each."""
        rows = [row for (row,) in self.rows("SELECT row FROM authorisation WHERE file = ?", receipt)]
        for (packed,) in self.rows("SELECT packed FROM answer WHERE file = ?", receipt):
            rows += [row for row, _ in struct.iter_unpack(">IQ", bytes(packed))]
        return rows


def unpacked(raw):
    """What is packed into these bytes: large content is packed in halves, a frame each."""
    return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read()


def repacked(content, level=1):
    """Content as it is kept, packed by the library that Python has."""
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress(content)


def sha256(content):
    return hashlib.sha256(content).digest()


def plain(value):
    return bytes(value) if isinstance(value, (memoryview, bytearray)) else value


# --- looking for a secret ---------------------------------------------------------------------------


def password(more=""):
    """A long random text that nothing else contains; with letters beyond ASCII if asked for."""
    source = random.SystemRandom()
    letters = string.ascii_letters + string.digits + "%+=^~!" + more
    return "".join(source.choice(letters) for _ in range(48))


def forms(secret):
    """The bytes by which either half of a secret gives itself away: as text, in base64, in hexadecimal."""
    found = {}
    for part, half in (("first", secret[: len(secret) // 2]), ("second", secret[len(secret) // 2 :])):
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            raw = half.encode(coding)
            found[f"{part} half in {coding}"] = raw
            found[f"{part} half in {coding}, hexadecimal"] = raw.hex().encode()
            found[f"{part} half in {coding}, large hexadecimal"] = raw.hex().upper().encode()
            for shift in range(3):
                # The letters at the ends depend on what stands before and after.
                inner = base64.b64encode(bytes(shift) + raw)[4:-4]
                found[f"{part} half in {coding}, base64 {shift}"] = inner
                found[f"{part} half in {coding}, base64 for URLs {shift}"] = inner.translate(
                    bytes.maketrans(b"+/", b"-_")
                )
    return found


def packed(raw):
    """What is packed into these bytes: one of zstd's frames, or the members of a ZIP file that need no password."""
    if raw.startswith(b"\x28\xb5\x2f\xfd"):
        with contextlib.suppress(zstandard.ZstdError):
            inner = unpacked(raw)
            yield inner
            yield from packed(inner)
    if raw.startswith(b"PK"):
        with contextlib.suppress(zipfile.BadZipFile, RuntimeError, NotImplementedError):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for name in archive.namelist():
                    yield archive.read(name)


class Search:
    """Looks for a secret in many places."""

    def __init__(self, secret):
        self.forms = forms(secret)
        self.found = []
        self.bytes = 0

    def look(self, where, raw):
        self.bytes += len(raw)
        self.found += [f"{where}: {form}" for form, sign in self.forms.items() if sign in raw]

    def deep(self, where, raw):
        self.look(where, raw)
        for inner in packed(raw):
            self.look(f"{where}, unpacked", inner)

    def files(self, paths):
        for path in paths:
            self.look(f"the name of {path}", str(path).encode())
            # A server may take a file away meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    self.deep(path, path.read_bytes())

    def everywhere(self, programme):
        """All that a programme left: what it printed, its folder, its temporary files, its tables, its server."""
        for place, text in enumerate(programme.said):
            self.look(f"output {place}", text)
        for table in programme.backend.tables():
            for row in programme.rows(f"SELECT * FROM {table}"):
                for value in map(plain, row):
                    self.deep(f"table {table}", value if isinstance(value, bytes) else str(value).encode())
        programme.backend.settle()
        self.files(sorted(programme.folder.rglob("*")))
        self.files(path for path in programme.backend.files() if changed_since(path, programme.began))
        return self.found


def changed_since(path, moment):
    """Whether a file can hold what was written after a moment."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime >= moment
    return False


# --- tests ------------------------------------------------------------------------------------------


class DatabaseCase(unittest.TestCase):
    """A test with a working folder of its own."""

    maxDiff = None
    backend = None

    def __init_subclass__(cls):
        # ./test runs them by these names; one of another name would never run.
        if not cls.__name__.endswith(("Sqlite", "Postgresql")):
            raise TypeError(f"the name of {cls.__name__} ends with neither Sqlite nor Postgresql")

    def setUp(self):
        # Under a folder that others may enter: one test runs the program as somebody else.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-database-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def programme(self, **size):
        programme = Programme(self.backend, self.folder, **size)
        self.addCleanup(programme.close)
        return programme

    def intact(self, programme):
        """The record has no gap, and everything derived is made again as it is."""
        programme.run("audit", "verify")
        programme.run("replay")
        rows = programme.rows("SELECT seq FROM audit ORDER BY seq")
        self.assertEqual([seq for (seq,) in rows], list(range(1, len(rows) + 1)))
        self.assertEqual(programme.rows("SELECT seq FROM act ORDER BY seq"), rows)

    def refused(self, run, *words):
        """A command that failed for the database: status 3, and one line that says what to do."""
        self.assertEqual(run.code, 3, run)
        self.assertEqual(len(run.lines), 1, run)
        for word in ("sluice: ", "nothing is half done", "run the command again", *words):
            self.assertIn(word, run.lines[0], run)
        self.assertNotIn("\\u{", run.err)


class OnSqlite(DatabaseCase):
    backend = Sqlite


class OnPostgresql(DatabaseCase):
    backend = Postgresql
