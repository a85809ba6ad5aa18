//! A day is locked: every row judged again, its schedule issued (SCH-1, SCH-2, REF-1).

use crate::actor::{Actor, must_have_a_name};
use crate::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::cases::responsibility::{lapse_unadopted, release_unadopted};
use crate::desk::{CaseFile, Changed, Desk, MamTerms, mam, tell};
use crate::error::{Result, ServiceError};
use crate::words::count;
use crate::work::{UseCase, Work, hexadecimal, sha256};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::judge::{change_of_supplier, ground};
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::reference::{ReferenceKind, is_stale};
use sluice_store::tables::outcomes::{self, OutcomeRecord};
use sluice_store::tables::schedules::{self, ScheduleLine};
use sluice_store::tables::{authorisations, imports, issued, parties, weeks};
use sluice_wire::name::{FileName, Kind};
use sluice_wire::written::{ScheduleRow, write_csv};
use std::collections::{BTreeMap, BTreeSet};

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
        super::deferred::carry(work, &mut desk, self.date)?;
        for party in authorisations::parties_on(&mut work.tx, &self.s1sp, self.date)? {
            desk.promote_day(work, party, self.date)?;
        }
        desk.promote(work)?;
        for chf in desk.installations() {
            let Some((file, ledger)) = desk.case_mut(chf) else { continue };
            settle::schedule(&mut file.case, self.date, ledger);
            settle::expire_waiting(&mut file.case, self.date, ledger);
        }
        release_unadopted(work, &mut desk, self.date, &unadopted)?;
        let changed = desk.save(work, None)?;
        // DMT-1: what capacity is left takes Dormant installations.
        let filled = super::dormant::fill(work, self.s1sp, self.date)?;
        let mut locked = issue(work, self.s1sp, self.date, self.waiver.as_deref())?;
        locked.dormant = filled.counts;
        // SCH-1: what has lost its ground meanwhile leaves the schedules of other days too.
        for day in filled.gone.into_iter().filter(|day| *day != self.date) {
            issue_again(work, self.s1sp, day)?;
        }
        for change in &changed {
            *locked.changed.entry(change.to.clone()).or_default() += 1;
        }
        Ok(locked)
    }
}

