//! DMT-3: answers of suppliers to Dormant notices.

use crate::act::work::{Look, Reads, Work};
use crate::books::calendar::WeekCalendar;
use crate::dormant::roster::{ANSWERED_ACTIVE, Roster};
use crate::error::Result;
use crate::files::content::said;
use crate::files::grace;
use crate::files::order::{came_after, replace_earlier, replaced_already};
use crate::files::outage;
use crate::files::refuse::refuse_whole;
use crate::files::told::called;
use crate::files::verdict::{RowAnswers, Verdict, accept_rows};
use jiff::Timestamp;
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::dormant::DormantEvent;
use sluice_rules::file::FileStatus;
use sluice_rules::intake::Window;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::dormant::{self, AnswerRecord};
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::record::Received;
use sluice_wire::FileFinding;
use sluice_wire::dormant::{Answer, Answers};
use std::collections::BTreeMap;

const MILESTONE: Milestone = Milestone::DmmsResponse;

/// DMT-3: judges the answers of a supplier to a notice.
pub(crate) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    // DMT-3: a later file takes the place of the answers that it lists, not of the whole file.
    if work.engine < 5
        && let Some(verdict) = replaced_already(work, &file, received, false)?
    {
        return Ok(verdict);
    }
    let calendar = work.week(file.date)?;
    let mut findings: Vec<FileFinding> = in_time(work, &calendar, &file, received.at)?.into_iter().collect();
    if findings.is_empty() && !outage::is_open_for(work, &file, MILESTONE)? {
        findings.push(outage::too_late_for_its_week(file.date));
    }
    // FI16: what came too late is refused for that, and read no further.
    if work.engine > 3 && !findings.is_empty() {
        return refuse_whole(work, file, received.at, &findings);
    }
    let read = said(work, &file, received)?;
    let answers = match read.answers()? {
        Ok(answers) if findings.is_empty() => answers,
        read => {
            findings.extend(read.as_ref().err().cloned());
            return refuse_whole(work, file, received.at, &findings);
        }
    };
    let rows = take(work, &file, answers)?;
    // FI24: what a file that is set aside says of other installations counts when it is judged.
    let states = [FileStatus::Accepted, FileStatus::Aside];
    replace_earlier(work, &file, if work.engine < 5 { &states } else { &states[..1] })?;
    grace::use_up(work, &file, file.date, received.at)?;
    accept_rows(work, &mut file, rows)
}

/// Is it known already that answers are refused, whatever they say?
///
/// # Errors
/// If their week cannot be placed, or the database fails.
pub(crate) fn is_refused(work: &mut Look<'_>, file: &FileRecord, received: Timestamp) -> Result<bool> {
    let calendar = work.week(file.date)?;
    Ok(in_time(work, &calendar, file, received)?.is_some())
}

/// FI16: answers are taken until they are due, or within grace (CAL-3).
fn in_time<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    file: &FileRecord,
    received: Timestamp,
) -> Result<Option<FileFinding>> {
    let grace = grace::standing(work, file, file.date)?;
    let window = Window { opens: Timestamp::MIN, cutoff: calendar.at(MILESTONE), grace };
    Ok(grace::in_time(&window, received, ["answers are taken from", "answers to the Dormant notice were due at"]))
}

/// Takes the rows of a file; gives what they are answered.
fn take<'r>(work: &mut Work<'_>, file: &FileRecord, read: &'r Answers) -> Result<RowAnswers<'r>> {
    let Answers { rows, refused, unseen } = read;
    let mut answers = RowAnswers::of(refused, unseen);
    let listed = rows.iter().map(|(_, chf, _)| *chf).collect();
    let mut roster = Roster::with(work, file.s1sp, file.date, &listed)?;
    let (mut taken, mut later) = (Vec::new(), BTreeMap::new());
    for &(row, chf, ref answer) in rows {
        if let Some(finding) = answered_later(work, &roster, file, chf, &mut later)? {
            answers.refuse(row, finding);
            continue;
        }
        let answer = record_of(file, row, chf, answer);
        match roster.answered(work, answer)? {
            Ok(answer) => {
                taken.extend(answer);
                answers.taken.push(row);
            }
            Err(finding) => answers.refuse(row, finding),
        }
    }
    dormant::set_answers(&mut work.tx, &file.s1sp, file.date, &taken)?;
    roster.save(work)?;
    Ok(answers)
}

