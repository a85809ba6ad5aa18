//! Authorisation files: every row judged, a verdict for every row (MAM-1 to MAM-7).

use crate::act::work::Work;
use crate::basis::Basis;
use crate::board::answer::Response;
use crate::board::finish::Ending;
use crate::books::calendar::{in_words, week_of};
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::files::content::basis;
use crate::files::order::order;
use crate::files::refuse::{answered, refuse_whole};
use crate::files::verdict::{Opening, Verdict, set_findings, verdict_of};
use crate::form;
use crate::rows::asked;
use crate::rows::days::Days;
use crate::rows::each::{Rows, judge_rows};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_store::tables::answers;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::passwords;
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;
use sluice_wire::authorisation::Authorisations;
use sluice_wire::written::ResponseRow;
use std::collections::HashSet;

/// Judges an authorisation file, with what came of opening it and the moment at which its password arrived.
pub(crate) fn judge(
    work: &mut Work<'_>,
    mut file: FileRecord,
    received: &Received,
    opened: Option<(&Opening, Timestamp)>,
) -> Result<Verdict> {
    if let Some((Opening::Opened { digest, .. }, _)) = opened {
        file.opened = Some(*digest);
    }
    // MAM-10: a protected file is there when its password is too.
    let there = opened.map_or(received.at, |(_, password)| password.max(received.at));
    // FI08: a stamp that is too early says so before anything is read, unless it may be a file that waits for its password.
    let may_wait = opened.is_none() && file.extension == "zip";
    if work.engine > 3
        && !may_wait
        && let Some(finding) = order(work, &file, there)?
    {
        return refuse_whole(work, file, received.at, &[finding]);
    }
    let read;
    let read = match opened.map(|(opening, _)| opening) {
        Some(Opening::Failed { code, message }) => {
            let code: FileCode = code.parse().map_err(ServiceError::defect)?;
            &Err(FileFinding::new(code, message.clone()))
        }
        opening => {
            read = work.file(basis_of(work.engine, &file, received, opening)?)?;
            match read.authorisations()? {
                Some(read) => read,
                // MAM-10: it waits for its password.
                None => {
                    file.status = FileStatus::Waiting;
                    files::set_verdict(&mut work.tx, &file)?;
                    return Ok(verdict_of(&file, &[]));
                }
            }
        }
    };
    // MAM-10: the receipt of the file counts, but for a protected one the password must be there before a cut-off too.
    let moment = match file.status {
        // FI24: what was set aside finds the days that are open when it is judged at last.
        FileStatus::Aside => work.now,
        _ => there,
    };
    let named = read.as_ref().map_or_else(|_| HashSet::new(), weeks_of);
    let mut days = Days::load(work, &file, (received.at, moment), &named)?;
    let finding = match read {
        Err(finding) => finding.clone(),
        Ok(read) => match order(work, &file, there)? {
            None => return accept(work, file, there, &mut days, read),
            Some(finding) => finding,
        },
    };
    refuse_whole(work, file, received.at, &[finding])
}

/// By what an authorisation file is read, with what came of opening it.
///
/// # Errors
/// If nothing was kept of its content.
pub(crate) fn basis_of(
    engine: i64,
    file: &FileRecord,
    received: &Received,
    opening: Option<&Opening>,
) -> Result<Basis> {
    let opened = match opening {
        Some(Opening::Opened { digest, extension }) => Some((digest, &**extension)),
        _ => None,
    };
    basis(engine, file, received, opened)
}

/// The weeks that a file names dates of, by their Mondays.
fn weeks_of(read: &Authorisations) -> HashSet<Date> {
    read.rows.iter().filter_map(|row| week_of(row.date?).ok()).collect()
}

/// MAM-4: the rows are judged one by one, and the file is answered with a verdict for every row.
fn accept(
    work: &mut Work<'_>,
    mut file: FileRecord,
    there: Timestamp,
    days: &mut Days,
    read: &Authorisations,
) -> Result<Verdict> {
    // RB-2: the rulebook in effect at the receipt, also where the password came later.
    let terms = MamTerms::by_id(work.books, &file.rulebook)?;
    work.rulebook.clone_from(&terms.rulebook);
    file.rulebook.clone_from(&terms.rulebook);
    let Rows { settled, rows } = judge_rows(work, (&file, there), days, read, terms)?;
    file.status = FileStatus::Accepted;
    set_findings(&mut file, &[]);
    file.verdict_at = Some(work.now);
    files::set_verdict(&mut work.tx, &file)?;
    days.use_grace(work, &file, read.rows.iter().filter_map(|row| row.date))?;
    let waiting = asked::of_file(settled.facts(), file.id);
    // The response is made while the database takes what changed.
    let content = std::thread::scope(|scope| {
        let written = read.echo.rows().zip(&rows);
        let written = written.map(|(echo, row)| ResponseRow::to(echo, row.verdict, &row.codes, &row.message));
        let (extension, engine) = (&file.extension, work.engine);
        let response = scope.spawn(move || form::like(extension, engine, written));
        settled.finish(work, Ending { own: Some(file.id), ..Ending::default() })?;
        answers::add(&mut work.tx, file.id, crate::rows::each::without_authorisation(read, &rows))?;
        response.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let response = Response::new(content)?;
    if work.engine > 2 {
        asked::tell_others(work, file.s1sp, file.sender, &waiting)?;
    }
    refuse_overtaken(work, &file)?;
    let rows = crate::rows::each::count(&rows);
    Ok(Verdict { rows, unseen: read.unseen.clone(), ..answered(work, &file, &[], response)? })
}

/// FI08: a file that still waits for its password, or is set aside, when a later one is accepted is refused too.
fn refuse_overtaken(work: &mut Work<'_>, file: &FileRecord) -> Result<()> {
    for (status, why) in [(FileStatus::Waiting, "waited for its password"), (FileStatus::Aside, "was set aside")] {
        for earlier in files::of_user(&mut work.tx, file.kind, file.user_id, &file.s1sp, status)? {
            if (earlier.date, earlier.time) <= (file.date, file.time) {
                let message = format!("a later file was accepted while this one {why}; send it with a new stamp");
                let received = record::received(&mut work.tx, earlier.id)?;
                refuse_whole(work, earlier, received.at, &[FileFinding::new(FileCode::FI08, message)])?;
            }
        }
    }
    Ok(())
}

/// FI11: a file whose password did not come in time, before a moment, is refused whole.
pub(crate) fn refuse_waiting(work: &mut Work<'_>, id: i64, until: Timestamp) -> Result<Verdict> {
    let found = files::get(&mut work.tx, id)?.filter(|file| file.status == FileStatus::Waiting);
    let file = found.ok_or_else(|| ServiceError::defect("no such file waits for its password"))?;
    work.rulebook.clone_from(&file.rulebook);
    let received = record::received(&mut work.tx, id)?;
    let what = match passwords::of_file(&mut work.tx, id)?.first() {
        // MAM-10: who sent it is not told that it never came.
        Some(lost) => {
            let (at, until) = (in_words(lost.at), in_words(until));
            format!("its password came at {at}, could not be used, and did not come again before {until}")
        }
        None => {
            let hours = work.books.get(&file.rulebook)?.number("password_hours")?;
            format!("its password did not come within {hours} hours")
        }
    };
    let message = format!("{what}; send it again with a new stamp");
    refuse_whole(work, file, received.at, &[FileFinding::new(FileCode::FI11, message)])
}
