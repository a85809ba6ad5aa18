//! The keys by which receipts are signed (MAM-9). They are secrets: in no replay, copy, digest or log.

use super::record::{Digest, digest_of, next_id};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;

/// A key of Ed25519.
pub struct ReceiptKey {
    /// Its public half, 32 bytes.
    pub public: Digest,
    /// What its secret half follows from, 32 bytes.
    pub seed: Digest,
}

/// All keys, the newest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<ReceiptKey>, StoreError> {
    tx.query("SELECT public, seed FROM receipt_key ORDER BY id DESC", &[], |row| {
        Ok(ReceiptKey { public: digest_of(row.bytes(0)?)?, seed: digest_of(row.bytes(1)?)? })
    })
}

/// Adds a key, which is in use from then on.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, key: &ReceiptKey) -> Result<(), StoreError> {
    let id = next_id(tx, "SELECT max(id) FROM receipt_key")?;
    let sql = "INSERT INTO receipt_key (id, public, seed) VALUES ($1, $2, $3)";
    let [public, seed] = [&key.public, &key.seed].map(|bytes| Value::Bytes(bytes.into()));
    tx.execute(sql, &[Value::Int(id), public, seed]).map(drop)
}
