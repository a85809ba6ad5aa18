"""P1: `sluice scale --table-only` of 1,000,000 lines of demand.

Against the same rules in plain Python without the sentences, and against a bare read of the inputs and write of the
same output.
"""
import shutil
import subprocess
import sys

from .measure import SLUICE, Turns, run, settle

REFERENCE = [sys.executable, "-m", "bench_lib.reference_p1"]


def own_seconds(command):
    """What the reference says of its own time, its start left out."""
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout.rsplit(":", 1)[1].split()[0])


def scaling(folder, program=SLUICE):
    """The command that scales what the reference has made."""
    words = ["scale", "--table-only", "--capacity", folder / "capacity.csv"]
    return [program, *words, "--demand-table", folder / "demand.csv", "--out", folder / "out"]


def main(options, folder):
    subprocess.run([*REFERENCE, "make", folder], check=True, capture_output=True)
    scale = scaling(folder)
    turns, peak = Turns(), 0
    for turn in range(options.runs + 1):
        shutil.rmtree(folder / "out", ignore_errors=True)
        settle()
        done = run(scale)
        settle()
        copy = own_seconds([*REFERENCE, "copy", folder, folder / "out" / "allocation.csv"])
        python = own_seconds([*REFERENCE, "run", folder])
        # The first turn warms up.
        if turn > 0:
            turns.add("sluice", done.seconds)
            turns.add("bare read and write", copy)
            turns.add("plain Python", python)
            peak = max(peak, done.peak)
    turns.table()
    print(f"  output {(folder / 'out' / 'allocation.csv').stat().st_size / 1e6:.0f} MB, peak memory {peak:.0f} MiB")
    faster, least, most = turns.ratio("plain Python", "sluice")
    print(f"P1  Python / sluice: {faster:.1f} ({least:.1f} to {most:.1f}); goal 20 or more: ", end="")
    print("met" if faster >= 20 else "not met")
    turns.judge("P1", "sluice / bare read and write", "sluice", "bare read and write", 3)
