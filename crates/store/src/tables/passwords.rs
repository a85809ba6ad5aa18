//! Passwords that came for a file that was there, as long as that has no verdict: when, and until when one may come again. Nothing of
//! what is in them (MAM-10).

use super::convert::{Columns, moment, s1sp};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::party::S1sp;

/// A password that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Password {
    /// The number of its receipt.
    pub id: i64,
    /// The file that it is for.
    pub file: i64,
    /// When it came.
    pub at: Timestamp,
    /// Until when it may come again; nothing while nobody was told that it must.
    pub until: Option<Timestamp>,
}

const COLUMNS: &str = "id, file, at, until";

fn password(row: &Row<'_>) -> Result<Password, StoreError> {
    Ok(Password { id: row.int(0)?, file: row.int(1)?, at: row.moment(2)?, until: row.opt_moment(3)? })
}

/// Notes that a password came for a file.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, id: i64, file: i64, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO password (id, file, at, until) VALUES ($1, $2, $3, NULL)";
    tx.execute(sql, &[Value::Int(id), Value::Int(file), moment(at)]).map(drop)
}

/// A password that is noted.
///
/// # Errors
/// If the database fails.
pub fn get(tx: &mut View<'_>, id: i64) -> Result<Option<Password>, StoreError> {
    tx.query_optional(&format!("SELECT {COLUMNS} FROM password WHERE id = $1"), &[Value::Int(id)], password)
}

/// The passwords that came for a file, in the order in which they came.
///
/// # Errors
/// If the database fails.
pub fn of_file(tx: &mut View<'_>, file: i64) -> Result<Vec<Password>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM password WHERE file = $1 ORDER BY at, id");
    tx.query(&sql, &[Value::Int(file)], password)
}

/// The passwords of files that wait for one, of which nobody was told yet that they must come again, oldest first.
///
/// # Errors
/// If the database fails.
pub fn untold(tx: &mut View<'_>) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT password.id FROM password JOIN file ON file.id = password.file \
               WHERE password.until IS NULL AND file.status = 'WAITING' ORDER BY password.at, password.id";
    tx.query(sql, &[], |row| row.int(0))
}

/// Until when the last one may come again of those that came before a moment, for files at an S1SP that wait.
///
/// # Errors
/// If the database fails.
pub fn last_until(tx: &mut View<'_>, of: &S1sp, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT max(password.until) FROM password JOIN file ON file.id = password.file \
               WHERE file.s1sp = $1 AND file.status = 'WAITING' AND password.at < $2";
    tx.query_one(sql, &[s1sp(of), moment(before)], |row| row.opt_moment(0))
}

/// Its sender was told that it must come again, and until when it may.
///
/// # Errors
/// If the database fails.
pub fn told(tx: &mut Tx<'_>, id: i64, until: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE password SET until = $2 WHERE id = $1", &[Value::Int(id), moment(until)]).map(drop)
}

/// A password is no longer noted.
///
/// # Errors
/// If the database fails.
pub fn end(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM password WHERE id = $1", &[Value::Int(id)]).map(drop)
}

/// Nor are those of a file, which waits for none any more.
///
/// # Errors
/// If the database fails.
pub fn end_of(tx: &mut Tx<'_>, file: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM password WHERE file = $1", &[Value::Int(file)]).map(drop)
}
