//! Authorisations and the answers to rows that made none.

use super::convert::{Columns, count, date, eui_number, eui_of, moment, opt, party, s1sp, text};
use super::counts::homes;
use super::lead;
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::led::Place;
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// An authorisation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAuthorisation {
    /// The installation.
    pub chf: Eui64,
    /// The S1SP.
    pub s1sp: S1sp,
    /// What the rules say of it.
    pub row: Authorisation,
    /// 1 (first) to 9999.
    pub priority: u16,
    /// The supplier's own words.
    pub reference: String,
    /// The codes of its latest change, separated by blanks.
    pub codes: String,
    /// The import that took its ground away, by itself or by its undoing (REF-2).
    pub cause: Option<i64>,
}

const COLUMNS: [&str; 17] = [
    "chf",
    "file",
    "row",
    "party",
    "s1sp",
    "date",
    "priority",
    "state",
    "unit",
    "differs",
    "reference",
    "codes",
    "cause",
    "standby",
    "place",
    "led",
    "led_unit",
];

macro_rules! columns {
    () => {
        "chf, file, row, party, s1sp, date, priority, state, unit, differs, reference, codes, cause, standby, place, led, led_unit"
    };
}

/// A row whose columns are those of an authorisation, in their order.
pub(super) fn stored(row: &Row<'_>) -> Result<StoredAuthorisation, StoreError> {
    let state: State = row.parsed(7)?;
    let codes = row.text(11)?.to_owned();
    Ok(StoredAuthorisation {
        chf: eui_of(row.int(0)?),
        s1sp: row.parsed(4)?,
        row: Authorisation {
            id: RowId { file: row.int(1)?, row: row.count(2)? },
            party: row.parsed(3)?,
            date: row.date(5)?,
            state,
            unit: row.flag(8)?,
            differs: row.flag(9)?,
            // MAM-8: of one that has not ended MA119 is information.
            narrowed: state.is_live() && codes.contains(RowCode::MA119.code()),
            place: place_of(row.flag(13)?, row.int(14)?),
            led: lead::led(row, 15)?,
        },
        priority: u16::try_from(row.int(6)?).unwrap_or(u16::MAX),
        reference: row.text(10)?.to_owned(),
        codes,
        cause: row.opt_int(12)?,
    })
}

/// The place in line of what waits for none, from its two columns: that of standby, and since later that of what is no standby.
fn place_of(standby: bool, place: i64) -> Option<Place> {
    match place {
        _ if standby => Some(Place::Standby),
        1 => Some(Place::Deferred),
        2 => Some(Place::New),
        _ => None,
    }
}

fn place_number(place: Option<Place>) -> Value<'static> {
    Value::Int(match place {
        None | Some(Place::Standby) => 0,
        Some(Place::Deferred) => 1,
        Some(Place::New) => 2,
    })
}

fn flag(flag: bool) -> Value<'static> {
    Value::Int(i64::from(flag))
}

/// Adds authorisations, in the order of their installations for speed.
///
/// # Errors
/// If one is there already.
pub fn add<'a>(tx: &mut Tx<'_>, rows: impl IntoIterator<Item = &'a StoredAuthorisation>) -> Result<(), StoreError> {
    let rows: Vec<&StoredAuthorisation> = rows.into_iter().collect();
    homes::leave(tx, rows.iter().map(|stored| eui_number(stored.chf)))?;
    let mut touched = std::mem::take(&mut tx.touched);
    let mut insert = tx.inserter("authorisation", &COLUMNS)?;
    for stored in rows {
        let row = &stored.row;
        touched.day(stored.s1sp, row.date);
        touched.rows((row.id.file, row.party, row.state), &stored.codes, 1);
        insert.row(&[
            Value::Int(eui_number(stored.chf)),
            Value::Int(row.id.file),
            count(row.id.row),
            party(&row.party),
            s1sp(&stored.s1sp),
            date(row.date),
            Value::Int(i64::from(stored.priority)),
            text(row.state.word()),
            flag(row.unit),
            flag(row.differs),
            text(&stored.reference),
            text(&stored.codes),
            opt(stored.cause, Value::Given),
            flag(row.place == Some(Place::Standby)),
            place_number(row.place),
            opt(row.led.as_ref(), |led| party(&led.party)),
            Value::Int(row.led.map_or(0, |led| lead::unit_number(led.unit))),
        ])?;
    }
    insert.finish()?;
    tx.touched = touched;
    Ok(())
}

