//! Dormant Meters: what is planned into the reserve of a week, what of it is migrated on a day, and what the reserve does not
//! need (DMT-1). A Dormant installation takes no authorisation; its suppliers are noticed and may object.

use crate::party::Eui64;
use crate::scaling::Capacity;
use crate::words::words;
use jiff::civil::Date;

words! {
    /// Whether a noticed installation is planned for a day or stands by.
    Line ["PLANNED, STANDBY"] {
        /// Planned for a day of the week.
        Planned = "PLANNED",
        /// Taken if others fall out.
        Standby = "STANDBY",
    }
}

words! {
    /// What has become of a line of a week's plan; `docs/rules/states.md` draws the steps between them.
    DormantState ["PLANNED, NOTICED, SCHEDULED, STOPPED, OUT, UNUSED, MIGRATED, FAILED, NOT_ATTEMPTED, UNKNOWN"] {
        /// In the plan; its suppliers are not told yet.
        Planned = "PLANNED",
        /// Its suppliers are told.
        Noticed = "NOTICED",
        /// In the locked schedule of a day.
        Scheduled = "SCHEDULED",
        /// A stop order covers it.
        Stopped = "STOPPED",
        /// Taken out of the week.
        Out = "OUT",
        /// No day of the week had room for it.
        Unused = "UNUSED",
        /// Migrated.
        Migrated = "MIGRATED",
        /// An attempt failed.
        Failed = "FAILED",
        /// Nothing was attempted.
        NotAttempted = "NOT_ATTEMPTED",
        /// No outcome came in time.
        Unknown = "UNKNOWN",
    }
}

/// What can happen to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DormantEvent {
    /// DMT-2: its suppliers are told.
    Notify,
    /// SCH-1: it is in the schedule of a day that is locked.
    Lock,
    /// STOP-1: a stop order covers it.
    Stop,
    /// STOP-1: none covers it any more.
    Lift,
    /// DMT-1, DMT-3, DMT-4, DMT-5: it is taken out of the week.
    Leave,
    /// MSM-12, MAM-12: it leaves the schedule of its day; a later day of the week may have room for it.
    Wait,
    /// REF-2, DMT-3: what took it out is undone; it may go back into the schedule that it left.
    Return {
        /// Into the schedule?
        scheduled: bool,
    },
    /// DMT-1: no day of the week is left for it.
    End,
    /// OUT-1, OUT-4: its outcome, or that none came.
    Conclude(DormantState),
}

impl DormantState {
    /// What follows an event; nothing if it cannot happen in this state.
    #[must_use]
    pub fn after(self, event: DormantEvent) -> Option<Self> {
        use DormantState as S;
        Some(match (self, event) {
            (S::Planned, DormantEvent::Notify)
            | (S::Stopped, DormantEvent::Lift)
            | (S::Scheduled, DormantEvent::Wait) => S::Noticed,
            (S::Noticed, DormantEvent::Lock) => S::Scheduled,
            (S::Noticed | S::Scheduled, DormantEvent::Stop) => S::Stopped,
            (S::Noticed | S::Scheduled | S::Stopped, DormantEvent::Leave) => S::Out,
            (S::Out, DormantEvent::Return { scheduled: true }) => S::Scheduled,
            (S::Out, DormantEvent::Return { scheduled: false }) => S::Noticed,
            (S::Planned | S::Noticed | S::Stopped, DormantEvent::End) => S::Unused,
            (S::Scheduled | S::Unknown, DormantEvent::Conclude(outcome)) if outcome.is_outcome() => outcome,
            (S::Scheduled, DormantEvent::Conclude(S::Unknown)) => S::Unknown,
            _ => return None,
        })
    }

    /// Has the S1SP said what became of it?
    #[must_use]
    pub fn is_outcome(self) -> bool {
        matches!(self, Self::Migrated | Self::Failed | Self::NotAttempted)
    }

    /// DMT-3: is it in a locked schedule, or was it? Then no answer changes it.
    #[must_use]
    pub fn is_past_answers(self) -> bool {
        self.is_outcome() || matches!(self, Self::Scheduled | Self::Unknown)
    }

    /// Is it noticed and can still be migrated in its week?
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Noticed | Self::Scheduled | Self::Stopped)
    }
}

/// One of something for each day of a week, Monday first.
pub type ByDay<T> = [T; 7];

fn place_of(date: Date) -> usize {
    usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())
}

/// DMT-1: how many Dormant installations may be planned for a day: its reserve, but no more than so many percent of its total
/// capacity.
#[must_use]
pub fn places(capacity: Capacity, percent: u64) -> u64 {
    capacity.reserve().min(capacity.total().saturating_mul(percent) / 100)
}

