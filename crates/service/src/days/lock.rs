//! A day is locked: every row judged again, its schedule issued (SCH-1, SCH-2, REF-1).

use crate::act::actor::{Actor, must_have_a_name};
use crate::act::work::{UseCase, Work};
use crate::board::desk::{Desk, MamTerms, mam};
use crate::board::ground::{lapse_unfounded, rows_of};
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::responsibility::lapse::{lapse_unadopted, release_unadopted};
use crate::schedule::issue::issue;
use crate::schedule::issue::{issue_again, issue_changed};
use crate::words::count;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::settle;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_rules::reference::{ReferenceKind, is_stale};
use sluice_store::tables::{authorisations, imports, weeks};
use std::collections::BTreeMap;

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

/// A locked schedule.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Locked {
    /// Its version, from 1.
    pub version: i64,
    /// Is it a new one?
    pub new: bool,
    /// Installations in it.
    pub lines: u64,
    /// What the version added to the last one.
    pub added: Vec<String>,
    /// What it took from the last one.
    pub removed: Vec<String>,
    /// What stands in both with another supplier, type or attempt.
    pub altered: Vec<String>,
    /// How many authorisations changed, by their new state.
    pub changed: BTreeMap<String, u64>,
    /// How many Dormant installations of the week changed, by their new state.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dormant: BTreeMap<String, u64>,
    /// The digest of the schedule file, in hexadecimal.
    pub digest: String,
}

impl UseCase for LockDay {
    const KIND: &'static str = "lock";
    type Answer = Locked;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("locking a day")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Locked> {
        let calendar = WeekCalendar::load(&mut work.tx, work.books, week_of(self.date)?)?;
        self.must_be_due(work, &calendar)?;
        if self.waiver.is_some() {
            must_have_a_name(&work.by, "REF-1", "a waiver is recorded with who gives it; name yourself")?;
        }
        self.must_be_fresh(work)?;
        let terms = MamTerms::on(work.books, local_date(work.now))?;
        work.rulebook.clone_from(&terms.rulebook);
        let mut desk = Desk::open(work, self.s1sp, terms)?;
        let rows = authorisations::of_day(&mut work.tx, &self.s1sp, self.date)?;
        desk.load(work, rows.iter().map(|stored| stored.chf))?;
        // MAM-11: what was not adopted by now lapses.
        let unadopted = lapse_unadopted(&mut desk, self.date);
        let live = rows_of(&desk);
        lapse_unfounded(work, &mut desk, &live, Some(self.date))?;
        // SCH-2: what a stop order covers now is stopped, and not in the schedule.
        desk.apply_stops();
        crate::days::deferred::carry(work, &mut desk, self.date)?;
        for party in authorisations::parties_on(&mut work.tx, &self.s1sp, self.date)? {
            desk.promote_day(work, party, self.date)?;
        }
        desk.promote(work)?;
        for chf in desk.installations() {
            let Some((file, ledger)) = desk.case_mut(chf) else { continue };
            settle::schedule(&mut file.case, self.date, ledger);
            expire::expire_waiting(&mut file.case, self.date, ledger);
        }
        release_unadopted(work, &mut desk, self.date, &unadopted)?;
        let changed = desk.save(work, None)?;
        // DMT-1: what capacity is left takes Dormant installations.
        let filled = crate::dormant::day::fill(work, self.s1sp, self.date)?;
        let mut locked = issue(work, self.s1sp, self.date, self.waiver.as_deref())?;
        locked.dormant = filled.counts;
        // SCH-1: what has lost its ground meanwhile leaves the schedules of other days too.
        for day in filled.gone.into_iter().filter(|day| *day != self.date) {
            issue_again(work, self.s1sp, day)?;
        }
        issue_changed(work, self.s1sp, &changed, Some(self.date))?;
        for change in &changed {
            *locked.changed.entry(change.to.clone()).or_default() += 1;
        }
        Ok(locked)
    }
}

impl LockDay {
    /// SCH-1: not before the lock time, and only for a Migration Day whose authorisations are closed.
    fn must_be_due(&self, work: &mut Work<'_>, calendar: &WeekCalendar<'_>) -> Result<()> {
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
                format!("the schedule of {} is locked at {}", self.date, in_words(at)),
            ));
        }
        if self.date < local_date(work.now) {
            let message = format!("{} is over; what stood for it is first in line for another day", self.date);
            return Err(ServiceError::rule("SCH-1", message));
        }
        let passed = weeks::passed(&mut work.tx)?;
        if !passed.contains(&(self.s1sp, calendar.monday, Milestone::AuthorisationCutoff)) {
            let message = format!("the authorisations of the week of {} are not closed yet", calendar.monday);
            return Err(ServiceError::rule("SCH-1", message));
        }
        Ok(())
    }

    /// REF-1: reference data that are too old need a recorded waiver. Kinds that were never imported decide nothing.
    fn must_be_fresh(&self, work: &mut Work<'_>) -> Result<()> {
        let today = local_date(work.now);
        let book = mam(work.books, today)?;
        let mut stale = Vec::new();
        for (kind, parameter) in [
            (ReferenceKind::Registrations, "registrations_age"),
            (ReferenceKind::Epcl, "epcl_age"),
            (ReferenceKind::Inventory, "inventory_age"),
        ] {
            let Some(as_at) = imports::as_at(&mut work.tx, kind)? else { continue };
            let as_at = local_date(as_at);
            let age = book.number(parameter)?;
            if is_stale(&work.books.working_days, as_at, today, age)? {
                let age = count(age, "Working Day");
                stale.push(format!("the {kind} data are of {as_at}, more than {age} old"));
            }
        }
        if stale.is_empty() || self.waiver.as_deref().is_some_and(|reason| !reason.trim().is_empty()) {
            return Ok(());
        }
        let message = format!("{}; import newer ones, or let them pass with --waive REASON", stale.join("; "));
        Err(ServiceError::rule("REF-1", message))
    }
}
