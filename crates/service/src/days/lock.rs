//! A day is locked: every row judged again, its schedule issued (SCH-1, SCH-2, REF-1).

use crate::act::actor::{Actor, must_have_a_name};
use crate::act::work::{Act, Reads, Work};
use crate::board::changed::Changed;
use crate::board::finish::Ending;
use crate::board::ground::lapse_unfounded;
use crate::board::open::Board;
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::books::rulebooks::Books;
use crate::books::terms::{MamTerms, mam};
use crate::days::deferred::carry;
use crate::dormant::day::fill;
use crate::error::{Result, ServiceError};
use crate::responsibility::lapse::{lapse_unadopted, release_unadopted};
use crate::schedule::issue::{Locked, issue};
use crate::words::count;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_rules::reference::{ReferenceKind, is_stale};
use sluice_store::tables::imports::ImportRecord;
use sluice_store::tables::{authorisations, imports, weeks};
use std::collections::BTreeSet;

/// The schedule of a day at an S1SP is locked.
#[derive(Debug, Serialize, Deserialize)]
pub struct LockDay {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// Why reference data that are too old are let pass (REF-1).
    pub waiver: Option<String>,
}

impl Act for LockDay {
    const AFTER_ARRIVALS: bool = true;
    const KIND: &'static str = "lock";
    type Answer = Locked;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("locking a day")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Locked> {
        let calendar = work.week(week_of(self.date)?)?;
        self.must_be_due(work, &calendar)?;
        if self.waiver.is_some() {
            must_have_a_name(&work.by, "REF-1", "a waiver is recorded with who gives it; name yourself")?;
        }
        let old = self.must_be_fresh(work)?;
        let terms = MamTerms::on(work.books, local_date(work.now))?;
        work.rulebook.clone_from(&terms.rulebook);
        let mut board = Board::open(work, self.s1sp, terms)?;
        board.closing = Some(self.date);
        let rows = authorisations::of_day(&mut work.tx, &self.s1sp, self.date)?;
        board.facts.load(work, rows.iter().map(|stored| stored.chf))?;
        // MAM-11: what was not adopted by now lapses.
        let unadopted = lapse_unadopted(&mut board, self.date);
        let live = board.facts.live_rows();
        lapse_unfounded(work, &mut board, &live, Some(self.date))?;
        // MAM-11: nor is anything kept for who can authorise it no more, where the day is closed with its lock (CAL-7).
        for (chf, _) in &live {
            if let Some((file, ledger)) = board.change(*chf) {
                kept::close(&mut file.case, self.date, ledger);
            }
        }
        // SCH-2, STOP-1: what a stop order covers now is not in the schedule, and keeps its unit no longer.
        board.apply_stops();
        carry(work, &mut board, self.date)?;
        for party in authorisations::parties_on(&mut work.tx, &self.s1sp, self.date)? {
            board.promote_day(work, party, self.date)?;
        }
        let mut settled = board.settle(work)?;
        settled.close_day(self.date);
        release_unadopted(work, self.s1sp, self.date, &unadopted, |day| settled.release(day))?;
        let ending = Ending { but: Some(self.date), ..Ending::default() };
        let (changed, mut locked) = settled.finish_with(work, ending, |work| {
            // DMT-1: what capacity is left takes Dormant installations.
            let filled = fill(work, self.s1sp, self.date)?;
            let mut locked = issue(work, self.s1sp, self.date, self.waiver.as_deref())?;
            locked.dormant = filled.counts;
            // SCH-1: what has lost its ground meanwhile leaves the schedules of other days too.
            Ok((filled.gone, locked))
        })?;
        // A home with rows of two suppliers is one home; programs before version 4 counted rows.
        let (mut counted, by_home) = (BTreeSet::new(), work.engine > 3);
        let row = |change: &Changed| if by_home { (0, 0) } else { (change.file, change.row) };
        for change in changed.iter().filter(|change| counted.insert((change.to, change.chf, row(change)))) {
            *locked.changed.entry(change.to.to_string()).or_default() += 1;
            let stood_by = change.was(State::Standby) && change.is_now(State::Expired);
            locked.stood_by += u64::from(work.engine > 7 && stood_by);
        }
        // REF-1: whoever waives knows what.
        locked.waived = if work.engine > 3 { old } else { Vec::new() };
        Ok(locked)
    }
}

