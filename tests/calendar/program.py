"""Runs the program under test."""

import os
import subprocess


def sluice(*arguments: str) -> subprocess.CompletedProcess:
    """Runs the program that the environment variable SLUICE names."""
    binary = os.environ.get("SLUICE")
    if not binary:
        raise RuntimeError("set SLUICE to the path of the program to test")
    return subprocess.run([binary, *arguments], capture_output=True, timeout=60, check=False)
