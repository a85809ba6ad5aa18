//! CAL-7: intake was down before a cut-off. An operator records it, a second one signs, and the cut-offs that it moves move, those
//! among them that passed meanwhile.

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::{WeekCalendar, apart_in_words, in_words, local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::files::aside::try_again_at_once;
use crate::files::due_again;
use crate::files::grace::{CUT_OFFS, milestone_of, only_before, published};
use crate::files::order::{came_after, key_of};
use crate::files::told::called;
use crate::files::unconfirmed;
use crate::responsibility::intake::failure;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_rules::intake::{Outage, OutageTerms, moved_by_outages};
use sluice_rules::party::S1sp;
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::{installations, outages, parties, record, results, schedules, weeks};
use sluice_wire::FileFinding;

/// CAL-7: two operators record that intake was down.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordOutage {
    /// Since when nothing could be handed in.
    #[serde(with = "crate::words")]
    pub from: Timestamp,
    /// When intake was back.
    #[serde(with = "crate::words")]
    pub to: Timestamp,
    /// Why; everybody is told.
    pub reason: String,
    /// The second operator.
    pub approve: Option<String>,
}

/// What an outage moved.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outaged {
    /// The milestones that moved.
    pub moved: Vec<MovedBy>,
    /// Files that had been refused as late, or had lapsed, and are as if they had not been.
    pub again: Vec<i64>,
    /// Files that had lapsed and would be held again, if anybody could confirm them still: DCC alone can take them (FI21).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<i64>,
}

/// A milestone of a week that moved.
#[derive(Debug, Clone, Serialize)]
pub struct MovedBy {
    /// The week's Monday.
    pub week: String,
    /// The id of the milestone.
    pub milestone: &'static str,
    /// Where it stood, in words.
    pub from: String,
    /// Where it stands, in words.
    pub to: String,
    /// The S1SPs at which its work was done, and is taken back.
    pub reopened: Vec<String>,
    /// Those at which it counts for what had come before a result was published, and for nothing else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<String>,
    /// Those at which it was done and stays so, since what came of it cannot be taken back.
    pub done: Vec<String>,
    /// Is its new moment over, too? Then nothing is handed in for it any more, and its work is done again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
    /// What of the work that is taken back stays as it is, since others have it by now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<String>,
    /// Until when rows are taken for days that are to be locked before it, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<String>,
}

impl MovedBy {
    /// In words, for everybody.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { week, milestone, from, to, reopened, published, done, over, stays, locks } = self;
        let title = milestone.parse().map_or(*milestone, Milestone::title);
        let mut words = format!("Week of {week}: '{title}' moves from {from} to {to}");
        if !reopened.is_empty() {
            let at = reopened.join(", ");
            words += &match over {
                true => format!("; what came until then counts at {at}, and nothing more can be sent"),
                false => format!("; open again at {at}"),
            };
        }
        words += &only_before(published);
        if !done.is_empty() {
            words += &format!("; over at {}, whose result stands", done.join(", "));
        }
        if !stays.is_empty() {
            words += &format!("; what others have by now stays: {}", stays.join(", "));
        }
        if !locks.is_empty() {
            words += &format!(
                "; for days that are to be locked before that rows are taken until then: {}",
                locks.join(", ")
            );
        }
        words
    }
}

impl Act for RecordOutage {
    const KIND: &'static str = "outage";
    type Answer = Outaged;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("recording an outage")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Outaged> {
        second_operator(work, self.approve.as_deref(), "CAL-7", "recording an outage")?;
        work.must_say(&self.reason, "CAL-7", "an outage is recorded with a reason; give one with --reason")?;
        let Self { from, to, .. } = *self;
        if from >= to || to > work.now {
            let message = "an outage ends after it began, and is recorded when intake is back: from one moment to a later one that is over";
            return Err(ServiceError::rule("CAL-7", message));
        }
        let mut known: Vec<Outage> = outages::all(&mut work.tx)?.into_iter().map(|(_, outage)| outage).collect();
        if known.iter().any(|outage| outage.from <= from && to <= outage.to) {
            return Err(ServiceError::rule("CAL-7", "this outage is recorded already"));
        }
        let outage = Outage { from, to };
        known.push(outage);
        let id = outages::add(&mut work.tx, outage, self.reason.trim(), work.now)?;
        let mut moved = Outaged::default();
        for calendar in weeks_of(work, outage)? {
            self.move_week(work, calendar, (&known, id), &mut moved)?;
        }
        self.tell_all(work, &moved)?;
        Ok(moved)
    }
}

