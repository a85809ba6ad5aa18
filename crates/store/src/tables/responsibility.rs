//! Responsibility events, and how authorisations passed by them (MAM-11).

use super::authorisations::{StoredAuthorisation, stored};
use super::convert::{Columns, date, eui_number, moment, opt, party, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::LONDON;
use sluice_rules::installation::{Fuel, Mpid};
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::HashMap;

/// A market participant id with its fuel.
pub type FuelMpid = (Fuel, Mpid);

/// A responsibility event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponsibilityEvent {
    /// Its number, from 1.
    pub id: i64,
    /// What it is.
    pub kind: EventKind,
    /// From whom the market participant ids pass.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// Those that pass.
    pub mpids: Vec<FuelMpid>,
    /// The moment from which it holds.
    pub effective: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By which two operators.
    pub recorded_by: String,
    /// Why.
    pub reason: String,
    /// When it was done, if it was.
    pub done_at: Option<Timestamp>,
    /// When it was cancelled before its moment came, if it was.
    pub cancelled_at: Option<Timestamp>,
    /// Did it leave the party without any?
    pub whole: bool,
}

impl ResponsibilityEvent {
    /// Its place in the order in which events were done. The clock does what is due at one moment by the moments from which each holds;
    /// what holds from a moment that was past already is done after them, when it is recorded.
    #[must_use]
    pub fn place(&self) -> (Option<Timestamp>, Timestamp, i64) {
        (self.done_at, self.effective.max(self.recorded_at), self.id)
    }
}

/// Records an event, and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, event: &ResponsibilityEvent) -> Result<i64, StoreError> {
    let id = super::record::give_id(tx, "SELECT max(id) FROM responsibility_event")?;
    let sql = "INSERT INTO responsibility_event \
               (id, kind, from_party, to_party, effective, recorded_at, recorded_by, reason, whole) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)";
    let values = [
        Value::Given(id),
        text(event.kind.word()),
        party(&event.from),
        party(&event.to),
        moment(event.effective),
        moment(event.recorded_at),
        text(&event.recorded_by),
        text(&event.reason),
    ];
    tx.execute(sql, &values)?;
    for (fuel, mpid) in &event.mpids {
        let sql = "INSERT INTO responsibility_mpid (event, fuel, mpid) VALUES ($1, $2, $3)";
        tx.execute(sql, &[Value::Given(id), text(fuel.word()), text(mpid.as_str())])?;
    }
    Ok(id)
}

/// Notes that an event is done, with the market participant ids that pass by it.
///
/// # Errors
/// If the database fails.
pub fn set_done(tx: &mut Tx<'_>, event: &ResponsibilityEvent) -> Result<(), StoreError> {
    let sql = "UPDATE responsibility_event SET done_at = $2, whole = $3 WHERE id = $1";
    let whole = Value::Int(i64::from(event.whole));
    tx.execute(sql, &[Value::Given(event.id), opt(event.done_at, moment), whole])?;
    tx.execute("DELETE FROM responsibility_mpid WHERE event = $1", &[Value::Given(event.id)])?;
    for (fuel, mpid) in &event.mpids {
        let sql = "INSERT INTO responsibility_mpid (event, fuel, mpid) VALUES ($1, $2, $3)";
        tx.execute(sql, &[Value::Given(event.id), text(fuel.word()), text(mpid.as_str())])?;
    }
    Ok(())
}

/// Notes that an event is cancelled.
///
/// # Errors
/// If the database fails.
pub fn cancel(tx: &mut Tx<'_>, id: i64, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE responsibility_event SET cancelled_at = $2 WHERE id = $1";
    tx.execute(sql, &[Value::Given(id), moment(at)]).map(drop)
}

fn event(row: &Row<'_>) -> Result<ResponsibilityEvent, StoreError> {
    Ok(ResponsibilityEvent {
        id: row.int(0)?,
        kind: row.parsed(1)?,
        from: row.parsed(2)?,
        to: row.parsed(3)?,
        mpids: Vec::new(),
        effective: row.moment(4)?,
        recorded_at: row.moment(5)?,
        recorded_by: row.text(6)?.to_owned(),
        reason: row.text(7)?.to_owned(),
        done_at: row.opt_moment(8)?,
        whole: row.flag(9)?,
        cancelled_at: row.opt_moment(10)?,
    })
}

/// Every event, oldest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<ResponsibilityEvent>, StoreError> {
    let sql = "SELECT id, kind, from_party, to_party, effective, recorded_at, recorded_by, reason, done_at, whole, \
               cancelled_at FROM responsibility_event ORDER BY id";
    let mut events = tx.query(sql, &[], event)?;
    let mut mpids: HashMap<i64, Vec<FuelMpid>> = HashMap::new();
    tx.each("SELECT event, fuel, mpid FROM responsibility_mpid ORDER BY event, fuel, mpid", &[], |row| {
        mpids.entry(row.int(0)?).or_default().push((row.parsed(1)?, row.parsed(2)?));
        Ok(())
    })?;
    for event in &mut events {
        event.mpids = mpids.remove(&event.id).unwrap_or_default();
    }
    Ok(events)
}

