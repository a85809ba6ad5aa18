//! The record: settings, content, what was received. Only added to; what was done is in [`super::log`].

use super::convert::{Columns, moment, number, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Bytes of content in one row; large enough to be few, small enough for either database.
pub(super) const PART: usize = 1 << 20;

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
///
/// # Errors
/// [`StoreError::Damaged`] if they are not what packing content of this size gives.
pub(crate) fn unpacked(bytes: &[u8], size: u64) -> Result<Vec<u8>, StoreError> {
    let room = usize::try_from(size).map_err(|_| StoreError::Type(format!("{size} bytes do not fit this machine")))?;
    let damaged = |error| StoreError::Damaged(format!("content of {size} bytes cannot be unpacked: {error}"));
    let content = zstd::bulk::decompress(bytes, room).map_err(damaged)?;
    if content.len() == room {
        return Ok(content);
    }
    Err(StoreError::Damaged(format!("content of {size} bytes unpacks to {}", content.len())))
}

/// Whether content is still what its digest says.
///
/// # Errors
/// [`StoreError::Damaged`] if it is not; `what` names it.
pub(crate) fn must_fit(content: &[u8], digest: &Digest, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    if Sha256::digest(content).as_slice() == digest {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("{} was changed: it no longer fits its digest", what())))
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
    if is_new(tx, digest, packed.size)? { keep_parts(tx, digest, packed) } else { Ok(()) }
}

/// Adds the row of content, unless it is there; says whether it was not.
pub(super) fn is_new(tx: &mut Tx<'_>, digest: &Digest, size: u64) -> Result<bool, StoreError> {
    let known = "SELECT 1 FROM content WHERE digest = $1";
    if tx.query_optional(known, &[Value::Bytes(digest.into())], |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    let sql = "INSERT INTO content (digest, size) VALUES ($1, $2)";
    tx.execute(sql, &[Value::Bytes(digest.into()), Value::Int(number(size))]).map(|_| true)
}

/// Adds the packed bytes of content in their parts.
pub(super) fn keep_parts(tx: &mut Tx<'_>, digest: &Digest, packed: &Packed) -> Result<(), StoreError> {
    for (place, part) in (0..).zip(packed.bytes.chunks(PART)) {
        let sql = "INSERT INTO content_part (digest, place, bytes) VALUES ($1, $2, $3)";
        tx.execute(sql, &[Value::Bytes(digest.into()), Value::Int(place), Value::Bytes(part.into())])?;
    }
    Ok(())
}

/// Bytes in hexadecimal, with small letters.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The content of a digest, digested again.
///
/// # Errors
/// If the database fails or does not have it; [`StoreError::Damaged`] if it is no longer what the digest says.
pub fn content(tx: &mut View<'_>, digest: &Digest) -> Result<Vec<u8>, StoreError> {
    let key = [Value::Bytes(digest.into())];
    let name = || format!("content {}", hexadecimal(digest));
    let size = tx.query_optional("SELECT size FROM content WHERE digest = $1", &key, |row| row.count(0))?;
    let size = size.ok_or_else(|| StoreError::Damaged(format!("{} is missing", name())))?;
    let mut packed = Vec::new();
    let sql = "SELECT place, bytes FROM content_part WHERE digest = $1 ORDER BY place";
    let mut places = Vec::new();
    tx.each(sql, &key, |row| {
        places.push(row.int(0)?);
        packed.extend_from_slice(row.bytes(1)?);
        Ok(())
    })?;
    if (0..).zip(&places).any(|(next, place)| next != *place) {
        return Err(StoreError::Damaged(format!("{} was changed: a part of it is missing", name())));
    }
    let content = unpacked(&packed, size).map_err(|error| match error {
        StoreError::Damaged(words) => StoreError::Damaged(format!("{} was changed: {words}", name())),
        other => other,
    })?;
    must_fit(&content, digest, name)?;
    Ok(content)
}

/// All settings, by name.
///
/// # Errors
/// If the database fails.
pub fn settings(tx: &mut View<'_>) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT name, value FROM setting ORDER BY name";
    tx.query(sql, &[], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
}

/// The digests of all content, in order.
///
/// # Errors
/// If the database fails.
pub fn contents(tx: &mut View<'_>) -> Result<Vec<Digest>, StoreError> {
    tx.query("SELECT digest FROM content ORDER BY digest", &[], |row| digest_of(row.bytes(0)?))
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
    /// The digest of its content in the record; nothing for a password file (MAM-10), for what was refused unread for its size (FI09),
    /// and for what is not kept.
    pub digest: Option<Digest>,
    /// The digest of content that is not kept in the record, since the file was refused by its name.
    pub unkept: Option<Digest>,
    /// Its size in bytes.
    pub size: u64,
}

impl Received {
    /// The digest of what came, whether or not it is kept.
    #[must_use]
    pub fn known_by(&self) -> Option<&Digest> {
        self.digest.as_ref().or(self.unkept.as_ref())
    }
}

/// The received files whose content is not kept in the record, with their arrivals, by number.
///
/// # Errors
/// If the database fails.
pub fn unkept(tx: &mut View<'_>) -> Result<Vec<(i64, Digest)>, StoreError> {
    let sql = "SELECT id, unkept FROM received WHERE unkept IS NOT NULL ORDER BY id";
    tx.query(sql, &[], |row| Ok((row.int(0)?, digest_of(row.bytes(1)?)?)))
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

/// The same as a number that the act gives out: where it goes into rows as [`Value::Given`], which number it is makes no
/// difference between acts that are compared (ACC-2).
///
/// # Errors
/// If the database fails.
pub fn give_id(tx: &mut Tx<'_>, largest: &'static str) -> Result<i64, StoreError> {
    let id = next_id(tx, largest)?;
    tx.give(id);
    Ok(id)
}

/// A received file by its number.
///
/// # Errors
/// If there is none.
pub fn received(tx: &mut View<'_>, id: i64) -> Result<Received, StoreError> {
    let sql = "SELECT id, name, sender, at, digest, size, unkept FROM received WHERE id = $1";
    tx.query_one(sql, &[Value::Int(id)], |row| received_at(row, 0))
}

/// A received file whose columns begin at a place.
pub(super) fn received_at(row: &Row<'_>, place: usize) -> Result<Received, StoreError> {
    Ok(Received {
        id: row.int(place)?,
        name: row.text(place + 1)?.to_owned(),
        sender: row.text(place + 2)?.to_owned(),
        at: row.moment(place + 3)?,
        digest: row.opt_bytes(place + 4)?.map(digest_of).transpose()?,
        size: row.count(place + 5)?,
        unkept: row.opt_bytes(place + 6)?.map(digest_of).transpose()?,
    })
}

/// Thirty-two bytes as a digest.
///
/// # Errors
/// If they are not thirty-two.
pub fn digest_of(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Type("a digest has 32 bytes".to_owned()))
}
