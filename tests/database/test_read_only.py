"""A database that lies where nothing can be written, or that another writes: what can be read is read, and the message says what to do.

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


class BusySqlite(kit.OnSqlite):
    def test_a_proposal_is_read_while_another_writes(self):
        main = self.programme(suppliers=1).open()
        outage = ["--from", "2021-01-04T10:00:00Z", "--to", "2021-01-04T11:00:00Z", "--reason", "a cable"]
        main.run("intake", "outage", *outage, "--by", "alice", "--propose")
        with main.backend.connect() as other:
            other.execute("BEGIN IMMEDIATE")
            told = main.run("proposal", "show", "1")
        self.assertIn("record that nothing could be handed in", told.out)
        self.assertIn("it cannot be tried out: the database is busy", told.out)
        self.assertIn("The same now", main.run("proposal", "show", "1").out)


if __name__ == "__main__":
    unittest.main()
