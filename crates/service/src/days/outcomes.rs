//! Outcomes of a day: as its S1SP reports them (OUT-1 to OUT-3), and what becomes of those that do not come (OUT-4).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::board::exclude::exclude;
use crate::board::finish::Ending;
use crate::board::open::Board;
use crate::books::calendar::{local_date, week_of};
use crate::books::terms::{MamTerms, mam};
use crate::error::{Result, ServiceError};
use crate::files::content::said;
use crate::files::refuse::refuse_whole;
use crate::files::verdict::{RowAnswers, Verdict, accept_rows};
use crate::responsibility::lapse::{lapse_unadopted, release_unadopted};
use crate::words::{First, count};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::authorisation::settle;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::Fuel;
use sluice_rules::outcome::{self, FailureTerms, Report, ScheduledState, Stage};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::attempts::{self, OutcomeCode};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::counts::left;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::installations::{self, StoredExclusion};
use sluice_store::tables::outcomes::{self, Escalation, OUTCOMES_DUE, OutcomeRecord};
use sluice_store::tables::record::Received;
use sluice_store::tables::{counts, parties, schedules};
use sluice_wire::outcome::{Outcome, OutcomeRow, Outcomes};
use std::collections::{BTreeMap, BTreeSet};

/// The rule by which work beside the schedule excludes.
pub(crate) const BESIDE: &str = "OUT-1";

/// Judges the outcomes of a day: a wrong row gets its codes and disturbs no other.
pub(crate) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let read = said(work, &file, received)?;
    let outcomes = match read.outcomes()? {
        Ok(outcomes) => outcomes,
        Err(finding) => return refuse_whole(work, file, received.at, std::slice::from_ref(finding)),
    };
    let rows = conclude(work, &file, outcomes)?;
    accept_rows(work, &mut file, rows)
}

/// Brings the installations of the schedule to their outcomes; gives what its rows are answered.
fn conclude<'r>(work: &mut Work<'_>, file: &FileRecord, read: &'r Outcomes) -> Result<RowAnswers<'r>> {
    let Outcomes { rows, refused, unseen } = read;
    let mut answers = RowAnswers::of(refused, unseen);
    let mut day = ReportedDay::load(work, file.s1sp, file.date, Some(file.id))?;
    day.load_installations(work, rows.iter().map(|row| row.chf))?;
    for OutcomeRow { row, chf, outcome } in rows {
        match day.report(work, *chf, outcome)? {
            None => answers.taken.push(*row),
            Some(finding) => answers.refuse(*row, finding),
        }
    }
    day.escalate_beside(work)?;
    day.save(work)?;
    Ok(answers)
}

/// The schedule of a day with what is known of it.
struct ReportedDay {
    s1sp: S1sp,
    date: Date,
    board: Board,
    /// In the latest version.
    scheduled: BTreeSet<Eui64>,
    /// The last version that each installation was in, for those that left.
    left: BTreeMap<Eui64, i64>,
    known: BTreeMap<Eui64, OutcomeRecord>,
    changed: BTreeSet<Eui64>,
    /// What is reported as worked on, and is not in the schedule.
    beside: BTreeSet<Eui64>,
    codes: Vec<OutcomeCode>,
    gas_only: Vec<String>,
    file: Option<i64>,
}

impl ReportedDay {
    fn load(work: &mut Work<'_>, s1sp: S1sp, date: Date, file: Option<i64>) -> Result<Self> {
        let today = local_date(work.now);
        let gas_only = mam(work.books, today)?.list("gas_only_codes")?.to_vec();
        let last = schedules::version(&mut work.tx, &s1sp, date)?;
        let mut day = Self {
            s1sp,
            date,
            board: Board::open(work, s1sp, MamTerms::on(work.books, today)?)?,
            scheduled: BTreeSet::new(),
            left: BTreeMap::new(),
            known: outcomes::of_day(&mut work.tx, &s1sp, date)?,
            changed: BTreeSet::new(),
            beside: BTreeSet::new(),
            codes: attempts::outcome_codes(&mut work.tx)?,
            gas_only,
            file,
        };
        // MAM-11: what nobody uses of the day may have to be released.
        day.board.need_days(work, [date])?;
        day.left = schedules::last_versions(&mut work.tx, &s1sp, date)?;
        let in_last = day.left.iter().filter(|(_, version)| **version == last).map(|(chf, _)| *chf);
        day.scheduled = in_last.collect();
        day.left.retain(|_, version| *version < last);
        Ok(day)
    }

