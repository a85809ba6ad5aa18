//! The record: settings, what was received, what was done. Only added to.

use super::convert::{Columns, moment, number, text};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Bytes of content in one row; large enough to be few, small enough for either database.
const PART: usize = 1 << 20;

/// How hard content is packed: the fastest level, since intake waits for it.
const LEVEL: i32 = 1;

fn packing(error: std::io::Error) -> StoreError {
    StoreError::Other(format!("content cannot be packed: {error}"))
}

/// Content as it is kept: packed, with the size that it unpacks to.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The size of the content.
    pub size: u64,
    /// The packed bytes.
    pub bytes: Vec<u8>,
}

impl Packed {
    /// Packs content.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn of(content: &[u8]) -> Result<Self, StoreError> {
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        Ok(Self { size, bytes: zstd::bulk::compress(content, LEVEL).map_err(packing)? })
    }

    /// This content and then another one: packed content may have several frames.
    #[must_use]
    pub fn followed_by(mut self, next: &Self) -> Self {
        self.bytes.extend_from_slice(&next.bytes);
        self.size += next.size;
        self
    }
}

/// The content of packed bytes.
pub(super) fn unpacked(bytes: &[u8], size: u64) -> Result<Vec<u8>, StoreError> {
    let size = usize::try_from(size).map_err(|_| StoreError::Type(format!("{size} bytes do not fit this machine")))?;
    zstd::bulk::decompress(bytes, size).map_err(packing)
}

/// A setting.
///
/// # Errors
/// If the database fails.
pub fn setting(tx: &mut View<'_>, name: &str) -> Result<Option<String>, StoreError> {
    tx.query_optional("SELECT value FROM setting WHERE name = $1", &[text(name)], |row| Ok(row.text(0)?.to_owned()))
}

/// Sets a setting.
///
/// # Errors
/// If the database fails.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[text(name), text(value)]).map(drop)
}

/// Keeps content under its digest; once, however often it is received.
///
/// # Errors
/// If the database fails.
pub fn keep(tx: &mut Tx<'_>, digest: &Digest, packed: &Packed) -> Result<(), StoreError> {
    let known = "SELECT 1 FROM content WHERE digest = $1";
    if tx.query_optional(known, &[Value::Bytes(digest.into())], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    let sql = "INSERT INTO content (digest, size) VALUES ($1, $2)";
    tx.execute(sql, &[Value::Bytes(digest.into()), Value::Int(number(packed.size))])?;
    for (place, part) in (0..).zip(packed.bytes.chunks(PART)) {
        let sql = "INSERT INTO content_part (digest, place, bytes) VALUES ($1, $2, $3)";
        tx.execute(sql, &[Value::Bytes(digest.into()), Value::Int(place), Value::Bytes(part.into())])?;
    }
    Ok(())
}

/// The content of a digest.
///
/// # Errors
/// If the database fails or does not have it.
pub fn content(tx: &mut View<'_>, digest: &Digest) -> Result<Vec<u8>, StoreError> {
    let key = [Value::Bytes(digest.into())];
    let size = tx.query_one("SELECT size FROM content WHERE digest = $1", &key, |row| row.count(0))?;
    let mut packed = Vec::new();
    let sql = "SELECT bytes FROM content_part WHERE digest = $1 ORDER BY place";
    tx.each(sql, &key, |row| {
        packed.extend_from_slice(row.bytes(0)?);
        Ok(())
    })?;
    unpacked(&packed, size)
}

/// A file as it was received (MAM-9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its number.
    pub id: i64,
    /// Its name as it was sent; text from a stranger.
    pub name: String,
    /// Who sent it: a party, or DCC.
    pub sender: String,
    /// The moment of its complete receipt.
    pub at: Timestamp,
    /// The digest of its content; nothing for a password file (MAM-10).
    pub digest: Option<Digest>,
    /// Its size in bytes.
    pub size: u64,
}

/// The number that the next received file gets.
///
/// # Errors
/// If the database fails.
pub fn next_received(tx: &mut View<'_>) -> Result<i64, StoreError> {
    next_id(tx, "SELECT max(id) FROM received")
}

/// Adds a received file and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add_received(
    tx: &mut Tx<'_>,
    name: &str,
    sender: &str,
    at: Timestamp,
    digest: Option<&Digest>,
    size: u64,
) -> Result<i64, StoreError> {
    let id = next_received(tx)?;
    let sql = "INSERT INTO received (id, name, sender, at, digest, size) VALUES ($1, $2, $3, $4, $5, $6)";
    let digest = digest.map_or(Value::Null, |digest| Value::Bytes(digest.into()));
    tx.execute(sql, &[Value::Int(id), text(name), text(sender), moment(at), digest, Value::Int(number(size))])?;
    Ok(id)
}

/// The next number of a table, by a query for its largest; numbers have no gaps, so that a replay gives the same.
///
/// # Errors
/// If the database fails.
pub fn next_id(tx: &mut View<'_>, largest: &'static str) -> Result<i64, StoreError> {
    Ok(tx.query_one(largest, &[], |row| row.opt_int(0))?.unwrap_or(0) + 1)
}

