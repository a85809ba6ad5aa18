//! Who stands in the place of a party in the firm results from before responsibility events (MAM-11).

use crate::act::work::{Reads, Work};
use crate::books::calendar::{local_date, week_of};
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::{Party, S1sp};
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

/// MAM-11: units of demand that have passed with rows since a firm result, beside what its lines say. `whose` says for whom a line
/// counts; for nobody of a party that failed.
///
/// # Errors
/// If the database fails.
pub(crate) fn moved<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    (s1sp, days): (&S1sp, (Date, Date)),
    firm: &ResultRecord,
    lines: &[ResultLineRecord],
    whose: impl Fn(Party, Date) -> Option<Party>,
) -> Result<Moved> {
    let passed = match work.engine > 3 && notes_passings(firm) {
        true => responsibility::passed_demand(&mut work.tx, s1sp, days)?,
        false => difference(lines, &weeks::demand(&mut work.tx, s1sp, days.0, days.1)?),
    };
    Ok(with_heirs(passed, whose))
}

fn with_heirs(passed: Vec<(Date, Party, i64)>, whose: impl Fn(Party, Date) -> Option<Party>) -> Moved {
    let mut moved = Moved::new();
    for (date, party, units) in passed {
        if let Some(party) = whose(party, date) {
            *moved.entry((date, party)).or_default() += units;
        }
    }
    moved.retain(|_, units| *units != 0);
    moved
}

/// Is it noted what has passed since a result became firm? Programs before version 4 did not, and made no version of its own firm.
fn notes_passings(firm: &ResultRecord) -> bool {
    firm.firm_at.is_some() && firm.firm_at == firm.published_at
}

/// By how much what stands is more than what lines say. Where passings are not noted, nothing else changed it since.
fn difference(lines: &[ResultLineRecord], standing: &[Demand]) -> Vec<(Date, Party, i64)> {
    let signed = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    let stands = standing.iter().map(|demand| (demand.date, demand.party, signed(demand.units)));
    stands.chain(lines.iter().map(|line| (line.date, line.party, -signed(line.demand)))).collect()
}

/// MAM-11: notes units of demand for a day that have passed with rows, where its result is firm: a refill counts each once, and no
/// more than were counted for the party that had them (MSM-2a).
///
/// # Errors
/// If the database fails.
pub(crate) fn note_passed(
    work: &mut Work<'_>,
    (s1sp, day): (&S1sp, Date),
    (from, to): (&Party, &Party),
    units: u64,
) -> Result<()> {
    if work.engine < 4 {
        return Ok(());
    }
    let versions = results::versions(&mut work.tx, s1sp, week_of(day)?)?;
    let Some(firm) = versions.iter().find(|result| result.firm_at.is_some()).filter(|firm| notes_passings(firm)) else {
        return Ok(());
    };
    let heirs = Heirs::since(work, firm.firm_at)?;
    let holder = heirs.holder(*from, day);
    let own = |party: Party| (heirs.holder(party, day) == holder).then_some(holder);
    let lines = results::lines(&mut work.tx, s1sp, day, day, firm.version)?;
    let counted: u64 = lines.iter().filter(|line| own(line.party).is_some()).map(|line| line.counted).sum();
    let moved = moved(work, (s1sp, (day, day)), firm, &lines, |party, _| own(party))?;
    let left = counted.saturating_add_signed(moved.get(&(day, holder)).copied().unwrap_or(0));
    let units = i64::try_from(units.min(left)).unwrap_or(i64::MAX);
    Ok(responsibility::note_passed(&mut work.tx, (s1sp, day), (from, to), units)?)
}

#[cfg(test)]
#[path = "heirs_tests.rs"]
mod tests;
