//! A small world of installations, two suppliers and a few dates, on which the rules of authorisation are played.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses a part of it")]

use jiff::civil::{Date, date};
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::passing;
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::{self, Authorisation, Authorised, Case, RowId};
use sluice_rules::authorisation::standby::{Allowance, Ledger, PartyDay, StandbyTerms};
use sluice_rules::authorisation::state::State;
use sluice_rules::authorisation::stopping;
use sluice_rules::installation::{Fuel, MeterStatus};
use sluice_rules::party::Party;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub const TERMS: StandbyTerms = StandbyTerms { percent: 10, minimum: 1 };

/// The electricity supplier is number 0, the gas supplier number 1.
pub fn party(index: usize) -> Party {
    ["ELEC", "GAS"][index % 2].parse().unwrap()
}

/// The supplier that is appointed in the place of one that failed.
pub fn next_supplier() -> Party {
    "NEXT".parse().unwrap()
}

pub fn day(index: usize) -> Date {
    date(2021, 7, 26).saturating_add(jiff::Span::new().days(i64::try_from(index).unwrap()))
}

/// Which meters are Active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Active {
    Both,
    Electricity,
    Gas,
    Neither,
}

impl Active {
    pub const ALL: [Self; 4] = [Self::Both, Self::Electricity, Self::Gas, Self::Neither];

    pub fn meters(self) -> Meters {
        let meter = |fuel, supplier, active| Meter {
            fuel,
            supplier: Some(party(supplier)),
            status: if active { MeterStatus::Active } else { MeterStatus::Dormant },
            registrations: Vec::new(),
            excluded: None,
        };
        Meters {
            electricity: meter(Fuel::Electricity, 0, matches!(self, Self::Both | Self::Electricity)),
            gas: Some(meter(Fuel::Gas, 1, matches!(self, Self::Both | Self::Gas))),
        }
    }
}

/// What can happen. Numbers are taken modulo what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Installation, party, date.
    Authorise(usize, usize, usize),
    Withdraw(usize, usize, usize),
    /// Gives the free units of a party's date to those in line.
    Promote(usize, usize),
    /// Sets a party's allocation of a date; rows beyond it are deferred, the latest first.
    Allocate(usize, usize, u64),
    /// An import changes which meters of an installation are Active.
    Import(usize, Active),
    /// Ends the n-th live row of an installation.
    Lapse(usize, usize),
    /// An import is undone: what lapsed returns, and what expired where nothing is missing then.
    Restore(usize),
    /// The authorisation cut-off of a date.
    Close(usize),
    /// The lock of a date.
    Lock(usize),
    /// A stop order covers an installation.
    Stop(usize),
    /// It is lifted.
    Lift(usize),
    /// The lock of a day leaves no time for a stop.
    Outlast(usize),
    /// A supplier of an installation fails.
    Suspend(usize, usize),
    /// The supplier that is appointed in its place adopts what is suspended.
    Adopt(usize),
    /// The outcome of an installation on a date.
    Conclude(usize, usize, State),
}

#[derive(Debug, Clone)]
pub struct World {
    pub cases: Vec<Case>,
    pub ledger: Ledger,
    pub allocations: BTreeMap<PartyDay, u64>,
    pub dates: usize,
    pub closed: BTreeSet<Date>,
    pub locked: BTreeSet<Date>,
    files: i64,
}

impl World {
    pub fn new(active: &[Active], dates: usize, allocation: u64) -> Self {
        let days = (0..2).flat_map(|supplier| (0..dates).map(move |date| (party(supplier), day(date))));
        let mut world = Self {
            cases: active
                .iter()
                .map(|active| Case {
                    meters: active.meters(),
                    rows: Vec::new(),
                    under_way: Vec::new(),
                    once: false,
                    forgets: false,
                })
                .collect(),
            ledger: Ledger::default(),
            allocations: days.map(|day| (day, allocation)).collect(),
            dates,
            closed: BTreeSet::new(),
            locked: BTreeSet::new(),
            files: 0,
        };
        world.ledger = world.counted();
        world
    }