/// A received file by its number.
///
/// # Errors
/// If there is none.
pub fn received(tx: &mut View<'_>, id: i64) -> Result<Received, StoreError> {
    let sql = "SELECT id, name, sender, at, digest, size FROM received WHERE id = $1";
    tx.query_one(sql, &[Value::Int(id)], |row| {
        Ok(Received {
            id: row.int(0)?,
            name: row.text(1)?.to_owned(),
            sender: row.text(2)?.to_owned(),
            at: row.moment(3)?,
            digest: row.opt_bytes(4)?.map(digest_of).transpose()?,
            size: row.count(5)?,
        })
    })
}

/// Thirty-two bytes as a digest.
///
/// # Errors
/// If they are not thirty-two.
pub fn digest_of(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Type("a digest has 32 bytes".to_owned()))
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub kind: String,
    /// Under which rulebook; empty where none decides.
    pub rulebook: String,
    /// The salted digest of the act's details, which can be erased without it.
    pub detail_digest: Digest,
    /// The digest of what came of it.
    pub outcome_digest: Digest,
    /// The leaf: the digest of all of this.
    pub leaf: Digest,
}

/// Adds an act and its audit row.
///
/// # Errors
/// If the database fails.
pub fn add_act(tx: &mut Tx<'_>, row: &AuditRow, salt: &[u8], detail: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO act (seq, salt, detail) VALUES ($1, $2, $3)";
    tx.execute(sql, &[Value::Int(row.seq), Value::Bytes(salt.into()), text(detail)])?;
    let sql = "INSERT INTO audit (seq, at, actor, kind, rulebook, detail_digest, outcome_digest, leaf) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let digests = [&row.detail_digest, &row.outcome_digest, &row.leaf].map(|digest| Value::Bytes(digest.into()));
    let [detail_digest, outcome_digest, leaf] = digests;
    let seq = Value::Int(row.seq);
    let values = [seq, moment(row.at), text(&row.actor), text(&row.kind), text(&row.rulebook), detail_digest];
    tx.execute(sql, &[&values[..], &[outcome_digest, leaf]].concat()).map(drop)
}

/// The number of the next act.
///
/// # Errors
/// If the database fails.
pub fn next_seq(tx: &mut View<'_>) -> Result<i64, StoreError> {
    next_id(tx, "SELECT max(seq) FROM audit")
}

/// The moment of the last act; moments never go back.
///
/// # Errors
/// If the database fails.
pub fn last_moment(tx: &mut View<'_>) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM audit ORDER BY seq DESC LIMIT 1";
    tx.query_optional(sql, &[], |row| row.moment(0))
}

/// An act with its details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its audit row.
    pub row: AuditRow,
    /// The salt of its details.
    pub salt: Vec<u8>,
    /// Its details.
    pub detail: String,
}

/// The acts after a number, in order, at most so many.
///
/// # Errors
/// If the database fails.
pub fn acts_after(tx: &mut View<'_>, seq: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT a.seq, a.at, a.actor, a.kind, a.rulebook, a.detail_digest, a.outcome_digest, a.leaf, \
               b.salt, b.detail FROM audit a JOIN act b ON b.seq = a.seq WHERE a.seq > $1 ORDER BY a.seq LIMIT $2";
    tx.query(sql, &[Value::Int(seq), Value::Int(most)], |row| {
        Ok(Entry {
            row: AuditRow {
                seq: row.int(0)?,
                at: row.moment(1)?,
                actor: row.text(2)?.to_owned(),
                kind: row.text(3)?.to_owned(),
                rulebook: row.text(4)?.to_owned(),
                detail_digest: digest_of(row.bytes(5)?)?,
                outcome_digest: digest_of(row.bytes(6)?)?,
                leaf: digest_of(row.bytes(7)?)?,
            },
            salt: row.bytes(8)?.to_vec(),
            detail: row.text(9)?.to_owned(),
        })
    })
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
    /// By whom.
    pub actor: String,
    /// What was asked for.
    pub detail: String,
}

/// The acts of some kinds, in the order in which they were done.
///
/// # Errors
/// If the database fails.
pub fn acts_of(tx: &mut View<'_>, kinds: &[&'static str]) -> Result<Vec<RecordedAct>, StoreError> {
    let sql = "SELECT a.seq, a.at, a.actor, b.detail FROM audit a JOIN act b ON b.seq = a.seq WHERE a.kind = $1";
    let mut acts = Vec::new();
    for kind in kinds {
        acts.extend(tx.query(sql, &[text(kind)], |row| {
            let (actor, detail) = (row.text(2)?.to_owned(), row.text(3)?.to_owned());
            Ok(RecordedAct { seq: row.int(0)?, kind, at: row.moment(1)?, actor, detail })
        })?);
    }
    acts.sort_by_key(|act| act.seq);
    Ok(acts)
}
