//! Capacity is no table that is replaced whole: a file states the days that it names, and the others stay (MSM-12, DMT-1, REF-2).

use crate::act::work::Work;
use crate::books::calendar::{WeekCalendar, week_of};
use crate::error::{Result, ServiceError};
use crate::form::extension_of;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_rules::reference::ImportDifference;
use sluice_rules::scaling::Capacity;
use sluice_store::tables::{parties, record, results, weeks};
use sluice_wire::limits::Reading;
use sluice_wire::reference::{Capacities, read_capacity};
use std::collections::BTreeSet;
use std::io::Cursor;

/// MSM-12: after the firm result the capacity of a day changes by a cut, not by an import.
fn must_not_be_firm(work: &mut Work<'_>, s1sp: &S1sp, date: Date) -> Result<()> {
    let monday = week_of(date)?;
    if results::firm_weeks(&mut work.tx, s1sp)?.contains(&monday) {
        let message =
            format!("the result of {s1sp} for the week of {monday} is firm; change {date} with sluice week cut");
        return Err(ServiceError::rule("MSM-12", message));
    }
    Ok(())
}

/// A file of capacity states the days that it names; the others stay.
///
/// # Errors
/// If a line cannot be used, a week is firm, or the database fails.
pub(crate) fn apply(work: &mut Work<'_>, extension: &str, content: &mut Cursor<&[u8]>) -> Result<ImportDifference> {
    let reading = Reading::of_engine(work.engine);
    let capacities =
        read_capacity(extension, content, reading).map_err(|error| ServiceError::Table(error.to_string()))?;
    let (known, answered) = (parties::s1sps(&mut work.tx)?, answered_weeks(work)?);
    let mut difference = ImportDifference { before: pools(work)?, ..ImportDifference::default() };
    for ((s1sp, date), capacity) in capacities {
        if !known.contains(&s1sp) {
            return Err(ServiceError::Table(format!("S1SP {s1sp} is not known; import its party first")));
        }
        let standing = weeks::capacity(&mut work.tx, &s1sp, date, date)?.remove(&date);
        let monday = week_of(date)?;
        let capacity = match answered.contains(&(s1sp, monday)) {
            true => given_up(work, (s1sp, date), capacity, standing)?,
            false => capacity,
        };
        if standing == Some(capacity) {
            continue;
        }
        // CAL-1: a week needs its deadlines, so the bank holidays before it must be on record.
        WeekCalendar::of(work.books, monday)
            .map_err(|error| ServiceError::Table(format!("{s1sp} has capacity on {date}: {error}")))?;
        must_not_be_firm(work, &s1sp, date)?;
        match standing {
            Some(_) => difference.changed += 1,
            None => difference.added += 1,
        }
        weeks::set_capacity(&mut work.tx, &s1sp, date, capacity)?;
    }
    if work.engine == 1 && difference.changed == 0 {
        difference.before = 0;
    }
    Ok(difference)
}

/// How many pools have capacity.
fn pools(work: &mut Work<'_>) -> Result<u64> {
    Ok(u64::try_from(weeks::days_with_capacity(&mut work.tx)?.len()).unwrap_or(u64::MAX))
}

/// The weeks of which the Dormant answers are due.
fn answered_weeks(work: &mut Work<'_>) -> Result<BTreeSet<(S1sp, Date)>> {
    if work.engine == 1 {
        return Ok(BTreeSet::new());
    }
    let passed = weeks::passed(&mut work.tx)?.into_iter();
    let answered = passed.filter(|(.., milestone)| *milestone == Milestone::DmmsResponse);
    Ok(answered.map(|(s1sp, week, _)| (s1sp, week)).collect())
}

/// DMT-1: when the answers are due, what of the reserve nobody needs is the parties', whatever a file says later; but a file
/// that said too little is put right by the next one, or by its undoing (REF-2).
fn given_up(
    work: &mut Work<'_>,
    (s1sp, date): (S1sp, Date),
    capacity: Capacity,
    standing: Option<Capacity>,
) -> Result<Capacity> {
    let needed = match work.engine {
        ..=2 => standing.map_or(0, |standing| standing.reserve()),
        _ => crate::dormant::reserve::needed_on(work, s1sp, date)?,
    };
    Capacity::new(capacity.total(), capacity.reserve().min(needed)).map_err(ServiceError::defect)
}

/// REF-2: the days that an import of capacity named have again what the imports before it said, the latest first; a day that
/// none of them names has none.
pub(crate) fn undo(work: &mut Work<'_>, undone: i64, earlier: &[i64]) -> Result<ImportDifference> {
    let undone = capacities_of(work, undone)?;
    let earlier = earlier.iter().map(|received| capacities_of(work, *received)).collect::<Result<Vec<Capacities>>>()?;
    let (answered, before) = (answered_weeks(work)?, pools(work)?);
    let mut difference = ImportDifference { before, ..ImportDifference::default() };
    for pool in undone.keys() {
        let (s1sp, date) = pool;
        must_not_be_firm(work, s1sp, *date)?;
        let standing = weeks::capacity(&mut work.tx, s1sp, *date, *date)?.remove(date);
        let Some(capacity) = earlier.iter().find_map(|capacities| capacities.get(pool)) else {
            weeks::remove_capacity(&mut work.tx, s1sp, *date)?;
            difference.gone += 1;
            continue;
        };
        let capacity = match answered.contains(&(*s1sp, week_of(*date)?)) {
            true => given_up(work, *pool, *capacity, standing)?,
            false => *capacity,
        };
        if standing != Some(capacity) {
            weeks::set_capacity(&mut work.tx, s1sp, *date, capacity)?;
            difference.changed += 1;
        }
    }
    Ok(difference)
}

/// What a received file of capacity says.
///
/// # Errors
/// If its content is missing, cannot be read, or the database fails.
pub(crate) fn capacities_of(work: &mut Work<'_>, received: i64) -> Result<Capacities> {
    let received = record::received(&mut work.tx, received)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("an import has no content"))?;
    let content = record::content(&mut work.tx, &digest)?;
    let reading = Reading::of_engine(work.engine);
    read_capacity(&extension_of(&received.name), &mut Cursor::new(content), reading)
        .map_err(|error| ServiceError::Table(error.to_string()))
}
