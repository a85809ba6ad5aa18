//! What was done when the answers of a week were due (DMT-1), so that it can be taken back (CAL-7).

use crate::error::StoreError;
use crate::tables::convert::{Columns, count, date, eui_number, eui_of, opt, s1sp};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, S1sp};
use std::collections::BTreeMap;

/// Notes that an installation moved up, with the day for which it was planned before; none if it stood by. Of one that moves once more
/// the first note stands.
///
/// # Errors
/// If the database fails.
pub fn add_moved_up(
    tx: &mut Tx<'_>,
    of: &S1sp,
    week: Date,
    (chf, planned): (Eui64, Option<Date>),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO moved_up (s1sp, week, chf, planned) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (s1sp, week, chf) DO NOTHING";
    tx.execute(sql, &[s1sp(of), date(week), Value::Int(eui_number(chf)), opt(planned, date)]).map(drop)
}

/// The installations of a week that moved up, each with the day for which it was planned before.
///
/// # Errors
/// If the database fails.
pub fn moved_up(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<(Eui64, Option<Date>)>, StoreError> {
    let sql = "SELECT chf, planned FROM moved_up WHERE s1sp = $1 AND week = $2 ORDER BY chf";
    tx.query(sql, &[s1sp(of), date(week)], |row| Ok((eui_of(row.int(0)?), row.opt_date(1)?)))
}

/// Notes how many units of the reserve of a day were given up.
///
/// # Errors
/// If the database fails.
pub fn set_given_up(tx: &mut Tx<'_>, of: &S1sp, day: Date, units: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO given_up (s1sp, date, units) VALUES ($1, $2, $3) \
               ON CONFLICT (s1sp, date) DO UPDATE SET units = excluded.units";
    tx.execute(sql, &[s1sp(of), date(day), count(units)]).map(drop)
}

/// The units that the reserve of days gave up, from one to another, both included.
///
/// # Errors
/// If the database fails.
pub fn given_up(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<BTreeMap<Date, u64>, StoreError> {
    let sql = "SELECT date, units FROM given_up WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
    let rows = tx.query(sql, &[s1sp(of), date(from), date(to)], |row| Ok((row.date(0)?, row.count(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// Forgets what was done: it is taken back, to be done again.
///
/// # Errors
/// If the database fails.
pub fn forget_closed(tx: &mut Tx<'_>, of: &S1sp, week: Date, sunday: Date) -> Result<(), StoreError> {
    tx.execute("DELETE FROM moved_up WHERE s1sp = $1 AND week = $2", &[s1sp(of), date(week)])?;
    let sql = "DELETE FROM given_up WHERE s1sp = $1 AND date BETWEEN $2 AND $3";
    tx.execute(sql, &[s1sp(of), date(week), date(sunday)]).map(drop)
}