    pub fn rows(&self) -> impl Iterator<Item = &Authorisation> {
        self.cases.iter().flat_map(|case| &case.rows)
    }

    /// What the rows say that the ledger must hold.
    pub fn counted(&self) -> Ledger {
        let count = |&(party, date): &PartyDay, which: &dyn Fn(&Authorisation) -> bool| {
            let rows = self.rows().filter(|row| row.party == party && row.date == date && which(row));
            u64::try_from(rows.count()).unwrap()
        };
        let days = self.allocations.iter().map(|(day, &allocation)| {
            let used = count(day, &|row| row.unit);
            let standby = count(day, &|row| row.state == State::Standby);
            let deferred = count(day, &|row| row.state == State::Deferred);
            (*day, Allowance { allocation, used, standby, deferred, kept: 0 })
        });
        Ledger::new(days.collect::<HashMap<PartyDay, Allowance>>())
    }

    /// Those in line of a party's day, the first first: an installation and its row.
    pub fn line(&self, (party, date): PartyDay) -> Vec<(usize, RowId)> {
        let cases = self.cases.iter().enumerate();
        let rows = cases.flat_map(|(index, case)| case.rows.iter().map(move |row| (index, row)));
        let mut line: Vec<_> =
            rows.filter(|(_, row)| row.party == party && row.date == date && row.state.is_waiting()).collect();
        line.sort_by_key(|(_, row)| (row.state != State::Deferred, row.id));
        line.into_iter().map(|(index, row)| (index, row.id)).collect()
    }

    /// May a row be promoted now? Says nothing of whether a unit is free.
    pub fn promotes(&mut self, (index, id): (usize, RowId), date: Date) -> bool {
        let closed = self.closed.contains(&date);
        !self.locked.contains(&date) && settle::promote(&mut self.cases[index], id, closed, &mut self.ledger)
    }

    pub fn promote_all(&mut self) {
        let days: Vec<PartyDay> = self.allocations.keys().copied().collect();
        for day in days {
            self.promote(day);
        }
    }

    fn promote(&mut self, day: PartyDay) {
        for place in self.line(day) {
            self.promotes(place, day.1);
        }
    }

    /// Is a row of this kind clean (MA106, MA111, MA112, MA125)?
    pub fn takes(&self, index: usize, party: Party, date: Date) -> bool {
        let case = &self.cases[index];
        let elsewhere = case.rows.iter().any(|row| row.state == State::Scheduled && row.date != date);
        let open = !self.closed.contains(&date) && !self.locked.contains(&date);
        open && !elsewhere && case.meters.required_on(date).contains(&party)
    }

    pub fn authorise(&mut self, index: usize, party: Party, date: Date) -> Authorised {
        self.files += 1;
        let id = RowId { file: self.files, row: 2 };
        settle::authorise(&mut self.cases[index], id, party, date, TERMS, &mut self.ledger)
    }

    fn allocate(&mut self, day: PartyDay, allocation: u64) {
        self.allocations.insert(day, allocation);
        self.ledger = self.counted();
        let cases = self.cases.iter().enumerate();
        let rows = cases.flat_map(|(index, case)| case.rows.iter().map(move |row| (index, row)));
        let mut users: Vec<(RowId, usize)> = rows
            .filter(|(_, row)| (row.party, row.date) == day && row.unit)
            .map(|(index, row)| (row.id, index))
            .collect();
        users.sort_unstable();
        for (id, index) in users.into_iter().skip(usize::try_from(allocation).unwrap()) {
            settle::defer(&mut self.cases[index], id, &mut self.ledger);
        }
    }

