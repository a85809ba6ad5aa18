"""One change each: every column of every table of the record is changed, a row is added and one is taken away, and `audit verify`
tells it; of derived tables a `replay` does. What is not told stands here with the reason.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_each_table
"""

import unittest

from tests.upgrade.make import live

from . import kit
from .test_upgrade import text

# What `audit verify` looks at; `schema_version` is looked at by every command before anything else.
RECORD = ["account_name", "act", "act_key", "audit", "content", "content_part", "input", "received", "setting", "schema_version"]
# Derived, but looked at by `audit verify` too, column by column.
CHECKED = ["answer", "issued"]
# Not compared by anything, with the reason.
SECRET = {
    "token_secret": "what tokens are known by; neither record nor derived",
    "receipt_key": "what receipts are signed with; neither record nor derived",
    "request_done": "by what a request is known that was done; neither record nor derived",
}

# What was handed in, which is beside the database: on SQLite in a file of its own. What was taken over is in the record.
INTAKE = ("intake_arrival", "intake_part", "intake_live", "intake_claim", "intake_fact")

REPLAYED = "derived, and compared by a replay"
NAMES_NOTHING = "an act of format 1 commits to no file; a replay compares what came of it, and an import keeps no name"
# What `audit verify` does not tell on a new database.
UNSEEN = {
    ("issued", "id"): REPLAYED,
    ("issued", "at"): REPLAYED,
    ("issued", "file"): REPLAYED,
    ("answer", "file"): REPLAYED,
    ("answer", "codes"): REPLAYED,
    ("answer", "verdict"): REPLAYED,
    ("answer", "a row taken away"): REPLAYED,
    ("answer", "all rows taken away"): REPLAYED,
}
# And on one that an earlier program made.
UNSEEN_BEFORE = {
    **UNSEEN,
    ("received", "name"): NAMES_NOTHING,
    ("issued", "party"): REPLAYED,
    ("issued", "name"): REPLAYED,
    ("issued", "a row taken away"): REPLAYED,
    ("issued", "all rows taken away"): REPLAYED,
    ("answer", "packed"): REPLAYED,
}


def other(value):
    """Another value of the same kind."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"\1"
    return value + 1 if isinstance(value, int) else value + "x"


class EachTable:
    """Somebody who changes one thing, past the program."""

    def columns(self, table):
        with self.main.backend.connect() as connection:
            found = connection.execute(f"SELECT * FROM {table} LIMIT 0")
            return [column[0] for column in found.description]

    def load(self, table):
        return [tuple(map(kit.plain, row)) for row in self.main.rows(f"SELECT * FROM {table} ORDER BY 1, 2")]

    def keep(self):
        self.kept = {table: self.load(table) for table in self.main.backend.tables()}

    def put(self, table, rows):
        """Makes the rows of a table these; false if the database's own rules refuse them."""
        marks = ", ".join("?" * len(self.columns(table)))
        insert = f"INSERT INTO {table} VALUES ({marks})"
        with self.main.backend.connect() as connection:
            if self.backend is kit.Postgresql:
                connection.execute("SET session_replication_role = replica")
                insert = insert.replace("?", "%s")
            else:
                connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("BEGIN")
            try:
                connection.execute(f"DELETE FROM {table}")
                connection.cursor().executemany(insert, rows)
            except (kit.sqlite3.IntegrityError, kit.psycopg.IntegrityError):
                connection.execute("ROLLBACK")
                return False
            connection.execute("COMMIT")
        return True

    def back(self, table):
        """Makes the table what it was; all of them, if the program has done meanwhile what it took to be due."""
        self.put(table, self.kept[table])
        if self.load("audit") != self.kept["audit"]:
            for name, rows in self.kept.items():
                self.put(name, rows)

    def changes(self, table):
        """Each column of the last row that has a value there, and of the last that has none; a row less and one more."""
        columns, rows = self.columns(table), self.kept[table]
        for place, column in enumerate(columns):
            for has in (True, False):
                row = next((row for row in reversed(rows) if (row[place] is not None) == has), None)
                if row is None:
                    continue
                for value in self.values(table, column, row[place]):
                    changed = row[:place] + (value,) + row[place + 1 :]
                    yield column, [changed if one is row else one for one in rows]
        yield "a row taken away", rows[:-1]
        yield "all rows taken away", []
        yield "a row added", [*rows, tuple(map(other, rows[-1]))]

    def values(self, table, column, value):
        """What is put in the place of a value."""
        if value is not None:
            return [other(value), None]
        number = column in ("erased_at", "engine", "received", "file", "act")
        return [7] if number else ["rubbish"] if column in ("program", "name", "actor", "arrival") else [b"\1" * 32]

    def without_checks(self):
        """Nobody who changes a database by hand is held by its CHECKs. Of SQLite they are switched off where rows are written."""
        if self.backend is kit.Postgresql:
            sql = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
            sql += " AND connamespace = current_schema()::regnamespace"
            with self.main.backend.connect() as connection:
                for table, check in connection.execute(sql).fetchall():
                    connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")

    def told(self, unseen):
        self.keep()
        self.without_checks()
        silent = []
        for table in [*RECORD, *CHECKED]:
            for what, rows in self.changes(table) if self.kept[table] else ():
                # A key of none is given by the database: the same one again.
                if not self.put(table, rows) or self.load(table) == self.kept[table]:
                    continue
                run = self.main.run("audit", "verify", code=None)
                wanted = (2, 3) if table == "schema_version" else (1,)
                if table == "setting" and "--now" in run.err:
                    wanted = (2,)
                if run.code == 0:
                    silent.append((table, what))
                    if unseen.get((table, what)) == REPLAYED:
                        self.main.run("replay", code=1)
                else:
                    self.assertIn(run.code, wanted, f"{table}, {what}: {run}")
                self.back(table)
        self.assertEqual(sorted(set(silent) - set(unseen)), [])
        self.assertEqual(sorted(set(unseen) - set(silent)), [], "these are told by now")
        self.main.run("audit", "verify")


class NewCase(EachTable):
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=20)
        live(self.main)

    def test_record(self):
        self.told(UNSEEN)

    def test_derived(self):
        """A row of each is taken away."""
        self.keep()
        for table, rows in self.kept.items():
            if table in [*RECORD, *SECRET, *INTAKE] or not rows:
                continue
            with self.subTest(table=table):
                self.put(table, rows[:-1])
                # What is due is done before: without a row that it was, once more, and then the record says it twice.
                run = self.main.run("replay", code=None)
                self.back(table)
                self.assertEqual(run.code, 1, run)
                self.assertIn("it differs", run.out)
        self.intact(self.main)


class UpgradedCase(EachTable):
    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=20)
        self.load_earlier()
        self.main.run("migrate")

    def test_record(self):
        self.told(UNSEEN_BEFORE)


class NewOnSqlite(NewCase, kit.OnSqlite):
    pass


class NewOnPostgresql(NewCase, kit.OnPostgresql):
    pass


class UpgradedOnSqlite(UpgradedCase, kit.OnSqlite):
    def load_earlier(self):
        with self.main.backend.connect() as connection:
            connection.executescript(text("sqlite"))


class UpgradedOnPostgresql(UpgradedCase, kit.OnPostgresql):
    def load_earlier(self):
        with self.main.backend.connect() as connection:
            connection.execute(text("postgresql").replace("before_upgrade", self.main.backend.schema))


if __name__ == "__main__":
    unittest.main()
