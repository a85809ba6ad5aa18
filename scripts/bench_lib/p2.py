"""P2: verdicts for an authorisation file: judged, durable, and the response written.

Against the same work by DuckDB with the inventory loaded already. Two files: one of which one row in 40 is the
sender's, and one whose rows are all the sender's and are accepted, which is the most that there can be to write.
"""
import subprocess
import sys

from .database import Sluice, prepare_tables, prepare_week, submit
from .measure import Turns, run, settle

KINDS = ["mixed", "own"]
# The goals are those of the full size, and of SQLite.
GOALS = {"mixed": 0.5, "own": 1.0}


class Reference:
    """DuckDB with the inventory loaded, one process for each file."""

    def __init__(self, data, file, out):
        command = [sys.executable, "-m", "bench_lib.reference_duckdb", data / "inventory.csv", file, out]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.child.stdout.readline()

    def seconds(self):
        self.child.stdin.write("again\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline())

    def end(self):
        self.child.stdin.close()
        self.child.wait()


def main(options, data, folder, databases):
    for database in databases:
        source = database.url("ready")
        database.create("ready")
        prepare_tables(data, source)
        Sluice(source).do("import", "inventory", data / "inventory.csv")
        prepare_week(data, source)
    for kind in options.kinds:
        measure(options, data, folder, databases, kind)
    for database in databases:
        database.drop("ready")


def measure(options, data, folder, databases, kind):
    file = next((data / kind).glob("MA_*.csv"))
    reference, turns, peak = Reference(data, file, folder / "duckdb.csv"), Turns(), {}
    for turn in range(options.runs + 1):
        taken = {"DuckDB": reference.seconds()}
        for database in databases:
            database.copy("ready", "turn")
            for response in file.parent.glob("MAR_*"):
                response.unlink()
            settle()
            done = run(submit(database.url("turn"), [file]))
            if not any(file.parent.glob("MAR_*")):
                raise SystemExit("there is no response")
            taken[f"sluice on {database.name}"] = done.seconds
            peak[database.name] = max(peak.get(database.name, 0), done.peak)
            database.drop("turn")
        # The first turn warms up.
        for name, seconds in taken.items() if turn > 0 else ():
            turns.add(name, seconds)
    reference.end()
    print(f"P2  {kind}: {options.rows:,} rows against {options.installations:,} installations")
    turns.table()
    for database in databases:
        print(f"  peak memory on {database.name}: {peak[database.name]:.0f} MiB")
        turns.judge("P2", f"{kind}, {database.name} / DuckDB", f"sluice on {database.name}", "DuckDB", GOALS[kind])
