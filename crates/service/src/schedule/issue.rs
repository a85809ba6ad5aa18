//! The schedule of a day is issued, again whenever something has changed it (SCH-1).

use crate::act::digests::hexadecimal;
use crate::act::tell::{self, tell};
use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::facts::room::dormant_on;
use crate::facts::s1sp::Facts;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::state::State;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::outcomes::{self, OutcomeRecord};
use sluice_store::tables::schedules::{self, ScheduleLine};
use sluice_store::tables::{authorisations, parties};
use sluice_wire::name::FileName;
use sluice_wire::written::{ScheduleRow, write_csv};
use std::collections::{BTreeMap, BTreeSet};

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
    /// How many installations have an authorisation that changed, by its new state. Programs before version 4 counted
    /// authorisations.
    pub changed: BTreeMap<String, u64>,
    /// Of how many of those that expired the authorisation stood by and no unit came free for it. Programs before version 8 told them
    /// apart from no others.
    #[serde(skip_serializing_if = "is_none")]
    pub stood_by: u64,
    /// How many Dormant installations of the week changed, by their new state.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dormant: BTreeMap<String, u64>,
    /// The digest of the schedule file, in hexadecimal.
    pub digest: String,
    /// The reference data that were too old and were let pass, in words (REF-1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

/// SCH-1: a change after the lock makes a new version of the schedule, if the day is locked.
///
/// # Errors
/// If the database fails.
pub(crate) fn issue_again(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<()> {
    if schedules::version(&mut work.tx, &s1sp, date)? > 0 {
        issue(work, s1sp, date, None)?;
    }
    Ok(())
}

/// SCH-1: the same of each locked day that is not over, and that has one of some sorted installations where these are given. Who supplies
/// a meter stands in a schedule, also where no row changes with it.
///
/// # Errors
/// If the database fails.
pub(crate) fn issue_all_again(work: &mut Work<'_>, touched: Option<&[i64]>) -> Result<()> {
    let (today, locked) = (local_date(work.now), schedules::locked(&mut work.tx)?);
    let days: BTreeSet<(S1sp, Date)> = locked.into_iter().map(|(s1sp, date, ..)| (s1sp, date)).collect();
    for (s1sp, date) in days.into_iter().filter(|(_, date)| *date >= today) {
        let version = schedules::version(&mut work.tx, &s1sp, date)?;
        if let Some(touched) = touched {
            let lines = schedules::lines(&mut work.tx, &s1sp, date, version)?;
            if !lines.iter().any(|line| touched.binary_search(&eui_number(line.chf)).is_ok()) {
                continue;
            }
        }
        issue_again(work, s1sp, date)?;
    }
    Ok(())
}

/// Issues the schedule of a day, if it differs from the last version.
pub(crate) fn issue(work: &mut Work<'_>, s1sp: S1sp, date: Date, waiver: Option<&str>) -> Result<Locked> {
    let last = schedules::version(&mut work.tx, &s1sp, date)?;
    let before = schedules::lines(&mut work.tx, &s1sp, date, last)?;
    let (lines, rows) = compose(work, s1sp, date, &before)?;
    let mut locked = difference(&before, &lines, last == 0);
    locked.version = last;
    if last > 0 && before == lines {
        return Ok(locked);
    }
    (locked.version, locked.new) = (last + 1, true);
    let made = (work.now, work.by_act());
    schedules::add(&mut work.tx, &s1sp, date, locked.version, made, waiver)?;
    schedules::add_lines(&mut work.tx, &s1sp, date, locked.version, &lines)?;
    locked.digest = send(work, s1sp, date, &locked, rows)?;
    Ok(locked)
}

/// The lines of a schedule as things stand, and as the S1SP gets them; `before` are those of the last version.
fn compose(
    work: &mut Work<'_>,
    s1sp: S1sp,
    date: Date,
    before: &[ScheduleLine],
) -> Result<(Vec<ScheduleLine>, Vec<ScheduleRow>)> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut facts = Facts::open(work, s1sp, terms)?;
    let scheduled = authorisations::of_day(&mut work.tx, &s1sp, date)?;
    let is_in = |state| matches!(state, State::Scheduled | State::Unknown);
    let mut in_schedule: BTreeSet<Eui64> =
        scheduled.iter().filter(|stored| is_in(stored.row.state)).map(|stored| stored.chf).collect();
    in_schedule.extend(dormant_on(&mut work.tx, s1sp, date)?);
    // What has begun or has its outcome stays as it was: it is part of what happened on the day.
    let known: BTreeMap<Eui64, OutcomeRecord> = outcomes::of_day(&mut work.tx, &s1sp, date)?;
    let over = date < local_date(work.now);
    let stays = |line: &&ScheduleLine| over || known.contains_key(&line.chf);
    let kept: BTreeMap<Eui64, &ScheduleLine> = before.iter().filter(stays).map(|line| (line.chf, line)).collect();
    in_schedule.extend(kept.keys());
    facts.load(work, in_schedule.iter().copied())?;
    let (mut lines, mut rows) = (Vec::new(), Vec::new());
    for chf in in_schedule {
        let file = facts.dossier(chf);
        let old = kept.get(&chf).map(|line| (*line).clone());
        let Some(line) = old.or_else(|| Some(line(file?, date))) else { continue };
        rows.push(row(file, date, &line));
        lines.push(line);
    }
    Ok((lines, rows))
}

