"""How long others wait while an act of many homes is done: a rival asks for the writing lock of the SQLite database again and again.

A programme in which one home in 20 is Dormant and ROWS homes are authorised for five days; then each act that touches many of them.
"""
import sqlite3
import subprocess
import threading
import time

from .database import Sluice, prepare_tables
from .make_data import Programme
from .measure import settle
from .names import DAYS, MONDAY, SENDER, authorisation_name, demand_name, party
from .tables import AUTHORISATION, INVENTORY, REGISTRATIONS, registrations, write, write_capacity

GOAL = 2.0
PAUSE = 0.005
TWO = ["--by", "alice", "--approve", "bob"]


class Programme20(Programme):
    """One home in 20 that is not the sender's has two Dormant meters."""

    def inventory(self):
        taken = set(self.own.tolist())
        for place, line in enumerate(super().inventory()):
            yield line.replace(",ACTIVE", ",DORMANT") if place % 20 == 0 and place not in taken else line

    def registrations(self, places, to, date):
        for place in places.tolist():
            yield registrations(place, self.mpan[place], to, date)


class Rival(threading.Thread):
    """Asks for the lock without waiting; the longest time in which it did not get it is that of others."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.over, self.longest = path, threading.Event(), 0.0

    def run(self):
        database = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        free = time.perf_counter()
        while not self.over.is_set():
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
                free = time.perf_counter()
            except sqlite3.OperationalError:
                self.longest = max(self.longest, time.perf_counter() - free)
            time.sleep(PAUSE)
        database.close()

    def end(self):
        self.over.set()
        self.join()
        return self.longest


def main(options, data, folder, database):
    programme = Programme20(options.installations, options.rows)
    write(folder / "inventory.csv", INVENTORY, programme.inventory())
    write(folder / authorisation_name("20210629_090000"), AUTHORISATION, programme.authorisations(programme.own))
    write(folder / "registrations.csv", REGISTRATIONS, programme.registrations(programme.own[: options.rows // 10], 2, DAYS[3]))
    write(folder / "parties.csv", *(data / "parties.csv").read_text().split("\n", 1))
    write_capacity(folder, DAYS[:5], ["CGI"], 2 * options.rows, options.rows // 50)
    database.create("acts")
    url = database.url("acts")
    prepare_tables(data, url)
    sluice = Sluice(url)
    sluice.do("user", "add", "alice", "--role", "operator")
    sluice.do("user", "add", "bob", "--role", "approver")
    print(f"{options.installations:,} installations, {options.rows:,} of them authorised; a tenth of these changes its supplier")
    for name, *words in steps(folder, data):
        held(folder / "acts.db", sluice.command(*words), name)


def steps(folder, data):
    week = ("week", "show", MONDAY)
    act = "--by", "alice"
    yield "capacity imported", "import", "capacity", folder / "capacity.csv", *TWO
    yield "inventory imported", "import", "inventory", folder / "inventory.csv", *TWO
    yield "demand", "submit", data / demand_name(), "--as", party(SENDER), "--now", "2021-05-20T09:00:00Z"
    yield "Dormant plan", "dormant", "plan", MONDAY, *act, "--now", "2021-06-01T09:00:00Z"
    yield "Dormant notices", "dormant", "notify", MONDAY, *act
    yield "demand cut-off", *week, "--now", "2021-06-21T17:30:00+01:00"
    yield "scaling", "week", "scale", MONDAY, *act
    yield "provisional result", "week", "publish", MONDAY, "--stage", "provisional", *act
    yield "firm result", "week", "publish", MONDAY, "--stage", "firm", *TWO, "--now", "2021-06-28T10:00:00+01:00"
    file = folder / authorisation_name("20210629_090000")
    yield "authorisations", "submit", file, "--as", party(SENDER), "--now", "2021-06-29T10:00:00+01:00"
    yield "change of supplier", "import", "registrations", folder / "registrations.csv", *TWO
    yield "it is undone", "import", "undo", *TWO
    yield "cut of a day to a tenth", "week", "cut", MONDAY, "--s1sp", "CGI", "--date", DAYS[4], "--capacity", "100", *TWO
    yield "authorisation cut-off", *week, "--now", "2021-07-08T09:00:00+01:00"
    yield "lock of a day", "schedule", "lock", DAYS[0], *act, "--waive", "measured", "--now", "2021-07-10T18:00:00+01:00"
    yield "stop order of an S1SP", "stop", "impose", "--s1sp", "CGI", "--reason", "measured", *act
    yield "it is lifted", "stop", "lift", "1", *TWO
    transfer = "responsibility", "transfer", "--from", party(SENDER), "--to", party(3), "--reason", "measured"
    yield "transfer of all homes", *transfer, *TWO
    yield "outcomes that are missing", *week, "--now", "2021-07-20T09:00:00+01:00"


def held(path, command, name):
    settle()
    rival = Rival(path)
    rival.start()
    began = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    taken = time.perf_counter() - began
    longest = rival.end()
    if done.returncode != 0:
        raise SystemExit(f"{name} ended with {done.returncode}: {done.stdout}{done.stderr}")
    told = "" if longest <= GOAL else "   longer than the goal"
    print(f"  {name:28} the command {taken:7.2f} s   others waited at most {longest:6.2f} s{told}", flush=True)
