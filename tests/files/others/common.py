"""What the makers of this folder write: one week of demand and one authorisation, the same in every file that is right."""

import datetime
import pathlib

HERE = pathlib.Path(__file__).parent
DAYS = [datetime.date(2021, 7, 26) + datetime.timedelta(days=n) for n in range(7)]
DEMAND = [10, 20, 30, 40, 50, 0, 0]
DC = ["Migration Date", "Demand"]
MA = [
    "Import MPAN",
    "MPRN",
    "CHF Device ID",
    "Migration Date",
    "Action",
    "Notified Critical Supplier ID",
    "Priority",
    "Supplier Reference",
]
OUTCOME = ["CHF Device ID", "Outcome", "Stage", "Code", "At"]
HUB, USER = "70-B3-D5-1F-40-00-00-10", "70-B3-D5-1F-30-00-A0-08"
MPAN, MPRN, DAY = 1200061234560, 2000000003, datetime.date(2021, 7, 27)
ROW = [MPAN, MPRN, HUB, DAY, "AUTHORISE", USER, 1, "a_b"]
# A Device ID of digits alone, as a number: a spreadsheet keeps 15 of its 16 digits.
DIGITS = 9070123456789010


def folder(writer):
    """The folder of a writer's files, which is made."""
    place = HERE / writer
    place.mkdir(exist_ok=True)
    return place


def text(row):
    return [cell.isoformat() if isinstance(cell, datetime.date) else str(cell) for cell in row]
