//! Demand Commitments: judged, held for confirmation, confirmed.

use crate::act::actor::Actor;
use crate::act::aside::{JUDGE, of_file};
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::files::grace;
use crate::files::order::replace_earlier;
use crate::files::verdict::{Verdict, refuse, set_findings, verdict_of};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::intake::{ConfirmationTerms, Window, grace_until, needs_confirmation};
use sluice_store::tables::aside;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Received};
use sluice_store::tables::weeks::{self, Demand};
use sluice_wire::FileFinding;
use sluice_wire::demand::{DemandCommitment, read_demand};
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use std::io::Cursor;

/// MSM-2: judges a Demand Commitment.
pub(crate) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let calendar = work.week(file.date)?;
    let window = window(work, &calendar, &file)?;
    let mut findings: Vec<FileFinding> = grace::in_time(&window, received.at, WINDOW).into_iter().collect();
    let read = read(work, &file, received)?;
    let unseen = read.as_ref().ok().and_then(|demand| demand.unseen.clone());
    match read {
        Ok(demand) if findings.is_empty() => {
            let held =
                confirmation(work, &calendar, &file, &demand, confirm_by(work, &calendar, &window, received.at)?)?;
            match held {
                Some(finding) => {
                    hold(work, &mut file, finding, &mut findings)?;
                    grace::grant(work, &file, received.at)?;
                }
                None => take(work, &mut file, &demand)?,
            }
        }
        other => {
            findings.extend(other.err().unwrap_or_default());
            let until = grace::grant(work, &file, received.at)?;
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

/// FI21: the finding that holds a file, if its weekly total differs much from the standing one of its name.
fn confirmation(
    work: &mut Work<'_>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
    demand: &DemandCommitment,
    by: Timestamp,
) -> Result<Option<FileFinding>> {
    // RB-2: by the rulebook that was known at its receipt.
    let book = if work.engine > 2 { work.books.get(&file.rulebook)? } else { calendar.rulebook };
    let terms =
        ConfirmationTerms { percent: book.number("confirmation_percent")?, units: book.number("confirmation_units")? };
    let standing = weeks::demand(&mut work.tx, &file.s1sp, calendar.monday, calendar.sunday())?;
    let own = standing.iter().filter(|line| line.party == file.sender && Some(line.user_id) == file.user_id);
    let own: Vec<u64> = own.map(|line| line.units).collect();
    let standing = (!own.is_empty()).then(|| own.iter().sum::<u64>());
    let new: u64 = demand.days.iter().sum();
    if !needs_confirmation(standing, new, terms) {
        return Ok(None);
    }
    let old = standing.unwrap_or(0);
    let sign = if new > old { '+' } else { '-' };
    let message = format!(
        "held for confirmation: the new weekly total is {new}, the standing one {old}, difference {sign}{}; if it is meant, confirm it by {} (sluice submit … --confirm), else send another file",
        new.abs_diff(old),
        in_words(by),
    );
    Ok(Some(FileFinding::new(FileCode::FI21, message)))
}

/// FI21 and CAL-3: before which moment a file must be confirmed that is held now.
fn confirm_by(work: &Work<'_>, calendar: &WeekCalendar<'_>, window: &Window, received: Timestamp) -> Result<Timestamp> {
    let minutes = calendar.rulebook.number("grace_minutes")?;
    let grace = window.grace.or_else(|| grace_until(received, work.now, window.cutoff, minutes));
    Ok(grace.map_or(window.cutoff, |until| until.max(window.cutoff)))
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

/// MSM-2: a file that is taken replaces the last of its name.
fn take(work: &mut Work<'_>, file: &mut FileRecord, demand: &DemandCommitment) -> Result<()> {
    replace_earlier(work, file, &[FileStatus::Accepted, FileStatus::Held, FileStatus::Aside])?;
    let user_id = file.user_id.ok_or_else(|| ServiceError::defect("a demand file has no User ID"))?;
    let days = days_of_week(file.date)?;
    let lines = days.iter().zip(demand.days);
    let lines: Vec<Demand> = lines.map(|(&date, units)| Demand { date, party: file.sender, user_id, units }).collect();
    weeks::replace_demand(&mut work.tx, &file.s1sp, &lines, file.id)?;
    grace::use_up(work, file, file.date)?;
    file.status = FileStatus::Accepted;
    set_findings(file, &[]);
    file.verdict_at = Some(work.now);
    Ok(())
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
        take(work, &mut file, &demand)?;
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
        let received = record::received(&mut work.tx, self.file)?;
        let demand = read(work, &file, &received)?.map_err(|findings| {
            let words: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
            ServiceError::rule("MSM-11", format!("its content cannot be taken: {}", words.join("; ")))
        })?;
        aside::end(&mut work.tx, JUDGE, &of_file(self.file))?;
        take(work, &mut file, &demand)?;
        file.message = format!("taken by an operator: {}", self.reason);
        files::set_verdict(&mut work.tx, &file)?;
        Ok(verdict_of(&file, &[]))
    }
}
