//! What a clean row, a freed unit or a lost ground does to the authorisations of one installation.
//!
//! A [`Case`] is one installation with its authorisations. Every change goes through [`Case::change`], which holds the
//! transitions of [`State::next`] and keeps the [`Ledger`] of units, so that no unit is used twice or lost.

use super::led::{Led, Place};
use super::responsibility::Meters;
use super::standby::{Ledger, StandbyTerms};
use super::state::State;
use crate::party::Party;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Which row of which file made an authorisation: the file's number and the row that a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    /// The file.
    pub file: i64,
    /// The row.
    pub row: u64,
}

/// One authorisation of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorisation {
    /// Its row.
    pub id: RowId,
    /// Who sent it.
    pub party: Party,
    /// The migration date.
    pub date: Date,
    /// Its state.
    pub state: State,
    /// Does it use a unit of its party's allocation on that date (MAM-2)?
    pub unit: bool,
    /// MA121: does the other Responsible Supplier name another date?
    pub differs: bool,
    /// MAM-8: does it stand for one meter alone, since another supplier has the other one by its date?
    pub narrowed: bool,
    /// MAM-3, MSM-12: its place in line while it waits for none: its supplier does not lead, or it is stopped, suspended or has ended.
    pub place: Option<Place>,
    /// MAM-11: what it took that has gone with the lead to a supplier that has not authorised the installation, or has not come with it.
    pub led: Option<Led>,
}

/// One installation with its authorisations.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its meters. When they change, [`lapse_unfounded`] comes first.
    pub meters: Meters,
    /// Its authorisations; those that ended may be left out.
    pub rows: Vec<Authorisation>,
    /// OUT-1: the dates whose rows only their outcome changes: the day is over, or work has begun.
    pub under_way: Vec<Date>,
    /// Is every date settled once, as earlier programs did? Then a move that a later date completes leaves the other supplier's
    /// row for the old date standing alone.
    pub once: bool,
    /// Is of the places in line only standby kept, as by earlier programs?
    pub forgets: bool,
}

impl Authorisation {
    /// The state in which it is back: first in line for the unit that it had, unless it waited on standby or has never had one.
    pub(super) const fn back_as(&self) -> State {
        match self.place {
            Some(Place::Standby) => State::Standby,
            Some(Place::New) => State::Held,
            Some(Place::Deferred) | None => State::Deferred,
        }
    }

    /// Has it a place in line to which it comes back?
    pub(super) fn has_place(&self) -> bool {
        matches!(self.place, Some(Place::Standby | Place::Deferred))
    }

    /// Its place in line once it is in another state without a unit, in which it waits for none: what had a unit is first in line.
    fn place_after(&self, forgets: bool) -> Option<Place> {
        match self.state {
            State::Standby => Some(Place::Standby),
            _ if forgets => self.place,
            State::Deferred => Some(Place::Deferred),
            _ if self.unit => Some(Place::Deferred),
            _ => self.place,
        }
    }

    /// The same once it is stopped or suspended or has ended, of what has never waited as well.
    fn place_aside(&self, forgets: bool) -> Option<Place> {
        let stood = matches!(self.state, State::Held | State::Accepted | State::Scheduled);
        let never_waited = !forgets && stood && !self.unit && self.led.is_none();
        self.place_after(forgets).or(never_waited.then_some(Place::New))
    }
}

/// What became of a clean row that authorises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorised {
    /// A new authorisation; the state stands in the case.
    New(RowId),
    /// The same stands already.
    NoChange,
    /// MA117: the day's allocation and standby are used up.
    UsedUp,
}

impl Case {
    /// The live authorisation of a party for a date.
    #[must_use]
    pub fn live(&self, party: Party, date: Date) -> Option<&Authorisation> {
        self.rows.iter().find(|row| row.party == party && row.date == date && row.state.is_live())
    }

    /// The authorisation of a party for a date that counts beside the other supplier's.
    fn open(&self, party: Party, date: Date) -> Option<&Authorisation> {
        self.live(party, date).filter(|row| row.state.is_open())
    }

