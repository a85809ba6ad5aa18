//! On which dates a supplier holds an installation, however many entries say so (MAM-12).

use super::bars::{HoldEntry, Weekdays};
use crate::party::Party;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

/// The dates on which one supplier holds one installation. Each day of the week has its own line of weeks, since an entry can be
/// about some of them; a line names the weeks from which on it is held, or not held any more, in turns. Adding an entry and asking
/// for one take a few steps, so that a file of many rows about one installation costs no more than one about many.
#[derive(Debug, Clone, Default)]
pub struct HeldDates {
    days: [BTreeMap<i64, bool>; 7],
}

impl HeldDates {
    /// The dates of a supplier, from entries of anybody, oldest first.
    #[must_use]
    pub fn of(entries: &[HoldEntry], party: Party) -> Self {
        let mut held = Self::default();
        entries.iter().filter(|entry| entry.party == party).for_each(|entry| held.add(entry));
        held
    }

    /// Adds an entry of the supplier: for its dates it counts instead of earlier ones.
    pub fn add(&mut self, entry: &HoldEntry) {
        for (day, line) in (0..).zip(&mut self.days) {
            let Some((first, last)) = weeks_of(entry, day) else { continue };
            let after = is_held(line, last + 1);
            let begins = is_held(line, first - 1) != entry.sets;
            let within: Vec<i64> = line.range(first..=last + 1).map(|(week, _)| *week).collect();
            for week in within {
                line.remove(&week);
            }
            if begins {
                line.insert(first, entry.sets);
            }
            if after != entry.sets {
                line.insert(last + 1, after);
            }
        }
    }

    /// Is the installation held on any of an entry's dates?
    #[must_use]
    pub fn meets(&self, entry: &HoldEntry) -> bool {
        (0..).zip(&self.days).any(|(day, line)| {
            let Some((first, last)) = weeks_of(entry, day) else { return false };
            // What changes within the dates of an entry becomes held or was so.
            is_held(line, first) || line.range((Excluded(first), Included(last))).next().is_some()
        })
    }
}

/// Which entries of one supplier, oldest first, still decide on any date from a day on; the others are over, or later ones have taken
/// their place.
#[must_use]
pub fn deciding(entries: &[HoldEntry], today: Date) -> Vec<bool> {
    let mut open = HeldDates::default();
    let mut decide = vec![false; entries.len()];
    let newest_first = entries.iter().zip(&mut decide).rev();
    for (place, (entry, decides)) in newest_first.enumerate() {
        if place == 0 {
            open.add(&HoldEntry { from: today, to: None, weekdays: Weekdays::ALL, sets: true, ..*entry });
        }
        *decides = open.meets(entry);
        open.add(&HoldEntry { sets: false, ..*entry });
    }
    decide
}

/// Is a week held on a line?
fn is_held(line: &BTreeMap<i64, bool>, week: i64) -> bool {
    line.range(..=week).next_back().is_some_and(|(_, held)| *held)
}

/// The first and the last week in which an entry is about a day of the week (Monday 0); nothing if it is in none.
fn weeks_of(entry: &HoldEntry, day: i64) -> Option<(i64, i64)> {
    if entry.weekdays.number() & (1 << day) == 0 {
        return None;
    }
    let ((first, from), (last, to)) = (week_and_day(entry.from), week_and_day(entry.to.unwrap_or(Date::MAX)));
    let (first, last) = (first + i64::from(day < from), last - i64::from(day > to));
    (first <= last).then_some((first, last))
}

/// A date as a number of weeks since that of 5 January 1970, a Monday, and the day in its week.
fn week_and_day(date: Date) -> (i64, i64) {
    let monday = jiff::civil::date(1970, 1, 5);
    let days = date.duration_since(monday).as_hours() / 24;
    (days.div_euclid(7), days.rem_euclid(7))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{elec, gas};
    use super::*;

    /// Numbers that look like chance, and are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }

        fn entry(&mut self) -> HoldEntry {
            let day =
                |number: u64| jiff::civil::date(2021, 7, 1) + jiff::Span::new().days(i64::try_from(number).unwrap());
            let from = self.below(60);
            let to = (self.below(4) > 0).then(|| day(from + self.below(20)));
            let weekdays = if self.below(2) == 0 { 127 } else { 1 + self.below(127) };
            let weekdays = Weekdays::of_number(u8::try_from(weekdays).unwrap()).unwrap();
            HoldEntry { party: elec(), from: day(from), to, weekdays, sets: self.below(2) == 0 }
        }
    }

    /// By the words of the rule: of the entries that cover a date the latest decides.
    fn meets(entries: &[HoldEntry], asked: &HoldEntry) -> bool {
        let held = |date: Date| entries.iter().rev().find(|entry| entry.covers(date)).is_some_and(|entry| entry.sets);
        asked.from.series(jiff::Span::new().days(1)).take(120).any(|date| asked.covers(date) && held(date))
    }

    #[test]
    fn mam_12_of_entries_that_cover_a_date_the_latest_decides_however_many_they_are() {
        let mut numbers = Numbers(7);
        for _ in 0..300 {
            let (mut entries, mut held) = (Vec::new(), HeldDates::default());
            for _ in 0..12 {
                let asked = numbers.entry();
                assert_eq!(held.meets(&asked), meets(&entries, &asked), "{asked:?} in {entries:?}");
                let entry = numbers.entry();
                held.add(&entry);
                entries.push(entry);
            }
        }
    }

    #[test]
    fn mam_12_without_the_entries_that_decide_no_more_all_is_held_as_it_was() {
        let (mut numbers, today) = (Numbers(11), jiff::civil::date(2021, 7, 20));
        for _ in 0..200 {
            let entries: Vec<HoldEntry> = (0..12).map(|_| numbers.entry()).collect();
            let decide = deciding(&entries, today);
            let kept = entries.iter().zip(&decide).filter(|(_, decides)| **decides).map(|(entry, _)| *entry);
            let kept: Vec<HoldEntry> = kept.collect();
            assert!(kept.len() < entries.len() || entries.iter().all(|entry| entry.to.is_none_or(|to| to >= today)));
            for date in today.series(jiff::Span::new().days(1)).take(90) {
                let asked = HoldEntry { from: date, to: Some(date), weekdays: Weekdays::ALL, ..entries[0] };
                assert_eq!(meets(&kept, &asked), meets(&entries, &asked), "{date} of {entries:?}");
                assert_eq!(HeldDates::of(&kept, elec()).meets(&asked), meets(&entries, &asked));
            }
        }
    }

    #[test]
    fn mam_12_what_is_added_again_and_again_takes_no_more_room() {
        let mut held = HeldDates::default();
        let entry = Numbers(1).entry();
        for turn in 0..1_000 {
            held.add(&HoldEntry { weekdays: Weekdays::ALL, sets: turn % 2 == 0, ..entry });
        }
        assert_eq!(held.days.iter().map(BTreeMap::len).sum::<usize>(), 0);
        let others = HoldEntry { party: gas(), sets: true, ..entry };
        assert!(!HeldDates::of(&[others], elec()).meets(&others));
    }
}
