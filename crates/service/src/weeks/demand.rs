//! Demand Commitments: judged, held for confirmation, confirmed.

use crate::act::actor::Actor;
use crate::act::aside::{JUDGE, of_file};
use crate::act::digests::digest_of;
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::files::grace;
use crate::files::order::replace_earlier;
use crate::files::outage;
use crate::files::verdict::{Verdict, refuse, set_findings, verdict_of};
use crate::weeks::chain::must_not_be_closed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::intake::{ConfirmationTerms, Window, needs_confirmation};
use sluice_store::tables::aside;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::log::Input;
use sluice_store::tables::record::{self, Digest, Received};
use sluice_store::tables::weeks::{self, Demand};
use sluice_wire::FileFinding;
use sluice_wire::demand::{DemandCommitment, read_demand};
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use std::io::Cursor;

/// MSM-2: judges a Demand Commitment.
pub(crate) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let calendar = work.week(file.date)?;
    if work.engine > 3 && weeks::closed(&mut work.tx, &file.s1sp)?.contains(&file.date) {
        return refuse_closed(work, file, received);
    }
    let window = window(work, &calendar, &file)?;
    let mut findings: Vec<FileFinding> = grace::in_time(&window, received.at, WINDOW).into_iter().collect();
    if findings.is_empty() && !outage::is_open_for(work, &file, Milestone::DemandCutoff)? {
        findings.push(outage::too_late_for_its_week(file.date));
    }
    let read = read(work, &file, received)?;
    let unseen = read.as_ref().ok().and_then(|demand| demand.unseen.clone());
    match read {
        Ok(demand) if findings.is_empty() => {
            match difference(work, &calendar, &file, &demand)? {
                Some(difference) => {
                    // FI21 and CAL-3: it is confirmed before the cut-off, or within grace.
                    let granted = grace::grant(work, &file, received.at, &[])?;
                    let grace = if work.engine > 3 { granted } else { window.grace.or(granted) };
                    let by = grace.map_or(window.cutoff, |until| until.max(window.cutoff));
                    hold(work, &mut file, difference.finding(by), &mut findings)?;
                }
                None => take(work, &mut file, &demand, Some(received.at))?,
            }
        }
        other => {
            findings.extend(other.err().unwrap_or_default());
            let until = grace::grant(work, &file, received.at, &findings)?;
            findings = grace::with_grace(work, &findings, until);
            refuse(&mut file, &findings, work.now);
        }
    }
    files::set_verdict(&mut work.tx, &file)?;
    if work.now > received.at {
        tell_verdict(work, &file, received)?;
    }
    Ok(Verdict { unseen, ..verdict_of(&file, &findings) })
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
    if work.now > received.at {
        tell_verdict(work, &file, received)?;
    }
    Ok(verdict_of(&file, &findings))
}

/// MAM-9: a demand file is answered with its verdict; where that comes later than the receipt, its sender is told.
fn tell_verdict(work: &mut Work<'_>, file: &FileRecord, received: &Received) -> Result<()> {
    let status = file.status.word().to_ascii_lowercase();
    let why = if file.message.is_empty() { String::new() } else { format!(": {} {}", file.codes, file.message) };
    tell(work, file.sender, "MAM-9", None, &format!("file {}, {}, is {status}{why}", file.id, received.name))
}

/// The window in which demand of a file's week counts, with the grace of its sender.
fn window(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, file: &FileRecord) -> Result<Window> {
    let milestone = Milestone::DemandCutoff;
    let grace = grace::standing(work, file, file.date)?;
    Ok(Window { opens: calendar.at(Milestone::DemandOpens), cutoff: calendar.at(milestone), grace })
}

/// What an untimely Demand Commitment is told of its window.
const WINDOW: [&str; 2] = ["demand for this week opens at", "it came after the demand cut-off at"];

type Read = std::result::Result<DemandCommitment, Vec<FileFinding>>;

fn read(work: &mut Work<'_>, file: &FileRecord, received: &Received) -> Result<Read> {
    // RB-2: by the rulebook that was known at its receipt, also when it is read again.
    let book = match work.engine {
        ..=2 => work.books.intake(file.date, &Settings::default())?.0,
        _ => work.books.get(&file.rulebook)?,
    };
    let (limits, largest) = (Limits::of(book)?.of_engine(work.engine), book.number("demand_limit")?);
    let digest = received.digest.ok_or_else(|| ServiceError::defect("a file has no content"))?;
    let content = record::content(&mut work.tx, &digest)?;
    let parsed = FileName::parse(&received.name).map_err(|finding| ServiceError::defect(finding.message))?;
    Ok(read_demand(parsed.0, &parsed.1, &mut Cursor::new(content), &limits, largest))
}

/// A new weekly total that differs much from the standing one (FI21).
struct Difference {
    old: u64,
    new: u64,
}

impl Difference {
    /// The finding that holds the file, with the moment before which it must be confirmed.
    fn finding(&self, by: Timestamp) -> FileFinding {
        let Self { old, new } = *self;
        let sign = if new > old { '+' } else { '-' };
        let message = format!(
            "held for confirmation: the new weekly total is {new}, the standing one {old}, difference {sign}{}; if it is meant, confirm it by {} (sluice submit … --confirm), else send another file",
            new.abs_diff(old),
            in_words(by),
        );
        FileFinding::new(FileCode::FI21, message)
    }
}

