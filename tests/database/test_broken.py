"""Databases that are locked, read-only, full or away: one line that says what to do, nothing half done, and the same
file is taken afterwards.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_broken
"""

import contextlib
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import unittest

import openpyxl

from . import kit
from .kit import MA_HEADER

NOBODY = 65534


class BrokenCase:
    """A file and a table to hand in, and how to see that nothing of them is there."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1).open()
        supplier = self.main.suppliers[0]
        self.party = supplier.party
        self.rows = kit.authorisations(supplier, list(supplier.numbers)[:10])
        self.file = self.main.authorisation_file(supplier, self.rows)
        self.capacity = self.main.table("more", kit.CAPACITY, [[kit.S1SP, "2021-08-02", 7, 0]])
        self.submit = ["submit", "--as", self.party, self.file]
        self.import_ = ["import", "capacity", self.capacity]

    def token(self):
        """Of somebody who acts for the party."""
        self.main.run("user", "add", "sue", "--role", "supplier", "--party", self.party)
        made = self.main.run("user", "token", "sue", "--json")
        return json.loads(made.out)["token"]

    def unchanged(self, before):
        self.assertEqual(self.main.snapshot(), before)
        self.main.run("audit", "verify")

    def taken(self, arrived=False):
        """The same file and table are taken when the database is back; a file that had arrived is by then."""
        answer = self.main.submit(self.party, self.file)
        self.assertEqual((answer["status"], answer["repeat"]), ("accepted", arrived), answer)
        self.assertEqual(answer["rows"], [{"verdict": "ACCEPTED", "rows": len(self.rows)}])
        self.assertEqual(self.main.received(answer["receipt"]), self.file.read_bytes())
        self.main.run(*self.import_)
        self.assertEqual(self.main.one("SELECT total FROM capacity WHERE date = 20210802"), 7)
        self.intact(self.main)


class Locked(BrokenCase):
    def test_locked(self):
        before = self.main.snapshot()
        with self.main.backend.locked():
            # They wait for the other, but not for ever.
            submit, imports = (self.main.start(*arguments) for arguments in (self.submit, self.import_))
            # What is handed in is kept all the same.
            self.assertIn("received, verdict pending", self.main.ended(submit).out)
            self.refused(self.main.ended(imports, None), "busy")
        self.unchanged(before)
        self.taken(arrived=True)

    def test_a_party_is_told_that_it_is_locked(self):
        """Something is due that cannot be done now: no defect, and nothing that DCC could say more of. Reading goes on."""
        token = self.token()
        # As time passes without a command.
        self.main.backend.write("UPDATE setting SET value = ? WHERE name = 'clock'", "2021-07-21T17:00:00Z")
        with self.main.backend.locked():
            back = ["--as", self.party, "--s1sp", kit.S1SP, "--date", kit.MONDAY, "--units", "1"]
            self.refused(self.main.run("handback", *back, token=token, code=None), "busy")
            shown = self.main.run("week", "show", kit.MONDAY, token=token)
            self.assertIn("another command is at work", shown.err)
            self.assertIn(f"Migration Week of {kit.MONDAY}", shown.out)

    def test_locked_for_a_moment(self):
        """A writer that ends in time is waited for."""
        with self.main.backend.locked() as waits:
            child = self.main.start(*self.submit)
            waits(child)
            self.assertIsNone(child.poll())
        self.main.ended(child)
        self.assertEqual(self.main.one("SELECT status FROM file WHERE kind = 'MA'"), "ACCEPTED")
        self.intact(self.main)


class LockedOnSqlite(Locked, kit.OnSqlite):
    pass


class LockedOnPostgresql(Locked, kit.OnPostgresql):
    pass


class ReadOnlySqlite(BrokenCase, kit.OnSqlite):
    def as_stranger(self, *arguments):
        """A command as somebody who may read the database and not write it."""
        program = self.main.folder / "sluice"
        if not program.exists():
            shutil.copy(kit.sluice_path(), program)
        before = []
        if os.geteuid() == 0:
            before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        return self.main.run(*arguments, code=None, program=program, before=before)

    def read_only(self, folder_mode):
        path = self.main.backend.path
        path.chmod(0o444)
        path.parent.chmod(folder_mode)
        self.addCleanup(path.parent.chmod, 0o755)
        before = self.main.snapshot() if os.geteuid() == 0 else None
        for arguments in (self.submit, self.import_):
            self.refused(self.as_stranger(*arguments))
        path.parent.chmod(0o755)
        path.chmod(0o644)
        if before:
            self.unchanged(before)
        self.assertEqual(self.main.rows("SELECT id FROM file WHERE kind = 'MA'"), [])
        self.taken()

    def test_file_and_folder(self):
        self.read_only(0o555)

    def test_file(self):
        self.read_only(0o777)


class ReadOnlyPostgresql(BrokenCase, kit.OnPostgresql):
    """The session's transactions are read-only, as a role or database with `default_transaction_read_only` has them."""

    def test_read_only(self):
        before = self.main.snapshot()
        url = self.main.backend.address(options="-c default_transaction_read_only=on")
        for arguments in (self.submit, self.import_):
            self.refused(self.main.run(*arguments, code=None, url=url), "takes no changes")
        self.unchanged(before)
        self.taken()


