"""A database that lies where nothing can be written: SQLite cannot read it there, and the message says what to do.

Run: SLUICE=path/to/sluice python -m unittest tests.database.test_read_only
"""

import shutil
import subprocess
import unittest

from . import kit

MOUNTED = 'mount -t tmpfs none "$1" && cp -r "$2" "$1/data" && mount -o remount,ro "$1" && shift 2 && exec "$@"'


def can_mount():
    """May this user mount something in a namespace of its own?"""
    words = ["unshare", "-m", "sh", "-c", 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"']
    return shutil.which("unshare") and subprocess.run(words, capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_mount(), "nothing can be mounted here")
class ReadOnlySqlite(kit.OnSqlite):
    def test_who_only_reads_is_told_to_copy_it(self):
        main = self.programme(suppliers=1).open()
        place = self.folder / "mounted"
        place.mkdir()
        url = f"sqlite:{place}/data/{main.backend.path.name}"
        for command in (["week", "show", "2021-07-26"], ["audit", "verify"]):
            mounted = ["unshare", "-m", "sh", "-c", MOUNTED, "sh", place, main.backend.path.parent]
            words = [*mounted, kit.sluice_path(), *command, "--database", url]
            told = subprocess.run(words, capture_output=True, text=True, check=False)
            self.assertEqual(told.returncode, 3, told)
            self.assertIn("copy the file to a folder that can be written", told.stderr)


if __name__ == "__main__":
    unittest.main()