    pub(super) fn place(&self, id: RowId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// The one way in which an authorisation changes.
    pub(super) fn change(&mut self, place: usize, state: State, unit: bool, ledger: &mut Ledger) {
        let row = &mut self.rows[place];
        if (row.state, row.unit) == (state, unit) {
            return;
        }
        debug_assert!(row.state == state || row.state.may_become(state), "{} to {state}", row.state);
        ledger.pass((row.party, row.date), Some((row.state, row.unit)), (state, unit));
        let barred = |state| matches!(state, State::Scheduled | State::Unknown);
        let opens = barred(row.state) && !barred(state);
        row.place = match state {
            _ if unit => None,
            State::Stopped | State::Suspended | State::Lapsed | State::Expired => row.place_aside(self.forgets),
            // It has had no unit but of who led meanwhile: it is as it was.
            State::Held | State::Accepted | State::Scheduled if row.takes_own() => None,
            // Without a unit it waits for nothing of its own: its supplier does not lead, and may again. Earlier programs forgot what stood.
            State::Held => row.place_after(self.forgets),
            State::Accepted | State::Scheduled if !self.forgets => row.place_after(false),
            _ => None,
        };
        (row.state, row.unit) = (state, unit);
        // OUT-4: what waited for another date can have a unit again.
        for other in self.rows.iter().filter(|other| opens && other.state.is_waiting()) {
            ledger.look_again((other.party, other.date));
        }
    }

    /// The places of the open rows for a date.
    pub(super) fn open_on(&self, date: Date) -> Vec<usize> {
        let open = |place: &usize| self.rows[*place].date == date && self.rows[*place].state.is_open();
        (0..self.rows.len()).filter(open).collect()
    }

    /// MAM-1: has every supplier whose authorisation is needed on a date sent one?
    #[must_use]
    pub fn is_complete(&self, date: Date) -> bool {
        let required = self.meters.required_on(date);
        !required.is_empty() && required.iter().all(|&party| self.open(party, date).is_some())
    }

    /// Brings every row into the state that follows from who has sent one, who has a unit and which date was asked for
    /// last. What was settled and has not changed since stays as it is.
    pub(super) fn settle(&mut self, ledger: &mut Ledger) {
        loop {
            let (scheduled, open_rows) = (self.scheduled(), self.open_rows());
            let open = self.rows.iter().filter(|row| row.state.is_open() && !self.under_way.contains(&row.date));
            for date in open.map(|row| row.date).collect::<BTreeSet<_>>() {
                self.assign_units(date, ledger);
                self.stand_or_hold(date, ledger);
            }
            // OUT-4 and MAM-7: what leaves a schedule bars an earlier date no more, which was looked at before it; what has moved
            // stands for it no more.
            if self.scheduled() == scheduled && (self.once || self.open_rows() == open_rows) {
                break;
            }
        }
        self.let_go_unneeded(ledger);
        self.forget_own();
        self.mark_differences();
    }

    /// How many rows are in a schedule; settling adds none.
    fn scheduled(&self) -> usize {
        self.rows.iter().filter(|row| row.state == State::Scheduled).count()
    }

    /// How many rows are open; settling adds none.
    fn open_rows(&self) -> usize {
        self.rows.iter().filter(|row| row.state.is_open()).count()
    }

    /// MAM-2: only the Lead Supplier's row has a unit or waits for one. A unit is granted only to a row whose supplier has
    /// become Lead Supplier since: that which is kept for it (MAM-11), or an open one where it has no place in line.
    fn assign_units(&mut self, date: Date, ledger: &mut Ledger) {
        let lead = self.meters.lead_on(date);
        for place in self.open_on(date) {
            let row = self.rows[place];
            let waits = row.state.is_waiting();
            if Some(row.party) == lead && !row.unit && self.take_kept((row.party, date), ledger) {
                self.change(place, if waits { State::Held } else { row.state }, true, ledger);
            } else if Some(row.party) == lead && !row.unit && !waits {
                let in_line = !self.forgets && row.has_place() && row.state != State::Scheduled;
                let open = !in_line && ledger.allowance((row.party, date)).open() > 0;
                let state = match row.state {
                    state if open => state,
                    // What lost the lead in line is in its place again, before anything that is new there.
                    _ if in_line => row.back_as(),
                    // What was in a schedule is first in line.
                    State::Scheduled => State::Deferred,
                    _ => State::Standby,
                };
                self.change(place, state, open, ledger);
            } else if Some(row.party) != lead && (row.unit || waits) {
                self.change(place, if waits { State::Held } else { row.state }, false, ledger);
            }
        }
    }

    /// MAM-1: the rows of a date stand together, or each is held until the other is there.
    fn stand_or_hold(&mut self, date: Date, ledger: &mut Ledger) {
        let places = self.open_on(date);
        let unit = places.iter().any(|&place| self.rows[place].unit);
        let stands = unit && self.is_complete(date) && !self.is_scheduled_but(date);
        for place in places {
            let row = self.rows[place];
            if row.state.is_waiting() {
                continue;
            }
            if !stands {
                self.change(place, State::Held, row.unit, ledger);
            } else if row.state == State::Held {
                self.change(place, State::Accepted, row.unit, ledger);
                self.end_others(row, ledger);
            }
        }
    }

    /// OUT-4: is it in the schedule of another date? Until its outcome is known nothing else stands.
    #[must_use]
    pub fn is_scheduled_but(&self, date: Date) -> bool {
        self.rows.iter().any(|row| row.date != date && matches!(row.state, State::Scheduled | State::Unknown))
    }

    /// MAM-7: a row that stands takes the place of its party's older rows for other dates, and of what stood until now. A
    /// later row waits to take the place of this one.
    fn end_others(&mut self, new: Authorisation, ledger: &mut Ledger) {
        for place in 0..self.rows.len() {
            let row = self.rows[place];
            let gives_way = row.id < new.id || row.state == State::Accepted;
            if row.party == new.party && row.date != new.date && row.state.is_open() && gives_way {
                self.change(place, State::Moved, false, ledger);
            }
        }
    }

    /// Has the party of a row that ended sent the same again, or does a later row of it stand?
    pub(super) fn is_replaced(&self, ended: Authorisation) -> bool {
        self.rows.iter().filter(|row| row.party == ended.party && row.state.is_open()).any(|row| {
            let stands = matches!(row.state, State::Accepted | State::Scheduled);
            row.date == ended.date || (stands && row.id > ended.id)
        })
    }

    /// MA121: a held row whose other supplier names only another date.
    fn mark_differences(&mut self) {
        for place in 0..self.rows.len() {
            let row = self.rows[place];
            let required = self.meters.required_on(row.date);
            let mut others = required.iter().filter(|&&party| party != row.party);
            let differs = row.state == State::Held
                && others.any(|&party| {
                    let elsewhere = self.rows.iter().any(|other| other.party == party && other.state.is_open());
                    elsewhere && self.open(party, row.date).is_none()
                });
            self.rows[place].differs = differs;
        }
    }
}

/// MAM-1, MAM-2, MAM-3 and MAM-7: a clean row authorises a migration on a date.
pub fn authorise(
    case: &mut Case,
    id: RowId,
    party: Party,
    date: Date,
    terms: StandbyTerms,
    ledger: &mut Ledger,
) -> Authorised {
    if case.live(party, date).is_some() {
        return Authorised::NoChange;
    }
    let allowance = ledger.allowance((party, date));
    // MAM-2: only the Lead Supplier's row uses a unit, from the moment it is accepted or held; MAM-11: first that which is kept for it.
    let leads = case.meters.lead_on(date) == Some(party);
    let unit = leads && (case.take_kept((party, date), ledger) || allowance.open() > 0);
    let state = if leads && !unit { State::Standby } else { State::Held };
    // MAM-3: beyond allocation and standby there is nothing to wait for.
    if state == State::Standby && !allowance.takes_standby(terms) {
        return Authorised::UsedUp;
    }
    ledger.pass((party, date), None, (state, unit));
    // Of a million installations most have one, and a list that grows takes four places at first.
    case.rows.reserve_exact(1);
    case.rows.push(Authorisation {
        id,
        party,
        date,
        state,
        unit,
        differs: false,
        narrowed: false,
        place: None,
        led: None,
    });
    // MAM-7: the old date is kept until the new one stands.
    case.settle(ledger);
    Authorised::New(id)
}

/// MAM-6: takes the authorisation of a party for a date back; the other supplier's row returns to held. False if there is
/// nothing to take back (MA118).
pub fn withdraw(case: &mut Case, party: Party, date: Date, ledger: &mut Ledger) -> bool {
    let own = |row: &Authorisation| row.party == party && row.date == date && row.state.may_become(State::Withdrawn);
    let Some(place) = case.rows.iter().position(own) else { return false };
    case.change(place, State::Withdrawn, false, ledger);
    case.settle(ledger);
    true
}

/// MAM-3: gives a free unit to a row that waits for one. After the authorisation cut-off (`closed`) only to a row that is
/// not missing the other supplier's. False if nothing was given.
pub fn promote(case: &mut Case, id: RowId, closed: bool, ledger: &mut Ledger) -> bool {
    let Some(place) = case.place(id) else { return false };
    let row = case.rows[place];
    let leads = case.meters.lead_on(row.date) == Some(row.party);
    let free = ledger.allowance((row.party, row.date)).free() > 0;
    // OUT-4: what is in the schedule of another date may not need it.
    let barred = case.is_scheduled_but(row.date) || (closed && !case.is_complete(row.date));
    if !row.state.is_waiting() || !leads || !free || barred {
        return false;
    }
    case.change(place, State::Held, true, ledger);
    case.settle(ledger);
    true
}

/// MSM-12: a row loses its unit to a cut and is first in line for the next. What is suspended or stopped waits for its adoption
/// or the end of the stop without one (MAM-11, STOP-1); what waits for its outcome keeps it (OUT-4).
pub fn defer(case: &mut Case, id: RowId, ledger: &mut Ledger) {
    let Some(place) = case.place(id).filter(|&place| case.rows[place].unit) else { return };
    match case.rows[place].state {
        State::Unknown => return,
        state @ (State::Suspended | State::Stopped) => case.change(place, state, false, ledger),
        _ => case.change(place, State::Deferred, false, ledger),
    }
    case.settle(ledger);
}

/// MAM-8: rows of suppliers that are no longer responsible for an Active meter on their date lapse, and the others are
/// settled anew. What is suspended waits for its adoption (MAM-11). Gives the rows that lapsed.
pub fn lapse_unfounded(case: &mut Case, ledger: &mut Ledger) -> Vec<RowId> {
    let unfounded: Vec<RowId> = case
        .rows
        .iter()
        .filter(|row| row.state.is_live() && !matches!(row.state, State::Suspended | State::Unknown))
        .filter(|row| !case.meters.required_on(row.date).contains(&row.party))
        .map(|row| row.id)
        .collect();
    lapse(case, &unfounded, ledger);
    unfounded
}

/// Ends rows that have lost their ground, and settles the others.
pub fn lapse(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) {
    end(case, ids, State::Lapsed, ledger);
}

/// Ends rows in a state, but what waits for its outcome (OUT-4), and settles the others.
pub(super) fn end(case: &mut Case, ids: &[RowId], state: State, ledger: &mut Ledger) {
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        // OUT-4: what happened on a day that is over only an outcome settles.
        if ids.contains(&row.id) && row.state.is_live() && row.state != State::Unknown {
            case.change(place, state, false, ledger);
        }
    }
    case.settle(ledger);
}

