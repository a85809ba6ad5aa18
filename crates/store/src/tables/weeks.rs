//! Weeks before their result: capacity, milestones, demand, forecast.

use super::convert::{Columns, count, date, eui_number, eui_of, moment, party, s1sp, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::scaling::Capacity;
use std::collections::{BTreeMap, BTreeSet};

/// The capacity of the days of an S1SP from one date to another, both included.
///
/// # Errors
/// If the database fails.
pub fn capacity(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<BTreeMap<Date, Capacity>, StoreError> {
    let sql = "SELECT date, total, reserve FROM capacity WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
    let rows = tx.query(sql, &[s1sp(of), date(from), date(to)], |row| {
        let capacity = Capacity::new(row.count(1)?, row.count(2)?);
        Ok((row.date(0)?, capacity.map_err(|error| StoreError::Type(error.to_string()))?))
    })?;
    Ok(rows.into_iter().collect())
}

/// Every S1SP and day with a capacity line.
///
/// # Errors
/// If the database fails.
pub fn days_with_capacity(tx: &mut View<'_>) -> Result<Vec<(S1sp, Date)>, StoreError> {
    tx.query("SELECT s1sp, date FROM capacity ORDER BY s1sp, date", &[], |row| Ok((row.parsed(0)?, row.date(1)?)))
}

/// Writes the capacity of a pool.
///
/// # Errors
/// If the database fails.
pub fn set_capacity(tx: &mut Tx<'_>, of: &S1sp, day: Date, capacity: Capacity) -> Result<(), StoreError> {
    tx.touched.clock(*of, day);
    // ACC-2: to set it where it was another is to do something else.
    tx.witness("SELECT total, reserve FROM capacity WHERE s1sp = $1 AND date = $2", &[s1sp(of), date(day)])?;
    let sql = "INSERT INTO capacity (s1sp, date, total, reserve) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (s1sp, date) DO UPDATE SET total = excluded.total, reserve = excluded.reserve";
    tx.execute(sql, &[s1sp(of), date(day), count(capacity.total()), count(capacity.reserve())]).map(drop)
}

/// Takes the capacity line of a pool away.
///
/// # Errors
/// If the database fails.
pub fn remove_capacity(tx: &mut Tx<'_>, of: &S1sp, day: Date) -> Result<(), StoreError> {
    tx.touched.clock(*of, day);
    tx.execute("DELETE FROM capacity WHERE s1sp = $1 AND date = $2", &[s1sp(of), date(day)]).map(drop)
}

/// CAL-4, CAL-7: the milestones of a week that were moved.
///
/// # Errors
/// If the database fails.
pub fn moved(tx: &mut View<'_>, week: Date) -> Result<Vec<MovedMilestone>, StoreError> {
    let sql = "SELECT milestone, at, outage FROM moved_milestone WHERE week = $1 ORDER BY at, milestone";
    tx.query(sql, &[date(week)], |row| {
        Ok(MovedMilestone { milestone: row.parsed(0)?, at: row.moment(1)?, outage: row.opt_int(2)? })
    })
}

/// A milestone of a week that was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedMilestone {
    /// Which.
    pub milestone: Milestone,
    /// Where it stands.
    pub at: Timestamp,
    /// CAL-7: the outage that moved it; nothing where operators did (CAL-4).
    pub outage: Option<i64>,
}

/// CAL-4: moves a milestone of a week; CAL-7: because of an outage, where there is one.
///
/// # Errors
/// If the database fails.
pub fn move_milestone(
    tx: &mut Tx<'_>,
    week: Date,
    milestone: Milestone,
    at: Timestamp,
    reason: &str,
    outage: Option<i64>,
) -> Result<(), StoreError> {
    // ACC-2: from another moment it is another move.
    let stands = "SELECT at, reason FROM moved_milestone WHERE week = $1 AND milestone = $2";
    tx.witness(stands, &[date(week), text(milestone.id())])?;
    let sql = "INSERT INTO moved_milestone (week, milestone, at, reason, outage) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (week, milestone) DO UPDATE SET at = excluded.at, reason = excluded.reason, outage = excluded.outage";
    let outage = outage.map_or(Value::Null, Value::Given);
    tx.execute(sql, &[date(week), text(milestone.id()), moment(at), text(reason), outage]).map(drop)
}

/// The milestones whose work is done.
///
/// # Errors
/// If the database fails.
pub fn passed(tx: &mut View<'_>) -> Result<Vec<(S1sp, Date, Milestone)>, StoreError> {
    let sql = "SELECT s1sp, week, milestone FROM passed_milestone WHERE milestone <> $1 AND milestone NOT LIKE $2 \
               ORDER BY s1sp, week, milestone";
    tx.query(sql, &[text(CLOSED), text(QUERIES_OF)], |row| Ok((row.parsed(0)?, row.date(1)?, row.parsed(2)?)))
}

/// Those of the weeks with one whose work is not done.
///
/// # Errors
/// If the database fails.
pub fn passed_of_open(tx: &mut View<'_>) -> Result<BTreeSet<(S1sp, Date, Milestone)>, StoreError> {
    let sql = "SELECT m.s1sp, m.week, m.milestone FROM clock_left l JOIN passed_milestone m ON m.s1sp = l.s1sp AND m.week = l.date \
               WHERE l.what = 'WEEK' AND m.milestone <> $1 AND m.milestone NOT LIKE $2";
    let row = |row: &Row<'_>| Ok((row.parsed(0)?, row.date(1)?, row.parsed(2)?));
    let passed = tx.query(sql, &[text(CLOSED), text(QUERIES_OF)], row)?;
    Ok(passed.into_iter().collect())
}

/// Is the work of a milestone of a week done?
///
/// # Errors
/// If the database fails.
pub fn has_passed(tx: &mut View<'_>, of: &S1sp, week: Date, milestone: Milestone) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM passed_milestone WHERE s1sp = $1 AND week = $2 AND milestone = $3";
    let found = tx.query_optional(sql, &[s1sp(of), date(week), text(milestone.id())], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Stands among the milestones of a week that has passed without a result (CAL-5).
const CLOSED: &str = "closed";

/// CAL-5: the weeks of an S1SP that were closed without a result, in order.
///
/// # Errors
/// If the database fails.
pub fn closed(tx: &mut View<'_>, of: &S1sp) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT week FROM passed_milestone WHERE s1sp = $1 AND milestone = $2 ORDER BY week";
    tx.query(sql, &[s1sp(of), text(CLOSED)], |row| row.date(0))
}

/// CAL-5: when a week of an S1SP was closed without a result, if it was.
///
/// # Errors
/// If the database fails.
pub fn closed_at(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM passed_milestone WHERE s1sp = $1 AND week = $2 AND milestone = $3";
    tx.query_optional(sql, &[s1sp(of), date(week), text(CLOSED)], |row| row.moment(0))
}

/// CAL-5: closes a week without a result.
///
/// # Errors
/// If it is closed.
pub fn close(tx: &mut Tx<'_>, of: &S1sp, week: Date, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO passed_milestone (s1sp, week, milestone, at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[s1sp(of), date(week), text(CLOSED), moment(at)]).map(drop)
}

/// What stands among the milestones of a week until when a version of its result may be asked about, where that was decided when it was
/// published (MSM-11), before the number of the version.
const QUERIES: &str = "queries ";

/// Whatever begins with it.
const QUERIES_OF: &str = "queries %";

/// MSM-11: until when queries may be raised against versions of the result of a week, where that was decided with their publication.
///
/// # Errors
/// If the database fails.
pub fn queries(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<BTreeMap<i64, Timestamp>, StoreError> {
    let sql = "SELECT milestone, at FROM passed_milestone WHERE s1sp = $1 AND week = $2 AND milestone LIKE $3";
    let decided = tx.query(sql, &[s1sp(of), date(week), text(QUERIES_OF)], |row| {
        let version = row.text(0)?.trim_start_matches(QUERIES).parse();
        let version = version.map_err(|_| StoreError::Unreadable("a version is a number".to_owned()))?;
        Ok((version, row.moment(1)?))
    })?;
    Ok(decided.into_iter().collect())
}

/// MSM-11: decides until when queries may be raised against a version.
///
/// # Errors
/// If it is decided already.
pub fn decide_queries(
    tx: &mut Tx<'_>,
    of: &S1sp,
    (week, version): (Date, i64),
    until: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO passed_milestone (s1sp, week, milestone, at) VALUES ($1, $2, $3, $4)";
    let what = format!("{QUERIES}{version}");
    tx.execute(sql, &[s1sp(of), date(week), text(&what), moment(until)]).map(drop)
}

/// Notes that the work of a milestone is done.
///
/// # Errors
/// If it was already.
pub fn pass(tx: &mut Tx<'_>, of: &S1sp, week: Date, milestone: Milestone, at: Timestamp) -> Result<(), StoreError> {
    tx.touched.clock(*of, week);
    let sql = "INSERT INTO passed_milestone (s1sp, week, milestone, at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[s1sp(of), date(week), text(milestone.id()), moment(at)]).map(drop)
}

/// CAL-7: takes back that the work of a milestone is done: it comes later.
///
/// # Errors
/// If the database fails.
pub fn take_back(tx: &mut Tx<'_>, of: &S1sp, week: Date, milestone: Milestone) -> Result<(), StoreError> {
    tx.touched.clock(*of, week);
    let sql = "DELETE FROM passed_milestone WHERE s1sp = $1 AND week = $2 AND milestone = $3";
    tx.execute(sql, &[s1sp(of), date(week), text(milestone.id())]).map(drop)
}

/// What one User ID asks of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// The User ID.
    pub user_id: Eui64,
    /// Installations.
    pub units: u64,
}

/// The demand standing for the days of an S1SP, in the order of day, party and User ID.
///
/// # Errors
/// If the database fails.
pub fn demand(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<Demand>, StoreError> {
    let sql = "SELECT date, party, user_id, units FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               ORDER BY date, party, user_id";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| {
        let (date, party) = (row.date(0)?, row.parsed(1)?);
        Ok(Demand { date, party, user_id: eui_of(row.int(2)?), units: row.count(3)? })
    })
}

/// The same with the file that each line is from.
///
/// # Errors
/// If the database fails.
pub fn demand_with_files(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<(Demand, i64)>, StoreError> {
    let sql = "SELECT date, party, user_id, units, file FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               ORDER BY date, party, user_id";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| {
        let (date, party, user_id) = (row.date(0)?, row.parsed(1)?, eui_of(row.int(2)?));
        Ok((Demand { date, party, user_id, units: row.count(3)? }, row.int(4)?))
    })
}

/// MSM-2: replaces the demand of a User ID by a new total.
///
/// # Errors
/// If the database fails.
pub fn replace_demand(tx: &mut Tx<'_>, of: &S1sp, demand: &[Demand], file: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO demand (s1sp, date, party, user_id, units, file) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (s1sp, date, party, user_id) DO UPDATE SET units = excluded.units, file = excluded.file";
    for line in demand {
        let id = Value::Int(eui_number(line.user_id));
        let values = [s1sp(of), date(line.date), party(&line.party), id, count(line.units), Value::Int(file)];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// A party's forecast for a day, in installations (MSM-15).
pub type Forecast = (Date, Party, u64);

/// The forecast of the days of an S1SP.
///
/// # Errors
/// If the database fails.
pub fn forecast(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<Forecast>, StoreError> {
    let sql = "SELECT date, party, units FROM forecast WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY date, party";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| Ok((row.date(0)?, row.parsed(1)?, row.count(2)?)))
}

/// MSM-15: adds a forecast.
///
/// # Errors
/// If the party has one for the day.
pub fn add_forecast(tx: &mut Tx<'_>, of: &S1sp, (day, whose, units): Forecast) -> Result<(), StoreError> {
    let sql = "INSERT INTO forecast (s1sp, date, party, units) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[s1sp(of), date(day), party(&whose), count(units)]).map(drop)
}

/// MSM-15: takes the demand standing now as the forecast of a week.
///
/// # Errors
/// If the database fails.
pub fn take_forecast(tx: &mut Tx<'_>, of: &S1sp, from: Date, to: Date) -> Result<(), StoreError> {
    let sql = "INSERT INTO forecast (s1sp, date, party, units) SELECT s1sp, date, party, CAST(sum(units) AS BIGINT) \
               FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 GROUP BY s1sp, date, party";
    tx.execute(sql, &[s1sp(of), date(from), date(to)]).map(drop)
}