impl LockDay {
    /// SCH-1: not before the lock time, and only for a Migration Day whose authorisations are closed.
    fn must_be_due(&self, work: &mut Work<'_>, calendar: &WeekCalendar<'_>) -> Result<()> {
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
        let capacity = weeks::capacity(&mut work.tx, &self.s1sp, self.date, self.date)?;
        if capacity.get(&self.date).is_none_or(|capacity| capacity.total() == 0) {
            let message = format!("{} is not a Migration Day of {}", self.date, self.s1sp);
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

/// The installations on a desk with their live rows.
pub(super) fn rows_of(desk: &Desk) -> Vec<(Eui64, Vec<Authorisation>)> {
    let live = |file: &CaseFile| file.case.rows.iter().filter(|row| row.state.is_live()).copied().collect();
    desk.installations().into_iter().filter_map(|chf| Some((chf, live(desk.case(chf)?)))).collect()
}

/// MAM-8 and SCH-2: rows that have lost their ground lapse with their codes; of all dates, or of one. Gives how many.
///
/// # Errors
/// If the database fails.
pub(super) fn lapse_unfounded(
    work: &mut Work<'_>,
    desk: &mut Desk,
    installations: &[(Eui64, Vec<Authorisation>)],
    only: Option<Date>,
) -> Result<u64> {
    let today = local_date(work.now);
    let (s1sp, attempts) = (desk.s1sp, desk.terms.attempts);
    let mut lapsed = 0;
    for (chf, rows) in installations {
        let rows: Vec<&Authorisation> = rows.iter().filter(|row| only.is_none_or(|date| row.date == date)).collect();
        let mut ended: Vec<(RowId, Party, String)> = Vec::new();
        if let Some(file) = desk.case(*chf) {
            for row in rows {
                // OUT-1, MAM-11: what is under way or suspended has its own end, unless there is nothing left to adopt.
                if desk.is_under_way(*chf, row) || (row.state == State::Suspended && !file.gone) {
                    continue;
                }
                let codes = lost_ground(file, row, s1sp, today, attempts);
                if !codes.is_empty() {
                    ended.push((row.id, row.party, codes));
                }
            }
        }
        let Some((file, ledger)) = desk.case_mut(*chf) else { continue };
        let ids: Vec<RowId> = ended.iter().map(|(id, ..)| *id).collect();
        settle::lapse(&mut file.case, &ids, ledger);
        let told = new_suppliers(file);
        lapsed += u64::try_from(ended.len()).unwrap_or(u64::MAX);
        for (id, _, codes) in &ended {
            let row = desk.case(*chf).and_then(|file| file.case.rows.iter().find(|row| row.id == *id).copied());
            if let Some(row) = row {
                desk.explain(*chf, &row, codes);
            }
            if codes.contains(RowCode::MA119.code()) {
                for party in &told {
                    let words = "an authorisation by the supplier before you has lapsed with the change of supplier";
                    tell(work, *party, "MAM-8", Some(*chf), words)?;
                }
            }
        }
    }
    Ok(lapsed)
}

/// Why a row has no ground any more, as codes separated by blanks; empty if it has.
pub(super) fn lost_ground(file: &CaseFile, row: &Authorisation, s1sp: S1sp, today: Date, attempts: u64) -> String {
    if file.gone {
        return RowCode::MA108.to_string();
    }
    let mut codes: BTreeSet<RowCode> =
        ground(&file.subject(), row.date, attempts).into_iter().map(|(code, _)| code).collect();
    // STOP-1: what a stop order covers is stopped; it has not lost its ground.
    codes.remove(&RowCode::MA124);
    if file.installation.s1sp != s1sp {
        codes.insert(RowCode::MA113);
    }
    let required = file.case.meters.required_on(row.date);
    if !required.contains(&row.party) {
        let comes = change_of_supplier(&file.case.meters, row.party, today.min(row.date), row.date).is_some();
        let came = file
            .case
            .meters
            .each()
            .any(|meter| meter.supplier == Some(row.party) && meter.supplier_on(row.date) != Some(row.party));
        codes.insert(match required.is_empty() {
            _ if comes || came => RowCode::MA119,
            true => RowCode::MA112,
            false => RowCode::MA111,
        });
    }
    codes.into_iter().map(RowCode::code).collect::<Vec<_>>().join(" ")
}

/// MAM-8: the suppliers that take over a meter of an installation.
fn new_suppliers(file: &CaseFile) -> Vec<Party> {
    let later = file.case.meters.each().filter_map(|meter| {
        let last = meter.registrations.last()?;
        last.party.filter(|party| Some(*party) != meter.supplier)
    });
    let mut parties: Vec<Party> = later.collect();
    parties.dedup();
    parties
}

/// SCH-1: the schedules that an act changed are issued again, but for a day that the act does not change by itself: a report of
/// outcomes takes nothing out of a schedule.
///
/// # Errors
/// If the database fails.
pub(super) fn issue_changed(work: &mut Work<'_>, s1sp: S1sp, changed: &[Changed], but: Option<Date>) -> Result<()> {
    let touched = changed.iter().filter(|change| change.touches_schedule()).map(Changed::date);
    let days: BTreeSet<Date> = touched.filter(|date| Some(*date) != but).collect();
    days.into_iter().try_for_each(|date| issue_again(work, s1sp, date))
}

/// SCH-1: a change after the lock makes a new version of the schedule, if the day is locked.
///
/// # Errors
/// If the database fails.
pub(super) fn issue_again(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<()> {
    if schedules::version(&mut work.tx, &s1sp, date)? > 0 {
        issue(work, s1sp, date, None)?;
    }
    Ok(())
}

/// Issues the schedule of a day, if it differs from the last version.
fn issue(work: &mut Work<'_>, s1sp: S1sp, date: Date, waiver: Option<&str>) -> Result<Locked> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let last = schedules::version(&mut work.tx, &s1sp, date)?;
    let before = schedules::lines(&mut work.tx, &s1sp, date, last)?;
    let mut desk = Desk::open(work, s1sp, terms)?;
    let scheduled = authorisations::of_day(&mut work.tx, &s1sp, date)?;
    let is_in = |state| matches!(state, State::Scheduled | State::Unknown);
    let mut in_schedule: BTreeSet<Eui64> =
        scheduled.iter().filter(|stored| is_in(stored.row.state)).map(|stored| stored.chf).collect();
    in_schedule.extend(super::dormant::scheduled(&mut work.tx, s1sp, date)?);
    // What has its outcome stays as it was: it is part of what happened on the day.
    let ended: BTreeMap<Eui64, OutcomeRecord> = outcomes::of_day(&mut work.tx, &s1sp, date)?;
    let ended = |chf: &Eui64| ended.get(chf).is_some_and(|known| known.outcome.is_some());
    let kept: BTreeMap<Eui64, &ScheduleLine> =
        before.iter().filter(|line| ended(&line.chf)).map(|line| (line.chf, line)).collect();
    in_schedule.extend(kept.keys());
    desk.load(work, in_schedule.iter().copied())?;
    let (mut lines, mut rows) = (Vec::new(), Vec::new());
    for chf in in_schedule {
        let Some(file) = desk.case(chf) else { continue };
        let line = kept.get(&chf).map_or_else(|| line(file, date), |line| (*line).clone());
        rows.push(row(file, date, &line));
        lines.push(line);
    }
    let mut locked = difference(&before, &lines, last == 0);
    locked.version = last;
    if last > 0 && before == lines {
        return Ok(locked);
    }
    (locked.version, locked.new) = (last + 1, true);
    schedules::add(&mut work.tx, &s1sp, date, locked.version, work.now, waiver)?;
    schedules::add_lines(&mut work.tx, &s1sp, date, locked.version, &lines)?;
    locked.digest = send(work, s1sp, date, &locked, rows)?;
    Ok(locked)
}

/// The schedule file for the S1SP, with the differences from the last version as a notice.
fn send(work: &mut Work<'_>, s1sp: S1sp, date: Date, locked: &Locked, rows: Vec<ScheduleRow>) -> Result<String> {
    let mut bytes = Vec::new();
    write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
    let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else {
        return Err(ServiceError::Use(format!("no party is S1SP {s1sp}; import it with sluice import parties")));
    };
    let name = FileName::schedule(s1sp, date, u32::try_from(locked.version).unwrap_or(u32::MAX));
    debug_assert_eq!(name.kind, Kind::Schedule);
    issued::issue(&mut work.tx, &party, &format!("{name}.csv"), work.now, None, &bytes)?;
    if locked.version > 1 {
        let words = format!(
            "schedule of {date}, version {}: added {}; removed {}; altered {}",
            locked.version,
            list(&locked.added),
            list(&locked.removed),
            list(&locked.altered)
        );
        tell(work, party, "SCH-1", None, &words)?;
    }
    Ok(hexadecimal(&sha256(&bytes)))
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

fn line(file: &CaseFile, date: Date) -> ScheduleLine {
    let meters = &file.case.meters;
    ScheduleLine {
        chf: file.installation.chf,
        kind: meters.type_on(date),
        electricity: meters.electricity.supplier_on(date).filter(|_| meters.electricity.counts_on(date)),
        gas: meters.gas.as_ref().filter(|gas| gas.counts_on(date)).and_then(|gas| gas.supplier_on(date)),
        attempt: file.attempts.failed + 1,
    }
}

/// The line as the S1SP gets it, with the meter points that are migrated.
fn row(file: &CaseFile, date: Date, line: &ScheduleLine) -> ScheduleRow {
    let meters = &file.case.meters;
    ScheduleRow {
        chf: line.chf,
        mpan: Some(file.installation.mpan).filter(|_| meters.electricity.counts_on(date)),
        mprn: file.installation.mprn.filter(|_| meters.gas.as_ref().is_some_and(|gas| gas.counts_on(date))),
        kind: line.kind,
        electricity: line.electricity,
        gas: line.gas,
        attempt: line.attempt,
    }
}

/// The lines of installations on a day as the S1SP gets them, for a stop list.
///
/// # Errors
/// If the database fails.
pub(super) fn schedule_rows(
    work: &mut Work<'_>,
    s1sp: S1sp,
    installations: BTreeSet<(Eui64, Date)>,
) -> Result<Vec<ScheduleRow>> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut desk = Desk::open(work, s1sp, terms)?;
    desk.load(work, installations.iter().map(|(chf, _)| *chf))?;
    let row = |(chf, date)| desk.case(chf).map(|file| row(file, date, &line(file, date)));
    Ok(installations.into_iter().filter_map(row).collect())
}

fn difference(before: &[ScheduleLine], after: &[ScheduleLine], first: bool) -> Locked {
    let only = |one: &[ScheduleLine], other: &[ScheduleLine]| {
        let known: BTreeSet<Eui64> = other.iter().map(|line| line.chf).collect();
        one.iter().filter(|line| !known.contains(&line.chf)).map(|line| line.chf.to_string()).collect()
    };
    let altered = |line: &&ScheduleLine| before.iter().any(|old| old.chf == line.chf && old != *line);
    Locked {
        altered: after.iter().filter(altered).map(|line| line.chf.to_string()).collect(),
        lines: u64::try_from(after.len()).unwrap_or(u64::MAX),
        added: if first { Vec::new() } else { only(after, before) },
        removed: only(before, after),
        ..Locked::default()
    }
}
