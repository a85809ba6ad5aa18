//! Installations that are neither migrated nor authorised, added up by what decides whether they are eligible (MSM-2a).
//!
//! Of most nothing is known but their line of the inventory, and very many are alike: whoever asks of all of them asks once of each kind.
//! One with holds, with a meter that is excluded or with registrations stands alone, since these decide from day to day.

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::{date_of, eui_number, eui_of};
use crate::tables::meters::{StoredMeter, meter};
use crate::tables::parties::Dictionary;
use crate::touched::Opens;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, S1sp};
use std::collections::{BTreeMap, BTreeSet};

/// The open installations `i` of which something is true. The S1SP of a row is an expression, so that rows are looked up by their
/// installation and not all rows of the S1SP are read for each. No gas meter: -1.
macro_rules! open {
    ($where:literal) => {
        concat!(
            "SELECT i.chf AS chf, i.s1sp AS s1sp, \
               CASE WHEN EXISTS (SELECT 1 FROM exclusion x WHERE x.chf = i.chf AND x.fuel <> '') \
                 OR EXISTS (SELECT 1 FROM hold h WHERE h.chf = i.chf) \
                 OR EXISTS (SELECT 1 FROM registration r WHERE r.point = i.mpan) \
                 OR EXISTS (SELECT 1 FROM registration r WHERE r.point = i.mprn) THEN i.chf ELSE 0 END AS home, \
               i.dmc AS dmc, i.electricity_mpid AS electricity_mpid, i.electricity_status AS electricity_status, \
               CASE WHEN i.mprn IS NULL OR i.gas_status IS NULL THEN -1 ELSE COALESCE(i.gas_mpid, -1) END AS gas_mpid, \
               CASE WHEN i.mprn IS NULL OR i.gas_mpid IS NULL THEN -1 ELSE COALESCE(i.gas_status, -1) END AS gas_status, \
               COALESCE(t.failed, 0) AS failed, COALESCE(t.retry_from, 0) AS retry_from, \
               COALESCE((SELECT min(x.effective) FROM exclusion x WHERE x.chf = i.chf AND x.fuel = ''), 0) AS excluded \
             FROM installation i LEFT JOIN attempt t ON t.chf = i.chf \
             WHERE t.migrated IS NULL AND NOT EXISTS (SELECT 1 FROM authorisation a WHERE a.chf = i.chf \
               AND a.s1sp || '' = (SELECT n.code FROM s1sp n WHERE n.id = i.s1sp) AND a.state IN ",
            live!(),
            ") AND ",
            $where
        )
    };
}

/// The same, counted.
macro_rules! counted {
    ($where:literal) => {
        concat!(
            "SELECT s1sp, home, dmc, electricity_mpid, electricity_status, gas_mpid, gas_status, failed, retry_from, excluded, \
             count(*) FROM (",
            open!($where),
            ") opened GROUP BY s1sp, home, dmc, electricity_mpid, electricity_status, gas_mpid, gas_status, failed, retry_from, excluded"
        )
    };
}

/// The columns of the table; what is counted is all but the last.
const COLUMNS: [&str; 11] = [
    "s1sp",
    "home",
    "dmc",
    "electricity_mpid",
    "electricity_status",
    "gas_mpid",
    "gas_status",
    "failed",
    "retry_from",
    "excluded",
    "homes",
];

const OF: &str = "s1sp = $1 AND home = $2 AND dmc = $3 AND electricity_mpid = $4 AND electricity_status = $5 AND gas_mpid = $6 \
                  AND gas_status = $7 AND failed = $8 AND retry_from = $9 AND excluded = $10";

/// What open installations have in common, in the order of the columns.
pub(crate) type Key = [i64; 10];

/// The key that a row has from a column on.
fn key(row: &Row<'_>, from: usize) -> Result<Key, StoreError> {
    let mut key = Key::default();
    for (place, value) in key.iter_mut().enumerate() {
        *value = row.int(from + place)?;
    }
    Ok(key)
}

/// Adds the open ones of sorted installations.
///
/// # Errors
/// If the database fails.
pub(super) fn of(tx: &mut View<'_>, keys: &[i64], more: i64, opens: &mut Opens) -> Result<(), StoreError> {
    tx.lookup(open!("i.chf = $key"), keys, &[], |_, row| {
        *opens.entry(key(row, 1)?).or_default() += more;
        Ok(())
    })
}

/// Adds the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(super) fn differing(tx: &mut View<'_>, more: i64, opens: &mut Opens) -> Result<(), StoreError> {
    tx.each(counted!("i.chf IN (SELECT d.chf FROM stage_difference d)"), &[], |row| {
        *opens.entry(key(row, 0)?).or_default() += more * row.int(10)?;
        Ok(())
    })
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut changed = std::mem::take(&mut tx.touched.opens);
    changed.retain(|_, more| *more != 0);
    let (alone, alike): (Opens, Opens) = changed.into_iter().partition(|(key, _)| key[1] != 0);
    settle_alone(tx, &alone)?;
    for (key, more) in alike {
        let values = [&key.map(Value::Int)[..], &[Value::Int(more)]].concat();
        if tx.execute(&format!("UPDATE open_count SET homes = homes + $11 WHERE {OF}"), &values)? == 0 {
            let sql = format!(
                "INSERT INTO open_count ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                COLUMNS.join(", ")
            );
            tx.execute(&sql, &values)?;
        }
        if more < 0 {
            tx.execute(&format!("DELETE FROM open_count WHERE {OF} AND homes = 0"), &key.map(Value::Int))?;
        }
    }
    Ok(())
}

