//! Whose an authorisation was, one supplier after the other (MAM-11), and how far a reader may follow it.

use super::{Event, Reader};
use crate::error::Result;
use crate::work::Work;
use jiff::Timestamp;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StateChange, StoredAuthorisation};
use sluice_store::tables::convert::parsed;
use sluice_store::tables::{record, responsibility};

/// An authorisation of the installation that is or was the reader's.
pub(super) struct HeldRow {
    pub(super) stored: StoredAuthorisation,
    /// Its first step after the verdict on its row.
    pub(super) first_step: Option<StateChange>,
    /// Whose it was: first its sender's.
    holders: Vec<Party>,
    /// How it passed from each to the next.
    passings: Vec<Event>,
    /// The last holder of whose time the reader reads.
    last: usize,
}

impl HeldRow {
    /// The holder at a step, if the reader reads of its time. What an appointment suspends is still the failed supplier's,
    /// though it is adopted in the same moment.
    pub(super) fn holder_at(&self, step: &StateChange) -> Option<Party> {
        let before = |passing: &&Event| match step.became {
            State::Suspended => passing.at < step.at,
            _ => passing.at <= step.at,
        };
        let place = self.passings.iter().take_while(before).count();
        (place <= self.last).then(|| self.holders[place])
    }

    /// How it passed on, from the first holder to the one after the last of whose time the reader reads.
    pub(super) fn passings(&self) -> &[Event] {
        &self.passings[..self.passings.len().min(self.last + 1)]
    }
}

/// The authorisations of an installation that are or were the reader's, oldest first. A former holder reads of them until they
/// passed on.
pub(super) fn held_rows(work: &mut Work<'_>, chf: Eui64, reader: Reader) -> Result<Vec<HeldRow>> {
    let changes = authorisations::changes(&mut work.tx, chf)?;
    let mut rows = Vec::new();
    for stored in authorisations::of_installation(&mut work.tx, chf)? {
        let sender = parsed(&record::received(&mut work.tx, stored.row.id.file)?.sender)?;
        let steps: Vec<&StateChange> = changes.iter().filter(|step| step.file == stored.row.id.file).collect();
        let (holders, passings) = passed(work, &stored, sender, &steps)?;
        if let Some(last) = holders.iter().rposition(|party| reader.reads(*party)) {
            let first_step = steps.first().copied().cloned();
            rows.push(HeldRow { stored, first_step, holders, passings, last });
        }
    }
    Ok(rows)
}

/// How an authorisation passed from its sender to the supplier that has it now.
fn passed(
    work: &mut Work<'_>,
    stored: &StoredAuthorisation,
    sender: Party,
    steps: &[&StateChange],
) -> Result<(Vec<Party>, Vec<Event>)> {
    let (mut holder, mut holders, mut passings) = (sender, vec![sender], Vec::new());
    if sender == stored.row.party {
        return Ok((holders, passings));
    }
    // What was suspended passed when it was adopted.
    let adopted = steps.iter().find(|step| step.was == State::Suspended).map(|step| step.at);
    for event in responsibility::all(&mut work.tx)? {
        let Some(done_at) = event.done_at.filter(|_| event.from == holder && holder != stored.row.party) else {
            continue;
        };
        passings.push(match adopted.filter(|_| event.kind == EventKind::Appointment) {
            Some(at) => adoption(at, holder, event.to, event.id),
            None => passing(done_at, holder, event.to, event.id),
        });
        holder = event.to;
        holders.push(holder);
    }
    Ok((holders, passings))
}

fn adoption(at: Timestamp, from: Party, to: Party, event: i64) -> Event {
    let what = format!("adopted the authorisation of {from} (responsibility event {event})");
    Event { at, who: to.to_string(), what }
}

fn passing(at: Timestamp, from: Party, to: Party, event: i64) -> Event {
    let what = format!("the authorisation passed from {from} to {to} (responsibility event {event})");
    Event { at, who: "DCC".to_owned(), what }
}
