//! A week at an S1SP at a glance, as far as the viewer may see it (MSM-14, MSM-15).

use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::error::Result;
use crate::words::count;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::FileStatus;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::Scope;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::{authorisations, bars, files, outcomes, results, schedules, signatures, weeks};
use std::collections::BTreeMap;

/// A week at an S1SP.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The S1SP.
    pub s1sp: String,
    /// How far its result has come.
    pub stage: String,
    /// What waits for whom.
    pub waits: Vec<String>,
    /// Its days with capacity.
    pub days: Vec<DayOverview>,
    /// What each party that the viewer may see has.
    pub parties: Vec<PartyWeek>,
    /// Queries with their answers.
    pub questions: Vec<String>,
}

/// A day; figures are installations, and missing where they are hidden.
#[derive(Debug, Clone, Serialize)]
pub struct DayOverview {
    /// The day.
    pub date: String,
    /// Capacity without the Dormant reserve.
    pub capacity: Option<u64>,
    /// The sum of counted demand.
    pub demand: Option<u64>,
    /// The sum of the allocations.
    pub allocated: Option<u64>,
    /// The version of its schedule; 0 if it is not locked.
    pub schedule: i64,
}

/// A party's week, in installations.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PartyWeek {
    /// The party.
    pub party: String,
    /// The demand that stood when the forecast was taken (MSM-15).
    pub forecast: u64,
    /// The demand standing.
    pub demand: u64,
    /// What it has now; before the firm result what was published.
    pub allocation: u64,
    /// Units in use.
    pub in_use: u64,
    /// Rows in line.
    pub standby: u64,
}

/// A week at an S1SP.
///
/// # Errors
/// If the database fails.
pub fn overview(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Overview> {
    let versions = results::versions(&mut work.tx, &s1sp, calendar.monday)?;
    let sight = Sight::of(&mut work.tx, Some(s1sp), calendar.monday, calendar.sunday())?;
    let sees_all = sight.sees_all();
    // An S1SP carries out its own pool, so it reads how large that is and what it has to do.
    let sees_pool = sees_all || sight.provider() == Some(s1sp);
    let base = |result: &&results::ResultRecord| matches!(result.stage, ResultStage::Provisional | ResultStage::Firm);
    let latest = versions.last().cloned();
    let shown = versions.iter().rev().find(base).cloned();
    let days = days(work, calendar, s1sp, shown.as_ref(), sees_pool)?;
    let parties = parties(work, calendar, s1sp, shown.as_ref())?;
    let closed = weeks::closed(&mut work.tx, &s1sp)?.contains(&calendar.monday);
    let stage = latest.filter(|_| !closed).map_or_else(
        || if closed { "closed without a result" } else { "no result yet" }.to_owned(),
        |result| {
            // A firm result was published twice; what counts is when it became firm.
            let at = result.firm_at.or(result.published_at);
            let published = at.map_or("not published".to_owned(), |at| format!("published {}", in_words(at)));
            format!(
                "version {}, {}, {published} ({})",
                result.version,
                result.stage.word().to_ascii_lowercase(),
                result.rulebook
            )
        },
    );
    let questions = results::questions(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    let questions = questions.iter().map(|question| {
        let answer = question.answer.as_deref().unwrap_or("not answered yet");
        format!("{} of {} about {}: {} - {answer}", question.id, question.party, question.date, question.question)
    });
    let questions = questions.collect();
    let mut waits = if sees_all { waits(work, calendar, s1sp)? } else { Vec::new() };
    if sees_pool {
        waits.extend(waits_for_s1sp(work, calendar, s1sp)?);
    }
    Ok(Overview { s1sp: s1sp.to_string(), stage, waits, days, parties, questions })
}

fn days(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    result: Option<&results::ResultRecord>,
    sees_pool: bool,
) -> Result<Vec<DayOverview>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let version = result.map_or(0, |result| result.version);
    let pools = results::pools(&mut work.tx, &s1sp, from, to, version)?;
    let sees_all = matches!(*work.tx.scope(), Scope::Dcc | Scope::Observer);
    let allocations = results::allocations(&mut work.tx, &s1sp, from, to)?;
    let mut days = Vec::new();
    for (date, capacity) in weeks::capacity(&mut work.tx, &s1sp, from, to)? {
        let pool = pools.iter().find(|pool| pool.date == date);
        let allocated: u64 = allocations.iter().filter(|record| record.date == date).map(|record| record.units).sum();
        days.push(DayOverview {
            date: date.to_string(),
            capacity: Some(capacity.available()).filter(|_| sees_pool || pool.is_some()),
            demand: pool.map(|pool| pool.demand),
            allocated: Some(allocated).filter(|_| sees_all),
            schedule: schedules::version(&mut work.tx, &s1sp, date)?,
        });
    }
    Ok(days)
}

fn parties(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    result: Option<&results::ResultRecord>,
) -> Result<Vec<PartyWeek>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let own = sluice_store::tables::parties::reader(&mut work.tx)?;
    let mut found: BTreeMap<Party, PartyWeek> = BTreeMap::new();
    let mut add = |party: Party, change: &mut dyn FnMut(&mut PartyWeek)| {
        if own.is_none_or(|own| own == party) {
            let entry = found.entry(party).or_default();
            entry.party = party.to_string();
            change(entry);
        }
    };
    for (_, party, units) in weeks::forecast(&mut work.tx, &s1sp, from, to)? {
        add(party, &mut |week| week.forecast += units);
    }
    for line in weeks::demand(&mut work.tx, &s1sp, from, to)? {
        add(line.party, &mut |week| week.demand += line.units);
    }
    let allocations = results::allocations(&mut work.tx, &s1sp, from, to)?;
    if let Some(result) = result.filter(|_| allocations.is_empty()) {
        for line in results::lines(&mut work.tx, &s1sp, from, to, result.version)? {
            add(line.party, &mut |week| week.allocation += line.allocation);
        }
    }
    for record in allocations {
        add(record.party, &mut |week| week.allocation += record.units);
    }
    for ((party, _), allowance) in authorisations::allowances(&mut work.tx, &s1sp, from, to)? {
        add(party, &mut |week| {
            week.in_use += allowance.used;
            week.standby += allowance.standby + allowance.deferred;
        });
    }
    Ok(found.into_values().collect())
}