/// The schedule file for the S1SP, with the differences from the last version as a notice.
fn send(work: &mut Work<'_>, s1sp: S1sp, date: Date, locked: &Locked, rows: Vec<ScheduleRow>) -> Result<String> {
    let mut bytes = Vec::new();
    write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
    let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else {
        return Err(ServiceError::Use(format!("no party is S1SP {s1sp}; import it with sluice import parties")));
    };
    let name = FileName::schedule(s1sp, date, u32::try_from(locked.version).unwrap_or(u32::MAX));
    debug_assert_eq!(name.kind, FileKind::Schedule);
    let digest = tell::send(work, &party, &format!("{name}.csv"), None, &bytes)?;
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
    Ok(hexadecimal(&digest))
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

fn line(file: &Dossier, date: Date) -> ScheduleLine {
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
/// An installation that has left the inventory since work on it began has its line without them.
fn row(file: Option<&Dossier>, date: Date, line: &ScheduleLine) -> ScheduleRow {
    let meters = file.map(|file| (&file.installation, &file.case.meters));
    let mpan = meters.filter(|(_, meters)| meters.electricity.counts_on(date)).map(|(one, _)| one.mpan);
    let gas = meters.filter(|(_, meters)| meters.gas.as_ref().is_some_and(|gas| gas.counts_on(date)));
    ScheduleRow {
        chf: line.chf,
        mpan,
        mprn: gas.and_then(|(one, _)| one.mprn),
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
pub(crate) fn schedule_rows(
    work: &mut Work<'_>,
    s1sp: S1sp,
    installations: BTreeSet<(Eui64, Date)>,
) -> Result<Vec<ScheduleRow>> {
    let terms = work.mam_terms()?;
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, installations.iter().map(|(chf, _)| *chf))?;
    let row = |(chf, date)| facts.dossier(chf).map(|file| row(Some(file), date, &line(file, date)));
    Ok(installations.into_iter().filter_map(row).collect())
}

fn difference(before: &[ScheduleLine], after: &[ScheduleLine], first: bool) -> Locked {
    let old: BTreeMap<Eui64, &ScheduleLine> = before.iter().map(|line| (line.chf, line)).collect();
    let new: BTreeMap<Eui64, &ScheduleLine> = after.iter().map(|line| (line.chf, line)).collect();
    let only = |one: &[ScheduleLine], other: &BTreeMap<Eui64, &ScheduleLine>| {
        one.iter().filter(|line| !other.contains_key(&line.chf)).map(|line| line.chf.to_string()).collect()
    };
    let altered = |line: &&ScheduleLine| old.get(&line.chf).is_some_and(|old| *old != *line);
    Locked {
        altered: after.iter().filter(altered).map(|line| line.chf.to_string()).collect(),
        lines: u64::try_from(after.len()).unwrap_or(u64::MAX),
        added: if first { Vec::new() } else { only(after, &old) },
        removed: only(before, &new),
        ..Locked::default()
    }
}
