"""Commands that are killed at any moment, and commands at the same time: nothing lost, nothing twice, nothing half.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_killed
"""

import contextlib
import functools
import os
import random
import resource
import signal
import threading
import time
import unittest

from . import kit

KILLS = 20
ROWS = 5000
# The moments of the kills depend on the machine too, so nothing is asked of where they strike.
SEED = 20210726


class Killed:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1, installations=ROWS).open()
        self.supplier = self.main.suppliers[0]
        self.random = random.Random(SEED)

    def next_file(self, count):
        """Every row does something: all are authorised and withdrawn in turn."""
        action = "WITHDRAW" if count % 2 else "AUTHORISE"
        return self.main.authorisation_file(
            self.supplier, kit.authorisations(self.supplier, self.supplier.numbers, action)
        )

    def whole(self, file):
        """What the record has of a file that was cut off: nothing, a receipt with all its bytes, or the verdict too."""
        stored = self.main.rows("SELECT id, digest FROM received WHERE name = ?", file.name)
        if not stored:
            return None, "nothing"
        ((receipt, _),) = stored
        self.assertEqual(self.main.received(receipt), file.read_bytes())
        status = self.main.one("SELECT status FROM file WHERE id = ?", receipt)
        self.assertIn(status, ("RECEIVED", "ACCEPTED"))
        self.assertEqual(self.verdicts(receipt), ROWS if status == "ACCEPTED" else 0)
        responses = self.main.one("SELECT count(*) FROM issued WHERE file = ?", receipt)
        self.assertEqual(responses, 1 if status == "ACCEPTED" else 0)
        return receipt, status

    def verdicts(self, receipt):
        """Rows with a verdict; none has two."""
        rows = self.main.answered(receipt)
        self.assertEqual(len(rows), len(set(rows)))
        return len(rows)

    def again(self, file, receipt):
        """The next command takes over what had arrived and judges it; handed in again, the receipt is the same."""
        self.main.run("audit", "verify")
        if receipt is None:
            receipt = self.main.one("SELECT max(id) FROM received WHERE name = ?", file.name)
        if receipt is not None:
            self.assertEqual(self.main.one("SELECT status FROM file WHERE id = ?", receipt), "ACCEPTED")
        answer = self.main.submit(self.supplier.party, file)
        self.assertEqual(answer["status"], "accepted", answer)
        self.assertEqual(answer["repeat"], receipt is not None)
        if receipt is not None:
            self.assertEqual(answer["receipt"], receipt)
        self.assertEqual(self.verdicts(answer["receipt"]), ROWS)
        self.assertEqual(sum(row["rows"] for row in answer["rows"]), ROWS)

    def start(self, file, **options):
        return self.main.start("submit", "--as", self.supplier.party, file, **options)

    def stopped(self, file, state):
        """A command was stopped on purpose when its file had come so far."""
        receipt, found = self.whole(file)
        self.assertEqual(found, state)
        self.again(file, receipt)
        self.intact(self.main)

    def strike(self, stop):
        """Submits files and stops each at a random moment; wherever chance strikes, the file is whole."""
        began = time.monotonic()
        self.main.submit(self.supplier.party, self.next_file(0))
        usual = time.monotonic() - began
        for count in range(1, KILLS + 1):
            file = self.next_file(count)
            child = self.start(file)
            # Spread over the whole run, a little at random.
            time.sleep(usual * (count - self.random.random()) / KILLS)
            stop(child)
            receipt, _ = self.whole(file)
            self.again(file, receipt)
        self.intact(self.main)

    def test_killed(self):
        self.strike(kill)

    def test_import_killed(self):
        """The inventory is the one before or the one after; what an ended import had prepared is in nobody's way."""
        rows = self.main.installations()
        for row in rows[::2]:
            row[7] = "DORMANT"
        files = [self.main.table("asleep", kit.INVENTORY, rows), self.main.folder / "files" / "inventory.csv"]
        signed = ["--by", "alice", "--approve", "bob"]
        asleep = "SELECT count(*) FROM installation WHERE electricity_status = 0"
        began = time.monotonic()
        for file in files:
            self.main.run("import", "inventory", file, *signed)
        usual = (time.monotonic() - began) / 2
        for count in range(KILLS // 2):
            wanted = (len(rows[::2]), 0)[count % 2]
            before, imports = self.main.one(asleep), self.main.one("SELECT count(*) FROM import")
            child = self.main.start("import", "inventory", files[count % 2], *signed)
            time.sleep(usual * (count + self.random.random()) / (KILLS // 2))
            kill(child)
            run = self.main.until_free(["import", "inventory", files[count % 2], *signed])
            self.assertEqual(run.code, 0, run)
            self.assertEqual(self.main.one(asleep), wanted)
            done = self.main.one("SELECT count(*) FROM import") - imports
            self.assertIn(done, (1, 2))
            # The one that was stopped was done whole, or nothing of it.
            again = f"{0 if done == 2 else abs(wanted - before)} changed"
            self.assertIn(again, run.out)
        self.intact(self.main)

    def test_killed_before_the_receipt(self):
        file = self.next_file(0)
        with self.main.backend.locked() as waits:
            child = self.start(file)
            waits(child)
            kill(child)
        self.stopped(file, "nothing")

    def test_killed_after_the_verdict(self):
        """It cannot say what came of the file, because nobody takes its words."""
        file = self.next_file(0)
        reading, writing = full_pipe()
        child = self.start(file, stdout=writing)
        os.close(writing)
        verdict = "SELECT id FROM file JOIN received USING (id) WHERE status = 'ACCEPTED' AND name = ?"
        kit.until(lambda: self.main.rows(verdict, file.name), "there is a verdict")
        self.assertIsNone(child.poll())
        kill(child)
        os.close(reading)
        self.stopped(file, "ACCEPTED")


def kill(child):
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=kit.TIMEOUT)


def full_pipe():
    """A pipe that holds as much as it can: who writes to it waits until somebody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for size in (4096, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, bytes(size))
    os.set_blocking(writing, True)
    return reading, writing


class KilledOnSqlite(Killed, kit.OnSqlite):
    def test_killed_at_a_write(self):
        """The system ends it when a file of the database would grow beyond a limit, which rises from run to run."""
        seen = []
        # A limit below 64 KiB leaves no room for what SQLite has beside the database. What a verdict writes is many times
        # what a receipt writes, so that one of the limits lies between them.
        for size in (64 << 10 << n for n in range(12)):
            file = self.next_file(len(seen))
            limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
            child = self.start(file, preexec_fn=limit)
            child.communicate(timeout=kit.TIMEOUT)
            receipt, state = self.whole(file)
            if state != "ACCEPTED":
                self.assertEqual(child.returncode, -signal.SIGXFSZ)
            seen.append(state)
            self.again(file, receipt)
            if state == "ACCEPTED":
                break
        # First there is no room for the receipt, then for the receipt alone, at last for both.
        self.assertEqual(list(dict.fromkeys(seen)), ["nothing", "RECEIVED", "ACCEPTED"], seen)
        self.intact(self.main)


class KilledOnPostgresql(Killed, kit.OnPostgresql):
    def cut(self, child):
        """The server's side is ended. The command says so, or was done already, or that the verdict is to come."""
        with self.main.backend.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                (self.main.backend.schema,),
            )
        run = self.main.ended(child, None)
        if run.code:
            self.refused(run, "cannot be reached")
        return run

    def pending(self, child):
        """What was handed in is kept, and its sender told that the verdict is to come."""
        run = self.cut(child)
        self.assertEqual(run.code, 0, run)
        self.assertIn("received, verdict pending", run.out)

    def named(self):
        """Gives the connections of this test a name by which it finds them."""
        self.main.backend.url = self.main.backend.address(application_name=self.main.backend.schema)

    def before_the_verdict(self):
        """Verdicts cannot be written, because somebody else holds their table."""
        return self.main.backend.held(f"LOCK TABLE {self.main.backend.schema}.authorisation IN SHARE MODE")

    def test_killed_before_the_verdict(self):
        file = self.next_file(0)
        with self.before_the_verdict() as waits:
            child = self.start(file)
            waits(child)
            kill(child)
        self.stopped(file, "RECEIVED")

    def test_server_ends_the_connection(self):
        self.named()
        self.strike(self.cut)

    def test_server_ends_the_connection_before_the_receipt(self):
        """It connects once more, and the database is still busy."""
        self.named()
        file = self.next_file(0)
        with self.main.backend.locked() as waits:
            child = self.start(file)
            waits(child)
            self.pending(child)
        self.stopped(file, "nothing")

    def test_server_ends_the_connection_before_the_verdict(self):
        self.named()
        file = self.next_file(0)
        with self.before_the_verdict() as waits:
            child = self.start(file)
            waits(child)
            self.pending(child)
        self.stopped(file, "RECEIVED")


class Together:
    """Two suppliers hand in at the same time, and want more than they have."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=200, demand=20).open()

    def all_there(self, files):
        received = self.main.rows("SELECT name, status FROM received JOIN file USING (id) WHERE kind = 'MA'")
        self.assertEqual(sorted(received), sorted((file.name, "ACCEPTED") for file in files))
        for file in files:
            receipt = self.main.one("SELECT id FROM received WHERE name = ?", file.name)
            self.assertEqual(self.main.received(receipt), file.read_bytes())
            self.assertEqual(sorted(self.main.answered(receipt)), list(range(2, 22)))

    def no_overrun(self):
        used = self.main.rows(
            "SELECT a.party, a.date, a.units, count(b.chf) FROM allocation a LEFT JOIN authorisation b"
            " ON b.party = a.party AND b.date = a.date AND b.s1sp = a.s1sp AND b.unit = 1"
            " GROUP BY a.party, a.date, a.units"
        )
        self.assertEqual(len([line for line in used if line[2]]), 10)
        for party, date, units, taken in used:
            self.assertLessEqual(taken, units, (party, date))
            # There was more to authorise than room for it, so the room is used to the last.
            self.assertEqual(taken, units, (party, date))
        # No installation twice.
        twice = "SELECT chf FROM authorisation WHERE unit = 1 GROUP BY chf HAVING count(*) > 1"
        self.assertEqual(self.main.rows(twice), [])

    def files(self):
        """Ten files of twenty rows for each supplier: 40 rows a day, for 20 units."""
        return [
            [
                self.main.authorisation_file(
                    supplier, kit.authorisations(supplier, list(supplier.numbers)[start : start + 20])
                )
                for start in range(0, 200, 20)
            ]
            for supplier in self.main.suppliers
        ]

    def checked(self, files):
        self.all_there([file for own in files for file in own])
        self.no_overrun()
        self.intact(self.main)

    def test_one_command_each(self):
        files = self.files()
        children = [
            self.main.start("submit", "--as", supplier.party, *own)
            for supplier, own in zip(self.main.suppliers, files)
        ]
        for child in children:
            run = self.main.until_free(child.args[1:], self.main.ended(child, None))
            # What found no room is refused row by row.
            self.assertEqual(run.code, 1, run)
        self.checked(files)

    def test_many_commands_each(self):
        """Each command first does what is waiting, which the other's file may be."""
        files, failed = self.files(), []

        def hand_in(supplier, own):
            for file in own:
                run = self.main.until_free(["submit", "--as", supplier.party, file])
                if run.code not in (0, 1):
                    failed.append(str(run))

        threads = [threading.Thread(target=hand_in, args=both) for both in zip(self.main.suppliers, files)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        self.checked(files)

    def test_milestone_at_the_same_moment(self):
        """The cut-off passes once, whoever comes first."""
        self.main.run("audit", "verify", "--now", "2021-07-21T16:59:59+01:00")
        before = self.main.one("SELECT count(*) FROM passed_milestone")
        moment = "2021-07-21T17:00:01+01:00"
        children = [self.main.start("audit", "verify", "--now", moment) for _ in range(4)]
        for child in children:
            run = self.main.until_free(child.args[1:], self.main.ended(child, None))
            self.assertEqual(run.code, 0, run)
        self.assertEqual(self.main.one("SELECT count(*) FROM passed_milestone"), before + 1)
        self.assertEqual(self.main.one("SELECT count(*) FROM audit WHERE kind = 'milestone'"), before + 1)
        self.intact(self.main)


class TogetherOnSqlite(Together, kit.OnSqlite):
    pass


class TogetherOnPostgresql(Together, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
