//! The allocation of a party at one S1SP on one day, what uses it, and who waits for it.

use super::state::State;
use crate::party::Party;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

/// How many rows may wait for a unit; rulebook data (MAM-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandbyTerms {
    /// In percent of the allocation.
    pub percent: u64,
    /// At least so many.
    pub minimum: u64,
}

/// A party's day at one S1SP.
pub type PartyDay = (Party, Date);

/// What a party has of a day. Units are installations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Its allocation.
    pub allocation: u64,
    /// Units in use: Lead Supplier's rows accepted, held or scheduled (MAM-2), stopped (STOP-1), suspended
    /// (MAM-11) or unknown (OUT-4).
    pub used: u64,
    /// Units that came with the lead of installations and are kept for them (MAM-11); none of them is in use.
    pub kept: u64,
    /// Rows on standby.
    pub standby: u64,
    /// Deferred rows; they are in line before those on standby (MSM-12).
    pub deferred: u64,
}

impl Allowance {
    /// Units that nothing uses, and that are kept for nothing.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.allocation.saturating_sub(self.used + self.kept)
    }

    /// Units that are left when everyone in line has one: what a new row can have.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.free().saturating_sub(self.standby + self.deferred)
    }

    /// MAM-3: how many more rows may wait for a unit. Up to so many percent of the allocation wait, rounded down, and at least
    /// the minimum; those in line for whom a unit is free already do not count.
    #[must_use]
    pub fn standby_room(&self, terms: StandbyTerms) -> u64 {
        let served = self.free().saturating_sub(self.deferred).min(self.standby);
        let most = (self.allocation * terms.percent / 100).max(terms.minimum);
        most.saturating_sub(self.standby - served)
    }

    /// MAM-3: may another row wait for a unit?
    #[must_use]
    pub fn takes_standby(&self, terms: StandbyTerms) -> bool {
        self.standby_room(terms) > 0
    }
}

/// The days of one S1SP while decisions are made, and the days on which a unit came free.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    days: HashMap<PartyDay, Allowance>,
    freed: BTreeSet<PartyDay>,
    reallocated: BTreeSet<PartyDay>,
}

impl Ledger {
    /// With what the days hold before the first decision; a day that is not in it has nothing.
    #[must_use]
    pub fn new(days: HashMap<PartyDay, Allowance>) -> Self {
        Self { days, freed: BTreeSet::new(), reallocated: BTreeSet::new() }
    }

    /// The allocations of days of which only the use is known yet.
    pub fn allot(&mut self, allocations: impl IntoIterator<Item = (PartyDay, u64)>) {
        for (day, units) in allocations {
            self.days.entry(day).or_default().allocation = units;
        }
    }

