//! Every unit of a day has one place: it was used, it is open, or it was idle for one reason.

use crate::read::reports::outcomes::Outcomes;
use sluice_wire::report::Column;

/// Why units were idle, in the order of the columns.
pub(crate) const REASONS: [Column; 11] = [
    Column::number("failed", "Failed", "The installation was attempted and failed."),
    Column::number("not_attempted", "Not attempted (S1SP)", "The S1SP did not begin with it."),
    Column::number("unknown", "Unknown (S1SP)", "The S1SP has not reported the outcome, which is due (OUT-4)."),
    Column::number(
        "dcc",
        "DCC",
        "The day was never locked, a cut took a unit that came back too late, a failed supplier's row was not adopted, what was \
         free and wanted was not shared again, or the Dormant reserve was not filled.",
    ),
    Column::number(
        "stopped",
        "Stopped (DCC)",
        "A stop order took it out of the day (STOP-1), also where it was lifted later.",
    ),
    Column::number(
        "lapsed",
        "Lapsed",
        "Its row lost its ground: a change of supplier, a transfer that nobody could complete any more, an exclusion, a hold or the like.",
    ),
    Column::number(
        "incomplete",
        "Other supplier",
        "Its row expired, since the other Responsible Supplier's did not come (MAM-1).",
    ),
    Column::number(
        "withdrawn",
        "Withdrawn",
        "Its supplier withdrew or moved the row (MAM-6, MAM-7), and sent no other.",
    ),
    Column::number("not_authorised", "Not authorised", "No row was sent for it."),
    Column::number("handed_back", "Handed back", "Given back by a supplier (MSM-13), and wanted by nobody."),
    Column::number(
        "not_asked",
        "Not asked",
        "No supplier had demand for it; rows in line take a unit of their own supplier alone (MAM-3, MSM-12).",
    ),
];

pub(crate) const FAILED: usize = 0;
pub(crate) const NOT_ATTEMPTED: usize = 1;
pub(crate) const UNKNOWN: usize = 2;
pub(crate) const DCC: usize = 3;
pub(crate) const STOPPED: usize = 4;
pub(crate) const LAPSED: usize = 5;
pub(crate) const INCOMPLETE: usize = 6;
pub(crate) const WITHDRAWN: usize = 7;
pub(crate) const NOT_AUTHORISED: usize = 8;
pub(crate) const HANDED_BACK: usize = 9;
pub(crate) const NOT_ASKED: usize = 10;

/// What became of units. `units + beyond = migrated + open + all reasons`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Use {
    /// The units.
    pub units: u64,
    /// Units in use beyond them: work that had begun when a cut came.
    pub beyond: u64,
    pub migrated: u64,
    pub open: u64,
    pub reasons: [u64; REASONS.len()],
}

impl Use {
    pub(crate) fn add(&mut self, other: &Self) {
        self.units += other.units;
        self.beyond += other.beyond;
        self.migrated += other.migrated;
        self.open += other.open;
        self.reasons.iter_mut().zip(other.reasons).for_each(|(sum, reason)| *sum += reason);
    }

    pub(crate) fn idle(&self) -> u64 {
        self.reasons.iter().sum()
    }
}

/// What is known of a supplier's units on a day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DayFacts {
    /// Its allocation.
    pub units: u64,
    /// What became of those in the schedule.
    pub outcomes: Outcomes,
    /// Units that rows use that are not in the schedule.
    pub in_use: u64,
    /// Is the day locked?
    pub locked: bool,
    /// Is the day locked, or over?
    pub closed: bool,
    /// Installations whose row lost a unit and that are in line for another, to a cut or because nobody locked the day.
    pub deferred: u64,
    /// Installations whose row lost its unit, by reason.
    pub stopped: u64,
    pub lapsed: u64,
    pub expired: u64,
    pub withdrawn: u64,
}

/// REP-1: gives every unit of a supplier on a day one place.
pub(crate) fn attribute(day: &DayFacts) -> Use {
    let mut used =
        Use { units: day.units, migrated: day.outcomes.migrated, open: day.outcomes.open(), ..Use::default() };
    used.reasons[FAILED] = day.outcomes.failed;
    used.reasons[NOT_ATTEMPTED] = day.outcomes.not_attempted;
    used.reasons[UNKNOWN] = day.outcomes.unknown;
    let taken = day.outcomes.scheduled() + day.in_use;
    used.beyond = taken.saturating_sub(day.units);
    let mut left = day.units.saturating_sub(taken);
    if !day.closed {
        used.open += day.in_use + left;
        return used;
    }
    // What still has a unit when its day is closed was left behind by DCC: not locked, or not adopted.
    used.reasons[DCC] = day.in_use;
    // The units of a day that nobody locked are all there. What a cut took comes last: only if it came back is it idle.
    let (forgotten, cut) = if day.locked { (0, day.deferred) } else { (day.deferred, 0) };
    let reasons = [
        (DCC, forgotten),
        (STOPPED, day.stopped),
        (LAPSED, day.lapsed),
        (INCOMPLETE, day.expired),
        (WITHDRAWN, day.withdrawn),
        (DCC, cut),
    ];
    for (reason, rows) in reasons {
        let lost = rows.min(left);
        used.reasons[reason] += lost;
        left -= lost;
    }
    used.reasons[NOT_AUTHORISED] = left;
    used
}

/// What is known of the units of a day that no supplier has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FreeFacts {
    /// The units.
    pub free: u64,
    /// Units that were handed back that day.
    pub handed_back: u64,
    /// Counted demand that is not met, of suppliers that handed nothing back.
    pub unmet: u64,
    /// Is the day locked, or over?
    pub closed: bool,
}

/// REP-1: why nobody has the units.
pub(crate) fn attribute_free(day: &FreeFacts) -> Use {
    let mut used = Use { units: day.free, ..Use::default() };
    if !day.closed {
        used.open = day.free;
        return used;
    }
    used.reasons[DCC] = day.unmet.min(day.free);
    let left = day.free - used.reasons[DCC];
    used.reasons[HANDED_BACK] = day.handed_back.min(left);
    used.reasons[NOT_ASKED] = left - used.reasons[HANDED_BACK];
    used
}

/// REP-1: what became of the Dormant reserve of a day.
pub(crate) fn attribute_reserve(reserve: u64, outcomes: Outcomes, stopped: u64, closed: bool) -> Use {
    let mut used = attribute(&DayFacts { units: reserve, outcomes, stopped, closed, ..DayFacts::default() });
    used.reasons[DCC] += std::mem::take(&mut used.reasons[NOT_AUTHORISED]);
    used
}
