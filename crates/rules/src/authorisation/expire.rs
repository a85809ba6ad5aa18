//! What waits too long expires (MAM-1, SCH-2), or takes a unit of a later day (MSM-12).

use super::settle::{Authorisation, Case, RowId, end, promote};
use super::standby::Ledger;
use super::state::State;
use jiff::civil::Date;

impl Case {
    /// Is nothing missing on a date but a unit, an adoption (MAM-11) or the end of a stop (STOP-1)?
    fn lacks_nobody(&self, date: Date) -> bool {
        let required = self.meters.required_on(date);
        let suspended = self.rows.iter().any(|row| row.date == date && row.state == State::Suspended);
        suspended || (!required.is_empty() && required.iter().all(|&party| self.live(party, date).is_some()))
    }

    /// REF-2: may a row that has ended return, together with others that have (`ids`)? What expired does so only where they and what
    /// is live leave no supplier's missing: else it would have expired all the same.
    #[must_use]
    pub fn returns(&self, row: Authorisation, ids: &[RowId]) -> bool {
        let required = self.meters.required_on(row.date);
        let may =
            |row: &Authorisation| ids.contains(&row.id) && required.contains(&row.party) && !self.is_replaced(*row);
        let ended = |row: &&Authorisation| matches!(row.state, State::Lapsed | State::Expired) && may(row);
        let there = |party| {
            let mut others = self.rows.iter().filter(|other| (other.party, other.date) == (party, row.date));
            self.live(party, row.date).is_some() || others.any(|other| ended(&other))
        };
        match row.state {
            State::Lapsed => may(&row),
            State::Expired => may(&row) && required.iter().all(|&party| there(party)),
            _ => false,
        }
    }
}

/// MAM-1: at the authorisation cut-off what is still missing the other supplier's row expires. A held row whose partner
/// only waits for a unit, for its adoption or for the end of a stop is not missing it. Gives the rows that expired.
pub fn expire_incomplete(case: &mut Case, date: Date, ledger: &mut Ledger) -> Vec<RowId> {
    end_incomplete(case, date, State::Expired, ledger)
}

/// REF-2: the same of what an import makes miss it after the cut-off: it has lost its ground by it, and an undoing gives it back.
pub fn lapse_incomplete(case: &mut Case, date: Date, ledger: &mut Ledger) -> Vec<RowId> {
    end_incomplete(case, date, State::Lapsed, ledger)
}

fn end_incomplete(case: &mut Case, date: Date, state: State, ledger: &mut Ledger) -> Vec<RowId> {
    if case.lacks_nobody(date) {
        return Vec::new();
    }
    let missing = case.open_on(date).into_iter().filter(|&place| case.rows[place].state != State::Scheduled);
    let ended: Vec<RowId> = missing.map(|place| case.rows[place].id).collect();
    end(case, &ended, state, ledger);
    ended
}

/// SCH-2: what was still waiting when the day was locked expires, but for what a cut deferred, and what is held beside it:
/// they are first in line on later days (MSM-12).
pub fn expire_waiting(case: &mut Case, date: Date, ledger: &mut Ledger) -> Vec<RowId> {
    if case.rows.iter().any(|row| row.date == date && row.state == State::Deferred) {
        return Vec::new();
    }
    let waits = |place: &usize| matches!(case.rows[*place].state, State::Standby | State::Held);
    let expired: Vec<RowId> = case.open_on(date).into_iter().filter(waits).map(|place| case.rows[place].id).collect();
    end(case, &expired, State::Expired, ledger);
    expired
}

/// MSM-12: what a cut deferred expires when its time as first in line is over.
pub fn expire_deferred(case: &mut Case, date: Date, ledger: &mut Ledger) -> Vec<RowId> {
    if !case.rows.iter().any(|row| row.date == date && row.state == State::Deferred) {
        return Vec::new();
    }
    let expired: Vec<RowId> = case.open_on(date).into_iter().map(|place| case.rows[place].id).collect();
    end(case, &expired, State::Expired, ledger);
    expired
}

/// MSM-12: a deferred row that has what it needs but a unit takes a free one of a later day, with the other supplier's row
/// beside it; no new file is needed. False if it could not be carried over.
pub fn carry_over(case: &mut Case, id: RowId, to: Date, ledger: &mut Ledger) -> bool {
    let Some(row) = case.place(id).map(|place| case.rows[place]) else { return false };
    let same_suppliers = case.meters.required_on(row.date) == case.meters.required_on(to);
    let free = ledger.allowance((row.party, to)).free() > 0;
    let taken = case.rows.iter().any(|other| other.date == to && other.state.is_live());
    if row.state != State::Deferred || !case.is_complete(row.date) || !same_suppliers || !free || taken {
        return false;
    }
    for place in case.open_on(row.date) {
        let moved = case.rows[place];
        ledger.leave((moved.party, moved.date), (moved.state, moved.unit));
        ledger.pass((moved.party, to), None, (moved.state, moved.unit));
        case.rows[place].date = to;
    }
    promote(case, id, true, ledger)
}
