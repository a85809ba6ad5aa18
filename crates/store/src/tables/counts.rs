//! Running counts: what reports add up, counted again in the act that changes what they count.
//!
//! Of a day of an S1SP everything is counted anew when the act that touched it commits, by the same query that counts from scratch,
//! so nothing is counted in two ways, and it costs what a day has, not what all days have. Of a file only what was added and taken
//! away is counted. The functions that write say what they touch; [`Tx::commit`] does the rest.

pub use excluded::excluded_by;
pub use places::led_at;

use super::convert::{Columns, eui_number, party, text};
use crate::error::StoreError;
use crate::touched::{MoreRows, Touched};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeMap, BTreeSet};

mod by_day;
mod excluded;
pub(crate) mod homes;
pub mod left;
pub mod open;
mod places;
mod waits;

use by_day::Counts;

/// Days this near to each other are counted together with those between them.
const NEAR: i64 = 7;

/// First and last days, so that few of the days between them were not touched.
fn ranges(days: &BTreeSet<Date>) -> Vec<(Date, Date)> {
    let mut ranges: Vec<(Date, Date)> = Vec::new();
    for &day in days {
        match ranges.last_mut() {
            Some((_, last)) if day.duration_since(*last).as_hours() <= NEAR * 24 => *last = day,
            _ => ranges.push((day, day)),
        }
    }
    ranges
}

/// Counts again what the act has touched.
///
/// # Errors
/// If the database fails.
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut touched = std::mem::take(&mut tx.touched);
    for (of, days) in &touched.days {
        for range in ranges(days) {
            by_day::count_again(tx, *of, range)?;
            left::make_days(tx, *of, range)?;
        }
    }
    for (of, days) in &touched.clock {
        for (first, last) in ranges(days) {
            left::make_days(tx, *of, (first, last))?;
            left::make_weeks(tx, *of, left::whole_weeks(first, last)?)?;
        }
    }
    add_rows(tx, std::mem::take(&mut touched.files))?;
    tx.touched = Touched { days: BTreeMap::new(), files: MoreRows::new(), clock: BTreeMap::new(), ..touched };
    homes::settle(tx)
}

/// Takes installations out of the counts together. Each is taken out before it is changed, at the latest; where an act changes them one by
/// one, that is a query for each.
///
/// # Errors
/// If the database fails.
pub fn take_out(tx: &mut Tx<'_>, chfs: impl IntoIterator<Item = Eui64>) -> Result<(), StoreError> {
    homes::leave(tx, chfs.into_iter().map(eui_number))
}

/// How many rows of a file, held by a party, are in a state with the same codes.
type RowKey = (i64, Party, State, String);

/// Adds to the counts of rows by file. Where fewer are left than none, the count was wrong before: that is for `wrong` to tell, and no
/// reason to refuse an act.
fn add_rows(tx: &mut Tx<'_>, changes: MoreRows) -> Result<(), StoreError> {
    let changed = |by_codes: &BTreeMap<String, i64>| by_codes.values().any(|more| *more != 0);
    let files: BTreeSet<i64> =
        changes.iter().filter(|(_, codes)| changed(codes)).map(|((file, ..), _)| *file).collect();
    if files.is_empty() {
        return Ok(());
    }
    let files: Vec<i64> = files.into_iter().collect();
    let mut counts: BTreeMap<RowKey, i64> = BTreeMap::new();
    let sql = "SELECT file, party, state, codes, rows FROM file_count WHERE file = $key";
    tx.lookup(sql, &files, &[], |file, row| {
        counts.insert((file, row.parsed(1)?, row.parsed(2)?, row.text(3)?.to_owned()), row.int(4)?);
        Ok(())
    })?;
    for ((file, party, state), by_codes) in changes {
        for (codes, more) in by_codes {
            *counts.entry((file, party, state, codes)).or_default() += more;
        }
    }
    let mut delete = tx.updater("DELETE FROM file_count WHERE file = $1")?;
    for file in files {
        delete.row(&[Value::Int(file)])?;
    }
    delete.finish()?;
    insert_rows(tx, &counts)
}

