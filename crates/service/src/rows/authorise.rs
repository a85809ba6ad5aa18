//! Authorisation files: every row judged, a verdict for every row (MAM-1 to MAM-7).

use crate::act::work::Work;
use crate::board::desk::MamTerms;
use crate::board::save::{Response, respond};
use crate::error::{Result, ServiceError};
use crate::files::ahead::{Read, ReadAhead};
use crate::files::verdict::{Opening, Verdict, refuse, set_findings, verdict_of};
use crate::form;
use crate::rows::days::Days;
use crate::rows::each::{Rows, judge_rows};
use jiff::Timestamp;
use sluice_rules::codes::FileCode;
use sluice_rules::intake::is_in_order;
use sluice_store::tables::answers;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;
use sluice_wire::authorisation::{Authorisations, needs_password, read_authorisation};
use sluice_wire::limits::Limits;
use sluice_wire::written::ResponseRow;
use std::io::Cursor;

/// Judges an authorisation file.
pub(crate) fn judge(
    work: &mut Work<'_>,
    mut file: FileRecord,
    received: &Received,
    opening: Option<&Opening>,
    ahead: Option<&ReadAhead>,
) -> Result<Verdict> {
    let now_read;
    let read = match ahead.filter(|_| opening.is_none()).and_then(|ahead| ahead.by(&file.rulebook)) {
        Some(read) => read,
        None => match read(work, &mut file, received, opening)? {
            // MAM-10: it waits for its password.
            None => {
                "WAITING".clone_into(&mut file.status);
                files::set_verdict(&mut work.tx, &file)?;
                return Ok(verdict_of(&file, &[]));
            }
            Some(read) => {
                now_read = read;
                &now_read
            }
        },
    };
    // MAM-10: the receipt of the file counts, but for a protected one the password must be there before a cut-off too.
    let moment = if opening.is_some() { work.now } else { received.at };
    let mut days = Days::load(work, &file, received.at, moment)?;
    let finding = match read {
        Err(finding) => finding.clone(),
        Ok(read) => match order(work, &file)? {
            None => return accept(work, file, &mut days, read),
            Some(finding) => finding,
        },
    };
    refuse_whole(work, file, &days, received.at, &[finding])
}

/// The rows of a file; nothing if it waits for its password.
fn read(
    work: &mut Work<'_>,
    file: &mut FileRecord,
    received: &Received,
    opening: Option<&Opening>,
) -> Result<Option<Read>> {
    let limits = Limits::of(work.books.get(&file.rulebook)?)?;
    let (digest, extension) = match opening {
        Some(Opening::Opened { digest, extension }) => {
            file.opened = Some(*digest);
            (*digest, extension.clone())
        }
        Some(Opening::Failed { code, message }) => {
            let code: FileCode = code.parse().map_err(ServiceError::defect)?;
            return Ok(Some(Err(FileFinding::new(code, message.clone()))));
        }
        None => {
            let digest = received.digest.ok_or_else(|| ServiceError::defect("a file has no content"))?;
            (digest, file.extension.clone())
        }
    };
    let mut content = Cursor::new(record::content(&mut work.tx, &digest)?);
    if opening.is_none() {
        match needs_password(&extension, &mut content, &limits) {
            Ok(true) => return Ok(None),
            Err(finding) => return Ok(Some(Err(finding))),
            Ok(false) => {}
        }
    }
    Ok(Some(read_authorisation(&extension, &mut content, &limits, None)))
}

