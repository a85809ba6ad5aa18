"""Timing in turns: what is compared takes turns in one run, so that a machine whose speed drifts is fair to all."""
import os
import platform
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLUICE = Path(os.environ.get("SLUICE", ROOT / "target" / "release" / "sluice")).resolve()


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB of memory"


@dataclass
class Run:
    """What one command took."""

    seconds: float
    peak: float
    """Peak resident memory in MiB."""
    processor: float
    """Seconds of processor time, of the program and of the system for it."""


def run(command, environment=None):
    """Runs a command to its end, which must be a good one or that some rows were refused (1)."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=dict(os.environ, **(environment or {})),
    )
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {child.returncode}: {said.decode()}")
    return Run(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def seconds_of(action, *arguments):
    began = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - began


def settle():
    """What was written before is on the disk, so that nobody else pays for it."""
    os.sync()


class Turns:
    """The seconds of each contestant, turn by turn."""

    def __init__(self):
        self.times = {}

    def add(self, name, seconds):
        self.times.setdefault(name, []).append(seconds)

    def table(self):
        for name, values in self.times.items():
            print(f"  {name:28} median {statistics.median(values):8.2f} s   {min(values):.2f} to {max(values):.2f}")

    def ratio(self, left, right):
        """The median of the ratios of the turns, with the smallest and the largest."""
        ratios = [one / other for one, other in zip(self.times[left], self.times[right])]
        return statistics.median(ratios), min(ratios), max(ratios)

    def judge(self, figure, words, left, right, goal):
        middle, least, most = self.ratio(left, right)
        told = "met" if middle <= goal else "not met"
        print(f"{figure}  {words}: {middle:.2f} ({least:.2f} to {most:.2f}); goal {goal} or less: {told}")