/// SCH-1: what stands on a date goes into its schedule. True if there is anything.
pub fn schedule(case: &mut Case, date: Date, ledger: &mut Ledger) -> bool {
    let mut scheduled = false;
    for place in case.open_on(date) {
        if case.rows[place].state == State::Accepted {
            case.change(place, State::Scheduled, case.rows[place].unit, ledger);
        }
        scheduled |= case.rows[place].state == State::Scheduled;
    }
    scheduled
}

/// OUT-1: the rows of a day's schedule come to their outcome. False if the installation is not in the schedule of the date,
/// or its outcome is known.
pub fn conclude(case: &mut Case, date: Date, outcome: State, ledger: &mut Ledger) -> bool {
    let scheduled = |row: &Authorisation| row.date == date && matches!(row.state, State::Scheduled | State::Unknown);
    let places: Vec<usize> = (0..case.rows.len()).filter(|&place| scheduled(&case.rows[place])).collect();
    for &place in &places {
        // OUT-4: until the outcome is known its unit is not free for another.
        let unit = case.rows[place].unit && outcome == State::Unknown;
        case.change(place, outcome, unit, ledger);
    }
    case.settle(ledger);
    !places.is_empty()
}

/// REF-2: an import that took the ground of rows away was undone. They return, with a unit where one is open, else first
/// in line or on standby as before; but not where their party has sent the same again, or where a later row of it stands (MAM-7).
/// So does what expired meanwhile since it lacked another supplier's, where with them nothing is missing any more.
pub fn restore(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) {
    give_back(case, ids, true, ledger);
}

/// MAM-8: a change of supplier that took the ground of rows away was cancelled. They return first in line, as by [`restore`].
pub fn return_deferred(case: &mut Case, ids: &[RowId], ledger: &mut Ledger) {
    give_back(case, ids, false, ledger);
}

fn give_back(case: &mut Case, ids: &[RowId], with_units: bool, ledger: &mut Ledger) {
    for place in 0..case.rows.len() {
        let row = case.rows[place];
        if !case.returns(row, ids) {
            continue;
        }
        let leads = case.meters.lead_on(row.date) == Some(row.party);
        let unit = leads && with_units && ledger.allowance((row.party, row.date)).open() > 0;
        case.change(place, if leads && !unit { row.back_as() } else { State::Held }, unit, ledger);
    }
    case.settle(ledger);
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
