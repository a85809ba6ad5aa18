//! What the tests of authorisation have in common: homes with meters, two suppliers, a few dates.

use super::expire;
use super::responsibility::{Meter, Meters, Registration};
use super::settle::{self, Authorisation, Authorised, Case, RowId};
use super::standby::{Allowance, Ledger, StandbyTerms};
use super::state::State;
use crate::installation::{Fuel, MeterStatus};
use crate::party::Party;
use jiff::civil::{Date, date};

/// The supplier of the electricity meter of every home.
pub fn elec() -> Party {
    "ELEC".parse().unwrap()
}

/// The supplier of the gas meter, where nothing else is said.
pub fn gas() -> Party {
    "GAS".parse().unwrap()
}

/// A supplier that has nothing to do with a home, or takes it over.
pub fn other() -> Party {
    "OTHER".parse().unwrap()
}

/// A day of July 2021.
pub fn july(day: i8) -> Date {
    date(2021, 7, day)
}

/// Both meters Active, with two suppliers: [`elec`] and [`gas`].
pub fn split() -> Meters {
    let meter = |fuel, supplier| Meter {
        fuel,
        supplier: Some(supplier),
        status: MeterStatus::Active,
        registrations: Vec::new(),
        excluded: None,
    };
    Meters { electricity: meter(Fuel::Electricity, elec()), gas: Some(meter(Fuel::Gas, gas())) }
}

/// Both meters Active, both of [`elec`].
pub fn dual() -> Meters {
    let mut meters = split();
    meters.gas.as_mut().unwrap().supplier = Some(elec());
    meters
}

/// Electricity only, of [`elec`].
pub fn single() -> Meters {
    Meters { gas: None, ..split() }
}

impl Meters {
    fn meter(&mut self, fuel: Fuel) -> &mut Meter {
        match fuel {
            Fuel::Electricity => &mut self.electricity,
            Fuel::Gas => self.gas.as_mut().unwrap(),
        }
    }

    /// The same home with a Dormant meter.
    pub fn dormant(mut self, fuel: Fuel) -> Self {
        self.meter(fuel).status = MeterStatus::Dormant;
        self
    }

    /// The same home with a change of supplier.
    pub fn changes(mut self, fuel: Fuel, party: Party, from: Date) -> Self {
        self.meter(fuel).registrations.push(Registration { from, party: Some(party) });
        self
    }

    /// The same home with the gas meter excluded from a date on.
    pub fn gas_excluded(mut self, from: Date) -> Self {
        self.meter(Fuel::Gas).excluded = Some(from);
        self
    }
}

/// A home and the days of its suppliers.
pub struct Desk {
    pub case: Case,
    pub ledger: Ledger,
    files: i64,
}

impl Desk {
    /// Every supplier has so many units of every day of July.
    pub fn new(meters: Meters, allocation: u64) -> Self {
        let days = [elec(), gas(), other()].into_iter().flat_map(|party| (1..=31).map(move |day| (party, july(day))));
        let days = days.map(|day| (day, Allowance { allocation, ..Allowance::default() })).collect();
        Self {
            case: Case { meters, rows: Vec::new(), under_way: Vec::new(), once: false, forgets: false },
            ledger: Ledger::new(days),
            files: 0,
        }
    }

    /// The same with other rows than those of this home in a day: so many use a unit, so many wait.
    pub fn with_others(mut self, party: Party, day: i8, used: u64, standby: u64) -> Self {
        for state in [(State::Accepted, true)].repeat(usize::try_from(used).unwrap()) {
            self.ledger.pass((party, july(day)), None, state);
        }
        for state in [(State::Standby, false)].repeat(usize::try_from(standby).unwrap()) {
            self.ledger.pass((party, july(day)), None, state);
        }
        self
    }

    /// Another home's row gives its unit back.
    pub fn other_leaves(&mut self, party: Party, day: i8) {
        let accepted = (State::Accepted, true);
        self.ledger.pass((party, july(day)), Some(accepted), (State::Withdrawn, false));
    }

    pub fn authorise(&mut self, party: Party, day: i8) -> Authorised {
        self.files += 1;
        let (id, terms) = (RowId { file: self.files, row: 2 }, StandbyTerms { percent: 10, minimum: 1 });
        settle::authorise(&mut self.case, id, party, july(day), terms, &mut self.ledger)
    }

    pub fn withdraw(&mut self, party: Party, day: i8) -> bool {
        settle::withdraw(&mut self.case, party, july(day), &mut self.ledger)
    }

    pub fn id(&self, party: Party, day: i8) -> RowId {
        self.case.live(party, july(day)).unwrap().id
    }

    pub fn promote(&mut self, party: Party, day: i8, closed: bool) -> bool {
        let id = self.id(party, day);
        settle::promote(&mut self.case, id, closed, &mut self.ledger)
    }

    pub fn defer(&mut self, party: Party, day: i8) {
        let id = self.id(party, day);
        settle::defer(&mut self.case, id, &mut self.ledger);
    }

    /// An import brings other meters. Gives how many rows lapse.
    pub fn import(&mut self, meters: Meters) -> usize {
        self.case.meters = meters;
        settle::lapse_unfounded(&mut self.case, &mut self.ledger).len()
    }

    pub fn restore(&mut self) {
        let all: Vec<RowId> = self.case.rows.iter().map(|row| row.id).collect();
        settle::restore(&mut self.case, &all, &mut self.ledger);
    }

    pub fn close(&mut self, day: i8) -> usize {
        expire::expire_incomplete(&mut self.case, july(day), &mut self.ledger).len()
    }

    pub fn lock(&mut self, day: i8) -> bool {
        expire::expire_waiting(&mut self.case, july(day), &mut self.ledger);
        settle::schedule(&mut self.case, july(day), &mut self.ledger)
    }

    pub fn allowance(&self, party: Party, day: i8) -> Allowance {
        self.ledger.allowance((party, july(day)))
    }

    /// All rows in words: supplier, day, state, `*` where it uses a unit, `?` where the other supplier names another date.
    pub fn shows(&self) -> String {
        let row = |row: &Authorisation| {
            let marks = [row.unit.then_some("*"), row.differs.then_some("?")].map(Option::unwrap_or_default).concat();
            format!("{} {} {}{marks}", row.party, row.date.day(), row.state)
        };
        self.case.rows.iter().map(row).collect::<Vec<_>>().join(", ")
    }
}
