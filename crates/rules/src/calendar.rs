//! The Working Day calendar and the milestones of a Migration Week.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use std::collections::BTreeMap;
use std::fmt;

/// All deadlines are local time of this zone.
pub const LONDON: TimeZone = jiff::tz::get!("Europe/London");

/// A date for which the bank holidays are not on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bank holidays of {0} are not on record: the calendar covers {1} to {2}")]
pub struct OutOfRange(pub Date, pub i16, pub i16);

/// A week was named by a day that is not its Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeekError {
    /// Not a Monday.
    #[error("{0} is not a Monday; a Migration Week is named by its Monday")]
    NotMonday(Date),
    /// Outside the record of bank holidays.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// The bank holidays of England and Wales over a range of whole years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDays {
    holidays: BTreeMap<Date, String>,
    first_year: i16,
    last_year: i16,
}

impl WorkingDays {
    /// From the bank holidays with their names; the range is the whole years from the first to the last of them.
    #[must_use]
    pub fn new(holidays: BTreeMap<Date, String>) -> Self {
        let first_year = holidays.first_key_value().map_or(0, |(date, _)| date.year());
        let last_year = holidays.last_key_value().map_or(0, |(date, _)| date.year());
        Self { holidays, first_year, last_year }
    }

    /// The name of the bank holiday on a date.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&str> {
        self.holidays.get(&date).map(String::as_str)
    }

    /// Is it a Working Day: not a Saturday, Sunday, Christmas Day, Good Friday or bank holiday?
    ///
    /// # Errors
    /// If the date lies outside the years on record.
    pub fn is_working_day(&self, date: Date) -> Result<bool, OutOfRange> {
        if !(self.first_year..=self.last_year).contains(&date.year()) {
            return Err(OutOfRange(date, self.first_year, self.last_year));
        }
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !self.holidays.contains_key(&date))
    }

    /// CAL-1: the `count`-th Working Day before a date; for 0 the date itself.
    ///
    /// # Errors
    /// If it lies outside the years on record.
    pub fn before(&self, date: Date, count: u16) -> Result<Date, OutOfRange> {
        self.step(date, count, Date::yesterday)
    }

    /// The `count`-th Working Day after a date; for 0 the date itself.
    ///
    /// # Errors
    /// If it lies outside the years on record.
    pub fn after(&self, date: Date, count: u16) -> Result<Date, OutOfRange> {
        self.step(date, count, Date::tomorrow)
    }

    /// The first Working Day after a date.
    ///
    /// # Errors
    /// If it lies outside the years on record.
    pub fn next(&self, date: Date) -> Result<Date, OutOfRange> {
        self.after(date, 1)
    }

    fn step(&self, start: Date, count: u16, step: fn(Date) -> Result<Date, jiff::Error>) -> Result<Date, OutOfRange> {
        let mut date = start;
        for _ in 0..count {
            loop {
                date = step(date).map_err(|_| OutOfRange(date, self.first_year, self.last_year))?;
                if self.is_working_day(date)? {
                    break;
                }
            }
        }
        Ok(date)
    }
}

/// A local time so many Working Days before a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Working Days before the Monday of the week (or before the day, for the milestones of a day).
    pub working_days: u16,
    /// The local time, Europe/London.
    pub at: Time,
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WD-{} {:02}:{:02}", self.working_days, self.at.hour(), self.at.minute())
    }
}

/// The milestones of a Migration Week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Milestone {
    /// Demand may be sent; the dormant reserve is published.
    DemandOpens,
    /// The demand standing now is each party's forecast.
    ForecastTaken,
    /// Dormant notices are out no later than this.
    DmmsNotice,
    /// The last moment for demand.
    DemandCutoff,
    /// The provisional result is published by this.
    ProvisionalDue,
    /// Queries against the provisional result end.
    QueryCloses,
    /// The firm result is published by this; authorisation opens with it.
    FirmDue,
    /// Answers to Dormant notices are due.
    DmmsResponse,
    /// The last moment to hand back units.
    HandbackCutoff,
    /// The refill is published by this.
    RefillDue,
    /// The last moment for authorisations.
    AuthorisationCutoff,
}

