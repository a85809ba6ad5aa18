//! What is kept, table by table: typed rows in and out. Nothing is decided here.
//!
//! Every function takes a transaction, and with it a scope. Functions that answer a caller's question filter by it;
//! those that load what a decision needs are called in the scope of DCC by the service, after it has authorised the act.

/// The states of authorisations that may still lead to a migration: `State::is_live`, as SQL.
macro_rules! live {
    () => {
        "('ACCEPTED', 'HELD', 'STANDBY', 'DEFERRED', 'SCHEDULED', 'STOPPED', 'SUSPENDED', 'UNKNOWN')"
    };
}

/// The states of Dormant lines that may still lead to a migration.
macro_rules! planned {
    () => {
        "('PLANNED', 'NOTICED', 'SCHEDULED', 'STOPPED', 'UNKNOWN')"
    };
}

/// The market participant id of the supplier that leads an installation `i`: the gas supplier's where only the gas meter
/// is Active, else the electricity supplier's.
macro_rules! lead {
    () => {
        "CASE WHEN i.electricity_status = 0 AND i.gas_status = 1 THEN i.gas_mpid ELSE i.electricity_mpid END"
    };
}

/// Every state, as SQL: rows of a day are found by their S1SP, state and date.
macro_rules! any {
    () => {
        "('HELD', 'ACCEPTED', 'STANDBY', 'DEFERRED', 'SCHEDULED', 'STOPPED', 'SUSPENDED', 'UNKNOWN', 'MOVED', 'WITHDRAWN', \
          'LAPSED', 'EXPIRED', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED')"
    };
}

pub mod accounts;
pub mod answers;
pub mod aside;
pub mod attempts;
pub mod authorisations;
pub mod bars;
pub mod convert;
pub mod counts;
pub mod dormant;
pub mod files;
pub mod follow;
pub mod imports;
pub mod inbox;
pub mod installations;
pub mod intake;
pub mod issued;
pub mod lead;
pub mod log;
pub mod meters;
pub mod outages;
pub mod outcomes;
pub mod parties;
pub mod passwords;
pub mod proposals;
pub mod questions;
pub mod receipt_keys;
pub mod record;
pub mod reports;
pub mod requests;
pub mod responsibility;
pub mod results;
pub mod schedules;
pub mod signatures;
pub mod stage;
pub mod state_changes;
pub mod stray;
pub mod tokens;
pub mod uses;
pub mod weeks;

#[cfg(test)]
pub(crate) mod scale_tests;

#[cfg(test)]
mod tests {
    use sluice_rules::authorisation::state::State;

    #[test]
    fn live_states_in_sql_are_those_of_the_rules() {
        let live: Vec<_> =
            State::ALL.iter().filter(|state| state.is_live()).map(|state| format!("'{state}'")).collect();
        assert_eq!(live!(), format!("({})", live.join(", ")));
        assert!(State::ALL.iter().all(|state| any!().contains(&format!("'{state}'"))));
    }
}
