//! Files are read before they are judged, each kind by what its judge will want; what is refused whatever it says is not read.

use crate::act::leaf::ENGINE;
use crate::act::work::Look;
use crate::basis::Basis;
use crate::dispatch::aside::can_be_judged;
use crate::dormant::answers;
use crate::error::Result;
use crate::files::content::basis;
use crate::files::order::order;
use crate::files::receive::expected;
use crate::responsibility::intake::refusal;
use crate::weeks::demand;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Received};

/// By what an arrival will be read that is not taken over yet; nothing if it is refused whatever it says, as far as is known now,
/// or nothing was kept of its content.
///
/// # Errors
/// If the database fails.
pub(crate) fn of_arrival(work: &mut Look<'_>, arrival: &Received) -> Result<Option<Basis>> {
    match expected(work, arrival)? {
        Some(file) => of_file(work, &file, arrival),
        None => Ok(None),
    }
}

/// By what a received file will be read; nothing if it is refused whatever it says, or has its verdict.
///
/// # Errors
/// If the database fails.
pub(crate) fn of_received(work: &mut Look<'_>, id: i64) -> Result<Option<Basis>> {
    let file = files::get(&mut work.tx, id)?.filter(|file| file.status != FileStatus::Waiting);
    let Some(file) = file else { return Ok(None) };
    let received = record::received(&mut work.tx, id)?;
    of_file(work, &file, &received)
}

fn of_file(work: &mut Look<'_>, file: &FileRecord, received: &Received) -> Result<Option<Basis>> {
    let is_refused = match file.kind {
        _ if !can_be_judged(file.status) || received.digest.is_none() => true,
        _ if refusal(&mut work.tx, file.sender, ENGINE)?.is_some() => true,
        FileKind::DemandCommitment => demand::is_refused(work, file, received.at)?,
        FileKind::DormantAnswer => answers::is_refused(work, file, received.at)?,
        // One that waits for its password is not refused for its stamp yet.
        FileKind::Authorisation if file.extension == "zip" => false,
        FileKind::Authorisation | FileKind::Hold => order(work, file, received.at)?.is_some(),
        FileKind::Outcomes => false,
        _ => true,
    };
    if is_refused { Ok(None) } else { basis(ENGINE, file, received, None).map(Some) }
}
