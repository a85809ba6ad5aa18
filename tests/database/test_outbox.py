"""The outbox compares contents, not names: what is there in part is written again, what somebody altered stays and is
told.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_outbox
"""

import json
import unittest

from . import kit


class Outbox:
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=1).open()
        self.party = self.main.suppliers[0].party
        self.inbox = self.main.folder / "inbox"
        self.assertEqual(len(self.outbox()["written"]), 2)
        self.first, self.second = sorted(self.inbox.iterdir())
        self.issued = self.contents()

    def contents(self):
        return {path.name: path.read_bytes() for path in self.inbox.iterdir()}

    def outbox(self, code=0):
        run = self.main.run("outbox", "--json", "--as", self.party, "--out", self.inbox, code=code)
        return json.loads(run.out)

    def said(self, code=0):
        told = self.outbox(code)
        return tuple(told[key] for key in ("written", "completed", "altered"))

    def test_files_that_are_there_whole_are_left(self):
        moments = [path.stat().st_mtime_ns for path in (self.first, self.second)]
        self.assertEqual(self.said(), ([], [], []))
        self.assertEqual([path.stat().st_mtime_ns for path in (self.first, self.second)], moments)

    def test_an_empty_or_truncated_file_is_written_again(self):
        for size in (0, 1, len(self.issued[self.first.name]) - 1):
            self.first.write_bytes(self.issued[self.first.name][:size])
            self.assertEqual(self.said(1), ([], [self.first.name], []), size)
            self.assertEqual(self.contents(), self.issued)
            self.assertEqual(self.said(), ([], [], []))

    def test_an_altered_file_stays_and_is_told_until_it_is_moved(self):
        issued = self.issued[self.first.name]
        for altered in (issued + b"a note\n", issued.replace(b"0", b"1"), issued[:-1] + b"?", b"\n"):
            self.first.write_bytes(altered)
            self.second.write_bytes(b"")
            # One does not keep the other from being written.
            self.assertEqual(self.said(1), ([], [self.second.name], [self.first.name]))
            self.assertEqual(self.said(1), ([], [], [self.first.name]))
            self.assertEqual(self.contents(), {**self.issued, self.first.name: altered})
        run = self.main.run("outbox", "--as", self.party, "--out", self.inbox, code=1)
        self.assertIn("1 file not as issued, left as found", run.out)
        self.first.rename(self.main.folder / "mine")
        self.assertEqual(self.said(), ([self.first.name], [], []))
        self.assertEqual(self.contents(), self.issued)

    def test_a_folder_in_the_place_of_a_file_stays_and_is_told(self):
        self.first.unlink()
        self.first.mkdir()
        self.assertEqual(self.said(1), ([], [], [self.first.name]))

    def test_runs_at_the_same_time_into_one_folder_all_go_on(self):
        for folder in (self.main.folder / f"inbox-{number}" for number in range(5)):
            started = [self.main.start("outbox", "--json", "--as", self.party, "--out", folder) for _ in range(4)]
            runs = [self.main.ended(child) for child in started]
            told = [json.loads(run.out) for run in runs]
            self.assertEqual(sorted(name for one in told for name in one["written"]), sorted(self.issued))
            self.assertEqual([one["altered"] + one["completed"] for one in told], [[]] * 4)
            self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir()}, self.issued)


class OutboxOnSqlite(Outbox, kit.OnSqlite):
    pass


class OutboxOnPostgresql(Outbox, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
