//! An event of DCC's conduct.

use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::S1sp;

/// What kind of event it is. Those of one instant stand in this order: first what was done, then what was missed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Moved,
    Outage,
    Closed,
    Capacity,
    Override,
    Stop,
    Responsibility,
    Exclusion,
    Waiver,
    Missed,
    Signature,
    Escalated,
}

impl What {
    /// Is it a deadline that DCC did not keep? Of what is escalated only that it did not sign is its own.
    pub(crate) fn is_missed(self) -> bool {
        matches!(self, Self::Missed | Self::Signature | Self::Escalated)
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Moved => "Milestone moved",
            Self::Outage => "Outage of intake",
            Self::Closed => "Week closed",
            Self::Capacity => "Capacity changed",
            Self::Override => "Override",
            Self::Stop => "Stop order",
            Self::Responsibility => "Responsibility event",
            Self::Exclusion => "Exclusion decided",
            Self::Waiver => "Waiver",
            Self::Missed => "Deadline missed",
            Self::Signature => "Signature late",
            Self::Escalated => "Escalated",
        }
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConductEvent {
    pub at: Timestamp,
    pub what: What,
    pub s1sp: Option<S1sp>,
    pub day: Option<Date>,
    pub words: String,
    pub late: String,
    pub by: String,
    pub rule: String,
    /// Was the supplier that reads told of it by a notice?
    pub told: bool,
}

impl ConductEvent {
    /// Did an S1SP fail, not DCC? It reported no outcome in time, or work beside its schedule, or did not acknowledge a stop list.
    pub(crate) fn is_of_s1sp(&self) -> bool {
        self.what == What::Escalated && matches!(self.rule.as_str(), "OUT-1" | "OUT-4" | "STOP-1")
    }

    pub(crate) fn new(at: Timestamp, what: What, rule: &str, words: String) -> Self {
        let (late, by, rule) = (String::new(), String::new(), rule.to_owned());
        Self { at, what, s1sp: None, day: None, words, late, by, rule, told: false }
    }
}

/// How long after a moment another one is: the two largest units.
pub(crate) fn how_late(due: Timestamp, done: Timestamp) -> String {
    let minutes = (done.as_millisecond() - due.as_millisecond()) / 60_000;
    let part = |number: i64, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => part(rest, "minute"),
        (0, _) => format!("{} {}", part(hours, "hour"), part(rest, "minute")),
        _ => format!("{} {}", part(days, "day"), part(hours, "hour")),
    }
}
