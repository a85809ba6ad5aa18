//! What follows from one party to another with a responsibility event (MAM-11): demand, forecast, balances, holds.

use super::convert::{Columns, count, date, eui_number, eui_of, party, s1sp};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party, S1sp};

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
    tx.query(sql, &[party(whose)], |row| Ok(eui_of(row.int(0)?)))
}

/// Gives the holds of a party on an installation to another.
///
/// # Errors
/// If the database fails.
pub fn pass_hold(tx: &mut Tx<'_>, chf: Eui64, from: &Party, to: &Party) -> Result<(), StoreError> {
    let sql = "UPDATE hold SET party = $3 WHERE chf = $1 AND party = $2";
    tx.execute(sql, &[Value::Int(eui_number(chf)), party(from), party(to)]).map(drop)
}