/// DMT-3: what came before another file of its sender that answers for the installation already, because it could not be taken over in
/// its turn, says nothing of it any more. `later` has which files came later.
fn answered_later(
    work: &mut Work<'_>,
    roster: &Roster<'_>,
    file: &FileRecord,
    chf: Eui64,
    later: &mut BTreeMap<i64, bool>,
) -> Result<Option<Finding>> {
    let answered = roster.answers.get(&chf).and_then(|answers| answers.get(&file.sender));
    let Some(other) = answered.map(|answer| answer.file).filter(|other| work.engine > 4 && *other != file.id) else {
        return Ok(None);
    };
    let is_later = match later.get(&other) {
        Some(is_later) => *is_later,
        None => *later.entry(other).or_insert(came_after(work, other, file.id)?),
    };
    if !is_later {
        return Ok(None);
    }
    let other = called(work, other)?;
    let other = if work.engine > 7 { other } else { format!("your {other}") };
    let words = format!("{other}, which came after this one, answers for installation {chf}; that counts");
    Ok(Some((RowCode::DO105, words)))
}

fn record_of(file: &FileRecord, row: u64, chf: Eui64, answer: &Answer) -> AnswerRecord {
    let (word, reason, statement) = match answer {
        Answer::NoObjection => ("NO_OBJECTION", String::new(), String::new()),
        Answer::Active => ("ACTIVE", String::new(), String::new()),
        Answer::Object { reason, statement } => ("OBJECT", reason.clone(), statement.clone()),
    };
    AnswerRecord {
        chf,
        party: file.sender,
        answer: word.to_owned(),
        reason,
        statement,
        file: file.id,
        row,
        decision: None,
    }
}

type Judged = std::result::Result<Option<AnswerRecord>, Finding>;

impl Roster<'_> {
    /// DMT-3: an answer for one installation; what is to be written, or the finding if it is refused.
    fn answered(&mut self, work: &mut Work<'_>, answer: AnswerRecord) -> Result<Judged> {
        let chf = answer.chf;
        // DO102: a supplier answers what it was told of.
        if !self.noticed.get(&chf).is_some_and(|noticed| noticed.contains(&answer.party)) {
            let words = format!("installation {chf} is not in your Dormant notice of the week of {}", self.week());
            return Ok(Err((RowCode::DO102, words)));
        }
        // CAL-7, SCH-1: answers may be due later than a day is locked; what is in its schedule only a hold takes out (MAM-12).
        let locked = self.lines.get(&chf).filter(|line| work.engine > 6 && line.state.is_past_answers());
        if let Some(date) = locked.and_then(|line| line.date) {
            let words = format!(
                "installation {chf} is in the locked schedule of {date}; put it on hold if it must not be migrated"
            );
            return Ok(Err((RowCode::DO105, words)));
        }
        let of_installation = self.answers.entry(chf).or_default();
        if let Some(old) = of_installation.get(&answer.party)
            && let Some(decision) = &old.decision
        {
            // DO105: what was upheld has taken effect.
            if decision.upheld {
                let words = format!("your objection to installation {chf} is upheld; it has left the week");
                return Ok(Err((RowCode::DO105, words)));
            }
            // DMT-4: the same objection again is decided already; of files the last that says it counts. Before version 6 the first did.
            if (&old.answer, &old.reason, &old.statement) == (&answer.answer, &answer.reason, &answer.statement) {
                let again = AnswerRecord { decision: old.decision.clone(), ..answer };
                let again = Some(again).filter(|_| work.engine > 5);
                of_installation.extend(again.iter().map(|again| (again.party, again.clone())));
                return Ok(Ok(again));
            }
        }
        of_installation.insert(answer.party, answer.clone());
        self.follow_answers(work, chf, answer.party)?;
        Ok(Ok(Some(answer)))
    }

    /// DMT-3: what a supplier says has become Active leaves the week at once, and comes back if a later file says otherwise.
    fn follow_answers(&mut self, work: &mut Work<'_>, chf: Eui64, party: Party) -> Result<()> {
        let answers = self.answers.get(&chf);
        let active = answers.is_some_and(|answers| answers.values().any(|answer| answer.answer == "ACTIVE"));
        let left = self.lines.get(&chf).is_some_and(|line| line.codes == ANSWERED_ACTIVE);
        if active {
            return self.leave(work, chf, ANSWERED_ACTIVE, None);
        }
        if left && !self.is_elsewhere(work, chf)? && self.step(chf, DormantEvent::Return { scheduled: false }) {
            let words = format!(
                "it is in the Dormant migrations of the week of {} again: {party} has corrected its answer",
                self.week()
            );
            self.tell(work, chf, "DMT-3", &words)?;
        }
        Ok(())
    }
}
