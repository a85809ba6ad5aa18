//! CAL-3: grace for files that were refused whole or held in the last hour before a cut-off.

use crate::act::work::Work;
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::intake::{Window, grace_until};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::results;
use sluice_wire::FileFinding;

/// The cut-off of files of a kind; nothing for kinds that have none.
fn milestone_of(file: &FileRecord) -> Option<Milestone> {
    match file.kind {
        FileKind::DemandCommitment => Some(Milestone::DemandCutoff),
        FileKind::DormantAnswer => Some(Milestone::DmmsResponse),
        FileKind::Authorisation => Some(Milestone::AuthorisationCutoff),
        _ => None,
    }
}

/// The weeks of whose cut-off a file could be about: the one in its name, or every firm week of its S1SP.
fn weeks_of(work: &mut Work<'_>, file: &FileRecord) -> Result<Vec<Date>> {
    match milestone_of(file) {
        Some(Milestone::AuthorisationCutoff) => {
            Ok(results::firm_weeks(&mut work.tx, &file.s1sp)?.into_iter().collect())
        }
        Some(_) => Ok(vec![file.date]),
        None => Ok(Vec::new()),
    }
}

/// Grants grace to the sender of a file that was refused whole or held, at each cut-off of that hour that it could have
/// meant. A week that no calendar can place has none. Gives until when, if any is granted.
///
/// # Errors
/// If the database fails.
pub(crate) fn grant(work: &mut Work<'_>, file: &FileRecord, received: Timestamp) -> Result<Option<Timestamp>> {
    let Some(milestone) = milestone_of(file) else { return Ok(None) };
    let mut granted = None;
    for week in weeks_of(work, file)? {
        let calendar = match work.week(week) {
            Ok(calendar) => calendar,
            Err(ServiceError::Store(error)) => return Err(error.into()),
            Err(_) => continue,
        };
        let minutes = calendar.rulebook.number("grace_minutes")?;
        if let Some(until) = grace_until(received, work.now, calendar.at(milestone), minutes) {
            files::grant_grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week, until)?;
            granted = Some(until);
        }
    }
    Ok(granted)
}

/// CAL-3: what is wrong with a refused file, with the moment until which it may be corrected.
pub(crate) fn with_grace(work: &Work<'_>, findings: &[FileFinding], until: Option<Timestamp>) -> Vec<FileFinding> {
    let mut findings = findings.to_vec();
    // Before version 3 it was not said.
    if let Some((last, until)) = findings.last_mut().zip(until).filter(|_| work.engine > 2) {
        last.message = format!("{}; correct it until {}", last.message, in_words(until));
    }
    findings
}

/// Until when the sender of a file has grace at a week's cut-off, if it has any that is not used.
///
/// # Errors
/// If the database fails.
pub(crate) fn standing(work: &mut Work<'_>, file: &FileRecord, week: Date) -> Result<Option<Timestamp>> {
    let Some(milestone) = milestone_of(file) else { return Ok(None) };
    let grace = files::grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week)?;
    Ok(grace.filter(|grace| !grace.used).map(|grace| grace.until))
}

/// FI16 and FI17: the finding if a file did not come within its window: the moment of complete receipt decides. The words are for
/// what opens at a moment, and for what was over at one.
pub(crate) fn in_time(window: &Window, moment: Timestamp, [opens, over]: [&str; 2]) -> Option<FileFinding> {
    let code = window.admits(moment).err()?;
    let words = match code {
        FileCode::FI17 => format!("{opens} {}", in_words(window.opens)),
        _ => format!("{over} {}", in_words(window.cutoff)),
    };
    Some(FileFinding::new(code, words))
}

/// Once per party, S1SP and cut-off: a file that is taken uses the grace up, before the cut-off too.
///
/// # Errors
/// If the database fails.
pub(crate) fn use_up(work: &mut Work<'_>, file: &FileRecord, week: Date) -> Result<()> {
    let Some(milestone) = milestone_of(file) else { return Ok(()) };
    Ok(files::use_grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week)?)
}
