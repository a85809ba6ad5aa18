"""Commits whose answer is lost, and connections that are lost before (8-service: never done twice): a programme is played through
a proxy that loses every second commit, or every one that follows another try, and ends as it does without.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_doubt
"""

import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import tempfile
import tomllib
import unittest
import urllib.parse

import psycopg

from tests.files.kit import sluice_path

from . import kit
from .proxy import Proxy

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASES = ROOT / "scenarios-base"
# Two programmes that between them have most kinds of acts.
PLAYED = ["reported-days", "dormant-firm"]
# Scenarios that between them have every kind of act but these.
SCENARIOS = [
    "users-who-may-not-act",
    "ACC-2-proposals",
    "MSM-11-provisional-query-firm",
    "CAL-5-closed-without-a-result",
    "CAL-7-an-outage-over-the-cut-off",
    "STOP-1-imposed-and-lifted",
    "MAM-11-adopted-in-the-moment",
    "MAM-11-events-that-come-to-nothing",
    "MSM-12-cut-on-the-day",
    "MSM-12-first-in-line-is-over",
    "DMT-4-objections",
    "REP-1-conduct-two-cuts-of-one-moment",
    "OUT-2-decided-to-exclude",
    "FI11-no-password-in-24-hours",
    "REF-3-a-stolen-user-id",
    "DO105-hold-after-the-start",
]
ELSEWHERE = {
    "set-aside": "only a fault of the program does it; tests/database/test_broken.py",
    "aside-over": "the same",
    "accept-clock": "there is none with a server, whose clock is used",
    "token-make": "a simulated programme needs none; tests/database/test_people.py, by the same door as every act",
    "token-revoke": "the same",
}


def kinds():
    """The words of all kinds of acts, by the sources."""
    found = set()
    for path in (ROOT / "crates" / "service" / "src").rglob("*.rs"):
        found.update(re.findall(r'const (?:KIND|JUDGE): &(?:\'static )?str = "([a-z-]+)"', path.read_text()))
    return found


def steps(base, folder):
    """The steps of a base with those that it builds on; its files are laid into the folder."""
    read = tomllib.loads((BASES / base / "base.toml").read_text())
    before = steps(read["base"], folder) if "base" in read else []
    if (BASES / base / "given").is_dir():
        shutil.copytree(BASES / base / "given", folder, dirs_exist_ok=True)
    return before + read["step"]


def played(name, folder):
    """The steps of a base or of a scenario, each when its files are there."""
    scenario = ROOT / "scenarios" / name
    if not scenario.is_dir():
        yield from steps(name, folder)
        return
    read = tomllib.loads((scenario / "scenario.toml").read_text())
    yield from steps(read["base"], folder) if "base" in read else []
    if (scenario / "given").is_dir():
        shutil.copytree(scenario / "given", folder, dirs_exist_ok=True)
    yield from read["step"]


