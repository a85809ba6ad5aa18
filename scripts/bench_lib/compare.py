"""P1 to P4 of this program against those of another one, say the one before a change. The two take turns."""
import os
import shutil
import statistics
import subprocess

from .database import Postgres, Sluice, Sqlite, prepare_tables, prepare_week, submit
from .measure import SLUICE, Turns, run, settle
from .p1 import REFERENCE, scaling

FIGURES = ["p1", "p2", "p3", "p4"]
GOAL = 1.05


def programs(options):
    return {"before": options.before.resolve(), "now": SLUICE}


class Contest:
    """The times of two programs for one work, clock and processor apart."""

    def __init__(self, options, figure, words):
        self.programs = programs(options)
        self.runs, self.figure, self.words = options.runs, figure, words
        self.clock, self.processor = Turns(), Turns()

    def hold(self, prepare, server=lambda: 0):
        """Runs what `prepare` gives for a program, each program first in every other turn; the first turn warms up.

        `server` tells the processor time of what works for the program.
        """
        for turn in range(self.runs + 1):
            names = list(self.programs) if turn % 2 else list(reversed(self.programs))
            for name in names:
                command = prepare(name, self.programs[name])
                settle()
                before = server()
                done = run(command)
                if turn > 0:
                    self.clock.add(name, done.seconds)
                    self.processor.add(name, done.processor + server() - before)
        print(f"{self.figure.upper()}  {self.words}")
        for name, turns in [("clock", self.clock), ("processor", self.processor)]:
            medians = {name: statistics.median(values) for name, values in turns.times.items()}
            print(f"  {name}: before {medians['before']:.2f} s, now {medians['now']:.2f} s")
            turns.judge(self.figure.upper(), f"{name}, now / before", "now", "before", GOAL)


def main(options, data, folder):
    databases = [Sqlite(folder), *([Postgres()] if os.environ.get("SLUICE_TEST_POSTGRES") else [])]
    for figure in options.figures:
        if figure == "p1":
            p1(options, folder)
        elif figure == "p2":
            for database in databases:
                p2(options, data, database)
        else:
            wanted = "SQLite" if figure == "p3" else "PostgreSQL"
            for database in databases:
                if database.name == wanted:
                    load(options, data, database, figure)


def p1(options, folder):
    subprocess.run([*REFERENCE, "make", folder], check=True, capture_output=True)

    def prepare(_, program):
        shutil.rmtree(folder / "out", ignore_errors=True)
        return scaling(folder, program)

    Contest(options, "p1", "a demand table of 1,000,000 lines scaled").hold(prepare)


def ready(options, data, database, *steps):
    """A database made by each program, `before` and `now`."""
    for name, program in programs(options).items():
        database.create(name)
        for step in steps:
            step(data, database.url(name), program)


def load(options, data, database, figure):
    contest = Contest(options, figure, f"{options.installations:,} installations into {database.name}")
    ready(options, data, database, prepare_tables)

    def prepare(name, program):
        database.copy(name, "turn")
        return Sluice(database.url("turn"), program).command("import", "inventory", data / "inventory.csv")

    contest.hold(prepare, database.processor)


def p2(options, data, database):
    def inventory(data, url, program):
        Sluice(url, program).do("import", "inventory", data / "inventory.csv")

    ready(options, data, database, prepare_tables, inventory, prepare_week)
    for kind in options.kinds:
        file = next((data / kind).glob("MA_*.csv"))

        def prepare(name, program):
            database.copy(name, "turn")
            for response in file.parent.glob("MAR_*"):
                response.unlink()
            return submit(database.url("turn"), [file], program)

        words = f"{kind}, {options.rows:,} rows, {database.name}"
        Contest(options, "p2", words).hold(prepare, database.processor)
