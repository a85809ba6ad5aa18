//! Outcomes of a day, as its S1SP reports them (OUT-1 to OUT-4): what may be reported, and what follows from a failure.

use crate::authorisation::judge::Finding;
use crate::authorisation::state::State;
use crate::codes::RowCode;
use crate::words::words;
use jiff::civil::Date;

words! {
    /// OUT-1: the stage of the process after authorisation at which an attempt failed.
    Stage ["VALIDATION, DEVICE_TEST, COMMISSIONING"] {
        /// Data Validation.
        Validation = "VALIDATION",
        /// Device Testing.
        DeviceTest = "DEVICE_TEST",
        /// Commissioning.
        Commissioning = "COMMISSIONING",
    }
}

words! {
    /// OUT-2: who acts on a failure before it is tried again.
    WhoActs ["DCC, S1SP or SUPPLIER"] {
        /// DCC.
        Dcc = "DCC",
        /// The S1SP.
        S1sp = "S1SP",
        /// The supplier.
        Supplier = "SUPPLIER",
    }
}

/// What an S1SP reports of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Work on it began.
    Started,
    /// It ended: MIGRATED, FAILED or NOT_ATTEMPTED.
    Ended(State),
}

/// How an installation stands in the schedule of the day that is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScheduledState {
    /// Is it in the latest version?
    pub scheduled: bool,
    /// The last version that it was in, if it is in the latest no more.
    pub left_after: Option<i64>,
    /// Was it reported as started?
    pub started: bool,
    /// Its outcome; UNKNOWN where none came in time.
    pub outcome: Option<State>,
    /// Has the day not begun?
    pub ahead: bool,
}

/// OUT-1: may this be reported of it? Gives the finding if not. A late outcome settles what is UNKNOWN (OUT-4).
#[must_use]
pub fn judge(report: Report, standing: &ScheduledState) -> Option<Finding> {
    let refuse = |code, words: String| Some((code, words));
    // DO102: what the schedule does not hold, or what is known, is not reported.
    if let Some(version) = standing.left_after {
        return refuse(RowCode::DO102, format!("it left the schedule after version {version}; work by the latest one"));
    }
    if !standing.scheduled {
        return refuse(RowCode::DO102, "it is not in the schedule of the day".to_owned());
    }
    if standing.ahead {
        return refuse(RowCode::DO102, "the day has not begun".to_owned());
    }
    if let Some(known) = standing.outcome.filter(|outcome| *outcome != State::Unknown) {
        return refuse(RowCode::DO102, format!("its outcome is known already: {known}"));
    }
    match report {
        // DO105: after the outcomes were due only an outcome settles it.
        Report::Started if standing.outcome.is_some() => {
            refuse(RowCode::DO105, "its outcome was due already; report the outcome".to_owned())
        }
        Report::Started if standing.started => refuse(RowCode::DO102, "it was reported as started already".to_owned()),
        // DO103: what has started was attempted.
        Report::Ended(State::NotAttempted) if standing.started => {
            refuse(RowCode::DO103, "it was reported as started; report MIGRATED or FAILED".to_owned())
        }
        _ => None,
    }
}

/// OUT-1: does a report say that work was done, on the day, on what the schedule does not hold? That is not booked but looked into.
#[must_use]
pub fn is_beside(report: Report, standing: &ScheduledState) -> bool {
    !standing.scheduled && !standing.ahead && report != Report::Ended(State::NotAttempted)
}

/// What the table of outcome codes says of a failure (OUT-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureTerms {
    /// Does it count as an attempt?
    pub attempt: bool,
    /// After how many days it may be tried again.
    pub retry_after: u64,
}

impl FailureTerms {
    /// OUT-2: where the table says nothing a failure counts, and may be tried again at once.
    pub const UNLISTED: Self = Self { attempt: true, retry_after: 0 };

    /// The earliest date for another attempt after a failure on a date; nothing if it is not barred at all.
    #[must_use]
    pub fn retry_from(self, failed_on: Date) -> Option<Date> {
        let days = i32::try_from(self.retry_after).ok().filter(|days| *days > 0)?;
        Some(failed_on.saturating_add(jiff::Span::new().days(days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const SCHEDULED: ScheduledState =
        ScheduledState { scheduled: true, left_after: None, started: false, outcome: None, ahead: false };

    #[test]
    fn out_1_what_is_done_beside_the_schedule_is_looked_into() {
        let left = ScheduledState { scheduled: false, left_after: Some(1), ..SCHEDULED };
        let never = ScheduledState { left_after: None, ..left };
        for standing in [left, never] {
            for report in [Report::Started, Report::Ended(State::Migrated), Report::Ended(State::Failed)] {
                assert!(is_beside(report, &standing) && !is_beside(report, &SCHEDULED), "{report:?}");
                assert!(!is_beside(report, &ScheduledState { ahead: true, ..standing }), "{report:?}");
            }
            assert!(!is_beside(Report::Ended(State::NotAttempted), &standing));
        }
    }

    fn code(report: Report, standing: ScheduledState) -> Option<RowCode> {
        judge(report, &standing).map(|(code, _)| code)
    }

    #[test]
    fn out_1_what_is_in_the_schedule_is_reported_once() {
        for report in [Report::Started, Report::Ended(State::Migrated), Report::Ended(State::NotAttempted)] {
            assert_eq!(code(report, SCHEDULED), None);
            assert_eq!(code(report, ScheduledState::default()), Some(RowCode::DO102));
            assert_eq!(code(report, ScheduledState { left_after: Some(1), ..SCHEDULED }), Some(RowCode::DO102));
            assert_eq!(code(report, ScheduledState { ahead: true, ..SCHEDULED }), Some(RowCode::DO102));
            assert_eq!(
                code(report, ScheduledState { outcome: Some(State::Failed), ..SCHEDULED }),
                Some(RowCode::DO102)
            );
        }
    }

    #[test]
    fn out_1_what_has_started_ends_as_migrated_or_failed() {
        let started = ScheduledState { started: true, ..SCHEDULED };
        assert_eq!(code(Report::Started, started), Some(RowCode::DO102));
        assert_eq!(code(Report::Ended(State::NotAttempted), started), Some(RowCode::DO103));
        assert_eq!(code(Report::Ended(State::Failed), started), None);
    }

    #[test]
    fn out_4_a_late_outcome_settles_what_is_unknown_and_a_late_start_does_not() {
        let unknown = ScheduledState { outcome: Some(State::Unknown), ..SCHEDULED };
        assert_eq!(code(Report::Ended(State::Migrated), unknown), None);
        assert_eq!(code(Report::Ended(State::NotAttempted), unknown), None);
        assert_eq!(code(Report::Started, unknown), Some(RowCode::DO105));
    }

    #[test]
    fn out_2_the_table_says_when_it_may_be_tried_again() {
        let terms = FailureTerms { attempt: true, retry_after: 7 };
        assert_eq!(terms.retry_from(date(2021, 7, 26)), Some(date(2021, 8, 2)));
        assert_eq!(FailureTerms::UNLISTED.retry_from(date(2021, 7, 26)), None);
    }
}
