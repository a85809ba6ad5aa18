//! A week at an S1SP at a glance, as far as the viewer may see it (MSM-14, MSM-15).

use crate::act::work::Look;
use crate::books::calendar::WeekCalendar;
use crate::error::Result;
use crate::read::todo::{self, Task};
use crate::weeks::chain::is_without_result;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::standby::{Allowance, PartyDay};
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::Scope;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::results::ResultRecord;
use sluice_store::tables::{outcomes, questions, results, schedules, uses, weeks};
use std::collections::{BTreeMap, HashMap};

/// A week at an S1SP.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The S1SP.
    pub s1sp: String,
    /// The version of its result that was made last; none before it is scaled.
    pub result: Option<ResultState>,
    /// Was the week closed without a result (CAL-5)?
    pub closed: bool,
    /// What waits for whom.
    pub waits: Vec<Task>,
    /// Its days with capacity, or demand.
    pub days: Vec<DayOverview>,
    /// Why figures of the pool are missing, if they are hidden from the viewer (MSM-14).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<String>,
    /// What each party that the viewer may see has.
    pub parties: Vec<PartyWeek>,
    /// Queries with their answers.
    pub questions: Vec<QueryOverview>,
}

/// A version of a result.
#[derive(Debug, Clone, Serialize)]
pub struct ResultState {
    /// Its number (MSM-11).
    pub version: i64,
    /// Its stage.
    #[serde(with = "crate::words")]
    pub stage: ResultStage,
    /// The rulebook by which it was made.
    pub rulebook: String,
    /// When it was published. What programs before made firm under the number of the provisional result was published twice: then
    /// it is when it became firm.
    #[serde(serialize_with = "crate::words::opt_local")]
    pub published_at: Option<Timestamp>,
}

/// A query about a day (MSM-11).
#[derive(Debug, Clone, Serialize)]
pub struct QueryOverview {
    /// Its number.
    pub id: i64,
    /// Who asks.
    pub party: String,
    /// The day.
    pub date: String,
    /// What is asked.
    pub question: String,
    /// What was answered.
    pub answer: Option<String>,
}

/// A day; figures are installations, and missing where they are hidden or not there yet.
#[derive(Debug, Clone, Serialize)]
pub struct DayOverview {
    /// The day.
    pub date: String,
    /// Capacity without the Dormant reserve.
    pub capacity: Option<u64>,
    /// The Dormant reserve; for all from the day on which demand opens.
    pub reserve: Option<u64>,
    /// The sum of counted demand.
    pub demand: Option<u64>,
    /// The sum of the allocations; before the firm result of what was computed.
    pub allocated: Option<u64>,
    /// Has it any capacity?
    pub migrates: bool,
    /// Is its schedule locked?
    pub locked: bool,
    /// The version of its schedule, 0 if it is not locked. Only for DCC, observers and the S1SP, who are sent it: whatever any supplier
    /// changes after the lock makes another one, so the number would tell the others (MSM-14).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<i64>,
    /// What the supplier that reads has of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnDay>,
}

/// A supplier's day, in installations.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OwnDay {
    /// The demand standing.
    pub asked: u64,
    /// What it has now; before the firm result what was published, and nothing before that.
    pub got: Option<u64>,
    /// Units in use, or used up by an attempt.
    pub in_use: u64,
    /// Units that are kept for homes that came with the lead, and that it has not authorised yet (MAM-11).
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub kept: u64,
    /// Rows in line.
    pub in_line: u64,
}

/// A party's week, in installations.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PartyWeek {
    /// The party.
    pub party: String,
    /// The demand that stood when the forecast was taken (MSM-15); nothing before that.
    pub forecast: Option<u64>,
    /// The demand standing.
    pub demand: u64,
    /// What it has now; before the firm result what was computed, and nothing before that.
    pub allocation: Option<u64>,
    /// Units in use, or used up by an attempt.
    pub in_use: u64,
    /// Units that are kept for homes that came with the lead, and that it has not authorised yet (MAM-11).
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub kept: u64,
    /// Rows in line.
    pub standby: u64,
}

