"""The calendar of the program against a second implementation (CAL-1, CAL-2, RB-2) and the bank holidays against PyPI.

    SLUICE=target/release/sluice target/venv/bin/python -m unittest discover -s tests/calendar

A sample of the weeks is asked for; with SLUICE_ALL_WEEKS=1 it is every week from 2018-04-02 to 2030-12-30.
"""

import csv
import json
import os
import random
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from subprocess import CompletedProcess

import ical
import second_calendar as second
from program import sluice

BANK_HOLIDAYS = Path(__file__).parents[2] / "rulebooks" / "bank-holidays.csv"


def calendar(monday: date, form: str) -> CompletedProcess:
    """`sluice calendar` for a week; before the first rulebook on record it is shown by that one."""
    return sluice("calendar", "--week", monday.isoformat(), form)


def sample() -> list[date]:
    """150 weeks by a fixed seed, and those whose milestones stand around a day of note."""
    weeks = second.mondays()
    if os.environ.get("SLUICE_ALL_WEEKS"):
        return weeks
    chosen = set(random.Random(20210712).sample(weeks, 150))
    for day in second.days_of_note():
        monday = day - timedelta(days=day.weekday())
        chosen.update(monday + timedelta(weeks=n) for n in (0, 1, 2, 4))
    return [week for week in weeks if week in chosen]


