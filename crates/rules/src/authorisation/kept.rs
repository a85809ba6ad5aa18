//! Units that came to a supplier with the lead of an installation and are kept for it until that supplier has authorised it (MAM-11).

use super::led::{Led, LedUnit, Place};
use super::settle::{Authorisation, Case, RowId};
use super::standby::{Ledger, PartyDay};
use super::state::State;
use crate::party::Party;
use jiff::civil::Date;

impl Authorisation {
    /// MAM-11: does its supplier lead by an event with which no unit came? What it uses stays with that one when the lead goes on.
    #[must_use]
    pub fn takes_own(&self) -> bool {
        self.led == Some(Led { party: self.party, unit: LedUnit::Own })
    }
}

impl Case {
    /// MAM-11: is a unit of a supplier's day kept for the installation?
    #[must_use]
    pub fn has_kept(&self, day: PartyDay) -> bool {
        self.kept_by(day).is_some()
    }

    /// MAM-3: has any of its rows a place in line, while its supplier does not lead?
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.rows.iter().any(Authorisation::has_place)
    }

    /// The place of the row that the unit came with.
    fn kept_by(&self, (party, date): PartyDay) -> Option<usize> {
        let kept = Some(Led { party, unit: LedUnit::Kept });
        self.rows.iter().position(|row| row.date == date && row.led == kept)
    }

    /// MAM-11: the installation takes the unit that is kept for it, for a row of the supplier that has it. False if there is none.
    pub(super) fn take_kept(&mut self, day: PartyDay, ledger: &mut Ledger) -> bool {
        let Some(place) = self.kept_by(day) else { return false };
        let row = &mut self.rows[place];
        row.led = (row.party != day.0).then_some(Led { party: day.0, unit: LedUnit::Free });
        ledger.take_kept(day);
        true
    }

    /// MAM-11: nothing is kept for an installation that needs it no more: what it came with has ended, another supplier leads by
    /// something else than an event, or the one that leads has a row. Where it needs it again, since an import was undone or corrected
    /// (REF-2), it is kept again if nobody has it meanwhile.
    pub(super) fn let_go_unneeded(&mut self, ledger: &mut Ledger) {
        for place in 0..self.rows.len() {
            let row = self.rows[place];
            let Some(led) = row.led.filter(|led| matches!(led.unit, LedUnit::Kept | LedUnit::LetGo)) else { continue };
            let day = (led.party, row.date);
            let leads = self.meters.lead_on(row.date) == Some(led.party);
            // STOP-1: what is stopped keeps its unit for the end of the stop.
            let own = self.rows.iter().position(|own| {
                (own.party, own.date, own.state, own.unit) == (led.party, row.date, State::Stopped, false)
            });
            let has_own = leads && self.live(led.party, row.date).is_some();
            let needs = leads && !has_own && row.state.is_live();
            if let Some(own) = own.filter(|_| leads && self.take_kept(day, ledger)) {
                self.change(own, State::Stopped, true, ledger);
            } else if needs {
                self.keep_again(place, ledger);
            } else {
                self.let_go(place, if has_own { LedUnit::Free } else { LedUnit::LetGo }, ledger);
            }
        }
    }

    fn keep_again(&mut self, place: usize, ledger: &mut Ledger) {
        let Authorisation { date, led, .. } = self.rows[place];
        let Some(Led { party, unit: LedUnit::LetGo }) = led else { return };
        if !self.has_kept((party, date)) && ledger.allowance((party, date)).free() > 0 {
            self.rows[place].led = Some(Led { party, unit: LedUnit::Kept });
            ledger.keep((party, date));
        }
    }

    /// MAM-11: notes that a supplier leads by an event, with a row that has had no unit and no place in line, and that no unit came for it.
    /// What passes with a row, or is kept, comes first. Programs of before noted nothing.
    pub(super) fn note_own(&mut self, to: Party) {
        for place in 0..self.rows.len() {
            let row = self.rows[place];
            let stands = matches!(row.state, State::Held | State::Accepted | State::Scheduled | State::Stopped);
            let is_new = row.party == to && stands && !row.unit && !row.has_place() && row.led.is_none();
            let leads = self.meters.lead_on(row.date) == Some(to);
            if is_new && leads && !self.forgets && !self.has_kept((to, row.date)) {
                self.rows[place].led = Some(Led { party: to, unit: LedUnit::Own });
            }
        }
    }

    /// MAM-11: where the lead has gone on, or the row has passed with its unit, a row is as it was before.
    pub(super) fn forget_own(&mut self) {
        for row in self.rows.iter_mut().filter(|row| row.state.is_live()) {
            let Some(led) = row.led.filter(|led| led.unit == LedUnit::Own) else { continue };
            let leads = self.meters.lead_on(row.date) == Some(row.party);
            if led.party == row.party && (leads || row.unit) {
                continue;
            }
            row.led = None;
            // Its place is that in the line of who led meanwhile.
            if led.party == row.party && matches!(row.state, State::Stopped | State::Suspended) {
                row.place = Some(Place::New);
            }
        }
    }

    /// What is kept is there for those in line, and counts as another unit from now on.
    fn let_go(&mut self, place: usize, becomes: LedUnit, ledger: &mut Ledger) {
        let row = &mut self.rows[place];
        let Some(Led { party, unit }) = &mut row.led else { return };
        match *unit {
            LedUnit::Kept => ledger.let_go((*party, row.date)),
            LedUnit::LetGo => {}
            LedUnit::None | LedUnit::Free | LedUnit::Own => return,
        }
        *unit = becomes;
    }
}

/// MAM-11: notes what has come with the lead of an installation, from a row that stays; what is to be kept is kept from now on.
pub fn note(case: &mut Case, id: RowId, led: Led, ledger: &mut Ledger) {
    let Some(place) = case.place(id) else { return };
    case.let_go(place, LedUnit::Free, ledger);
    let row = &mut case.rows[place];
    row.led = Some(led);
    if led.unit == LedUnit::Kept {
        ledger.keep((led.party, row.date));
    }
}

/// Notes that what came with the lead is nobody's any more.
pub fn forget(case: &mut Case, id: RowId, ledger: &mut Ledger) {
    if let Some(place) = case.place(id) {
        case.let_go(place, LedUnit::Free, ledger);
        case.rows[place].led = None;
    }
}

/// MAM-11: where the lead goes on, or returns, the unit that is kept goes with it, and is kept there.
pub fn go_on(case: &mut Case, id: RowId, to: Party, ledger: &mut Ledger) {
    let Some(place) = case.place(id) else { return };
    let row = &mut case.rows[place];
    if let Some(Led { party, unit: LedUnit::Kept }) = row.led {
        row.led = Some(Led { party: to, unit: LedUnit::Kept });
        ledger.pass_kept((party, row.date), (to, row.date));
    }
}

/// MAM-11: the date is closed: who leads can authorise it no more, so what is kept for it is there for those in line.
pub fn close(case: &mut Case, date: Date, ledger: &mut Ledger) {
    for place in 0..case.rows.len() {
        if case.rows[place].date == date {
            case.let_go(place, LedUnit::Free, ledger);
        }
    }
}

/// MSM-12: a cut takes the unit that is kept for an installation. Its row had it: where its supplier leads again it is first in line.
pub fn cut_away(case: &mut Case, id: RowId, ledger: &mut Ledger) {
    let Some(place) = case.place(id) else { return };
    case.let_go(place, LedUnit::None, ledger);
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
