//! Whose an authorisation was, one supplier after the other (MAM-11), and how far a reader may follow it.

use crate::act::work::Look;
use crate::error::Result;
use crate::read::story::reader::{Happening, Reader};
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::responsibility::{self, Passing, ResponsibilityEvent};
use sluice_store::tables::state_changes::{self, StateChange};
use std::iter;

/// An authorisation of the installation that is or was the reader's.
pub(crate) struct HeldRow {
    pub(crate) stored: StoredAuthorisation,
    /// Its first step after the verdict on its row.
    pub(crate) first_step: Option<StateChange>,
    /// Whose it was: first its sender's.
    holders: Vec<Party>,
    /// How it passed from each to the next.
    passings: Vec<Happening>,
    /// The last holder of whose time the reader reads.
    last: usize,
}

impl HeldRow {
    /// The holder at a step, if the reader reads of its time. What an appointment suspends is still the failed supplier's,
    /// though it is adopted in the same moment.
    pub(crate) fn holder_at(&self, step: &StateChange) -> Option<Party> {
        let before = |passing: &&Happening| match step.became {
            State::Suspended => passing.at < step.at,
            _ => passing.at <= step.at,
        };
        let place = self.passings.iter().take_while(before).count();
        (place <= self.last).then(|| self.holders[place])
    }

    /// How it passed on, from the first holder to the one after the last of whose time the reader reads.
    pub(crate) fn passings(&self) -> &[Happening] {
        &self.passings[..self.passings.len().min(self.last + 1)]
    }
}

/// The authorisations of an installation that are or were the reader's, oldest first. A former holder reads of them until they
/// passed on.
pub(crate) fn held_rows(work: &mut Look<'_>, chf: Eui64, reader: Reader) -> Result<Vec<HeldRow>> {
    let changes = state_changes::changes(&mut work.tx, chf)?;
    let passings = responsibility::passings(&mut work.tx, chf)?;
    let mut events = if passings.is_empty() { Vec::new() } else { responsibility::all(&mut work.tx)? };
    events.sort_by_key(ResponsibilityEvent::place);
    let row = |stored: StoredAuthorisation| {
        let file = stored.row.id.file;
        let own: Vec<&Passing> = passings.iter().filter(|passing| passing.file == file).collect();
        let sender = own.first().map_or(stored.row.party, |passing| passing.from);
        let holders: Vec<Party> = iter::once(sender).chain(own.iter().map(|passing| passing.to)).collect();
        let last = holders.iter().rposition(|party| reader.reads(*party))?;
        let first_step = changes.iter().find(|step| step.file == file).cloned();
        let passings = own.into_iter().map(|passing| in_words(passing, &events)).collect();
        Some(HeldRow { stored, first_step, holders, passings, last })
    };
    let mut rows = authorisations::of_installation(&mut work.tx, chf)?;
    if let Reader::Supplier(party) = reader {
        rows.retain(|stored| stored.row.party == party);
        let passed = responsibility::passed_on(&mut work.tx, chf, &party)?;
        let is_own = |stored: &StoredAuthorisation| rows.iter().any(|own| own.row.id.file == stored.row.id.file);
        let former: Vec<StoredAuthorisation> = passed.into_iter().filter(|stored| !is_own(stored)).collect();
        rows.extend(former);
        rows.sort_by_key(|stored| (stored.row.id.file, stored.row.id.row));
    }
    Ok(rows.into_iter().filter_map(row).collect())
}

/// A passing, with the event by which it came.
fn in_words(passing: &Passing, events: &[ResponsibilityEvent]) -> Happening {
    let Passing { at, from, to, .. } = *passing;
    let done = |event: &&ResponsibilityEvent| event.done_at.is_some_and(|done| done <= at);
    let event = events.iter().filter(|event| (event.from, event.to) == (from, to)).rfind(done);
    let number = event.map_or_else(String::new, |event| format!(" (responsibility event {})", event.id));
    match event.map(|event| event.kind) {
        Some(EventKind::Appointment) => {
            Happening { at, who: to.to_string(), what: format!("adopted the authorisation of {from}{number}") }
        }
        _ => {
            let what = format!("the authorisation passed from {from} to {to}{number}");
            Happening { at, who: "DCC".to_owned(), what }
        }
    }
}