/// FI08: the finding if the stamp is not later than that of the last file that was not refused whole.
pub(crate) fn order(work: &mut Work<'_>, file: &FileRecord) -> Result<Option<FileFinding>> {
    let Some(user_id) = file.user_id else { return Ok(None) };
    let Some(last) = files::last_stamped(&mut work.tx, &file.kind, user_id, &file.s1sp)? else { return Ok(None) };
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

/// A file that is refused whole is answered with one line, and may be corrected within grace (CAL-3).
fn refuse_whole(
    work: &mut Work<'_>,
    mut file: FileRecord,
    days: &Days,
    received: Timestamp,
    findings: &[FileFinding],
) -> Result<Verdict> {
    refuse(&mut file, findings, work.now);
    files::set_verdict(&mut work.tx, &file)?;
    days.grant_grace(work, &file, received)?;
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
    let response = Response::of(&file, [row])?;
    answered(work, &file, findings, response)
}

/// Issues the response to a file; the verdict tells of it.
fn answered(work: &mut Work<'_>, file: &FileRecord, findings: &[FileFinding], response: Response) -> Result<Verdict> {
    let name = respond(work, file, &response)?;
    let Response { content, digest: response_digest, .. } = response;
    Ok(Verdict { response: Some(name), response_digest, content: Some(content), ..verdict_of(file, findings) })
}

/// MAM-4: the rows are judged one by one, and the file is answered with a verdict for every row.
fn accept(work: &mut Work<'_>, mut file: FileRecord, days: &mut Days, read: &Authorisations) -> Result<Verdict> {
    // RB-2: the rulebook in effect at the receipt, also where the password came later.
    let terms = MamTerms::by_id(work.books, &file.rulebook)?;
    work.rulebook.clone_from(&terms.rulebook);
    file.rulebook.clone_from(&terms.rulebook);
    let Rows { desk, rows } = judge_rows(work, &file, days, read, terms)?;
    let mut desk = desk;
    "ACCEPTED".clone_into(&mut file.status);
    set_findings(&mut file, &[]);
    file.verdict_at = Some(work.now);
    files::set_verdict(&mut work.tx, &file)?;
    days.use_grace(work, &file)?;
    // The response is made while the database takes what changed.
    let (content, changed) = std::thread::scope(|scope| {
        let written = read.echo.rows().zip(&rows);
        let written = written.map(|(echo, row)| ResponseRow::to(echo, row.verdict, &row.codes, &row.message));
        let response = scope.spawn(|| form::like(&file.extension, written));
        let changed = desk.save(work, Some(file.id))?;
        answers::add(&mut work.tx, file.id, crate::rows::each::without_authorisation(read, &rows))?;
        let content = response.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok::<_, ServiceError>((content, changed))
    })?;
    crate::schedule::issue::issue_changed(work, file.s1sp, &changed, None)?;
    let response = Response::new(content)?;
    refuse_overtaken(work, &file)?;
    let rows = crate::rows::each::count(&rows);
    Ok(Verdict { rows, ..answered(work, &file, &[], response)? })
}

/// FI08: a file that still waits for its password when a later one is accepted is refused too.
fn refuse_overtaken(work: &mut Work<'_>, file: &FileRecord) -> Result<()> {
    for waiting in files::of_status(&mut work.tx, "WAITING")? {
        let same = (waiting.user_id, waiting.s1sp) == (file.user_id, file.s1sp);
        if same && (waiting.date, waiting.time) <= (file.date, file.time) {
            let message = "a later file was accepted while this one waited for its password; send it with a new stamp";
            let received = record::received(&mut work.tx, waiting.id)?;
            refuse_received(work, waiting, &received, &[FileFinding::new(FileCode::FI08, message)])?;
        }
    }
    Ok(())
}

/// Refuses a file by its name or its place among others, with an answer and grace (MAM-9, CAL-3).
pub(crate) fn refuse_received(
    work: &mut Work<'_>,
    file: FileRecord,
    received: &Received,
    findings: &[FileFinding],
) -> Result<()> {
    let days = Days::load(work, &file, received.at, received.at)?;
    if findings.iter().any(|finding| finding.code == FileCode::FI07) {
        // FI07: its name belongs to another file, and so would its response; the receipt says why it is refused.
        let mut file = file;
        refuse(&mut file, findings, work.now);
        files::set_verdict(&mut work.tx, &file)?;
        return days.grant_grace(work, &file, received.at);
    }
    refuse_whole(work, file, &days, received.at, findings).map(drop)
}

/// FI11: a file whose password did not come in time is refused whole.
pub(crate) fn refuse_waiting(work: &mut Work<'_>, id: i64) -> Result<Verdict> {
    let found = files::get(&mut work.tx, id)?.filter(|file| file.status == "WAITING");
    let file = found.ok_or_else(|| ServiceError::defect("no such file waits for its password"))?;
    work.rulebook.clone_from(&file.rulebook);
    let received = record::received(&mut work.tx, id)?;
    let days = Days::load(work, &file, received.at, work.now)?;
    let hours = work.books.get(&file.rulebook)?.number("password_hours")?;
    let message = format!("its password did not come within {hours} hours; send it again with a new stamp");
    refuse_whole(work, file, &days, received.at, &[FileFinding::new(FileCode::FI11, message)])
}
