"""Protected authorisations on a database: opened with the password, which is kept nowhere (MAM-10).

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_protected
Needs 7z (p7zip-full) and the packages of tests/requirements.txt.
"""

import csv
import hashlib
import io
import subprocess
import unittest

import openpyxl
import pyzipper

from . import kit
from .kit import MA_HEADER

NEXT_DAY = "2021-07-14T10:00:00+01:00"
ALMOST = "2021-07-14T09:59:59+01:00"


class ProtectedCase:
    """A supplier with protected files."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1).open()
        self.supplier = self.main.suppliers[0]
        self.rows = kit.authorisations(self.supplier, list(self.supplier.numbers)[:15])
        self.secret = kit.password()
        self.hidden = self.main.folder / "files"

    # Makers.

    def member(self, ending):
        """The file inside, with the bytes that must be kept."""
        if ending == "csv":
            return self.main.file("rows.csv", kit.csv_bytes(MA_HEADER, self.rows))
        book = openpyxl.Workbook()
        book.active.title = "Authorisation"
        for row in [MA_HEADER, *self.rows]:
            book.active.append(row)
        path = self.hidden / f"rows.{ending}"
        book.save(path)
        return path

    def names(self):
        """The next protected file and its password file."""
        stem = self.main.stem(self.supplier)
        return self.hidden / f"MA_{stem}.zip", self.hidden / f"MAPASSWORD_{stem}.txt"

    def seven(self, archive, *members, method="AES256"):
        command = ["7z", "a", "-tzip", "-bd", f"-mem={method}", f"-p{self.secret}", archive, *members]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def pyzip(self, archive, *members):
        with pyzipper.AESZipFile(archive, "w", compression=pyzipper.ZIP_DEFLATED) as made:
            made.setpassword(self.secret.encode())
            made.setencryption(pyzipper.WZ_AES, nbits=256)
            for member in members:
                made.write(member, member.name)

    def protected(self, maker=None, ending="csv"):
        """A protected file, its password file, and the bytes inside."""
        archive, told = self.names()
        member = self.member(ending)
        (maker or self.seven)(archive, member)
        told.write_text(self.secret + "\n", encoding="utf-8")
        inside = member.read_bytes()
        member.unlink()
        return archive, told, inside

    # What must come of it.

    def submit(self, *files, **options):
        return self.main.submit(self.supplier.party, *files, **options)

    def opened(self, archive, answer, inside):
        """A file was opened: every row has its verdict, and the member is kept with its digest."""
        self.assertEqual((answer["status"], answer["codes"]), ("accepted", []))
        self.assertEqual(sum(row["rows"] for row in answer["rows"]), len(self.rows), answer)
        self.answered(archive, answer["receipt"])
        digest = self.main.one("SELECT opened FROM file WHERE id = ?", answer["receipt"])
        self.assertEqual(bytes(digest), hashlib.sha256(inside).digest())
        self.assertEqual(self.main.content(digest), inside)
        self.assertEqual(self.main.received(answer["receipt"]), archive.read_bytes())

    def answered(self, archive, receipt, verdict="ACCEPTED", code=""):
        """The response is beside the file and has a line for each row, or one for the whole file."""
        path = archive.with_name(f"MAR_{archive.stem.removeprefix('MA_')}.csv")
        self.assertTrue(path.exists(), sorted(self.hidden.iterdir()))
        lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        if verdict == "ACCEPTED":
            self.assertEqual([line["Row"] for line in lines], [f"{n + 2}" for n in range(len(self.rows))])
        else:
            self.assertEqual([line["Row"] for line in lines], [""])
        self.assertEqual({(line["Verdict"], line["Codes"]) for line in lines}, {(verdict, code)})
        kept = self.main.one("SELECT bytes FROM issued WHERE file = ? ORDER BY id DESC LIMIT 1", receipt)
        self.assertEqual(next(kit.packed(bytes(kept))), path.read_bytes())

    def shut(self, archive, answer, code):
        """A file was refused whole, kept as it came, and answered."""
        self.assertEqual(answer["status"], "refused", answer)
        self.assertEqual([found["code"] for found in answer["codes"]], [code], answer)
        self.assertEqual(self.main.received(answer["receipt"]), archive.read_bytes())
        self.assertEqual(self.main.one("SELECT count(*) FROM authorisation WHERE file = ?", answer["receipt"]), 0)
        self.answered(archive, answer["receipt"], "REFUSED", code)

    def nowhere(self, *secrets):
        """The passwords are in nothing that is left, once what the supplier wrote itself is gone."""
        for told in self.hidden.glob("MAPASSWORD*"):
            told.unlink()
        # Replay needs no password, and what it leaves has none.
        self.intact(self.main)
        for secret in secrets or [self.secret]:
            search = kit.Search(secret)
            self.assertEqual(search.everywhere(self.main), [])
            # It did look: at the record, the files and the outputs.
            self.assertGreater(search.bytes, 100_000)
        self.assertEqual(sorted((self.main.folder / "tmp").rglob("*")), [])


class OneCommand(ProtectedCase):
    """The file and its password in one command, in either order, from either tool."""

    def run_with(self, maker, ending, reverse):
        archive, told, inside = self.protected(maker, ending)
        files = [told, archive] if reverse else [archive, told]
        answers = self.submit(*files)
        self.opened(archive, answers[reverse], inside)
        for answer in answers:
            self.assertEqual(answer["codes"], [])
        ((name, size, digest),) = self.main.rows(
            "SELECT name, size, digest FROM received WHERE id = ?", answers[not reverse]["receipt"]
        )
        # Of a password file nothing but name, time and sender is kept, not even how long it was.
        self.assertEqual((name, size, digest), (told.name, 0, None))
        self.nowhere()

    def test_seven_zip_csv(self):
        self.run_with(self.seven, "csv", reverse=False)

    def test_seven_zip_workbook_password_first(self):
        self.run_with(self.seven, "xlsx", reverse=True)

    def test_pyzipper_workbook(self):
        self.run_with(self.pyzip, "xlsx", reverse=False)

    def test_pyzipper_csv_password_first_beyond_ascii(self):
        """7-Zip takes no such password on its command line; others write UTF-8."""
        self.secret = kit.password("äßéЖ日√")
        self.run_with(self.pyzip, "csv", reverse=True)


class LaterCommand(ProtectedCase):
    """The password comes in another command than the file."""

    def test_password_later(self):
        archive, told, inside = self.protected(self.pyzip, "csv")
        waiting = self.submit(archive)
        self.assertEqual((waiting["status"], waiting["rows"], waiting["response"]), ("waiting", [], None))
        # The same file again is the same receipt, and it still waits.
        again = self.submit(archive)
        self.assertEqual((again["receipt"], again["repeat"], again["status"]), (waiting["receipt"], True, "waiting"))
        run = self.main.run("submit", "--as", self.supplier.party, told)
        self.assertIn("used for the file that waited", run.out)
        self.assertIn("15 accepted", run.out)
        answer = self.submit(archive)
        self.assertEqual((answer["receipt"], answer["repeat"]), (waiting["receipt"], True))
        self.opened(archive, answer, inside)
        self.nowhere()

    def test_response_comes_with_the_password(self):
        archive, told, inside = self.protected(self.seven, "xlsx")
        receipt = self.submit(archive)["receipt"]
        answer = self.submit(told)
        self.assertIsNotNone(answer["response"], answer)
        self.answered(archive, receipt)
        self.assertEqual(answer["rows"], [{"verdict": "ACCEPTED", "rows": 15}])
        self.opened(archive, self.submit(archive), inside)
        self.nowhere()

    def test_password_is_not_remembered_by_another_command(self):
        """MAM-10: after a restart it must be sent again."""
        archive, told, inside = self.protected()
        self.submit(told)
        waiting = self.submit(archive)
        self.assertEqual(waiting["status"], "waiting")
        self.submit(told)
        self.opened(archive, self.submit(archive), inside)
        self.nowhere()


class Refused(ProtectedCase):
    def test_wrong_password(self):
        archive, told, _ = self.protected()
        wrong = kit.password()
        told.write_text(wrong + "\n", encoding="utf-8")
        answers = self.submit(archive, told, code=1)
        self.shut(archive, answers[0], "FI12")
        # A new stamp and the right one: nothing is left of the attempt.
        archive, told, inside = self.protected()
        self.opened(archive, self.submit(told, archive)[1], inside)
        self.nowhere(self.secret, wrong)

    def test_wrong_password_later(self):
        archive, told, _ = self.protected(self.pyzip)
        self.assertEqual(self.submit(archive)["status"], "waiting")
        told.write_text(kit.password() + "\n", encoding="utf-8")
        answer = self.submit(told, code=1)
        self.assertEqual([found["code"] for found in answer["codes"]], ["FI12"])
        self.shut(archive, self.submit(archive, code=1), "FI12")
        self.intact(self.main)

    def test_password_never_sent(self):
        archive, told, _ = self.protected()
        receipt = self.submit(archive)["receipt"]
        self.main.run("audit", "verify", "--now", ALMOST)
        self.assertEqual(self.main.one("SELECT status FROM file WHERE id = ?", receipt), "WAITING")
        self.main.run("audit", "verify", "--now", NEXT_DAY)
        status = self.main.one("SELECT status, codes FROM file WHERE id = ?", receipt)
        self.assertEqual(tuple(status), ("REFUSED", "FI11"))
        self.shut(archive, self.submit(archive, code=1), "FI11")
        # A password that comes after that opens nothing.
        self.submit(told)
        self.shut(archive, self.submit(archive, code=1), "FI11")
        self.nowhere()

    def test_zip_crypto(self):
        archive, told = self.names()
        self.seven(archive, self.member("csv"), method="ZipCrypto")
        self.shut(archive, self.submit(archive, code=1), "FI10")
        told.write_text(self.secret + "\n", encoding="utf-8")
        self.submit(told)
        self.nowhere()

    def test_two_members(self):
        for maker in (self.seven, self.pyzip):
            with self.subTest(maker=maker.__name__):
                archive, told = self.names()
                maker(archive, self.member("csv"), self.member("xlsx"))
                told.write_text(self.secret + "\n", encoding="utf-8")
                self.shut(archive, self.submit(told, archive, code=1)[1], "FI10")
        self.nowhere()


class TheSearchItself(ProtectedCase):
    """A search that finds nothing proves something only if it would find it."""

    def found(self):
        return kit.Search(self.secret).everywhere(self.main)

    def test_files(self):
        for place, (form, sign) in enumerate(kit.forms(self.secret).items()):
            with self.subTest(form=form):
                planted = self.main.folder / ("tmp" if place % 2 else "data") / "planted"
                planted.write_bytes(bytes(5000) + sign + b"\xff")
                search = kit.Search(self.secret)
                search.files([planted])
                self.assertIn(f"{planted}: {form}", search.found)
                planted.unlink()
        self.assertEqual(self.found(), [])

    def test_output(self):
        self.main.said.append(f"what {self.secret} was".encode())
        self.assertTrue(self.found())

    def test_table(self):
        with self.main.backend.connect() as connection:
            connection.execute(f"INSERT INTO setting (name, value) VALUES ('planted', '{self.secret}')")
        self.assertTrue(any(where.startswith("table setting") for where in self.found()))

    def test_packed_content(self):
        """The record packs what it keeps: the bytes are there and yet not to be seen."""
        text = ("seldom " * 40 + self.secret + " often" * 40).encode()
        name = self.main.stem(self.supplier)
        self.submit(self.main.file(f"MA_{name}.csv", text), code=1)
        (self.hidden / f"MA_{name}.csv").unlink()
        self.assertTrue(any("content_part, unpacked" in where for where in self.found()))

    def test_files_of_the_database(self):
        """What was in a table and is gone from it is in the files still; PostgreSQL's journal and log included."""
        with self.main.backend.connect() as connection:
            connection.execute(f"INSERT INTO setting (name, value) VALUES ('planted', '{self.secret}')")
            connection.execute("DELETE FROM setting WHERE name = 'planted'")
            if self.main.backend.files():
                self.assertTrue(self.found())


class OneCommandOnSqlite(OneCommand, kit.OnSqlite):
    pass


class OneCommandOnPostgresql(OneCommand, kit.OnPostgresql):
    pass


class LaterCommandOnSqlite(LaterCommand, kit.OnSqlite):
    pass


class LaterCommandOnPostgresql(LaterCommand, kit.OnPostgresql):
    pass


class RefusedOnSqlite(Refused, kit.OnSqlite):
    pass


class RefusedOnPostgresql(Refused, kit.OnPostgresql):
    pass


class TheSearchItselfOnSqlite(TheSearchItself, kit.OnSqlite):
    pass


class TheSearchItselfOnPostgresql(TheSearchItself, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