class Doubt(unittest.TestCase):
    def play(self, base, lost, every, first=0):
        """Plays a base, or a scenario with what it builds on; gives the log."""
        with tempfile.TemporaryDirectory() as folder, Proxy(kit.postgres_url(), lost, every, first) as proxy:
            schema = f"doubt_{base.replace('-', '_').lower()[:30]}_{lost}"
            direct = kit.postgres_url()
            mark = "&" if urllib.parse.urlsplit(direct).query else "?"
            url = f"{proxy.url}{mark}schema={schema}"
            try:
                for step in played(base, folder):
                    run = step["run"]
                    arguments = shlex.split(run) if isinstance(run, str) else list(run)
                    # What is a copy of the whole is made at the end, without the proxy.
                    if arguments[0] == "replay":
                        continue
                    if "now" in step:
                        arguments += ["--now", step["now"]]
                    # A database that is not made to its end is told to be none, and made anew.
                    at = f"{direct}{mark}schema={schema}" if arguments[0] == "init" else url
                    self.sluice(folder, at, arguments, step.get("status", 0))
                with psycopg.connect(direct) as connection:
                    sql = f"SELECT seq, at, kind FROM {schema}.audit ORDER BY seq"
                    log = connection.execute(sql).fetchall()
                    keys = connection.execute(f"SELECT count(*) FROM {schema}.act_key").fetchone()[0]
                self.assertGreater(keys, 2)
                if lost != "nothing":
                    self.assertGreater(proxy.losses, 2)
                for check in (["audit", "verify"], ["replay"]):
                    self.sluice(folder, f"{direct}{mark}schema={schema}", check, 0)
                return log
            finally:
                with psycopg.connect(direct, autocommit=True) as connection:
                    for name in ("", "_party", "_s1sp", "_observer"):
                        connection.execute(f"DROP SCHEMA IF EXISTS {schema}{name} CASCADE")

    def sluice(self, folder, url, arguments, status):
        run = subprocess.run(
            [sluice_path(), *arguments, "--database", url],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=kit.TIMEOUT,
            check=False,
        )
        self.assertEqual(run.returncode, status, f"{arguments}: {run.stdout}{run.stderr}")

    def test_nothing_is_done_twice_and_nothing_is_lost(self):
        for base in PLAYED:
            wanted = self.play(base, "nothing", 1)
            for lost in ("answer", "commit"):
                with self.subTest(base=base, lost=lost):
                    self.assertEqual(self.play(base, lost, 2), wanted)

    def test_each_kind_of_act(self):
        """Whatever an act does, the loss of the answer to its commit does it no second time: of two plays one loses it."""
        seen = set()
        for name in SCENARIOS:
            wanted = self.play(name, "nothing", 1)
            seen.update(kind for _, _, kind in wanted)
            for first in (0, 1):
                with self.subTest(name=name, first=first):
                    self.assertEqual(self.play(name, "answer", 2, first), wanted)
        self.assertEqual(kinds() - seen, set(ELSEWHERE))

    def test_a_commit_that_is_lost_each_time_ends_in_words_that_say_so(self):
        """Not even what can be found out is hidden: nothing was kept, four times."""
        with tempfile.TemporaryDirectory() as folder, Proxy(kit.postgres_url(), "commit", 1) as proxy:
            direct, schema = kit.postgres_url(), "doubt_each"
            mark = "&" if urllib.parse.urlsplit(direct).query else "?"
            try:
                now = ["--simulated", "--now", kit.INIT]
                self.sluice(folder, f"{direct}{mark}schema={schema}", ["init", *now], 0)
                run = subprocess.run(
                    [sluice_path(), "user", "add", "ann", "--role", "operator"],
                    env={"SLUICE_DATABASE": f"{proxy.url}{mark}schema={schema}"},
                    cwd=folder,
                    capture_output=True,
                    text=True,
                    timeout=kit.TIMEOUT,
                    check=False,
                )
                self.assertEqual(run.returncode, 3, run.stderr)
                self.assertIn("nothing is half done", run.stderr)
                self.assertEqual(proxy.losses, 4)
                with psycopg.connect(direct) as connection:
                    acts = connection.execute(f"SELECT count(*) FROM {schema}.audit").fetchone()[0]
                self.assertEqual(acts, 0)
            finally:
                with psycopg.connect(direct, autocommit=True) as connection:
                    for name in ("", "_party", "_s1sp", "_observer"):
                        connection.execute(f"DROP SCHEMA IF EXISTS {schema}{name} CASCADE")


class DiskOnSqlite(unittest.TestCase):
    def test_a_disk_that_fails_at_the_commit(self):
        """The files of the database may not grow beyond one page, so that it is the commit that cannot be written: then it is looked
        whether it was kept, and only that is said."""
        with tempfile.TemporaryDirectory() as folder:
            run = [sluice_path(), "user", "add", "ann", "--role", "operator", "--database", "sqlite:one.db"]
            first = [sluice_path(), "init", "--simulated", "--now", kit.INIT, "--database", "sqlite:one.db"]
            subprocess.run(first, cwd=folder, check=True, capture_output=True, timeout=kit.TIMEOUT)

            def small():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (33_000, 33_000))

            failed = subprocess.run(
                run, cwd=folder, capture_output=True, text=True, timeout=kit.TIMEOUT, check=False, preexec_fn=small
            )
            self.assertEqual(failed.returncode, 3, failed.stderr)
            self.assertIn("the disk of the database fails", failed.stderr)
            self.assertIn("nothing is half done", failed.stderr)
            done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=kit.TIMEOUT, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