    /// Loads installations, and of the schedule also those that have left the inventory since: what was begun has its
    /// outcome all the same (OUT-1).
    fn load_installations(&mut self, work: &mut Work<'_>, wanted: impl IntoIterator<Item = Eui64>) -> Result<()> {
        let wanted: BTreeSet<Eui64> = wanted.into_iter().collect();
        self.board.facts.load(work, wanted.iter().copied())?;
        counts::take_out(&mut work.tx, wanted.iter().copied())?;
        let mut rows: BTreeMap<Eui64, Vec<StoredAuthorisation>> = BTreeMap::new();
        for stored in authorisations::of_day(&mut work.tx, &self.s1sp, self.date)? {
            rows.entry(stored.chf).or_default().push(stored);
        }
        let scheduled = wanted.into_iter().filter(|chf| self.scheduled.contains(chf) || rows.contains_key(chf));
        let cases: Vec<_> = scheduled.map(|chf| (chf, rows.get(&chf).cloned().unwrap_or_default())).collect();
        self.board.facts.load_rows(work, &cases)
    }

    /// One report; the finding if it is refused.
    fn report(&mut self, work: &mut Work<'_>, chf: Eui64, outcome: &Outcome) -> Result<Option<Finding>> {
        let report = match outcome {
            Outcome::Started => Report::Started,
            Outcome::Migrated => Report::Ended(State::Migrated),
            Outcome::Failed { .. } => Report::Ended(State::Failed),
            Outcome::NotAttempted => Report::Ended(State::NotAttempted),
        };
        let known = self.known.get(&chf);
        let standing = ScheduledState {
            scheduled: self.scheduled.contains(&chf),
            left_after: self.left.get(&chf).copied(),
            started: known.is_some_and(|known| known.started.is_some()),
            outcome: known.and_then(|known| known.outcome),
            ahead: self.date > local_date(work.now),
        };
        if outcome::is_beside(report, &standing) {
            self.beside.insert(chf);
            if standing.left_after.is_some() && report == Report::Ended(State::Migrated) {
                self.bar(work, chf)?;
            }
        }
        if let Outcome::Failed { code, stage } = outcome
            && let Some(words) = self.unlisted(code, *stage)
        {
            return Ok(Some((RowCode::DO103, words)));
        }
        if let Some((code, words)) = outcome::judge(report, &standing) {
            return Ok(Some((code, format!("{chf}: {words}"))));
        }
        match outcome {
            Outcome::Started => self.note(work.now, chf).started = Some(work.now),
            Outcome::Migrated => {
                self.end(work, chf, State::Migrated);
                self.attempts(work, chf, |attempts, date| attempts.migrated = Some(date))?;
            }
            Outcome::NotAttempted => self.end(work, chf, State::NotAttempted),
            Outcome::Failed { code, stage } => self.failed(work, chf, code, *stage)?,
        }
        self.judge_again(work, chf)?;
        Ok(None)
    }

    /// What the table of outcome codes says of a code at a stage.
    fn listed(&self, code: &str, stage: Stage) -> Option<&OutcomeCode> {
        OutcomeCode::of(&self.codes, code, stage.word())
    }

    /// OUT-2: what a failure means stands in the table, if there is one. In words why it does not, if it does not.
    fn unlisted(&self, code: &str, stage: Stage) -> Option<String> {
        if self.codes.is_empty() || self.listed(code, stage).is_some() {
            return None;
        }
        let of_code = self.codes.iter().filter(|known| known.code == code);
        let stages: Vec<&str> = of_code.map(|known| known.stage.as_str()).collect();
        Some(match stages.as_slice() {
            [] => format!("code {code} is not in the table of outcome codes"),
            stages => format!("the table of outcome codes has {code} at {}, not at {stage}", stages.join(" and ")),
        })
    }

