//! Who stands in the place of a party in the firm results from before responsibility events (MAM-11).

use crate::act::work::{Reads, Work};
use crate::books::calendar::local_date;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::Party;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_store::tables::results::ResultLineRecord;
use std::collections::BTreeMap;

/// Who stands in the place of a party in a firm result that was published before an event.
#[derive(Default)]
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

    /// Has any party passed everything to another?
    pub(crate) fn any_whole(&self) -> bool {
        self.events.iter().any(|event| event.kind == EventKind::Transfer && event.whole)
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

/// MAM-11: the demand of days by party, in installations; what is more or less than it was may be below 0.
pub(crate) type Moved = BTreeMap<(Date, Party), i64>;

/// MAM-11: units of demand that have passed with rows since a result, beside what its lines say: what stands for each party and
/// day, less what those lines say that count for it. `whose` says for whom a line counts; for nobody of a party that failed.
pub(crate) fn moved(
    lines: &[ResultLineRecord],
    standing: impl IntoIterator<Item = ((Date, Party), u64)>,
    whose: impl Fn(Party, Date) -> Option<Party>,
) -> Moved {
    let signed = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    let mut moved = Moved::new();
    for ((date, party), units) in standing.into_iter().filter(|((date, party), _)| whose(*party, *date).is_some()) {
        *moved.entry((date, party)).or_default() += signed(units);
    }
    for line in lines {
        if let Some(party) = whose(line.party, line.date) {
            *moved.entry((line.date, party)).or_default() -= signed(line.demand);
        }
    }
    moved.retain(|_, units| *units != 0);
    moved
}

#[cfg(test)]
#[path = "heirs_tests.rs"]
mod tests;
