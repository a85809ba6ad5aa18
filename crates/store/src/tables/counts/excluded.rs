//! Exclusions by category, by what is excluded and since when, and by whose meters it are (EXC-1, REP-1).

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::{Columns as _, s1sp, text};
use crate::touched::{Excluded, Exclusions};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::S1sp;
use std::collections::BTreeMap;

/// The exclusions `x` of which something is true, of installations that are in the inventory. No gas meter: -1.
macro_rules! excluded {
    ($where:literal) => {
        concat!(
            "SELECT x.chf AS chf, i.s1sp AS s1sp, x.category AS category, x.fuel AS fuel, x.origin AS origin, x.effective AS day, \
               i.electricity_mpid AS electricity_mpid, COALESCE(i.gas_mpid, -1) AS gas_mpid \
             FROM exclusion x JOIN installation i ON i.chf = x.chf WHERE ",
            $where
        )
    };
}

/// The same, counted.
macro_rules! counted {
    ($where:literal) => {
        concat!(
            "SELECT CAST(0 AS BIGINT), s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid, count(*) FROM (",
            excluded!($where),
            ") counted GROUP BY s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid"
        )
    };
}

const COLUMNS: [&str; 8] = ["s1sp", "category", "fuel", "origin", "day", "electricity_mpid", "gas_mpid", "homes"];

const OF: &str = "s1sp = $1 AND category = $2 AND fuel = $3 AND origin = $4 AND day = $5 AND electricity_mpid = $6 AND gas_mpid = $7";

/// What a row of a query says, whose first column is the installation.
fn excluded(row: &Row<'_>) -> Result<Excluded, StoreError> {
    let [category, fuel, origin] = [row.text(2)?, row.text(3)?, row.text(4)?].map(str::to_owned);
    let [s1sp, day, electricity, gas] = [row.int(1)?, row.int(5)?, row.int(6)?, row.int(7)?];
    Ok(Excluded { s1sp, category, fuel, origin, day, electricity, gas })
}

/// Adds those of sorted installations.
///
/// # Errors
/// If the database fails.
pub(super) fn of(tx: &mut View<'_>, keys: &[i64], more: i64, found: &mut Exclusions) -> Result<(), StoreError> {
    tx.lookup(excluded!("x.chf = $key"), keys, &[], |_, row| {
        *found.entry(excluded(row)?).or_default() += more;
        Ok(())
    })
}

/// Adds those of the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(super) fn differing(tx: &mut View<'_>, more: i64, found: &mut Exclusions) -> Result<(), StoreError> {
    tx.each(counted!("x.chf IN (SELECT d.chf FROM stage_difference d)"), &[], |row| {
        *found.entry(excluded(row)?).or_default() += more * row.int(8)?;
        Ok(())
    })
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    for (of, more) in std::mem::take(&mut tx.touched.exclusions).into_iter().filter(|(_, more)| *more != 0) {
        let key = key(&of);
        let values = [key.as_slice(), &[Value::Int(more)]].concat();
        if tx.execute(&format!("UPDATE exclusion_count SET homes = homes + $8 WHERE {OF}"), &values)? == 0 {
            let columns = COLUMNS.join(", ");
            let sql = format!("INSERT INTO exclusion_count ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
            tx.execute(&sql, &values)?;
        }
        if more < 0 {
            tx.execute(&format!("DELETE FROM exclusion_count WHERE {OF} AND homes = 0"), &key)?;
        }
    }
    Ok(())
}

/// The key of a count.
fn key(of: &Excluded) -> [Value<'_>; 7] {
    let [s1sp, day, electricity, gas] = [of.s1sp, of.day, of.electricity, of.gas].map(Value::Int);
    [s1sp, text(&of.category), text(&of.fuel), text(&of.origin), day, electricity, gas]
}

/// Forgets the counts: there is no inventory any more.
///
/// # Errors
/// If the database fails.
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.exclusions.clear();
    tx.execute("DELETE FROM exclusion_count", &[]).map(drop)
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(super) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    forget(tx)?;
    let found = found(tx)?;
    let mut insert = tx.inserter("exclusion_count", &COLUMNS)?;
    for (of, homes) in &found {
        insert.row(&[key(of).as_slice(), &[Value::Int(*homes)]].concat())?;
    }
    insert.finish().map(drop)
}

/// What there is.
fn found(tx: &mut View<'_>) -> Result<Exclusions, StoreError> {
    let found = tx.query(counted!("1 = 1"), &[], |row| Ok((excluded(row)?, row.int(8)?)))?;
    Ok(found.into_iter().collect())
}

/// What is kept and what there is, in words.
///
/// # Errors
/// If the database fails.
pub(super) fn both(tx: &mut View<'_>) -> Result<[BTreeMap<String, i64>; 2], StoreError> {
    let words = |of: &Excluded| {
        let Excluded { s1sp, category, fuel, origin, day, electricity, gas } = of;
        format!(
            "exclusions of S1SP number {s1sp}: {category}, meter '{fuel}', by {origin}, from {day}, MPIDs {electricity} and {gas}"
        )
    };
    let sql = format!("SELECT 0, {} FROM exclusion_count", COLUMNS.join(", "));
    let kept = tx.query(&sql, &[], |row| Ok((words(&excluded(row)?), row.int(8)?)))?;
    let found = found(tx)?.iter().map(|(of, homes)| (words(of), *homes)).collect();
    Ok([kept.into_iter().collect(), found])
}

/// The homes of an S1SP that are excluded as a whole by a rule.
///
/// # Errors
/// If the database fails.
pub fn excluded_by(tx: &mut View<'_>, of: &S1sp, rule: &str) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(COALESCE(sum(c.homes), 0) AS BIGINT) FROM s1sp s JOIN exclusion_count c ON c.s1sp = s.id \
               WHERE s.code = $1 AND c.origin = $2 AND c.fuel = ''";
    let found = tx.query(sql, &[s1sp(of), text(rule)], |row| row.count(0))?;
    Ok(found.first().copied().unwrap_or(0))
}
