//! FI24: files that were set aside, when they are judged at last.

use crate::act::work::{Reads, Work};
use crate::error::{Result, ServiceError};
use crate::files::grace::standing;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::S1sp;
use sluice_store::tables::aside::{self, Aside};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::{record, weeks};

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

/// The same, if its work was done though the file had come in time for it. What came too late is refused for that.
///
/// # Errors
/// If the database fails.
pub(crate) fn overtaken<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
) -> Result<Option<(Milestone, Timestamp)>> {
    let Some((milestone, at)) = cutoff(work, file)? else { return Ok(None) };
    if !weeks::has_passed(&mut work.tx, &file.s1sp, file.date, milestone)? {
        return Ok(None);
    }
    let received = record::received(&mut work.tx, file.id)?.at;
    let until = standing(work, file, file.date)?.map_or(at, |grace| grace.max(at));
    Ok(Some((milestone, at)).filter(|_| received < until))
}

/// FI24: judged before the work of its cut-off a file counts as usual, and later only as a correction by DCC.
///
/// # Errors
/// If that was done while it was set aside.
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

/// What an act of the clock says of its week; those of none do not.
#[derive(Deserialize)]
struct OfWeek {
    #[serde(with = "crate::words")]
    s1sp: S1sp,
    #[serde(with = "crate::words")]
    week: Date,
}

/// CAL-4, CAL-7: when a cut-off moves, what is set aside is tried again at once: before, there was no time left for it. An act of the
/// clock is due again at its moment, however long it was not to be tried.
///
/// # Errors
/// If the database fails.
pub(crate) fn try_again_at_once(work: &mut Work<'_>, moved: Milestone, week: Date, at: Option<S1sp>) -> Result<()> {
    if work.engine < 5 {
        return Ok(());
    }
    let is_there = |s1sp, of| of == week && at.is_none_or(|at| at == s1sp);
    for one in aside::all(&mut work.tx)? {
        let is_again = match one.file {
            Some(file) => match files::get(&mut work.tx, file)?.filter(|file| is_there(file.s1sp, file.date)) {
                Some(file) => cutoff(work, &file)?.is_some_and(|(milestone, _)| milestone == moved),
                None => false,
            },
            None => serde_json::from_str::<OfWeek>(&one.details).is_ok_and(|act| is_there(act.s1sp, act.week)),
        };
        if is_again {
            aside::keep(&mut work.tx, &Aside { next: Some(work.now), ..one })?;
        }
    }
    Ok(())
}
