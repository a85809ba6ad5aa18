//! Where installations are on their way to be migrated, by S1SP, cohort and Lead Supplier.
//!
//! Each installation is in one place, which follows from what is written of it (`homes.rs`).

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::date_of;
use crate::touched::{Place, Places};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use std::collections::{BTreeMap, HashSet};

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

/// The installations that may wait, in order.
#[derive(Debug, Default)]
pub(super) struct MayWait {
    /// Those that can have a live row.
    pub(super) for_rows: Vec<i64>,
    /// Those that can be authorised again after an outcome.
    pub(super) for_another_try: Vec<i64>,
}

/// Adds sorted installations to the places that they are in, and says which of them may wait. What is in no inventory is in no place,
/// and may have rows.
///
/// # Errors
/// If the database fails.
pub(super) fn of(tx: &mut View<'_>, keys: &[i64], more: i64, places: &mut Places) -> Result<MayWait, StoreError> {
    let mut open = HashSet::new();
    tx.lookup(placed!("i.chf = $key"), keys, &[], |chf, row| {
        if !matches!(row.text(4)?, "MIGRATED" | "IN_HAND") {
            open.insert(chf);
        }
        add(places, row, more)
    })?;
    let (for_another_try, for_rows) = keys.iter().partition(|chf| open.contains(*chf));
    Ok(MayWait { for_rows, for_another_try })
}

/// Adds the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(super) fn differing(tx: &mut View<'_>, more: i64, places: &mut Places) -> Result<(), StoreError> {
    tx.each(counted!("i.chf IN (SELECT d.chf FROM stage_difference d)"), &[], |row| {
        let homes = more * row.int(6)?;
        add(places, row, homes)
    })
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
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
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.places.clear();
    tx.execute("DELETE FROM place_count", &[]).map(drop)
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(super) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
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
