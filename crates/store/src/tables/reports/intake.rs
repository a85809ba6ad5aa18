//! What was sent and how it was answered.

use super::{Sight, whole};
use crate::error::StoreError;
use crate::tables::convert::{Columns, moment, s1sp, text};
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::party::{Party, S1sp};

/// How often a supplier had an answer; the codes as they stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// Who sent it.
    pub party: Party,
    /// The kind of file.
    pub kind: String,
    /// What it was answered.
    pub answer: String,
    /// The codes, separated by blanks.
    pub codes: String,
    /// How many.
    pub count: u64,
}

type Answers = Result<Vec<AnswerCount>, StoreError>;

fn answers(tx: &mut View<'_>, sight: &Sight, from: Timestamp, to: Timestamp, sql: &'static str) -> Answers {
    let own = sight.party();
    let mut all = Vec::new();
    for of in sight.s1sps() {
        let party: Value<'_> = text(own.as_ref().map_or("", Party::as_str));
        all.extend(tx.query(sql, &[s1sp(of), moment(from), moment(to), party], |row| {
            Ok(AnswerCount {
                s1sp: *of,
                party: row.parsed(0)?,
                kind: row.text(1)?.to_owned(),
                answer: row.text(2)?.to_owned(),
                codes: row.text(3)?.to_owned(),
                count: whole(row, 4)?,
            })
        })?);
    }
    Ok(all)
}

/// The verdicts on files received from one moment to before another.
///
/// # Errors
/// If the database fails.
pub fn files(tx: &mut View<'_>, sight: &Sight, from: Timestamp, to: Timestamp) -> Answers {
    let sql = "SELECT f.sender, f.kind, f.status, f.codes, count(*) FROM file f JOIN received r ON r.id = f.id \
               WHERE f.s1sp = $1 AND r.at >= $2 AND r.at < $3 AND ($4 = '' OR f.sender = $4) \
               GROUP BY f.sender, f.kind, f.status, f.codes ORDER BY f.sender, f.kind, f.status, f.codes";
    answers(tx, sight, from, to, sql)
}

/// The answers to rows of such files that made no authorisation.
///
/// # Errors
/// If the database fails.
pub fn rows(tx: &mut View<'_>, sight: &Sight, from: Timestamp, to: Timestamp) -> Answers {
    let sql = "SELECT f.sender, f.kind, a.verdict, a.codes, CAST(sum(a.rows) AS BIGINT) FROM answer a JOIN file f ON f.id = a.file \
               JOIN received r ON r.id = a.file \
               WHERE f.s1sp = $1 AND r.at >= $2 AND r.at < $3 AND ($4 = '' OR f.sender = $4) \
               GROUP BY f.sender, f.kind, a.verdict, a.codes ORDER BY f.sender, f.kind, a.verdict, a.codes";
    answers(tx, sight, from, to, sql)
}

/// The rows of such files that made an authorisation, by its state now; to a supplier from whom it has passed, by its state then
/// (MAM-11).
///
/// # Errors
/// If the database fails.
pub fn authorisations(tx: &mut View<'_>, sight: &Sight, from: Timestamp, to: Timestamp) -> Answers {
    let sql = "SELECT a.sender, a.kind, a.state, a.codes, CAST(sum(a.rows) AS BIGINT) FROM ( \
                 SELECT f.sender AS sender, f.kind AS kind, c.state AS state, c.codes AS codes, c.rows AS rows FROM received r \
                   JOIN file f ON f.id = r.id JOIN file_count c ON c.file = f.id \
                   WHERE f.s1sp = $1 AND r.at >= $2 AND r.at < $3 AND ($4 = '' OR f.sender = $4 AND c.party = $4) \
                 UNION ALL SELECT f.sender AS sender, f.kind AS kind, p.state AS state, p.codes AS codes, CAST(1 AS BIGINT) AS rows \
                   FROM passed_on p JOIN received r ON r.id = p.file JOIN file f ON f.id = p.file \
                   WHERE p.from_party = $4 AND f.sender = $4 AND f.s1sp = $1 AND r.at >= $2 AND r.at < $3 \
                   AND NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = p.chf AND b.file = p.file AND b.party = $4) \
                   AND NOT EXISTS (SELECT 1 FROM passed_on l WHERE l.chf = p.chf AND l.file = p.file AND l.from_party = $4 \
                     AND l.id > p.id)) a \
               GROUP BY a.sender, a.kind, a.state, a.codes ORDER BY a.sender, a.kind, a.state, a.codes";
    answers(tx, sight, from, to, sql)
}

/// Files refused for a name that says nothing: sender, code and how many. No S1SP is known of them.
///
/// # Errors
/// If the database fails.
pub fn misnamed(
    tx: &mut View<'_>,
    sight: &Sight,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(String, String, u64)>, StoreError> {
    if sight.provider().is_some() {
        return Ok(Vec::new());
    }
    let own = sight.party();
    let sql = "SELECT m.sender, m.code, count(*) FROM misnamed m JOIN received r ON r.id = m.id \
               WHERE r.at >= $1 AND r.at < $2 AND ($3 = '' OR m.sender = $3) GROUP BY m.sender, m.code \
               ORDER BY m.sender, m.code";
    let values = [moment(from), moment(to), text(own.as_ref().map_or("", Party::as_str))];
    tx.query(sql, &values, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), whole(row, 2)?)))
}
