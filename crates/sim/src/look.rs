//! What the database holds at a moment, read by plain SQL and kept as it is written: words, numbers, no type of the code that
//! is checked.

mod read;

use std::collections::{BTreeMap, BTreeSet};

/// A pool: an S1SP and a date as `yyyymmdd`.
pub type Pool = (String, i64);

/// An authorisation: the installation and the file.
pub type Key = (i64, i64);

/// A row of the table of authorisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The row of its file.
    pub row: i64,
    /// Whose.
    pub party: String,
    /// Its S1SP.
    pub s1sp: String,
    /// The migration date.
    pub date: i64,
    /// Its state.
    pub state: String,
    /// Does it use a unit?
    pub unit: bool,
    /// MAM-11: with whom a unit is kept that came from it with the lead.
    pub kept: Option<String>,
    /// MAM-11: does its supplier lead by an event with which no unit came?
    pub own: bool,
    /// Why.
    pub codes: String,
}

impl Auth {
    /// May it still lead to a migration?
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(
            self.state.as_str(),
            "ACCEPTED" | "HELD" | "STANDBY" | "DEFERRED" | "SCHEDULED" | "STOPPED" | "SUSPENDED" | "UNKNOWN"
        )
    }

    /// Its pool.
    #[must_use]
    pub fn pool(&self) -> Pool {
        (self.s1sp.clone(), self.date)
    }
}

/// A step of an authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub key: Key,
    /// When, in milliseconds.
    pub at: i64,
    /// From which state.
    pub was: String,
    /// To which.
    pub became: String,
    /// Had it a unit?
    pub unit: bool,
}

/// A file that was received and has a readable name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// DC, MA, …
    pub kind: String,
    /// Whose.
    pub sender: String,
    /// The User ID in its name.
    pub user_id: Option<i64>,
    /// The S1SP in its name.
    pub s1sp: String,
    /// The date in its name.
    pub date: i64,
    /// RECEIVED, WAITING, ACCEPTED, …
    pub status: String,
    /// Its codes.
    pub codes: String,
}

/// A meter of an installation, as the inventory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Its meter point.
    pub point: i64,
    /// Its market participant id, by number.
    pub mpid: i64,
    /// Is it Active?
    pub active: bool,
}

/// An installation, as the inventory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its S1SP.
    pub s1sp: String,
    /// Its combination, by number.
    pub dmc: i64,
    /// Its electricity meter.
    pub electricity: Meter,
    /// Its gas meter.
    pub gas: Option<Meter>,
}

/// What is known of the attempts at an installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The date of its migration.
    pub migrated: Option<i64>,
    /// Failed ones that count.
    pub failed: i64,
    /// The earliest date for another.
    pub retry_from: Option<i64>,
}

/// An entry of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The installation.
    pub chf: i64,
    /// Whose.
    pub party: String,
    /// From, to.
    pub dates: (i64, Option<i64>),
    /// On which days of the week: Monday 1, Tuesday 2, Wednesday 4, …
    pub weekdays: i64,
    /// Does it set a hold?
    pub sets: bool,
}

/// A stop order in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its number.
    pub id: i64,
    /// What kind of thing it covers.
    pub scope: String,
    /// Which.
    pub value: String,
    /// The installations that it lists.
    pub listed: BTreeSet<i64>,
}

/// A line of a Dormant plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DormantLine {
    /// PLANNED or STANDBY.
    pub line: String,
    /// Its date.
    pub date: Option<i64>,
    /// Its state.
    pub state: String,
}

/// A line of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleLine {
    /// ACTIVE, MIXED or DORMANT.
    pub kind: String,
}

/// The latest version of a day's schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its version.
    pub version: i64,
    /// Its lines by installation.
    pub lines: BTreeMap<i64, ScheduleLine>,
}

/// What is known of an installation in a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Was it reported as started?
    pub started: bool,
    /// MIGRATED, FAILED, NOT_ATTEMPTED, UNKNOWN.
    pub outcome: Option<String>,
}

/// A row of the record of files received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its name.
    pub name: String,
    /// The sender.
    pub sender: String,
    /// The digest of its content; none of a password.
    pub digest: Option<Vec<u8>>,
}

