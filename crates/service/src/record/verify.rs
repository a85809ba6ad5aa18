//! Checking the record.

use crate::act::work::{leaf, salted};
use crate::error::Result;
use sluice_store::tables::record::acts_after;
use sluice_store::{Scope, Store};

/// What a check of the record found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows that are right, from the first on.
    pub rows: i64,
    /// The first bad row, in words; nothing if there is none.
    pub bad: Option<String>,
}

/// Acts that are loaded at a time.
const BATCH: i64 = 10_000;

/// Looks for gaps, and for rows that are not as they were written.
///
/// # Errors
/// If the database fails.
pub fn verify(store: &mut Store) -> Result<Verified> {
    let mut tx = store.view(Scope::Dcc)?;
    let mut rows = 0;
    loop {
        let acts = acts_after(&mut tx, rows, BATCH)?;
        for act in &acts {
            let bad = if act.row.seq != rows + 1 {
                Some(format!("row {} is missing", rows + 1))
            } else if leaf(&act.row) != act.row.leaf {
                Some(format!("row {} was changed: its leaf does not fit", act.row.seq))
            } else if salted(&act.salt, &act.detail) != act.row.detail_digest {
                Some(format!("the details of row {} were changed", act.row.seq))
            } else {
                None
            };
            if bad.is_some() {
                return Ok(Verified { rows, bad });
            }
            rows += 1;
        }
        if acts.is_empty() {
            return Ok(Verified { rows, bad: None });
        }
    }
}
