"""A database that an earlier program made: migrated, it verifies and replays; then new acts on it, and again.

Run: SLUICE=path/to/sluice scripts/with-postgres python -m unittest tests.database.test_upgrade
The databases are in tests/upgrade, with the programs that made them.
"""

import gzip
import pathlib

from tests.upgrade.make import HERE, SCHEMA

from . import kit, record


class UpgradeCase:
    """The earlier database, on either kind."""

    def setUp(self):
        super().setUp()
        self.main = self.programme(suppliers=2, installations=20)
        self.load()
        self.main.run("audit", "verify", code=2)
        self.assertIn("To be applied:", self.main.run("migrate", "--dry-run").out)
        self.main.run("audit", "verify", code=2)
        self.main.run("migrate")

    def intact(self, programme):
        super().intact(programme)
        run = programme.run("replay")
        self.assertIn("are the same, byte for byte", run.out)

    def test_upgrade(self):
        before = self.main.one("SELECT max(seq) FROM audit")
        self.intact(self.main)
        formats = "SELECT seq, format FROM audit WHERE format <> 1"
        self.assertEqual(self.main.rows(formats), [])
        head = self.main.run("audit", "head").out.strip()
        # The same people go on, and one is new.
        first = self.main.suppliers[0]
        self.main.stamps = 100
        rows = kit.authorisations(first, list(first.numbers)[15:])
        self.main.submit(first.party, self.main.authorisation_file(first, rows), code=None)
        self.main.run("user", "add", "dora", "--role", "operator")
        for who in ("alice", "dora"):
            self.main.run("stop", "impose", "--supplier", first.party, "--reason", "a fault", "--by", who)
        self.main.run("import", "capacity", self.main.table("more", kit.CAPACITY, [[kit.S1SP, "2021-08-02", 7, 0]]))
        self.main.run("audit", "verify", "--now", "2021-07-27T09:00:00+01:00")
        self.intact(self.main)
        self.main.run("audit", "verify", "--head", head)
        new = self.main.rows("SELECT seq, actor FROM audit WHERE format = 2 ORDER BY seq")
        self.assertEqual(new, [(seq, "") for seq in range(before + 1, before + 1 + len(new))])
        self.assertGreaterEqual(len(new), 5)
        names = self.main.rows("SELECT name FROM account_name ORDER BY name")
        self.assertEqual(names, [("alice",), ("dora",)])

    def test_old_rows_by_the_old_rule(self):
        self.intact(self.main)
        self.main.backend.write("UPDATE audit SET actor = 'OPERATOR mallory' WHERE seq = 6")
        run = self.main.run("audit", "verify", code=1)
        self.assertIn("row 6 was changed: its leaf does not fit", run.out)

    def test_no_old_row_after_a_new_one(self):
        """A row of the old format commits to less, so none is taken after the upgrade."""
        self.main.run("user", "add", "dora", "--role", "operator")
        self.main.run("user", "add", "dan", "--role", "operator")
        self.intact(self.main)
        last = self.main.one("SELECT max(seq) FROM audit")
        names = ["seq", "at", "actor", "kind", "rulebook", "detail_digest", "outcome_digest", "format"]
        found = self.main.one(f"SELECT {', '.join(names)} FROM audit WHERE seq = ?", last)
        row = {**dict(zip(names, map(kit.plain, found), strict=True)), "format": 1}
        self.main.backend.write("UPDATE audit SET format = 1, leaf = ? WHERE seq = ?", record.leaf(row), last)
        run = self.main.run("audit", "verify", code=1)
        self.assertIn(f"row {last} was added: it is of the old format", run.out)


class UpgradeOnSqlite(UpgradeCase, kit.OnSqlite):
    def load(self):
        with self.main.backend.connect() as connection:
            connection.executescript(text("sqlite"))


class UpgradeOnPostgresql(UpgradeCase, kit.OnPostgresql):
    def load(self):
        with self.main.backend.connect() as connection:
            connection.execute(text("postgresql").replace(SCHEMA, self.main.backend.schema))

    def test_a_dry_run_is_refused_what_migrate_is_refused(self):
        with self.main.backend.connect() as connection:
            connection.execute(f"ALTER SCHEMA {self.main.backend.schema} OWNER TO pg_monitor")
        for more in (["--dry-run"], []):
            run = self.main.run("migrate", *more, code=3)
            self.assertIn("belongs to 'pg_monitor'", run.err)


class EarlierFilesOnSqlite(kit.OnSqlite):
    """Files that are read otherwise today, or of which more is said, as an earlier program judged them."""

    def test_replay(self):
        main = self.programme(suppliers=2, installations=20)
        with main.backend.connect() as connection:
            connection.executescript(text("files"))
        main.run("migrate")
        codes = {row[0] for row in main.rows("SELECT DISTINCT codes FROM file")}
        self.assertLessEqual({"FI02", "FI10", "FI13", "FI14", "FI19"}, codes)
        run = main.run("replay")
        self.assertIn("are the same, byte for byte", run.out)


def text(name):
    return gzip.decompress(pathlib.Path(HERE, f"{name}.sql.gz").read_bytes()).decode()
