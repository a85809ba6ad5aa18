//! What was scheduled and what became of it; what rows there were; what was forecast.

use super::{Sight, whole};
use crate::error::StoreError;
use crate::tables::convert::{Columns, date, s1sp};
use crate::tables::results::AllocationRecord;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Party, S1sp};

/// How many installations of a day had an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// The supplier whose unit was used; of a Dormant installation the supplier of its meters.
    pub party: Option<Party>,
    /// Were they planned by DCC as Dormant installations?
    pub dormant: bool,
    /// MIGRATED, FAILED, NOT_ATTEMPTED or UNKNOWN; STARTED or NONE while there is none.
    pub outcome: String,
    /// Installations.
    pub count: u64,
    /// Of them, failures that count as an attempt (OUT-2).
    pub attempts: u64,
}

/// What became of the installations in the latest schedules, by day and supplier.
///
/// # Errors
/// If the database fails.
pub fn outcomes(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<OutcomeCount>, StoreError> {
    let sql = "SELECT date, party, CASE what WHEN 'DORMANT' THEN 1 ELSE 0 END, outcome, CAST(sum(units) AS BIGINT), \
                 CAST(sum(attempts) AS BIGINT) FROM day_count \
               WHERE s1sp = $1 AND what IN ('ACTIVE', 'DORMANT') AND date BETWEEN $2 AND $3 AND ($4 = '' OR party = $4) \
               GROUP BY date, party, what, outcome ORDER BY date, party, what, outcome";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp), |row| {
            Ok(OutcomeCount {
                s1sp: *s1sp,
                date: row.date(0)?,
                party: row.text(1)?.parse().ok(),
                dormant: row.flag(2)?,
                outcome: row.text(3)?.to_owned(),
                count: whole(row, 4)?,
                attempts: whole(row, 5)?,
            })
        })?);
    }
    Ok(all)
}

/// How often a failure was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The code.
    pub code: String,
    /// The stage; empty if not given.
    pub stage: String,
    /// Installations.
    pub count: u64,
    /// Of them, those that count as an attempt.
    pub attempts: u64,
}

/// The failures by code and stage.
///
/// # Errors
/// If the database fails.
pub fn failures(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<FailureCount>, StoreError> {
    let sql = "SELECT code, stage, CAST(sum(units) AS BIGINT), CAST(sum(attempts) AS BIGINT) FROM day_count \
               WHERE s1sp = $1 AND what IN ('ACTIVE', 'DORMANT') AND date BETWEEN $2 AND $3 AND ($4 = '' OR party = $4) \
               AND outcome = 'FAILED' GROUP BY code, stage ORDER BY code, stage";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp), |row| {
            Ok(FailureCount {
                s1sp: *s1sp,
                code: row.text(0)?.to_owned(),
                stage: row.text(1)?.to_owned(),
                count: whole(row, 2)?,
                attempts: whole(row, 3)?,
            })
        })?);
    }
    Ok(all)
}

/// Installations whose authorisation gave a unit of its supplier up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day that the unit was of.
    pub date: Date,
    /// The supplier.
    pub party: Party,
    /// What the authorisation became: STOPPED, DEFERRED, LAPSED, EXPIRED, WITHDRAWN or MOVED.
    pub became: State,
    /// Installations.
    pub count: u64,
}

/// The installations of which a row gave up a unit and none of its supplier stands for the day since.
///
/// # Errors
/// If the database fails.
pub fn given_up(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<GivenUp>, StoreError> {
    let sql = "SELECT date, party, outcome, units FROM day_count WHERE s1sp = $1 AND what = 'GIVEN_UP' \
               AND date BETWEEN $2 AND $3 AND ($4 = '' OR party = $4) ORDER BY date, party, outcome";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp), |row| {
            let (date, party, became) = (row.date(0)?, row.parsed(1)?, row.parsed(2)?);
            Ok(GivenUp { s1sp: *s1sp, date, party, became, count: whole(row, 3)? })
        })?);
    }
    Ok(all)
}

