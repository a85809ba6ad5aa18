//! The audit log: no gaps, nothing altered, never back in time, no rulebook before its time.

use super::found::Found;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sluice_rules::calendar::LONDON;
use sluice_rules::rulebook::Rulebook;
use sluice_service::act::leaf::fixed_id;
use sluice_store::raw::Queries;
use sluice_store::{Row, Scope, Store, StoreError};
use std::sync::LazyLock;

static BOOKS: LazyLock<Vec<Rulebook>> = LazyLock::new(|| sluice_wire::rulebooks::rulebooks().unwrap_or_default());

/// How far the log was followed.
#[derive(Debug, Default)]
pub struct AuditTrail {
    seq: i64,
    at: i64,
}

impl AuditTrail {
    /// How many acts there were.
    #[must_use]
    pub fn acts(&self) -> i64 {
        self.seq
    }

    /// Follows the log to its end: the next number each, a leaf that is the hash of the row, details that fit their digest.
    ///
    /// # Errors
    /// If the database fails.
    pub fn follow(&mut self, store: &mut Store, found: &mut Found) -> Result<(), StoreError> {
        let mut tx = store.view(Scope::Dcc)?;
        let sql = "SELECT audit.seq, at, account, kind, rulebook, engine, program, detail_digest, input_digest, \
                   outcome_digest, issued_digest, leaf, format, actor, salt, detail \
                   FROM audit LEFT JOIN act ON act.seq = audit.seq WHERE audit.seq > $1 ORDER BY audit.seq";
        let (mut seq, mut last) = (self.seq, self.at);
        tx.each(sql, &[self.seq.into()], |row| {
            let (number, at) = (row.int(0)?, row.int(1)?);
            found.unless(number == seq + 1, || format!("act {} is followed by {number}", seq));
            found.unless(at >= last, || format!("act {number} is earlier than the one before"));
            (seq, last) = (number, at);
            let named = row.int(12)? != 2 || !row.text(13)?.is_empty();
            found.unless(!named, || format!("act {number} is of the old format, or names its actor"));
            in_its_time(row, found)?;
            found.unless(leaf(row)?.as_slice() == row.bytes(11)?, || format!("the leaf of act {number} is wrong"));
            let (salt, detail) = (row.opt_bytes(14)?.unwrap_or_default(), row.opt_text(15)?.unwrap_or_default());
            let digest = fields(Sha256::new(), &[salt, b"details", detail.as_bytes()]).finalize();
            found.unless(digest.as_slice() == row.bytes(7)?, || format!("the details of act {number} were changed"));
            Ok(())
        })?;
        (self.seq, self.at) = (seq, last);
        let sql = "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM act)";
        let (rows, acts) = tx.query_one(sql, &[], |row| Ok((row.int(0)?, row.int(1)?)))?;
        found.unless((rows, acts) == (seq, seq), || {
            format!("the log ends with act {seq} and has {rows} rows, with the details of {acts} acts")
        });
        Ok(())
    }
}

/// RB-2: nothing is decided by a rulebook that is not known yet, and nothing by the clock by one that is not in effect.
fn in_its_time(row: &Row<'_>, found: &mut Found) -> Result<(), StoreError> {
    let (number, id) = (row.int(0)?, row.text(4)?);
    let date = Timestamp::from_millisecond(row.int(1)?).unwrap_or_default().to_zoned(LONDON).date();
    let by_the_clock = row.bytes(2)? == fixed_id("clock");
    let book = BOOKS.iter().find(|book| book.id == id);
    let in_time = book.is_none_or(|book| if by_the_clock { book.in_effect <= date } else { book.is_known(date) });
    found
        .unless(in_time && (book.is_some() || id.is_empty()), || format!("act {number} of {date} was decided by {id}"));
    Ok(())
}

/// The leaf of a row: SHA-256 over a zero byte, the format, and the first eleven columns in their order.
fn leaf(row: &Row<'_>) -> Result<[u8; 32], StoreError> {
    let [format, seq, at, engine] = [2, row.int(0)?, row.int(1)?, row.int(5)?].map(i64::to_be_bytes);
    let words = [row.text(3)?.as_bytes(), row.text(4)?.as_bytes()];
    let mut all = vec![&format[..], &seq, &at, row.bytes(2)?, words[0], words[1], &engine, row.text(6)?.as_bytes()];
    for column in 7..=10 {
        all.push(row.bytes(column)?);
    }
    Ok(fields(Sha256::new().chain_update([0]), &all).finalize().into())
}

/// Fields with their lengths before them.
fn fields(hash: Sha256, fields: &[&[u8]]) -> Sha256 {
    let length = |field: &[u8]| u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes();
    fields.iter().fold(hash, |hash, field| hash.chain_update(length(field)).chain_update(field))
}
