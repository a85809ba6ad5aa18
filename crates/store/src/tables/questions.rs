//! Queries against provisional results, with their answers (MSM-11).

use super::convert::{Columns, date, moment, party, s1sp, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};

/// A query against a line of a provisional result (MSM-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its number.
    pub id: i64,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// Who asks.
    pub party: Party,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// What is asked; text from a stranger.
    pub question: String,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The answer.
    pub answer: Option<String>,
}

/// The columns of a query, in their order.
const COLUMNS: &str = "id, s1sp, date, party, raised_at, question, answered_at, answer";

fn question(row: &Row<'_>) -> Result<Question, StoreError> {
    Ok(Question {
        id: row.int(0)?,
        s1sp: row.parsed(1)?,
        date: row.date(2)?,
        party: row.parsed(3)?,
        raised_at: row.moment(4)?,
        question: row.text(5)?.to_owned(),
        answered_at: row.opt_moment(6)?,
        answer: row.opt_text(7)?.map(str::to_owned),
    })
}

/// The queries about the days of an S1SP, oldest first. A party sees its own.
///
/// # Errors
/// If the database fails.
pub fn questions(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<Question>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM question WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY id");
    tx.query(&sql, &[s1sp(of), date(from), date(to)], question)
}

/// The same of every S1SP.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>, from: Date, to: Date) -> Result<Vec<Question>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM question WHERE date BETWEEN $1 AND $2 ORDER BY id");
    tx.query(&sql, &[date(from), date(to)], question)
}

/// What a query is about.
///
/// # Errors
/// If the database fails.
pub fn about(tx: &mut View<'_>, id: i64) -> Result<Option<(S1sp, Date)>, StoreError> {
    let sql = "SELECT s1sp, date FROM question WHERE id = $1";
    tx.query_optional(sql, &[Value::Int(id)], |row| Ok((row.parsed(0)?, row.date(1)?)))
}

/// Adds a query and gives its number.
///
/// # Errors
/// If the database fails.
pub fn raise(
    tx: &mut Tx<'_>,
    of: &S1sp,
    day: Date,
    by: &Party,
    at: Timestamp,
    question: &str,
) -> Result<i64, StoreError> {
    let id = super::record::next_id(tx, "SELECT max(id) FROM question")?;
    let sql = "INSERT INTO question (id, s1sp, date, party, raised_at, question) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, &[Value::Int(id), s1sp(of), date(day), party(by), moment(at), text(question)])?;
    Ok(id)
}

/// Answers a query; gives who asked, or nothing if there is no such query without an answer.
///
/// # Errors
/// If the database fails.
pub fn answer(tx: &mut Tx<'_>, id: i64, at: Timestamp, words: &str) -> Result<Option<Party>, StoreError> {
    let sql = "UPDATE question SET answered_at = $2, answer = $3 WHERE id = $1 AND answered_at IS NULL";
    if tx.execute(sql, &[Value::Int(id), moment(at), text(words)])? == 0 {
        return Ok(None);
    }
    tx.query_optional("SELECT party FROM question WHERE id = $1", &[Value::Int(id)], |row| row.parsed(0))
}
