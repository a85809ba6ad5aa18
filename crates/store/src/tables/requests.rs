//! The requests that were done, by their keys: the same once more is not done again, and is answered as the first time. They are
//! neither record nor derived.

use super::convert::{moment, text};
use super::record::{Digest, digest_of};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::{SignedDuration, Timestamp};

/// How long a request is known.
pub const KNOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a request was, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The digest of what was asked.
    pub request: Digest,
    /// What came of it, as JSON.
    pub answer: String,
}

/// The request of a key, if it was done.
///
/// # Errors
/// If the database fails.
pub fn find(tx: &mut View<'_>, key: &Digest) -> Result<Option<Done>, StoreError> {
    let sql = "SELECT request, answer FROM request_done WHERE key = $1";
    tx.query_optional(sql, &[Value::Bytes(key.into())], |row| {
        Ok(Done { request: digest_of(row.bytes(0)?)?, answer: row.text(1)?.to_owned() })
    })
}

/// Notes in the transaction of an act that a request was done with it, and forgets those that are too old.
///
/// # Errors
/// If it was done before, or the database fails.
pub fn keep(tx: &mut Tx<'_>, key: &Digest, at: Timestamp, done: &Done) -> Result<(), StoreError> {
    let old = at.checked_sub(KNOWN).map_err(|error| StoreError::Other(error.to_string()))?;
    tx.execute("DELETE FROM request_done WHERE at < $1", &[moment(old)])?;
    let sql = "INSERT INTO request_done (key, request, at, answer) VALUES ($1, $2, $3, $4)";
    let values = [Value::Bytes(key.into()), Value::Bytes((&done.request).into()), moment(at), text(&done.answer)];
    tx.execute(sql, &values).map(drop)
}
