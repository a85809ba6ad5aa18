//! Erasing the details of an act, once their time is over.

use crate::act::digests::file_salt;
use crate::error::Result;
use jiff::Timestamp;
use sluice_store::Tx;
use sluice_store::tables::log;

/// Erases the details of an act, and with them the salt by which they could be tried. The log stays as it is, and holds; a
/// replay ends before the act. Gives whether there was something to erase.
///
/// # Errors
/// If there is no such act, or the database fails.
pub fn erase_details(tx: &mut Tx<'_>, seq: i64, at: Timestamp) -> Result<bool> {
    let entry = log::acts_after(tx, seq - 1, 1)?.pop().filter(|entry| entry.row.seq == seq);
    let Some(details) = entry.and_then(|entry| entry.details) else {
        return Err(crate::error::ServiceError::Use(format!("there is no act {seq} with details")));
    };
    Ok(log::erase(tx, seq, at, &file_salt(&details.salt))?)
}
