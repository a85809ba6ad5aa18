"""Memory of one process that handles many files: 200 authorisation files against 20, and against 100.

The first files fill the cache of the database, whose size is fixed (64 MiB).
"""
import os
import subprocess
import time
from pathlib import Path

from .database import Sluice, prepare_tables, prepare_week, submit
from .names import authorisation_name

ROWS = 2_000
COUNTS = [20, 100, 200]


def main(_, data, folder, database):
    prepare_tables(data, database.url("ready"))
    Sluice(database.url("ready")).do("import", "inventory", data / "inventory.csv")
    prepare_week(data, database.url("ready"))
    used = {}
    for count in COUNTS:
        database.copy("ready", "turn")
        used[count] = watch(submit(database.url("turn"), files(data, folder, count)))
        database.drop("turn")
        print(f"memory  {count} files of {ROWS:,} rows: peak {used[count][0]:.1f} MiB, at the end {used[count][1]:.1f} MiB")
    few, middle, many = COUNTS
    for place, words in enumerate(("peak", "at the end")):
        ratio = used[many][place] / used[few][place]
        told = "met" if ratio <= 1.1 else "not met"
        print(f"memory  {words}, {many} files / {few} files: {ratio:.2f}; goal 1.1 or less: {told}")
        print(f"memory  {words}, {many} files / {middle} files: {used[many][place] / used[middle][place]:.2f}")


def files(data, folder, count):
    """Files with rising stamps, cut out of the two that there are, in turns."""
    header, *mixed = next((data / "mixed").glob("MA_*.csv")).read_text().splitlines(keepends=True)
    own = next((data / "own").glob("MA_*.csv")).read_text().splitlines(keepends=True)[1:]
    for number in range(count):
        rows = own if number % 2 else mixed
        first = number * ROWS % len(rows)
        path = folder / authorisation_name(f"20210629_{number // 60:02}{number % 60:02}00")
        path.write_text(header + "".join(rows[first : first + ROWS]))
        yield path


def watch(command):
    """The peak and the last memory of a process that is not at its end yet, in MiB."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    peak = last = 0
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        found = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmHWM", "VmRSS"))}
        if len(found) == 2:
            peak, last = int(found["VmHWM"]) / 1024, int(found["VmRSS"]) / 1024
        time.sleep(0.002)
    if child.wait() not in (0, 1):
        raise SystemExit(f"{command[:3]} ended with {child.returncode}")
    return peak, last
