//! The deadlines of a week as they stand: from its rulebook, with the milestones that were moved (CAL-4, CAL-7).

use crate::books::rulebooks::Books;
use crate::error::{Result, ServiceError};
use crate::words::rfc3339;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use serde::{Serialize, Serializer};
use sluice_rules::calendar::{DayDeadlines, LONDON, Milestone, day_deadlines, milestones, monday_of};
use sluice_rules::rulebook::Rulebook;
use sluice_store::View;
use sluice_store::tables::weeks;
use std::fmt;

/// The deadlines of a Migration Week.
pub struct WeekCalendar<'a> {
    /// Its Monday.
    pub monday: Date,
    /// The rulebook that governs it; where none does, the one by which it is shown.
    pub rulebook: &'a Rulebook,
    /// Does a rulebook govern it? The clock passes no milestone of a week that none does (RB-2).
    pub governed: bool,
    /// The milestones in the order of time.
    pub milestones: Vec<(Milestone, Zoned)>,
    /// The deadlines of its days, Monday first.
    pub days: Vec<DayDeadlines>,
}

impl<'a> WeekCalendar<'a> {
    /// The deadlines of a week, by the rulebooks known on a date; without one, by all on record.
    ///
    /// # Errors
    /// If the date is not a Monday, or lies outside the bank holidays on record.
    pub fn load(tx: &mut View<'_>, books: &'a Books, monday: Date, known: Option<Date>) -> Result<Self> {
        let mut calendar = Self::known(books, monday, known)?;
        for moved in weeks::moved(tx, monday)? {
            if let Some(entry) = calendar.milestones.iter_mut().find(|(other, _)| *other == moved.milestone) {
                entry.1 = moved.at.to_zoned(LONDON);
            }
        }
        calendar.milestones.sort_by(|left, right| left.1.cmp(&right.1));
        Ok(calendar)
    }

    /// The deadlines of a week before any milestone was moved.
    ///
    /// # Errors
    /// As [`WeekCalendar::load`].
    pub fn of(books: &'a Books, monday: Date) -> Result<Self> {
        Self::known(books, monday, None)
    }

    fn known(books: &'a Books, monday: Date, known: Option<Date>) -> Result<Self> {
        let found = known.map_or_else(|| books.at_cutoff(monday), |date| books.known(monday, date)).unwrap_or(None);
        let rulebook = found.unwrap_or_else(|| books.earliest());
        let milestones = milestones(&books.working_days, monday, &rulebook.offsets()?)?;
        let days = day_deadlines(&books.working_days, monday, Books::day_offsets(rulebook)?)?;
        Ok(Self { monday, rulebook, governed: found.is_some(), milestones, days })
    }

    /// The moment of a milestone.
    #[must_use]
    pub fn at(&self, milestone: Milestone) -> Timestamp {
        let found = self.milestones.iter().find(|(other, _)| *other == milestone);
        found.map_or(Timestamp::MAX, |(_, at)| at.timestamp())
    }

    /// The deadlines of a day of this week.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<&DayDeadlines> {
        self.days.iter().find(|day| day.date == date)
    }

    /// CAL-7: when the schedule of a day is to be locked, if that is before the authorisation cut-off, which only an outage moves so
    /// far. Then the day is closed with its lock, and the others of the week with the cut-off.
    #[must_use]
    pub fn closes_with_its_lock(&self, date: Date) -> Option<Timestamp> {
        let lock = self.day(date)?.schedule_lock.timestamp();
        Some(lock).filter(|lock| *lock < self.at(Milestone::AuthorisationCutoff))
    }

    /// From when on no row for a day is taken any more, but in grace (CAL-3).
    #[must_use]
    pub fn closes(&self, date: Date) -> Timestamp {
        self.closes_with_its_lock(date).unwrap_or_else(|| self.at(Milestone::AuthorisationCutoff))
    }

    /// Until when rows for a day are taken, where those of its week are until a moment; nothing if that is over (CAL-7).
    #[must_use]
    pub fn takes_until(&self, date: Date, week: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let until = self.closes_with_its_lock(date).map_or(week, |lock| lock.min(week));
        Some(until).filter(|until| now < *until)
    }

    /// The same of a home for which another supplier names other dates: both can come to one date until any of them is closed
    /// (MA121).
    #[must_use]
    pub fn agrees_until(&self, date: Date, named: &[Date], week: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let until = self.takes_until(date, week, now)?;
        Some(named.iter().filter_map(|other| self.takes_until(*other, week, now)).fold(until, Timestamp::min))
    }

    /// Its Sunday.
    #[must_use]
    pub fn sunday(&self) -> Date {
        self.days.last().map_or(self.monday, |day| day.date)
    }
}

