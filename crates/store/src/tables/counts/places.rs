//! Where installations are on their way to be migrated, by S1SP, cohort and Lead Supplier.
//!
//! Each installation is in one place, which follows from what is written of it (`homes.rs`).

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::{Columns as _, date_of};
use crate::touched::{Place, Places};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::S1sp;
use std::collections::{BTreeMap, HashSet};

/// What the place of installations `i` follows from of which something is true; each of it is looked up once. The columns: CHF Device ID,
/// S1SP, cohort, lead; the day of its migration; its live rows: 0 none, 1 all at its S1SP and one of them stands, 2 all there and all
/// wait, 3 some elsewhere; a plan: 2 noticed, 1 not; from when on it is excluded, or [`METERS`].
macro_rules! placed {
    ($where:literal) => {
        concat!(
            "SELECT i.chf AS chf, i.s1sp AS s1sp, i.cohort AS cohort, ",
            lead!(),
            " AS lead, t.migrated AS migrated, \
               (SELECT CAST(CASE WHEN count(*) = 0 THEN 0 \
                   WHEN max(CASE WHEN a.s1sp || '' = (SELECT n.code FROM s1sp n WHERE n.id = i.s1sp) THEN 0 ELSE 1 END) = 1 THEN 3 \
                   ELSE min(CASE WHEN a.state IN ('ACCEPTED', 'SCHEDULED') THEN 1 ELSE 2 END) END AS BIGINT) \
                 FROM authorisation a WHERE a.chf = i.chf AND a.state IN ",
            live!(),
            ") AS hand, \
               (SELECT CAST(max(CASE WHEN p.noticed_at IS NULL THEN 1 ELSE 2 END) AS BIGINT) \
                 FROM dormant_line d JOIN dormant_plan p ON p.s1sp = d.s1sp AND p.week = d.week \
                 WHERE d.chf = i.chf AND d.state IN ",
            planned!(),
            ") AS planned, \
               (SELECT CAST(min(CASE x.fuel WHEN '' THEN x.effective ELSE 99999999 END) AS BIGINT) \
                 FROM exclusion x WHERE x.chf = i.chf) AS excluded \
             FROM installation i LEFT JOIN attempt t ON t.chf = i.chf WHERE ",
            $where
        )
    };
}

/// Only meters of the installation are excluded: behind all days.
const METERS: i64 = 99_999_999;

/// The same, counted.
macro_rules! counted {
    ($where:literal) => {
        concat!(
            "SELECT CAST(0 AS BIGINT), s1sp, cohort, lead, migrated, hand, planned, excluded, count(*) FROM (",
            placed!($where),
            ") placed GROUP BY s1sp, cohort, lead, migrated, hand, planned, excluded"
        )
    };
}

/// What decides on the place of an installation.
struct Deciding {
    migrated: Option<i64>,
    hand: i64,
    planned: Option<i64>,
    excluded: Option<i64>,
}

impl Deciding {
    fn of(row: &Row<'_>) -> Result<Self, StoreError> {
        let [migrated, planned, excluded] = [row.opt_int(4)?, row.opt_int(6)?, row.opt_int(7)?];
        Ok(Self { migrated, hand: row.int(5)?, planned, excluded })
    }

    fn has_exclusion(&self) -> bool {
        self.excluded.is_some()
    }

    /// The place in a word, and its day.
    fn place(&self) -> (&'static str, i64) {
        let excluded = self.excluded.filter(|day| *day != METERS);
        match (self.migrated, self.planned) {
            (Some(day), _) => ("MIGRATED", day),
            (None, _) if self.hand > 0 => ("IN_HAND", 0),
            (None, Some(2)) => ("IN_HAND", 0),
            (None, Some(_)) => ("PLANNED", excluded.unwrap_or(0)),
            (None, None) => excluded.map_or(("OPEN", 0), |day| ("EXCLUDED", day)),
        }
    }

    /// Has it neither migrated nor, as far as is known here, a live row at its S1SP?
    fn may_be_open(&self) -> bool {
        self.migrated.is_none() && matches!(self.hand, 0 | 3)
    }

