//! CAL-3: grace for files that were refused whole or held, by a verdict that came late or after the cut-off; in one place for the
//! cut-offs of demand, of answers to Dormant notices and of authorisations.

use crate::act::work::{Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::intake::{Delay, GraceTerms, Window, grace_before_4, grace_end};
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::Received;
use sluice_store::tables::{parties, results, weeks};
use sluice_wire::FileFinding;
use sluice_wire::name::may_be_password;
use std::collections::BTreeSet;

/// The cut-offs that have grace, and move by an outage (CAL-7).
pub(crate) const CUT_OFFS: [Milestone; 3] =
    [Milestone::DemandCutoff, Milestone::DmmsResponse, Milestone::AuthorisationCutoff];

/// The cut-off of files of a kind; nothing for kinds that have none.
pub(crate) fn milestone_of(kind: FileKind) -> Option<Milestone> {
    match kind {
        FileKind::DemandCommitment => Some(Milestone::DemandCutoff),
        FileKind::DormantAnswer => Some(Milestone::DmmsResponse),
        FileKind::Authorisation => Some(Milestone::AuthorisationCutoff),
        _ => None,
    }
}

/// The kind of the files that a cut-off is for.
pub(crate) fn kind_of(cut_off: Milestone) -> Option<FileKind> {
    FileKind::TAKEN.into_iter().find(|kind| milestone_of(*kind) == Some(cut_off))
}

/// What the name of a file says of the cut-off that it was sent for. What it does not say, it could have meant any of.
#[derive(Debug, Clone, Copy, Default)]
struct Meant {
    milestone: Option<Milestone>,
    s1sp: Option<S1sp>,
    week: Option<Date>,
}

impl Meant {
    /// What a file meant that was refused with these findings or held; nothing if its kind has no cut-off.
    fn by(file: &FileRecord, findings: &[FileFinding]) -> Option<Self> {
        let has = |code| findings.iter().any(|finding| finding.code == code);
        let milestone = match file.kind {
            // The password of a file comes in time or late like the file.
            FileKind::Password => Some(Milestone::AuthorisationCutoff),
            // FI02: what is not taken here was meant to be another kind.
            kind if !FileKind::TAKEN.contains(&kind) => None,
            kind => Some(milestone_of(kind)?),
        };
        let weekly = matches!(milestone, Some(Milestone::DemandCutoff | Milestone::DmmsResponse));
        Some(Self {
            milestone,
            s1sp: Some(file.s1sp).filter(|_| !has(FileCode::FI03)),
            week: Some(file.date).filter(|_| weekly && !has(FileCode::FI05)),
        })
    }

    /// The cut-offs that it could be, with S1SP and week; only weeks that begin after a date.
    fn cut_offs(self, work: &mut Work<'_>, after: Date) -> Result<Vec<(S1sp, Date, Milestone)>> {
        let s1sps = self.s1sp.map_or_else(|| parties::s1sps(&mut work.tx), |s1sp| Ok(vec![s1sp]))?;
        let milestones = self.milestone.map_or_else(|| CUT_OFFS.to_vec(), |milestone| vec![milestone]);
        let mut found = Vec::new();
        for s1sp in s1sps {
            for &milestone in &milestones {
                let weeks = match (milestone, self.week) {
                    (Milestone::AuthorisationCutoff, _) => results::firm_weeks(&mut work.tx, &s1sp)?,
                    (_, Some(week)) => vec![week],
                    (_, None) => planned_weeks(work, &s1sp)?,
                };
                found.extend(weeks.into_iter().filter(|week| *week > after).map(|week| (s1sp, week, milestone)));
            }
        }
        Ok(found)
    }
}

/// The weeks of an S1SP that have capacity.
fn planned_weeks(work: &mut Work<'_>, of: &S1sp) -> Result<Vec<Date>> {
    let days = weeks::days_with_capacity(&mut work.tx)?;
    let weeks = days.into_iter().filter(|(s1sp, _)| s1sp == of).map(|(_, date)| week_of(date));
    Ok(weeks.collect::<Result<BTreeSet<Date>>>()?.into_iter().collect())
}

/// The calendar of a week; none of one that no calendar can place.
fn calendar_of<'a>(work: &mut Work<'a>, week: Date) -> Result<Option<WeekCalendar<'a>>> {
    match work.week(week) {
        Ok(calendar) => Ok(Some(calendar)),
        Err(ServiceError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// CAL-3: grants grace to the sender of a file that is refused whole with these findings, or held. Gives until when the file may be
/// corrected or confirmed after its cut-off, if it may.
///
/// # Errors
/// If the database fails.
pub(crate) fn grant(
    work: &mut Work<'_>,
    file: &FileRecord,
    received: Timestamp,
    findings: &[FileFinding],
) -> Result<Option<Timestamp>> {
    if work.engine < 4 {
        return grant_before_4(work, file, received);
    }
    // A password that did not come is no fault of the file.
    if findings.iter().any(|finding| finding.code == FileCode::FI11) {
        return Ok(None);
    }
    let Some(meant) = Meant::by(file, findings) else { return Ok(None) };
    let delay = if file.status == FileStatus::Waiting { Delay::Sender } else { Delay::Dcc };
    grant_each(work, file.sender, received, meant, delay)
}

/// CAL-3: the same for a file whose name says nothing: it could have meant any cut-off, and what is taken for a password that of
/// authorisations.
///
/// # Errors
/// If the database fails.
pub(crate) fn grant_nameless(work: &mut Work<'_>, sender: Party, received: &Received) -> Result<Option<Timestamp>> {
    if work.engine < 4 {
        return Ok(None);
    }
    let milestone = may_be_password(&received.name).then_some(Milestone::AuthorisationCutoff);
    grant_each(work, sender, received.at, Meant { milestone, ..Meant::default() }, Delay::Dcc)
}

/// The end that is named holds at each of these cut-offs: grace that stands there already is kept, or made longer.
fn grant_each(
    work: &mut Work<'_>,
    sender: Party,
    received: Timestamp,
    meant: Meant,
    delay: Delay,
) -> Result<Option<Timestamp>> {
    let (mut named, decided_under) = (None::<Timestamp>, work.rulebook.clone());
    for (s1sp, week, milestone) in meant.cut_offs(work, local_date(received))? {
        // What it set off is done: nothing is taken any more.
        if weeks::has_passed(&mut work.tx, &s1sp, week, milestone)?
            || milestone == Milestone::DemandCutoff && published(work, &s1sp, week)?.is_some()
        {
            continue;
        }
        let Some(calendar) = calendar_of(work, week)? else { continue };
        let number = |name| calendar.rulebook.number(name);
        let terms = GraceTerms { minutes: number("grace_minutes")?, limit: number("grace_limit_minutes")? };
        let new = grace_end(received, work.now, calendar.at(milestone), terms, delay);
        let standing = files::grace(&mut work.tx, &sender, &s1sp, milestone.id(), week)?;
        if standing.is_some_and(|grace| grace.used) {
            continue;
        }
        let standing = standing.map(|grace| grace.until);
        if let Some(new) = new.filter(|new| standing.is_none_or(|until| until < *new)) {
            files::grant_grace(&mut work.tx, &sender, &s1sp, milestone.id(), week, new)?;
        }
        let until = new.max(standing).filter(|until| *until > work.now);
        named = [named, until].into_iter().flatten().min();
    }
    if named.is_none() {
        // Nothing was decided by them.
        work.rulebook = decided_under;
    }
    Ok(named)
}

/// Before version 4 the first grace of a party at a cut-off was its only one.
fn grant_before_4(work: &mut Work<'_>, file: &FileRecord, received: Timestamp) -> Result<Option<Timestamp>> {
    let Some(milestone) = milestone_of(file.kind) else { return Ok(None) };
    let weeks = match milestone {
        Milestone::AuthorisationCutoff => results::firm_weeks(&mut work.tx, &file.s1sp)?,
        _ => vec![file.date],
    };
    let mut granted = None;
    for week in weeks {
        let Some(calendar) = calendar_of(work, week)? else { continue };
        let minutes = calendar.rulebook.number("grace_minutes")?;
        if let Some(until) = grace_before_4(received, work.now, calendar.at(milestone), minutes) {
            if files::grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week)?.is_none() {
                files::grant_grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week, until)?;
            }
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
pub(crate) fn standing<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
    week: Date,
) -> Result<Option<Timestamp>> {
    let Some(milestone) = milestone_of(file.kind) else { return Ok(None) };
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

/// MSM-14: since when a result of a week is published, so that what others asked for may be known: no demand that comes then is in
/// time, also where an outage moves its cut-off behind that (CAL-7). Programs of before took it.
///
/// # Errors
/// If the database fails.
pub(crate) fn published<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<Option<Timestamp>> {
    if work.engine < 8 {
        return Ok(None);
    }
    Ok(results::published_since(&mut work.tx, s1sp, week)?)
}

/// The same in words, for everybody who is told that the cut-off of demand moves: at which S1SPs a result is published.
pub(crate) fn only_before(published: &[String]) -> String {
    if published.is_empty() {
        return String::new();
    }
    format!("; at {}, whose result is published, only what came before that is in time", published.join(", "))
}

/// CAL-3: once per party, S1SP and cut-off: a file that is taken at or after the cut-off uses the grace up, nothing before it does.
/// The moment is the one that counts for the file.
///
/// # Errors
/// If the database fails.
pub(crate) fn use_up(work: &mut Work<'_>, file: &FileRecord, week: Date, moment: Timestamp) -> Result<()> {
    let Some(milestone) = milestone_of(file.kind) else { return Ok(()) };
    // Before version 4 what was taken before the cut-off used it up too.
    if work.engine > 3 && moment < work.week(week)?.at(milestone) {
        return Ok(());
    }
    Ok(files::use_grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), week)?)
}