/// The Monday of the week of a date.
///
/// # Errors
/// If there is none (the first days of the year −9999).
pub fn week_of(date: Date) -> Result<Date> {
    monday_of(date).map_err(ServiceError::wrong)
}

/// The local date of a moment.
#[must_use]
pub fn local_date(moment: Timestamp) -> Date {
    moment.to_zoned(LONDON).date()
}

/// A moment for people: "17:00 on Thursday 10 June 2021 (UK time)". In October's hour that comes twice it says which: BST is
/// the first, GMT the second.
#[must_use]
pub fn in_words(moment: Timestamp) -> String {
    in_form(moment, "%H:%M")
}

/// Two moments for people, with their seconds where they would be the same without.
#[must_use]
pub fn apart_in_words(from: Timestamp, to: Timestamp) -> (String, String) {
    let words = (in_words(from), in_words(to));
    if words.0 == words.1 { (in_form(from, "%H:%M:%S"), in_form(to, "%H:%M:%S")) } else { words }
}

fn in_form(moment: Timestamp, time: &str) -> String {
    let local = moment.to_zoned(LONDON);
    let twice = LONDON.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
    let zone = if twice { "UK time, %Z" } else { "UK time" };
    local.strftime(&format!("{time} on %A %-d %B %Y ({zone})")).to_string()
}

/// A moment in what came of an act, or none. It prints in words, and is RFC 3339 in JSON. Acts before version 4 of the rules that
/// decide had the words in JSON too, and of none an empty text: that is what their digests are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    at: Option<Timestamp>,
    engine: i64,
}

impl Moment {
    /// A moment as an act done by that version writes it.
    pub(crate) fn new(at: Option<Timestamp>, engine: i64) -> Self {
        Self { at, engine }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.map_or(Ok(()), |at| f.write_str(&in_words(at)))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.at {
            _ if self.engine < 4 => serializer.collect_str(self),
            Some(at) => serializer.serialize_str(&rfc3339(at)),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_rfc_3339_in_json_and_words_for_people() {
        let json = |moment| serde_json::to_string(&moment).unwrap();
        let at = Some("2021-06-10T16:00:00Z".parse().unwrap());
        assert_eq!(Moment::new(at, 4).to_string(), "17:00 on Thursday 10 June 2021 (UK time)");
        assert_eq!(json(Moment::new(at, 4)), "\"2021-06-10T17:00:00+01:00\"");
        assert_eq!(json(Moment::new(None, 4)), "null");
        assert_eq!(json(Moment::new(at, 3)), "\"17:00 on Thursday 10 June 2021 (UK time)\"");
        assert_eq!(json(Moment::new(None, 3)), "\"\"");
    }

    #[test]
    fn cal_7_moments_of_one_minute_are_told_apart_by_their_seconds() {
        let words = |from: &str, to: &str| apart_in_words(from.parse().unwrap(), to.parse().unwrap());
        let (from, to) = words("2021-07-05T09:00:10Z", "2021-07-05T09:00:40Z");
        assert_eq!(from, "10:00:10 on Monday 5 July 2021 (UK time)");
        assert_eq!(to, "10:00:40 on Monday 5 July 2021 (UK time)");
        let (from, to) = words("2021-07-05T09:00:10Z", "2021-07-05T09:01:00Z");
        assert_eq!((&from[..5], &to[..5]), ("10:00", "10:01"));
    }

    #[test]
    fn fi08_octobers_hour_that_comes_twice_says_which_it_is() {
        let words = |moment: &str| in_words(moment.parse().unwrap());
        assert_eq!(words("2021-10-31T00:30:00Z"), "01:30 on Sunday 31 October 2021 (UK time, BST)");
        assert_eq!(words("2021-10-31T01:30:00Z"), "01:30 on Sunday 31 October 2021 (UK time, GMT)");
        assert_eq!(words("2021-10-31T02:00:00Z"), "02:00 on Sunday 31 October 2021 (UK time)");
        assert_eq!(words("2021-06-10T16:00:00Z"), "17:00 on Thursday 10 June 2021 (UK time)");
    }
}