/// The reserve of a week's days, which is published when its demand opens; nothing before. It is asked for with DCC's sight, since
/// the rest of a capacity may be hidden (MSM-14).
///
/// # Errors
/// If the database fails.
pub fn published_reserve(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<BTreeMap<Date, u64>> {
    if work.now < calendar.at(Milestone::DemandOpens) {
        return Ok(BTreeMap::new());
    }
    let capacity = weeks::capacity(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    Ok(capacity.into_iter().map(|(date, capacity)| (date, capacity.reserve())).collect())
}

/// A week at an S1SP, with its [reserve](published_reserve).
///
/// # Errors
/// If the database fails.
pub fn overview(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    reserve: &BTreeMap<Date, u64>,
) -> Result<Overview> {
    let versions = results::versions(&mut work.tx, &s1sp, calendar.monday)?;
    // CAL-5: nobody has anything of a week that was closed, whatever had been published of it; but what a refill shares of it.
    let closed = is_without_result(work, s1sp, calendar.monday)?;
    let shown = results::base(&versions).filter(|_| !closed).cloned();
    let units = units(work, (s1sp, calendar.monday, calendar.sunday()), shown.as_ref(), closed)?;
    let uses = uses::allowances(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    let used_up = outcomes::used_up(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    let used = Used { uses, used_up };
    let days = days(work, calendar, s1sp, (shown.as_ref(), units.as_ref(), &used), reserve)?;
    let hidden = if closed { None } else { hidden(calendar, &days, shown.is_some())? };
    let parties = parties(work, calendar, s1sp, (units.as_ref(), &used))?;
    let result = versions.last().map(|last| ResultState {
        version: last.version,
        stage: last.stage,
        rulebook: last.rulebook.clone(),
        published_at: last.firm_at.or(last.published_at),
    });
    let questions = questions::questions(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    let questions = questions.into_iter().map(|question| QueryOverview {
        id: question.id,
        party: question.party.to_string(),
        date: question.date.to_string(),
        question: question.question,
        answer: question.answer,
    });
    let questions = questions.collect();
    let waits = todo::tasks(work, calendar, s1sp)?;
    Ok(Overview { s1sp: s1sp.to_string(), result, closed, waits, days, hidden, parties, questions })
}

/// MSM-14: what is hidden of the pool, and why, said once.
fn hidden(calendar: &WeekCalendar<'_>, days: &[DayOverview], published: bool) -> Result<Option<String>> {
    if days.iter().all(|day| day.capacity.is_some() && (day.demand.is_some() || !published)) {
        return Ok(None);
    }
    let what = match days.iter().all(|day| day.capacity.is_some()) {
        true => "The counted demand of all is",
        false => "Capacity and counted demand of all are",
    };
    if !published {
        return Ok(Some(format!("{what} told with the provisional result (MSM-14).")));
    }
    let (parties, share) =
        (calendar.rulebook.number("visible_parties")?, calendar.rulebook.number("visible_share_percent")?);
    Ok(Some(format!(
        "{what} hidden on days on which fewer than {parties} parties have demand or one has more than {share} % of it \
         (MSM-14)."
    )))
}

fn days(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    (result, units, used): (Option<&ResultRecord>, Option<&Units>, &Used),
    reserve: &BTreeMap<Date, u64>,
) -> Result<Vec<DayOverview>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let sight = Sight::of(&mut work.tx, Some(s1sp), from, to)?;
    let sees_all = sight.sees_all();
    // An S1SP carries out its own pool, so it reads how large that is and what it has to do.
    let sees_pool = sees_all || sight.provider() == Some(s1sp);
    let version = result.map_or(0, |result| result.version);
    let pools = results::pools(&mut work.tx, &s1sp, from, to, version)?;
    let mut capacities = weeks::capacity(&mut work.tx, &s1sp, from, to)?;
    // MSM-2: what is asked for on a day without capacity counts for the week, so that is seen.
    for line in weeks::demand(&mut work.tx, &s1sp, from, to)?.into_iter().filter(|line| line.units > 0) {
        capacities.entry(line.date).or_insert_with(Capacity::none);
    }
    let mut days = Vec::new();
    for (date, capacity) in capacities {
        let pool = pools.iter().find(|pool| pool.date == date);
        let allocated = units.map(|units| {
            let of_day = units.iter().filter(|((_, day), _)| *day == date);
            of_day.map(|(_, units)| *units).sum()
        });
        let known = Some(capacity.reserve()).filter(|_| sees_pool);
        let schedule = schedules::version(&mut work.tx, &s1sp, date)?;
        days.push(DayOverview {
            date: date.to_string(),
            capacity: Some(capacity.available()).filter(|_| sees_pool || pool.is_some() || capacity.total() == 0),
            reserve: known.or_else(|| reserve.get(&date).copied()),
            migrates: capacity.total() > 0,
            demand: pool.map(|pool| pool.demand),
            allocated: allocated.filter(|_| sees_all),
            locked: schedule > 0,
            // MSM-14: a supplier is sent no schedule.
            schedule: Some(schedule).filter(|_| sees_pool),
            own: own_day(work, s1sp, date, (units, used))?,
        });
    }
    Ok(days)
}

/// What parties have of the days: their allocations, or before the firm result what was computed; nothing before that. Of a week
/// that was closed nobody has any.
type Units = BTreeMap<(Party, Date), u64>;

/// What uses the units of a week, and what attempts have used up, by party and day.
struct Used {
    uses: HashMap<PartyDay, Allowance>,
    used_up: Vec<(Party, Date, u64)>,
}

fn units(
    work: &mut Look<'_>,
    (s1sp, from, to): (S1sp, Date, Date),
    result: Option<&ResultRecord>,
    closed: bool,
) -> Result<Option<Units>> {
    let Some(result) = result else { return Ok(closed.then(BTreeMap::new)) };
    let allocations = results::allocations(&mut work.tx, &s1sp, from, to)?;
    if result.firm_at.is_some() {
        return Ok(Some(allocations.iter().map(|record| ((record.party, record.date), record.units)).collect()));
    }
    let lines = results::lines(&mut work.tx, &s1sp, from, to, result.version)?;
    Ok(Some(lines.iter().map(|line| ((line.party, line.date), line.allocation)).collect()))
}

/// What a supplier that reads has of a day.
fn own_day(
    work: &mut Look<'_>,
    s1sp: S1sp,
    date: Date,
    (units, used): (Option<&Units>, &Used),
) -> Result<Option<OwnDay>> {
    let Scope::Party(party) = *work.tx.scope() else { return Ok(None) };
    let demand = weeks::demand(&mut work.tx, &s1sp, date, date)?;
    let allowance = used.uses.get(&(party, date)).copied().unwrap_or_default();
    let used_up = used.used_up.iter().filter(|(other, day, _)| (*other, *day) == (party, date));
    let attempted: u64 = used_up.map(|(.., units)| units).sum();
    Ok(Some(OwnDay {
        asked: demand.iter().filter(|line| line.party == party).map(|line| line.units).sum(),
        got: units.map(|units| units.get(&(party, date)).copied().unwrap_or(0)),
        in_use: allowance.used + attempted,
        kept: allowance.kept,
        in_line: allowance.standby + allowance.deferred,
    }))
}

fn parties(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    (units, used): (Option<&Units>, &Used),
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
        add(party, &mut |week| week.forecast = Some(week.forecast.unwrap_or(0) + units));
    }
    for line in weeks::demand(&mut work.tx, &s1sp, from, to)? {
        add(line.party, &mut |week| week.demand += line.units);
    }
    for ((party, _), units) in units.into_iter().flatten() {
        add(*party, &mut |week| week.allocation = Some(week.allocation.unwrap_or(0) + units));
    }
    // That a home is migrated, or failed, gives no unit back.
    for (party, _, units) in &used.used_up {
        add(*party, &mut |week| week.in_use += units);
    }
    for ((party, _), allowance) in &used.uses {
        add(*party, &mut |week| {
            week.in_use += allowance.used;
            week.kept += allowance.kept;
            week.standby += allowance.standby + allowance.deferred;
        });
    }
    let taken = work.now >= calendar.at(Milestone::ForecastTaken);
    // Who has no line of a result got nothing, and who had sent nothing when the forecast was taken forecast nothing.
    let got = |week: PartyWeek| PartyWeek {
        allocation: week.allocation.or(units.map(|_| 0)),
        forecast: week.forecast.or(taken.then_some(0)),
        ..week
    };
    Ok(found.into_values().map(got).collect())
}
