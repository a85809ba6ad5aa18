//! What a password has opened, until its file has a verdict or is set aside (MAM-10, FI24).

use crate::act::digests::digest_and_pack;
use crate::act::work::Work;
use crate::error::Result;
use crate::files::password::Opened;
use crate::files::verdict::Opening;
use jiff::Timestamp;
use sluice_rules::calendar::Milestone;
use sluice_store::Tx;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Packed};
use sluice_store::tables::weeks;

/// A protected file that was opened, or why it could not be.
pub(crate) struct Unsealed {
    /// What came of it.
    pub(crate) opening: Opening,
    /// Its member, where that was opened.
    pub(crate) member: Vec<u8>,
    /// The same as it is kept; nothing where it is in the record already.
    pub(crate) packed: Option<Packed>,
    /// When its password came.
    pub(crate) came: Timestamp,
}

impl Unsealed {
    /// What came of opening a file by a password that came at a moment.
    ///
    /// # Errors
    /// If it cannot be packed.
    pub(crate) fn of(opened: Opened, came: Timestamp) -> Result<Self> {
        Ok(match opened {
            Ok((member, extension)) => {
                let (digest, packed) = digest_and_pack(&member)?;
                Self { opening: Opening::Opened { digest, extension }, member, packed: Some(packed), came }
            }
            Err((code, message)) => {
                Self { opening: Opening::Failed { code, message }, member: Vec::new(), packed: None, came }
            }
        })
    }

    /// Keeps the member in the record with its own digest, since a replay uses it (MAM-10).
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>) -> Result<()> {
        match self.opening.member().zip(self.packed.as_ref()) {
            Some((digest, packed)) => Ok(record::keep(tx, &digest, packed)?),
            None => Ok(()),
        }
    }
}

/// MAM-10: has a cut-off done its work since a file that waits and a password that came were both there? None does while the file is being
/// opened by a process that lives.
pub(crate) fn is_closed(work: &mut Work<'_>, file: i64, came: Timestamp) -> Result<bool> {
    let there = record::received(&mut work.tx, file)?.at.max(came);
    let Some(FileRecord { s1sp, .. }) = files::get(&mut work.tx, file)? else { return Ok(false) };
    for (of, week, milestone) in weeks::passed(&mut work.tx)?.into_iter().rev() {
        let is_this = (of, milestone) == (s1sp, Milestone::AuthorisationCutoff);
        if is_this && work.week(week)?.at(milestone) > there {
            return Ok(true);
        }
    }
    Ok(false)
}
