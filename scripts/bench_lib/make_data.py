"""A programme of a given size, as the files that Sluice takes:

    python -m bench_lib.make_data DIR INSTALLATIONS ROWS

40 suppliers; the sender of the authorisation files is the one that holds the MPIDs S001 and G001. `mixed` holds
ROWS rows of which about one in 40 names an installation of the sender; `own` holds ROWS rows that are all its own.
"""
import sys
from pathlib import Path

import numpy

from .names import DAYS, SENDER, USER_ID, authorisation_name, demand_name, party

SUPPLIERS = 40
COMBINATIONS = 200
WEIGHTS = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43]
FIRST_DEVICE = 0x70B3D51F31000000
INVENTORY = (
    "CHF Device ID,S1SP,Cohort,Device Model Combination,ESME Device ID,Import MPAN,Electricity MPID,Electricity Status,"
    "GSME Device ID,MPRN,Gas MPID,Gas Status\n"
)
AUTHORISATION = (
    "Import MPAN,MPRN,CHF Device ID,Migration Date,Action,Notified Critical Supplier ID,Priority,Supplier Reference\n"
)


def mpans(count):
    """13 digits, the last one the check digit of the twelve before."""
    twelve = numpy.arange(count, dtype=numpy.int64) * 7 + 120_000_000_000
    total = sum(twelve // 10 ** (11 - place) % 10 * weight for place, weight in enumerate(WEIGHTS))
    return twelve * 10 + total % 11 % 10


def device(number):
    text = f"{number:016X}"
    return "-".join(text[place : place + 2] for place in range(0, 16, 2))


def write(path, header, lines):
    with open(path, "w", newline="") as file:
        file.write(header)
        file.writelines(lines)


def user_id(number):
    return USER_ID if number == SENDER else f"70-B3-D5-1F-30-01-{number:02X}-01"


def write_small_tables(folder, rows):
    suppliers = [
        f"{party(number)},Supplier {number},SUPPLIER,{user_id(number)},S{number:03},G{number:03},,,\n"
        for number in range(SUPPLIERS)
    ]
    header = (
        "Party,Name,Role,User IDs,Electricity MPIDs,Gas MPIDs,S1SP,Operations Contact,Out-of-hours Contact\n"
    )
    write(folder / "parties.csv", header, [*suppliers, "CGI,CGI,S1SP,70-B3-D5-1F-30-00-F0-01,,,CGI,,\n"])
    combinations = range(COMBINATIONS)
    header = "Device Model Combination,Communications Provider,CHF Model,ESME Model,GSME Model\n"
    write(folder / "dmc.csv", header, [f"DMC-{n:04},CSP,a:{n}:1,c:d:1,e:f:1\n" for n in combinations])
    header = "S1SP,Device Model Combination,Date Added,Date Removed\n"
    write(folder / "epcl.csv", header, [f"CGI,DMC-{n:04},2021-01-01,\n" for n in combinations])
    header = "S1SP,Migration Date,Total Capacity,Dormant Reserve\n"
    write(folder / "capacity.csv", header, [f"CGI,{day},{2 * rows},0\n" for day in DAYS[:5]])
    demand = [f"{day},{rows if day in DAYS[:5] else 0}\n" for day in DAYS]
    write(folder / demand_name(), "Migration Date,Demand\n", demand)


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
            who = self.supplier[place]
            yield (
                f"{device(chf)},CGI,IOC,DMC-{place % COMBINATIONS:04},{device(chf + 1)},{self.mpan[place]},S{who:03},"
                f"ACTIVE,{device(chf + 2)},{2_000_000_000 + 3 * place},G{who:03},ACTIVE\n"
            )

    def authorisations(self, places, number=SENDER):
        for place in places.tolist():
            yield (
                f"{self.mpan[place]},{2_000_000_000 + 3 * place},{device(int(self.chf[place]))},{DAYS[place % 5]},"
                f"AUTHORISE,{user_id(number)},,ref{place}\n"
            )


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
