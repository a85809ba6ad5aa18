//! The locked schedules of the days.

use super::convert::{Columns, count, date, eui_number, eui_of, moment, opt, party, s1sp, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::BTreeMap;

/// A line of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleLine {
    /// The installation.
    pub chf: Eui64,
    /// Its type on that day.
    pub kind: InstallationType,
    /// The supplier that authorised as Import Supplier; nothing if none did, or if the scope may not know who.
    pub electricity: Option<Party>,
    /// The supplier that authorised as Gas Supplier; nothing as before.
    pub gas: Option<Party>,
    /// Which attempt it is, from 1.
    pub attempt: u64,
}

/// The latest version of the schedule of a day; 0 if it is not locked.
///
/// # Errors
/// If the database fails.
pub fn version(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<i64, StoreError> {
    let sql = "SELECT max(version) FROM schedule WHERE s1sp = $1 AND date = $2";
    Ok(tx.query_one(sql, &[s1sp(of), date(day)], |row| row.opt_int(0))?.unwrap_or(0))
}

/// Every locked day with its versions and moments, in order.
///
/// # Errors
/// If the database fails.
pub fn locked(tx: &mut View<'_>) -> Result<Vec<(S1sp, Date, i64, Timestamp)>, StoreError> {
    let sql = "SELECT s1sp, date, version, at FROM schedule ORDER BY s1sp, date, version";
    tx.query(sql, &[], |row| Ok((row.parsed(0)?, row.date(1)?, row.int(2)?, row.moment(3)?)))
}

/// The locked days of an S1SP from one on, in order.
///
/// # Errors
/// If the database fails.
pub fn locked_days(tx: &mut View<'_>, of: &S1sp, from: Date) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT DISTINCT date FROM schedule WHERE s1sp = $1 AND date >= $2 ORDER BY date";
    tx.query(sql, &[s1sp(of), date(from)], |row| row.date(0))
}

/// A day that was locked.
#[derive(Debug, Clone, Copy)]
pub struct Lock {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// When.
    pub at: Timestamp,
    /// By which act; nothing where an earlier program did it.
    pub act: Option<i64>,
}

/// Every locked day as it was locked first, in order.
///
/// # Errors
/// If the database fails.
pub fn locks(tx: &mut View<'_>) -> Result<Vec<Lock>, StoreError> {
    let sql = "SELECT s1sp, date, at, act FROM schedule WHERE version = 1 ORDER BY s1sp, date";
    tx.query(sql, &[], |row| {
        Ok(Lock { s1sp: row.parsed(0)?, date: row.date(1)?, at: row.moment(2)?, act: row.opt_int(3)? })
    })
}

/// Adds a version of the schedule of a day, made at a moment by an act. `waiver` is the reason why old reference data were let pass (REF-1).
///
/// # Errors
/// If it exists.
pub fn add(
    tx: &mut Tx<'_>,
    of: &S1sp,
    day: Date,
    version: i64,
    (at, act): (Timestamp, Option<i64>),
    waiver: Option<&str>,
) -> Result<(), StoreError> {
    tx.touched.day(*of, day);
    let sql = "INSERT INTO schedule (s1sp, date, version, at, waiver, act) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [s1sp(of), date(day), Value::Int(version), moment(at), opt(waiver, text), opt(act, Value::Act)];
    tx.execute(sql, &values).map(drop)
}

/// Adds the lines of a version, in the order of installations.
///
/// # Errors
/// If one is there already.
pub fn add_lines(
    tx: &mut Tx<'_>,
    of: &S1sp,
    day: Date,
    version: i64,
    lines: &[ScheduleLine],
) -> Result<(), StoreError> {
    tx.touched.day(*of, day);
    let columns = ["s1sp", "date", "version", "chf", "type", "electricity_party", "gas_party", "attempt"];
    let mut insert = tx.inserter("schedule_line", &columns)?;
    for line in lines {
        insert.row(&[
            s1sp(of),
            date(day),
            Value::Int(version),
            Value::Int(eui_number(line.chf)),
            text(line.kind.word()),
            opt(line.electricity.as_ref(), party),
            opt(line.gas.as_ref(), party),
            count(line.attempt),
        ])?;
    }
    insert.finish().map(drop)
}

/// The lines of a version, in the order of installations.
///
/// # Errors
/// If the database fails.
pub fn lines(tx: &mut View<'_>, of: &S1sp, day: Date, version: i64) -> Result<Vec<ScheduleLine>, StoreError> {
    let sql = "SELECT chf, type, electricity_party, gas_party, attempt FROM schedule_line \
               WHERE s1sp = $1 AND date = $2 AND version = $3 ORDER BY chf";
    tx.query(sql, &[s1sp(of), date(day), Value::Int(version)], schedule_line)
}

/// The line of an installation in a version; nothing if it is not in it.
///
/// # Errors
/// If the database fails.
pub fn line(
    tx: &mut View<'_>,
    of: &S1sp,
    day: Date,
    version: i64,
    chf: Eui64,
) -> Result<Option<ScheduleLine>, StoreError> {
    let sql = "SELECT chf, type, electricity_party, gas_party, attempt FROM schedule_line \
               WHERE s1sp = $1 AND date = $2 AND version = $3 AND chf = $4";
    let key = [s1sp(of), date(day), Value::Int(version), Value::Int(eui_number(chf))];
    tx.query_optional(sql, &key, schedule_line)
}

/// The days of whose schedules an installation was in any version: one look into each version by its key.
///
/// # Errors
/// If the database fails.
pub fn days_with(tx: &mut View<'_>, of: &S1sp, chf: Eui64) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT DISTINCT s.date FROM schedule s JOIN schedule_line l \
               ON l.s1sp = s.s1sp AND l.date = s.date AND l.version = s.version \
               WHERE s.s1sp = $1 AND l.chf = $2 ORDER BY s.date";
    tx.query(sql, &[s1sp(of), Value::Int(eui_number(chf))], |row| row.date(0))
}

/// A supplier that may not be known is an empty text.
fn named(party: Option<&str>) -> Result<Option<Party>, StoreError> {
    party.filter(|code| !code.is_empty()).map(super::convert::parsed).transpose()
}

fn schedule_line(row: &Row<'_>) -> Result<ScheduleLine, StoreError> {
    Ok(ScheduleLine {
        chf: eui_of(row.int(0)?),
        kind: row.parsed(1)?,
        electricity: named(row.opt_text(2)?)?,
        gas: named(row.opt_text(3)?)?,
        attempt: row.count(4)?,
    })
}

/// The last version that each installation of a day's schedules was in.
///
/// # Errors
/// If the database fails.
pub fn last_versions(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<BTreeMap<Eui64, i64>, StoreError> {
    let sql = "SELECT chf, max(version) FROM schedule_line WHERE s1sp = $1 AND date = $2 GROUP BY chf";
    let versions = tx.query(sql, &[s1sp(of), date(day)], |row| Ok((eui_of(row.int(0)?), row.int(1)?)))?;
    Ok(versions.into_iter().collect())
}