class FullSqlite(BrokenCase, kit.OnSqlite):
    """No room is left. A full disk under PostgreSQL is not made here: its code, 53100, is in the tests of the store."""

    def setUp(self):
        super().setUp()
        # Rows that do not pack well, so that they need room; most name installations that are not there.
        supplier = self.main.suppliers[0]
        self.rows = [
            kit.authorisation(supplier, n * 7919 % 999_983, n % 5, reference=hashlib.sha256(b"%d" % n).hexdigest()[:30])
            for n in range(3000)
        ]
        self.file = self.main.authorisation_file(supplier, self.rows)
        self.submit = ["submit", "--as", self.party, self.file]

    def half(self, run):
        """Nothing, or a receipt, or the verdict too. Handed in again the same file is taken, or is taken already."""
        received = self.main.rows("SELECT id, status FROM file WHERE kind = 'MA'")
        if "cannot write" in run.err:
            # The limit is for the response beside the file as well.
            self.assertIn("make room", run.err)
            self.assertEqual([status for _, status in received], ["ACCEPTED"], run)
        else:
            self.refused(run, "disk")
        if received:
            ((receipt, status),) = received
            self.assertIn(status, ("RECEIVED", "ACCEPTED"))
            self.assertEqual(self.main.received(receipt), self.file.read_bytes())
        answer = self.main.submit(self.party, self.file, code=1)
        self.assertEqual((answer["status"], answer["repeat"]), ("accepted", bool(received)))
        self.assertEqual(sum(row["rows"] for row in answer["rows"]), len(self.rows))
        self.intact(self.main)
        return bool(received)

    @contextlib.contextmanager
    def fresh(self):
        """The database as it is now, for each attempt."""
        path = self.main.backend.path
        kept = path.with_suffix(".kept")
        shutil.copy(path, kept)
        yield
        for file in path.parent.glob("sluice.db*"):
            file.unlink()
        shutil.copy(kept, path)

    def test_limit(self):
        """The files of the database may not grow beyond a limit."""

        def limited(size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        outcomes = []
        for size in (4 << 10, 32 << 10, 128 << 10, 200 << 10, 300 << 10, 400 << 10, 8 << 20):
            with self.subTest(size=size), self.fresh():
                run = self.main.run(*self.submit, code=None, preexec_fn=lambda size=size: limited(size))
                outcomes.append(self.half(run) if run.code == 3 else run.code)
        # Some had no room for the file, the last had enough.
        self.assertIs(outcomes[0], False, outcomes)
        self.assertEqual(outcomes[-1], 1, outcomes)

    def test_who_only_reads_needs_no_room(self):
        """That a token was used is not noted then."""
        token = self.token()
        path = self.main.backend.path

        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        # Somebody has it and its intake open, so that their other files are there.
        intake = contextlib.closing(sqlite3.connect(f"{path}-intake"))
        with self.main.backend.connect() as connection, intake as other:
            connection.execute("SELECT count(*) FROM token").fetchall()
            other.execute("SELECT count(*) FROM intake_arrival").fetchall()
            self.assertTrue(path.with_name(f"{path.name}-shm").exists())
            self.main.run("week", "show", kit.MONDAY, token=token, preexec_fn=limited)
        used = "SELECT used_at FROM token_secret JOIN token USING (id) WHERE account = 'sue'"
        self.assertIsNone(self.main.one(used))

    def test_full_disk(self):
        """A real one, where this machine lets one be mounted; elsewhere the limit above has to do."""
        disk, path = self.main.folder / "disk", self.main.backend.path
        disk.mkdir()
        script = 'mount -t tmpfs -o size="$1" none "$2" && cp "$3" "$2" || exit 99; shift 3; "$@"; s=$?; '
        script += f"cp {disk}/* {disk}.kept; exit $s"
        before = ["unshare", "-rm", "sh", "-c", script, "sh"]
        if subprocess.run([*before[:2], "mount", "-t", "tmpfs", "none", disk], check=False).returncode:
            return
        outcomes = []
        for room in (0, 100 << 10, 300 << 10, 500 << 10, 8 << 20):
            with self.subTest(room=room), self.fresh():
                kept = pathlib.Path(f"{disk}.kept")
                shutil.rmtree(kept, ignore_errors=True)
                kept.mkdir()
                size = path.stat().st_size + (64 << 10) + room
                url = f"sqlite:{disk / path.name}"
                run = self.main.run(*self.submit, code=None, url=url, before=[*before, f"{size}", disk, path])
                self.assertNotEqual(run.code, 99, run)
                path.unlink()
                for file in kept.iterdir():
                    shutil.copy(file, path.parent)
                outcomes.append(self.half(run) if run.code == 3 else run.code)
        self.assertIs(outcomes[0], False, outcomes)
        self.assertEqual(outcomes[-1], 1, outcomes)


class AwayPostgresql(BrokenCase, kit.OnPostgresql):
    def test_wrong_port(self):
        with socket.socket() as taken:
            # Bound and not listening: nobody else takes it meanwhile.
            taken.bind(("127.0.0.1", 0))
            url = self.main.backend.address(port=taken.getsockname()[1])
            before = self.main.snapshot()
            for arguments in (self.submit, self.import_):
                self.refused(self.main.run(*arguments, code=None, url=url), "cannot be reached")
        self.unchanged(before)
        self.taken()

    def test_server_that_does_not_answer(self):
        """It takes the connection and says nothing."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            run = self.main.run(*self.submit, code=None, url=self.main.backend.address(silent.getsockname()[1]))
            self.refused(run, "cannot be reached")
        self.taken()

    def test_no_password(self):
        """A role that the server does not know."""
        url = self.main.backend.address().replace("//", "//nobody_of_this_name:secret@", 1)
        url = url.replace("sluice@", "", 1)
        run = self.main.run(*self.submit, code=None, url=url)
        self.refused(run, "does not let the user in")
        self.assertNotIn("secret", run.err)
        self.taken()


class DamagedSqlite(BrokenCase, kit.OnSqlite):
    def test_not_a_database(self):
        path = self.main.folder / "other.db"
        path.write_bytes(b"no database " * 1000)
        run = self.main.run(*self.submit, code=2, url=f"sqlite:{path}")
        self.assertEqual(len(run.lines), 1, run)
        self.assertIn("restore the last backup", run.err)
        self.assertEqual(path.read_bytes(), b"no database " * 1000)


class WrongFiles:
    """A file that is wrong is kept as it came, byte for byte, and answered."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1, installations=10).open()
        self.supplier = self.main.suppliers[0]

    def kept(self, path, code, answered, unread=False):
        """Refused with a code, and kept; of what is refused by its name the record has the digest alone (MAM-9)."""
        content = path.read_bytes()
        answer = self.main.submit(self.supplier.party, path, code=1)
        self.assertEqual(answer["status"], "refused", answer)
        self.assertIn(code, [found["code"] for found in answer["codes"]], answer)
        if unread:
            self.assertIsNone(self.main.one("SELECT digest FROM received WHERE id = ?", answer["receipt"]))
        else:
            self.assertEqual(self.main.received(answer["receipt"]), content)
        digest = "unkept" if unread else "digest"
        digest, size = self.main.one(f"SELECT {digest}, size FROM received WHERE id = ?", answer["receipt"])
        self.assertEqual((bytes(digest), size), (hashlib.sha256(content).digest(), len(content)))
        self.assertEqual(bool(answer["response"]), answered, answer)
        if answered and answer["response"].endswith(".csv"):
            self.assertIn(code, pathlib.Path(answer["response"]).read_text(encoding="utf-8"))
        elif answered:
            sheet = openpyxl.load_workbook(answer["response"]).active
            self.assertIn(code, [cell.value for row in sheet.iter_rows() for cell in row])

    def test_authorisations(self):
        good = kit.csv_bytes(MA_HEADER, kit.authorisations(self.supplier, self.supplier.numbers))
        for code, content in {
            "FI13": good.replace(b"AUTHORISE", b"AUTHORIS\xff", 1),
            "FI14": good.replace(b"Priority", b"Prio", 1),
            "FI22": good.splitlines(keepends=True)[0],
            "FI02": os.urandom(300_000),
        }.items():
            with self.subTest(code=code):
                ending = "xlsx" if code == "FI02" else "csv"
                name = f"MA_{self.main.stem(self.supplier)}.{ending}"
                self.kept(self.main.file(name, content), code, answered=True)
        self.intact(self.main)

    def test_many_parts(self):
        """Content that does not pack is kept in several rows."""
        name = f"MA_{self.main.stem(self.supplier)}.csv"
        self.kept(self.main.file(name, os.urandom(3_500_000)), "FI13", answered=True)
        self.assertGreater(self.main.one("SELECT max(place) FROM content_part"), 2)
        self.intact(self.main)

    def test_demand_and_names(self):
        monday = "20210809"
        stem = f"DC_{self.supplier.party}_{self.supplier.user_id}_{kit.S1SP}"
        for code, name in {"FI14": f"{stem}_{monday}.csv", "FI05": f"{stem}_20210810.csv", "FI01": "demand.csv"}.items():
            with self.subTest(code=code):
                path = self.main.file(name, b"Date,Demand\n2021-08-09,1\n")
                self.kept(path, code, answered=False, unread=code != "FI14")
        self.intact(self.main)


class WrongFilesOnSqlite(WrongFiles, kit.OnSqlite):
    pass


class WrongFilesOnPostgresql(WrongFiles, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
