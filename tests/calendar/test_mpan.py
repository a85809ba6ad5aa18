"""MA102 against a second implementation of the MPAN check digit, the PyPI package `mpan`."""

import csv
import json
import random
import tempfile
import unittest
from pathlib import Path

import mpan

from program import sluice

NAME = "MA_CGI_70-B3-D5-1F-30-00-A0-08_20210720_093000.csv"
USER_ID = "70-B3-D5-1F-30-00-A0-08"
HEADER = ["Import MPAN", "MPRN", "CHF Device ID", "Migration Date", "Action", "Notified Critical Supplier ID",
          "Priority", "Supplier Reference"]
DISTRIBUTORS = [str(n) for n in range(10, 30)]  # the package knows these; our rule looks at the digits alone


def numbers(count: int, rng: random.Random) -> list[str]:
    """Right ones, ones with a wrong check digit, ones with a slip of the pen, and ones of another form."""
    found = []
    for _ in range(count):
        twelve = rng.choice(DISTRIBUTORS) + "".join(rng.choices("0123456789", k=10))
        right = next(twelve + d for d in "0123456789" if mpan.is_valid(twelve + d))
        place, other = rng.randrange(2, 13), rng.choice("0123456789")
        found.append(rng.choice([
            right,
            right,
            twelve + rng.choice("0123456789"),
            right[:place] + other + right[place + 1:],
            right[:-1],
            right + rng.choice("0123456789"),
            right[:place] + rng.choice("Ax-.") + right[place + 1:],
            f"{right[0]}.{right[1:6]}E+12",
        ]))
    return found


class CheckDigit(unittest.TestCase):
    def test_exactly_the_wrong_ones_are_refused(self):
        mpans = numbers(4000, random.Random(102))
        # Right check digits whose sum leaves 10 by 11: the digit is then 0. They must be among the cases.
        weights = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
        tens = [m for m in mpans if mpan.is_valid(m) and sum(w * int(d) for w, d in zip(weights, m)) % 11 == 10]
        self.assertGreater(len(tens), 50)

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, NAME)
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                for n, number in enumerate(mpans):
                    chf = "-".join(f"00DB1234{n:08X}"[i:i + 2] for i in range(0, 16, 2))
                    writer.writerow([number, "", chf, "2021-07-26", "AUTHORISE", USER_ID, "", f"ref {n}"])
            run = sluice("check", "--json", str(path))
        self.assertEqual(run.returncode, 1, run.stderr.decode())
        answer = json.loads(run.stdout)
        self.assertEqual((answer["verdict"], answer["codes"]), ("accepted", []))

        refused = {row["row"]: row["codes"] for row in answer["rows"]}
        wrong = {n + 2: ["MA102"] for n, number in enumerate(mpans) if not mpan.is_valid(number)}  # the header is 1
        self.assertTrue(1000 < len(wrong) < 3500)
        self.assertEqual(refused, wrong)

    def test_a_spreadsheets_rounding_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, NAME)
            row = ["1.20006E+12", "", "00-DB-12-34-56-78-9A-BC", "2021-07-26", "AUTHORISE", USER_ID, "", ""]
            path.write_text(f"{','.join(HEADER)}\n{','.join(row)}\n", encoding="utf-8")
            run = sluice("check", "--json", str(path))
        rows = json.loads(run.stdout)["rows"]
        self.assertEqual([(row["row"], row["codes"]) for row in rows], [(2, ["MA102"])])
        self.assertRegex(rows[0]["message"], r"(?i)spreadsheet|excel|rounded|rounding")


if __name__ == "__main__":
    unittest.main()