/// Keeps what has changed of installations that stand alone, of which there can be as many as a file has rows.
fn settle_alone(tx: &mut Tx<'_>, changed: &Opens) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut delete = tx.updater("DELETE FROM open_count WHERE s1sp = $1 AND home = $2")?;
    for [s1sp, home, ..] in changed.keys().map(|[s1sp, home, ..]| [s1sp, home]).collect::<BTreeSet<_>>() {
        delete.row(&[Value::Int(*s1sp), Value::Int(*home)])?;
    }
    delete.finish()?;
    insert(tx, changed.iter().filter(|(_, more)| **more > 0))
}

fn insert<'a>(tx: &mut Tx<'_>, counts: impl Iterator<Item = (&'a Key, &'a i64)>) -> Result<(), StoreError> {
    let mut insert = tx.inserter("open_count", &COLUMNS)?;
    for (key, homes) in counts {
        insert.row(&[&key.map(Value::Int)[..], &[Value::Int(*homes)]].concat())?;
    }
    insert.finish().map(drop)
}

/// Forgets the counts: there is no inventory any more.
///
/// # Errors
/// If the database fails.
pub(super) fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.opens.clear();
    tx.execute("DELETE FROM open_count", &[]).map(drop)
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(super) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    forget(tx)?;
    let found = found(tx)?;
    insert(tx, found.iter())
}

/// What there is.
fn found(tx: &mut View<'_>) -> Result<Opens, StoreError> {
    let found = tx.query(counted!("1 = 1"), &[], |row| Ok((key(row, 0)?, row.int(10)?)))?;
    Ok(found.into_iter().collect())
}

/// What is kept and what there is, in words.
///
/// # Errors
/// If the database fails.
pub(super) fn both(tx: &mut View<'_>) -> Result<[BTreeMap<String, i64>; 2], StoreError> {
    let sql = format!("SELECT {} FROM open_count", COLUMNS.join(", "));
    let kept = tx.query(&sql, &[], |row| Ok((words(&key(row, 0)?), row.int(10)?)))?;
    let found = found(tx)?.iter().map(|(key, homes)| (words(key), *homes)).collect();
    Ok([kept.into_iter().collect(), found])
}

fn words(
    [s1sp, home, dmc, electricity, electricity_status, gas, gas_status, failed, retry_from, excluded]: &Key,
) -> String {
    let date = |number: &i64| date_of(*number).map_or_else(|_| "no date".to_owned(), |date| date.to_string());
    format!(
        "open installations of S1SP number {s1sp}, alone {home}, combination {dmc}, MPIDs {electricity} and {gas}, statuses \
         {electricity_status} and {gas_status}, failed {failed} times, again from {}, excluded from {}",
        date(retry_from),
        date(excluded)
    )
}

/// Installations that are alike in what decides whether they are eligible, or one of which more is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open(Key);

impl Open {
    /// The one that stands alone.
    #[must_use]
    pub fn alone(&self) -> Option<Eui64> {
        let [_, home, ..] = self.0;
        (home != 0).then(|| eui_of(home))
    }

    /// The number of their Device Model Combination.
    #[must_use]
    pub const fn dmc(&self) -> i64 {
        self.0[2]
    }

    /// Their electricity meter, and their gas meter if they have one.
    #[must_use]
    pub fn meters(&self, dictionary: &Dictionary) -> (StoredMeter, Option<StoredMeter>) {
        let [_, _, _, electricity, status, gas, gas_status, ..] = self.0;
        let gas = (gas != -1).then(|| meter(dictionary, gas, gas_status));
        (meter(dictionary, electricity, status), gas)
    }

    /// How many attempts on each have failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        u64::try_from(self.0[7]).unwrap_or(0)
    }

    /// From when on the next attempt may be.
    ///
    /// # Errors
    /// If it is no date.
    pub fn retry_from(&self) -> Result<Option<Date>, StoreError> {
        Some(self.0[8]).filter(|number| *number != 0).map(date_of).transpose()
    }

    /// From when on they are excluded.
    ///
    /// # Errors
    /// If it is no date.
    pub fn excluded(&self) -> Result<Option<Date>, StoreError> {
        Some(self.0[9]).filter(|number| *number != 0).map(date_of).transpose()
    }
}

/// The installations of an S1SP that are neither migrated nor, there, authorised, with how many there are of each kind.
///
/// # Errors
/// If the database fails.
pub fn of_s1sp(tx: &mut View<'_>, dictionary: &Dictionary, of: &S1sp) -> Result<BTreeMap<Open, u64>, StoreError> {
    let Some(number) = dictionary.s1sp_numbers.get(of) else { return Ok(BTreeMap::new()) };
    let sql = format!("SELECT {} FROM open_count WHERE s1sp = $1", COLUMNS.join(", "));
    // Fewer than none are told by `wrong`, and keep no cut-off from being passed.
    let homes = |homes: i64| u64::try_from(homes).unwrap_or(0);
    let found = tx.query(&sql, &[Value::Int(*number)], |row| Ok((Open(key(row, 0)?), homes(row.int(10)?))))?;
    Ok(found.into_iter().collect())
}

/// As what some installations of an S1SP are counted; those that are not open are left out.
///
/// # Errors
/// If the database fails.
pub fn of_homes(
    tx: &mut View<'_>,
    dictionary: &Dictionary,
    of: &S1sp,
    homes: impl IntoIterator<Item = Eui64>,
) -> Result<Vec<(Eui64, Open)>, StoreError> {
    let number = dictionary.s1sp_numbers.get(of);
    let keys: BTreeSet<i64> = homes.into_iter().map(eui_number).collect();
    let mut found = Vec::new();
    tx.lookup(open!("i.chf = $key"), &keys.into_iter().collect::<Vec<_>>(), &[], |chf, row| {
        let key = key(row, 1)?;
        if number == key.first() {
            found.push((eui_of(chf), Open(key)));
        }
        Ok(())
    })?;
    Ok(found)
}
