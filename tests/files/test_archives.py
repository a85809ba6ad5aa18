"""Protected authorisations: ZIP files made by 7-Zip and by pyzipper, with the password in a file.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_archives
Needs 7z (p7zip-full), openpyxl and pyzipper.
"""

import subprocess
import unittest

import openpyxl
import pyzipper

from . import kit
from .kit import MA_HEADER, MA_STEM

PASSWORD = "horse battery 7"


class ArchiveCase(kit.FileCase):
    def setUp(self):
        super().setUp()
        self.zip = self.path(f"{MA_STEM}.zip")
        self.password = self.path(kit.PASSWORD_NAME)
        self.password.write_text(PASSWORD + "\n", encoding="utf-8")
        self.path("plain").mkdir()
        self.rows_ = [kit.ma_row(n) for n in range(40)]
        self.csv = kit.write_csv(self.path("plain") / f"{MA_STEM}.csv", MA_HEADER, self.rows_)

    def workbook(self, ending="xlsx"):
        book = openpyxl.Workbook()
        book.active.title = "Authorisation"
        for row in [MA_HEADER, *self.rows_]:
            book.active.append(row)
        book.save(self.csv.with_suffix(f".{ending}"))
        return self.csv.with_suffix(f".{ending}")

    def seven(self, *members, switches=("-mem=AES256",), password=PASSWORD):
        """An archive by 7-Zip."""
        command = ["7z", "a", "-tzip", "-bd", *switches]
        if password:
            command.append(f"-p{password}")
        done = subprocess.run([*command, self.zip, *members], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.zip

    def pyzip(self, *members, bits=256, password=PASSWORD, **options):
        """An archive by pyzipper; members are files, stored under their own names."""
        with pyzipper.AESZipFile(self.zip, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
            archive.setpassword(password.encode())
            archive.setencryption(pyzipper.WZ_AES, nbits=bits, **options)
            for member in members:
                archive.write(member, member.name)
        return self.zip

    def opened(self, **options):
        return self.accepted(self.zip, password_file=self.password, **options)

    def shut(self, *codes):
        return self.refused(self.zip, *codes, password_file=self.password)


class Accepted(ArchiveCase):
    def test_seven_zip_csv(self):
        self.seven(self.csv)
        self.opened()

    def test_seven_zip_workbook(self):
        self.seven(self.workbook())
        self.opened()

    def test_seven_zip_stored(self):
        self.seven(self.csv, switches=("-mem=AES256", "-mx0"))
        self.opened()

    def test_pyzipper_csv(self):
        self.pyzip(self.csv)
        self.opened()

    def test_pyzipper_workbook(self):
        self.pyzip(self.workbook())
        self.opened()

    def test_both_versions_of_the_format(self):
        """AE-2 leaves the check sum out; AE-1 keeps it, and some writers make it."""
        for version in (1, 2):
            with self.subTest(version=version):
                self.pyzip(self.csv, force_wz_aes_version=version)
                self.opened()

    def test_member_of_another_name(self):
        self.seven(self.csv.rename(self.csv.with_name("rows of July.CSV")))
        self.opened()

    def test_ending_in_upper_case(self):
        self.seven(self.csv)
        self.zip = self.zip.rename(self.zip.with_suffix(".ZIP"))
        self.opened()

    def test_row_codes_come_through(self):
        self.rows_[7][0] = "1200000000001"
        kit.write_csv(self.csv, MA_HEADER, self.rows_)
        self.seven(self.csv)
        self.rows(self.zip, {9: ["MA102"]}, password_file=self.password)

    def test_password_file_line_endings(self):
        self.seven(self.csv)
        for ending in ("", "\n", "\r\n"):
            with self.subTest(ending=ending):
                self.password.write_bytes(PASSWORD.encode() + ending.encode())
                self.opened()

    def test_password_beyond_ascii(self):
        """7-Zip refuses to make such a one; others use UTF-8."""
        self.password.write_text("Grüße 7\n", encoding="utf-8")
        self.pyzip(self.csv, password="Grüße 7")
        self.opened()

    def test_password_is_not_printed(self):
        self.seven(self.csv)
        for arguments in (["check"], ["check", "--json"]):
            told = kit.run([*arguments, self.zip, "--password-file", self.password])
            self.assertNotIn(PASSWORD, told.out + told.err)


class Refused(ArchiveCase):
    def test_no_password(self):
        self.seven(self.csv)
        self.refused(self.zip, "FI11")

    def test_wrong_password(self):
        for maker in (self.seven, self.pyzip):
            with self.subTest(maker=maker.__name__):
                self.zip.unlink(missing_ok=True)
                self.password.write_text("another\n", encoding="ascii")
                maker(self.csv)
                self.shut("FI12")

    def test_empty_password_file(self):
        self.seven(self.csv)
        self.password.write_text("", encoding="ascii")
        told = kit.run(["check", self.zip, "--password-file", self.password])
        self.assertEqual(told.code, 2, told)
        self.assertEqual(len(told.err.strip().splitlines()), 1, told)

    def test_zip_crypto(self):
        self.seven(self.csv, switches=("-mem=ZipCrypto",))
        self.shut("FI10")

    def test_zip_crypto_without_a_password(self):
        """The kind of encryption shows without a password, and it is what has to change."""
        self.seven(self.csv, switches=("-mem=ZipCrypto",))
        self.refused(self.zip, "FI10")

    def test_shorter_keys(self):
        for bits in (128, 192):
            with self.subTest(bits=bits):
                self.pyzip(self.csv, bits=bits)
                self.shut("FI10")
        self.zip.unlink()
        self.seven(self.csv, switches=("-mem=AES128",))
        self.shut("FI10")

    def test_truncated(self):
        self.seven(self.csv)
        whole = self.zip.read_bytes()
        for size in (4, len(whole) // 2, len(whole) - 30, len(whole) - 1):
            with self.subTest(size=size):
                self.zip.write_bytes(whole[:size])
                self.shut("FI10", "FI12")

    def test_damaged(self):
        self.seven(self.csv)
        whole = bytearray(self.zip.read_bytes())
        whole[len(whole) // 2] ^= 1
        self.zip.write_bytes(whole)
        self.shut("FI12")

    def test_two_members(self):
        self.seven(self.csv, self.workbook())
        self.shut("FI10")

    def test_no_member(self):
        with pyzipper.AESZipFile(self.zip, "w"):
            pass
        self.shut("FI10")

    def test_folder_inside(self):
        self.seven(self.csv.parent)
        self.shut("FI10")

    def test_member_of_no_supported_kind(self):
        for ending in (".pdf", ".txt", ".ods", ".zip", ".exe", ""):
            with self.subTest(ending=ending):
                self.zip.unlink(missing_ok=True)
                self.csv = self.csv.rename(self.csv.with_suffix(ending))
                self.seven(self.csv)
                self.shut("FI10")

    def test_archive_inside(self):
        self.seven(self.csv)
        inner = self.zip.rename(self.path("plain") / "inner.zip")
        self.seven(inner)
        self.shut("FI10")

    def test_archive_inside_with_another_ending(self):
        self.seven(self.csv)
        for ending in ("csv", "xlsx"):
            with self.subTest(ending=ending):
                if self.zip.exists():
                    inner = self.zip.rename(self.path("plain") / f"inner.{ending}")
                else:
                    inner = inner.rename(inner.with_suffix(f".{ending}"))
                self.seven(inner)
                self.shut("FI02", "FI10", "FI13", "FI15")
                self.zip.unlink()

    def test_not_an_archive(self):
        self.zip.write_bytes(self.csv.read_bytes())
        self.shut("FI02")

    def test_archives_are_for_authorisations_only(self):
        demand = kit.write_csv(self.path("plain") / f"{kit.DC_STEM}.csv", kit.DC_HEADER, kit.dc_rows())
        self.seven(demand)
        self.refused(self.zip.rename(self.path(f"{kit.DC_STEM}.zip")), "FI02", password_file=self.password)

    def test_rows_in_the_wrong_place(self):
        """A workbook's content under a CSV name, and the other way round."""
        for source, ending in ((self.workbook(), ".csv"), (self.csv, ".xlsx")):
            with self.subTest(ending=ending):
                self.zip.unlink(missing_ok=True)
                self.seven(source.rename(source.with_name("other" + ending)))
                self.shut("FI02", "FI10")


if __name__ == "__main__":
    unittest.main()
