"""Makes a small database with another program and keeps it as text: what an upgrade begins with.

Run with the program that is to be upgraded from, and a server for the second text:

    SLUICE=path/to/the/older/sluice scripts/with-postgres python -m tests.upgrade.make

It writes `sqlite.sql.gz` and `postgresql.sql.gz` beside this file. The schema of the second is called `before_upgrade`.
"""

import gzip
import os
import pathlib
import shutil
import subprocess
import tempfile

import pyzipper

from tests.database import kit

HERE = pathlib.Path(__file__).parent
SCHEMA = "before_upgrade"
# When the first day is locked, and the last moment of its life.
LOCK = "2021-07-23T18:30:00+01:00"
END = "2021-07-26T09:00:00+01:00"


def live(programme):
    """A little of everything: people, files that are taken and refused, issued files, a schedule, a stop, an import."""
    programme.open()
    first, second = programme.suppliers
    numbers = list(first.numbers)
    programme.submit(first.party, programme.authorisation_file(first, kit.authorisations(first, numbers[:10])))
    foreign = kit.authorisations(first, [*numbers[10:13], *list(second.numbers)[:3]])
    programme.submit(first.party, programme.authorisation_file(first, foreign), code=1)
    programme.submit(second.party, programme.file("nonsense.csv", b"nothing\n"), code=1)
    protected(programme, second, kit.authorisations(second, list(second.numbers)[:5]))
    programme.run("stop", "impose", "--model", "a:b:1", "--reason", "a fault", "--by", "alice")
    programme.run("stop", "lift", "1", "--by", "alice", "--approve", "bob")
    programme.run("user", "add", "carol", "--role", "observer")
    programme.run("user", "disable", "carol")
    programme.run("schedule", "lock", kit.MONDAY, "--waive", "a test", "--by", "alice", "--now", LOCK)
    programme.run("audit", "verify", "--now", END)
    programme.run("replay")


def protected(programme, supplier, rows):
    """A protected file and its password."""
    stem, secret = programme.stem(supplier), kit.password()
    archive = programme.folder / "files" / f"MA_{stem}.zip"
    with pyzipper.AESZipFile(archive, "w", encryption=pyzipper.WZ_AES) as made:
        made.setpassword(secret.encode())
        made.writestr("rows.csv", kit.csv_bytes(kit.MA_HEADER, rows))
    told = programme.file(f"MAPASSWORD_{stem}.txt", f"{secret}\n".encode())
    programme.submit(supplier.party, archive, told)


def sqlite(programme):
    with programme.backend.connect() as connection:
        return "\n".join(connection.iterdump())


def postgresql(programme):
    """Statements that psql is not needed for: no COPY, no commands of its own."""
    found = shutil.which("pg_dump") or max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    command = [found, "--inserts", "--no-owner", "--no-privileges", "--schema", programme.backend.schema]
    text = subprocess.run([*command, programme.backend.server], check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if not line.startswith(("\\", "--")))


def main():
    for backend, dump in ((kit.Sqlite, sqlite), (kit.Postgresql, postgresql)):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-upgrade-"))
        programme = kit.Programme(backend, folder, suppliers=2, installations=20)
        try:
            live(programme)
            text = dump(programme)
            if backend is kit.Postgresql:
                text = text.replace(programme.backend.schema, SCHEMA)
            path = HERE / f"{dump.__name__}.sql.gz"
            # Without a moment in it: the same text gives the same file.
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
            print(f"{path}: {os.path.getsize(path)} bytes")
        finally:
            programme.close()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