/// Writes the states of authorisations, each once.
///
/// # Errors
/// If the database fails.
pub fn update<'a>(tx: &mut Tx<'_>, rows: impl IntoIterator<Item = &'a StoredAuthorisation>) -> Result<(), StoreError> {
    let rows: Vec<&StoredAuthorisation> = rows.into_iter().collect();
    touch(tx, &rows)?;
    let sql = "UPDATE authorisation SET date = $3, state = $4, unit = $5, differs = $6, codes = $7, cause = $8, party = $9, standby = $10, \
               place = $11, led = $12, led_unit = $13 WHERE chf = $1 AND file = $2";
    let mut update = tx.updater(sql)?;
    for stored in rows {
        let row = &stored.row;
        update.row(&[
            Value::Int(eui_number(stored.chf)),
            Value::Int(row.id.file),
            date(row.date),
            text(row.state.word()),
            flag(row.unit),
            flag(row.differs),
            text(&stored.codes),
            opt(stored.cause, Value::Given),
            party(&row.party),
            flag(row.place == Some(Place::Standby)),
            place_number(row.place),
            opt(row.led.as_ref(), |led| party(&led.party)),
            Value::Int(row.led.map_or(0, |led| lead::unit_number(led.unit))),
        ])?;
    }
    update.finish().map(drop)
}

/// Says what is counted of authorisations that is another when these are written: what they are, and what they were.
fn touch(tx: &mut Tx<'_>, rows: &[&StoredAuthorisation]) -> Result<(), StoreError> {
    homes::leave(tx, rows.iter().map(|stored| eui_number(stored.chf)))?;
    let mut touched = std::mem::take(&mut tx.touched);
    for stored in rows {
        touched.day(stored.s1sp, stored.row.date);
        touched.rows((stored.row.id.file, stored.row.party, stored.row.state), &stored.codes, 1);
    }
    let changed: HashSet<(i64, i64)> = rows.iter().map(|stored| (eui_number(stored.chf), stored.row.id.file)).collect();
    let keys: Vec<i64> = changed.iter().map(|(chf, _)| *chf).collect::<BTreeSet<_>>().into_iter().collect();
    let sql = "SELECT chf, file, s1sp, date, party, state, codes FROM authorisation WHERE chf = $key";
    tx.lookup(sql, &keys, &[], |chf, row| {
        let file = row.int(1)?;
        if changed.contains(&(chf, file)) {
            touched.day(row.parsed(2)?, row.date(3)?);
            touched.rows((file, row.parsed(4)?, row.parsed(5)?), row.text(6)?, -1);
        }
        Ok(())
    })?;
    // What a row gave up on a day that it was for before stays counted there.
    let sql = "SELECT c.chf, c.file, c.date, a.s1sp FROM state_change c \
               JOIN authorisation a ON a.chf = c.chf AND a.file = c.file WHERE c.chf = $key";
    tx.lookup(sql, &keys, &[], |chf, row| {
        if changed.contains(&(chf, row.int(1)?)) {
            touched.day(row.parsed(3)?, row.date(2)?);
        }
        Ok(())
    })?;
    tx.touched = touched;
    Ok(())
}

/// The live authorisations of sorted installations.
///
/// # Errors
/// If the database fails.
pub fn live(tx: &mut View<'_>, keys: &[i64]) -> Result<HashMap<i64, Vec<StoredAuthorisation>>, StoreError> {
    let mut found: HashMap<i64, Vec<StoredAuthorisation>> = HashMap::new();
    if tx.query_optional("SELECT 1 FROM authorisation LIMIT 1", &[], |_| Ok(()))?.is_none() {
        return Ok(found);
    }
    // Few of an installation have ended, and a list of states costs SQLite a table for each key.
    let sql = concat!("SELECT ", columns!(), " FROM authorisation WHERE chf = $key ORDER BY file");
    tx.lookup(sql, keys, &[], |chf, row| {
        let stored = stored(row)?;
        if stored.row.state.is_live() {
            found.entry(chf).or_default().push(stored);
        }
        Ok(())
    })?;
    // On PostgreSQL rows of several keys come together, in the order of files.
    for rows in found.values_mut() {
        rows.sort_by_key(|stored| stored.row.id);
    }
    Ok(found)
}

