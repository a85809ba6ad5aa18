//! Who stands in the place of a party in the firm results from before responsibility events (MAM-11).

use crate::act::work::{Reads, Work};
use crate::books::calendar::local_date;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::Party;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};

/// Who stands in the place of a party in a firm result that was published before an event.
pub(crate) struct Heirs {
    events: Vec<ResponsibilityEvent>,
}

impl Heirs {
    /// By the events that were done since a result became firm.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn since<'w>(work: &mut Work<'w, impl Reads<'w>>, firm_at: Option<Timestamp>) -> Result<Self> {
        let mut events = responsibility::all(&mut work.tx)?;
        events.retain(|event| !event.mpids.is_empty());
        events.retain(|event| event.done_at.is_some_and(|at| firm_at.is_none_or(|firm| at >= firm)));
        events.sort_by_key(|event| (event.done_at, event.id));
        Ok(Self { events })
    }

    /// The party itself, the one that took everything over, or nobody if it failed.
    pub(crate) fn of(&self, party: Party) -> Option<Party> {
        let mut heir = party;
        for event in &self.events {
            match event.kind {
                EventKind::Appointment if event.from == heir => return None,
                EventKind::Transfer if event.from == heir && event.whole => heir = event.to,
                _ => {}
            }
        }
        Some(heir)
    }

    /// Who has what a party had of a day: demand and allocation pass with all its ids, for the day of the event and later ones.
    pub(crate) fn holder(&self, party: Party, day: Date) -> Party {
        let passed = |event: &&ResponsibilityEvent| {
            event.kind == EventKind::Transfer && event.whole && event.done_at.is_some_and(|at| local_date(at) <= day)
        };
        let next = |holder: Party, event: &ResponsibilityEvent| if event.from == holder { event.to } else { holder };
        self.events.iter().filter(passed).fold(party, next)
    }
}

#[cfg(test)]
#[path = "heirs_tests.rs"]
mod tests;
