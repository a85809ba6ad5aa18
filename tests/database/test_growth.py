"""A programme runs for weeks that are alike, and what is done and looked at in each asks no more of the database in a later one than in an
earlier one (P8): statements and steps of SQLite's machine, which no other work on this machine changes.

Run: SLUICE=path/to/sluice python -m unittest tests.database.test_growth
"""

import os
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
# The program that scripts measure is a process of its own.
os.environ.setdefault("SLUICE", str(ROOT / "target" / "release" / "sluice"))

from bench_lib.growth import Growth  # noqa: E402

WEEKS, INSTALLATIONS, DAILY, SUPPLIERS = 7, 8_000, 40, 4

# docs/scale.md says of each why it grows: what waits adds up in such a programme, and the others are not done.
GROWS = {
    "report backlog",
    "report backlog, a supplier's",
    "report conduct, the week",
    "report conduct, a supplier's",
}


class SqliteGrowth(unittest.TestCase):
    """The name of the class says the database, as those of all tests here do."""

    def test_p8_a_later_week_asks_no_more_than_an_earlier_one(self):
        with tempfile.TemporaryDirectory(prefix="sluice-growth-") as name:
            folder = pathlib.Path(name)
            growth = Growth(f"sqlite:{folder / 'a.db'}", folder / "data", INSTALLATIONS, WEEKS, DAILY, suppliers=SUPPLIERS)
            growth.run()
            compared = list(growth.compared())
        self.assertGreater(len(compared), 25)
        for what, (few, many), (small, large), _ in compared:
            if what not in GROWS:
                with self.subTest(what):
                    # Weeks are alike but for who fails and what is refused.
                    self.assertLessEqual(many, 1.1 * few)
                    self.assertLessEqual(large, 1.2 * small)


if __name__ == "__main__":
    unittest.main()