impl LockDay {
    /// SCH-1: not before the lock time, and only for a Migration Day whose authorisations are closed.
    ///
    /// # Errors
    /// If it cannot be locked now, or the database fails.
    pub fn must_be_due<'w>(&self, work: &mut Work<'w, impl Reads<'w>>, calendar: &WeekCalendar<'_>) -> Result<()> {
        let capacity = weeks::capacity(&mut work.tx, &self.s1sp, self.date, self.date)?;
        if capacity.get(&self.date).is_none_or(|capacity| capacity.total() == 0) {
            let message = format!(
                "{} has no capacity on {}, so it is no Migration Day; name another day, or import its capacity first",
                self.s1sp, self.date
            );
            return Err(ServiceError::rule("SCH-1", message));
        }
        let day = calendar.day(self.date).ok_or_else(|| ServiceError::defect("a day is not in its week"))?;
        let at = day.schedule_lock.timestamp();
        if work.now < at {
            return Err(ServiceError::rule(
                "SCH-1",
                format!("the schedule of {} can be locked from {} on", self.date, in_words(at)),
            ));
        }
        if self.date < local_date(work.now) {
            let message = format!("{} is over; what stood for it is first in line for another day", self.date);
            return Err(ServiceError::rule("SCH-1", message));
        }
        // CAL-7: the lock of a day waits for no cut-off that an outage has moved behind it.
        if calendar.closes_with_its_lock(self.date).is_some() {
            return Ok(());
        }
        let cutoff = Milestone::AuthorisationCutoff;
        if !weeks::has_passed(&mut work.tx, &self.s1sp, calendar.monday, cutoff)? {
            let message = format!("the authorisations of the week of {} are not closed yet", calendar.monday);
            return Err(ServiceError::rule("SCH-1", message));
        }
        Ok(())
    }

    /// REF-1: reference data that are too old need a recorded waiver. Gives those that one lets pass.
    fn must_be_fresh(&self, work: &mut Work<'_>) -> Result<Vec<String>> {
        let stale = stale(work.books, &imports::standing(&mut work.tx)?, local_date(work.now))?;
        let stale: Vec<String> = stale.iter().map(ToString::to_string).collect();
        if stale.is_empty() || self.waiver.as_deref().is_some_and(|reason| work.says_something(reason)) {
            return Ok(stale);
        }
        let message = format!("{}; import newer ones, or let them pass with --waive REASON", stale.join("; "));
        Err(ServiceError::rule("REF-1", message))
    }
}

/// REF-1: reference data that are too old for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// Their kind.
    pub kind: ReferenceKind,
    /// The day that they describe.
    pub as_at: Date,
    /// How old they may be, in Working Days.
    pub age: u64,
}

impl std::fmt::Display for Stale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, as_at, age } = self;
        write!(f, "the {kind} data are of {as_at}, more than {} old", count(*age, "Working Day"))
    }
}

/// REF-1: the reference data that are too old for a lock on a day, by the imports that stand, latest first. Kinds that were never
/// imported decide nothing.
///
/// # Errors
/// If no rulebook is in effect, or the calendar does not reach that far.
pub fn stale(books: &Books, standing: &[ImportRecord], today: Date) -> Result<Vec<Stale>> {
    let book = mam(books, today)?;
    let mut stale = Vec::new();
    for (kind, parameter) in [
        (ReferenceKind::Registrations, "registrations_age"),
        (ReferenceKind::Epcl, "epcl_age"),
        (ReferenceKind::Inventory, "inventory_age"),
    ] {
        let Some(import) = standing.iter().find(|import| import.kind == kind) else { continue };
        let (as_at, age) = (local_date(import.as_at), book.number(parameter)?);
        if is_stale(&books.working_days, as_at, today, age)? {
            stale.push(Stale { kind, as_at, age });
        }
    }
    Ok(stale)
}
