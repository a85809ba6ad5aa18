//! What the clock has left to do, so that it need not look through all that it has done (P8): weeks with a milestone whose work is not
//! done, and days whose outcomes are not settled.
//!
//! Like a count it follows from other tables, and is made again for what an act has touched, by the query that makes it from scratch.

use super::by_day::{ALWAYS, Counts};
use crate::error::StoreError;
use crate::tables::convert::{Columns, date, s1sp};
use crate::tx::Tx;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::calendar::{Milestone, monday_of};
use sluice_rules::party::S1sp;
use std::collections::{BTreeMap, BTreeSet};

/// The days of an S1SP, $1, from $2 to $3 that are locked, or for which rows stand or wait, and whose outcomes are not settled (OUT-4).
const DAYS: &str = "\
SELECT d.date AS date FROM (SELECT date FROM schedule WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
  UNION SELECT c.date FROM capacity c WHERE c.s1sp = $1 AND c.date BETWEEN $2 AND $3 \
    AND EXISTS (SELECT 1 FROM authorisation a WHERE a.s1sp = c.s1sp AND a.date = c.date \
      AND a.state IN ('ACCEPTED', 'HELD', 'STANDBY', 'STOPPED', 'SUSPENDED'))) d \
WHERE NOT EXISTS (SELECT 1 FROM passed_day p WHERE p.s1sp = $1 AND p.date = d.date AND p.deadline = 'OUTCOMES_DUE')";

/// The weeks of an S1SP, by their Mondays, that have capacity and milestones whose work is not done.
fn weeks(tx: &mut View<'_>, of: S1sp, (first, last): (Date, Date)) -> Result<Vec<Date>, StoreError> {
    let values = [s1sp(&of), date(first), date(last)];
    let sql = "SELECT date FROM capacity WHERE s1sp = $1 AND date BETWEEN $2 AND $3";
    let mut left = BTreeMap::new();
    for day in tx.query(sql, &values, |row| row.date(0))? {
        let week = monday_of(day).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        left.insert(week, Milestone::WITH_WORK.len());
    }
    let sql = "SELECT week, milestone FROM passed_milestone WHERE s1sp = $1 AND week BETWEEN $2 AND $3";
    for (week, milestone) in tx.query(sql, &values, |row| Ok((row.date(0)?, row.text(1)?.to_owned())))? {
        if Milestone::WITH_WORK.iter().any(|known| known.id() == milestone) {
            left.entry(week).and_modify(|milestones| *milestones -= 1);
        }
    }
    Ok(left.into_iter().filter(|(_, milestones)| *milestones > 0).map(|(week, _)| week).collect())
}

/// Makes it again for days of an S1SP.
///
/// # Errors
/// If the database fails.
pub(super) fn make_days(tx: &mut Tx<'_>, of: S1sp, (first, last): (Date, Date)) -> Result<(), StoreError> {
    let values = [s1sp(&of), date(first), date(last)];
    let delete = "DELETE FROM clock_left WHERE what = 'DAY' AND s1sp = $1 AND date BETWEEN $2 AND $3";
    tx.execute(delete, &values)?;
    let sql = format!(
        "INSERT INTO clock_left (what, s1sp, date) SELECT 'DAY', CAST($1 AS TEXT), counted.date FROM ({DAYS}) AS counted"
    );
    tx.execute(&sql, &values).map(drop)
}

/// Makes it again for weeks of an S1SP.
///
/// # Errors
/// If the database fails.
pub(super) fn make_weeks(tx: &mut Tx<'_>, of: S1sp, (first, last): (Date, Date)) -> Result<(), StoreError> {
    let delete = "DELETE FROM clock_left WHERE what = 'WEEK' AND s1sp = $1 AND date BETWEEN $2 AND $3";
    tx.execute(delete, &[s1sp(&of), date(first), date(last)])?;
    for week in weeks(tx, of, (first, last))? {
        let sql = "INSERT INTO clock_left (what, s1sp, date) VALUES ('WEEK', $1, $2)";
        tx.execute(sql, &[s1sp(&of), date(week)])?;
    }
    Ok(())
}

/// From the first day of the week of a day to the last one of the week of another.
///
/// # Errors
/// At the end of all dates.
pub(super) fn whole_weeks(first: Date, last: Date) -> Result<(Date, Date), StoreError> {
    let monday = |day| monday_of(day).map_err(|error| StoreError::Unreadable(error.to_string()));
    let sunday = monday(last)?.checked_add(jiff::Span::new().days(6));
    Ok((monday(first)?, sunday.map_err(|error| StoreError::Unreadable(error.to_string()))?))
}

/// Makes it from scratch.
///
/// # Errors
/// If the database fails.
pub(super) fn make_anew(tx: &mut Tx<'_>, all: impl IntoIterator<Item = S1sp>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM clock_left", &[])?;
    for of in all {
        make_days(tx, of, ALWAYS)?;
        make_weeks(tx, of, ALWAYS)?;
    }
    Ok(())
}

/// What is kept of an S1SP and what there is, in words.
///
/// # Errors
/// If the database fails.
pub(super) fn both(tx: &mut View<'_>, of: S1sp) -> Result<[Counts; 2], StoreError> {
    let words = |what: &str, day: Date| format!("left for the clock of {of}: {what} {day}");
    let kept = tx.query("SELECT what, date FROM clock_left WHERE s1sp = $1", &[s1sp(&of)], |row| {
        Ok((words(row.text(0)?, row.date(1)?), 1))
    })?;
    let mut found = Counts::new();
    tx.each(DAYS, &[s1sp(&of), date(ALWAYS.0), date(ALWAYS.1)], |row| {
        found.insert(words("DAY", row.date(0)?), 1);
        Ok(())
    })?;
    found.extend(weeks(tx, of, ALWAYS)?.into_iter().map(|week| (words("WEEK", week), 1)));
    Ok([kept.into_iter().collect(), found])
}

/// The weeks with a milestone whose work is not done, that begin before a date or have one that was moved, in order.
///
/// # Errors
/// If the database fails.
pub fn weeks_before(tx: &mut View<'_>, before: Date) -> Result<Vec<(S1sp, Date)>, StoreError> {
    let sql = "SELECT s1sp, date FROM clock_left WHERE what = 'WEEK' \
               AND (date < $1 OR date IN (SELECT week FROM moved_milestone)) ORDER BY s1sp, date";
    tx.query(sql, &[date(before)], |row| Ok((row.parsed(0)?, row.date(1)?)))
}

/// The days whose outcomes are not settled that are locked, or were never and lie before a date, in order.
///
/// # Errors
/// If the database fails.
pub fn days(tx: &mut View<'_>, today: Date) -> Result<BTreeSet<(S1sp, Date)>, StoreError> {
    let sql = "SELECT l.s1sp, l.date FROM clock_left l WHERE l.what = 'DAY' AND (l.date < $1 \
               OR EXISTS (SELECT 1 FROM schedule s WHERE s.s1sp = l.s1sp AND s.date = l.date))";
    let days = tx.query(sql, &[date(today)], |row| Ok((row.parsed(0)?, row.date(1)?)))?;
    Ok(days.into_iter().collect())
}
