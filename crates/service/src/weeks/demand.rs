//! Demand Commitments: judged, and held for confirmation.

use crate::act::reading::{ReadFile, Understood};
use crate::act::tell::tell;
use crate::act::work::{Look, Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::error::{Result, ServiceError};
use crate::files::content::{basis, said};
use crate::files::grace;
use crate::files::order::{held_after, replace_earlier, replaced_already, replaced_by_held};
use crate::files::outage;
use crate::files::unconfirmed;
use crate::files::verdict::{Verdict, refuse, set_findings, verdict_of};
use jiff::Timestamp;
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::intake::{ConfirmationTerms, Window, needs_confirmation};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Received};
use sluice_store::tables::weeks::{self, Demand};
use sluice_wire::FileFinding;
use sluice_wire::demand::DemandCommitment;

/// MSM-2: judges a Demand Commitment.
pub(crate) fn judge(
    work: &mut Work<'_>,
    mut file: FileRecord,
    received: &Received,
    confirmed: bool,
) -> Result<Verdict> {
    let mut was_held = false;
    let calendar = work.week(file.date)?;
    if work.engine > 3 && weeks::closed(&mut work.tx, &file.s1sp)?.contains(&file.date) {
        return refuse_closed(work, file, received);
    }
    if let Some(verdict) = replaced_already(work, &file, received, confirmed)? {
        return Ok(verdict);
    }
    let window = window(work, &calendar, &file)?;
    let mut findings: Vec<FileFinding> = untimely(work, &file, &window, received.at)?.into_iter().collect();
    if findings.is_empty() && !outage::is_open_for(work, &file, Milestone::DemandCutoff)? {
        findings.push(outage::too_late_for_its_week(file.date));
    }
    // FI16, FI17: what did not come in its time is refused for that, and read no further.
    let is_decided = work.engine > 3 && !findings.is_empty();
    let read = if is_decided { Err(Vec::new()) } else { read(work, &file, received)? };
    let unseen = read.as_ref().ok().and_then(|demand| demand.unseen.clone());
    match read {
        Ok(demand) if findings.is_empty() => match difference(work, &calendar, &file, &demand)? {
            Some(_) if confirmed => {
                was_held = true;
                take(work, &mut file, &demand, Some(received.at))?;
            }
            Some(difference) => {
                if let Some(verdict) = replaced_by_held(work, &file, received)? {
                    return Ok(verdict);
                }
                let finding = to_be_confirmed(work, &mut file, received, (&window, &difference))?;
                findings.push(finding);
            }
            None => take(work, &mut file, &demand, Some(received.at))?,
        },
        other => {
            findings.extend(other.err().unwrap_or_default());
            let until = grace::grant(work, &file, received.at, &findings)?;
            findings = grace::with_grace(work, &findings, until);
            refuse(&mut file, &findings, work.now);
        }
    }
    files::set_verdict(&mut work.tx, &file)?;
    if file.status == FileStatus::Accepted && compare_again(work, &calendar, &file)? {
        file.status = FileStatus::Replaced;
    }
    tell_verdict(work, &file, received)?;
    Ok(Verdict { unseen, confirmed: was_held, ..verdict_of(&file, &findings) })
}

/// FI21: what is held and came after a file that is taken only now is compared with it, as in its turn: it is taken where it differs
/// from it little enough, and else waits on. Gives whether it replaces the other.
fn compare_again(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, taken: &FileRecord) -> Result<bool> {
    let Some(mut held) = held_after(work, taken)? else { return Ok(false) };
    let received = record::received(&mut work.tx, held.id)?;
    // CAL-3: grace is for one file, and the earlier one has it.
    let window = window(work, calendar, &held)?;
    if untimely(work, &held, &window, received.at)?.is_some() {
        held.status = FileStatus::Lapsed;
        files::set_status(&mut work.tx, held.id, held.status)?;
        let words = format!(
            "file {} came before file {} and is taken now; grace was for one file (CAL-3), so file {} has lapsed",
            taken.id, held.id, held.id
        );
        tell(work, held.sender, "CAL-3", None, &words)?;
        return Ok(false);
    }
    let demand = read_again(work, &held)?.map_err(|_| ServiceError::defect("a held file cannot be read again"))?;
    let words = match difference(work, calendar, &held, &demand)? {
        None => {
            take(work, &mut held, &demand, Some(received.at))?;
            "is accepted: it differs little enough from it and needs no confirmation".to_owned()
        }
        Some(difference) => {
            let by = window.grace.map_or(window.cutoff, |until| until.max(window.cutoff));
            let finding = difference.finding(by);
            set_findings(&mut held, std::slice::from_ref(&finding));
            format!("is {}", finding.message)
        }
    };
    files::set_verdict(&mut work.tx, &held)?;
    let words = format!("file {} came before file {} and is taken now; file {} {words}", taken.id, held.id, held.id);
    tell(work, held.sender, "FI21", None, &words)?;
    Ok(held.status == FileStatus::Accepted)
}

