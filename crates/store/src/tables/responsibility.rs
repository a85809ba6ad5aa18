//! Responsibility events, and what follows from one party to another with them (MAM-11).

use super::authorisations::{StoredAuthorisation, stored};
use super::convert::{Columns, count, date, eui_number, moment, opt, party, s1sp, text};
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

/// Each market participant id that has passed, from whom and to whom, in the order in which it did.
pub(super) fn each_passed(tx: &mut View<'_>, mut on: impl FnMut(Fuel, Mpid, Party, Party)) -> Result<(), StoreError> {
    let sql = "SELECT fuel, mpid, from_party, to_party FROM responsibility_event \
               JOIN responsibility_mpid ON event = id WHERE done_at IS NOT NULL \
               ORDER BY done_at, CASE WHEN effective > recorded_at THEN effective ELSE recorded_at END, id, fuel, mpid";
    tx.each(sql, &[], |row| {
        on(row.parsed(0)?, row.parsed(1)?, row.parsed(2)?, row.parsed(3)?);
        Ok(())
    })
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

/// The demand of a party from a date on, in the order of S1SP and day.
///
/// # Errors
/// If the database fails.
pub fn demand(tx: &mut View<'_>, of: &Party, since: Date) -> Result<Vec<(S1sp, Date, u64)>, StoreError> {
    let sql = "SELECT s1sp, date, CAST(sum(units) AS BIGINT) FROM demand WHERE party = $1 AND date >= $2 \
               GROUP BY s1sp, date ORDER BY s1sp, date";
    tx.query(sql, &[party(of), date(since)], |row| Ok((row.parsed(0)?, row.date(1)?, row.count(2)?)))
}

/// Takes the demand of a party for a day away.
///
/// # Errors
/// If the database fails.
pub fn drop_demand(tx: &mut Tx<'_>, of: &S1sp, day: Date, whose: &Party) -> Result<(), StoreError> {
    let sql = "DELETE FROM demand WHERE s1sp = $1 AND date = $2 AND party = $3";
    tx.execute(sql, &[s1sp(of), date(day), party(whose)]).map(drop)
}

/// Adds the demand of a party from a date on to that of another, under a User ID of that one: its next file states the total
/// of both.
///
/// # Errors
/// If the database fails.
pub fn pass_demand(tx: &mut Tx<'_>, from: &Party, to: &Party, under: Eui64, since: Date) -> Result<(), StoreError> {
    let passed = "SELECT * FROM demand WHERE party IN ($1, $2) AND date >= $3 ORDER BY s1sp, date, party, user_id";
    tx.witness(passed, &[party(from), party(to), date(since)])?;
    let sql = "INSERT INTO demand (s1sp, date, party, user_id, units, file) \
               SELECT s1sp, date, $2, $3, CAST(sum(units) AS BIGINT), max(file) FROM demand \
               WHERE party = $1 AND date >= $4 GROUP BY s1sp, date \
               ON CONFLICT (s1sp, date, party, user_id) DO UPDATE SET units = demand.units + excluded.units";
    tx.execute(sql, &[party(from), party(to), Value::Int(eui_number(under)), date(since)])?;
    tx.execute("DELETE FROM demand WHERE party = $1 AND date >= $2", &[party(from), date(since)]).map(drop)
}

/// MAM-11: units of a party's demand for a day become another's with rows that pass, as far as it has them; under a User ID of
/// that one. Gives how many, in installations.
///
/// # Errors
/// If the database fails.
pub fn pass_units(
    tx: &mut Tx<'_>,
    (of, day): (&S1sp, Date),
    (from, to): (&Party, &Party),
    under: Eui64,
    units: u64,
) -> Result<u64, StoreError> {
    let sql = "SELECT user_id, units, file FROM demand WHERE s1sp = $1 AND date = $2 AND party = $3 AND units > 0 \
               ORDER BY user_id";
    let standing =
        tx.query(sql, &[s1sp(of), date(day), party(from)], |row| Ok((row.int(0)?, row.count(1)?, row.int(2)?)))?;
    let mut left = units;
    for (user_id, standing, file) in standing {
        let passed = standing.min(left);
        left -= passed;
        let less = "UPDATE demand SET units = $5 WHERE s1sp = $1 AND date = $2 AND party = $3 AND user_id = $4";
        let key = [s1sp(of), date(day), party(from), Value::Int(user_id), count(standing - passed)];
        tx.execute(less, &key)?;
        let more = "INSERT INTO demand (s1sp, date, party, user_id, units, file) VALUES ($1, $2, $3, $4, $5, $6) \
                    ON CONFLICT (s1sp, date, party, user_id) DO UPDATE SET units = demand.units + excluded.units";
        let id = Value::Int(eui_number(under));
        tx.execute(more, &[s1sp(of), date(day), party(to), id, count(passed), Value::Int(file)])?;
        if left == 0 {
            break;
        }
    }
    Ok(units - left)
}

/// Units of a party's demand for a day that have passed since its result became firm, in installations; below 0 where they have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedDemand {
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// The last event that was done by then; 0 where an earlier program noted it.
    pub event: i64,
    /// How many more or less.
    pub units: i64,
}