    /// Does a row stand, and none wait elsewhere?
    fn waits_for_nothing(&self) -> bool {
        self.hand == 1
    }
}

fn add(places: &mut Places, row: &Row<'_>, (word, day): (&'static str, i64), more: i64) -> Result<(), StoreError> {
    let place = |place, day| -> Result<Place, StoreError> {
        Ok(Place { place, day, s1sp: row.int(1)?, cohort: row.int(2)?, lead: row.int(3)? })
    };
    if word == "MIGRATED" {
        *places.entry(place(word, 0)?).or_default() += more;
        *places.entry(place("MIGRATED_ON", day)?).or_default() += more;
    } else {
        *places.entry(place(word, day)?).or_default() += more;
    }
    Ok(())
}

/// The installations of which more is to be looked up, in order.
#[derive(Debug, Default)]
pub(super) struct More {
    /// Those that may be open.
    pub(super) of_open: Vec<i64>,
    /// Those that have exclusions.
    pub(super) of_exclusions: Vec<i64>,
    /// Those that may have a row that waits.
    pub(super) of_rows: Vec<i64>,
    /// Those that can be authorised again after an outcome.
    pub(super) of_tries: Vec<i64>,
}

/// Adds sorted installations to the places that they are in, and says of which more is to be looked up. What is in no inventory is in no
/// place, and may have rows.
///
/// # Errors
/// If the database fails.
pub(super) fn of(tx: &mut View<'_>, keys: &[i64], more: i64, places: &mut Places) -> Result<More, StoreError> {
    let mut found = More::default();
    let mut without_rows = HashSet::new();
    tx.lookup(placed!("i.chf = $key"), keys, &[], |chf, row| {
        let deciding = Deciding::of(row)?;
        let (word, day) = deciding.place();
        let is_tried = !matches!(word, "MIGRATED" | "IN_HAND");
        if is_tried || deciding.waits_for_nothing() {
            without_rows.insert(chf);
        }
        found.of_tries.extend(is_tried.then_some(chf));
        found.of_open.extend(deciding.may_be_open().then_some(chf));
        found.of_exclusions.extend(deciding.has_exclusion().then_some(chf));
        add(places, row, (word, day), more)
    })?;
    found.of_rows = keys.iter().copied().filter(|chf| !without_rows.contains(chf)).collect();
    Ok(found)
}

/// Adds the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(super) fn differing(tx: &mut View<'_>, more: i64, places: &mut Places) -> Result<(), StoreError> {
    tx.each(counted!("i.chf IN (SELECT d.chf FROM stage_difference d)"), &[], |row| {
        let homes = more * row.int(8)?;
        add(places, row, Deciding::of(row)?.place(), homes)
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
    [Value::from(place.place), day, s1sp, cohort, lead]
}

/// What is counted, in words.
fn words(place: &str, [day, s1sp, cohort, lead]: [i64; 4]) -> String {
    let on = date_of(day).map_or_else(|_| String::new(), |date| format!(" {date}"));
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
        let homes = row.int(8)?;
        add(&mut places, row, Deciding::of(row)?.place(), homes)
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
        let numbers = [row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?];
        Ok((words(row.text(0)?, numbers), row.int(5)?))
    })?;
    let words = |Place { place, day, s1sp, cohort, lead }| words(place, [day, s1sp, cohort, lead]);
    let found = found(tx)?.into_iter().map(|(place, homes)| (words(place), homes)).collect();
    Ok([kept.into_iter().collect(), found])
}

/// The S1SPs at which the reader leads installations that are to be migrated; as DCC, at which anybody does.
///
/// # Errors
/// If the database fails.
pub fn led_at(tx: &mut View<'_>) -> Result<Vec<S1sp>, StoreError> {
    let sql = "SELECT DISTINCT n.code FROM place_count c JOIN s1sp n ON n.id = c.s1sp \
               WHERE c.place IN ('OPEN', 'IN_HAND', 'PLANNED', 'EXCLUDED') ORDER BY n.code";
    tx.query(sql, &[], |row| row.parsed(0))
}