    /// SCH-2: what its outcome takes the ground from ends at once: authorisations for other dates of what is migrated
    /// (MA115), or may not be tried again yet (MA122, MA127), or of a meter that is excluded (OUT-3).
    fn judge_again(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<()> {
        let Some(case) = self.board.facts.dossier(chf) else { return Ok(()) };
        let rows = case.case.rows.iter().filter(|row| row.state.is_live()).copied().collect();
        crate::board::ground::lapse_unfounded(work, &mut self.board, &[(chf, rows)], None).map(drop)
    }

    /// OUT-1: what is reported as migrated after it left the schedule is not scheduled again until DCC has found out what was done: it is
    /// excluded from the next day on.
    fn bar(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<()> {
        let from = self.date.tomorrow().map_err(ServiceError::defect)?;
        let Some(file) = self.board.facts.dossier(chf).filter(|file| !file.gone && file.exclusion.is_none()) else {
            return Ok(());
        };
        if work.engine < 8 {
            return Ok(());
        }
        let suppliers: BTreeSet<Party> = file.case.meters.each().filter_map(|meter| meter.supplier_on(from)).collect();
        exclude(work, &mut self.board, chf, "OTHER", from, BESIDE)?;
        for supplier in suppliers {
            let words = format!(
                "{} reports that it is migrated on {}, though it had left the schedule: it is excluded until DCC has found out what was done",
                self.s1sp, self.date
            );
            tell(work, supplier, BESIDE, Some(chf), &words)?;
        }
        Ok(())
    }

    /// OUT-1: what is worked on beside the schedule is not booked, and DCC looks into it. Programs of before told it nothing.
    fn escalate_beside(&self, work: &mut Work<'_>) -> Result<()> {
        if work.engine < 8 || self.beside.is_empty() {
            return Ok(());
        }
        let Self { s1sp, date, .. } = *self;
        let mut first = First::of("of them");
        self.beside.iter().for_each(|chf| first.add(|| chf.to_string()));
        let homes = first.lines().join(", ");
        let words = format!(
            "{s1sp} reports work on homes that its schedule of {date} does not have: {homes}; ask it what was done"
        );
        Ok(outcomes::escalate(&mut work.tx, &Escalation { at: work.now, rule: BESIDE.to_owned(), s1sp, date, words })?)
    }

    /// What is known of an installation, to be written.
    fn note(&mut self, now: Timestamp, chf: Eui64) -> &mut OutcomeRecord {
        self.changed.insert(chf);
        let file = self.file;
        let record = self.known.entry(chf).or_insert_with(|| OutcomeRecord {
            chf,
            started: None,
            outcome: None,
            stage: String::new(),
            code: String::new(),
            attempt: false,
            at: now,
            file,
        });
        (record.at, record.file) = (now, file);
        record
    }

    /// An installation and its authorisations come to an end of the day.
    fn end(&mut self, work: &Work<'_>, chf: Eui64, state: State) {
        self.note(work.now, chf).outcome = Some(state);
        let date = self.date;
        if let Some((case, ledger)) = self.board.change(chf) {
            settle::conclude(&mut case.case, date, state, ledger);
        }
        self.board.explain_day(chf, date, "");
    }

    /// OUT-2: a failure counts as the table says, and may bar the next attempt for a time. OUT-3: a gas meter that cannot
    /// be migrated is excluded, so that electricity alone is tried next.
    fn failed(&mut self, work: &mut Work<'_>, chf: Eui64, code: &str, stage: Stage) -> Result<()> {
        let terms = self.listed(code, stage).map_or(FailureTerms::UNLISTED, |known| FailureTerms {
            attempt: known.attempt,
            retry_after: known.retry_after,
        });
        self.end(work, chf, State::Failed);
        let record = self.note(work.now, chf);
        (record.code, record.stage, record.attempt) = (code.to_owned(), stage.to_string(), terms.attempt);
        self.board.explain_day(chf, self.date, code);
        self.attempts(work, chf, |attempts, date| {
            if terms.attempt {
                (attempts.failed, attempts.last_failed) = (attempts.failed + 1, Some(date));
            }
            attempts.last_code = Some((code.to_owned(), stage.to_string()));
            attempts.retry_from = terms.retry_from(date);
        })?;
        if self.gas_only.iter().any(|gas_only| gas_only == code) {
            self.exclude_gas(work, chf)?;
        }
        Ok(())
    }

    fn attempts(
        &mut self,
        work: &mut Work<'_>,
        chf: Eui64,
        change: impl FnOnce(&mut attempts::Attempts, Date),
    ) -> Result<()> {
        let date = self.date;
        let Some((case, _)) = self.board.change(chf) else { return Ok(()) };
        change(&mut case.attempts, date);
        Ok(attempts::set(&mut work.tx, chf, &case.attempts)?)
    }

    /// OUT-3: from the next day on the gas meter counts as absent.
    fn exclude_gas(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<()> {
        let from = self.date.tomorrow().map_err(ServiceError::defect)?;
        let Some((case, _)) = self.board.change(chf) else { return Ok(()) };
        let Some(gas) = &mut case.case.meters.gas else { return Ok(()) };
        gas.excluded = Some(gas.excluded.map_or(from, |earlier| earlier.min(from)));
        // Both: the one whose meter it is, and the one that can now authorise it alone.
        let suppliers: BTreeSet<Party> = case.case.meters.each().filter_map(|meter| meter.supplier_on(from)).collect();
        let exclusion =
            StoredExclusion { fuel: Some(Fuel::Gas), category: "GAS_HAN".to_owned(), from, origin: "OUT-3".to_owned() };
        installations::add_exclusion(&mut work.tx, chf, &exclusion)?;
        for supplier in suppliers {
            let words = format!("the gas meter is excluded from {from} on: electricity alone can be migrated");
            tell(work, supplier, "OUT-3", Some(chf), &words)?;
        }
        Ok(())
    }

    fn save(self, work: &mut Work<'_>) -> Result<()> {
        let records: Vec<OutcomeRecord> = self.changed.iter().filter_map(|chf| self.known.get(chf)).cloned().collect();
        outcomes::set(&mut work.tx, &self.s1sp, self.date, &records)?;
        let ends: Vec<(Eui64, State)> =
            records.iter().filter_map(|record| Some((record.chf, record.outcome?))).collect();
        crate::dormant::day::conclude(work, self.s1sp, self.date, &ends)?;
        let ending = Ending { own: self.file, but: Some(self.date), ..Ending::default() };
        self.board.settle(work)?.finish(work, ending).map(drop)
    }
}

/// OUT-4: the outcomes of a day are due; those that did not come are unknown. If nobody has locked the day, what stood for
/// it is first in line for another (SCH-1).
#[derive(Debug, Serialize, Deserialize)]
pub struct OutcomesDue {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
}

impl Act for OutcomesDue {
    const KIND: &'static str = "outcomes-due";
    /// How many installations are of unknown outcome.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("closing the outcomes of a day")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        outcomes::pass(&mut work.tx, &self.s1sp, self.date, OUTCOMES_DUE, work.now)?;
        let mut day = ReportedDay::load(work, self.s1sp, self.date, None)?;
        let known = |chf: &Eui64| day.known.get(chf).is_some_and(|known| known.outcome.is_some());
        let missing: Vec<Eui64> = day.scheduled.iter().filter(|chf| !known(chf)).copied().collect();
        let locked = schedules::version(&mut work.tx, &self.s1sp, self.date)? > 0;
        // SCH-2: with the rows that still wait for the day; they end with it.
        let rows = authorisations::of_day(&mut work.tx, &self.s1sp, self.date)?;
        day.load_installations(work, missing.iter().copied().chain(rows.iter().map(|stored| stored.chf)))?;
        for chf in &missing {
            day.end(work, *chf, State::Unknown);
        }
        if !locked {
            // MAM-11: what was not adopted by now lapses, as it would have with the lock.
            let unadopted = lapse_unadopted(&mut day.board, self.date);
            let ledger = &mut day.board.ledger;
            release_unadopted(work, self.s1sp, self.date, &unadopted, |day| {
                ledger.release(day);
            })?;
        }
        day.save(work)?;
        if !locked {
            self.escalate_unlocked(work)?;
        }
        if !missing.is_empty() {
            self.escalate(work, missing.len())?;
        }
        Ok(u64::try_from(missing.len()).unwrap_or(u64::MAX))
    }
}

impl ClockAct for OutcomesDue {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        if outcomes::has_passed(&mut work.tx, &self.s1sp, self.date, OUTCOMES_DUE)? {
            return Ok(None);
        }
        let calendar = work.week(week_of(self.date)?)?;
        Ok(calendar.day(self.date).map(|day| day.outcomes_due.timestamp()))
    }
}

impl OutcomesDue {
    fn escalate_unlocked(&self, work: &mut Work<'_>) -> Result<()> {
        let Self { s1sp, date } = *self;
        let words = format!(
            "nobody locked the schedule of {date} at {s1sp}: what stood for it is first in line for another day"
        );
        let escalation = Escalation { at: work.now, rule: "SCH-1".to_owned(), s1sp, date, words };
        Ok(outcomes::escalate(&mut work.tx, &escalation)?)
    }

