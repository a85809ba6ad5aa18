//! Reference data: how old they may be, and how large a change one operator may make alone.

use crate::calendar::{OutOfRange, WorkingDays};
use crate::rulebook::Standing;
use crate::words::words;
use jiff::civil::Date;

words! {
    /// The kinds of reference data that are imported.
    ReferenceKind ["parties, capacity, dmc, inventory, registrations, epcl, exclusions, outcome-codes"] {
        /// The parties with their User IDs and market participant ids.
        Parties = "parties",
        /// The capacity of every pool.
        Capacity = "capacity",
        /// The Device Model Combinations.
        Dmc = "dmc",
        /// The installations.
        Inventory = "inventory",
        /// Who supplies which meter point from when on.
        Registrations = "registrations",
        /// The Eligible Product Combinations List.
        Epcl = "epcl",
        /// Installations and meters that are not migrated.
        Exclusions = "exclusions",
        /// What the outcomes of attempts mean.
        OutcomeCodes = "outcome-codes",
    }
}

impl ReferenceKind {
    /// The order of the first imports: later tables name what earlier ones hold.
    pub const FIRST_ORDER: [Self; 8] = [
        Self::Parties,
        Self::Dmc,
        Self::Epcl,
        Self::Inventory,
        Self::Registrations,
        Self::Exclusions,
        Self::OutcomeCodes,
        Self::Capacity,
    ];
}

/// REF-1: are data that describe the state of a day too old on another, by so many Working Days?
///
/// # Errors
/// If a date lies outside the years on record.
pub fn is_stale(days: &WorkingDays, as_at: Date, today: Date, working_days: u64) -> Result<bool, OutOfRange> {
    let allowed = u16::try_from(working_days).unwrap_or(u16::MAX);
    Ok(as_at < days.before(today, allowed)?)
}

/// What an import would change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportDifference {
    /// Rows before it.
    pub before: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows that change.
    pub changed: u64,
    /// Rows that go.
    pub gone: u64,
    /// Accepted rows of authorisations that would lose their ground.
    pub accepted_rows: u64,
}

impl ImportDifference {
    /// What undoing it changes: what it brought goes, and what it took comes back.
    #[must_use]
    pub const fn undone(self) -> Self {
        let before = (self.before + self.added).saturating_sub(self.gone);
        Self { before, added: self.gone, gone: self.added, ..self }
    }
}

/// REF-2: does an import need a second operator? If it changes any accepted row, or more than so many percent of the rows
/// that were there. What is added to nothing changes nothing.
#[must_use]
pub fn needs_second_operator(difference: &ImportDifference, percent: u64) -> bool {
    let changed = difference.added + difference.changed + difference.gone;
    let much = u128::from(changed) * 100 > u128::from(difference.before) * u128::from(percent);
    difference.accepted_rows > 0 || (difference.before > 0 && much)
}

/// REF-2: the same with what was imported of the kind in the hours before, so that a large change cannot be cut into slices: such
/// imports as needed no second operator count with it. What changes nothing needs none.
#[must_use]
pub fn needs_second_with_earlier(difference: &ImportDifference, earlier: &[ImportDifference], percent: u64) -> bool {
    let changes = |one: &ImportDifference| one.added + one.changed + one.gone;
    let alone = earlier.iter().filter(|one| one.before > 0 && !needs_second_operator(one, percent));
    let together = changes(difference) + alone.map(changes).sum::<u64>();
    let whole = ImportDifference { added: 0, changed: together, gone: 0, ..*difference };
    changes(difference) > 0 && needs_second_operator(&whole, percent)
}

/// EXC-1: a category of exclusions, with the date from which it may be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionCategory {
    /// Its word.
    pub name: String,
    /// From which date on an exclusion can be decided in it.
    pub from: Date,
    /// How far it is backed.
    pub standing: Standing,
    /// Where it is published, or why we chose it.
    pub source: String,
    /// What it means.
    pub meaning: String,
}

/// EXC-1: the category of a word that is in effect on a date; the word in any case.
#[must_use]
pub fn category_on<'a>(categories: &'a [ExclusionCategory], name: &str, date: Date) -> Option<&'a ExclusionCategory> {
    categories.iter().find(|category| category.name.eq_ignore_ascii_case(name) && category.from <= date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeMap;

    #[test]
    fn ref_1_age_is_counted_in_working_days() {
        let days = WorkingDays::new(BTreeMap::from([
            (date(2021, 1, 1), "New Year".to_owned()),
            (date(2021, 12, 27), "Christmas".to_owned()),
        ]));
        let stale = |as_at, today| is_stale(&days, as_at, today, 2).unwrap();
        // Friday 9 July is two Working Days before Tuesday 13 July.
        assert!(!stale(date(2021, 7, 9), date(2021, 7, 13)));
        assert!(stale(date(2021, 7, 8), date(2021, 7, 13)));
    }

    #[test]
    fn ref_2_a_second_operator_signs_for_much_and_for_any_accepted_row() {
        let difference = |before, changed, accepted_rows| ImportDifference {
            before,
            changed,
            accepted_rows,
            ..ImportDifference::default()
        };
        assert!(!needs_second_operator(&difference(1000, 10, 0), 1), "1 % is not more than 1 %");
        assert!(needs_second_operator(&difference(1000, 11, 0), 1));
        assert!(needs_second_operator(&difference(1000, 0, 1), 1));
        assert!(
            !needs_second_operator(&ImportDifference { added: 1000, ..ImportDifference::default() }, 1),
            "a first import"
        );
    }

    #[test]
    fn ref_2_what_is_cut_into_slices_counts_together() {
        let of = |before, changed| ImportDifference { before, changed, ..ImportDifference::default() };
        let slices = [of(1000, 4), of(1000, 5)];
        assert!(!needs_second_with_earlier(&of(1000, 1), &slices, 1), "10 of 1,000 are 1 %");
        assert!(needs_second_with_earlier(&of(1000, 2), &slices, 1));
        assert!(!needs_second_with_earlier(&of(1000, 0), &slices, 1), "the same data again");
        // A first import, and what two have signed for, are no slices.
        let signed = [of(1000, 50), ImportDifference { added: 1000, ..ImportDifference::default() }];
        assert!(!needs_second_with_earlier(&of(1000, 2), &signed, 1));
    }

    #[test]
    fn ref_2_undoing_takes_what_came_and_gives_back_what_went() {
        let import = ImportDifference { before: 100, added: 7, changed: 2, gone: 3, accepted_rows: 1 };
        let undoing = ImportDifference { before: 104, added: 3, changed: 2, gone: 7, accepted_rows: 1 };
        assert_eq!(import.undone(), undoing);
    }
}
