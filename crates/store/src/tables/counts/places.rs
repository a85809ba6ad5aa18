//! Where installations are on their way to be migrated, by S1SP, cohort and Lead Supplier.
//!
//! Each installation is in one place. Whoever writes what decides on it says so before ([`leave`]): then the installation is taken out
//! of the counts where it is, and put in again where it is when the act commits. It costs what an act touches.

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::date_of;
use crate::touched::{Place, Places};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use std::collections::BTreeMap;

/// Place and day of installations `i` of which something is true. The columns: CHF Device ID, S1SP, cohort, lead, place, day.
macro_rules! placed {
    ($where:literal) => {
        concat!(
            "SELECT h.chf AS chf, h.s1sp AS s1sp, h.cohort AS cohort, h.lead AS lead, \
               CASE WHEN h.place = 'OPEN' AND h.excluded IS NOT NULL THEN 'EXCLUDED' ELSE h.place END AS place, \
               CASE h.place WHEN 'MIGRATED' THEN h.migrated WHEN 'IN_HAND' THEN 0 ELSE COALESCE(h.excluded, 0) END AS day \
             FROM (SELECT i.chf AS chf, i.s1sp AS s1sp, i.cohort AS cohort, ",
            lead!(),
            " AS lead, t.migrated AS migrated, \
               CASE WHEN t.migrated IS NOT NULL THEN 'MIGRATED' \
                 WHEN EXISTS (SELECT 1 FROM authorisation a WHERE a.chf = i.chf AND a.state IN ",
            live!(),
            ") THEN 'IN_HAND' \
                 ELSE COALESCE((SELECT min(CASE WHEN p.noticed_at IS NULL THEN 'PLANNED' ELSE 'IN_HAND' END) \
                   FROM dormant_line d JOIN dormant_plan p ON p.s1sp = d.s1sp AND p.week = d.week \
                   WHERE d.chf = i.chf AND d.state IN ",
            planned!(),
            "), 'OPEN') END AS place, \
               (SELECT min(x.effective) FROM exclusion x WHERE x.chf = i.chf AND x.fuel = '') AS excluded \
             FROM installation i LEFT JOIN attempt t ON t.chf = i.chf WHERE ",
            $where,
            ") h"
        )
    };
}

/// The same, counted.
macro_rules! counted {
    ($where:literal) => {
        concat!(
            "SELECT CAST(0 AS BIGINT), s1sp, cohort, lead, place, day, count(*) FROM (",
            placed!($where),
            ") placed GROUP BY s1sp, cohort, lead, place, day"
        )
    };
}

fn add(places: &mut Places, row: &Row<'_>, more: i64) -> Result<(), StoreError> {
    let (word, day) = (row.text(4)?, row.int(5)?);
    let place = |place: &str, day| -> Result<Place, StoreError> {
        Ok(Place { place: place.to_owned(), day, s1sp: row.int(1)?, cohort: row.int(2)?, lead: row.int(3)? })
    };
    if word == "MIGRATED" {
        *places.entry(place(word, 0)?).or_default() += more;
        *places.entry(place("MIGRATED_ON", day)?).or_default() += more;
    } else {
        *places.entry(place(word, day)?).or_default() += more;
    }
    Ok(())
}

/// Takes installations out of the counts before what decides on their place is another; those that were taken out already stay so.
///
/// # Errors
/// If the database fails.
pub(crate) fn leave(tx: &mut Tx<'_>, chfs: impl IntoIterator<Item = i64>) -> Result<(), StoreError> {
    let mut touched = std::mem::take(&mut tx.touched);
    let mut keys: Vec<i64> = chfs.into_iter().filter(|chf| !touched.homes.contains(chf)).collect();
    keys.sort_unstable();
    keys.dedup();
    let found = tx.lookup(placed!("i.chf = $key"), &keys, &[], |_, row| add(&mut touched.places, row, -1));
    touched.homes.extend(keys);
    tx.touched = touched;
    found
}

