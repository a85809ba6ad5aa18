//! What was scheduled and what became of it; what rows there were; what was forecast.

use super::{Holders, Sight, whole};
use crate::tables::convert::{Columns, date, s1sp, text};
use crate::{StoreError, Tx};
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Party, S1sp};
use std::collections::BTreeMap;

/// The latest schedules of the days of an S1SP, each line with the supplier that led it and with its outcome. Values: S1SP,
/// first and last day. The authorisation is found by its installation: what is added to date and S1SP keeps a planner from
/// reading all of the day's for each line.
macro_rules! scheduled {
    () => {
        "WITH latest AS (SELECT s1sp, date, max(version) AS version FROM schedule \
           WHERE s1sp = $1 AND date BETWEEN $2 AND $3 GROUP BY s1sp, date), \
         scheduled AS (SELECT l.date AS date, l.chf AS chf, \
           CASE WHEN l.type = 'DORMANT' THEN 1 ELSE 0 END AS dormant, \
           COALESCE((SELECT a.party FROM authorisation a WHERE a.chf = l.chf AND a.date + 0 = l.date AND a.s1sp || '' = l.s1sp \
             AND a.state IN ('SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED') \
             ORDER BY CASE WHEN a.party = l.electricity_party THEN 0 WHEN a.party = l.gas_party THEN 2 ELSE 1 END, \
             a.party LIMIT 1), \
             l.electricity_party, l.gas_party, '') AS party, \
           CASE WHEN o.chf IS NULL THEN 'NONE' WHEN o.outcome IS NULL THEN 'STARTED' ELSE o.outcome END AS outcome, \
           COALESCE(o.stage, '') AS stage, COALESCE(o.code, '') AS code, COALESCE(o.attempt, 0) AS counted \
           FROM latest v JOIN schedule_line l ON l.s1sp = v.s1sp AND l.date = v.date AND l.version = v.version \
           LEFT JOIN outcome o ON o.s1sp = l.s1sp AND o.date = l.date AND o.chf = l.chf) "
    };
}

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
pub fn outcomes(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<OutcomeCount>, StoreError> {
    let sql = concat!(
        scheduled!(),
        "SELECT date, party, dormant, outcome, count(*), CAST(sum(counted) AS BIGINT) FROM scheduled \
         WHERE ($4 = '' OR party = $4) GROUP BY date, party, dormant, outcome ORDER BY date, party, dormant, outcome"
    );
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
pub fn failures(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<FailureCount>, StoreError> {
    let sql = concat!(
        scheduled!(),
        "SELECT code, stage, count(*), CAST(sum(counted) AS BIGINT) FROM scheduled \
         WHERE outcome = 'FAILED' AND ($4 = '' OR party = $4) GROUP BY code, stage ORDER BY code, stage"
    );
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

/// How many rows of Lead Suppliers were in a state; the other supplier's row of split supply does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day that they are for.
    pub date: Date,
    /// The supplier.
    pub party: Party,
    /// The state.
    pub state: State,
    /// Rows.
    pub count: u64,
    /// Of them, those that use a unit.
    pub units: u64,
    /// Of them, those that were accepted at some time and whose supplier has not sent a later one for the same day.
    pub stood: u64,
}

/// The rows of Lead Suppliers by day and state.
///
/// # Errors
/// If the database fails.
pub fn rows(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<RowCount>, StoreError> {
    let sql = "SELECT a.date, a.party, a.state, count(*), CAST(sum(a.unit) AS BIGINT), CAST(sum(CASE \
                 WHEN a.state IN ('ACCEPTED', 'SCHEDULED', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED', 'UNKNOWN') THEN 1 \
                 WHEN EXISTS (SELECT 1 FROM state_change c WHERE c.chf = a.chf AND c.file = a.file \
                   AND (c.was = 'ACCEPTED' OR c.became = 'ACCEPTED')) \
                   AND NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = a.chf AND b.date = a.date \
                   AND b.party = a.party AND b.file > a.file) THEN 1 ELSE 0 END) AS BIGINT), \
                 CASE WHEN i.electricity_status = 1 THEN i.electricity_mpid END AS electricity, i.gas_mpid \
               FROM authorisation a LEFT JOIN installation i ON i.chf = a.chf \
               WHERE a.s1sp = $1 AND a.date BETWEEN $2 AND $3 AND ($4 = '' OR a.party = $4) \
               GROUP BY a.date, a.party, a.state, CASE WHEN i.electricity_status = 1 THEN i.electricity_mpid END, i.gas_mpid \
               ORDER BY a.date, a.party, a.state";
    let holders = Holders::load(tx)?;
    let mut all: Vec<RowCount> = Vec::new();
    for s1sp in sight.s1sps() {
        tx.each(sql, &sight.values(s1sp), |row| {
            let (date, party, state) = (row.date(0)?, row.parsed(1)?, row.parsed(2)?);
            if !holders.leads(party, row.opt_int(6)?, row.opt_int(7)?) {
                return Ok(());
            }
            let (count, units, stood) = (whole(row, 3)?, whole(row, 4)?, whole(row, 5)?);
            match all
                .last_mut()
                .filter(|last| (last.s1sp, last.date, last.party, last.state) == (*s1sp, date, party, state))
            {
                Some(last) => {
                    last.count += count;
                    last.units += units;
                    last.stood += stood;
                }
                None => all.push(RowCount { s1sp: *s1sp, date, party, state, count, units, stood }),
            }
            Ok(())
        })?;
    }
    Ok(all)
}

/// Installations that came into a state on a day and did not return to stand for it, by the Lead Supplier of the row; also
/// those that are in line for another day by now.
fn taken_out(tx: &mut Tx<'_>, sight: &Sight, state: State) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT c.date, a.party, count(DISTINCT c.chf), \
                 CASE WHEN i.electricity_status = 1 THEN i.electricity_mpid END AS electricity, i.gas_mpid \
               FROM state_change c JOIN authorisation a ON a.chf = c.chf AND a.file = c.file \
               LEFT JOIN installation i ON i.chf = a.chf \
               WHERE c.became = $5 AND a.s1sp = $1 AND c.date BETWEEN $2 AND $3 AND ($4 = '' OR a.party = $4) \
               AND NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = c.chf AND b.date = c.date AND b.state IN \
                 ('ACCEPTED', 'SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED')) \
               GROUP BY c.date, a.party, CASE WHEN i.electricity_status = 1 THEN i.electricity_mpid END, i.gas_mpid \
               ORDER BY c.date, a.party";
    let holders = Holders::load(tx)?;
    let mut sums: BTreeMap<(S1sp, Date, Party), u64> = BTreeMap::new();
    for s1sp in sight.s1sps() {
        let values = [&sight.values(s1sp)[..], &[text(state.word())]].concat();
        tx.each(sql, &values, |row| {
            let party = row.parsed(1)?;
            if holders.leads(party, row.opt_int(3)?, row.opt_int(4)?) {
                *sums.entry((*s1sp, row.date(0)?, party)).or_default() += whole(row, 2)?;
            }
            Ok(())
        })?;
    }
    Ok(sums.into_iter().map(|((s1sp, date, party), count)| (s1sp, date, party, count)).collect())
}

/// Installations that a cut, or the end of a day that nobody locked, put in line for another day (MSM-12, SCH-1).
///
/// # Errors
/// If the database fails.
pub fn deferred(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    taken_out(tx, sight, State::Deferred)
}

/// Installations that a stop order took out of a day (STOP-1).
///
/// # Errors
/// If the database fails.
pub fn stopped(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    taken_out(tx, sight, State::Stopped)
}

/// A quantity of a supplier on a day, in installations.
pub type Units = (S1sp, Date, Party, u64);

fn units(tx: &mut Tx<'_>, sight: &Sight, sql: &'static str) -> Result<Vec<Units>, StoreError> {
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        let read = |row: &crate::Row<'_>| Ok((*s1sp, row.date(0)?, row.parsed(1)?, whole(row, 2)?));
        all.extend(tx.query(sql, &sight.values(s1sp), read)?);
    }
    Ok(all)
}

/// The forecasts (MSM-15).
///
/// # Errors
/// If the database fails.
pub fn forecast(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, units FROM forecast WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) ORDER BY date, party";
    units(tx, sight, sql)
}

/// The demand standing.
///
/// # Errors
/// If the database fails.
pub fn demand(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, CAST(sum(units) AS BIGINT) FROM demand WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) GROUP BY date, party ORDER BY date, party";
    units(tx, sight, sql)
}

/// The weeks with a result, forecast, demand, capacity or schedule: every day that any of them is about.
///
/// # Errors
/// If the database fails.
pub fn known(tx: &mut Tx<'_>, sight: &Sight) -> Result<Vec<(S1sp, Date)>, StoreError> {
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

/// MSM-13: was anything handed back on a day of those on which somebody who gave nothing back lacks units of the demand
/// that a version counts? It looks at all parties, whoever reads: that a refill is due is public, and tells nothing of whose
/// units it is about.
///
/// # Errors
/// If the database fails.
pub fn is_refill_due(
    tx: &mut Tx<'_>,
    of: &S1sp,
    (first, last): (Date, Date),
    version: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM result_line l \
               LEFT JOIN allocation a ON a.s1sp = l.s1sp AND a.date = l.date AND a.party = l.party \
               WHERE l.s1sp = $1 AND l.date BETWEEN $2 AND $3 AND l.version = $4 \
               AND l.counted > COALESCE(a.units, 0) AND COALESCE(a.handed_back, 0) = 0 \
               AND EXISTS (SELECT 1 FROM allocation f WHERE f.s1sp = l.s1sp AND f.date = l.date AND f.handed_back > 0)";
    let values = [s1sp(of), date(first), date(last), crate::Value::Int(version)];
    let lacking = tx.query_optional(sql, &values, |row| row.int(0))?;
    Ok(lacking.is_some_and(|count| count > 0))
}