/// What waits for operators and suppliers.
fn waits(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<String>> {
    let mut waits = Vec::new();
    for file in files::of_status(&mut work.tx, FileStatus::Held)? {
        if (file.s1sp, file.date) == (s1sp, calendar.monday) {
            waits.push(format!("file {} of {} waits for the supplier to confirm it (FI21)", file.id, file.sender));
        }
    }
    for file in files::of_status(&mut work.tx, FileStatus::Waiting)? {
        if file.s1sp == s1sp {
            waits.push(format!("file {} of {} waits for its password", file.id, file.sender));
        }
    }
    let versions = results::versions(&mut work.tx, &s1sp, calendar.monday)?;
    let firm = versions.iter().any(|result| result.firm_at.is_some());
    let published = versions.iter().any(|result| result.published_at.is_some());
    let closed = weeks::closed(&mut work.tx, &s1sp)?.contains(&calendar.monday);
    let (open, now) = (!firm && !closed, work.now);
    let mut operator = |words: String| waits.push(format!("the operator: {words}"));
    if open && calendar.at(Milestone::DemandCutoff) <= now && versions.is_empty() {
        operator("scale the week".to_owned());
    } else if open && !published && !versions.is_empty() {
        operator(format!("publish the provisional result by {}", in_words(calendar.at(Milestone::ProvisionalDue))));
    } else if open && published && calendar.at(Milestone::QueryCloses) <= now {
        operator(format!("publish the firm result by {}", in_words(calendar.at(Milestone::FirmDue))));
    }
    for day in due_days(work, calendar, s1sp, firm)? {
        waits.push(format!("the operator: lock the schedule of {day}"));
    }
    let in_week = |date: Date| calendar.monday <= date && date <= calendar.sunday();
    for asked in signatures::all(&mut work.tx)? {
        if asked.s1sp == s1sp && in_week(asked.date) && asked.signed.is_none() {
            let (what, due) = (asked.what, in_words(asked.due));
            let late = if asked.flagged.is_some() { "flagged: it was due" } else { "due" };
            waits.push(format!("a second operator: sign {} ({what}), {late} at {due} (MSM-12)", asked.id));
        }
    }
    waits.extend(crate::read::dormant::waits(work, calendar, s1sp)?);
    Ok(waits)
}

/// What waits for the S1SP.
fn waits_for_s1sp(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<String>> {
    let mut waits = Vec::new();
    for list in bars::stop_lists(&mut work.tx)?.into_iter().filter(|list| list.s1sp == s1sp) {
        if list.waits() {
            let due = in_words(list.due);
            waits.push(format!("{s1sp}: acknowledge the stop list of order {}, due at {due} (STOP-1)", list.order));
        }
    }
    for (date, missing) in outcomes::missing(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())? {
        let words = count(missing, "outcome");
        waits.push(format!("{s1sp}: report {words} of {date} that did not come in time (OUT-4)"));
    }
    Ok(waits)
}

/// The Migration Days whose lock time has passed without a lock.
fn due_days(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, firm: bool) -> Result<Vec<Date>> {
    let capacity = weeks::capacity(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    let mut due = Vec::new();
    for day in &calendar.days {
        let migrates = capacity.get(&day.date).is_some_and(|capacity| capacity.total() > 0);
        // SCH-1: a day that is over is not locked any more.
        let due_now = day.schedule_lock.timestamp() <= work.now && local_date(work.now) <= day.date;
        if firm && migrates && due_now && schedules::version(&mut work.tx, &s1sp, day.date)? == 0 {
            due.push(day.date);
        }
    }
    Ok(due)
}
