//! What of the record belongs to nothing, and what something belongs to that is not there. Foreign keys forbid some of it to those
//! who write with them only.

use super::record::{Digest, Received, digest_of, received_at};
use crate::error::StoreError;
use crate::row::Row;
use crate::value::Value;
use crate::view::View;
use std::collections::HashSet;

/// What must not be, with the words for the first row that is: `{}` is its number, `[]` what it is called.
const NEVER: [(&str, &str); 15] = [
    (
        "SELECT seq, '' FROM audit WHERE format = 1 AND (account IS NOT NULL OR engine IS NOT NULL OR program IS NOT NULL \
         OR input_digest IS NOT NULL OR issued_digest IS NOT NULL) OR format = 2 AND actor <> ''",
        "row {} was changed: it holds what rows of its format leave empty",
    ),
    (
        "SELECT seq, '' FROM act WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = act.seq)",
        "the details of row {} are there and the row is not: rows were taken away from the log",
    ),
    (
        "SELECT seq, '' FROM act_key WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = act_key.seq)",
        "the key of row {} is there and the row is not: rows were taken away from the log",
    ),
    (
        "SELECT act, '' FROM input WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = input.act)",
        "what row {} took over is there and the row is not: rows were taken away from the log",
    ),
    (
        "SELECT i.act, '' FROM input i JOIN audit a ON a.seq = i.act WHERE a.format = 1",
        "what row {} took over was added: of rows of the old format it is not kept apart",
    ),
    (
        "SELECT 1, id FROM account_name WHERE (name IS NULL) <> (erased_at IS NOT NULL)",
        "the name of account [] was changed: it is marked as erased and is there, or missing and not marked",
    ),
    (
        "SELECT act, '' FROM input GROUP BY act HAVING min(place) <> 0 OR max(place) <> count(*) - 1",
        "the places of what row {} took over were changed",
    ),
    (
        "SELECT act, '' FROM issued WHERE act IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = issued.act)",
        "what row {} issued is there and the row is not: rows were taken away from the log",
    ),
    (
        "SELECT i.id, i.name FROM issued i JOIN audit a ON a.seq = i.act WHERE a.format = 1",
        "issued file {} ([]) was changed: of files that rows of the old format issued it is not kept by which",
    ),
    (
        "SELECT id, name FROM issued WHERE act IS NULL AND id > (SELECT min(id) FROM issued WHERE act IS NOT NULL)",
        "issued file {} belongs to no act: it was added afterwards",
    ),
    (
        "SELECT id, name FROM issued WHERE act IS NULL AND digest IS NOT NULL",
        "issued file {} ([]) was changed: it has a digest and belongs to no act",
    ),
    (
        "SELECT id, name FROM received WHERE digest IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM content WHERE content.digest = received.digest)",
        "the content of received file {} ([]) is missing: it was taken away",
    ),
    (
        "SELECT act, '' FROM input WHERE opened IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM content WHERE content.digest = input.opened)",
        "the opened content that row {} took over is missing: it was taken away",
    ),
    (
        "SELECT place, digest FROM content_part \
         WHERE NOT EXISTS (SELECT 1 FROM content WHERE content.digest = content_part.digest)",
        "part {} of content [] is there and the content is not",
    ),
    (
        // What arrived may have been too large to be kept (FI09); its act commits to the size.
        "SELECT r.id, r.name FROM received r LEFT JOIN content c ON c.digest = r.digest \
         WHERE r.size <> COALESCE(c.size, CASE WHEN r.arrival IS NULL THEN 0 ELSE r.size END)",
        "the size of received file {} ([]) was changed: its content has another one",
    ),
];

/// The first thing that must not be, in words; nothing if there is none.
///
/// # Errors
/// If the database fails.
pub fn first(tx: &mut View<'_>) -> Result<Option<String>, StoreError> {
    for (sql, words) in NEVER {
        let found = tx.query_optional(&format!("{sql} ORDER BY 1 LIMIT 1"), &[], |row| {
            let name = match row.value(1)? {
                Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
                _ => row.text(1)?.to_owned(),
            };
            Ok(words.replace("{}", &row.int(0)?.to_string()).replace("[]", &name))
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The received files that no act took over by what is kept apart: those of acts of format 1.
///
/// # Errors
/// If the database fails.
pub fn untaken(tx: &mut View<'_>) -> Result<Vec<Received>, StoreError> {
    let sql = "SELECT r.id, r.name, r.sender, r.at, r.digest, r.size, r.unkept FROM received r \
               LEFT JOIN input i ON i.received = r.id WHERE i.act IS NULL ORDER BY r.id";
    tx.query(sql, &[], |row| received_at(row, 0))
}

/// The content that received files and opened members have.
///
/// # Errors
/// If the database fails.
pub fn referred(tx: &mut View<'_>) -> Result<HashSet<Digest>, StoreError> {
    let mut all = HashSet::new();
    let sql = "SELECT digest FROM received WHERE digest IS NOT NULL \
               UNION SELECT opened FROM input WHERE opened IS NOT NULL";
    tx.each(sql, &[], |row| {
        all.insert(digest_of(row.bytes(0)?)?);
        Ok(())
    })?;
    Ok(all)
}

/// The received file that has a content, in words.
///
/// # Errors
/// If the database fails.
pub fn owner(tx: &mut View<'_>, digest: &Digest) -> Result<Option<String>, StoreError> {
    let sql = "SELECT id, name FROM received WHERE digest = $1 ORDER BY id LIMIT 1";
    let words = |row: &Row<'_>| Ok(format!("received file {}, {}", row.int(0)?, row.text(1)?));
    tx.query_optional(sql, &[Value::Bytes(digest.into())], words)
}