/// The weeks that are not over yet and whose cut-offs an outage could move.
fn weeks_of<'a>(work: &mut Work<'a>, outage: Outage) -> Result<Vec<WeekCalendar<'a>>> {
    let mut monday = week_of(local_date(outage.from).max(local_date(work.now)))?;
    let (mut weeks, last) = (Vec::new(), local_date(outage.to));
    // A cut-off is at most so long before its week.
    while monday.checked_sub(AHEAD.weeks()).is_ok_and(|first| first <= last) {
        match work.week(monday) {
            // Programs of before moved nothing of a week that has begun.
            Ok(calendar) if calendar.governed && (work.engine > 6 || calendar.monday > local_date(work.now)) => {
                weeks.push(calendar);
            }
            Ok(_) => {}
            Err(ServiceError::Store(error)) => return Err(error.into()),
            // No calendar can place it.
            Err(_) => break,
        }
        monday = monday.checked_add(1.week()).map_err(ServiceError::defect)?;
    }
    Ok(weeks)
}

/// Weeks from a cut-off to its week, with room for rulebooks to come.
const AHEAD: i64 = 10;

impl RecordOutage {
    /// Moves the cut-offs of a week.
    fn move_week(
        &self,
        work: &mut Work<'_>,
        calendar: WeekCalendar<'_>,
        (known, id): (&[Outage], i64),
        moved: &mut Outaged,
    ) -> Result<()> {
        let number = |name| calendar.rulebook.number(name);
        let terms = OutageTerms {
            minutes: number("outage_minutes")?,
            window: number("outage_window_minutes")?,
            after: number("outage_after_minutes")?,
        };
        let week = calendar.monday;
        for milestone in CUT_OFFS {
            let stood = calendar.at(milestone);
            let Some(to) = moved_by_outages(stood, known, terms, &work.books.working_days)? else { continue };
            // A week that has begun goes on from where it is.
            if week <= local_date(work.now) && to <= work.now {
                continue;
            }
            self.move_one(work, (week, milestone), to, id)?;
            let cutoff = Moved { week, milestone, stood, to };
            let mut one = moved_by(work, (week, milestone), stood, to);
            cutoff.take_back(work, &mut one, moved)?;
            if work.engine > 6 && milestone == Milestone::AuthorisationCutoff {
                one.locks = locked_before(&calendar, work.now, to);
            }
            moved.moved.push(one);
            // What must come after it moves along.
            for (after, at) in calendar.milestones.iter().map(|(after, at)| (*after, at.timestamp())) {
                if stood < at && at < to && !CUT_OFFS.contains(&after) {
                    self.move_one(work, (week, after), to, id)?;
                    moved.moved.push(moved_by(work, (week, after), at, to));
                }
            }
        }
        Ok(())
    }

    fn move_one(&self, work: &mut Work<'_>, (week, what): (Date, Milestone), to: Timestamp, id: i64) -> Result<()> {
        Ok(weeks::move_milestone(&mut work.tx, week, what, to, self.reason.trim(), Some(id))?)
    }

    /// CAL-7: everybody is told.
    fn tell_all(&self, work: &mut Work<'_>, moved: &Outaged) -> Result<()> {
        let what: Vec<String> = moved.moved.iter().map(MovedBy::words).collect();
        let what = if what.is_empty() { "No cut-off moves".to_owned() } else { what.join(". ") };
        let (from, to) = apart(work, self.from, self.to);
        let reason = self.reason.trim();
        let mut words = format!("Nothing could be handed in from {from} to {to}: {reason}. {what}");
        if moved
            .moved
            .iter()
            .any(|one| one.milestone == Milestone::AuthorisationCutoff.id() && !one.reopened.is_empty() && !one.over)
        {
            words += ". Authorisations that were refused or have expired for it can be sent again, in a file with a new stamp";
        }
        for party in parties::all(&mut work.tx)? {
            tell(work, party.code, "CAL-7", None, &words)?;
        }
        Ok(())
    }
}

/// Two moments in words, with their seconds where the minute is the same. Programs of before had no seconds.
fn apart(work: &Work<'_>, from: Timestamp, to: Timestamp) -> (String, String) {
    if work.engine > 7 { apart_in_words(from, to) } else { (in_words(from), in_words(to)) }
}

fn moved_by(work: &Work<'_>, (week, milestone): (Date, Milestone), from: Timestamp, to: Timestamp) -> MovedBy {
    let over = work.engine > 7 && to <= work.now;
    let (from, to) = apart(work, from, to);
    let [reopened, published, done, stays, locks] = [const { Vec::new() }; 5];
    let (week, milestone) = (week.to_string(), milestone.id());
    MovedBy { week, milestone, from, to, reopened, published, done, over, stays, locks }
}

