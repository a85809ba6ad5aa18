//! Who stands in the place of a party in the firm results from before responsibility events (MAM-11).

use crate::act::work::{Reads, Work};
use crate::books::calendar::{local_date, week_of};
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::follow::{self, PassedDemand};
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_store::tables::results::{self, ResultLineRecord, ResultRecord};
use sluice_store::tables::weeks::{self, Demand};
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
        in_order(&mut events, work.engine);
        Ok(Self { events })
    }

    /// The party itself, the one that took everything over after an event (0: since the result became firm), or nobody if it failed.
    pub(crate) fn of(&self, party: Party, after: i64) -> Option<Party> {
        Some(self.passed_whole(after).fold(party, next)).filter(|heir| !self.has_failed(*heir))
    }

    /// Has the party failed since?
    pub(crate) fn has_failed(&self, party: Party) -> bool {
        self.events.iter().any(|event| event.kind == EventKind::Appointment && event.from == party)
    }

    /// The transfers of everything after an event, in their order.
    fn passed_whole(&self, after: i64) -> impl Iterator<Item = &ResponsibilityEvent> {
        let done = self.events.iter().position(|event| event.id == after).map_or(0, |place| place + 1);
        self.events.iter().skip(done).filter(|event| event.kind == EventKind::Transfer && event.whole)
    }

    /// Has any party passed everything to another?
    pub(crate) fn any_whole(&self) -> bool {
        self.passed_whole(0).next().is_some()
    }

    /// Who has what a party had of a day after an event: demand and allocation pass with all its ids, for the day of the event that
    /// passes them and later ones.
    pub(crate) fn holder(&self, party: Party, day: Date, after: i64) -> Party {
        let passed = |event: &&ResponsibilityEvent| event.done_at.is_some_and(|at| local_date(at) <= day);
        self.passed_whole(after).filter(passed).fold(party, next)
    }

    /// The last event, which what is noted now comes after; 0 if there is none.
    fn last(&self) -> i64 {
        self.events.last().map_or(0, |event| event.id)
    }
}

/// Sorts events in the order in which they were done. Programs of before took those of one moment in the order of their numbers.
pub(crate) fn in_order(events: &mut [ResponsibilityEvent], engine: i64) {
    match engine {
        ..=4 => events.sort_by_key(|event| (event.done_at, event.id)),
        _ => events.sort_by_key(ResponsibilityEvent::place),
    }
}

/// Who has what a party has, once it has passed everything.
fn next(holder: Party, event: &ResponsibilityEvent) -> Party {
    if event.from == holder { event.to } else { holder }
}

/// MAM-11: the demand of days by party, in installations; what is more or less than it was may be below 0.
pub(crate) type Moved = BTreeMap<(Date, Party), i64>;

/// MAM-11: units of demand that have passed with rows since a firm result, beside what its lines say. `whose` says for whom counts what
/// a party had of a day after an event; for nobody what one had that failed.
///
/// # Errors
/// If the database fails.
pub(crate) fn moved<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    (s1sp, days): (&S1sp, (Date, Date)),
    firm: &ResultRecord,
    lines: &[ResultLineRecord],
    whose: impl Fn(Party, Date, i64) -> Option<Party>,
) -> Result<Moved> {
    let passed = match work.engine > 3 && firm.notes_passings {
        true => follow::passed_demand(&mut work.tx, s1sp, days)?,
        false => difference(lines, &weeks::demand(&mut work.tx, s1sp, days.0, days.1)?),
    };
    Ok(with_heirs(passed, whose))
}

fn with_heirs(passed: Vec<PassedDemand>, whose: impl Fn(Party, Date, i64) -> Option<Party>) -> Moved {
    let mut moved = Moved::new();
    for PassedDemand { date, party, event, units } in passed {
        if let Some(party) = whose(party, date, event) {
            *moved.entry((date, party)).or_default() += units;
        }
    }
    moved.retain(|_, units| *units != 0);
    moved
}

/// By how much what stands is more than what lines say. Where passings are not noted, nothing else changed it since.
fn difference(lines: &[ResultLineRecord], standing: &[Demand]) -> Vec<PassedDemand> {
    let signed = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    let passed = |date, party, units| PassedDemand { date, party, event: 0, units };
    let stands = standing.iter().map(|demand| passed(demand.date, demand.party, signed(demand.units)));
    stands.chain(lines.iter().map(|line| passed(line.date, line.party, -signed(line.demand)))).collect()
}

/// MAM-11: notes units of demand for a day that have passed with rows, where its result is firm: a refill counts each once. `units`
/// says how many they are of those that were counted for the party that had them, in installations (MSM-2a).
///
/// # Errors
/// If the database fails.
pub(crate) fn note_passed(
    work: &mut Work<'_>,
    (s1sp, day): (&S1sp, Date),
    (from, to): (&Party, &Party),
    units: impl Fn(u64) -> u64,
) -> Result<()> {
    if work.engine < 4 {
        return Ok(());
    }
    let versions = results::versions(&mut work.tx, s1sp, week_of(day)?)?;
    let Some(firm) = versions.iter().find(|result| result.firm_at.is_some()).filter(|firm| firm.notes_passings) else {
        return Ok(());
    };
    let heirs = Heirs::since(work, firm.firm_at)?;
    // Programs of before took a party to which something has come back for the one that it had passed everything to.
    let (holder, event) = if work.engine > 4 { (*from, heirs.last()) } else { (heirs.holder(*from, day, 0), 0) };
    let own = |party: Party, after: i64| (heirs.holder(party, day, after) == holder).then_some(holder);
    let lines = results::lines(&mut work.tx, s1sp, day, day, firm.version)?;
    let counted: u64 = lines.iter().filter(|line| own(line.party, 0).is_some()).map(|line| line.counted).sum();
    let moved = moved(work, (s1sp, (day, day)), firm, &lines, |party, _, after| own(party, after))?;
    let left = counted.saturating_add_signed(moved.get(&(day, holder)).copied().unwrap_or(0));
    let units = i64::try_from(units(left)).unwrap_or(i64::MAX);
    Ok(follow::note_passed(&mut work.tx, (s1sp, day, event), (from, to), units)?)
}

#[cfg(test)]
#[path = "heirs_tests.rs"]
mod tests;
