//! What an act has touched of what is counted (`tables/counts.rs`).

use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Party, S1sp};
use std::collections::{BTreeMap, BTreeSet};

/// By how many rows of a file, held by a party, in a state there are more or fewer with the same codes.
pub(crate) type MoreRows = BTreeMap<(i64, Party, State), BTreeMap<String, i64>>;

/// What installations have in common that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// In a word.
    pub(crate) place: &'static str,
    /// As it is kept; 0 for none.
    pub(crate) day: i64,
    /// The number of the S1SP.
    pub(crate) s1sp: i64,
    /// The place of the cohort in the list of all.
    pub(crate) cohort: i64,
    /// The number of the market participant id that leads.
    pub(crate) lead: i64,
}

/// By how many installations a place has more, or fewer.
pub(crate) type Places = BTreeMap<Place, i64>;

/// What installations have in common that wait for the same reason as long.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait {
    pub(crate) s1sp: S1sp,
    /// The number of the market participant id that leads; 0 for none.
    pub(crate) lead: i64,
    /// Of the row that waits, or the last outcome.
    pub(crate) state: String,
    /// The date since when, as it is kept.
    pub(crate) since: i64,
    /// Of the last failure.
    pub(crate) stage: String,
    pub(crate) code: String,
    /// How often it failed.
    pub(crate) failed: i64,
    /// The date from which it may be tried again; 0 for none.
    pub(crate) retry_from: i64,
    /// The date from which it is excluded; 0 for none.
    pub(crate) excluded: i64,
    /// Is it planned for Dormant Meters whose suppliers are not noticed yet?
    pub(crate) planned: i64,
    /// The installation, if there are holds of it; else 0.
    pub(crate) home: i64,
}

/// By how many installations of a kind more wait, or fewer.
pub(crate) type Waits = BTreeMap<Wait, i64>;

/// By how many installations of a kind more are open, or fewer.
pub(crate) type Opens = BTreeMap<[i64; 10], i64>;

/// What exclusions have in common that are counted together: numbers, and words as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Excluded {
    pub(crate) s1sp: i64,
    pub(crate) category: String,
    /// The meter; empty for the installation.
    pub(crate) fuel: String,
    pub(crate) origin: String,
    /// The date from which it holds.
    pub(crate) day: i64,
    /// The market participant ids of the installation.
    pub(crate) electricity: i64,
    pub(crate) gas: i64,
}

/// By how many exclusions of a kind there are more, or fewer.
pub(crate) type Exclusions = BTreeMap<Excluded, i64>;

/// What an act has touched of what is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    pub(crate) days: BTreeMap<S1sp, BTreeSet<Date>>,
    pub(crate) files: MoreRows,
    /// The installations that were taken out of the counts of installations, to be put in again where they are then.
    pub(crate) homes: BTreeSet<i64>,
    pub(crate) places: Places,
    pub(crate) waits: Waits,
    pub(crate) opens: Opens,
    pub(crate) exclusions: Exclusions,
    /// Days and weeks of which the clock may have something else to do than before; of the days that are counted it may too.
    pub(crate) clock: BTreeMap<S1sp, BTreeSet<Date>>,
}

impl Touched {
    /// What stands for a day of an S1SP, is in its schedule, or came of it, is another.
    pub(crate) fn day(&mut self, of: S1sp, day: Date) {
        self.days.entry(of).or_default().insert(day);
    }

    /// The clock may have something else to do for a day of an S1SP, or for its week.
    pub(crate) fn clock(&mut self, of: S1sp, day: Date) {
        self.clock.entry(of).or_default().insert(day);
    }

    /// There are so many more rows of this kind, or fewer.
    pub(crate) fn rows(&mut self, (file, party, state): (i64, Party, State), codes: &str, more: i64) {
        let of_state = self.files.entry((file, party, state)).or_default();
        match of_state.get_mut(codes) {
            Some(rows) => *rows += more,
            None => drop(of_state.insert(codes.to_owned(), more)),
        }
    }
}
