"""Memory of one process that handles 200 authorisation files: after the 200th against after the 20th, and the 100th.

The first files fill the cache of the database, whose size is fixed.
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
    few, middle, many = COUNTS
    paths = list(files(data, folder, many))
    after, peak = watch(submit(database.url("ready"), paths), folder)
    for count in COUNTS:
        print(f"memory  after {count} files of {ROWS:,} rows: {after[count]:.1f} MiB")
    print(f"memory  peak: {peak:.1f} MiB")
    ratio = after[many] / after[few]
    told = "met" if ratio <= 1.1 else "not met"
    print(f"memory  after {many} files / after {few}: {ratio:.2f}; goal 1.1 or less: {told}")
    print(f"memory  after {many} files / after {middle}: {after[many] / after[middle]:.2f}")


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


def watch(command, folder):
    """The memory of a process when so many responses were there, and its peak, in MiB."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    after, peak = {}, 0
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Vm")}
        answered = sum(1 for _ in folder.glob("MAR_*"))
        if "VmRSS" in found:
            peak = found["VmHWM"]
            after.update({count: found["VmRSS"] for count in COUNTS if answered >= count and count not in after})
        time.sleep(0.002)
    if child.wait() not in (0, 1):
        raise SystemExit(f"{command[:3]} ended with {child.returncode}")
    return after, peak
