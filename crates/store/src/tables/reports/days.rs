//! What was scheduled and what became of it; what rows there were; what was forecast.

use super::{Sight, whole};
use crate::error::StoreError;
use crate::tables::convert::{Columns, date, s1sp};
use crate::tables::results::AllocationRecord;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Party, S1sp};

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
pub fn outcomes(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<OutcomeCount>, StoreError> {
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
pub fn failures(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<FailureCount>, StoreError> {
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

/// The states of an authorisation that stands for its day, or stood to its end.
macro_rules! stands {
    () => {
        "('ACCEPTED', 'SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED')"
    };
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

/// The installations of which a row gave up a unit and none stands for the day since. It is read from what was recorded with
/// each step, since who leads an installation now says nothing of whose unit it was. What was stopped or deferred counts
/// also where the row has gone on; what ended, where it has not come back. A row that is stopped keeps its unit, so it gave it up to
/// the stop only if the next step had none any more, or deferred it.
///
/// # Errors
/// If the database fails.
pub fn given_up(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<GivenUp>, StoreError> {
    let sql = concat!(
        "SELECT a.s1sp, c.date, a.party, \
         CASE WHEN c.was = 'STOPPED' AND c.became = 'DEFERRED' THEN 'STOPPED' \
         WHEN c.became = 'EXPIRED' AND c.codes LIKE '%MA128%' THEN 'LAPSED' ELSE c.became END AS reason, \
         count(DISTINCT c.chf) \
         FROM state_change c JOIN authorisation a ON a.chf = c.chf AND a.file = c.file \
         WHERE c.unit = 1 AND c.date BETWEEN $1 AND $2 AND ($3 = '' OR a.party = $3) \
         AND (c.became = 'DEFERRED' OR c.became IN ('LAPSED', 'EXPIRED', 'WITHDRAWN', 'MOVED') AND a.state = c.became \
           OR c.became = 'STOPPED' AND COALESCE((SELECT n.unit FROM state_change n \
             WHERE n.chf = c.chf AND n.file = c.file AND n.id > c.id AND n.was <> n.became ORDER BY n.id LIMIT 1), a.unit) = 0) \
         AND NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = c.chf AND b.date = c.date AND b.state IN ",
        stands!(),
        ") GROUP BY a.s1sp, c.date, a.party, reason ORDER BY a.s1sp, c.date, a.party, reason"
    );
    let mut all = Vec::new();
    tx.each(sql, &sight.days_and_party(), |row| {
        let s1sp = row.parsed(0)?;
        if sight.s1sps().contains(&s1sp) {
            let (date, party, became) = (row.date(1)?, row.parsed(2)?, row.parsed(3)?);
            all.push(GivenUp { s1sp, date, party, became, count: whole(row, 4)? });
        }
        Ok(())
    })?;
    Ok(all)
}

/// Installations of a supplier that stood for a day with a unit of its and do so no more; not those whose row it took back or
/// moved itself. As they were recorded: what becomes of the installation or its suppliers later changes nothing.
///
/// # Errors
/// If the database fails.
pub fn dropped(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = concat!(
        "SELECT a.s1sp, c.date, a.party, count(DISTINCT c.chf) \
         FROM state_change c JOIN authorisation a ON a.chf = c.chf AND a.file = c.file \
         WHERE c.unit = 1 AND c.date BETWEEN $1 AND $2 AND ($3 = '' OR a.party = $3) \
         AND (c.was IN ('ACCEPTED', 'SCHEDULED') OR c.became IN ('ACCEPTED', 'SCHEDULED')) \
         AND NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = c.chf AND b.date = c.date AND b.party = a.party \
           AND (b.state IN ",
        stands!(),
        " OR b.file >= c.file AND b.state IN ('WITHDRAWN', 'MOVED'))) \
         GROUP BY a.s1sp, c.date, a.party ORDER BY a.s1sp, c.date, a.party"
    );
    let mut all = Vec::new();
    tx.each(sql, &sight.days_and_party(), |row| {
        let s1sp = row.parsed(0)?;
        if sight.s1sps().contains(&s1sp) {
            all.push((s1sp, row.date(1)?, row.parsed(2)?, whole(row, 3)?));
        }
        Ok(())
    })?;
    Ok(all)
}

/// Units that accepted rows use.
///
/// # Errors
/// If the database fails.
pub fn accepted(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, CAST(sum(unit) AS BIGINT) FROM authorisation WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) AND state = 'ACCEPTED' GROUP BY date, party ORDER BY date, party";
    units(tx, sight, sql)
}

/// Units that rows use which are in no schedule.
///
/// # Errors
/// If the database fails.
pub fn in_use(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<Units>, StoreError> {
    let sql = "SELECT date, party, CAST(sum(unit) AS BIGINT) FROM authorisation WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               AND ($4 = '' OR party = $4) AND state IN ('ACCEPTED', 'HELD', 'SUSPENDED') GROUP BY date, party \
               ORDER BY date, party";
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
