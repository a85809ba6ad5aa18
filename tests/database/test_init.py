"""Making a database: whatever ends it, the next attempt succeeds or finds a whole one.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_init
"""

import json
import pathlib
import random
import re
import time
import unittest

from . import kit

KILLS = 12
# How long making one takes depends on the machine, so nothing is asked of where the kills strike.
SEED = 20210726


class Init:
    def setUp(self):
        super().setUp()
        self.main = self.programme()

    def whole(self):
        """A database that is there lets whoever holds it make an operator and a token."""
        self.main.run("audit", "verify")
        self.main.run("user", "add", "second", "--role", "operator")
        self.assertIn("token", json.loads(self.main.run("user", "token", "second", "--json").out))

    def test_killed_at_any_moment_it_leaves_nothing_or_a_whole_database(self):
        moments = random.Random(SEED)
        began = time.monotonic()
        self.main.run("init")
        took = time.monotonic() - began
        self.remove()
        for _ in range(KILLS):
            child = self.main.start("init")
            time.sleep(moments.uniform(0, took))
            child.kill()
            child.communicate(timeout=kit.TIMEOUT)
            again = self.main.run("init", code=None)
            if again.code:
                self.assertIn("already something", again.err, again)
            self.whole()
            self.assertEqual(self.beside(), set())
            self.remove()

    def test_it_says_the_order_of_the_first_imports(self):
        """As the guide and the command's own help do."""
        said = self.main.run("init").out.splitlines()[-1].removesuffix(".")
        first, others = said.split("sluice import ")[1].split(" FILE, then in this order ")
        order = [first, *others.replace(" and ", ", ").split(", ")]
        guide = (pathlib.Path(__file__).parents[2] / "docs" / "guide.md").read_text()
        part = guide.split("## Operators: reference data")[1].split("in this order at first")[0]
        self.assertEqual(re.findall(r"sluice import (\S+)", part), order)
        self.assertIn(", ".join(order), " ".join(self.main.run("import", "--help").out.split()))

    def test_a_far_jump_of_a_given_clock_is_told_before_it_is_made(self):
        self.main.run("init", "--simulated", "--now", "2021-06-01T09:00:00+01:00")
        self.assertEqual(self.main.run("stop", "list", "--now", "2021-06-08T09:00:00+01:00").err, "")
        run = self.main.run("--now", "2021-06-18T09:00:00+01:00", "stop", "list")
        self.assertIn("from 09:00 on Tuesday 8 June 2021 (UK time) to 09:00 on Friday 18 June 2021", run.err)
        self.assertIn("10 days on, and never back", run.err)
        self.assertEqual(self.main.run("stop", "list").err, "")

    def test_a_second_one_is_refused_and_changes_nothing(self):
        self.main.run("init")
        before = self.main.rows("SELECT * FROM audit ORDER BY seq")
        self.assertIn("already something", self.main.run("init", code=2).err)
        self.assertEqual(self.main.rows("SELECT * FROM audit ORDER BY seq"), before)

    def test_a_moment_where_none_is_to_be_makes_nothing(self):
        self.assertIn("say when it is with --now", self.main.run("init", "--simulated", code=2).err)
        self.assertIn("--now is for simulated databases", self.main.run("init", "--now", kit.INIT, code=2).err)
        self.main.run("init")

    def test_an_operator_that_cannot_be_made_is_told_with_what_is_left(self):
        run = self.main.run("init", "--operator", "a\tb", code=2)
        self.assertEqual("the database is there, without its first operator" in run.err, self.stays, run)
        if not self.stays:
            self.main.run("init")
        self.whole()


class InitOnSqlite(Init, kit.OnSqlite):
    stays = False

    def remove(self):
        for file in self.main.backend.path.parent.iterdir():
            file.unlink()

    def beside(self):
        """What is left beside the database."""
        return {file.name for file in self.main.backend.path.parent.iterdir() if not file.name.startswith("sluice.db")}


class InitOnPostgresql(Init, kit.OnPostgresql):
    stays = True

    def remove(self):
        schema = self.main.backend.schema
        with self.main.backend.connect() as connection:
            for name in (schema, f"{schema}_party", f"{schema}_s1sp", f"{schema}_observer"):
                connection.execute(f"DROP SCHEMA {name} CASCADE")

    def beside(self):
        return set()

    def test_rights_that_are_gone_are_told_and_made_anew(self):
        self.main.run("init")
        with self.main.backend.connect() as connection:
            connection.execute(f"REVOKE SELECT ON {self.main.backend.schema}_party.grace FROM sluice_reader")
        self.assertIn("run sluice migrate", self.main.run("audit", "verify", code=3).err)
        self.assertIn("Its rights would be made anew", self.main.run("migrate", "--dry-run").out)
        self.assertIn("Its rights were made anew", self.main.run("migrate").out)
        self.whole()


if __name__ == "__main__":
    unittest.main()
