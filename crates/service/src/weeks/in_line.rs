//! Units of a day that nobody has go to the rows that are first in line for them (MSM-12).

use crate::act::work::Work;
use crate::board::changed::Changed;
use crate::books::calendar::{WeekCalendar, local_date, week_of};
use crate::dormant::review::is_locked;
use crate::error::{Result, ServiceError};
use crate::schedule::issue::issue_again;
use crate::weeks::redistribute::{Firm, finish};
use crate::weeks::scale::Version;
use jiff::civil::Date;
use sluice_rules::authorisation::settle::RowId;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::redistribute::{Holding, rise};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::{authorisations, results, uses, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// MSM-12: deferred rows are first in line for the units of a day that nobody has, as after a rise; what they do not need stays
/// unallocated. `beside` are by party rows that return to the line when a stop order is lifted. Nothing, where nobody gets anything.
///
/// On the day itself nothing is added to its schedule any more (SCH-1): programs of before gave units that no row could use.
///
/// # Errors
/// If the database fails.
pub(crate) fn give_in_line(
    work: &mut Work<'_>,
    (s1sp, date): (S1sp, Date),
    calendar: &WeekCalendar<'_>,
    firm: &Firm,
    beside: &BTreeMap<Party, u64>,
) -> Result<Option<Version>> {
    if work.engine > 7 && is_locked(work, s1sp, date)? && date == local_date(work.now) {
        return Ok(None);
    }
    let in_line = uses::allowances(&mut work.tx, &s1sp, date, date)?;
    let held = results::allocations(&mut work.tx, &s1sp, date, date)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, date, date)?.get(&date).map_or(0, |now| now.available());
    let free = capacity.saturating_sub(held.iter().map(|record| record.units).sum());
    let deferred = |party: Party| {
        let beside = beside.get(&party).copied().unwrap_or(0);
        let of_party = in_line.get(&(party, date));
        of_party.map_or(0, |allowance| (allowance.deferred + beside).saturating_sub(allowance.free()))
    };
    // MSM-13: nobody gets more than it has asked for; what an undone import gives back may be more. Programs of before did not look.
    let most = |party: Party| if work.engine > 7 { firm.demand_of(party, date) } else { u64::MAX };
    let holding = |party: Party, held: u64| Holding {
        party,
        demand: (held + deferred(party)).min(most(party).max(held)),
        held,
        gave_back: false,
        opening: firm.opening(party, date),
    };
    let mut holdings: BTreeMap<Party, Holding> =
        held.iter().map(|record| (record.party, holding(record.party, record.units))).collect();
    // MAM-11: who adopted a row that has no unit may have nothing else of the day.
    for &(party, _) in in_line.keys().filter(|(party, _)| work.engine > 7 && deferred(*party) > 0) {
        holdings.entry(party).or_insert_with(|| holding(party, 0));
    }
    let holdings: Vec<Holding> = holdings.into_values().collect();
    let pool = rise(firm.day(s1sp, date), free, &holdings).map_err(ServiceError::wrong)?;
    if pool.allocated() == 0 {
        return Ok(None);
    }
    let version = finish(work, &s1sp, calendar, ResultStage::Refill, firm, &[pool])?;
    issue_again(work, s1sp, date)?;
    Ok(Some(version))
}

/// MSM-12: what has come back to the line of a day, and was in none when units of it came free, gets those that nobody has: what an
/// order had stopped (STOP-1), what is adopted (MAM-11), what an undone import or a cancelled change of supplier gives back (REF-2,
/// MAM-8). The changes say what they have become by it. Programs of before gave it nothing.
///
/// # Errors
/// If the database fails.
pub(crate) fn give_to_returned(work: &mut Work<'_>, s1sp: S1sp, changed: &mut [Changed]) -> Result<()> {
    let today = local_date(work.now);
    let in_line = |change: &Changed| change.is_now(State::Deferred) && change.date() >= today;
    let dates: BTreeSet<Date> = changed.iter().filter(|change| in_line(change)).map(Changed::date).collect();
    if work.engine < 8 || dates.is_empty() {
        return Ok(());
    }
    let rulebook = work.rulebook.clone();
    for date in dates {
        let calendar = work.week(week_of(date)?)?;
        let Some(firm) = Firm::find(work, &s1sp, &calendar)? else { continue };
        if give_in_line(work, (s1sp, date), &calendar, &firm, &BTreeMap::new())?.is_none() {
            continue;
        }
        let rows = authorisations::of_day(&mut work.tx, &s1sp, date)?;
        let now: BTreeMap<RowId, State> = rows.iter().map(|stored| (stored.row.id, stored.row.state)).collect();
        for change in changed.iter_mut().filter(|change| change.date() == date) {
            change.to = now.get(&change.id()).copied().unwrap_or(change.to);
        }
    }
    // It is the act's, not that of the result.
    work.rulebook = rulebook;
    Ok(())
}
