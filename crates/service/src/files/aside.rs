//! FI24: files that were set aside, when they are judged at last.

use crate::act::work::{Reads, Work};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_store::tables::files::FileRecord;

/// FI24: the cut-off before which a file that is set aside must be judged; from then on what stood before counts. None for kinds
/// whose rows have their own: those are judged as they come to it.
///
/// # Errors
/// If the database fails.
pub(crate) fn cutoff<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
) -> Result<Option<(Milestone, Timestamp)>> {
    let milestone = match file.kind {
        FileKind::DemandCommitment => Milestone::DemandCutoff,
        FileKind::DormantAnswer => Milestone::DmmsResponse,
        _ => return Ok(None),
    };
    match work.week(file.date) {
        Ok(calendar) => Ok(Some((milestone, calendar.at(milestone)))),
        Err(ServiceError::Store(error)) => Err(error.into()),
        // What has no week is refused for it.
        Err(_) => Ok(None),
    }
}

/// The same, if it has passed.
///
/// # Errors
/// If the database fails.
pub(crate) fn overtaken<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
) -> Result<Option<(Milestone, Timestamp)>> {
    let cutoff = cutoff(work, file)?;
    Ok(cutoff.filter(|(_, at)| *at <= work.now))
}

/// FI24: judged before its cut-off a file counts as usual, and later only as a correction by DCC.
///
/// # Errors
/// If its cut-off has passed while it was set aside.
pub(crate) fn must_be_before_its_cutoff(work: &mut Work<'_>, file: &FileRecord) -> Result<()> {
    if file.status != FileStatus::Aside {
        return Ok(());
    }
    let Some((milestone, at)) = overtaken(work, file)? else { return Ok(()) };
    let what = format!("file {} was set aside when '{}' passed at", file.id, milestone.title());
    let at = crate::books::calendar::in_words(at);
    let then = match file.kind {
        FileKind::DemandCommitment => {
            format!("an operator takes it as a correction: sluice week take-file {} --reason REASON", file.id)
        }
        _ => "what stood before counts".to_owned(),
    };
    Err(ServiceError::rule("FI24", format!("{what} {at}; {then}")))
}
