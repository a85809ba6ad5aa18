//! Proposals, which wait for a second operator (ACC-2).

use super::convert::{Columns, moment, text};
use super::record::{Digest, digest_of, next_id};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::proposal::ProposalState;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub id: i64,
    /// The kind of the act.
    pub kind: String,
    /// The act, as it is recorded.
    pub details: String,
    /// What is asked for, in words.
    pub title: String,
    /// What would have come of it when it was proposed, in figures, a line each.
    pub figures: String,
    /// The digest of what it would have written then; nothing where an earlier program made it, which may write otherwise.
    pub digest: Option<Digest>,
    /// Who made it.
    pub maker: String,
    /// When.
    pub made_at: Timestamp,
    /// From when on it can be approved no more.
    pub expires_at: Timestamp,
    /// How far it has come.
    pub state: ProposalState,
    /// Who decided on it, or withdrew it; nobody where it expired.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why, where a reason is asked for.
    pub why: Option<String>,
}

const COLUMNS: &str =
    "id, kind, details, title, figures, digest, maker, made_at, expires_at, state, decided_by, decided_at, why";

fn proposal(row: &Row<'_>) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        details: row.text(2)?.to_owned(),
        title: row.text(3)?.to_owned(),
        figures: row.text(4)?.to_owned(),
        digest: Some(row.bytes(5)?).filter(|bytes| !bytes.is_empty()).map(digest_of).transpose()?,
        maker: row.text(6)?.to_owned(),
        made_at: row.moment(7)?,
        expires_at: row.moment(8)?,
        state: row.parsed(9)?,
        decided_by: row.opt_text(10)?.map(str::to_owned),
        decided_at: row.opt_moment(11)?,
        why: row.opt_text(12)?.map(str::to_owned),
    })
}

/// Adds a proposal that waits, and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, asked: &Proposal) -> Result<i64, StoreError> {
    let id = next_id(tx, "SELECT max(id) FROM proposal")?;
    let sql = "INSERT INTO proposal (id, kind, details, title, figures, digest, maker, made_at, expires_at, state) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let Proposal { kind, details, title, figures, digest, maker, made_at, expires_at, .. } = asked;
    let values = [
        Value::Int(id),
        text(kind),
        text(details),
        text(title),
        text(figures),
        Value::Bytes(digest.as_ref().map_or(&[][..], |digest| digest).into()),
        text(maker),
        moment(*made_at),
        moment(*expires_at),
        text(ProposalState::Waiting.word()),
    ];
    tx.execute(sql, &values)?;
    Ok(id)
}

/// A proposal by its number.
///
/// # Errors
/// If the database fails.
pub fn find(tx: &mut View<'_>, id: i64) -> Result<Option<Proposal>, StoreError> {
    tx.query_optional(&format!("SELECT {COLUMNS} FROM proposal WHERE id = $1"), &[Value::Int(id)], proposal)
}

/// Every proposal, oldest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<Proposal>, StoreError> {
    tx.query(&format!("SELECT {COLUMNS} FROM proposal ORDER BY id"), &[], proposal)
}

/// The proposals that wait and have expired by a moment, with when they did, the first one first.
///
/// # Errors
/// If the database fails.
pub fn expired(tx: &mut View<'_>, by: Timestamp) -> Result<Vec<(i64, Timestamp)>, StoreError> {
    let sql =
        "SELECT id, expires_at FROM proposal WHERE state = 'WAITING' AND expires_at <= $1 ORDER BY expires_at, id";
    tx.query(sql, &[moment(by)], |row| Ok((row.int(0)?, row.moment(1)?)))
}

/// ACC-2: no proposal can be compared any more with what it would write, since that may be written otherwise now.
///
/// # Errors
/// If the database fails.
pub(crate) fn forget_digests(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE proposal SET digest = $1", &[Value::Bytes((&[][..]).into())]).map(drop)
}

/// Notes what became of a proposal that waits.
///
/// # Errors
/// If the database fails.
pub fn decide(
    tx: &mut Tx<'_>,
    id: i64,
    state: ProposalState,
    (by, at, why): (Option<&str>, Timestamp, Option<&str>),
) -> Result<(), StoreError> {
    let sql = "UPDATE proposal SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1";
    let optional = |value: Option<&str>| value.map_or(Value::Null, |value| Value::Text(value.to_owned().into()));
    tx.execute(sql, &[Value::Int(id), text(state.word()), optional(by), moment(at), optional(why)]).map(drop)
}
