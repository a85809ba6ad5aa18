//! What a responsibility event does to the authorisations of one installation (MAM-11).

use super::settle::{self, Authorisation, Case, RowId};
use super::standby::Ledger;
use super::state::State;
use crate::party::Party;
use crate::words::words;
use jiff::civil::Date;

words! {
    /// What a responsibility event is.
    EventKind ["TRANSFER, APPOINTMENT"] {
        /// One party takes over market participant ids of another with its rows, demand and allocation.
        Transfer = "TRANSFER",
        /// A supplier of last resort is appointed in the place of one that failed.
        Appointment = "APPOINTMENT",
    }
}

/// MAM-11: rows of a supplier that failed are suspended; those that have a unit keep it until they are adopted or lapse, and
/// the other supplier's row is held meanwhile. Gives those that are suspended by it.
pub fn suspend(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) -> Vec<RowId> {
    let mut suspended = Vec::new();
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        if ids.contains(&row.id) && row.state.is_live() && row.state.may_become(State::Suspended) {
            case.change(place, State::Suspended, row.unit, ledger);
            suspended.push(row.id);
        }
    }
    case.settle(ledger);
    suspended
}

/// MAM-11: what was not adopted by the lock of its day lapses. Gives the rows that lapsed.
pub fn lapse_suspended(case: &mut Case, date: Date, ledger: &mut Ledger) -> Vec<RowId> {
    let suspended = case.rows.iter().filter(|row| row.date == date && row.state == State::Suspended);
    let ids: Vec<RowId> = suspended.map(|row| row.id).collect();
    if !ids.is_empty() {
        settle::lapse(case, &ids, ledger);
    }
    ids
}

/// MAM-11: rows of one supplier become another's, with the units that they use, once its meters have. A row that is not
/// needed beside one of the other's own lapses. Gives the rows that passed.
pub fn pass_on(case: &mut Case, ids: &[RowId], to: Party, ledger: &mut Ledger) -> Vec<RowId> {
    let mut passed = Vec::new();
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        if !ids.contains(&row.id) || !may_pass(case, row, to) {
            continue;
        }
        if let Some(own) = own_for(case, to, row) {
            replace_by(case, place, own, ledger);
            continue;
        }
        if is_overtaken(case, to, row) {
            case.change(place, State::Lapsed, false, ledger);
            continue;
        }
        ledger.hand_over((row.party, row.date), (to, row.date), (row.state, row.unit));
        case.rows[place].party = to;
        if row.state == State::Suspended {
            case.change(place, State::Held, row.unit, ledger);
        }
        passed.push(row.id);
    }
    case.note_own(to);
    case.settle(ledger);
    passed
}

/// MAM-11: rows that return to the supplier from which they came, beside a meter that their holder keeps, leave it the units that it
/// leads: they are its own, to authorise with. Gives the rows that left one.
pub fn part_with(case: &mut Case, ids: &[RowId], to: Party, ledger: &mut Ledger) -> Vec<RowId> {
    let mut parted = Vec::new();
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        let required = case.meters.required_on(row.date);
        let lacks_lead = row.unit && required.contains(&to) && required.first() != Some(&to);
        if ids.contains(&row.id) && lacks_lead && row.state.is_live() && row.state.may_become(State::Held) {
            case.change(place, State::Held, false, ledger);
            parted.push(row.id);
        }
    }
    parted
}

/// MAM-11: may a row become another supplier's? Only of one whose authorisation is needed; a row with a unit only the Lead
/// Supplier's. What waits for its outcome stays with who sent it (OUT-4).
#[must_use]
pub fn may_pass(case: &Case, row: Authorisation, to: Party) -> bool {
    let required = case.meters.required_on(row.date);
    let suits = if row.unit { required.first() == Some(&to) } else { required.contains(&to) };
    suits && row.party != to && row.state.is_live() && row.state != State::Unknown
}

/// MAM-11: a row that stays with its sender, which keeps a meter, uses no unit any more if another supplier leads now: the unit goes
/// to that one, to authorise with. `row` is as it was before. False if it keeps it, or it is none of its allocation any more; and where it
/// was no unit that came with the lead: its supplier, which led meanwhile, has that one for another home.
pub fn pass_unit(case: &Case, row: Authorisation, to: Party, ledger: &mut Ledger) -> bool {
    let day = (row.party, row.date);
    let is_here = |state: State| state.is_open() || state == State::Stopped;
    let stays = |now: &Authorisation| now.id == row.id && now.party == row.party && is_here(now.state) && !now.unit;
    let leads = case.meters.lead_on(row.date) == Some(to) && case.live(to, row.date).is_none();
    let passes =
        row.unit && !row.takes_own() && leads && case.rows.iter().any(stays) && ledger.allowance(day).free() > 0;
    if passes {
        ledger.give(day, (to, row.date), 1);
    }
    passes
}

