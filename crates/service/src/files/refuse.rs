//! Files that are refused whole, and how they are answered (MAM-4, MAM-9).

use crate::act::work::Work;
use crate::board::answer::{Response, respond};
use crate::error::{Result, ServiceError};
use crate::files::grace;
use crate::files::verdict::{Verdict, refuse, verdict_of};
use jiff::Timestamp;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::{parties, passwords};
use sluice_wire::FileFinding;
use sluice_wire::written::ResponseRow;

/// Refuses a file whole, whatever its kind: it is answered, and may be corrected within grace (CAL-3).
///
/// # Errors
/// If the database fails.
pub(crate) fn refuse_whole(
    work: &mut Work<'_>,
    mut file: FileRecord,
    received: Timestamp,
    findings: &[FileFinding],
) -> Result<Verdict> {
    // FI24: what failed by a fault of ours refuses nothing.
    if let Some(ours) = findings.iter().find(|finding| finding.code == FileCode::FI24) {
        return Err(ServiceError::defect(&ours.message));
    }
    let until = grace::grant(work, &file, received, findings)?;
    let findings = &*grace::with_grace(work, findings, until);
    refuse(&mut file, findings, work.now);
    files::set_verdict(&mut work.tx, &file)?;
    // MAM-10: whatever refuses it, it waits for no password any more.
    if file.kind == FileKind::Authorisation {
        passwords::end_of(&mut work.tx, file.id)?;
    }
    // FI07: its name belongs to another file, and so would its response; the receipt says why it is refused. FI04: under another
    // party's User ID it would take a name of that party's responses.
    let of_another_file = findings.iter().any(|finding| finding.code == FileCode::FI07);
    if file.kind != FileKind::Authorisation || of_another_file || is_of_another_party(work, &file)? {
        return Ok(verdict_of(&file, findings));
    }
    let row = ResponseRow {
        row: None,
        mpan: "",
        mprn: "",
        chf: "",
        date: "",
        action: "",
        reference: "",
        verdict: "REFUSED",
        codes: &file.codes,
        message: &file.message,
    };
    let response = Response::of(&file, work.engine, [row])?;
    answered(work, &file, findings, response)
}

/// Is the User ID in its name another party's? Whatever others send, a party's responses keep their names and versions.
fn is_of_another_party(work: &mut Work<'_>, file: &FileRecord) -> Result<bool> {
    let Some(id) = file.user_id.filter(|_| work.engine > 2) else { return Ok(false) };
    Ok(!parties::user_ids(&mut work.tx, &file.sender)?.contains(&id))
}

/// Issues the response to an authorisation file; the verdict tells of it.
///
/// # Errors
/// If the database fails.
pub(crate) fn answered(
    work: &mut Work<'_>,
    file: &FileRecord,
    findings: &[FileFinding],
    response: Response,
) -> Result<Verdict> {
    let name = respond(work, file, &response)?;
    let Response { content, digest: response_digest, .. } = response;
    Ok(Verdict { response: Some(name), response_digest, content: Some(content), ..verdict_of(file, findings) })
}