/// Notes that units of demand for a day of a firm result have passed from one party to another, in installations; `event` is the last
/// one that was done by then.
///
/// # Errors
/// If the database fails.
pub fn note_passed(
    tx: &mut Tx<'_>,
    (of, day, event): (&S1sp, Date, i64),
    (from, to): (&Party, &Party),
    units: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO passed_demand (s1sp, date, party, event, units) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (s1sp, date, party, event) DO UPDATE SET units = passed_demand.units + excluded.units";
    for (whose, units) in [(from, -units), (to, units)] {
        tx.execute(sql, &[s1sp(of), date(day), party(whose), Value::Int(event), Value::Int(units)])?;
    }
    Ok(())
}

/// By how much the demand of parties for days is more or less than their firm results counted.
///
/// # Errors
/// If the database fails.
pub fn passed_demand(tx: &mut View<'_>, of: &S1sp, (from, to): (Date, Date)) -> Result<Vec<PassedDemand>, StoreError> {
    let sql = "SELECT date, party, event, units FROM passed_demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               ORDER BY date, party, event";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| {
        Ok(PassedDemand { date: row.date(0)?, party: row.parsed(1)?, event: row.int(2)?, units: row.int(3)? })
    })
}

/// Adds the forecast of a party from a date on to that of another.
///
/// # Errors
/// If the database fails.
pub fn pass_forecast(tx: &mut Tx<'_>, from: &Party, to: &Party, since: Date) -> Result<(), StoreError> {
    let passed = "SELECT * FROM forecast WHERE party IN ($1, $2) AND date >= $3 ORDER BY s1sp, date, party";
    tx.witness(passed, &[party(from), party(to), date(since)])?;
    let sql = "INSERT INTO forecast (s1sp, date, party, units) SELECT s1sp, date, $2, units FROM forecast \
               WHERE party = $1 AND date >= $3 \
               ON CONFLICT (s1sp, date, party) DO UPDATE SET units = forecast.units + excluded.units";
    tx.execute(sql, &[party(from), party(to), date(since)])?;
    tx.execute("DELETE FROM forecast WHERE party = $1 AND date >= $2", &[party(from), date(since)]).map(drop)
}

/// Adds the eligible installations of a party, counted for weeks from a Monday on, to those of another.
///
/// # Errors
/// If the database fails.
pub fn pass_eligible(tx: &mut Tx<'_>, from: &Party, to: &Party, since: Date) -> Result<(), StoreError> {
    let passed = "SELECT * FROM eligible_count WHERE party IN ($1, $2) AND week >= $3 ORDER BY s1sp, week, party";
    tx.witness(passed, &[party(from), party(to), date(since)])?;
    let sql = "INSERT INTO eligible_count (s1sp, week, party, units) SELECT s1sp, week, $2, units FROM eligible_count \
               WHERE party = $1 AND week >= $3 \
               ON CONFLICT (s1sp, week, party) DO UPDATE SET units = eligible_count.units + excluded.units";
    tx.execute(sql, &[party(from), party(to), date(since)])?;
    let sql = "UPDATE eligible_count SET units = 0 WHERE party = $1 AND week >= $2";
    tx.execute(sql, &[party(from), date(since)]).map(drop)
}

/// Adds the rounding balance of a party at an S1SP to that of another.
///
/// # Errors
/// If the database fails.
pub fn pass_balances(tx: &mut Tx<'_>, of: &S1sp, from: &Party, to: &Party) -> Result<(), StoreError> {
    let passed = "SELECT * FROM balance WHERE party IN ($1, $2) AND s1sp = $3 ORDER BY s1sp, party";
    tx.witness(passed, &[party(from), party(to), s1sp(of)])?;
    let sql = "INSERT INTO balance (s1sp, party, nano) SELECT s1sp, $2, nano FROM balance WHERE party = $1 AND s1sp = $3 \
               ON CONFLICT (s1sp, party) DO UPDATE SET nano = balance.nano + excluded.nano";
    tx.execute(sql, &[party(from), party(to), s1sp(of)])?;
    tx.execute("DELETE FROM balance WHERE party = $1 AND s1sp = $2", &[party(from), s1sp(of)]).map(drop)
}

/// The installations that a party holds or held, in order.
///
/// # Errors
/// If the database fails.
pub fn holds_of(tx: &mut View<'_>, whose: &Party) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT DISTINCT chf FROM hold WHERE party = $1 ORDER BY chf";
    tx.query(sql, &[party(whose)], |row| Ok(super::convert::eui_of(row.int(0)?)))
}

/// Gives the holds of a party on an installation to another.
///
/// # Errors
/// If the database fails.
pub fn pass_hold(tx: &mut Tx<'_>, chf: Eui64, from: &Party, to: &Party) -> Result<(), StoreError> {
    let sql = "UPDATE hold SET party = $3 WHERE chf = $1 AND party = $2";
    tx.execute(sql, &[Value::Int(eui_number(chf)), party(from), party(to)]).map(drop)
}
