//! Acts of one operator that a second one signs afterwards (MSM-12).

use super::convert::{Columns, date, moment, opt, s1sp, text};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::S1sp;

/// An act that a second operator signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersignature {
    /// Its number.
    pub id: i64,
    /// The rule that asks for it.
    pub rule: String,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// What was done.
    pub what: String,
    /// Who did it.
    pub first: String,
    /// When.
    pub at: Timestamp,
    /// By which act; nothing where an earlier program did it.
    pub act: Option<i64>,
    /// Until when it is to be signed.
    pub due: Timestamp,
    /// Who signed it and when.
    pub signed: Option<(String, Timestamp)>,
    /// When it was flagged as not signed in time.
    pub flagged: Option<Timestamp>,
}

/// Adds an act that is to be signed, and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, asked: &Countersignature) -> Result<i64, StoreError> {
    let id = super::record::next_id(tx, "SELECT max(id) FROM countersignature")?;
    let sql = "INSERT INTO countersignature (id, rule, s1sp, date, what, first_operator, at, due, act) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        Value::Int(id),
        text(&asked.rule),
        s1sp(&asked.s1sp),
        date(asked.date),
        text(&asked.what),
        text(&asked.first),
        moment(asked.at),
        moment(asked.due),
        opt(asked.act, Value::Act),
    ];
    tx.execute(sql, &values)?;
    Ok(id)
}

/// Every act that was or is to be signed, oldest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<Countersignature>, StoreError> {
    let sql = "SELECT id, rule, s1sp, date, what, first_operator, at, due, second_operator, signed_at, flagged_at, \
               act \
               FROM countersignature ORDER BY id";
    tx.query(sql, &[], |row| {
        Ok(Countersignature {
            id: row.int(0)?,
            rule: row.text(1)?.to_owned(),
            s1sp: row.parsed(2)?,
            date: row.date(3)?,
            what: row.text(4)?.to_owned(),
            first: row.text(5)?.to_owned(),
            at: row.moment(6)?,
            due: row.moment(7)?,
            signed: row.opt_text(8)?.map(str::to_owned).zip(row.opt_moment(9)?),
            flagged: row.opt_moment(10)?,
            act: row.opt_int(11)?,
        })
    })
}

/// Notes who signed an act.
///
/// # Errors
/// If the database fails.
pub fn sign(tx: &mut Tx<'_>, id: i64, by: &str, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE countersignature SET second_operator = $2, signed_at = $3 WHERE id = $1";
    tx.execute(sql, &[Value::Int(id), text(by), moment(at)]).map(drop)
}

/// Notes that an act was not signed in time.
///
/// # Errors
/// If the database fails.
pub fn flag(tx: &mut Tx<'_>, id: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE countersignature SET flagged_at = $2 WHERE id = $1", &[Value::Int(id), moment(at)]).map(drop)
}
