//! FI08: a sender's files come in the order of their stamps.

use crate::act::work::Work;
use crate::error::Result;
use sluice_rules::codes::FileCode;
use sluice_rules::intake::is_in_order;
use sluice_store::tables::files::{self, FileRecord};
use sluice_wire::FileFinding;

/// FI08: the finding if the stamp is not later than that of the last file that was not refused whole.
pub(crate) fn order(work: &mut Work<'_>, file: &FileRecord) -> Result<Option<FileFinding>> {
    let Some(user_id) = file.user_id else { return Ok(None) };
    let Some(last) = files::last_stamped(&mut work.tx, file.kind, user_id, &file.s1sp)? else { return Ok(None) };
    let stamp = |file: &FileRecord| file.date.to_datetime(file.time.unwrap_or_default());
    if is_in_order(stamp(file), Some(stamp(&last))) {
        return Ok(None);
    }
    let message = format!(
        "its stamp is not later than {}, that of your last file for {}; send it with a later stamp",
        stamp(&last),
        file.s1sp
    );
    Ok(Some(FileFinding::new(FileCode::FI08, message)))
}
