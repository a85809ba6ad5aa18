//! The log: one row an act, with its details and what it took over. Only added to.

use super::convert::{Columns, moment, text};
use super::record::{Digest, Received, digest_of, received_at};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;

/// The id of an account: it stands in the log where a name would.
pub type AccountId = [u8; 16];

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// Under which rulebook; empty where none decides.
    pub rulebook: String,
    /// The salted digest of the act's details, which can be erased without it.
    pub detail_digest: Digest,
    /// The salted digest of what came of it.
    pub outcome_digest: Digest,
    /// What else it says, by its format.
    pub format: Format,
    /// The leaf: the digest of all of this.
    pub leaf: Digest,
}

/// What a row says beyond what all do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Format 1, of earlier programs: who, by role and name.
    Named(String),
    /// Format 2.
    Committed(Committed),
}

/// What a row of format 2 says: who, and what the act took over and issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Who.
    pub account: AccountId,
    /// By which version of the deciding rules.
    pub engine: i64,
    /// By which version of the program.
    pub program: String,
    /// The salted digest of the files that it took over.
    pub input_digest: Digest,
    /// The salted digest of the files that it issued.
    pub issued_digest: Digest,
}

/// Notes the key by which an act is recognised.
///
/// # Errors
/// If another act has it.
pub fn add_key(tx: &mut Tx<'_>, key: &[u8], seq: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO act_key (key, seq) VALUES ($1, $2)";
    tx.execute(sql, &[Value::Bytes(key.into()), Value::Int(seq)]).map(drop)
}

/// Was an act with this key done?
///
/// # Errors
/// If the database fails.
pub fn has_key(view: &mut View<'_>, key: &[u8]) -> Result<bool, StoreError> {
    let sql = "SELECT seq FROM act_key WHERE key = $1";
    Ok(view.query_optional(sql, &[Value::Bytes(key.into())], |row| row.int(0))?.is_some())
}

/// What an act takes over, for [`add_inputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A received file, by its number.
    Received(i64),
    /// The opened member of a protected file, by its digest.
    Opened(Digest),
}

/// What an act took over, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A received file.
    Received(Received),
    /// A received file that is no longer there, by its number.
    Missing(i64),
    /// The opened member of a protected file, by its digest.
    Opened(Digest),
}

/// Adds an act with its row.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, row: &AuditRow, salt: &[u8], detail: &str) -> Result<(), StoreError> {
    let seq = Value::Int(row.seq);
    let sql = "INSERT INTO act (seq, salt, detail) VALUES ($1, $2, $3)";
    tx.execute(sql, &[seq.clone(), Value::Bytes(salt.into()), text(detail)])?;
    let sql = "INSERT INTO audit (seq, at, kind, rulebook, detail_digest, outcome_digest, leaf, format, actor, \
               account, engine, program, input_digest, issued_digest) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let [detail_digest, outcome_digest, leaf] =
        [&row.detail_digest, &row.outcome_digest, &row.leaf].map(|digest| Value::Bytes(digest.into()));
    let common = [seq, moment(row.at), text(&row.kind), text(&row.rulebook), detail_digest, outcome_digest, leaf];
    let by_format = match &row.format {
        Format::Named(actor) => {
            [Value::Int(1), text(actor), Value::Null, Value::Null, Value::Null, Value::Null, Value::Null]
        }
        Format::Committed(Committed { account, engine, program, input_digest, issued_digest }) => [
            Value::Int(2),
            text(""),
            Value::Bytes(account.into()),
            Value::Int(*engine),
            text(program),
            Value::Bytes(input_digest.into()),
            Value::Bytes(issued_digest.into()),
        ],
    };
    tx.execute(sql, &[common, by_format].concat()).map(drop)
}

/// Adds what an act took over, in order.
///
/// # Errors
/// If the database fails.
pub fn add_inputs(tx: &mut Tx<'_>, seq: i64, inputs: &[Input]) -> Result<(), StoreError> {
    let sql = "INSERT INTO input (act, place, received, opened) VALUES ($1, $2, $3, $4)";
    for (place, input) in (0..).zip(inputs) {
        let (received, opened) = match input {
            Input::Received(id) => (Value::Int(*id), Value::Null),
            Input::Opened(digest) => (Value::Null, Value::Bytes(digest.into())),
        };
        tx.execute(sql, &[Value::Int(seq), Value::Int(place), received, opened])?;
    }
    Ok(())
}

