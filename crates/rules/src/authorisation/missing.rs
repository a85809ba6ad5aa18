//! MAM-1: whose authorisation of an installation is missing beside another supplier's.

use super::settle::{Authorisation, Case, RowId};
use super::state::State;
use crate::party::Party;
use jiff::civil::Date;

/// An authorisation that waits for one of another supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The row that waits.
    pub row: RowId,
    /// Who sent it.
    pub by: Party,
    /// The date that it names.
    pub date: Date,
    /// Whose authorisation for that date is missing.
    pub of: Party,
    /// MA121: the dates that the other one names instead, earliest first; none if it names none.
    pub named: Vec<Date>,
}

impl Case {
    /// MAM-1: the authorisations that wait for another Responsible Supplier's, in the order of their rows. One that waits for a
    /// unit as well is among them.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let waits = |row: &&Authorisation| matches!(row.state, State::Held | State::Standby | State::Deferred);
        let open = |party: Party| self.rows.iter().filter(move |row| row.party == party && row.state.is_live());
        let mut missing = Vec::new();
        for row in self.rows.iter().filter(waits) {
            for of in self.meters.required_on(row.date).into_iter().filter(|party| *party != row.party) {
                // What is suspended or stopped is there: it waits for no file.
                if open(of).any(|other| other.date == row.date) {
                    continue;
                }
                let mut named: Vec<Date> =
                    open(of).filter(|other| other.state.is_open()).map(|other| other.date).collect();
                named.sort_unstable();
                missing.push(Missing { row: row.id, by: row.party, date: row.date, of, named });
            }
        }
        missing
    }
}

#[cfg(test)]
#[path = "missing_tests.rs"]
mod tests;