/// CAL-5: demand for a week that was closed is too late whenever it comes, and there is nothing to correct (CAL-3).
fn refuse_closed(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let (week, s1sp) = (file.date, file.s1sp);
    let words = format!(
        "the week of {week} at {s1sp} was closed without a result, so no demand for it is taken (CAL-5); send none"
    );
    let findings = [FileFinding::new(FileCode::FI16, words)];
    refuse(&mut file, &findings, work.now);
    files::set_verdict(&mut work.tx, &file)?;
    tell_verdict(work, &file, received)?;
    Ok(verdict_of(&file, &findings))
}

/// MAM-9: before version 5 the sender of a demand file was told its verdict where that came later than the receipt.
fn tell_verdict(work: &mut Work<'_>, file: &FileRecord, received: &Received) -> Result<()> {
    if work.engine > 4 || work.now <= received.at {
        return Ok(());
    }
    let status = file.status.word().to_ascii_lowercase();
    let why = if file.message.is_empty() { String::new() } else { format!(": {} {}", file.codes, file.message) };
    tell(work, file.sender, "MAM-9", None, &format!("file {}, {}, is {status}{why}", file.id, received.name))
}

/// The window in which demand of a file's week counts, with the grace of its sender.
pub(in crate::weeks) fn window<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
) -> Result<Window> {
    let milestone = Milestone::DemandCutoff;
    let grace = grace::standing(work, file, file.date)?;
    Ok(Window { opens: calendar.at(Milestone::DemandOpens), cutoff: calendar.at(milestone), grace })
}

/// Is it known already that a Demand Commitment is refused, whatever it says?
///
/// # Errors
/// If its week cannot be placed, or the database fails.
pub(crate) fn is_refused(work: &mut Look<'_>, file: &FileRecord, received: Timestamp) -> Result<bool> {
    let calendar = work.week(file.date)?;
    let is_closed = weeks::closed(&mut work.tx, &file.s1sp)?.contains(&file.date);
    let window = window(work, &calendar, file)?;
    Ok(is_closed || untimely(work, file, &window, received)?.is_some())
}

/// FI16, FI17: what is wrong with the moment of a file's receipt, or of its confirmation, if anything is.
pub(in crate::weeks) fn untimely<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
    window: &Window,
    moment: Timestamp,
) -> Result<Option<FileFinding>> {
    if let Some(finding) = grace::in_time(window, moment, WINDOW) {
        return Ok(Some(finding));
    }
    let (week, s1sp) = (file.date, file.s1sp);
    let published = grace::published(work, &s1sp, week)?.filter(|published| *published <= moment);
    Ok(published.map(|published| {
        let words = format!(
            "it came after the result of the week of {week} at {s1sp} was published, at {}, since when others' demand may be known (MSM-14, CAL-7). Ask DCC, which alone can take it now (MSM-11)",
            in_words(published)
        );
        FileFinding::new(FileCode::FI16, words)
    }))
}

/// What an untimely Demand Commitment is told of its window.
const WINDOW: [&str; 2] = ["demand for this week opens at", "it came after the demand cut-off at"];

pub(in crate::weeks) type Read = Understood<DemandCommitment, Vec<FileFinding>>;

/// What a Demand Commitment says.
pub(in crate::weeks) fn read(work: &Work<'_>, file: &FileRecord, received: &Received) -> Result<Read> {
    Ok(said(work, file, received)?.demand()?.clone())
}

/// What a file says that the act is not about, read within it: it is small.
///
/// # Errors
/// If the database fails.
pub(in crate::weeks) fn read_again(work: &mut Work<'_>, file: &FileRecord) -> Result<Read> {
    let received = record::received(&mut work.tx, file.id)?;
    let basis = basis(work.engine, file, &received, None)?;
    let bytes = record::content(&mut work.tx, &basis.digest)?;
    Ok(ReadFile::of(work.books, basis, &bytes, None)?.demand()?.clone())
}

/// A new weekly total that differs much from the standing one (FI21).
struct Difference {
    old: u64,
    new: u64,
}

impl Difference {
    /// The finding that holds the file, with the moment before which it must be confirmed.
    fn finding(&self, by: Timestamp) -> FileFinding {
        let (words, by) = (self.words(), in_words(by));
        let message = format!(
            "held for confirmation: {words}; if it is meant, confirm it by {by} (sluice submit … --confirm), else send another file"
        );
        FileFinding::new(FileCode::FI21, message)
    }

    fn words(&self) -> String {
        let Self { old, new } = *self;
        let sign = if new > old { '+' } else { '-' };
        format!("the new weekly total is {new}, the standing one {old}, difference {sign}{}", new.abs_diff(old))
    }
}

/// FI21: from which difference on a file is held.
pub(in crate::weeks) fn confirmation_terms(
    work: &Work<'_>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
) -> Result<ConfirmationTerms> {
    // RB-2: by the rulebook that was known at its receipt.
    let book = if work.engine > 2 { work.books.get(&file.rulebook)? } else { calendar.rulebook };
    Ok(ConfirmationTerms { percent: book.number("confirmation_percent")?, units: book.number("confirmation_units")? })
}