fn insert_rows(tx: &mut Tx<'_>, counts: &BTreeMap<RowKey, i64>) -> Result<(), StoreError> {
    let mut insert = tx.inserter("file_count", &["file", "party", "state", "codes", "rows"])?;
    for ((file, holder, state, codes), rows) in counts.iter().filter(|(_, rows)| **rows > 0) {
        insert.row(&[Value::Int(*file), party(holder), text(state.word()), text(codes), Value::Int(*rows)])?;
    }
    insert.finish().map(drop)
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM day_count", &[])?;
    for of in s1sps(tx)? {
        by_day::count_again(tx, of, by_day::ALWAYS)?;
    }
    tx.execute("DELETE FROM file_count", &[])?;
    let sql = "INSERT INTO file_count (file, party, state, codes, rows) \
               SELECT file, party, state, codes, count(*) FROM authorisation GROUP BY file, party, state, codes";
    tx.execute(sql, &[])?;
    tx.touched = Touched::default();
    homes::make_anew(tx)?;
    let all = s1sps(tx)?;
    left::make_anew(tx, all)?;
    tx.touched = Touched::default();
    Ok(())
}

/// A count that is not what counting from scratch gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The table of the count.
    pub table: &'static str,
    /// What is counted, in words.
    pub of: String,
    /// The count that is kept; nothing if there is none.
    pub kept: Option<i64>,
    /// What there is; nothing if there is nothing.
    pub found: Option<i64>,
}

/// The counts that are not what counting from scratch gives. It reads all there is.
///
/// # Errors
/// If the database fails.
pub fn wrong(tx: &mut View<'_>) -> Result<Vec<Wrong>, StoreError> {
    let mut all = Vec::new();
    for of in s1sps(tx)? {
        let (kept, found) = (by_day::kept(tx, of)?, by_day::found(tx, of)?);
        all.extend(differences("day_count", &kept, &found));
        let [kept, found] = left::both(tx, of)?;
        all.extend(differences("clock_left", &kept, &found));
    }
    let kept = rows(tx, "SELECT file, party, state, codes, rows FROM file_count")?;
    let found =
        rows(tx, "SELECT file, party, state, codes, count(*) FROM authorisation GROUP BY file, party, state, codes")?;
    all.extend(differences("file_count", &kept, &found));
    let [kept, found] = places::both(tx)?;
    all.extend(differences("place_count", &kept, &found));
    let [kept, found] = waits::both(tx)?;
    all.extend(differences("wait_count", &kept, &found));
    let [kept, found] = excluded::both(tx)?;
    all.extend(differences("exclusion_count", &kept, &found));
    let [kept, found] = open::both(tx)?;
    all.extend(differences("open_count", &kept, &found));
    Ok(all)
}

fn differences(table: &'static str, kept: &Counts, found: &Counts) -> Vec<Wrong> {
    let keys: BTreeSet<&String> = kept.keys().chain(found.keys()).collect();
    let both = keys.into_iter().map(|key| (key, kept.get(key).copied(), found.get(key).copied()));
    both.filter(|(_, kept, found)| kept != found)
        .map(|(key, kept, found)| Wrong { table, of: key.clone(), kept, found })
        .collect()
}

fn rows(tx: &mut View<'_>, sql: &str) -> Result<Counts, StoreError> {
    let read = tx.query(sql, &[], |row| {
        let (file, codes) = (row.int(0)?, row.text(3)?);
        let with = if codes.is_empty() { String::new() } else { format!(" with {codes}") };
        Ok((format!("rows of file {file} of {} that are {}{with}", row.text(1)?, row.text(2)?), row.int(4)?))
    })?;
    Ok(read.into_iter().collect())
}

/// Each S1SP of which there is something to count.
fn s1sps(tx: &mut View<'_>) -> Result<Vec<S1sp>, StoreError> {
    let sql = "SELECT code FROM s1sp UNION SELECT s1sp FROM schedule UNION SELECT s1sp FROM day_count \
               UNION SELECT s1sp FROM authorisation UNION SELECT s1sp FROM capacity \
               UNION SELECT s1sp FROM clock_left ORDER BY 1";
    tx.query(sql, &[], |row| row.parsed(0))
}