class BankHolidays(unittest.TestCase):
    def setUp(self):
        self.data = BANK_HOLIDAYS.read_bytes()
        self.rows = list(csv.DictReader(self.data.decode("utf-8").splitlines()))

    def test_the_file_is_plain(self):
        self.assertTrue(self.data.startswith(b"Date,Name,Note\n"))
        self.assertTrue(self.data.endswith(b"\n"))
        self.assertNotIn(b"\r", self.data)
        days = [row["Date"] for row in self.rows]
        self.assertEqual(days, sorted(set(days)))
        for row in self.rows:
            day = date.fromisoformat(row["Date"])
            self.assertTrue(2018 <= day.year <= 2030 and day.weekday() < 5, row)
            self.assertTrue(row["Name"], row)
            self.assertNotIn(None, row, "too many fields")

    def test_the_days_are_those_of_the_package(self):
        ours = {date.fromisoformat(row["Date"]) for row in self.rows}
        package = second.package_holidays()
        expected = {day for day, (is_off, _) in second.CORRECTIONS.items() if is_off != (day in package)}
        self.assertEqual(expected, set(second.CORRECTIONS), "a correction that the package no longer needs")
        self.assertEqual(ours ^ package, expected)

    def test_eight_days_a_year_and_the_one_off_days(self):
        years = [row["Date"][:4] for row in self.rows]
        extra = {"2022": 2, "2023": 1}
        for year in map(str, range(second.FIRST_YEAR, second.LAST_YEAR + 1)):
            self.assertEqual(years.count(year), 8 + extra.get(year, 0), year)
        days = {row["Date"] for row in self.rows}
        self.assertLess({"2020-05-08", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08"}, days)
        self.assertFalse({"2020-05-04", "2022-05-30"} & days, "moved away")


class Calendar(unittest.TestCase):
    weeks = sample()

    def judge_each_week(self, form, judge):
        """Runs the program for each week and lets `judge` assert; all weeks are judged before the test fails."""
        wrong = []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            runs = pool.map(lambda monday: calendar(monday, form), self.weeks)
            for monday, run in zip(self.weeks, runs):
                try:
                    self.assertEqual(run.returncode, 0, run.stderr.decode())
                    judge(monday, run.stdout)
                except (AssertionError, ical.Malformed, KeyError, ValueError) as error:
                    wrong.append(f"week of {monday}: {type(error).__name__}: {error}")
        if wrong:
            self.fail(f"{len(wrong)} of {len(self.weeks)} weeks are wrong. The first and the last:\n"
                      + "\n".join(dict.fromkeys([wrong[0], wrong[-1]])))

    def test_the_milestones_of_each_week(self):
        """CAL-1, as JSON (CAL-2): the same instants, with the offset of that day, in order of time."""

        def judge(monday, output):
            answer = json.loads(output)
            self.assertEqual(answer["week"], monday.isoformat())
            expected = {name: at.isoformat() for name, at in second.milestones(monday).items()}
            self.assertEqual({m["id"]: m["at"] for m in answer["milestones"]}, expected)
            self.assertEqual(len(answer["milestones"]), len(expected))
            instants = [datetime.fromisoformat(m["at"]) for m in answer["milestones"]]
            self.assertEqual(instants, sorted(instants))
            days = [{"date": day.isoformat(), **{name: at.isoformat() for name, at in deadlines.items()}}
                    for day, deadlines in second.deadlines_of_days(monday).items()]
            self.assertEqual(answer["days"], days)

        self.judge_each_week("--json", judge)

    def test_the_same_as_ical(self):
        """CAL-2: a calendar that parses, with one event for each milestone and each deadline of a day."""
        uids = set()

        def judge(monday, output):
            events = ical.events(output)
            expected = list(second.milestones(monday).values())
            for deadlines in second.deadlines_of_days(monday).values():
                expected += deadlines.values()
            found = [ical.instant(event["DTSTART"]) for event in events]
            self.assertEqual(sorted(at.astimezone(timezone.utc) for at in found),
                             sorted(at.astimezone(timezone.utc) for at in expected))
            for event in events:
                self.assertRegex(event["DTSTAMP"][1], r"^\d{8}T\d{6}Z$")
                self.assertNotIn(event["UID"][1], uids, "a UID twice")
                uids.add(event["UID"][1])

        self.judge_each_week("--ical", judge)

    def test_an_event_keeps_its_uid(self):
        """So that a second reading of the feed replaces an event and does not double it."""
        monday = date(2021, 7, 26)
        first, again = (ical.events(calendar(monday, "--ical").stdout) for _ in range(2))
        self.assertEqual([e["UID"] for e in first], [e["UID"] for e in again])

    def test_a_week_before_the_first_rulebook_says_so(self):
        """RB-2: nothing is decided by showing a calendar, so it is shown by the first rulebook, in so many words."""
        older = [monday for monday in second.mondays() if second.is_before_rulebooks(monday)]
        for monday, warned in ((older[-1], True), (older[-1] + timedelta(weeks=1), False)):
            with self.subTest(week=monday.isoformat()):
                run = calendar(monday, "--json")
                self.assertEqual(run.returncode, 0)
                self.assertEqual(b"shown by msm-4.0" in run.stderr, warned)

    def test_a_week_begins_on_a_monday(self):
        run = sluice("calendar", "--week", "2021-07-27", "--json")
        self.assertEqual((run.returncode, run.stdout), (2, b""))
        self.assertEqual(run.stderr.count(b"\n"), 1)


class SecondImplementation(unittest.TestCase):
    """The examples of the rule text, so that two equal mistakes do not pass."""

    def test_the_examples_of_the_rules(self):
        cutoff = {week: second.milestones(date.fromisoformat(week))["demand_cutoff"].isoformat()
                  for week in ("2021-07-12", "2021-07-19", "2021-07-26")}
        self.assertEqual(cutoff["2021-07-12"], "2021-06-21T17:00:00+01:00")
        self.assertLess(cutoff["2021-07-19"], "2021-07-02")
        self.assertGreater(cutoff["2021-07-26"], "2021-07-02")

    def test_the_ical_reader_refuses_what_it_should(self):
        good = (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20210101T000000Z\r\n"
                b"DTSTART:20210101T000000Z\r\nSUMMARY:a\r\n b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
        self.assertEqual(ical.events(good)[0]["SUMMARY"], ("", "ab"))
        bad = [good.replace(b"\r\n", b"\n"), good[:-2], good.replace(b"UID:1\r\n", b""),
               good.replace(b"END:VEVENT\r\n", b""), good.replace(b"SUMMARY:a", b"SUMMARY:" + b"a" * 68),
               good.replace(b"VERSION:2.0\r\n", b""), good + good, good.replace(b"SUMMARY:a\r\n b", b"SUMMARY:a\r\nb")]
        for data in bad:
            self.assertRaises(ical.Malformed, ical.events, data)


if __name__ == "__main__":
    unittest.main()
