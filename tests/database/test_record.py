"""What was done and received cannot be changed unseen: by whom has the database, on either kind of it.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_record
"""

import json
import unittest

from . import kit, record

COLUMNS = ["seq", "at", "actor", "kind", "rulebook", "detail_digest", "outcome_digest", "leaf", "format", "account"]
COLUMNS += ["engine", "program", "input_digest", "issued_digest"]


class RecordCase:
    """A programme in which files were taken over and issued, and somebody who writes in its tables."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=10).open()
        supplier = self.main.suppliers[0]
        rows = kit.authorisations(supplier, list(supplier.numbers)[:5])
        self.main.submit(supplier.party, self.main.authorisation_file(supplier, rows))

    # What a forger does.

    def write(self, sql, *values):
        """Writes past the program, with no foreign key in the way."""
        self.main.backend.write(sql, *values)

    def row(self, seq):
        found = self.main.one(f"SELECT {', '.join(COLUMNS)} FROM audit WHERE seq = ?", seq)
        return dict(zip(COLUMNS, map(kit.plain, found), strict=True))

    def rewrite(self, seq, **changes):
        """Changes a row of the log, with a leaf that fits."""
        row = {**self.row(seq), **changes}
        changes["leaf"] = record.leaf(row)
        sets = ", ".join(f"{column} = ?" for column in changes)
        self.write(f"UPDATE audit SET {sets} WHERE seq = ?", *changes.values(), seq)

    def seq_of(self, kind):
        return self.main.rows("SELECT max(seq) FROM audit WHERE kind = ?", kind)[0][0]

    # What is found.

    def head(self):
        return self.main.run("audit", "head").out.strip()

    def bad(self, *words, heads=()):
        """The check finds it and says so, and shows it to programs as well."""
        options = [part for head in heads for part in ("--head", head)]
        run = self.main.run("audit", "verify", *options, code=1)
        self.assertEqual(len(run.out.splitlines()), 1, run)
        for word in words:
            self.assertIn(word, run.out, run)
        told = json.loads(self.main.run("audit", "verify", "--json", *options, code=1).out)
        self.assertEqual(told["bad"], run.out.strip())

    def differs(self, *words):
        run = self.main.run("replay", code=1)
        for word in words:
            self.assertIn(word, run.out, run)


class Altered(RecordCase):
    def test_log_as_it_is_documented(self):
        """Leaves, details, names and the head, computed a second time."""
        leaves = []
        for (seq,) in self.main.rows("SELECT seq FROM audit ORDER BY seq"):
            row = self.row(seq)
            salt, detail = map(kit.plain, self.main.one("SELECT salt, detail FROM act WHERE seq = ?", seq))
            self.assertEqual((row["format"], row["actor"]), (2, ""))
            self.assertEqual(row["leaf"], record.leaf(row))
            self.assertEqual(row["detail_digest"], record.salted(salt, b"details", detail.encode()))
            leaves.append(row["leaf"])
        self.assertEqual(self.head(), f"{len(leaves)}:{record.root(leaves).hex()}")
        told = json.loads(self.main.run("audit", "head", "--json").out)
        self.assertEqual((told["head"], told["rows"]), (self.head(), len(leaves)))
        alice = self.main.one("SELECT id FROM account_name WHERE name = 'alice'")
        by_alice = self.main.rows("SELECT kind FROM audit WHERE account = ?", alice)
        self.assertEqual([kind for (kind,) in by_alice], ["publish", "publish"])

    def test_received(self):
        receipt = self.seq_of("receive")
        last, name, digest = self.main.rows("SELECT id, name, digest FROM received ORDER BY id DESC LIMIT 1")[0]
        other = self.main.rows("SELECT digest FROM received WHERE digest <> ? ORDER BY id LIMIT 1", kit.plain(digest))[0][0]
        for column, value in {
            "at": 1626166800001,
            "name": "MA_other.csv",
            "sender": "SUP002",
            "digest": kit.plain(other),
            "size": 1,
        }.items():
            with self.subTest(column=column):
                before = kit.plain(self.main.one(f"SELECT {column} FROM received WHERE id = ?", last))
                self.write(f"UPDATE received SET {column} = ? WHERE id = ?", value, last)
                self.bad(f"received file {last}", "is not what", f"row {receipt}")
                self.write(f"UPDATE received SET {column} = ? WHERE id = ?", before, last)
        self.main.run("audit", "verify")
        self.write("UPDATE received SET id = 99 WHERE id = ?", last)
        self.bad(f"received file {last}", "is missing")
        self.write("UPDATE received SET id = ? WHERE id = 99", last)
        self.write("INSERT INTO received (id, name, sender, at, size) VALUES (99, ?, 'SUP001', 1626166800000, 0)", name)
        self.bad("received file 99 belongs to no act")

    def test_content(self):
        """A byte of what was received: found, and refused when it is read."""
        digest = kit.plain(self.main.rows("SELECT digest FROM received ORDER BY id DESC LIMIT 1")[0][0])
        content = self.main.content(digest)
        other = kit.repacked(content.replace(b"AUTHORISE", b"AUTHORISX", 1))
        kept = kit.plain(self.main.one("SELECT bytes FROM content_part WHERE digest = ?", digest))
        self.write("UPDATE content_part SET bytes = ? WHERE digest = ?", other, digest)
        self.bad("content", digest.hex(), "was changed")
        self.main.run("replay", code=3)
        self.write("UPDATE content_part SET bytes = ? WHERE digest = ?", b"\0" * 20, digest)
        self.bad("content", digest.hex(), "was changed")
        self.write("DELETE FROM content_part WHERE digest = ?", digest)
        self.bad("content", digest.hex(), "was changed")
        self.write("INSERT INTO content_part (digest, place, bytes) VALUES (?, 0, ?)", digest, kept)
        self.intact(self.main)

    def test_issued(self):
        judged = self.seq_of("judge")
        last, name = self.main.rows("SELECT id, name FROM issued ORDER BY id DESC LIMIT 1")[0]
        self.write("UPDATE issued SET name = 'other.csv' WHERE id = ?", last)
        self.bad(f"the files that row {judged} issued were changed", "other.csv")
        self.write("UPDATE issued SET name = ?, party = 'SUP002' WHERE id = ?", name, last)
        self.bad(f"the files that row {judged} issued were changed")
        self.write("UPDATE issued SET party = 'SUP001' WHERE id = ?", last)
        self.main.run("audit", "verify")
        copy = "INSERT INTO issued (id, party, name, at, file, size, bytes, act, digest) " \
            "SELECT id + 1, party, 'more.csv', at, file, size, bytes, {}, digest FROM issued WHERE id = ?"
        self.write(copy.format("act"), last)
        self.bad(f"the files that row {judged} issued were", "more.csv")
        self.write("UPDATE issued SET act = NULL WHERE name = 'more.csv'")
        self.bad(f"issued file {last + 1} belongs to no act")
        self.write("UPDATE issued SET act = 999 WHERE name = 'more.csv'")
        self.bad("what row 999 issued is there and the row is not")
        self.write("DELETE FROM issued WHERE name = 'more.csv'")
        self.intact(self.main)
        self.write("DELETE FROM issued WHERE id = ?", last)
        self.bad(f"the files that row {judged} issued were", "none is left")

    def test_content_of_an_issued_file(self):
        last, size, packed, digest = self.main.rows(
            "SELECT id, size, bytes, digest FROM issued ORDER BY id DESC LIMIT 1"
        )[0]
        packed, digest = kit.plain(packed), kit.plain(digest)
        other = kit.unpacked(packed).replace(b"ACCEPTED", b"REFUSEDX", 1)
        self.assertEqual(len(other), size)
        self.write("UPDATE issued SET bytes = ? WHERE id = ?", kit.repacked(other), last)
        self.bad("issued file MAR_", "no longer fits its digest")
        self.refused_to_read()
        self.differs("table issued is not the same")
        # With a digest that fits, the log does not.
        self.write("UPDATE issued SET digest = ? WHERE id = ?", kit.sha256(other), last)
        self.bad(f"the files that row {self.seq_of('judge')} issued were changed")
        self.write("UPDATE issued SET bytes = ?, digest = ? WHERE id = ?", packed, digest, last)
        self.intact(self.main)

    def refused_to_read(self):
        run = self.main.run("outbox", "--as", "SUP001", "--out", self.main.folder / "outbox", code=3)
        self.assertIn("no longer fits its digest", run.err)

    def test_packed_by_another_library(self):
        """What packs otherwise is the same content."""
        for number, packed in self.main.rows("SELECT id, bytes FROM issued"):
            packed = kit.plain(packed)
            again = kit.repacked(kit.unpacked(packed), level=19)
            self.assertNotEqual(packed, again)
            self.write("UPDATE issued SET bytes = ? WHERE id = ?", again, number)
        self.intact(self.main)

    def test_answers(self):
        """The rows of a file behind an answer: refused when they are read, and found by a replay."""
        supplier = self.main.suppliers[0]
        foreign = kit.authorisations(supplier, list(self.main.suppliers[1].numbers)[:2])
        self.main.submit(supplier.party, self.main.authorisation_file(supplier, foreign), code=1)
        self.intact(self.main)
        packed = kit.plain(self.main.one("SELECT packed FROM answer"))
        self.write("UPDATE answer SET packed = ?", packed[:3] + bytes([packed[3] ^ 1]) + packed[4:])
        self.differs("table answer is not the same")

    def test_derived(self):
        for table, change, back in (
            ("allocation", "units = units + 1", "units = units - 1"),
            ("account", "disabled = 1", "disabled = 0"),
            ("authorisation", "reference = reference || 'x'", "reference = substr(reference, 1, length(reference) - 1)"),
        ):
            with self.subTest(table=table):
                self.write(f"UPDATE {table} SET {change}")
                self.differs(f"table {table} is not the same")
                self.write(f"UPDATE {table} SET {back}")
        self.intact(self.main)


class Rewritten(RecordCase):
    def test_last_acts_deleted(self):
        """And everything that belonged to them: only a head that was kept shows it."""
        old, rows = self.head(), self.main.one("SELECT max(seq) FROM audit")
        for supplier in self.main.suppliers:
            self.main.run("user", "add", f"{supplier.party}-clerk", "--role", "observer")
        head = self.head()
        self.main.run("audit", "verify", "--head", old, "--head", head)
        self.write("DELETE FROM audit WHERE seq > ?", rows)
        self.bad(f"the details of row {rows + 1} are there and the row is not")
        self.write("DELETE FROM act WHERE seq > ?", rows)
        self.write("DELETE FROM act_key WHERE seq > ?", rows)
        self.write("DELETE FROM account WHERE name LIKE '%-clerk'")
        self.intact(self.main)
        self.main.run("audit", "verify", "--head", old)
        self.bad(f"ends with row {rows}", head, "taken away", "older copy", heads=[old, head])

    def test_hundred_acts_deleted(self):
        rows = self.main.one("SELECT max(seq) FROM audit")
        for number in range(100):
            self.main.run("user", "add", f"clerk{number}", "--role", "observer")
        head = self.head()
        self.write("DELETE FROM audit WHERE seq > ?", rows)
        self.write("DELETE FROM act WHERE seq > ?", rows)
        self.write("DELETE FROM act_key WHERE seq > ?", rows)
        self.write("DELETE FROM account WHERE name LIKE 'clerk%'")
        self.intact(self.main)
        self.bad(f"ends with row {rows} and the head", f"of {rows + 100}", heads=[head])

    def test_act_rewritten(self):
        """With new digests and a new leaf: no row looks wrong, and a kept head shows it."""
        head, seq = self.head(), self.seq_of("user-add")
        salt, detail = map(kit.plain, self.main.one("SELECT salt, detail FROM act WHERE seq = ?", seq))
        detail = detail.replace("bob", "eve")
        self.write("UPDATE act SET detail = ? WHERE seq = ?", detail, seq)
        self.bad(f"the details of row {seq} were changed")
        self.rewrite(seq, detail_digest=record.salted(salt, b"details", detail.encode()))
        self.main.run("audit", "verify")
        rows = head.split(":")[0]
        self.bad(f"no longer begins with the {rows} rows of the head {head}", "replaced", heads=[head])

    def test_an_act_is_replayed_by_the_rules_that_decided_it(self):
        """Version 1 counted no row before an import of capacity that changes none."""
        day = [[kit.S1SP, f"{kit.DAYS[0]}", self.main.capacity, 0]]
        told = self.main.run("import", "capacity", self.main.table("capacity", kit.CAPACITY, day), code=0).out
        self.assertIn("5 rows before", told)
        self.main.run("replay")
        seq = self.seq_of("import")
        own = self.row(seq)["engine"]
        self.rewrite(seq, engine=1)
        self.differs(f"act {seq} (import): something else comes of it")
        self.rewrite(seq, engine=own + 1)
        self.differs(f"engine {own + 1}", "which this program does not have")

    def test_row_changed(self):
        seq = self.seq_of("publish")
        for column, value in {"at": 1626166800000, "kind": "scale", "engine": 1, "program": "9", "account": b"\1" * 16}.items():
            with self.subTest(column=column):
                before = self.row(seq)[column]
                self.write(f"UPDATE audit SET {column} = ? WHERE seq = ?", value, seq)
                self.bad(f"row {seq} was changed: its leaf does not fit")
                self.write(f"UPDATE audit SET {column} = ? WHERE seq = ?", before, seq)
        self.rewrite(seq, account=b"\1" * 16)
        self.bad(f"the account of row {seq}, by which alice acted, is missing")

    def test_moment_set_back(self):
        seq = self.seq_of("publish")
        self.rewrite(seq, at=self.row(seq - 1)["at"] - 1)
        self.bad(f"row {seq} was changed", "before that of the row before")

    def test_row_taken_out(self):
        seq = self.seq_of("publish")
        self.write("DELETE FROM audit WHERE seq = ?", seq)
        self.bad(f"row {seq} is missing")

    def test_row_before_the_first(self):
        """It is told, and no head is taken of what it is part of."""
        names = ", ".join(COLUMNS)
        for seq in (0, -5):
            with self.subTest(seq=seq):
                self.write(f"INSERT INTO audit ({names}) SELECT {names.replace('seq', str(seq), 1)} FROM audit WHERE seq = 1")
                self.bad(f"row {seq} was added", "numbered from 1")
                self.assertIn(f"row {seq}", self.main.run("audit", "head", code=3).err)
                self.differs("act 1 is missing")
                self.write("DELETE FROM audit WHERE seq = ?", seq)
        self.intact(self.main)

    def test_content_of_a_refused_file(self):
        """Nothing was taken of it, and it is looked for all the same. Of what is refused by its name the record has no content."""
        supplier = self.main.suppliers[0]
        name = f"DC_{supplier.party}_{supplier.user_id}_{kit.S1SP}_20210809.csv"
        self.main.submit("SUP001", self.main.file(name, b"nothing"), code=1)
        receipt, digest = map(kit.plain, self.main.one("SELECT id, digest FROM received WHERE name = ?", name))
        parts = self.main.rows("SELECT * FROM content_part WHERE digest = ?", digest)
        self.write("DELETE FROM content_part WHERE digest = ?", digest)
        self.bad("content", digest.hex(), f"received file {receipt}, {name}")
        self.write("DELETE FROM content WHERE digest = ?", digest)
        self.bad(f"the content of received file {receipt} ({name}) is missing")
        self.write("INSERT INTO content VALUES (?, 7)", digest)
        self.write("INSERT INTO content_part VALUES (?, ?, ?)", *map(kit.plain, parts[0]))
        self.intact(self.main)
        more = b"slipped in"
        self.write("INSERT INTO content VALUES (?, ?)", kit.sha256(more), len(more))
        self.write("INSERT INTO content_part VALUES (?, 0, ?)", kit.sha256(more), kit.repacked(more))
        self.bad(f"content {kit.sha256(more).hex()} belongs to no file")

    def test_names_exchanged(self):
        self.write("UPDATE account_name SET name = 'mallory' WHERE name = 'alice'")
        self.bad("is known as mallory and acted as alice")

    def test_heads_that_are_none(self):
        for wrong in ("", "7", "7:abc", f"x:{'0' * 64}", f"7:{'g' * 64}"):
            run = self.main.run("audit", "verify", "--head", wrong, code=2)
            self.assertIn("is no head", run.err)
        self.bad("no longer begins with the 0 rows", heads=[f"0:{'0' * 64}"])


class Erased(RecordCase):
    def test_erased_details(self):
        """Erased as the documentation says it: counted and not missing; the log, files and heads hold."""
        head, seq = self.head(), self.seq_of("judge")
        salt = kit.plain(self.main.one("SELECT salt FROM act WHERE seq = ?", seq))
        self.write("UPDATE act SET detail = '' WHERE seq = ?", seq)
        self.bad(f"the details of row {seq} were changed")
        mark = "UPDATE act SET detail = '', salt = ?, erased_at = 1630000000000 WHERE seq = ?"
        self.write(mark, record.file_salt(salt), seq)
        run = self.main.run("audit", "verify", "--head", head)
        self.assertIn("The details of 1 row are erased.", run.out)
        self.assertEqual(json.loads(self.main.run("audit", "verify", "--json").out)["erased"], 1)
        acts = self.main.one("SELECT count(*) FROM audit")
        self.differs(f"{acts - 1} acts done again", "can no longer be done again", f"{seq} (judge)", "of the tables day_count, file_count, place_count, clock_left, open_count, issued")
        # A text in the place of what was erased is none.
        self.write("UPDATE act SET detail = 'another' WHERE seq = ?", seq)
        self.bad(f"the details of row {seq} are marked as erased and are not")
        self.write("UPDATE act SET detail = '' WHERE seq = ?", seq)
        # What the act issued is still held against the log.
        self.write("UPDATE issued SET party = 'SUP002' WHERE act = ?", seq)
        self.bad(f"the files that row {seq} issued were changed")

    def test_first_act_erased(self):
        """What can be compared still is."""
        salt = kit.plain(self.main.one("SELECT salt FROM act WHERE seq = 1"))
        self.write("UPDATE act SET detail = '', salt = ?, erased_at = 1630000000000 WHERE seq = 1", record.file_salt(salt))
        told = json.loads(self.main.run("replay", "--json", code=1).out)
        self.assertEqual((told["erased"], told["difference"]), ([1], None))
        self.assertGreater(told["tables"], 0)
        self.assertIn("party", told["open"])
        self.differs("Nothing can be said of the tables", "party")
        # The record of what follows is still held against the log.
        self.write("UPDATE act SET detail = 'x' WHERE seq = 2")
        self.differs("act 2", "its record was changed afterwards")

    def test_conduct_says_what_it_cannot_tell(self):
        lock = "2021-07-23T18:30:00+01:00"
        self.main.run("schedule", "lock", kit.MONDAY, "--waive", "a test", "--by", "alice", "--now", lock)
        report = ["report", "conduct", "--from", "2021-07-01", "--to", "2021-07-31"]
        self.assertNotIn("may be missing", self.main.run(*report).out)
        seq = self.seq_of("lock")
        salt = kit.plain(self.main.one("SELECT salt FROM act WHERE seq = ?", seq))
        self.write("UPDATE act SET detail = '', salt = ?, erased_at = 1 WHERE seq = ?", record.file_salt(salt), seq)
        self.assertIn("1 act may be missing here and in the counts", " ".join(self.main.run(*report).out.split()))

    def test_erased_names(self):
        """Counted like details; a name too many is told."""
        self.write("UPDATE account_name SET name = NULL, erased_at = 5")
        self.assertIn("The name of 1 account is erased.", self.main.run("audit", "verify").out)
        self.assertEqual(json.loads(self.main.run("audit", "verify", "--json").out)["nameless"], 1)
        self.write("INSERT INTO account_name VALUES (?, 'mallory', NULL)", b"\7" * 16)
        self.bad("account_name has mallory, and no row of the log is by that account")

    def test_missing_details(self):
        seq = self.seq_of("publish")
        self.write("DELETE FROM act WHERE seq = ?", seq)
        self.bad(f"the details of row {seq} are missing, and are not marked as erased")
        self.differs(f"act {seq} (publish)", "details are missing")


class AlteredOnSqlite(Altered, kit.OnSqlite):
    pass


class AlteredOnPostgresql(Altered, kit.OnPostgresql):
    pass


class RewrittenOnSqlite(Rewritten, kit.OnSqlite):
    pass


class RewrittenOnPostgresql(Rewritten, kit.OnPostgresql):
    pass


class ErasedOnSqlite(Erased, kit.OnSqlite):
    pass


class ErasedOnPostgresql(Erased, kit.OnPostgresql):
    pass


if __name__ == "__main__":
    unittest.main()
