//! What became of the installations in the schedules of the days, and what had to be escalated.

use super::convert::{Columns, date, eui_number, eui_of, moment, opt, s1sp, text};
use super::counts::homes;
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is known of an installation in the schedule of a day (OUT-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// The installation.
    pub chf: Eui64,
    /// When it was reported as started.
    pub started: Option<Timestamp>,
    /// MIGRATED, FAILED, NOT_ATTEMPTED or UNKNOWN; nothing while it has only started.
    pub outcome: Option<State>,
    /// The stage of a failure; else empty.
    pub stage: String,
    /// The code of a failure; else empty.
    pub code: String,
    /// Does it count as a failed attempt (OUT-2)?
    pub attempt: bool,
    /// When the last of it was reported or settled.
    pub at: Timestamp,
    /// The file that reported it; nothing for what the clock found missing.
    pub file: Option<i64>,
}

fn record(row: &Row<'_>) -> Result<OutcomeRecord, StoreError> {
    Ok(OutcomeRecord {
        chf: eui_of(row.int(0)?),
        started: row.opt_moment(1)?,
        outcome: row.opt_text(2)?.map(super::convert::parsed).transpose()?,
        stage: row.text(3)?.to_owned(),
        code: row.text(4)?.to_owned(),
        attempt: row.flag(5)?,
        at: row.moment(6)?,
        file: row.opt_int(7)?,
    })
}

/// What is known of the schedule of a day, by installation.
///
/// # Errors
/// If the database fails.
pub fn of_day(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<BTreeMap<Eui64, OutcomeRecord>, StoreError> {
    let sql = "SELECT chf, started_at, outcome, stage, code, attempt, at, file FROM outcome \
               WHERE s1sp = $1 AND date = $2 ORDER BY chf";
    let found = tx.query(sql, &[s1sp(of), date(day)], record)?;
    Ok(found.into_iter().map(|record| (record.chf, record)).collect())
}

/// The days of an S1SP with outcomes that are unknown, and how many.
///
/// # Errors
/// If the database fails.
pub fn missing(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<(Date, u64)>, StoreError> {
    let sql = "SELECT date, count(*) FROM outcome WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND outcome = 'UNKNOWN' \
               GROUP BY date ORDER BY date";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| Ok((row.date(0)?, row.count(1)?)))
}

/// What was reported as started and has no outcome yet, at any S1SP.
///
/// # Errors
/// If the database fails.
pub fn started(tx: &mut View<'_>) -> Result<HashSet<(Eui64, Date)>, StoreError> {
    let sql = "SELECT chf, date FROM outcome WHERE outcome IS NULL";
    Ok(tx.query(sql, &[], |row| Ok((eui_of(row.int(0)?), row.date(1)?)))?.into_iter().collect())
}

/// What became of an installation, by day.
///
/// # Errors
/// If the database fails.
pub fn of_installation(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(Date, OutcomeRecord)>, StoreError> {
    let sql = "SELECT chf, started_at, outcome, stage, code, attempt, at, file, date FROM outcome \
               WHERE chf = $1 ORDER BY date";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.date(8)?, record(row)?)))
}

/// Writes what is known of installations in the schedule of a day.
///
/// # Errors
/// If the database fails.
pub fn set(tx: &mut Tx<'_>, of: &S1sp, day: Date, records: &[OutcomeRecord]) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    homes::leave(tx, records.iter().map(|record| eui_number(record.chf)))?;
    tx.touched.day(*of, day);
    let mut delete = tx.updater("DELETE FROM outcome WHERE s1sp = $1 AND date = $2 AND chf = $3")?;
    for record in records {
        delete.row(&[s1sp(of), date(day), Value::Int(eui_number(record.chf))])?;
    }
    delete.finish()?;
    let columns = ["s1sp", "date", "chf", "started_at", "outcome", "stage", "code", "attempt", "at", "file"];
    let mut insert = tx.inserter("outcome", &columns)?;
    for record in records {
        insert.row(&[
            s1sp(of),
            date(day),
            Value::Int(eui_number(record.chf)),
            opt(record.started, moment),
            opt(record.outcome, |state| text(state.word())),
            text(&record.stage),
            text(&record.code),
            Value::Int(i64::from(record.attempt)),
            moment(record.at),
            opt(record.file, Value::Int),
        ])?;
    }
    insert.finish().map(drop)
}

/// Deadlines of single days.
pub const OUTCOMES_DUE: &str = "OUTCOMES_DUE";

