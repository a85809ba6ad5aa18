//! The audit log: no gaps, nothing altered, never back in time.

use super::found::Found;
use sha2::{Digest as _, Sha256};
use sluice_store::raw::Queries;
use sluice_store::{Scope, Store, StoreError};

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
        let sql = "SELECT audit.seq, at, actor, kind, rulebook, detail_digest, outcome_digest, leaf, salt, detail \
                   FROM audit LEFT JOIN act ON act.seq = audit.seq WHERE audit.seq > $1 ORDER BY audit.seq";
        let (mut seq, mut last) = (self.seq, self.at);
        tx.each(sql, &[self.seq.into()], |row| {
            let (number, at) = (row.int(0)?, row.int(1)?);
            found.unless(number == seq + 1, || format!("act {} is followed by {number}", seq));
            found.unless(at >= last, || format!("act {number} is earlier than the one before"));
            (seq, last) = (number, at);
            let mut hash = Sha256::new();
            hash.update([0]);
            let (number_bytes, at) = (number.to_be_bytes(), at.to_be_bytes());
            let (actor, kind, rulebook) = (row.text(2)?, row.text(3)?, row.text(4)?);
            let (detail_digest, outcome_digest) = (row.bytes(5)?, row.bytes(6)?);
            let fields: [&[u8]; 7] = [
                &number_bytes,
                &at,
                actor.as_bytes(),
                kind.as_bytes(),
                rulebook.as_bytes(),
                detail_digest,
                outcome_digest,
            ];
            for field in fields {
                hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(field);
            }
            found.unless(hash.finalize().as_slice() == row.bytes(7)?, || format!("the leaf of act {number} is wrong"));
            let (salt, detail) = (row.opt_bytes(8)?.unwrap_or_default(), row.opt_text(9)?.unwrap_or_default());
            let digest = Sha256::new().chain_update(salt).chain_update(detail).finalize();
            found.unless(digest.as_slice() == detail_digest, || format!("the details of act {number} were changed"));
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
