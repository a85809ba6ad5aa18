//! What an act has changed on a board.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::responsibility::Passing;
use sluice_store::tables::state_changes::StateChange;

/// An authorisation that an act changed.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// The file.
    pub file: i64,
    /// The row.
    pub row: u64,
    /// What it was.
    #[serde(with = "crate::words")]
    pub from: State,
    /// What it is.
    #[serde(with = "crate::words")]
    pub to: State,
    /// The meter points that are the sender's own; of others it learns nothing.
    #[serde(skip)]
    pub(in crate::board) mpan: Option<Mpan>,
    #[serde(skip)]
    pub(in crate::board) mprn: Option<Mprn>,
    /// The old and the new date, if it moves (MAM-7).
    #[serde(skip)]
    pub(in crate::board) moves: Option<(Date, Date)>,
    /// MAM-8: that it stands for one meter alone, in words; empty if it does not.
    #[serde(skip)]
    pub(in crate::board) narrowing: String,
    /// What it waits for in words, if that is not just the other supplier's.
    #[serde(skip)]
    pub(in crate::board) waits_for: Option<String>,
    /// From whom the row has passed to its party, if it has by this act (MAM-11).
    #[serde(skip)]
    pub(crate) passed: Option<Party>,
    /// MAM-8: is it narrowed to one meter by this, or wide again? Nothing if neither.
    #[serde(skip)]
    pub(in crate::board) narrowed: Option<bool>,
    /// Did it use a unit before?
    #[serde(skip)]
    pub(in crate::board) had_unit: bool,
    #[serde(skip)]
    pub(in crate::board) stored: StoredAuthorisation,
}

impl Changed {
    /// The date of the authorisation.
    #[must_use]
    pub fn date(&self) -> Date {
        self.stored.row.date
    }

    /// Whose it is, what it was, and what became of it: "AAA123's of 00-C0-00-00-00-00-00-03 for 2021-07-26: SCHEDULED, now
    /// LAPSED (MA119)".
    pub(crate) fn in_words(&self) -> String {
        let (row, chf, codes) = (&self.stored.row, self.chf, &self.stored.codes);
        let codes = if codes.is_empty() { String::new() } else { format!(" ({codes})") };
        let unit = match (self.had_unit, row.unit) {
            _ if self.from != self.to || !self.narrowing.is_empty() => "",
            (false, true) => ", with a unit of its own",
            (true, false) => ", without a unit of its own",
            _ => "",
        };
        let narrowing = &self.narrowing;
        format!("{}'s of {chf} for {}: {}, now {}{unit}{narrowing}{codes}", row.party, row.date, self.from, self.to)
    }

    /// Was it in a state before?
    #[must_use]
    pub fn was(&self, state: State) -> bool {
        self.from == state
    }

    /// Is it in a state now?
    #[must_use]
    pub fn is_now(&self, state: State) -> bool {
        self.to == state
    }

    /// Can it still be migrated, or wait for it?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.to.is_live()
    }

    /// Is the schedule of its date another one with it?
    #[must_use]
    pub fn touches_schedule(&self) -> bool {
        self.from == State::Scheduled || self.to == State::Scheduled
    }
}

/// The steps from one state to another, for the history of the installations. MAM-8: that a row is narrowed, and that it is wide
/// again, is a step from a state to the same, in turns; programs before version 4 noted none.
pub(in crate::board) fn steps(changed: &[Changed], at: Timestamp, engine: i64) -> Vec<StateChange> {
    let step = |change: &Changed| StateChange {
        chf: change.chf,
        file: change.file,
        at,
        was: change.from,
        became: change.to,
        date: change.stored.row.date,
        unit: change.had_unit || change.stored.row.unit,
        codes: change.stored.codes.clone(),
    };
    // It gives no unit up, so it counts in no report of units.
    let narrowing =
        |change: &Changed| StateChange { was: change.to, unit: false, codes: String::new(), ..step(change) };
    let narrowed = |change: &&Changed| engine > 3 && change.narrowed.is_some();
    let mut steps: Vec<StateChange> = changed.iter().filter(|change| change.from != change.to).map(step).collect();
    steps.extend(changed.iter().filter(narrowed).map(narrowing));
    steps
}

/// MAM-11: the rows that passed to another supplier.
pub(in crate::board) fn passings(changed: &[Changed], at: Timestamp) -> Vec<Passing> {
    let passing = |change: &Changed| {
        let (from, to) = (change.passed?, change.stored.row.party);
        Some(Passing { chf: change.chf, file: change.file, at, from, to })
    };
    changed.iter().filter_map(passing).collect()
}