/// The market participant ids of an installation: by the inventory, without a date, then those of its registrations with the date
/// from which each holds, earliest first.
///
/// # Errors
/// If the database fails.
pub fn mpids_of(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(FuelMpid, Option<Date>)>, StoreError> {
    let by_inventory = "SELECT p.fuel, p.mpid FROM installation i JOIN mpid p ON p.id = i.electricity_mpid OR p.id = i.gas_mpid \
                        WHERE i.chf = $1 ORDER BY p.fuel";
    let number = [Value::Int(eui_number(chf))];
    let mut all = tx.query(by_inventory, &number, |row| Ok(((row.parsed(0)?, row.parsed(1)?), None)))?;
    let registered = "SELECT p.fuel, p.mpid, r.effective FROM installation i \
                      JOIN registration r ON r.fuel = 'ELECTRICITY' AND r.point = i.mpan OR r.fuel = 'GAS' AND r.point = i.mprn \
                      JOIN mpid p ON p.id = r.mpid WHERE i.chf = $1 ORDER BY p.fuel, r.effective";
    all.extend(tx.query(registered, &number, |row| Ok(((row.parsed(0)?, row.parsed(1)?), Some(row.date(2)?))))?);
    Ok(all)
}

/// How an authorisation passed from one supplier to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// The installation.
    pub chf: Eui64,
    /// The file whose row it is.
    pub file: i64,
    /// When.
    pub at: Timestamp,
    /// Whose it was.
    pub from: Party,
    /// Whose it is.
    pub to: Party,
}

/// Notes how authorisations passed.
///
/// # Errors
/// If the database fails.
pub fn add_passings(tx: &mut Tx<'_>, passings: &[Passing]) -> Result<(), StoreError> {
    if passings.is_empty() {
        return Ok(());
    }
    let first = super::record::next_id(tx, "SELECT max(id) FROM passing")?;
    let mut insert = tx.inserter("passing", &["id", "chf", "file", "at", "from_party", "to_party", "day"])?;
    for (id, passing) in (first..).zip(passings) {
        insert.row(&[
            Value::Int(id),
            Value::Int(eui_number(passing.chf)),
            Value::Int(passing.file),
            moment(passing.at),
            party(&passing.from),
            party(&passing.to),
            day_of(passing.at),
        ])?;
    }
    insert.finish().map(drop)
}

/// The day of a moment in Great Britain.
fn day_of(at: Timestamp) -> Value<'static> {
    date(at.to_zoned(LONDON).date())
}

/// Notes of each passing on which day it was.
///
/// # Errors
/// If the database fails.
pub(crate) fn note_days(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let passings = tx.query("SELECT id, at FROM passing ORDER BY id", &[], |row| Ok((row.int(0)?, row.moment(1)?)))?;
    let mut update = tx.updater("UPDATE passing SET day = $2 WHERE id = $1")?;
    for (id, at) in passings {
        update.row(&[Value::Int(id), day_of(at)])?;
    }
    update.finish().map(drop)
}

/// How the authorisations of an installation passed, oldest first.
///
/// # Errors
/// If the database fails.
pub fn passings(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<Passing>, StoreError> {
    let sql = "SELECT file, at, from_party, to_party FROM passing WHERE chf = $1 ORDER BY id";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| {
        Ok(Passing { chf, file: row.int(0)?, at: row.moment(1)?, from: row.parsed(2)?, to: row.parsed(3)? })
    })
}

/// The authorisations of an installation that have passed from a party, in the order of their files: each as it was when it
/// passed the last time, with the party to which it did. What was decided on it since is not told.
///
/// # Errors
/// If the database fails.
pub fn passed_on(tx: &mut View<'_>, chf: Eui64, from: &Party) -> Result<Vec<StoredAuthorisation>, StoreError> {
    let sql = "SELECT chf, file, row, to_party, s1sp, date, priority, state, CAST(0 AS BIGINT), CAST(0 AS BIGINT), reference, \
               codes, CAST(NULL AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(NULL AS TEXT), CAST(0 AS BIGINT) \
               FROM passed_on p \
               WHERE chf = $1 AND from_party = $2 AND NOT EXISTS (SELECT 1 FROM passed_on l WHERE l.chf = p.chf \
               AND l.file = p.file AND l.from_party = p.from_party AND l.id > p.id) ORDER BY file";
    tx.query(sql, &[Value::Int(eui_number(chf)), party(from)], stored)
}

/// What is in the name of market participant ids, by the inventory or a registration. The numbers are ours, and few.
fn supplied(mpids: &[i64]) -> String {
    let list: Vec<String> = mpids.iter().map(ToString::to_string).collect();
    let list = format!("({})", list.join(", "));
    let points = |fuel: &str| format!("(SELECT point FROM registration WHERE fuel = '{fuel}' AND mpid IN {list})");
    format!(
        "(electricity_mpid IN {list} OR gas_mpid IN {list} OR mpan IN {} OR mprn IN {})",
        points("ELECTRICITY"),
        points("GAS")
    )
}

/// How many installations are in the name of market participant ids, by their numbers.
///
/// # Errors
/// If the database fails.
pub fn installations(tx: &mut View<'_>, mpids: &[i64]) -> Result<u64, StoreError> {
    if mpids.is_empty() {
        return Ok(0);
    }
    let sql = format!("SELECT count(*) FROM installation WHERE {}", supplied(mpids));
    tx.query_one(&sql, &[], |row| row.count(0))
}

/// The Dormant installations that are planned for a week and in the name of market participant ids: S1SP, week, installation.
///
/// # Errors
/// If the database fails.
pub fn dormant(tx: &mut View<'_>, mpids: &[i64]) -> Result<Vec<(S1sp, Date, Eui64)>, StoreError> {
    if mpids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT dormant_line.s1sp, week, dormant_line.chf FROM dormant_line \
         JOIN installation ON installation.chf = dormant_line.chf \
         WHERE state IN ('PLANNED', 'NOTICED', 'SCHEDULED', 'STOPPED') AND {} ORDER BY 1, 2, 3",
        supplied(mpids)
    );
    tx.query(&sql, &[], |row| Ok((row.parsed(0)?, row.date(1)?, super::convert::eui_of(row.int(2)?))))
}