/// Installations of a supplier that stood for a day with a unit of its and do so no more; not those whose row it took back or
/// moved itself.
///
/// # Errors
/// If the database fails.
pub fn dropped(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, units FROM day_count WHERE s1sp = $1 AND what = 'DROPPED' AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) ORDER BY date, party";
    units(tx, sight, sql)
}

/// Units that accepted rows use.
///
/// # Errors
/// If the database fails.
pub fn accepted(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, units FROM day_count WHERE s1sp = $1 AND what = 'UNIT' AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) AND outcome = 'ACCEPTED' ORDER BY date, party";
    units(tx, sight, sql)
}

/// Units that rows use which are in no schedule.
///
/// # Errors
/// If the database fails.
pub fn in_use(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, CAST(sum(units) AS BIGINT) FROM day_count WHERE s1sp = $1 AND what = 'UNIT' \
               AND date BETWEEN $2 AND $3 AND ($4 = '' OR party = $4) GROUP BY date, party ORDER BY date, party";
    units(tx, sight, sql)
}

/// A quantity of a supplier on a day, in installations.
pub type Units = (S1sp, Date, Party, u64);

fn units(tx: &mut View<'_>, sight: &Sight, sql: &'static str) -> Result<Vec<Units>, StoreError> {
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        let read = |row: &crate::row::Row<'_>| Ok((*s1sp, row.date(0)?, row.parsed(1)?, whole(row, 2)?));
        all.extend(tx.query(sql, &sight.values(s1sp), read)?);
    }
    Ok(all)
}

/// The forecasts (MSM-15).
///
/// # Errors
/// If the database fails.
pub fn forecast(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, units FROM forecast WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) ORDER BY date, party";
    units(tx, sight, sql)
}

/// The demand standing.
///
/// # Errors
/// If the database fails.
pub fn demand(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, CAST(sum(units) AS BIGINT) FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) GROUP BY date, party ORDER BY date, party";
    units(tx, sight, sql)
}

/// The days that have capacity or demand.
///
/// # Errors
/// If the database fails.
pub fn known(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<(S1sp, Date)>, StoreError> {
    let sql = "SELECT date FROM capacity WHERE s1sp = $1 AND date BETWEEN $2 AND $3 UNION \
               SELECT date FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        let [of, ..] = sight.values(s1sp);
        let days = [of, date(sight.from()), date(sight.to())];
        all.extend(tx.query(sql, &days, |row| Ok((*s1sp, row.date(0)?)))?);
    }
    Ok(all)
}

/// The counted demand of a version of a week's result, by day and party; to a supplier its own, and what has passed to it
/// (MAM-11).
///
/// # Errors
/// If the database fails.
pub fn counted(
    tx: &mut View<'_>,
    of: &S1sp,
    (first, last): (Date, Date),
    version: i64,
) -> Result<Vec<(Date, Party, u64)>, StoreError> {
    let sql = "SELECT date, party, counted FROM result_line \
               WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND version = $4 ORDER BY date, party";
    let values = [s1sp(of), date(first), date(last), crate::value::Value::Int(version)];
    tx.query(sql, &values, |row| Ok((row.date(0)?, row.parsed(1)?, row.count(2)?)))
}

/// What the parties have of days.
///
/// # Errors
/// If the database fails.
pub fn held(tx: &mut View<'_>, of: &S1sp, (first, last): (Date, Date)) -> Result<Vec<AllocationRecord>, StoreError> {
    let sql = "SELECT date, party, units, handed_back FROM allocation \
               WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY date, party";
    tx.query(sql, &[s1sp(of), date(first), date(last)], |row| {
        let (date, party) = (row.date(0)?, row.parsed(1)?);
        Ok(AllocationRecord { date, party, units: row.count(2)?, handed_back: row.count(3)? })
    })
}