/// What the acts after a number and up to another took over, each with the number of its act, in order.
///
/// # Errors
/// If the database fails.
pub fn inputs(tx: &mut View<'_>, after: i64, last: i64) -> Result<Vec<(i64, Taken)>, StoreError> {
    let sql = "SELECT i.act, i.received, i.opened, r.id, r.name, r.sender, r.at, r.digest, r.size, r.unkept \
               FROM input i LEFT JOIN received r ON r.id = i.received \
               WHERE i.act > $1 AND i.act <= $2 ORDER BY i.act, i.place";
    tx.query(sql, &[Value::Int(after), Value::Int(last)], |row| {
        let act = row.int(0)?;
        taken(row)
            .map(|taken| (act, taken))
            .map_err(|error| error.of_row(&format!("what row {act} of the log took over")))
    })
}

fn taken(row: &Row<'_>) -> Result<Taken, StoreError> {
    Ok(match (row.opt_int(1)?, row.opt_bytes(2)?) {
        (Some(id), _) if row.opt_int(3)?.is_none() => Taken::Missing(id),
        (None, Some(digest)) => Taken::Opened(digest_of(digest)?),
        _ => Taken::Received(received_at(row, 3)?),
    })
}

/// The number and the moment of the last act; moments never go back.
///
/// # Errors
/// If the database fails.
pub fn last(tx: &mut View<'_>) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let sql = "SELECT seq, at FROM audit ORDER BY seq DESC LIMIT 1";
    tx.query_optional(sql, &[], |row| Ok((row.int(0)?, row.moment(1)?)))
}

/// The leaf of a row; nothing if there is no such row.
///
/// # Errors
/// If the database fails.
pub fn leaf_of(tx: &mut View<'_>, seq: i64) -> Result<Option<Digest>, StoreError> {
    tx.query_optional("SELECT leaf FROM audit WHERE seq = $1", &[Value::Int(seq)], |row| digest_of(row.bytes(0)?))
}

/// An act as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its row.
    pub row: AuditRow,
    /// Its details; nothing if they are missing, which they never are.
    pub details: Option<Details>,
    /// The key by which it is recognised; acts of earlier programs have none.
    pub key: Option<Vec<u8>>,
}

/// The details of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The salt of its digests; of erased details only what the digests of files need.
    pub salt: Vec<u8>,
    /// What was asked for, and by whom; empty if it was erased.
    pub text: String,
    /// When it was erased.
    pub erased_at: Option<Timestamp>,
}

/// Before every row, whatever its number.
pub const START: i64 = i64::MIN;

/// The acts after a number, in order, at most so many.
///
/// # Errors
/// If the database fails, or a row cannot be read.
pub fn acts_after(tx: &mut View<'_>, seq: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT a.seq, a.at, a.kind, a.rulebook, a.detail_digest, a.outcome_digest, a.leaf, \
               a.format, a.actor, a.account, a.engine, a.program, a.input_digest, a.issued_digest, \
               b.salt, b.detail, b.erased_at, k.key FROM audit a LEFT JOIN act b ON b.seq = a.seq \
               LEFT JOIN act_key k ON k.seq = a.seq WHERE a.seq > $1 ORDER BY a.seq LIMIT $2";
    tx.query(sql, &[Value::Int(seq), Value::Int(most)], |row| {
        let seq = row.int(0)?;
        entry(seq, row).map_err(|error| error.of_row(&format!("row {seq} of the log")))
    })
}

