//! What could not be done by a fault of the program's and is tried again: files to be judged, and acts of the clock.

use super::convert::{Columns, moment, opt, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;

/// Something that is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its number: that of the act that set it aside first.
    pub id: i64,
    /// The kind of the act that could not be done, as its word in the log is.
    pub kind: String,
    /// Its details, as they would be recorded.
    pub details: String,
    /// The file that could not be judged; none of an act of the clock.
    pub file: Option<i64>,
    /// What kind of fault it was.
    pub class: String,
    /// What was wrong the last time, in words.
    pub reason: String,
    /// How often it was tried, 1 or more.
    pub tries: i64,
    /// When it was set aside first.
    pub since: Timestamp,
    /// When it was tried last.
    pub tried: Timestamp,
    /// When it is tried again by itself; none if it is not.
    pub next: Option<Timestamp>,
    /// What came of opening the file, as it would be recorded; none of one that was not opened.
    pub opening: Option<String>,
    /// When the password came that opened it.
    pub password_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, kind, details, file, class, reason, tries, since, tried, next, opening, password_at";

fn aside(row: &Row<'_>) -> Result<Aside, StoreError> {
    Ok(Aside {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        details: row.text(2)?.to_owned(),
        file: row.opt_int(3)?,
        class: row.text(4)?.to_owned(),
        reason: row.text(5)?.to_owned(),
        tries: row.int(6)?,
        since: row.moment(7)?,
        tried: row.moment(8)?,
        next: row.opt_moment(9)?,
        opening: row.opt_text(10)?.map(str::to_owned),
        password_at: row.opt_moment(11)?,
    })
}

/// Everything that is set aside, in the order in which it was.
///
/// # Errors
/// If the database fails.
pub fn all(view: &mut View<'_>) -> Result<Vec<Aside>, StoreError> {
    view.query(&format!("SELECT {COLUMNS} FROM aside ORDER BY id"), &[], aside)
}

/// What is set aside of a kind with these details.
///
/// # Errors
/// If the database fails.
pub fn find(view: &mut View<'_>, kind: &str, details: &str) -> Result<Option<Aside>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM aside WHERE kind = $1 AND details = $2");
    view.query_optional(&sql, &[text(kind), text(details)], aside)
}

/// Sets something aside, or keeps what another try has changed of it.
///
/// # Errors
/// If the database fails.
pub fn keep(tx: &mut Tx<'_>, aside: &Aside) -> Result<(), StoreError> {
    tx.execute("DELETE FROM aside WHERE id = $1", &[Value::Int(aside.id)])?;
    let sql = format!("INSERT INTO aside ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    let values = [
        Value::Int(aside.id),
        text(&aside.kind),
        text(&aside.details),
        opt(aside.file, Value::Int),
        text(&aside.class),
        text(&aside.reason),
        Value::Int(aside.tries),
        moment(aside.since),
        moment(aside.tried),
        opt(aside.next, moment),
        opt(aside.opening.as_deref(), text),
        opt(aside.password_at, moment),
    ];
    tx.execute(&sql, &values).map(drop)
}

/// Something is set aside no more. Says whether it was.
///
/// # Errors
/// If the database fails.
pub fn end(tx: &mut Tx<'_>, kind: &str, details: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM aside WHERE kind = $1 AND details = $2", &[text(kind), text(details)])? > 0)
}