/// Every authorisation of an installation, oldest first.
///
/// # Errors
/// If the database fails.
pub fn of_installation(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM authorisation WHERE chf = $1 ORDER BY file, row");
    tx.query(sql, &[Value::Int(eui_number(chf))], stored)
}

/// The live authorisations for a day of an S1SP, in the order of installations.
///
/// # Errors
/// If the database fails.
pub fn of_day(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM authorisation WHERE s1sp = $1 AND date = $2 \
         AND state IN ",
        live!(),
        " ORDER BY chf, file"
    );
    tx.query(sql, &[s1sp(of), date(day)], stored)
}

/// The authorisations that stop orders keep from being migrated, in the order of S1SP, date and installation (STOP-1).
///
/// # Errors
/// If the database fails.
pub fn stopped(tx: &mut View<'_>) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql =
        concat!("SELECT ", columns!(), " FROM authorisation WHERE state = 'STOPPED' ORDER BY s1sp, date, chf, file");
    tx.query(sql, &[], stored)
}

/// The live authorisations of an S1SP for a date and later, and what waits from earlier ones, in the order of installations.
///
/// # Errors
/// If the database fails.
pub fn from_day(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM authorisation WHERE s1sp = $1 AND state IN ",
        live!(),
        " AND (date >= $2 OR state = 'DEFERRED' OR state = 'STOPPED' OR state = 'HELD') ORDER BY chf, file"
    );
    tx.query(sql, &[s1sp(of), date(day)], stored)
}

/// The live authorisations of a party at an S1SP, in the order of installations.
///
/// # Errors
/// If the database fails.
pub fn of_party(tx: &mut View<'_>, of: &S1sp, whose: &Party) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM authorisation WHERE s1sp = $1 AND party = $2 \
         AND state IN ",
        live!(),
        " ORDER BY chf, file"
    );
    tx.query(sql, &[s1sp(of), party(whose)], stored)
}

/// MSM-12, MAM-3: the rows of a party that wait for a unit of a day, first in line first: deferred ones, then by receipt,
/// priority and place in the file.
///
/// # Errors
/// If the database fails.
pub fn in_line(tx: &mut View<'_>, of: &S1sp, whose: &Party, day: Date) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM authorisation WHERE s1sp = $1 AND date = $2 AND party = $3 AND state IN ('STANDBY', 'DEFERRED') \
         ORDER BY CASE state WHEN 'DEFERRED' THEN 0 ELSE 1 END, file, priority, row"
    );
    tx.query(sql, &[s1sp(of), date(day), party(whose)], stored)
}

/// MSM-12: the deferred rows for dates before one, first in line first, with the moment at which each was deferred.
///
/// # Errors
/// If the database fails.
pub fn deferred(tx: &mut View<'_>, before: Date) -> Result<Vec<(StoredAuthorisation, Option<Timestamp>)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", (SELECT max(at) FROM state_change WHERE state_change.chf = authorisation.chf \
         AND state_change.file = authorisation.file AND became = 'DEFERRED' AND was <> became) \
         FROM authorisation WHERE state = 'DEFERRED' AND date < $1 ORDER BY s1sp, party, date, file, priority, row"
    );
    tx.query(sql, &[date(before)], |row| Ok((stored(row)?, row.opt_moment(COLUMNS.len())?)))
}

/// REF-2: the rows that an import took the ground from and that lapsed for it; also those that lapsed for `later` ones, or for
/// their undoing.
///
/// # Errors
/// If the database fails.
pub fn lapsed_by(tx: &mut View<'_>, import: i64, later: bool) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM authorisation WHERE cause >= $1 AND cause <= $2 AND state = 'LAPSED' ORDER BY chf, file"
    );
    tx.query(sql, &[Value::Int(import), Value::Int(if later { i64::MAX } else { import })], stored)
}

/// MAM-8: the rows for a date and later that lapsed with a change of supplier, of some sorted installations or of all.
///
/// # Errors
/// If the database fails.
pub fn lapsed_by_change(
    tx: &mut View<'_>,
    since: Date,
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    with_change(tx, "state = 'LAPSED'", since, among)
}

/// MAM-8: the rows for a date and later that a change of supplier touches, of some sorted installations or of all: those that lapsed
/// with it, and those that stand for one meter of two.
///
/// # Errors
/// If the database fails.
pub fn touched_by_change(
    tx: &mut View<'_>,
    since: Date,
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    with_change(tx, concat!("(state = 'LAPSED' OR state IN ", live!(), ")"), since, among)
}

