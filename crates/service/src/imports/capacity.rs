//! Capacity is no table that is replaced whole: a file states the days that it names, and the others stay (MSM-12, DMT-1, REF-2).

use crate::act::work::{Look, Reads, Work};
use crate::books::calendar::{WeekCalendar, week_of};
use crate::error::{Result, ServiceError};
use crate::form::extension_of;
use crate::imports::shown::Difference;
use crate::words::First;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use sluice_rules::scaling::Capacity;
use sluice_store::tables::{dormant, imports, parties, record, results, weeks};
use sluice_wire::limits::Reading;
use sluice_wire::reference::{Capacities, read_capacity};
use std::collections::BTreeSet;
use std::io::Cursor;

/// MSM-12: after the firm result the capacity of a day changes by a cut, not by an import.
fn must_not_be_firm(work: &mut Work<'_>, s1sp: &S1sp, date: Date) -> Result<()> {
    if is_firm(work, s1sp, date)? {
        let monday = week_of(date)?;
        let message =
            format!("the result of {s1sp} for the week of {monday} is firm; change {date} with sluice week cut");
        return Err(ServiceError::rule("MSM-12", message));
    }
    Ok(())
}

fn is_firm(work: &mut Work<'_>, s1sp: &S1sp, date: Date) -> Result<bool> {
    Ok(results::firm_weeks(&mut work.tx, s1sp)?.contains(&week_of(date)?))
}

/// REF-2: a day of a published result keeps a capacity, so that the result can be corrected and become firm. Programs of before took
/// it away.
fn must_not_be_published(work: &mut Work<'_>, s1sp: &S1sp, date: Date) -> Result<()> {
    let monday = week_of(date)?;
    let published = results::published_since(&mut work.tx, s1sp, monday)?.is_some();
    if work.is_again() || !published || weeks::closed(&mut work.tx, s1sp)?.contains(&monday) {
        return Ok(());
    }
    let message = format!(
        "the result of {s1sp} for the week of {monday} is published, and {date} would have no capacity any more; import \
         corrected data instead, with 0 for a day that falls out, and scale the week again"
    );
    Err(ServiceError::rule("REF-2", message))
}

/// A file of capacity states the days that it names; the others stay.
///
/// # Errors
/// If a line cannot be used, a week is firm, or the database fails.
pub(crate) fn apply(work: &mut Work<'_>, extension: &str, content: &mut Cursor<&[u8]>) -> Result<Difference> {
    let reading = Reading::of_engine(work.engine);
    let capacities =
        read_capacity(extension, content, reading).map_err(|error| ServiceError::Table(error.to_string()))?;
    let (known, answered) = (parties::s1sps(&mut work.tx)?, answered_weeks(work)?);
    let mut difference = ImportDifference { before: pools(work)?, ..ImportDifference::default() };
    let mut told = Told::default();
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
        told.add((s1sp, date), standing, Some(capacity));
        weeks::set_capacity(&mut work.tx, &s1sp, date, capacity)?;
    }
    if work.engine == 1 && difference.changed == 0 {
        difference.before = 0;
    }
    Ok(Difference { figures: difference, first: told.lines(work) })
}

/// The days that an import of capacity changes, in words.
struct Told {
    added: First,
    changed: First,
    gone: First,
}

impl Default for Told {
    fn default() -> Self {
        Self { added: First::of("added"), changed: First::of("changed"), gone: First::of("gone") }
    }
}

impl Told {
    fn add(&mut self, (s1sp, date): (S1sp, Date), before: Option<Capacity>, after: Option<Capacity>) {
        let words =
            |capacity: Capacity| format!("total capacity {}, Dormant reserve {}", capacity.total(), capacity.reserve());
        match (before, after) {
            (None, None) => {}
            (None, Some(after)) => self.added.add(|| format!("added: {s1sp} on {date}, {}", words(after))),
            (Some(before), None) => self.gone.add(|| format!("gone: {s1sp} on {date}, {}", words(before))),
            (Some(before), Some(after)) => {
                self.changed.add(|| format!("changed: {s1sp} on {date}, {} (was {})", words(after), words(before)));
            }
        }
    }