/// Has the deadline of a day passed, and is its work done?
///
/// # Errors
/// If the database fails.
pub fn has_passed(tx: &mut View<'_>, of: &S1sp, day: Date, deadline: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM passed_day WHERE s1sp = $1 AND date = $2 AND deadline = $3";
    Ok(tx.query_optional(sql, &[s1sp(of), date(day), text(deadline)], |_| Ok(()))?.is_some())
}

/// MSM-12: how many units of each party attempts at an S1SP on a day have used: of what was migrated or failed.
///
/// # Errors
/// If the database fails.
pub fn attempted(tx: &mut View<'_>, of: &S1sp, day: Date) -> Result<Vec<(Party, u64)>, StoreError> {
    // They are looked for by the outcomes of the day: an S1SP has had more authorisations than a day has places.
    let sql = "SELECT a.party, count(DISTINCT c.chf) FROM outcome o JOIN state_change c ON c.chf = o.chf AND c.date = o.date \
               JOIN authorisation a ON a.chf = c.chf AND a.file = c.file AND a.s1sp || '' = o.s1sp \
               WHERE o.s1sp = $1 AND o.date = $2 AND c.unit = 1 AND c.became IN ('MIGRATED', 'FAILED') \
               GROUP BY a.party ORDER BY a.party";
    tx.query(sql, &[s1sp(of), date(day)], |row| Ok((row.parsed(0)?, row.count(1)?)))
}

/// The same for days, as it is counted: what migrated or failed by the supplier whose unit was used.
///
/// # Errors
/// If the database fails.
pub fn used_up(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<(Party, Date, u64)>, StoreError> {
    let sql = "SELECT party, date, CAST(sum(units) AS BIGINT) FROM day_count \
               WHERE s1sp = $1 AND what = 'ACTIVE' AND date BETWEEN $2 AND $3 AND outcome IN ('MIGRATED', 'FAILED') \
               GROUP BY party, date ORDER BY party, date";
    tx.query(sql, &[s1sp(of), date(from), date(to)], |row| Ok((row.parsed(0)?, row.date(1)?, row.count(2)?)))
}

/// The days of an S1SP on which an outcome is missing, or not known.
///
/// # Errors
/// If the database fails.
pub fn lacking(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<BTreeSet<Date>, StoreError> {
    let sql = "SELECT date FROM day_count WHERE s1sp = $1 AND what IN ('ACTIVE', 'DORMANT') AND date BETWEEN $2 AND $3 \
                 AND outcome IN ('NONE', 'STARTED', 'UNKNOWN') \
               UNION SELECT date FROM outcome WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND outcome = 'UNKNOWN'";
    Ok(tx.query(sql, &[s1sp(of), date(from), date(to)], |row| row.date(0))?.into_iter().collect())
}

/// Notes that the deadline of a day has passed and its work is done.
///
/// # Errors
/// If it was noted before.
pub fn pass(tx: &mut Tx<'_>, of: &S1sp, day: Date, deadline: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.touched.clock(*of, day);
    let sql = "INSERT INTO passed_day (s1sp, date, deadline, at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[s1sp(of), date(day), text(deadline), moment(at)]).map(drop)
}

/// What people have to be told of beyond the parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub rule: String,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day that it is about.
    pub date: Date,
    /// What is missing, and who acts.
    pub words: String,
}

/// Escalates something.
///
/// # Errors
/// If the database fails.
pub fn escalate(tx: &mut Tx<'_>, escalation: &Escalation) -> Result<(), StoreError> {
    let id = super::record::next_id(tx, "SELECT max(id) FROM escalation")?;
    let sql = "INSERT INTO escalation (id, at, rule, s1sp, date, words) VALUES ($1, $2, $3, $4, $5, $6)";
    let Escalation { at, rule, s1sp: of, date: day, words } = escalation;
    tx.execute(sql, &[Value::Int(id), moment(*at), text(rule), s1sp(of), date(*day), text(words)]).map(drop)
}

/// Everything that was escalated, oldest first.
///
/// # Errors
/// If the database fails.
pub fn escalations(tx: &mut View<'_>) -> Result<Vec<Escalation>, StoreError> {
    tx.query("SELECT at, rule, s1sp, date, words FROM escalation ORDER BY id", &[], |row| {
        Ok(Escalation {
            at: row.moment(0)?,
            rule: row.text(1)?.to_owned(),
            s1sp: row.parsed(2)?,
            date: row.date(3)?,
            words: row.text(4)?.to_owned(),
        })
    })
}