/// FI21: how a file's weekly total differs from the standing one of its name, if it differs so much that it is held.
fn difference(
    work: &mut Work<'_>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
    demand: &DemandCommitment,
) -> Result<Option<Difference>> {
    let terms = confirmation_terms(work, calendar, file)?;
    let standing = weeks::demand(&mut work.tx, &file.s1sp, calendar.monday, calendar.sunday())?;
    let own = standing.iter().filter(|line| line.party == file.sender && Some(line.user_id) == file.user_id);
    let own: Vec<u64> = own.map(|line| line.units).collect();
    let standing = (!own.is_empty()).then(|| own.iter().sum::<u64>());
    let new: u64 = demand.days.iter().sum();
    let held = needs_confirmation(standing, new, terms);
    Ok(held.then(|| Difference { old: standing.unwrap_or(0), new }))
}

/// FI21: what differs much is held until it is confirmed, before the cut-off or, by CAL-3, within grace. Where nobody can confirm it any
/// more, it is refused.
fn to_be_confirmed(
    work: &mut Work<'_>,
    file: &mut FileRecord,
    received: &Received,
    (window, difference): (&Window, &Difference),
) -> Result<FileFinding> {
    if let Some(published) = grace::published(work, &file.s1sp, file.date)? {
        let finding = unconfirmed::finding(&difference.words(), file, published);
        refuse(file, std::slice::from_ref(&finding), work.now);
        return Ok(finding);
    }
    let granted = grace::grant(work, file, received.at, &[])?;
    let grace = if work.engine > 3 { granted } else { window.grace.or(granted) };
    let by = grace.map_or(window.cutoff, |until| until.max(window.cutoff));
    let finding = difference.finding(by);
    hold(work, file, &finding)?;
    Ok(finding)
}

/// FI21: a held file waits; one that waited before is replaced by it.
fn hold(work: &mut Work<'_>, file: &mut FileRecord, finding: &FileFinding) -> Result<()> {
    // FI24: what is set aside is not replaced by what may lapse itself; before version 6 it was.
    let states = [FileStatus::Held, FileStatus::Aside];
    replace_earlier(work, file, if work.engine > 5 { &states[..1] } else { &states })?;
    file.status = FileStatus::Held;
    set_findings(file, std::slice::from_ref(finding));
    file.verdict_at = Some(work.now);
    Ok(())
}

/// MSM-2: a file that is taken replaces the last of its name. At the moment that counts for it, its sender's grace may be used up;
/// what DCC takes uses none.
pub(in crate::weeks) fn take(
    work: &mut Work<'_>,
    file: &mut FileRecord,
    demand: &DemandCommitment,
    moment: Option<Timestamp>,
) -> Result<()> {
    replace_earlier(work, file, &[FileStatus::Accepted, FileStatus::Held, FileStatus::Aside])?;
    let user_id = file.user_id.ok_or_else(|| ServiceError::defect("a demand file has no User ID"))?;
    let days = days_of_week(file.date)?;
    let lines = days.iter().zip(demand.days);
    let lines: Vec<Demand> = lines.map(|(&date, units)| Demand { date, party: file.sender, user_id, units }).collect();
    weeks::replace_demand(&mut work.tx, &file.s1sp, &lines, file.id)?;
    // Before version 4 what DCC took used it up too.
    if let Some(moment) = moment.or((work.engine < 4).then_some(work.now)) {
        grace::use_up(work, file, file.date, moment)?;
    }
    file.status = FileStatus::Accepted;
    set_findings(file, &[]);
    file.verdict_at = Some(work.now);
    Ok(())
}

/// MSM-2: what a file that counts asks for on days on which nothing can be migrated, as far as is known, in words. It counts for the
/// ceiling of the week all the same (MSM-2a).
///
/// # Errors
/// If the database fails.
pub fn without_capacity(work: &mut Look<'_>, file: i64) -> Result<Option<String>> {
    let counts = |file: &FileRecord| (file.kind, file.status) == (FileKind::DemandCommitment, FileStatus::Accepted);
    let Some(file) = files::get(&mut work.tx, file)?.filter(counts) else { return Ok(None) };
    let days = days_of_week(file.date)?;
    let capacity = weeks::capacity(&mut work.tx, &file.s1sp, days[0], days[6])?;
    let mut demand = weeks::demand(&mut work.tx, &file.s1sp, days[0], days[6])?;
    demand.retain(|line| (line.party, Some(line.user_id)) == (file.sender, file.user_id) && line.units > 0);
    demand.retain(|line| capacity.get(&line.date).is_none_or(|capacity| capacity.total() == 0));
    if demand.is_empty() {
        return Ok(None);
    }
    let days = demand.iter().map(|line| format!("{} on {}", line.units, line.date)).collect::<Vec<_>>().join(", ");
    let s1sp = file.s1sp;
    Ok(Some(format!(
        "{s1sp} has no capacity so far for what it asks for: {days}; it counts for the week's ceiling (MSM-2a)"
    )))
}
