"""A programme of a given size, as the files that Sluice takes:

    python -m bench_lib.make_data DIR INSTALLATIONS ROWS

40 suppliers; the sender of the authorisation files is the one that holds the MPIDs S001 and G001. `mixed` holds
ROWS rows of which about one in 40 names an installation of the sender; `own` holds ROWS rows that are all its own.
"""
import sys
from pathlib import Path

import numpy

from .names import DAYS, SENDER, USER_ID, authorisation_name, demand_name
from .tables import (
    AUTHORISATION, INVENTORY, authorisation, installation, write, write_capacity, write_combinations, write_demand, write_parties,
)

SUPPLIERS = 40
WEIGHTS = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43]
FIRST_DEVICE = 0x70B3D51F31000000


def mpans(count):
    """13 digits, the last one the check digit of the twelve before."""
    twelve = numpy.arange(count, dtype=numpy.int64) * 7 + 120_000_000_000
    total = sum(twelve // 10 ** (11 - place) % 10 * weight for place, weight in enumerate(WEIGHTS))
    return twelve * 10 + total % 11 % 10


def user_id(number):
    return USER_ID if number == SENDER else f"70-B3-D5-1F-30-01-{number:02X}-01"


def write_small_tables(folder, rows):
    write_parties(folder, map(user_id, range(SUPPLIERS)), [("CGI", "70-B3-D5-1F-30-00-F0-01")])
    write_combinations(folder, ["CGI"])
    write_capacity(folder, DAYS[:5], ["CGI"], 2 * rows, 0)
    write_demand(folder / demand_name(), [(day, rows if day in DAYS[:5] else 0) for day in DAYS])


class Programme:
    """The installations, by their place in the inventory."""

    def __init__(self, installations, rows):
        draw = numpy.random.default_rng(1)
        self.mpan = mpans(installations)
        self.chf = numpy.uint64(FIRST_DEVICE) + numpy.arange(installations, dtype=numpy.uint64) * numpy.uint64(11)
        self.supplier = draw.integers(0, SUPPLIERS, installations)
        picked = draw.choice(installations, min(installations, 2 * rows), replace=False)
        self.mixed, self.own = picked[:rows], picked[rows:]
        self.supplier[self.own] = SENDER

    def inventory(self):
        for place, chf in enumerate(self.chf.tolist()):
            yield installation(place, chf, self.mpan[place], self.supplier[place], "CGI", "IOC")

    def authorisations(self, places, number=SENDER):
        for place in places.tolist():
            yield authorisation(place, int(self.chf[place]), self.mpan[place], DAYS[place % 5], user_id(number))


def main():
    folder, installations, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    write_small_tables(folder, rows)
    programme = Programme(installations, rows)
    write(folder / "inventory.csv", INVENTORY, programme.inventory())
    for kind, places in [("mixed", programme.mixed), ("own", programme.own)]:
        (folder / kind).mkdir(exist_ok=True)
        path = folder / kind / authorisation_name("20210629_090000")
        write(path, AUTHORISATION, programme.authorisations(places))


if __name__ == "__main__":
    main()
