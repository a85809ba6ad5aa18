//! How far attempts on installations have come, and what their outcomes are called (OUT-1, OUT-2).

use super::convert::{Columns, count, date, eui_number, eui_of, opt, text};
use super::counts::homes;
use super::installations::{Lookups, belonging};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::outcome::WhoActs;
use sluice_rules::party::Eui64;
use std::collections::HashMap;

/// How far the attempts on an installation have come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The date on which it was migrated.
    pub migrated: Option<Date>,
    /// Failed attempts since the last decision on them.
    pub failed: u64,
    /// The date of the last failed one.
    pub last_failed: Option<Date>,
    /// Its code and stage.
    pub last_code: Option<(String, String)>,
    /// The earliest date for another one (OUT-2).
    pub retry_from: Option<Date>,
}

/// The attempts on sorted installations.
///
/// # Errors
/// If the database fails.
pub fn find(tx: &mut View<'_>, keys: &[i64]) -> Result<HashMap<i64, Attempts>, StoreError> {
    const SQL: Lookups = Lookups {
        probe: "SELECT 1 FROM attempt LIMIT $1",
        all: "SELECT chf, migrated, failed, last_failed, last_code, last_stage, retry_from FROM attempt",
        one: "SELECT chf, migrated, failed, last_failed, last_code, last_stage, retry_from FROM attempt \
              WHERE chf = $key",
    };
    let mut found = HashMap::new();
    belonging(tx, keys, SQL, |chf, row| {
        found.insert(chf, attempts_of(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Writes how far the attempts on an installation have come.
///
/// # Errors
/// If the database fails.
pub fn set(tx: &mut Tx<'_>, chf: Eui64, attempts: &Attempts) -> Result<(), StoreError> {
    homes::leave(tx, [eui_number(chf)])?;
    let sql = "INSERT INTO attempt (chf, migrated, failed, last_failed, last_code, last_stage, retry_from) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (chf) DO UPDATE SET migrated = excluded.migrated, failed = excluded.failed, \
               last_failed = excluded.last_failed, last_code = excluded.last_code, last_stage = excluded.last_stage, \
               retry_from = excluded.retry_from";
    let (code, stage) = attempts.last_code.as_ref().map(|(code, stage)| (code.as_str(), stage.as_str())).unzip();
    let values = [
        Value::Int(eui_number(chf)),
        opt(attempts.migrated, date),
        count(attempts.failed),
        opt(attempts.last_failed, date),
        opt(code, text),
        opt(stage, text),
        opt(attempts.retry_from, date),
    ];
    tx.execute(sql, &values).map(drop)
}

/// OUT-2: the installations with so many failed attempts or more on which nothing is decided, in order.
///
/// # Errors
/// If the database fails.
pub fn candidates(tx: &mut View<'_>, failed: u64) -> Result<Vec<(Eui64, Attempts)>, StoreError> {
    let sql = "SELECT chf, migrated, failed, last_failed, last_code, last_stage, retry_from FROM attempt a \
               WHERE failed >= $1 AND migrated IS NULL AND NOT EXISTS \
               (SELECT 1 FROM exclusion e WHERE e.chf = a.chf AND e.fuel = '') ORDER BY chf";
    tx.query(sql, &[count(failed)], |row| Ok((eui_of(row.int(0)?), attempts_of(row)?)))
}

/// REF-3: the codes and stages with which the last attempt failed on installations that are not migrated, with how many these are.
///
/// # Errors
/// If the database fails.
pub fn last_codes(tx: &mut View<'_>) -> Result<Vec<(String, String, u64)>, StoreError> {
    let sql = "SELECT last_code, last_stage, count(*) FROM attempt WHERE migrated IS NULL AND last_code IS NOT NULL \
               GROUP BY last_code, last_stage ORDER BY last_code, last_stage";
    tx.query(sql, &[], |row| {
        Ok((row.text(0)?.to_owned(), row.opt_text(1)?.unwrap_or_default().to_owned(), row.count(2)?))
    })
}

fn attempts_of(row: &Row<'_>) -> Result<Attempts, StoreError> {
    let last = row.opt_text(4)?.zip(row.opt_text(5)?);
    Ok(Attempts {
        migrated: row.opt_date(1)?,
        failed: row.count(2)?,
        last_failed: row.opt_date(3)?,
        last_code: last.map(|(code, stage)| (code.to_owned(), stage.to_owned())),
        retry_from: row.opt_date(6)?,
    })
}

/// A code of the table of outcomes (OUT-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCode {
    /// The code, in upper case.
    pub code: String,
    /// The stage that it is of, in upper case; empty for any.
    pub stage: String,
    /// Who acts on it.
    pub who_acts: WhoActs,
    /// Does it count as an attempt?
    pub attempt: bool,
    /// After how many days it can be tried again.
    pub retry_after: u64,
}

impl OutcomeCode {
    /// What a table of codes says of a code at a stage: what it says of any stage stands behind what it says of this one.
    #[must_use]
    pub fn of<'a>(codes: &'a [Self], code: &str, stage: &str) -> Option<&'a Self> {
        codes.iter().find(|known| known.code == code && (known.stage.is_empty() || known.stage == stage))
    }
}

/// The table of outcome codes; those of a stage before those of any.
///
/// # Errors
/// If the database fails.
pub fn outcome_codes(tx: &mut View<'_>) -> Result<Vec<OutcomeCode>, StoreError> {
    let sql = "SELECT code, stage, who_acts, attempt, retry_after_days FROM outcome_code ORDER BY code, stage DESC";
    tx.query(sql, &[], |row| {
        Ok(OutcomeCode {
            code: row.text(0)?.to_ascii_uppercase(),
            stage: row.text(1)?.to_ascii_uppercase(),
            who_acts: row.parsed(2)?,
            attempt: row.flag(3)?,
            retry_after: row.count(4)?,
        })
    })
}