/// Puts in again what was taken out.
fn arrive(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let keys: Vec<i64> = std::mem::take(&mut tx.touched.homes).into_iter().collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut places = std::mem::take(&mut tx.touched.places);
    tx.lookup(placed!("i.chf = $key"), &keys, &[], |_, row| add(&mut places, row, 1))?;
    tx.touched.places = places;
    Ok(())
}

/// Takes out of the counts, or puts into them, the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(crate) fn differing(tx: &mut Tx<'_>, more: i64) -> Result<(), StoreError> {
    arrive(tx)?;
    let mut places = std::mem::take(&mut tx.touched.places);
    tx.each(counted!("i.chf IN (SELECT d.chf FROM stage_difference d)"), &[], |row| {
        let homes = more * row.int(6)?;
        add(&mut places, row, homes)
    })?;
    tx.touched.places = places;
    Ok(())
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    arrive(tx)?;
    for (place, more) in std::mem::take(&mut tx.touched.places).into_iter().filter(|(_, more)| *more != 0) {
        let key = key(&place);
        let values = [key.as_slice(), &[Value::Int(more)]].concat();
        let of = "place = $1 AND day = $2 AND s1sp = $3 AND cohort = $4 AND lead = $5";
        if tx.execute(&format!("UPDATE place_count SET homes = homes + $6 WHERE {of}"), &values)? == 0 {
            let sql = "INSERT INTO place_count (place, day, s1sp, cohort, lead, homes) VALUES ($1, $2, $3, $4, $5, $6)";
            tx.execute(sql, &values)?;
        }
        tx.execute(&format!("DELETE FROM place_count WHERE {of} AND homes = 0"), &key)?;
    }
    Ok(())
}

/// The key of a count.
fn key(place: &Place) -> [Value<'_>; 5] {
    let [day, s1sp, cohort, lead] = [place.day, place.s1sp, place.cohort, place.lead].map(Value::Int);
    [Value::from(place.place.as_str()), day, s1sp, cohort, lead]
}

/// What is counted, in words.
fn words(Place { place, day, s1sp, cohort, lead }: &Place) -> String {
    let on = date_of(*day).map_or_else(|_| String::new(), |date| format!(" {date}"));
    format!("installations {place}{on} of S1SP number {s1sp}, cohort {cohort}, led by MPID number {lead}")
}

/// Forgets the counts: there is no inventory any more.
///
/// # Errors
/// If the database fails.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.homes.clear();
    tx.touched.places.clear();
    tx.execute("DELETE FROM place_count", &[]).map(drop)
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(crate) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    forget(tx)?;
    let found = found(tx)?;
    let mut insert = tx.inserter("place_count", &["place", "day", "s1sp", "cohort", "lead", "homes"])?;
    for (place, homes) in &found {
        insert.row(&[key(place).as_slice(), &[Value::Int(*homes)]].concat())?;
    }
    insert.finish().map(drop)
}

/// What there is.
fn found(tx: &mut View<'_>) -> Result<Places, StoreError> {
    let mut places = Places::new();
    tx.each(counted!("1 = 1"), &[], |row| {
        let homes = row.int(6)?;
        add(&mut places, row, homes)
    })?;
    Ok(places)
}

/// What is kept and what there is, in words.
///
/// # Errors
/// If the database fails.
pub(super) fn both(tx: &mut View<'_>) -> Result<[BTreeMap<String, i64>; 2], StoreError> {
    let sql = "SELECT place, day, s1sp, cohort, lead, homes FROM place_count";
    let kept = tx.query(sql, &[], |row| {
        let place = row.text(0)?.to_owned();
        let [day, s1sp, cohort, lead] = [row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?];
        Ok((words(&Place { place, day, s1sp, cohort, lead }), row.int(5)?))
    })?;
    let found = found(tx)?.into_iter().map(|(place, homes)| (words(&place), homes)).collect();
    Ok([kept.into_iter().collect(), found])
}