impl Milestone {
    /// Every milestone, in the order of a week.
    pub const ALL: &[Self] = &[
        Self::DemandOpens,
        Self::ForecastTaken,
        Self::DmmsNotice,
        Self::DemandCutoff,
        Self::ProvisionalDue,
        Self::QueryCloses,
        Self::FirmDue,
        Self::DmmsResponse,
        Self::HandbackCutoff,
        Self::RefillDue,
        Self::AuthorisationCutoff,
    ];

    /// Those that ask for work of the clock's own.
    pub const WITH_WORK: [Self; 4] =
        [Self::ForecastTaken, Self::DemandCutoff, Self::DmmsResponse, Self::AuthorisationCutoff];

    /// Its id in data and machine output.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::DemandOpens => "demand_opens",
            Self::ForecastTaken => "forecast_taken",
            Self::DmmsNotice => "dmms_notice",
            Self::DemandCutoff => "demand_cutoff",
            Self::ProvisionalDue => "provisional_due",
            Self::QueryCloses => "query_closes",
            Self::FirmDue => "firm_due",
            Self::DmmsResponse => "dmms_response",
            Self::HandbackCutoff => "handback_cutoff",
            Self::RefillDue => "refill_due",
            Self::AuthorisationCutoff => "authorisation_cutoff",
        }
    }

    /// What happens at it, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::DemandOpens => "Demand opens; dormant reserve published",
            Self::ForecastTaken => "Forecast taken from the demand standing",
            Self::DmmsNotice => "Dormant notices sent no later than",
            Self::DemandCutoff => "Demand cut-off",
            Self::ProvisionalDue => "Provisional result published by",
            Self::QueryCloses => "Query window closes",
            Self::FirmDue => "Firm result published by; authorisation opens with it",
            Self::DmmsResponse => "Answers to Dormant notices due",
            Self::HandbackCutoff => "Hand-back cut-off",
            Self::RefillDue => "Refill published by",
            Self::AuthorisationCutoff => "Authorisation cut-off",
        }
    }
}

impl fmt::Display for Milestone {
    /// Its id, as it is recorded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl std::str::FromStr for Milestone {
    type Err = UnknownMilestone;

    fn from_str(text: &str) -> Result<Self, UnknownMilestone> {
        Self::ALL.iter().copied().find(|milestone| milestone.id() == text).ok_or(UnknownMilestone)
    }
}

/// A text that is no milestone's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such milestone; `sluice calendar --week … --json` lists their ids")]
pub struct UnknownMilestone;

/// How a moment is told to people.
const IN_WORDS: &str = "%H:%M on %A %-d %B %Y (UK time)";

/// CAL-4: a milestone that cannot be moved there; the display says between which others it must stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{title} cannot be moved to {}: {other}", to.strftime(IN_WORDS))]
pub struct OutOfOrder {
    title: &'static str,
    to: Zoned,
    other: String,
}

/// CAL-4: moves a milestone of a week, keeping the order of the milestones; those of one instant may part, but not pass
/// each other. `milestones` in the order of time.
///
/// # Errors
/// If it would pass another one, with the one that it would pass.
pub fn move_milestone(
    milestones: &mut [(Milestone, Zoned)],
    milestone: Milestone,
    to: Zoned,
) -> Result<(), OutOfOrder> {
    let Some(place) = milestones.iter().position(|(other, _)| *other == milestone) else { return Ok(()) };
    let refused = |to: &Zoned, (other, at): &(Milestone, Zoned), word: &str| OutOfOrder {
        title: milestone.title(),
        to: to.clone(),
        other: format!("it must stay {word} '{}' at {}", other.title(), at.strftime(IN_WORDS)),
    };
    if let Some(before) = milestones[..place].iter().rev().find(|(_, at)| *at > to) {
        return Err(refused(&to, before, "after"));
    }
    if let Some(after) = milestones[place + 1..].iter().find(|(_, at)| *at < to) {
        return Err(refused(&to, after, "before"));
    }
    milestones[place].1 = to;
    Ok(())
}

