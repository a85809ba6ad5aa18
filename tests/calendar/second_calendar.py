"""A second implementation of the calendar, written from the rule text alone (CAL-1, RB-2).

Its bank holidays come from the PyPI package `holidays`, not from rulebooks/bank-holidays.csv, so that the two check each
other.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
FIRST_YEAR, LAST_YEAR = 2018, 2030

# Where the package is wrong: date -> (is it a day off?, reason). Empty: nothing to correct in the pinned version.
CORRECTIONS: dict[date, tuple[bool, str]] = {}

# Milestone -> Working Days before the Monday, local time.
MILESTONES = {
    "demand_opens": (40, time(9)),
    "forecast_taken": (25, time(17)),
    "dmms_notice": (20, time(17)),
    "demand_cutoff": (15, time(17)),
    "provisional_due": (13, time(17)),
    "query_closes": (11, time(17)),
    "firm_due": (10, time(17)),
    "dmms_response": (10, time(17)),
    "handback_cutoff": (6, time(17)),
    "refill_due": (5, time(17)),
    "authorisation_cutoff": (3, time(17)),
}

# The day from which the first MSM rulebook on record is in effect.
FIRST_RULEBOOK = date(2021, 1, 4)


def package_holidays(last_year: int = LAST_YEAR) -> set[date]:
    """The weekday bank holidays of England and Wales as the package has them, uncorrected."""
    known = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_YEAR, last_year + 1))
    return {day for day in known if day.weekday() < 5}


def _days_off() -> frozenset[date]:
    days = package_holidays(LAST_YEAR + 1)  # outcomes of the last days of 2030 are due in 2031
    for day, (is_off, _reason) in CORRECTIONS.items():
        (days.add if is_off else days.discard)(day)
    return frozenset(days)


DAYS_OFF = _days_off()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in DAYS_OFF


def working_days_before(day: date, count: int) -> date:
    """CAL-1: the count-th Working Day before the day."""
    while count:
        day -= timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


def next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=LONDON)


def milestones(monday: date) -> dict[str, datetime]:
    return {name: local(working_days_before(monday, count), at) for name, (count, at) in MILESTONES.items()}


def deadlines_of_days(monday: date) -> dict[date, dict[str, datetime]]:
    """The deadlines that belong to the seven single days of the week."""
    days = [monday + timedelta(days=n) for n in range(7)]
    return {
        day: {
            "withdrawal_cutoff": local(working_days_before(day, 1), time(17)),
            "schedule_lock": local(working_days_before(day, 1), time(18)),
            "outcomes_due": local(next_working_day(day), time(12)),
        }
        for day in days
    }


def is_before_rulebooks(monday: date) -> bool:
    """RB-2: is no MSM rulebook on record in effect at the week's demand cut-off?"""
    return milestones(monday)["demand_cutoff"] < local(FIRST_RULEBOOK, time(0))


def mondays() -> list[date]:
    """Every Monday whose deadlines all lie in the years on record."""
    first, last = date(2018, 4, 2), date(2030, 12, 23)
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 7)]


def clock_changes(year: int) -> list[date]:
    """The last Sundays of March and October."""
    ends = (date(year, 3, 31), date(year, 10, 31))
    return [end - timedelta(days=(end.weekday() + 1) % 7) for end in ends]


def days_of_note() -> list[date]:
    """Days around which the calendar is most likely to go wrong."""
    days = [date(2020, 5, 8), date(2022, 6, 2), date(2022, 9, 19), date(2023, 5, 8)]
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days += clock_changes(year) + [date(year, 12, 25)]
    days += [day for day in DAYS_OFF if day.weekday() == 4 and day.month in (3, 4)]  # Good Fridays
    return days