/// A Dormant installation that may be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The installation.
    pub chf: Eui64,
    /// Failed attempts so far.
    pub failed: u64,
    /// The date of the last one.
    pub last_failed: Option<Date>,
    /// On which days nothing speaks against it.
    pub open_on: ByDay<bool>,
}

/// A line of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The installation.
    pub chf: Eui64,
    /// Its day; nothing for one that stands by.
    pub date: Option<Date>,
}

impl Planned {
    /// Is it planned for a day, or does it stand by?
    #[must_use]
    pub fn line(&self) -> Line {
        if self.date.is_some() { Line::Planned } else { Line::Standby }
    }
}

/// DMT-1: plans a week: in the order of failed attempts, time of the last one and CHF Device ID, each installation goes to the
/// first day that has a place and against which nothing speaks. Of those that remain, so many percent of the planned ones,
/// rounded down, stand by.
#[must_use]
pub fn plan(
    mut candidates: Vec<Candidate>,
    days: &ByDay<Date>,
    places: &ByDay<u64>,
    standby_percent: u64,
) -> Vec<Planned> {
    candidates.sort_unstable_by_key(|one| (one.failed, one.last_failed, one.chf));
    let mut left = *places;
    let (mut planned, mut others) = (Vec::new(), Vec::new());
    for one in candidates {
        match (0..days.len()).find(|&day| one.open_on[day] && left[day] > 0) {
            Some(day) => {
                left[day] -= 1;
                planned.push(Planned { chf: one.chf, date: Some(days[day]) });
            }
            None if one.open_on.contains(&true) => others.push(Planned { chf: one.chf, date: None }),
            None => {}
        }
    }
    let standby = planned.len() as u128 * u128::from(standby_percent) / 100;
    planned.extend(others.into_iter().take(usize::try_from(standby).unwrap_or(usize::MAX)));
    planned
}

/// A noticed installation that is still in its week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The installation.
    pub chf: Eui64,
    /// As it was noticed.
    pub line: Line,
    /// The day for which it is planned.
    pub date: Option<Date>,
    /// Its place in the plan.
    pub place: u64,
    /// Is there an objection to it on which nothing is decided (DMT-4)?
    pub objected: bool,
    /// On which days nothing speaks against it.
    pub open_on: ByDay<bool>,
}

/// DMT-1: which installations the room of a day takes when it is locked: those planned for it, then those of earlier days of
/// the week that found no room, then those that stand by, each in the order of the plan. One with an objection that is not
/// decided is not taken (DMT-4).
#[must_use]
pub fn fill_day(lines: &[Waiting], date: Date, room: u64) -> Vec<Eui64> {
    let rank = |one: &Waiting| match (one.line, one.date) {
        _ if one.objected || !one.open_on[place_of(date)] => None,
        (Line::Standby, _) => Some((2, one.place)),
        (Line::Planned, Some(own)) if own == date => Some((0, one.place)),
        (Line::Planned, Some(own)) if own < date => Some((1, one.place)),
        (Line::Planned, _) => None,
    };
    let mut ranked: Vec<_> = lines.iter().filter_map(|one| Some((rank(one)?, one.chf))).collect();
    ranked.sort_unstable();
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    ranked.into_iter().take(room).map(|(_, chf)| chf).collect()
}

/// What the reserve of a week still needs when the answers are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// How much of the reserve of each day, in installations.
    pub reserve: ByDay<u64>,
    /// Installations that move to a place that came free.
    pub moved: Vec<(Eui64, Date)>,
}

/// DMT-1: what of the reserve is filled when the answers are due. An installation that is planned and still in keeps its place,
/// also with an objection that is not decided. Into places that came free move, in the order of the plan, those that can be
/// migrated only on a later day than planned, and then those that stand by. The rest of the reserve joins the refill.
#[must_use]
pub fn settle_reserve(lines: &[Waiting], days: &ByDay<Date>, places: &ByDay<u64>) -> Needed {
    let stays = |one: &Waiting| one.date.filter(|date| one.open_on[place_of(*date)]);
    let mut needed = Needed { reserve: [0; 7], moved: Vec::new() };
    for day in lines.iter().filter_map(stays).map(place_of) {
        needed.reserve[day] = (needed.reserve[day] + 1).min(places[day]);
    }
    let mut movable: Vec<&Waiting> = lines.iter().filter(|one| stays(one).is_none() && !one.objected).collect();
    movable.sort_unstable_by_key(|one| (one.line, one.place));
    for one in movable {
        let fits = |day: usize| {
            needed.reserve[day] < places[day] && one.open_on[day] && one.date.is_none_or(|planned| planned < days[day])
        };
        if let Some(day) = (0..days.len()).find(|&day| fits(day)) {
            needed.reserve[day] += 1;
            needed.moved.push((one.chf, days[day]));
        }
    }
    needed
}

#[cfg(test)]
#[path = "dormant_tests.rs"]
mod tests;