/// MAM-8: the rows for a date and later that lapsed since an inventory that was imported names another supplier, of some sorted
/// installations or of all.
///
/// # Errors
/// If the database fails.
pub fn lapsed_by_imports(
    tx: &mut View<'_>,
    since: Date,
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let those = "state = 'LAPSED' AND cause IS NOT NULL AND date >= $1 AND codes NOT LIKE $2 \
                 AND (codes LIKE $3 OR codes LIKE $4 OR codes LIKE $5)";
    let codes = [RowCode::MA119, RowCode::MA111, RowCode::MA112, RowCode::MA128].map(|code| format!("%{code}%"));
    let [change, other, dormant, late] = codes.each_ref().map(|code| text(code));
    of_installations(tx, those, &[date(since), change, other, dormant, late], among)
}

/// MAM-11: the rows of a party that lapsed, of some sorted installations.
///
/// # Errors
/// If the database fails.
pub fn lapsed_of_party(tx: &mut View<'_>, of: &Party, among: &[i64]) -> Result<Vec<StoredAuthorisation>, StoreError> {
    of_installations(tx, "state = 'LAPSED' AND party = $1", &[party(of)], Some(among))
}

/// The rows for a date and later that have expired since a moment, of some sorted installations or of all.
///
/// # Errors
/// If the database fails.
pub fn expired_since(
    tx: &mut View<'_>,
    at: Timestamp,
    for_date: Date,
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let those = "s1sp IN (SELECT p.code FROM s1sp p) AND state = 'EXPIRED' AND date >= $1 \
                 AND EXISTS (SELECT 1 FROM state_change s WHERE s.chf = authorisation.chf AND s.file = authorisation.file \
                   AND s.became = 'EXPIRED' AND s.was <> s.became AND s.at >= $2)";
    of_installations(tx, those, &[date(for_date), moment(at)], among)
}

/// The rows for a date and later in some states that have the code of a change of supplier.
fn with_change(
    tx: &mut View<'_>,
    states: &str,
    since: Date,
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let code = format!("%{}%", RowCode::MA119);
    of_installations(tx, &format!("{states} AND date >= $1 AND codes LIKE $2"), &[date(since), text(&code)], among)
}

/// The rows of a kind of some sorted installations, or of all, in order.
fn of_installations(
    tx: &mut View<'_>,
    those: &str,
    values: &[Value<'_>],
    among: Option<&[i64]>,
) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = format!(concat!("SELECT ", columns!(), " FROM authorisation WHERE {}"), those);
    let Some(keys) = among else { return tx.query(&format!("{sql} ORDER BY chf, file"), values, stored) };
    let mut found = Vec::new();
    tx.lookup(&format!("{sql} AND chf = $key ORDER BY file"), keys, values, |_, row| {
        found.push(stored(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The installations that have a live authorisation, in order.
///
/// # Errors
/// If the database fails.
pub fn installations_in_play(tx: &mut View<'_>) -> Result<Vec<i64>, StoreError> {
    let sql = concat!("SELECT DISTINCT chf FROM authorisation WHERE state IN ", live!(), " ORDER BY chf");
    tx.query(sql, &[], |row| row.int(0))
}

/// How often each verdict was given for a file: of authorisations their state when the last act was kept, of others their answer.
/// Authorisations that have passed to another party are that one's to know (MAM-11).
///
/// # Errors
/// If the database fails.
pub fn summary(tx: &mut View<'_>, file: i64) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT state, CAST(sum(rows) AS BIGINT) FROM file_count \
               WHERE file = $1 AND party = (SELECT sender FROM file WHERE id = $1) GROUP BY state \
               UNION ALL SELECT verdict, CAST(sum(rows) AS BIGINT) FROM answer WHERE file = $1 GROUP BY verdict ORDER BY 1";
    tx.query(sql, &[Value::Int(file)], |row| Ok((row.text(0)?.to_owned(), row.count(1)?)))
}

/// The parties with a row of an S1SP for a day, in order.
///
/// # Errors
/// If the database fails.
pub fn parties_on(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<Vec<Party>, StoreError> {
    let sql = concat!(
        "SELECT DISTINCT party FROM authorisation WHERE s1sp = $1 AND date = $2 AND state IN ",
        any!(),
        " ORDER BY party"
    );
    tx.query(sql, &[s1sp(of), date(day)], |row| row.parsed(0))
}