/// FI21: how a file's weekly total differs from the standing one of its name, if it differs so much that it is held.
fn difference(
    work: &mut Work<'_>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
    demand: &DemandCommitment,
) -> Result<Option<Difference>> {
    // RB-2: by the rulebook that was known at its receipt.
    let book = if work.engine > 2 { work.books.get(&file.rulebook)? } else { calendar.rulebook };
    let terms =
        ConfirmationTerms { percent: book.number("confirmation_percent")?, units: book.number("confirmation_units")? };
    let standing = weeks::demand(&mut work.tx, &file.s1sp, calendar.monday, calendar.sunday())?;
    let own = standing.iter().filter(|line| line.party == file.sender && Some(line.user_id) == file.user_id);
    let own: Vec<u64> = own.map(|line| line.units).collect();
    let standing = (!own.is_empty()).then(|| own.iter().sum::<u64>());
    let new: u64 = demand.days.iter().sum();
    let held = needs_confirmation(standing, new, terms);
    Ok(held.then(|| Difference { old: standing.unwrap_or(0), new }))
}

/// FI21: a held file waits; one that waited before is replaced by it.
fn hold(
    work: &mut Work<'_>,
    file: &mut FileRecord,
    finding: FileFinding,
    findings: &mut Vec<FileFinding>,
) -> Result<()> {
    replace_earlier(work, file, &[FileStatus::Held, FileStatus::Aside])?;
    file.status = FileStatus::Held;
    set_findings(file, std::slice::from_ref(&finding));
    file.verdict_at = Some(work.now);
    findings.push(finding);
    Ok(())
}

/// MSM-2: a file that is taken replaces the last of its name. At the moment that counts for it, its sender's grace may be used up;
/// what DCC takes uses none.
fn take(
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

/// FI21: the sender confirms a held file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confirm {
    /// The number of its receipt.
    pub file: i64,
}

impl Act for Confirm {
    const KIND: &'static str = "confirm";
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("confirming a file").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        let found = files::get(&mut work.tx, self.file)?;
        let own = found.filter(|file| Some(file.sender) == work.by.party());
        let mut file = own.ok_or_else(|| ServiceError::Use(format!("there is no file {} of yours", self.file)))?;
        crate::responsibility::intake::must_not_have_failed(&mut work.tx, file.sender)?;
        work.rulebook.clone_from(&file.rulebook);
        if file.status != FileStatus::Held {
            return Err(ServiceError::rule("FI21", format!("file {} is not held for confirmation", self.file)));
        }
        let calendar = work.week(file.date)?;
        let window = window(work, &calendar, &file)?;
        // FI21: confirmed before the cut-off or by CAL-3, else it lapses.
        if let Some(finding) = grace::in_time(&window, work.now, WINDOW) {
            return Err(ServiceError::rule("FI21", format!("the confirmation comes too late: {}", finding.message)));
        }
        let received = record::received(&mut work.tx, self.file)?;
        let demand =
            read(work, &file, &received)?.map_err(|_| ServiceError::defect("a held file cannot be read again"))?;
        let moment = work.now;
        take(work, &mut file, &demand, Some(moment))?;
        files::set_verdict(&mut work.tx, &file)?;
        Ok(verdict_of(&file, &[]))
    }
}

/// MSM-11: an operator takes a file that was wrongly refused, or that was set aside when its cut-off passed (FI24); a new version of the result follows from it.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeRefused {
    /// The number of its receipt.
    pub file: i64,
    /// Why the refusal was wrong.
    pub reason: String,
    /// The SHA-256 in hexadecimal of content that the record had not, since the file was refused by its name, and has now from the
    /// intake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Act for TakeRefused {
    const KIND: &'static str = "take-refused";
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("taking a refused file")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        work.must_say(&self.reason, "MSM-11", "taking a refused file says why; give the reason with --reason")?;
        let found = files::get(&mut work.tx, self.file)?;
        let refused = found.filter(|file| {
            let not_taken = matches!(file.status, FileStatus::Refused | FileStatus::Lapsed | FileStatus::Aside);
            file.kind == FileKind::DemandCommitment && not_taken
        });
        let mut file =
            refused.ok_or_else(|| ServiceError::Use(format!("there is no refused demand file {}", self.file)))?;
        crate::responsibility::intake::must_not_have_failed(&mut work.tx, file.sender)?;
        work.rulebook.clone_from(&file.rulebook);
        if file.rulebook.is_empty() {
            return Err(ServiceError::rule(
                "RB-2",
                format!("no rulebook governs file {}: {}", self.file, file.message),
            ));
        }
        crate::weeks::scale::must_not_be_firm(work, &file.s1sp, file.date)?;
        if !work.is_again() {
            must_not_be_closed(work, &file.s1sp, file.date)?;
        }
        let mut received = record::received(&mut work.tx, self.file)?;
        if received.digest.is_none() {
            // What is taken from the intake is what was handed in.
            received.digest = self.content().filter(|content| received.unkept.as_ref() == Some(content));
        }
        if received.digest.is_none() {
            let message = format!(
                "the content of file {} is not kept any more: ask {} to hand it in again",
                file.id, file.sender
            );
            return Err(ServiceError::rule("MSM-11", message));
        }
        let demand = read(work, &file, &received)?.map_err(|findings| {
            let words: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
            ServiceError::rule("MSM-11", format!("its content cannot be taken: {}", words.join("; ")))
        })?;
        aside::end(&mut work.tx, JUDGE, &of_file(self.file))?;
        take(work, &mut file, &demand, None)?;
        file.message = format!("taken by an operator: {}", self.reason);
        files::set_verdict(&mut work.tx, &file)?;
        Ok(verdict_of(&file, &[]))
    }

    fn inputs(&self) -> Vec<Input> {
        self.content().map(Input::Opened).into_iter().collect()
    }
}

impl TakeRefused {
    fn content(&self) -> Option<Digest> {
        self.content.as_deref().and_then(digest_of)
    }
}