    pub fn play(&mut self, op: Op) {
        let cases = self.cases.len();
        let date = |index: usize| day(index % self.dates);
        match op {
            Op::Authorise(index, supplier, day) => {
                let (index, party, date) = (index % cases, party(supplier), date(day));
                if self.takes(index, party, date) {
                    self.authorise(index, party, date);
                }
            }
            Op::Withdraw(index, supplier, day) => {
                let date = date(day);
                settle::withdraw(&mut self.cases[index % cases], party(supplier), date, &mut self.ledger);
            }
            Op::Promote(supplier, day) => self.promote((party(supplier), date(day))),
            Op::Allocate(supplier, day, allocation) => self.allocate((party(supplier), date(day)), allocation),
            Op::Import(index, active) => {
                let case = &mut self.cases[index % cases];
                case.meters = active.meters();
                settle::lapse_unfounded(case, &mut self.ledger);
            }
            Op::Lapse(index, place) => {
                let case = &mut self.cases[index % cases];
                let live: Vec<RowId> = case.rows.iter().filter(|row| row.state.is_live()).map(|row| row.id).collect();
                if !live.is_empty() {
                    settle::lapse(case, &[live[place % live.len()]], &mut self.ledger);
                }
            }
            Op::Restore(index) => {
                let case = &mut self.cases[index % cases];
                let ended: Vec<RowId> = case.rows.iter().map(|row| row.id).collect();
                settle::restore(case, &ended, &mut self.ledger);
            }
            Op::Close(day) => {
                let date = date(day);
                self.closed.insert(date);
                for case in &mut self.cases {
                    expire::expire_incomplete(case, date, &mut self.ledger);
                }
            }
            Op::Lock(day) => self.lock(date(day)),
            Op::Stop(index) => {
                let locked = self.locked.clone();
                let keeps = |date| !locked.contains(&date);
                self.on_rows(index, None, |case, ids, ledger| drop(stopping::stop(case, ids, keeps, ledger)));
            }
            Op::Lift(index) => self.on_rows(index, None, stopping::lift),
            Op::Outlast(index) => self.on_rows(index, None, stopping::outlast_stop),
            Op::Suspend(index, supplier) => {
                let suspend = |case: &mut Case, ids: &[RowId], ledger: &mut Ledger| {
                    passing::suspend(case, ids, ledger);
                };
                self.on_rows(index, Some(party(supplier)), suspend);
            }
            Op::Adopt(index) => self.adopt(index % cases),
            Op::Conclude(index, day, outcome) => {
                settle::conclude(&mut self.cases[index % cases], date(day), outcome, &mut self.ledger);
            }
        }
    }

    /// Does something with all rows of an installation, or those of one party.
    fn on_rows(&mut self, index: usize, whose: Option<Party>, act: impl Fn(&mut Case, &[RowId], &mut Ledger)) {
        let count = self.cases.len();
        let case = &mut self.cases[index % count];
        let rows = case.rows.iter().filter(|row| whose.is_none_or(|party| row.party == party));
        let ids: Vec<RowId> = rows.map(|row| row.id).collect();
        act(case, &ids, &mut self.ledger);
    }

    /// The meters and the suspended rows of a supplier that failed become another's.
    fn adopt(&mut self, index: usize) {
        let case = &mut self.cases[index];
        let Some(failed) = case.rows.iter().find(|row| row.state == State::Suspended).map(|row| row.party) else {
            return;
        };
        let to = next_supplier();
        for meter in std::iter::once(&mut case.meters.electricity).chain(case.meters.gas.as_mut()) {
            if meter.supplier == Some(failed) {
                meter.supplier = Some(to);
            }
        }
        let ids: Vec<RowId> = case.rows.iter().filter(|row| row.party == failed).map(|row| row.id).collect();
        passing::pass_on(case, &ids, to, &mut self.ledger);
        // MAM-1: what lacks another supplier's row for a date that is closed expires.
        for date in &self.closed {
            expire::expire_incomplete(case, *date, &mut self.ledger);
        }
        for (supplier, date) in
            [failed, to].into_iter().flat_map(|one| (0..self.dates).map(move |index| (one, day(index))))
        {
            let allocation = self.ledger.allowance((supplier, date)).allocation;
            self.allocations.insert((supplier, date), allocation);
        }
    }

    fn lock(&mut self, date: Date) {
        self.locked.insert(date);
        for case in &mut self.cases {
            passing::lapse_suspended(case, date, &mut self.ledger);
            expire::expire_waiting(case, date, &mut self.ledger);
            settle::schedule(case, date, &mut self.ledger);
        }
    }
}