    fn escalate(&self, work: &mut Work<'_>, missing: usize) -> Result<()> {
        let Self { s1sp, date } = *self;
        let who = count(missing, "installation");
        let words = format!("{s1sp} has not reported the outcome of {who} in the schedule of {date}");
        let escalation =
            Escalation { at: work.now, rule: "OUT-4".to_owned(), s1sp, date, words: format!("{words}; ask it now") };
        outcomes::escalate(&mut work.tx, &escalation)?;
        if let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? {
            tell(work, party, "OUT-4", None, &format!("{words}; report it now, a late outcome settles it"))?;
        }
        Ok(())
    }
}

/// OUT-4: the next day, locked or forgotten, whose outcomes are due at the moment of the work, with the moment at which they were.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let mut next: Option<(Timestamp, OutcomesDue)> = None;
    for (s1sp, date) in left::days(&mut work.tx, local_date(work.now))? {
        let calendar = work.week(week_of(date)?)?;
        let Some(due) = calendar.day(date).map(|day| day.outcomes_due.timestamp()) else { continue };
        let act = OutcomesDue { s1sp, date };
        if due <= work.now && next.as_ref().is_none_or(|(first, _)| due < *first) && !aside.has(&act) {
            next = Some((due, act));
        }
    }
    Ok(next.map(|(due, act)| Due::at(due, act)))
}
