"""Makes a small database in which another program judged the files of other programs: what a replay must judge as it did.

Run with the program that is to be upgraded from:

    SLUICE=path/to/the/older/sluice python -m tests.upgrade.make_files

It writes `files.sql.gz` beside this file. One file of each fault is enough.
"""

import gzip
import pathlib
import shutil
import tempfile

from tests.database import kit
from tests.upgrade.make import HERE, sqlite

OTHERS = HERE.parent / "files" / "others"
DEMAND = [
    "csv/DC-semicolons.csv",
    "csv/DC-utf-16.csv",
    "gnumeric/DC-formulas-with-results.xlsx",
    "openpyxl/DC-dates-as-numbers.xlsx",
    "openpyxl/DC-dates-without-zeros.xlsx",
    "openpyxl/DC-formula.xlsx",
    "openpyxl/DC-hidden-repeat.xlsx",
    "openpyxl/DC-note-beside.xlsx",
    "openpyxl/DC-two-sheets-alike.xlsx",
    "sheetjs/DC-iso-dates.xlsx",
    "sheetjs/DC-web-page.xlsx",
    "xlsxwriter/DC-stale-formulas.xlsx",
    "openpyxl/DC-dates.xlsx",
    "xlsxwriter/DC-noise.xlsx",
]
AUTHORISATIONS = [
    "7z/MA-LZMA.zip",
    "7z/MA-not-zip.zip",
    "csv/MA-mpans.csv",
    "openpyxl/MA-rows.xlsx",
    "pyzipper/MA-helper-members.zip",
    "pyzipper/MA-password-windows-1252.zip",
    "xlsxwriter/MA-carriage-returns.xlsx",
]


def live(programme):
    """All demand files for one week, each a new version, the last one right; then the authorisations."""
    programme.register()
    supplier = programme.suppliers[0]
    stem = f"DC_{supplier.party}_{supplier.user_id}_{kit.S1SP}_{kit.MONDAY:%Y%m%d}"
    for place, name in enumerate(DEMAND):
        given = OTHERS / name
        file = programme.file(f"{stem}{given.suffix}", given.read_bytes())
        moment = [] if place else ["--now", kit.DEMAND]
        programme.submit(supplier.party, file, code=None, more=["--confirm", *moment])
    programme.firm()
    programme.run("audit", "verify", "--now", kit.OPEN)
    for name in AUTHORISATIONS:
        given, stem = OTHERS / name, programme.stem(supplier)
        files = [programme.file(f"MA_{stem}{given.suffix}", given.read_bytes())]
        password = given.with_suffix(".txt")
        if password.exists():
            files.append(programme.file(f"MAPASSWORD_{stem}.txt", password.read_bytes()))
        programme.submit(supplier.party, *files, code=None)
    programme.run("replay")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-upgrade-"))
    programme = kit.Programme(kit.Sqlite, folder, suppliers=2, installations=20, demand=30)
    try:
        live(programme)
        path = HERE / "files.sql.gz"
        path.write_bytes(gzip.compress(sqlite(programme).encode(), mtime=0))
        print(f"{path}: {path.stat().st_size} bytes")
    finally:
        programme.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
