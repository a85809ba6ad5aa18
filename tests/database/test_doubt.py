"""Commits whose answer is lost, and connections that are lost before (8-service: never done twice): a programme is played through
a proxy that loses every second commit, or every one that follows another try, and ends as it does without.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_doubt
"""

import pathlib
import shlex
import shutil
import subprocess
import tempfile
import tomllib
import unittest
import urllib.parse

import psycopg

from tests.files.kit import sluice_path

from . import kit
from .proxy import Proxy

BASES = pathlib.Path(__file__).resolve().parents[2] / "scenarios-base"
# Two programmes that between them have most kinds of acts.
PLAYED = ["reported-days", "dormant-firm"]


def steps(base, folder):
    """The steps of a base with those that it builds on; its files are laid into the folder."""
    read = tomllib.loads((BASES / base / "base.toml").read_text())
    before = steps(read["base"], folder) if "base" in read else []
    if (BASES / base / "given").is_dir():
        shutil.copytree(BASES / base / "given", folder, dirs_exist_ok=True)
    return before + read["step"]


class Doubt(unittest.TestCase):
    def play(self, base, lost, every):
        """Plays a base; gives how often a commit was lost, and the log."""
        with tempfile.TemporaryDirectory() as folder, Proxy(kit.postgres_url(), lost, every) as proxy:
            schema = f"doubt_{base.replace('-', '_')}_{lost}"
            direct = kit.postgres_url()
            mark = "&" if urllib.parse.urlsplit(direct).query else "?"
            url = f"{proxy.url}{mark}schema={schema}"
            try:
                for step in steps(base, folder):
                    run = step["run"]
                    arguments = shlex.split(run) if isinstance(run, str) else list(run)
                    if "now" in step:
                        arguments += ["--now", step["now"]]
                    self.sluice(folder, url, arguments, step.get("status", 0))
                with psycopg.connect(direct) as connection:
                    sql = f"SELECT seq, at, kind FROM {schema}.audit ORDER BY seq"
                    log = connection.execute(sql).fetchall()
                    keys = connection.execute(f"SELECT count(*) FROM {schema}.act_key").fetchone()[0]
                self.assertGreater(keys, 20)
                if lost != "nothing":
                    self.assertGreater(proxy.losses, 10)
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


if __name__ == "__main__":
    unittest.main()