fn entry(seq: i64, row: &Row<'_>) -> Result<Entry, StoreError> {
    let format = match row.int(7)? {
        1 => Format::Named(row.text(8)?.to_owned()),
        2 => Format::Committed(Committed {
            account: account_id(row.bytes(9)?)?,
            engine: row.int(10)?,
            program: row.text(11)?.to_owned(),
            input_digest: digest_of(row.bytes(12)?)?,
            issued_digest: digest_of(row.bytes(13)?)?,
        }),
        other => return Err(StoreError::Type(format!("there is no format {other} of rows"))),
    };
    let details = match row.opt_bytes(14)? {
        None => None,
        Some(salt) => {
            Some(Details { salt: salt.to_vec(), text: row.text(15)?.to_owned(), erased_at: row.opt_moment(16)? })
        }
    };
    let key = row.opt_bytes(17)?.map(<[u8]>::to_vec);
    let row = AuditRow {
        seq,
        at: row.moment(1)?,
        kind: row.text(2)?.to_owned(),
        rulebook: row.text(3)?.to_owned(),
        detail_digest: digest_of(row.bytes(4)?)?,
        outcome_digest: digest_of(row.bytes(5)?)?,
        leaf: digest_of(row.bytes(6)?)?,
        format,
    };
    Ok(Entry { row, details, key })
}

/// Sixteen bytes as the id of an account.
pub(super) fn account_id(bytes: &[u8]) -> Result<AccountId, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Type("the id of an account has 16 bytes".to_owned()))
}

/// The leaves of all rows, in order.
///
/// # Errors
/// If the database fails, or the rows are not numbered from 1 without gaps.
pub fn leaves(tx: &mut View<'_>, mut on: impl FnMut(Digest)) -> Result<(), StoreError> {
    let mut next = 1;
    tx.each("SELECT seq, leaf FROM audit ORDER BY seq", &[], |row| {
        let seq = row.int(0)?;
        if seq != next {
            let words = format!("the log has a row {seq} where row {next} should be; see sluice audit verify");
            return Err(StoreError::Unreadable(words));
        }
        next += 1;
        on(digest_of(row.bytes(1)?).map_err(|error| error.of_row(&format!("row {seq} of the log")))?);
        Ok(())
    })
}

/// The acts whose details are erased: number and kind, in order.
///
/// # Errors
/// If the database fails.
pub fn erased(tx: &mut View<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT a.seq, a.kind FROM act b JOIN audit a ON a.seq = b.seq WHERE b.erased_at IS NOT NULL ORDER BY 1";
    tx.query(sql, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))
}

/// What was done since a proposal was made, but for proposing and deciding: number and kind, in order. Each act that proposes
/// makes one proposal, so the proposal's number is its place among them.
///
/// # Errors
/// If the database fails.
pub fn since_proposal(tx: &mut View<'_>, proposal: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT seq, kind FROM audit WHERE kind NOT LIKE 'propos%' AND seq > \
               (SELECT seq FROM audit WHERE kind = 'propose' ORDER BY seq LIMIT 1 OFFSET $1) ORDER BY seq";
    tx.query(sql, &[Value::Int(proposal - 1)], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))
}

/// What reports take of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAct {
    /// Its place in the log.
    pub seq: i64,
    /// What it is.
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
    /// What was asked for, and by whom.
    pub detail: String,
}

/// The acts of some kinds whose details are not erased, in the order in which they were done.
///
/// # Errors
/// If the database fails.
pub fn acts_of(tx: &mut View<'_>, kinds: &[&'static str]) -> Result<Vec<RecordedAct>, StoreError> {
    let sql = "SELECT a.seq, a.at, b.detail FROM audit a JOIN act b ON b.seq = a.seq \
               WHERE a.kind = $1 AND b.erased_at IS NULL";
    let mut acts = Vec::new();
    for kind in kinds {
        acts.extend(tx.query(sql, &[text(kind)], |row| {
            Ok(RecordedAct { seq: row.int(0)?, kind, at: row.moment(1)?, detail: row.text(2)?.to_owned() })
        })?);
    }
    acts.sort_by_key(|act| act.seq);
    Ok(acts)
}

/// How many acts of some kinds are not among [`acts_of`], since their details are erased.
///
/// # Errors
/// If the database fails.
pub fn erased_of(tx: &mut View<'_>, kinds: &[&'static str]) -> Result<usize, StoreError> {
    Ok(erased(tx)?.iter().filter(|(_, kind)| kinds.contains(&kind.as_str())).count())
}
