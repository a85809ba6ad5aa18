//! The states of an authorisation and of an installation, and the transitions that are legal.
//!
//! The diagrams in `docs/rules/states.md` are these tables drawn; a test holds both together.

use crate::words::words;

words! {
    /// MAM-5: what the response says of a row when its file is judged.
    Verdict ["ACCEPTED, HELD, STANDBY, REFUSED, WITHDRAWN, NO-CHANGE"] {
        /// It stands and uses a unit, or needs none.
        Accepted = "ACCEPTED",
        /// It waits for the other Responsible Supplier's row (MAM-1).
        Held = "HELD",
        /// It waits for a unit (MAM-3).
        Standby = "STANDBY",
        /// It has codes and does nothing.
        Refused = "REFUSED",
        /// It took an authorisation back (MAM-6).
        Withdrawn = "WITHDRAWN",
        /// It says what stands already.
        NoChange = "NO-CHANGE",
    }
}

words! {
    /// The state of an authorisation: of a row that was not refused when it was judged.
    State ["ACCEPTED, HELD, STANDBY, DEFERRED, SCHEDULED, STOPPED, SUSPENDED, UNKNOWN, MOVED, WITHDRAWN, LAPSED, EXPIRED, MIGRATED, FAILED, NOT_ATTEMPTED"] {
        /// It stands.
        Accepted = "ACCEPTED",
        /// It waits for the other Responsible Supplier's row for the same date (MAM-1).
        Held = "HELD",
        /// It waits for a unit of its day (MAM-3).
        Standby = "STANDBY",
        /// Its unit went with a cut; it is first in line for the next one (MSM-12).
        Deferred = "DEFERRED",
        /// It is in the locked schedule of its day (SCH-1).
        Scheduled = "SCHEDULED",
        /// A stop order covers it; when that is lifted before the lock it stands again as it stood (STOP-1).
        Stopped = "STOPPED",
        /// Its supplier failed; the one appointed in its place may adopt it until the lock (MAM-11).
        Suspended = "SUSPENDED",
        /// Its day is over, and no outcome came in time; a late one settles it (OUT-4).
        Unknown = "UNKNOWN",
        /// A later row for another date took its place (MAM-7).
        Moved = "MOVED",
        /// Its supplier took it back (MAM-6).
        Withdrawn = "WITHDRAWN",
        /// What it stood on has gone: the supplier, the product, the eligibility (MAM-8, SCH-2).
        Lapsed = "LAPSED",
        /// What it waited for did not come in time (MAM-1, SCH-2).
        Expired = "EXPIRED",
        /// The S1SP reported the migration (OUT-1).
        Migrated = "MIGRATED",
        /// The S1SP reported a failed attempt (OUT-1).
        Failed = "FAILED",
        /// The S1SP reported that nothing was attempted (OUT-1).
        NotAttempted = "NOT_ATTEMPTED",
    }
}

impl State {
    /// May the authorisation still lead to a migration?
    #[must_use]
    pub fn is_live(self) -> bool {
        self.is_open() || matches!(self, Self::Stopped | Self::Suspended | Self::Unknown)
    }

    /// Does it follow what becomes of units and of the other supplier's row? What is live and not open waits for one
    /// thing only: the end of a stop, an adoption, an outcome.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Accepted | Self::Held | Self::Standby | Self::Deferred | Self::Scheduled)
    }

    /// Does it wait for a unit?
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Standby | Self::Deferred)
    }

    /// The states that may follow: what an operation finds and what it leaves.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        use State::{
            Accepted, Deferred, Expired, Failed, Held, Lapsed, Migrated, Moved, NotAttempted, Scheduled, Standby,
            Stopped, Suspended, Unknown, Withdrawn,
        };
        match self {
            Held => &[Accepted, Standby, Deferred, Stopped, Suspended, Moved, Withdrawn, Lapsed, Expired],
            Standby | Deferred => &[Accepted, Held, Stopped, Suspended, Moved, Withdrawn, Lapsed, Expired],
            Accepted => &[Held, Standby, Deferred, Scheduled, Stopped, Suspended, Moved, Withdrawn, Lapsed],
            // After the lock only the day itself, a cut, a stop or a lost ground changes a row.
            Scheduled => &[Held, Deferred, Stopped, Suspended, Moved, Lapsed, Migrated, Failed, NotAttempted, Unknown],
            Stopped => &[Held, Standby, Deferred, Accepted, Suspended, Moved, Withdrawn, Lapsed],
            Suspended => &[Held, Standby, Deferred, Accepted, Moved, Lapsed],
            Unknown => &[Migrated, Failed, NotAttempted],
            // An import that took its ground away was undone (REF-2), or a change of supplier cancelled (MAM-8); or one by which it
            // waited for what did not come.
            Lapsed | Expired => &[Accepted, Held, Standby, Deferred, Moved],
            Moved | Withdrawn | Migrated | Failed | NotAttempted => &[],
        }
    }

    /// Is the step legal? Staying is no step.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}

words! {
    /// The state of an installation in the programme.
    Progress ["OPEN, REQUESTED, AUTHORISED, SCHEDULED, MIGRATED, EXCLUDED"] {
        /// Nobody asks for its migration.
        Open = "OPEN",
        /// Somebody does, but something is missing: the other supplier's row or a unit.
        Requested = "REQUESTED",
        /// Its migration stands for a date.
        Authorised = "AUTHORISED",
        /// It is in the locked schedule of a day.
        Scheduled = "SCHEDULED",
        /// It is migrated.
        Migrated = "MIGRATED",
        /// It is excluded as a whole (EXC-1).
        Excluded = "EXCLUDED",
    }
}

impl Progress {
    /// The state of an installation with these authorisations. A migration is final; a live authorisation shows until it
    /// ends, also where an exclusion came after it.
    #[must_use]
    pub fn of(migrated: bool, excluded: bool, states: impl IntoIterator<Item = State>) -> Self {
        if migrated {
            return Self::Migrated;
        }
        let rank = |state: State| match state {
            State::Scheduled | State::Unknown => Self::Scheduled,
            State::Accepted => Self::Authorised,
            State::Held | State::Standby | State::Deferred | State::Stopped | State::Suspended => Self::Requested,
            _ => Self::Open,
        };
        match states.into_iter().map(rank).max().unwrap_or(Self::Open) {
            Self::Open if excluded => Self::Excluded,
            progress => progress,
        }
    }

    /// The states that may follow directly.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Open => &[Self::Requested, Self::Authorised, Self::Excluded],
            Self::Requested => &[Self::Open, Self::Authorised, Self::Excluded],
            Self::Authorised => &[Self::Open, Self::Requested, Self::Scheduled, Self::Excluded],
            Self::Scheduled => &[Self::Open, Self::Requested, Self::Authorised, Self::Migrated, Self::Excluded],
            // An import of exclusions that was undone gives back what it ended (REF-2).
            Self::Excluded => &[Self::Open, Self::Requested, Self::Authorised],
            Self::Migrated => &[],
        }
    }

    /// Is the step legal? Staying is no step.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
