//! Rows that are stopped for a time (STOP-1), and what they are when that is over.

use super::led::Place;
use super::settle::{Authorisation, Case, RowId};
use super::standby::Ledger;
use super::state::State;
use jiff::civil::Date;

impl Authorisation {
    /// MSM-12: has it lost its unit to a cut, and is stopped (STOP-1) or suspended (MAM-11)? Then it is in line beside what is deferred.
    #[must_use]
    pub fn is_first_in_line_aside(&self) -> bool {
        matches!(self.state, State::Stopped | State::Suspended) && !self.unit && self.place == Some(Place::Deferred)
    }
}

impl Case {
    /// Would a unit be of use to a row that is stopped or suspended? Its supplier leads; or who is appointed in its place, and has
    /// authorised nothing itself, so that it can adopt it.
    #[must_use]
    pub fn can_keep_unit(&self, row: &Authorisation) -> bool {
        let Some(lead) = self.meters.lead_on(row.date) else { return false };
        row.is_first_in_line_aside()
            && (lead == row.party || (row.state == State::Suspended && self.live(lead, row.date).is_none()))
    }
}

/// MSM-12: a row that is stopped or suspended has a unit that came free, for the end of the stop or for its adoption. False if it has not.
pub fn keep_unit(case: &mut Case, id: RowId, ledger: &mut Ledger) -> bool {
    let Some(place) = case.place(id) else { return false };
    let row = case.rows[place];
    let keeps = case.can_keep_unit(&row) && ledger.allowance((row.party, row.date)).free() > 0;
    if keeps {
        case.change(place, row.state, true, ledger);
    }
    keeps
}

/// STOP-1: rows that a stop order covers are stopped. They keep their units on the dates for which `keeps` says so. Gives those
/// that are stopped by it.
pub fn stop(case: &mut Case, ids: &[RowId], keeps: impl Fn(Date) -> bool, ledger: &mut Ledger) -> Vec<RowId> {
    let mut stopped = Vec::new();
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        if ids.contains(&row.id) && row.state.is_open() {
            case.change(place, State::Stopped, row.unit && keeps(row.date), ledger);
            stopped.push(row.id);
        }
    }
    case.settle(ledger);
    stopped
}

/// STOP-1: an order is lifted: what it stopped stands again as it stood. What has lost its unit meanwhile is first in line.
pub fn lift(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) {
    end_stop(case, ids, true, ledger);
}

/// STOP-1: the day of stopped rows is locked, or over: what kept its unit is deferred, and what waited on standby waits as that.
pub fn outlast_stop(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) {
    end_stop(case, ids, false, ledger);
}

fn end_stop(case: &mut Case, ids: &[RowId], keeps: bool, ledger: &mut Ledger) {
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        if row.state == State::Stopped && ids.contains(&row.id) {
            let unit = row.unit && keeps;
            let leads = case.meters.lead_on(row.date) == Some(row.party);
            case.change(place, if leads && !unit { row.back_as() } else { State::Held }, unit, ledger);
        }
    }
    case.settle(ledger);
}

#[cfg(test)]
#[path = "stopping_tests.rs"]
mod tests;
