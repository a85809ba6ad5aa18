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
    pub(crate) place: String,
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

/// What an act has touched of what is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    pub(crate) days: BTreeMap<S1sp, BTreeSet<Date>>,
    pub(crate) files: MoreRows,
    /// The installations that were taken out of the counts by place, to be put in again where they are then.
    pub(crate) homes: BTreeSet<i64>,
    pub(crate) places: Places,
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