    /// REF-2: programs before version 4 told figures alone.
    fn lines(self, work: &Work<'_>) -> Vec<String> {
        let parts = [self.added, self.changed, self.gone];
        if work.engine > 3 { parts.into_iter().flat_map(First::lines).collect() } else { Vec::new() }
    }
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
    let left = Capacity::new(capacity.total(), capacity.reserve().min(needed)).map_err(ServiceError::defect)?;
    // CAL-7: what is given up of what the file says, in case that answers are due later.
    if work.engine > 6 {
        dormant::set_given_up(&mut work.tx, &s1sp, date, capacity.reserve() - left.reserve())?;
    }
    Ok(left)
}

/// REF-2: the days that an import of capacity named have again what the imports before it said, the latest first; a day that
/// none of them names has none.
pub(crate) fn undo(work: &mut Work<'_>, undone: i64, earlier: &[i64]) -> Result<Difference> {
    let undone = capacities_of(work, undone)?;
    let earlier = earlier.iter().map(|received| capacities_of(work, *received)).collect::<Result<Vec<Capacities>>>()?;
    let (answered, before) = (answered_weeks(work)?, pools(work)?);
    let mut difference = ImportDifference { before, ..ImportDifference::default() };
    let mut told = Told::default();
    for (pool, said) in &undone {
        let (s1sp, date) = pool;
        let before = earlier.iter().find_map(|capacities| capacities.get(pool));
        // What the file named and did not change bars nothing, also where a cut has changed it since.
        if before == Some(said) && is_firm(work, s1sp, *date)? {
            continue;
        }
        let standing = weeks::capacity(&mut work.tx, s1sp, *date, *date)?.remove(date);
        let Some(capacity) = before else {
            must_not_be_firm(work, s1sp, *date)?;
            must_not_be_published(work, s1sp, *date)?;
            told.add(*pool, standing, None);
            weeks::remove_capacity(&mut work.tx, s1sp, *date)?;
            difference.gone += 1;
            continue;
        };
        let capacity = match answered.contains(&(*s1sp, week_of(*date)?)) {
            true => given_up(work, *pool, *capacity, standing)?,
            false => *capacity,
        };
        if standing != Some(capacity) {
            must_not_be_firm(work, s1sp, *date)?;
            told.add(*pool, standing, Some(capacity));
            weeks::set_capacity(&mut work.tx, s1sp, *date, capacity)?;
            difference.changed += 1;
        }
    }
    Ok(Difference { figures: difference, first: told.lines(work) })
}

/// MSM-2: was capacity of a week at an S1SP known before a moment?
///
/// # Errors
/// As [`capacities_of`].
pub(crate) fn was_known(work: &mut Look<'_>, (s1sp, week): (S1sp, Date), before: Timestamp) -> Result<bool> {
    for import in imports::all(&mut work.tx)? {
        let stood = import.applied_at < before && import.undone_at.is_none_or(|undone| before <= undone);
        if import.kind != ReferenceKind::Capacity || !stood {
            continue;
        }
        let said = capacities_of(work, import.received)?;
        if said.keys().any(|(of, date)| *of == s1sp && week_of(*date).is_ok_and(|monday| monday == week)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a received file of capacity says.
///
/// # Errors
/// If its content is missing, cannot be read, or the database fails.
pub(crate) fn capacities_of<'w>(work: &mut Work<'w, impl Reads<'w>>, received: i64) -> Result<Capacities> {
    let received = record::received(&mut work.tx, received)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("an import has no content"))?;
    let content = record::content(&mut work.tx, &digest)?;
    let reading = Reading::of_engine(work.engine);
    read_capacity(&extension_of(&received.name), &mut Cursor::new(content), reading)
        .map_err(|error| ServiceError::Table(error.to_string()))
}
