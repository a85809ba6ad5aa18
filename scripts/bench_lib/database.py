"""Databases for measuring: prepared once, copied for every turn."""
import os
import shutil
import subprocess
from pathlib import Path

from .names import MONDAY, SENDER, demand_name, party
from .measure import SLUICE


# The file of what is handed in, beside that of an SQLite database.
INTAKE = "-intake"


class Sqlite:
    """A file, and copies of it."""

    name = "SQLite"

    def __init__(self, folder):
        self.folder = folder

    def url(self, name):
        return f"sqlite:{self.folder / name}.db"

    def create(self, name):
        """Makes room: the program makes the file."""
        self.drop(name)

    def copy(self, source, target):
        """With the intake beside it, if there is one."""
        self.drop(target)
        for end in ("", INTAKE):
            if (self.folder / f"{source}.db{end}").exists():
                shutil.copyfile(self.folder / f"{source}.db{end}", self.folder / f"{target}.db{end}")

    def drop(self, name):
        for end in ("", INTAKE):
            for part in ("", "-wal", "-shm"):
                (self.folder / f"{name}.db{end}{part}").unlink(missing_ok=True)

    def processor(self):
        """It is all in the program."""
        return 0

    def size(self, name):
        """Bytes of the file; nothing may be left beside it."""
        left = [end for end in ("-wal", "-shm") if (self.folder / f"{name}.db{end}").exists()]
        if left:
            raise SystemExit(f"{name}.db has {left} beside it")
        return (self.folder / f"{name}.db").stat().st_size


class Postgres:
    """Databases of the server of scripts/with-postgres."""

    name = "PostgreSQL"

    def __init__(self):
        self.server = os.environ.get("SLUICE_TEST_POSTGRES")
        if not self.server:
            raise SystemExit("run this as: scripts/with-postgres scripts/bench …")

    def url(self, name):
        return self.server.rsplit("/", 1)[0] + f"/{name}"

    def sql(self, *statements):
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.server]
        subprocess.run(command, input=";\n".join(statements) + ";\n", text=True, check=True, capture_output=True)

    def create(self, name):
        self.sql(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}", "CHECKPOINT")

    def copy(self, source, target):
        self.sql(f"DROP DATABASE IF EXISTS {target}", f"CREATE DATABASE {target} TEMPLATE {source}", "CHECKPOINT")

    def drop(self, name):
        self.sql(f"DROP DATABASE IF EXISTS {name}")

    def processor(self):
        """Seconds of processor time of the server's processes that have ended, which its first one knows."""
        folder = subprocess.run(
            ["psql", "-X", "-t", "-A", "-c", "SHOW data_directory", self.server], text=True, check=True, capture_output=True
        ).stdout.strip()
        first = (Path(folder) / "postmaster.pid").read_text().split()[0]
        fields = Path(f"/proc/{first}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


class Sluice:
    """A program on one database."""

    def __init__(self, url, program=SLUICE):
        self.url, self.program = url, program

    def command(self, *words):
        return [self.program, *words, "--database", self.url]

    def do(self, *words, good=(0,), env=None):
        """Runs a command that ends with a status that is good."""
        command = [str(word) for word in self.command(*words)]
        done = subprocess.run(command, capture_output=True, text=True, env=env and os.environ | env)
        if done.returncode not in good:
            raise SystemExit(f"sluice {words}: {done.stdout[-2000:]}{done.stderr}")
        return done


def prepare_tables(data: Path, url, program=SLUICE):
    """A database that waits for its inventory."""
    sluice = Sluice(url, program)
    sluice.do("init", "--simulated", "--now", "2021-05-10T09:00:00Z")
    for kind in ("parties", "dmc", "epcl", "capacity"):
        sluice.do("import", kind, data / f"{kind}.csv")


def prepare_week(data: Path, url, program=SLUICE):
    """From there to a firm week: authorisation files of the sender can be handed in."""
    firm_week(url, {SENDER: data / demand_name()}, program)


def firm_week(url, demands, program=SLUICE):
    """A firm week of the demand files of some suppliers, by their numbers."""
    sluice = Sluice(url, program)
    sluice.do("user", "add", "alice", "--role", "operator")
    sluice.do("user", "add", "bob", "--role", "approver")
    for number, file in demands.items():
        sluice.do("submit", file, "--as", party(number), "--now", "2021-05-20T09:00:00Z")
    sluice.do("week", "scale", MONDAY, "--now", "2021-06-21T17:30:00+01:00")
    sluice.do("week", "publish", MONDAY, "--stage", "provisional", "--by", "alice")
    firm = ["--stage", "firm", "--by", "alice", "--approve", "bob", "--now", "2021-06-28T10:00:00+01:00"]
    sluice.do("week", "publish", MONDAY, *firm)


def submit(url, files, program=SLUICE):
    """The command that hands files of the sender in, on the day after."""
    words = ["submit", *files, "--as", party(SENDER), "--now", "2021-06-29T10:00:00+01:00"]
    return Sluice(url, program).command(*words)