/// CAL-7: the days that are still to be locked before the new moment of the authorisation cut-off, and when. Their locks do not move:
/// S1SPs have to know of an evening what they do in the morning.
fn locked_before(calendar: &WeekCalendar<'_>, now: Timestamp, to: Timestamp) -> Vec<String> {
    let locks = calendar.days.iter().map(|day| (day.date, day.schedule_lock.timestamp()));
    let to_come = locks.filter(|(_, lock)| now < *lock && *lock < to);
    to_come.map(|(date, lock)| format!("{date} until {}", in_words(lock))).collect()
}

/// A cut-off that has moved.
#[derive(Clone, Copy)]
struct Moved {
    week: Date,
    milestone: Milestone,
    stood: Timestamp,
    to: Timestamp,
}

impl Moved {
    /// Takes back what the cut-off did before it was known to have moved: its work is done again at the new moment, and files that
    /// came until then are judged as in time. Notes the S1SPs at which it was done and is taken back, and those at which it stays.
    fn take_back(self, work: &mut Work<'_>, moved: &mut MovedBy, files: &mut Outaged) -> Result<()> {
        for s1sp in parties::s1sps(&mut work.tx)? {
            let passed = weeks::has_passed(&mut work.tx, &s1sp, self.week, self.milestone)?;
            if !self.can_be_taken_back(work, s1sp)? {
                moved.done.push(s1sp.to_string());
                continue;
            }
            if passed {
                self.not_passed(work, s1sp)?;
                if self.milestone == Milestone::DmmsResponse {
                    let stays = due_again::take_back(work, s1sp, self.week)?.into_iter();
                    moved.stays.extend(stays.map(|what| format!("at {s1sp} {what}")));
                }
            }
            match self.published(work, s1sp)? {
                // Also where an outage before it has moved the cut-off behind the result, and its new moment is still to come.
                Some(_) => moved.published.push(s1sp.to_string()),
                None if passed => moved.reopened.push(s1sp.to_string()),
                None => {}
            }
            self.judge_again(work, s1sp, passed, files)?;
        }
        Ok(())
    }

    /// MSM-14: since when what others asked for may be known, so that nothing is in time that comes since.
    fn published(self, work: &mut Work<'_>, s1sp: S1sp) -> Result<Option<Timestamp>> {
        match self.milestone {
            Milestone::DemandCutoff => published(work, &s1sp, self.week),
            _ => Ok(None),
        }
    }

    /// The work of the cut-off is not done.
    fn not_passed(self, work: &mut Work<'_>, s1sp: S1sp) -> Result<()> {
        weeks::take_back(&mut work.tx, &s1sp, self.week, self.milestone)?;
        if self.milestone == Milestone::DemandCutoff {
            installations::forget_eligible_counts(&mut work.tx, &s1sp, self.week)?;
        }
        Ok(())
    }

    /// What was made firm or closed on the work of a cut-off is not taken back (MSM-11, CAL-5). Of the answers to Dormant notices
    /// programs of before took nothing back once what nobody needs was shared (MSM-13); now that alone stays shared.
    fn can_be_taken_back(self, work: &mut Work<'_>, s1sp: S1sp) -> Result<bool> {
        let versions = results::versions(&mut work.tx, &s1sp, self.week)?;
        Ok(match self.milestone {
            Milestone::DemandCutoff => {
                !versions.iter().any(|one| one.firm_at.is_some())
                    && !weeks::closed(&mut work.tx, &s1sp)?.contains(&self.week)
            }
            Milestone::DmmsResponse if work.engine < 7 => !versions.iter().any(|one| one.stage == ResultStage::Refill),
            _ => true,
        })
    }

    /// Do others have by now what came of answers to Dormant notices: by a refill, in a locked day, in a week that has begun?
    fn is_relied_on(self, work: &mut Work<'_>, s1sp: S1sp) -> Result<bool> {
        if work.engine < 7 || self.milestone != Milestone::DmmsResponse {
            return Ok(false);
        }
        let in_week = |date: Date| week_of(date).is_ok_and(|monday| monday == self.week);
        let versions = results::versions(&mut work.tx, &s1sp, self.week)?;
        Ok(self.week <= local_date(work.now)
            || versions.iter().any(|one| one.stage == ResultStage::Refill)
            || schedules::locked_days(&mut work.tx, &s1sp, self.week)?.into_iter().any(in_week))
    }