/// The offset of every milestone; rulebook data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offsets(pub Vec<(Milestone, Offset)>);

impl Offsets {
    /// The offset of a milestone, if the data has one.
    #[must_use]
    pub fn of(&self, milestone: Milestone) -> Option<Offset> {
        self.0.iter().find(|(other, _)| *other == milestone).map(|(_, offset)| *offset)
    }
}

/// The milestones that every day of a week has of its own, as offsets from the day; rulebook data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOffsets {
    /// The last moment to withdraw an authorisation.
    pub withdrawal: Offset,
    /// The day's schedule is locked.
    pub lock: Offset,
    /// Outcomes are due at this local time of the next Working Day.
    pub outcomes: Time,
}

/// The deadlines of one day of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayDeadlines {
    /// The day.
    pub date: Date,
    /// The last moment to withdraw an authorisation for it.
    pub withdrawal_cutoff: Zoned,
    /// Its schedule is locked.
    pub schedule_lock: Zoned,
    /// Its outcomes are due.
    pub outcomes_due: Zoned,
}

/// The Monday of the week that holds a date.
///
/// # Errors
/// If there is no such date (the first days of the year −9999).
pub fn monday_of(date: Date) -> Result<Date, jiff::Error> {
    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
}

/// The seven days of the week that starts on a Monday.
///
/// # Errors
/// If it is not a Monday.
pub fn days_of_week(monday: Date) -> Result<[Date; 7], WeekError> {
    if monday.weekday() != Weekday::Monday {
        return Err(WeekError::NotMonday(monday));
    }
    let mut days = [monday; 7];
    for index in 1..7 {
        days[index] = days[index - 1].tomorrow().map_err(|_| WeekError::NotMonday(monday))?;
    }
    Ok(days)
}

/// CAL-1: the instant of an offset before a day.
///
/// # Errors
/// If it lies outside the years on record.
pub fn instant(working_days: &WorkingDays, day: Date, offset: Offset) -> Result<Zoned, OutOfRange> {
    let date = working_days.before(day, offset.working_days)?;
    local(date, offset.at).ok_or(OutOfRange(date, working_days.first_year, working_days.last_year))
}

/// CAL-1: the milestones of a week in order of time.
///
/// # Errors
/// If the date is not a Monday or a milestone lies outside the years on record.
pub fn milestones(
    working_days: &WorkingDays,
    monday: Date,
    offsets: &Offsets,
) -> Result<Vec<(Milestone, Zoned)>, WeekError> {
    days_of_week(monday)?;
    let mut milestones = Vec::with_capacity(offsets.0.len());
    for &(milestone, offset) in &offsets.0 {
        milestones.push((milestone, instant(working_days, monday, offset)?));
    }
    milestones.sort_by(|left, right| left.1.cmp(&right.1));
    Ok(milestones)
}

/// The deadlines of each day of a week.
///
/// # Errors
/// If the date is not a Monday or a deadline lies outside the years on record.
pub fn day_deadlines(
    working_days: &WorkingDays,
    monday: Date,
    offsets: DayOffsets,
) -> Result<Vec<DayDeadlines>, WeekError> {
    let mut deadlines = Vec::with_capacity(7);
    for date in days_of_week(monday)? {
        let outcomes = Offset { working_days: 0, at: offsets.outcomes };
        deadlines.push(DayDeadlines {
            date,
            withdrawal_cutoff: instant(working_days, date, offsets.withdrawal)?,
            schedule_lock: instant(working_days, date, offsets.lock)?,
            outcomes_due: instant(working_days, working_days.next(date)?, outcomes)?,
        });
    }
    Ok(deadlines)
}

/// CAL-1: a moment is in time only if it is earlier than the cut-off; at the instant itself it is late.
#[must_use]
pub fn is_before_cutoff(moment: &Zoned, cutoff: &Zoned) -> bool {
    moment < cutoff
}

/// A date and time of day in London. In October's repeated hour it is the earlier instant; a time that March skips
/// is taken an hour later.
#[must_use]
pub fn local(date: Date, time: Time) -> Option<Zoned> {
    date.to_datetime(time).to_zoned(LONDON).ok()
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
