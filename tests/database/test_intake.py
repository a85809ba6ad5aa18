"""What is handed in: kept while others are at work, and no more of it than is read.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_intake
"""

import contextlib
import json
import os
import sqlite3
import time
import unittest

from Cryptodome.PublicKey import ECC
from Cryptodome.Signature import eddsa

from . import kit

TOO_LARGE = (256 << 20) + 1
# How many arrive at once, each from a process of its own; SLUICE_ARRIVALS=200 tries more than every run has time for.
MANY = int(os.environ.get("SLUICE_ARRIVALS", "20"))


class Intake:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1, installations=20).open()
        self.party = self.main.suppliers[0].party

    def test_a_file_that_is_larger_than_is_read(self):
        """It has a receipt and a verdict, and nothing of it is kept."""
        before = self.main.rows("SELECT count(*) FROM content_part")
        path = self.main.file("DC_too_large.csv", b"")
        with path.open("r+b") as file:
            file.truncate(TOO_LARGE)
        told = self.main.submit(self.party, path, code=1)
        self.assertEqual(told["status"], "refused")
        self.assertEqual(
            self.main.one("SELECT digest, size FROM received WHERE id = ?", told["receipt"]), (None, TOO_LARGE)
        )
        self.assertEqual(self.main.rows("SELECT count(*) FROM content_part"), before)
        self.intact(self.main)

    def test_pending_while_others_are_at_work(self):
        """The receipt is signed at once; the same file again has the same receipt, and once others are done the verdict."""
        path = self.main.file("no kind of ours.csv", b"A\n1\n")
        options = {"more": ["--receipts", "receipts"]}
        with self.main.backend.locked():
            first = self.main.submit(self.party, path, **options)
            again = self.main.submit(self.party, path, **options)
        self.assertEqual(first["status"], "pending")
        self.assertEqual(again, first)
        told = self.main.submit(self.party, path, code=1, **options)
        self.assertEqual(self.main.rows("SELECT arrival FROM received WHERE name = ?", path.name)[0], (first["arrival"],))
        self.assertEqual(told["status"], "refused")
        self.verifies(json.loads((self.main.folder / "receipts" / f"RECEIPT_{first['arrival']}.json").read_text()))
        self.intact(self.main)

    def test_each_file_of_a_command_is_kept_when_it_is_read(self):
        """CAL-3: the first has its moment and is taken over while the second is not even there yet."""
        first, second = self.main.file("first of two.csv", b"A\n1\n"), self.main.folder / "files" / "second of two.csv"
        os.mkfifo(second)
        child = self.main.start("submit", "--json", "--as", self.party, first, second)
        received = []
        for _ in range(kit.ATTEMPTS):
            # Any command takes over what has arrived.
            self.main.run("audit", "verify")
            received = self.main.rows("SELECT arrival FROM received WHERE name = ?", first.name)
            if received:
                break
            time.sleep(0.1)
        second.write_bytes(b"A\n1\n")
        told = kit.objects(self.main.ended(child, code=1).out)
        self.assertEqual(received, [(told[0]["arrival"],)], "it was kept before the second was read")
        self.intact(self.main)

    def test_many_arrive_at_once(self):
        """Each has its receipt while nobody can take it over; afterwards each is taken over once, in the order of arrival."""
        files = [self.main.file(f"no kind {number:05}.csv", b"A\n%d\n" % number) for number in range(MANY)]
        before = self.main.one("SELECT coalesce(max(id), 0) FROM received")
        with self.main.backend.locked():
            # The last process hands in three.
            of_each = [[file] for file in files[:-3]] + [files[-3:]]
            children = [self.main.start("submit", "--json", "--as", self.party, *own) for own in of_each]
            told = [one for child in children for one in kit.objects(self.main.ended(child).out)]
        self.assertEqual({one["status"] for one in told}, {"pending"})
        # Any command of anybody takes them over.
        self.main.run("audit", "verify")
        received = self.main.rows("SELECT arrival, at, name FROM received WHERE id > ? ORDER BY id", before)
        self.assertEqual(sorted(arrival for arrival, _, _ in received), sorted(one["arrival"] for one in told))
        self.assertEqual(sorted(name for _, _, name in received), [file.name for file in files])
        moments = [at for _, at, _ in received]
        self.assertEqual(moments, sorted(moments))
        self.intact(self.main)

    def verifies(self, signed):
        """By another library, as docs/files.md says it."""
        text = "sluice receipt 1\n" + json.dumps(signed["receipt"], separators=(",", ":"), ensure_ascii=False)
        key = eddsa.import_public_key(bytes.fromhex(signed["key"]))
        self.assertIsInstance(key, ECC.EccKey)
        eddsa.new(key, "rfc8032").verify(text.encode(), bytes.fromhex(signed["signature"]))


class IntakeOnSqlite(Intake, kit.OnSqlite):
    def test_what_is_not_received_is_named(self):
        """MAM-9: of several files each is told what became of it; that the database is busy is said of the one that it kept out."""
        path = self.main.file("DC of no kind.csv", b"A\n1\n")
        with contextlib.closing(sqlite3.connect(f"{self.main.backend.path}-intake", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            run = self.main.run("submit", "--as", self.party, path, code=None)
            connection.execute("ROLLBACK")
        self.assertEqual(run.code, 3, run)
        self.assertIn(f"{path.name} is not received: the database is busy", run.err)
        self.assertEqual(self.main.rows("SELECT count(*) FROM received WHERE name = ?", path.name), [(0,)])
        self.assertEqual(self.main.submit(self.party, path, code=1)["status"], "refused")


class IntakeOnPostgresql(Intake, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
