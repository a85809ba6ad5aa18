"""The copy in which a replay is done goes at every ending; after a kill it goes with the next replay, which leaves alone
a copy that another one uses.

A replay is caught in the midst of its work by being halted as soon as its copy is seen; if the copy is still there
then, the replay is not over. One that was too fast is begun again.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_copies
"""

import os
import signal
import time
import unittest

from . import kit

# A replay that is over before it can be halted is begun again so often.
ATTEMPTS = 50
ROWS = 500


class Copies:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1, installations=ROWS).open()
        supplier = self.main.suppliers[0]
        for start in range(0, ROWS, 50):
            rows = kit.authorisations(supplier, list(supplier.numbers)[start : start + 50])
            self.main.submit(supplier.party, self.main.authorisation_file(supplier, rows))
        self.before = self.copies()

    def left(self):
        """The copies that were made since the test began."""
        return self.copies() - self.before

    def halted(self):
        """A replay that is halted in the midst of its work."""
        for _ in range(ATTEMPTS):
            child = self.main.start("replay")
            self.addCleanup(self.end, child)
            while child.poll() is None:
                if self.made():
                    child.send_signal(signal.SIGSTOP)
                    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
                    break
                time.sleep(0.001)
            if self.made():
                return child
            child.send_signal(signal.SIGCONT)
            self.main.ended(child)
        raise AssertionError("no replay could be halted before it was over")

    @staticmethod
    def end(child):
        if child.poll() is None:
            child.kill()
        child.communicate()

    def test_a_signal_takes_the_copy_away(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            child = self.halted()
            child.send_signal(number)
            child.send_signal(signal.SIGCONT)
            # It ends as other programs do, so that a shell sees why.
            self.main.ended(child, -number)
            self.assertEqual(self.left(), set())

    def test_a_signal_that_was_ignored_before_stays_so(self):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            child = self.halted()
        finally:
            signal.signal(signal.SIGHUP, before)
        child.send_signal(signal.SIGHUP)
        child.send_signal(signal.SIGCONT)
        self.assertIn("are the same", self.main.ended(child).out)
        self.assertEqual(self.left(), set())

    def test_after_a_kill_the_next_replay_takes_the_copy_away(self):
        child = self.halted()
        child.kill()
        child.communicate()
        self.assertNotEqual(self.left(), set())
        self.unheld()
        self.main.run("replay")
        self.assertEqual(self.left(), set())

    def test_two_replays_do_not_disturb_each_other(self):
        child = self.halted()
        copy = self.left()
        self.main.run("replay")
        self.assertEqual(self.left(), copy)
        child.send_signal(signal.SIGCONT)
        self.assertIn("are the same", self.main.ended(child).out)
        self.assertEqual(self.left(), set())

    def test_a_difference_leaves_no_copy(self):
        table = "UPDATE allocation SET units = units + 1"
        with self.main.backend.connect() as connection:
            connection.execute(table)
        self.assertIn("it differs: table allocation", self.main.run("replay", code=1).out)
        self.assertEqual(self.left(), set())

    def test_a_folder_or_schema_of_another_name_stays(self):
        self.make_others()
        others = self.left()
        self.main.run("replay")
        self.assertEqual(self.left(), others)


class CopiesOnSqlite(Copies, kit.OnSqlite):
    def copies(self):
        beside = self.main.backend.path.parent
        return {path.name for path in beside.iterdir() if not path.name.startswith("sluice.db")}

    def made(self):
        """Whether there is a copy, and not only a folder for it."""
        return any((self.main.backend.path.parent / name / "replay.db").exists() for name in self.left())

    def unheld(self):
        pass

    def make_others(self):
        for name in (".sluice-replay-", ".sluice-replay-of-mine", "replay"):
            (self.main.backend.path.parent / name).mkdir()


class CopiesOnPostgresql(Copies, kit.OnPostgresql):
    def copies(self):
        """Of this program's and of others' that run at the same time."""
        sql = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'sluice\\_replay\\_%'"
        return {name for (name,) in self.main.rows(sql)}

    def made(self):
        return self.left()

    def unheld(self):
        """The server has noticed that the program is gone."""
        ended = time.monotonic() + kit.TIMEOUT
        sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = ?"
        while self.main.one(sql, self.main.backend.schema):
            self.assertLess(time.monotonic(), ended)
            time.sleep(0.01)

    def setUp(self):
        super().setUp()
        # The name by which this test finds its own connections.
        self.main.backend.url = self.main.backend.address(application_name=self.main.backend.schema)

    def make_others(self):
        for name in ("sluice_replay_mine", "sluice_replay_0123456789abcdefg"):
            with self.main.backend.connect() as connection:
                connection.execute(f"CREATE SCHEMA {name}")
            self.addCleanup(self.drop, name)

    def drop(self, name):
        with self.main.backend.connect() as connection:
            connection.execute(f"DROP SCHEMA {name}")


if __name__ == "__main__":
    unittest.main()