/// MAM-11 and STOP-1: a stopped row that stays with its sender keeps no unit for itself where another supplier leads now, so that
/// [`pass_unit`] passes it as that of a row that stands.
pub fn leave_stopped(case: &mut Case, id: RowId, to: Party, ledger: &mut Ledger) {
    let Some(place) = case.place(id) else { return };
    let row = case.rows[place];
    if row.state == State::Stopped && row.party != to && case.meters.lead_on(row.date) == Some(to) {
        case.change(place, State::Stopped, false, ledger);
    }
}

/// MAM-11 and STOP-1: a stopped row of the supplier that leads now keeps a unit that came to it with the lead for the end of the stop,
/// as a row that stands has it at once.
pub fn take_stopped(case: &mut Case, date: Date, lead: Party, ledger: &mut Ledger) {
    let own = |row: &Authorisation| row.party == lead && row.date == date && row.state == State::Stopped && !row.unit;
    let can = case.meters.lead_on(date) == Some(lead) && ledger.allowance((lead, date)).free() > 0;
    if let Some(place) = case.rows.iter().position(own).filter(|_| can) {
        case.change(place, State::Stopped, true, ledger);
        let row = &mut case.rows[place];
        row.led = row.led.filter(|_| !row.takes_own());
    }
}

/// MAM-11 and STOP-1: the unit of a row that is not needed beside a stopped one of the other supplier's own goes to that one, as it does
/// to one that stands ([`pass_on`]). `row` is as it was before.
pub fn pass_to_stopped(case: &mut Case, row: Authorisation, to: Party, ledger: &mut Ledger) {
    let ended = case.place(row.id).is_some_and(|place| case.rows[place].state == State::Lapsed);
    let lacks = case.live(to, row.date).is_some_and(|own| own.state == State::Stopped && !own.unit);
    let leads = case.meters.lead_on(row.date) == Some(to);
    if row.unit && ended && lacks && leads && go_on(row.date, (row.party, to), ledger) {
        take_stopped(case, row.date, to, ledger);
    }
}

/// MAM-11: does a row wait for the authorisation of another supplier that led, and has not sent it?
#[must_use]
pub fn waits_for_lead(case: &Case, id: RowId, led: Party) -> bool {
    let waits = |row: &Authorisation| row.state.is_live() && !row.unit && case.live(led, row.date).is_none();
    case.place(id).is_some_and(|place| waits(&case.rows[place]))
}

/// MAM-11 and STOP-1: is it a stopped row of the supplier to which the lead returns?
#[must_use]
pub fn returns_to(case: &Case, id: RowId, to: Party) -> bool {
    case.place(id).map(|place| case.rows[place]).is_some_and(|row| row.state == State::Stopped && row.party == to)
}

/// MAM-11: the date for which other suppliers' rows wait for that of a party; nothing where they are for several.
#[must_use]
pub fn waits_on(case: &Case, party: Party) -> Option<Date> {
    let mut dates = case.rows.iter().filter(|row| row.state.is_live()).map(|row| row.date);
    let date = dates.next().filter(|first| dates.all(|date| date == *first))?;
    let needs = case.meters.required_on(date).contains(&party) && case.live(party, date).is_none();
    needs.then_some(date)
}

/// MAM-11: the unit that came to a supplier with the lead goes on with it, or back. False if it is none of its allocation any more.
pub fn go_on(date: Date, (from, to): (Party, Party), ledger: &mut Ledger) -> bool {
    let is_there = ledger.allowance((from, date)).free() > 0;
    if is_there {
        ledger.give((from, date), (to, date), 1);
    }
    is_there
}

/// The place of the row that a party has of its own for the date of another's.
fn own_for(case: &Case, to: Party, row: Authorisation) -> Option<usize> {
    case.rows.iter().position(|own| own.party == to && own.date == row.date && own.state.is_live())
}

/// MAM-7: does the party's own later row for another date stand?
fn is_overtaken(case: &Case, to: Party, row: Authorisation) -> bool {
    let stands = |own: &Authorisation| matches!(own.state, State::Accepted | State::Scheduled);
    case.rows.iter().any(|own| own.party == to && own.date != row.date && own.id > row.id && stands(own))
}

/// Ends a row that is not needed beside another; the unit that it used goes to that one, if it has none.
fn replace_by(case: &mut Case, place: usize, own: usize, ledger: &mut Ledger) {
    let row = case.rows[place];
    case.change(place, State::Lapsed, false, ledger);
    let other = case.rows[own];
    if row.unit && !other.unit && other.state.is_open() {
        ledger.give((row.party, row.date), (other.party, other.date), 1);
        // It may have been cut away meanwhile.
        if ledger.allowance((other.party, other.date)).free() > 0 {
            let state = if other.state.is_waiting() { State::Held } else { other.state };
            case.change(own, state, true, ledger);
        }
    }
}

#[cfg(test)]
#[path = "passing_tests.rs"]
mod tests;
