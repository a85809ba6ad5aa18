"""What the program writes is on the disk before it is said to be there, has the rights that the umask leaves, and is
whole wherever the program is killed: strace says which calls it made, and kills it or refuses a call at each of them in turn.

Run: SLUICE=path/to/sluice python -m unittest tests.files.test_output
"""

import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

from .kit import DAYS, PARTY, S1SP, TIMEOUT, USER, sluice_path, write_csv

# More calls of one kind than any command here makes.
CALLS = 60

LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
FD = re.compile(r"^(\d+)<([^>]*)>")


class OutputCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-output-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        capacity = [[S1SP, day.isoformat(), 11, 1] for day in DAYS]
        header = ["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"]
        write_csv(self.folder / "capacity.csv", header, capacity)
        demand = [[party, S1SP, day.isoformat(), 7] for day in DAYS for party in ("A", "B")]
        write_csv(self.folder / "demand.csv", ["Party", "S1SP", "Migration Date", "Demand"], demand)

    def scale(self, *more, out="result", dmin=2):
        given = ["--capacity", "capacity.csv", "--demand-table", "demand.csv", "--dmin", dmin, "--out", out]
        return ["scale", *given, *more]

    def template(self, *more, out="template.csv"):
        given = ["--party", PARTY, "--s1sp", S1SP, "--week", DAYS[0].isoformat(), "--user-id", USER, "--out", out]
        return ["template", "demand", *given, *more]

    def run_(self, arguments, code=0, before=(), **options):
        """A command in the folder; it must end with `code`, unless that is None."""
        command = [*before, sluice_path(), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT, check=False, **options
        )
        if code is not None:
            self.assertEqual(done.returncode, code, (command, done.stdout, done.stderr))
        return done

    def calls(self, names, arguments):
        """The calls of some names that a command makes, with what each gave back."""
        trace = self.folder.parent / f"{self.folder.name}.trace"
        self.addCleanup(trace.unlink, missing_ok=True)
        self.run_(arguments, before=["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={names}", "-o", trace])
        found = [LINE.match(line) for line in trace.read_text(errors="replace").splitlines()]
        return [match.groups() for match in found if match]

    def staged(self):
        """What lies beside the results that is none."""
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith("."))


class Rights(OutputCase):
    def test_the_umask_is_honoured(self):
        commands = {
            "scaled": self.scale("--report", "deep/page.html", out="scaled"),
            "table": self.scale("--table-only", out="table"),
            "made": self.template(out="made/template.xlsx"),
        }
        for mask in (0o077, 0o002, 0o022, 0o027):
            for arguments in commands.values():
                self.run_(arguments, umask=mask)
            folders = [self.folder / name for name in (*commands, "deep")]
            written = [path for folder in folders for path in (folder, *folder.rglob("*"))]
            self.assertEqual(len(written), 4 + 3 + 2 + 2)
            for path in written:
                full = 0o777 if path.is_dir() else 0o666
                self.assertEqual(oct(stat.S_IMODE(path.stat().st_mode)), oct(full & ~mask), path)
            for folder in folders:
                shutil.rmtree(folder)

    def test_rights_are_never_changed_afterwards(self):
        for arguments in (self.scale("--report", "page.html"), self.template()):
            self.assertEqual(self.calls("chmod,fchmod,fchmodat,umask", arguments), [])


class OnDisk(OutputCase):
    def check(self, arguments, *results):
        """Each file is brought to the disk before it is moved, its folder afterwards, and only then is it told."""
        calls = self.calls("fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,write", arguments)
        synced, moved, names, told = set(), {}, set(), False
        for call, given, gave in calls:
            self.assertTrue(int(gave) >= 0 or call.startswith(("rename", "mkdir")), (call, given, gave))
            if call.endswith("sync"):
                synced.add(FD.match(given)[2])
                names -= {FD.match(given)[2]}
            elif call.startswith("mkdir"):
                made = pathlib.Path(re.search(r'"([^"]*)"', given)[1])
                # A folder in which something is made only for a while need not be there for ever.
                if int(gave) == 0 and not made.name.startswith(".sluice-"):
                    names.add(str((self.folder / made).parent))
            elif call.startswith("rename") and int(gave) == 0:
                fresh, place = (str(self.folder / path) for path in re.findall(r'"([^"]*)"', given))
                self.assertIn(fresh, synced, f"{fresh} is moved before it is on the disk")
                moved[place] = fresh
                names.add(str(pathlib.Path(place).parent))
            elif call == "write":
                descriptor = FD.match(given)
                if descriptor and int(descriptor[1]) == 1:
                    told = True
                    self.assertEqual(names, set(), "told before the names are on the disk")
        self.assertTrue(told)
        for result in results:
            place = str(self.folder / result)
            fresh = moved[place]
            for path in (self.folder / result).rglob("*"):
                self.assertIn(str(fresh / path.relative_to(place)), synced, f"{path} is not on the disk")

    def test_a_result_with_its_report(self):
        result, page = "new/folder/result", "pages/new/page.html"
        self.check(self.scale("--report", page, out=result), result, page)

    def test_a_result_in_the_place_of_another(self):
        self.run_(self.scale())
        self.check(self.scale("--force", dmin=3), "result")

    def test_a_table(self):
        self.check(self.scale("--table-only"), "result")

    def test_a_template(self):
        self.check(self.template(out="new/template.xlsx"), "new/template.xlsx")


class Killed(OutputCase):
    """A second result takes the place of a first one, and is killed at each call in turn."""

    def setUp(self):
        super().setUp()
        self.content = {}
        for dmin in (2, 3):
            self.run_(self.scale(out="other", dmin=dmin))
            self.content[dmin] = self.read("other")
            shutil.rmtree(self.folder / "other")
        self.assertNotEqual(self.content[2], self.content[3])

    def read(self, name):
        return {path.name: path.read_bytes() for path in (self.folder / name).iterdir()}

    def whole(self):
        """Which of the two results stands in its place."""
        found = [dmin for dmin, content in self.content.items() if content == self.read("result")]
        self.assertEqual(len(found), 1, "neither result is whole")
        return found[0]

    def strike(self, call, *refused):
        """Kills the program at its first call of a kind, its second, and so on, until it ends by itself."""
        seen = []
        for when in range(1, CALLS):
            shutil.rmtree(self.folder / "result", ignore_errors=True)
            self.run_(self.scale())
            kill = f"inject={call}:signal=KILL:when={when}"
            inject = [word for each in (kill, *refused) for word in ("-e", each)]
            before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=all", *inject]
            done = self.run_(self.scale("--force", dmin=3), None, before)
            if done.returncode == 0:
                self.assertEqual(self.whole(), 3)
                break
            self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
            if not refused:
                self.whole()
            # The next run finds a result there, puts it back if need be, and takes away what was left beside it.
            self.assertIn("holds a result already", self.run_(self.scale(), 2).stderr)
            self.assertEqual(self.staged(), [])
            seen.append(self.whole())
        else:
            self.fail(f"there are more than {CALLS} calls of {call}")
        # It was killed at all; the first result stood until the second did.
        self.assertTrue(seen, call)
        self.assertEqual(seen, sorted(seen))

    def test_where_names_are_exchanged(self):
        for call in ("/rename.*", "fsync", "unlinkat", "mkdir,mkdirat"):
            self.strike(call)

    def test_where_the_disk_cannot_exchange_names(self):
        refused = "inject=renameat2:error=EINVAL"
        for call in ("fsync", "rename,renameat", "unlinkat"):
            self.strike(call, refused)


if __name__ == "__main__":
    unittest.main()