    /// What a party has of a day.
    #[must_use]
    pub fn allowance(&self, day: PartyDay) -> Allowance {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// Units that all parties use on a date.
    #[must_use]
    pub fn used_on(&self, date: Date) -> u64 {
        self.days.iter().filter(|((_, day), _)| *day == date).map(|(_, allowance)| allowance.used).sum()
    }

    /// The next day on which a unit came free or a row got in line for one that is, earliest party and date first; each once.
    pub fn next_freed(&mut self) -> Option<PartyDay> {
        self.freed.pop_first()
    }

    /// A row leaves one state for another; nothing for a row that is new.
    pub(super) fn pass(&mut self, day: PartyDay, from: Option<(State, bool)>, to: (State, bool)) {
        if let Some(from) = from {
            self.leave(day, from);
        }
        let allowance = self.days.entry(day).or_default();
        let (state, unit) = to;
        allowance.used += u64::from(unit);
        allowance.standby += u64::from(state == State::Standby);
        allowance.deferred += u64::from(state == State::Deferred);
        // A row that gets in line while a unit is free may be the only one there that can have it.
        if (from.is_some_and(|(_, unit)| unit) && !unit) || (state.is_waiting() && allowance.free() > 0) {
            self.freed.insert(day);
        }
    }

    /// MAM-11: a row goes from one party's day to another's, and the unit that it uses goes with it out of the one
    /// allocation into the other.
    pub(super) fn hand_over(&mut self, from: PartyDay, to: PartyDay, (state, unit): (State, bool)) {
        self.leave(from, (state, unit));
        if unit {
            self.give(from, to, 1);
        }
        self.pass(to, None, (state, unit));
    }

    /// MAM-11: units of one allocation become another's, as far as they are there: a day that was cut below its use has
    /// fewer.
    pub(super) fn give(&mut self, from: PartyDay, to: PartyDay, units: u64) {
        let giver = self.days.entry(from).or_default();
        let given = giver.allocation.min(units);
        giver.allocation -= given;
        self.days.entry(to).or_default().allocation += given;
        self.reallocated.extend([from, to]);
    }

    /// MAM-11: a unit that came with the lead of an installation is kept for it.
    pub(super) fn keep(&mut self, day: PartyDay) {
        self.days.entry(day).or_default().kept += 1;
    }

    /// The installation has it.
    pub(super) fn take_kept(&mut self, day: PartyDay) {
        self.days.entry(day).or_default().kept -= 1;
    }

    /// It needs it no more, so that it is there for those in line.
    pub(super) fn let_go(&mut self, day: PartyDay) {
        self.take_kept(day);
        self.freed.insert(day);
    }

    /// MAM-11: a unit that is kept goes with the lead, out of the one allocation into the other.
    pub(super) fn pass_kept(&mut self, from: PartyDay, to: PartyDay) {
        self.take_kept(from);
        self.give(from, to, 1);
        self.keep(to);
    }

    /// MAM-11: what nothing uses of one party's day becomes another's, for those in line there.
    pub fn hand_over_free(&mut self, from: PartyDay, to: PartyDay) {
        let free = self.allowance(from).free();
        if free > 0 {
            self.give(from, to, free);
            self.freed.insert(to);
        }
    }

    /// MAM-11: what nothing uses of a day is the party's no more. Gives how many units that are.
    pub fn release(&mut self, day: PartyDay) -> u64 {
        let free = self.allowance(day).free();
        if let Some(allowance) = self.days.get_mut(&day) {
            allowance.allocation -= free;
            self.reallocated.insert(day);
        }
        free
    }

    /// The days whose allocation was changed, with what it is now; in order of party and date.
    pub fn reallocated(&self) -> impl Iterator<Item = (PartyDay, u64)> {
        self.reallocated.iter().map(|day| (*day, self.allowance(*day).allocation))
    }

    /// The days of a party, in order.
    #[must_use]
    pub fn days_of(&self, party: Party) -> Vec<Date> {
        let mut days: Vec<Date> = self.days.keys().filter(|(of, _)| *of == party).map(|(_, date)| *date).collect();
        days.sort_unstable();
        days
    }

    /// A row that is in line was barred from the units that are free, and is so no more.
    pub(super) fn look_again(&mut self, day: PartyDay) {
        if self.allowance(day).free() > 0 {
            self.freed.insert(day);
        }
    }

    /// A row leaves a day altogether.
    pub(super) fn leave(&mut self, day: PartyDay, (state, unit): (State, bool)) {
        let allowance = self.days.entry(day).or_default();
        allowance.used -= u64::from(unit);
        allowance.standby -= u64::from(state == State::Standby);
        allowance.deferred -= u64::from(state == State::Deferred);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mam_3_standby_is_a_tenth_of_the_allocation_and_at_least_one() {
        let terms = StandbyTerms { percent: 10, minimum: 1 };
        let room = |allocation, standby| {
            Allowance { allocation, used: allocation, standby, ..Allowance::default() }.takes_standby(terms)
        };
        for (allocation, most) in [(0, 1), (9, 1), (19, 1), (20, 2), (500, 50)] {
            assert!(room(allocation, most - 1) && !room(allocation, most), "{allocation}");
        }
    }

    #[test]
    fn mam_3_a_new_row_does_not_overtake_those_in_line() {
        let terms = StandbyTerms { percent: 10, minimum: 1 };
        let day = Allowance { allocation: 10, used: 9, standby: 1, ..Allowance::default() };
        assert_eq!((day.free(), day.open(), day.takes_standby(terms)), (1, 0, true));
        let day = Allowance { allocation: 10, used: 9, standby: 1, deferred: 1, kept: 0 };
        assert_eq!((day.open(), day.takes_standby(terms)), (0, false));
    }

    #[test]
    fn mam_3_as_many_more_may_wait_as_are_taken_one_after_the_other() {
        let terms = StandbyTerms { percent: 10, minimum: 2 };
        for (used, standby, deferred) in
            [(30, 0, 0), (30, 2, 0), (30, 3, 1), (29, 1, 0), (27, 3, 0), (27, 3, 2), (20, 4, 9)]
        {
            let mut day = Allowance { allocation: 30, used, standby, deferred, kept: 0 };
            assert_eq!(day.open(), 0, "{day:?}");
            let room = day.standby_room(terms);
            for left in (0..room).rev() {
                assert!(day.takes_standby(terms));
                day.standby += 1;
                assert_eq!(day.standby_room(terms), left, "{day:?}");
            }
            assert!(!day.takes_standby(terms), "{day:?}");
        }
        let served = Allowance { allocation: 30, used: 27, standby: 3, ..Allowance::default() };
        assert_eq!(served.standby_room(terms), 3);
    }

    #[test]
    fn mam_3_a_day_is_named_when_a_unit_comes_free_or_one_waits_for_a_free_one() {
        let day = ("A".parse().unwrap(), jiff::civil::date(2021, 7, 26));
        let allowance = Allowance { allocation: 1, ..Allowance::default() };
        let mut ledger = Ledger::new(HashMap::from([(day, allowance)]));
        ledger.pass(day, None, (State::Held, true));
        ledger.pass(day, None, (State::Standby, false));
        assert_eq!(ledger.next_freed(), None);
        ledger.pass(day, Some((State::Held, true)), (State::Withdrawn, false));
        assert_eq!((ledger.next_freed(), ledger.next_freed()), (Some(day), None));
        ledger.pass(day, None, (State::Standby, false));
        assert_eq!((ledger.next_freed(), ledger.allowance(day).standby), (Some(day), 2));
    }

    #[test]
    fn mam_2_a_day_cut_below_its_use_has_nothing_free() {
        assert_eq!(Allowance { allocation: 5, used: 7, ..Allowance::default() }.free(), 0);
        assert_eq!(Allowance { allocation: 5, used: 3, ..Allowance::default() }.free(), 2);
    }
}