    /// Files that came after the cut-off, and before its new moment, are judged again if they were refused as late; demand that lapsed
    /// at it is held again, or refused if it cannot be confirmed any more. A name's later file that was taken stands.
    fn judge_again(self, work: &mut Work<'_>, s1sp: S1sp, passed: bool, files: &mut Outaged) -> Result<()> {
        let of_cutoff = |file: &FileRecord| {
            (file.s1sp, file.date, milestone_of(file.kind)) == (s1sp, self.week, Some(self.milestone))
        };
        try_again_at_once(work, self.milestone, self.week, Some(s1sp))?;
        if self.milestone == Milestone::AuthorisationCutoff {
            return Ok(());
        }
        let published = self.published(work, s1sp)?;
        let before = published.map_or(self.to, |published| published.min(self.to));
        for mut file in files::of_status(&mut work.tx, FileStatus::Refused)?.into_iter().filter(of_cutoff) {
            let late = file.codes.split(' ').any(|code| code == FileCode::FI16.code());
            let at = record::received(&mut work.tx, file.id)?.at;
            if late && self.stood <= at && at < before && is_last_of_its_name(work, &file)? {
                file.status = FileStatus::Received;
                (file.codes, file.message, file.verdict_at) = (String::new(), String::new(), None);
                files::set_verdict(&mut work.tx, &file)?;
                files.again.push(file.id);
            }
        }
        if !passed {
            return Ok(());
        }
        for file in files::of_status(&mut work.tx, FileStatus::Lapsed)?.into_iter().filter(of_cutoff) {
            let ended = parties::ended_intake(&mut work.tx)?;
            let ended = ended.iter().any(|ended| Some(ended.user_id) == file.user_id);
            if ended || failure(&mut work.tx, file.sender)?.is_some() || !is_last_of_its_name(work, &file)? {
                continue;
            }
            if let Some(published) = published {
                // FI21: a newer file replaces it, also one that is in time only now.
                let newer = files::open_of_name(&mut work.tx, &key_of(&file))?;
                if has_later(work, &file, newer)? {
                    continue;
                }
                files.unconfirmed.push(file.id);
                unconfirmed::refuse_held(work, file, published)?;
                continue;
            }
            files::set_status(&mut work.tx, file.id, FileStatus::Held)?;
            let words = format!("{} is held again; confirm it by {}", called(work, file.id)?, in_words(self.to));
            tell(work, file.sender, "CAL-7", None, &words)?;
            files.again.push(file.id);
        }
        Ok(())
    }
}

/// CAL-7: a file that is in time may be judged when the work of its cut-off is done, since it was handed in again after a restore. Then
/// that is to be done again, with what it says. False if what came of it stands. It is one party's file and no outage: what moved up for
/// the others, and what the reserve gave up, stays.
///
/// # Errors
/// If the database fails.
pub(crate) fn is_open_for(work: &mut Work<'_>, file: &FileRecord, milestone: Milestone) -> Result<bool> {
    let week = file.date;
    if work.engine < 4 || !weeks::has_passed(&mut work.tx, &file.s1sp, week, milestone)? {
        return Ok(true);
    }
    // Its moment is the same: nothing is judged again.
    let at = work.week(week)?.at(milestone);
    let cutoff = Moved { week, milestone, stood: at, to: at };
    let can = cutoff.can_be_taken_back(work, file.s1sp)? && !cutoff.is_relied_on(work, file.s1sp)?;
    if can {
        cutoff.not_passed(work, file.s1sp)?;
    }
    Ok(can)
}

/// The finding about a file that was in time and comes to be judged when its week is decided.
pub(crate) fn too_late_for_its_week(week: Date) -> FileFinding {
    let words = format!(
        "it was in time, but what was decided for the week of {week} on the demand and answers that were there stands; ask DCC"
    );
    FileFinding::new(FileCode::FI16, words)
}

/// Was no later file of the same name taken or held?
fn is_last_of_its_name(work: &mut Work<'_>, file: &FileRecord) -> Result<bool> {
    let mut others = files::open_of_name(&mut work.tx, &key_of(file))?;
    others.retain(|other| other.status != FileStatus::Received);
    Ok(!has_later(work, file, others)?)
}

/// Did one of some files come after a file?
fn has_later(work: &mut Work<'_>, file: &FileRecord, others: Vec<FileRecord>) -> Result<bool> {
    for other in others {
        if other.id != file.id && came_after(work, other.id, file.id)? {
            return Ok(true);
        }
    }
    Ok(false)
}
