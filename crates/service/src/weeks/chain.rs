//! The weeks of an S1SP follow one another, since their rounding balances chain (CAL-5, MSM-8).

use crate::act::work::{Reads, Work};
use crate::books::calendar::week_of;
use crate::error::{Result, ServiceError};
use crate::responsibility::heirs::in_order;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::results::{self, ResultLineRecord};
use sluice_store::tables::{follow, responsibility, weeks};
use std::collections::{BTreeMap, BTreeSet};

fn refused<T>(message: String) -> Result<T> {
    Err(ServiceError::rule("CAL-5", message))
}

/// CAL-5: a week is scaled, and made firm, only when the nearest earlier one with capacity is firm or closed, and while no later
/// one is firm.
///
/// # Errors
/// If not, or if it is closed itself.
pub(crate) fn must_be_in_order<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<()> {
    must_follow_a_firm_week(work, s1sp, week)?;
    if work.engine < 3 {
        return Ok(());
    }
    must_be_open(work, s1sp, week)
}

/// CAL-5: a week that was closed, or that a later one has overtaken, has no result any more.
///
/// # Errors
/// If it is one.
pub(crate) fn must_be_open<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<()> {
    must_not_be_closed(work, s1sp, week)?;
    match results::firm_weeks(&mut work.tx, s1sp)?.into_iter().find(|firm| *firm > week) {
        Some(later) => refused(format!(
            "the week of {week} cannot have a result any more, since the later one of {later} at {s1sp} is firm; share what is free of it (sluice week refill), or close it (sluice week close)"
        )),
        None => Ok(()),
    }
}

/// CAL-5: a week that was closed without a result has none any more, and takes nothing.
///
/// # Errors
/// If it is closed.
pub(crate) fn must_not_be_closed<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<()> {
    match weeks::closed(&mut work.tx, s1sp)?.contains(&week) {
        true => refused(format!("the week of {week} at {s1sp} was closed without a result")),
        false => Ok(()),
    }
}

/// CAL-5: was a week closed, and nothing shared of it since?
///
/// # Errors
/// If the database fails.
pub(crate) fn is_without_result<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: S1sp, week: Date) -> Result<bool> {
    Ok(weeks::closed(&mut work.tx, &s1sp)?.contains(&week)
        && !results::firm_weeks(&mut work.tx, &s1sp)?.contains(&week))
}

/// CAL-5, MSM-13: has a later week become firm before this one, so that what is found for it is shared by a refill alone? The
/// demand of the week has to be closed.
///
/// # Errors
/// If the database fails.
pub(crate) fn is_overtaken<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: S1sp, week: Date) -> Result<bool> {
    let firm = results::firm_weeks(&mut work.tx, &s1sp)?;
    Ok(work.engine > 3
        && !firm.contains(&week)
        && firm.iter().any(|later| *later > week)
        && weeks::has_passed(&mut work.tx, &s1sp, week, Milestone::DemandCutoff)?)
}

/// CAL-5: the balances chain, so the week before must be firm: the nearest earlier one that has capacity, or a published result, and
/// is not closed. Programs of before passed over nothing that lies before a closed one.
pub(crate) fn must_follow_a_firm_week<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<()> {
    let mut earlier = BTreeSet::new();
    for (of, date) in weeks::days_with_capacity(&mut work.tx)? {
        earlier.extend(Some(week_of(date)?).filter(|_| of == *s1sp));
    }
    let (closed, firm) = (weeks::closed(&mut work.tx, s1sp)?, results::firm_weeks(&mut work.tx, s1sp)?);
    let is_closed = |monday: &Date| closed.contains(monday) && !firm.contains(monday);
    if !work.is_again() {
        let published = results::published_weeks(&mut work.tx, s1sp)?;
        earlier.extend(published.into_iter().map(|(monday, _)| monday));
        earlier.retain(|monday| !is_closed(monday));
    }
    match earlier.range(..week).next_back() {
        Some(before) if !firm.contains(before) && !closed.contains(before) => {
            refused(format!("the week of {before} at {s1sp} is not firm yet, and its balances open this one"))
        }
        _ => Ok(()),
    }
}

/// MSM-8: a result stands on the balances with which it was computed: the lines of a version open with those that stand now.
///
/// # Errors
/// If a balance is another one by now.
pub(crate) fn must_open_with_its_balances<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: &S1sp,
    version: i64,
    lines: &[ResultLineRecord],
) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let balances: BTreeMap<Party, i64> = results::balances(&mut work.tx, s1sp)?.into_iter().collect();
    let mut opened: BTreeMap<Party, i64> = BTreeMap::new();
    for line in lines {
        opened.entry(line.party).or_insert(line.opening);
    }
    let other = opened.into_iter().find(|(party, opening)| balances.get(party).copied().unwrap_or(0) != *opening);
    let Some((party, _)) = other else { return Ok(()) };
    let message = format!(
        "the rounding balance of {party} at {s1sp} has changed since version {version} was made; scale the week again"
    );
    Err(ServiceError::rule("MSM-8", message))
}

/// MSM-8: is a result of an S1SP published and not firm? Then balances wait for it.
///
/// # Errors
/// If the database fails.
pub(crate) fn has_open_result(work: &mut Work<'_>, s1sp: &S1sp) -> Result<bool> {
    let firm = results::firm_weeks(&mut work.tx, s1sp)?;
    let closed = weeks::closed(&mut work.tx, s1sp)?;
    let published = results::published_weeks(&mut work.tx, s1sp)?;
    Ok(published.iter().any(|(week, _)| !firm.contains(week) && !closed.contains(week)))
}

/// MSM-8: the result of a week is firm, or the week is closed: balances that had to wait for it pass with the transfers of
/// everything that were done since it was published.
///
/// # Errors
/// If the database fails.
pub(crate) fn pass_waiting_balances(work: &mut Work<'_>, s1sp: &S1sp, week: Date) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let published = results::published_weeks(&mut work.tx, s1sp)?;
    let Some((_, since)) = published.into_iter().find(|(published, _)| *published == week) else { return Ok(()) };
    let mut events = responsibility::all(&mut work.tx)?;
    events.retain(|event| event.kind == EventKind::Transfer && event.whole);
    events.retain(|event| event.done_at.is_some_and(|at| at >= since));
    in_order(&mut events, work.engine);
    events.iter().try_for_each(|event| Ok(follow::pass_balances(&mut work.tx, s1sp, &event.from, &event.to)?))
}