/// A responsibility event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// Its number.
    pub id: i64,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Is it an appointment?
    pub appoints: bool,
    /// Is it done?
    pub done: bool,
    /// The ids that pass, with their fuel.
    pub mpids: BTreeSet<(String, String)>,
}

/// From a date on, and the first date on which it is over.
pub type Period = (i64, Option<i64>);

/// Reference data; read again only when something may have changed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// Installations.
    pub installations: BTreeMap<i64, Installation>,
    /// Registrations of a point and fuel: from when, and to which id by number; oldest first.
    pub registrations: BTreeMap<(i64, String), Vec<(i64, i64)>>,
    /// A market participant id by number: its fuel, the id, and the party in whose name it stands.
    pub mpids: BTreeMap<i64, (String, String, String)>,
    /// Periods on the EPCL of an S1SP, by combination.
    pub proven: BTreeMap<(String, i64), Vec<Period>>,
    /// Code and models of a combination.
    pub combinations: BTreeMap<i64, (String, Vec<String>)>,
}

/// What the database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// OUT-2: so many failed attempts bar another, by the rulebook that is played by.
    pub attempts_allowed: u64,
    /// Authorisations.
    pub auths: BTreeMap<Key, Auth>,
    /// Every step of them, in order.
    pub steps: Vec<Step>,
    /// The number of the last one that was read, those included that change no state.
    pub last_step: i64,
    /// Answers to rows that made none: file and row with the verdict.
    pub answers: BTreeMap<(i64, i64), String>,
    /// Files.
    pub files: BTreeMap<i64, File>,
    /// Files with a name that says nothing.
    pub misnamed: BTreeSet<i64>,
    /// Everything received.
    pub received: BTreeMap<i64, Received>,
    /// Receipts that are of imports.
    pub imports: BTreeSet<i64>,
    /// Total capacity and reserve.
    pub capacity: BTreeMap<Pool, (i64, i64)>,
    /// Allocations by party.
    pub allocations: BTreeMap<(Pool, String), i64>,
    /// Rounding balances: S1SP and party, in nano-installations.
    pub balances: BTreeMap<(String, String), i64>,
    /// Demand: pool, party and User ID, with the units.
    pub demand: BTreeMap<(Pool, String, i64), i64>,
    /// Days whose outcomes were due.
    pub over: BTreeSet<Pool>,
    /// Weeks that are firm.
    pub firm: BTreeSet<Pool>,
    /// Milestones that have passed.
    pub passed: BTreeSet<(String, i64, String)>,
    /// The latest schedules.
    pub schedules: BTreeMap<Pool, Schedule>,
    /// Outcomes by pool and installation.
    pub outcomes: BTreeMap<(Pool, i64), Outcome>,
    /// Attempts.
    pub attempts: BTreeMap<i64, Attempts>,
    /// Exclusions: installation and fuel (empty for all of it), with the earliest date.
    pub exclusions: BTreeMap<(i64, String), i64>,
    /// Holds, oldest first.
    pub holds: Vec<Hold>,
    /// What a second operator has still to sign.
    pub unsigned: BTreeSet<i64>,
    /// Stop orders in force.
    pub stops: Vec<Stop>,
    /// Lines of Dormant plans by S1SP and week, and installation.
    pub dormant: BTreeMap<(Pool, i64), DormantLine>,
    /// Dormant installations of which a party was told.
    pub noticed: BTreeSet<(Pool, i64)>,
    /// Standing objections to Dormant migrations, by party: those that were not rejected.
    pub objections: BTreeSet<(Pool, i64, String)>,
    /// Responsibility events.
    pub events: Vec<Passing>,
    /// Open queries.
    pub questions: BTreeSet<i64>,
    /// The latest issue of an answer to a file, in milliseconds.
    pub answered: BTreeMap<i64, i64>,
    /// The latest that each party was sent or told, in milliseconds.
    pub told: BTreeMap<String, i64>,
    /// Rows of the audit log.
    pub audit: i64,
    /// Reference data.
    pub reference: std::rc::Rc<Reference>,
}

impl Look {
    /// OUT-2: have so many attempts at an installation failed that it is decided on an exclusion?
    #[must_use]
    pub fn is_candidate(&self, chf: i64) -> bool {
        let failed = self.attempts.get(&chf).map_or(0, |attempts| attempts.failed);
        u64::try_from(failed).is_ok_and(|failed| failed >= self.attempts_allowed)
    }
}
