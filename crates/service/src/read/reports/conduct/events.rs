//! The events of DCC's own conduct, from what is kept of them.

use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::read::reports::conduct::event::{ConductEvent, What, how_late};
use crate::read::reports::conduct::{acts, decisions};
use crate::read::reports::parts::start_of;
use crate::read::reports::weeks::wanted;
use crate::weeks::window;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::log::{RecordedAct, acts_of, erased_of};
use sluice_store::tables::reports::{Sight, days, dormant};
use sluice_store::tables::results::{AllocationRecord, ResultRecord};
use sluice_store::tables::{bars, outcomes, results, schedules, signatures, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// The acts of which the report tells, in the order in which they were done.
pub(crate) fn acts(work: &mut Look<'_>) -> Result<Vec<RecordedAct>> {
    Ok(acts_of(&mut work.tx, &[&acts::KINDS[..], &decisions::KINDS].concat())?)
}

/// How many acts there are of which the report can tell nothing, since their details are erased.
pub(crate) fn untold(work: &mut Look<'_>) -> Result<usize> {
    Ok(erased_of(&mut work.tx, &[&acts::KINDS[..], &decisions::KINDS].concat())?)
}

/// The events that the reader may see, oldest first.
pub(crate) fn load(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let mut events = missed(work, sight)?;
    events.extend(acts::changes(work, sight)?);
    events.extend(stops(work, sight)?);
    events.extend(decisions::responsibility(work, sight)?);
    events.extend(decisions::exclusions(work, sight)?);
    events.extend(signed_late(work)?);
    events.extend(escalated(work, sight)?);
    events.retain(|event| is_shown(sight, event));
    if !sight.sees_all() {
        events.iter_mut().for_each(|event| event.by.clear());
    }
    // Those of one instant and kind stay in the order in which they were done.
    events.sort_by_key(|event| (event.at, event.what));
    Ok(events)
}

fn is_shown(sight: &Sight, event: &ConductEvent) -> bool {
    let day = event.day.unwrap_or_else(|| local_date(event.at));
    let in_period = sight.from() <= day && day <= sight.to();
    let at = event.s1sp.is_none_or(|s1sp| sight.s1sps().contains(&s1sp));
    let public = matches!(event.what, What::Missed | What::Moved | What::Closed | What::Capacity);
    let own = sight.provider().is_some() && matches!(event.what, What::Stop | What::Escalated) && event.s1sp.is_some();
    in_period && at && (sight.sees_all() || public || own || event.told)
}

/// Deadlines of DCC's own that were missed, or are missed by now.
fn missed(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let mut weeks: BTreeMap<(S1sp, Date), BTreeSet<Date>> = BTreeMap::new();
    for (s1sp, day) in days::known(&mut work.tx, sight)? {
        weeks.entry((s1sp, week_of(day)?)).or_default().insert(day);
    }
    let mut locked: BTreeMap<(S1sp, Date), Timestamp> = BTreeMap::new();
    for (s1sp, day, version, at) in schedules::locked(&mut work.tx)? {
        if version == 1 {
            locked.insert((s1sp, day), at);
        }
    }
    let noticed = dormant::noticed(&mut work.tx, sight)?;
    let mut events = Vec::new();
    for ((s1sp, week), days) in weeks {
        let calendar = work.week(week)?;
        let mut missed = Missed { now: work.now, s1sp, events: &mut events };
        let firm = results_of_week(work, &calendar, sight, &mut missed)?;
        if let Some((.., at)) = noticed.iter().find(|(of, monday, _)| (*of, *monday) == (s1sp, week)) {
            let due = calendar.at(Milestone::DmmsNotice);
            // DMT-2: no notice goes out after its milestone.
            missed.check((week, "DMT-2"), (due, due), *at, "the Dormant notice");
        }
        let capacity = weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?;
        for day in days {
            if firm && capacity.get(&day).is_some_and(|capacity| capacity.total() > 0) {
                let opens = calendar.day(day).map(|day| in_words(day.schedule_lock.timestamp())).unwrap_or_default();
                let day_words = crate::read::reports::parts::long(day);
                let words = format!("the locked schedule of {day_words}, which can be locked from {opens} on,");
                let while_open = (start_of(day)?, start_of(day.tomorrow().map_err(ServiceError::defect)?)?);
                missed.check((day, "SCH-1"), while_open, locked.get(&(s1sp, day)).copied(), &words);
            }
        }
    }
    Ok(events)
}

/// The deadlines of the results of a week. Is it firm?
fn results_of_week(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    sight: &Sight,
    missed: &mut Missed<'_>,
) -> Result<bool> {
    let (s1sp, week) = (missed.s1sp, calendar.monday);
    let capacity = weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?;
    if capacity.values().all(|capacity| capacity.total() == 0) {
        return Ok(false);
    }
    let versions = results::versions(&mut work.tx, &s1sp, week)?;
    let published = versions.iter().filter_map(|version| version.published_at).min();
    let firm = versions.iter().filter_map(|version| version.firm_at).min();
    // CAL-5: what a week owed when it was closed never came, and what was not due then it does not owe.
    let closed = weeks::closed_at(&mut work.tx, &s1sp, week)?.unwrap_or(Timestamp::MAX);
    let over = closed.min(start_of(calendar.sunday().tomorrow().map_err(ServiceError::defect)?)?);
    let provisional_due = calendar.at(Milestone::ProvisionalDue);
    let firm_due = sight.firm_due.get(&(s1sp, week)).copied().unwrap_or(calendar.at(Milestone::FirmDue));
    let results = [(provisional_due, published, "the provisional result"), (firm_due, firm, "the firm result")];
    for (due, done, title) in results.into_iter().filter(|(due, ..)| *due < closed) {
        missed.check((week, "MSM-11"), (due, over), done, title);
    }
    if sight.refills.contains(&(s1sp, week)) {
        let refilled =
            versions.iter().find(|version| version.stage == ResultStage::Refill).map(|version| version.made_at);
        let while_of_use = (calendar.at(Milestone::RefillDue), calendar.at(Milestone::AuthorisationCutoff));
        missed.check((week, "MSM-13"), while_of_use, refilled, "the refill");
    }
    Ok(firm.is_some())
}

/// The weeks of which there are days.
fn weeks(work: &mut Look<'_>, sight: &Sight) -> Result<BTreeSet<(S1sp, Date)>> {
    days::known(&mut work.tx, sight)?.into_iter().map(|(s1sp, day)| Ok((s1sp, week_of(day)?))).collect()
}

/// MSM-11: until when the result of each week was or is to be firm.
pub(crate) fn firm_due(work: &mut Look<'_>, sight: &Sight) -> Result<BTreeMap<(S1sp, Date), Timestamp>> {
    let mut due = BTreeMap::new();
    for (s1sp, week) in weeks(work, sight)? {
        let calendar = work.week(week)?;
        due.insert((s1sp, week), window::firm_due(work, &calendar, &s1sp)?);
    }
    Ok(due)
}

/// The weeks in which a refill was or is due.
pub(crate) fn refills_due(work: &mut Look<'_>, sight: &Sight) -> Result<BTreeSet<(S1sp, Date)>> {
    let mut due = BTreeSet::new();
    for (s1sp, week) in weeks(work, sight)? {
        let versions = results::versions(&mut work.tx, &s1sp, week)?;
        if let Some(base) = versions.iter().find(|version| version.stage == ResultStage::Firm)
            && is_refill_due(work, (week, s1sp), base)?
        {
            due.insert((s1sp, week));
        }
    }
    Ok(due)
}

/// MSM-13: was anything handed back on a day of the week on which somebody who gave nothing back lacks units of its counted
/// demand?
fn is_refill_due(work: &mut Look<'_>, (week, s1sp): (Date, S1sp), firm: &ResultRecord) -> Result<bool> {
    let held = days::held(&mut work.tx, &s1sp, (week, days_of_week(week)?[6]))?;
    if held.iter().all(|record| record.handed_back == 0) {
        return Ok(false);
    }
    let lacks = |((day, party), counted): (&(Date, Party), &u64)| {
        let mut of_day = held.iter().filter(|record| record.date == *day);
        let own = of_day.clone().find(|record| record.party == *party);
        let gave = |record: &AllocationRecord| record.handed_back > 0;
        !own.is_some_and(gave) && *counted > own.map_or(0, |record| record.units) && of_day.any(gave)
    };
    Ok(wanted(work, (week, s1sp), firm)?.iter().any(lacks))
}

/// Collects what was missed at an S1SP.
struct Missed<'a> {
    now: Timestamp,
    s1sp: S1sp,
    events: &'a mut Vec<ConductEvent>,
}

impl Missed<'_> {
    /// A deadline, and the moment from which on what was due cannot come any more.
    fn check(
        &mut self,
        (day, rule): (Date, &'static str),
        (due, over): (Timestamp, Timestamp),
        done: Option<Timestamp>,
        title: &str,
    ) {
        let (at, late, end) = match done {
            Some(done) if done > due => (done, how_late(due, done), "came late"),
            None if self.now > due && self.now >= over => (due, String::new(), "never came"),
            None if self.now > due => (due, how_late(due, self.now), "is not there yet"),
            _ => return,
        };
        let words = format!("{title} was due at {}, and {end}", in_words(due));
        let event = ConductEvent::new(at, What::Missed, rule, words);
        self.events.push(ConductEvent { s1sp: Some(self.s1sp), day: Some(day), late, ..event });
    }
}

/// STOP-1: stop orders; to an S1SP those whose stop list it got.
fn stops(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let lists = bars::stop_lists(&mut work.tx)?;
    let mut events = Vec::new();
    for order in bars::stops(&mut work.tx)? {
        let scope = match order.scope {
            StopScope::List => "a list of installations".to_owned(),
            StopScope::S1sp => format!("S1SP {}", order.value),
            StopScope::Combination => format!("Device Model Combination {}", order.value),
            StopScope::Model => format!("device model {}", order.value),
            StopScope::Supplier => format!("supplier {}", order.value),
        };
        let lifted = order
            .lifted
            .as_ref()
            .map_or_else(|| "still in force".to_owned(), |(at, _)| format!("lifted at {}", in_words(*at)));
        let words = format!("order {} on {scope}: {}; {lifted}", order.id, order.reason);
        let by = order
            .lifted
            .as_ref()
            .map_or_else(|| order.imposed_by.clone(), |(_, by)| format!("{}; lifted by {by}", order.imposed_by));
        let event = ConductEvent { by, ..ConductEvent::new(order.imposed_at, What::Stop, "STOP-1", words) };
        let told = sight.provider().filter(|own| lists.iter().any(|list| list.order == order.id && list.s1sp == *own));
        let s1sp = if order.scope == StopScope::S1sp { order.value.parse().ok() } else { told };
        events.push(ConductEvent { s1sp, ..event });
    }
    Ok(events)
}

/// MSM-12: signatures that did not come in time.
fn signed_late(work: &mut Look<'_>) -> Result<Vec<ConductEvent>> {
    let now = work.now;
    let late = signatures::all(&mut work.tx)?.into_iter().filter_map(|asked| {
        let done = asked.signed.as_ref().map_or(now, |(_, at)| *at);
        let words = match &asked.signed {
            Some((by, at)) => format!("{}: signed by {by} at {}", asked.what, in_words(*at)),
            None => format!("{}: not signed yet", asked.what),
        };
        let event = ConductEvent::new(asked.due, What::Signature, "MSM-12", words);
        let (s1sp, day, late, by) = (Some(asked.s1sp), Some(asked.date), how_late(asked.due, done), asked.first);
        (done > asked.due).then_some(ConductEvent { s1sp, day, late, by, ..event })
    });
    Ok(late.collect())
}

/// What was escalated, but for what stands as a missed deadline or signature already.
fn escalated(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let told = |escalation: &outcomes::Escalation| match escalation.rule.as_str() {
        "SCH-1" => true,
        "MSM-12" => sight.sees_all(),
        _ => false,
    };
    let of = |escalation: outcomes::Escalation| {
        // What to do about it is for the moment in which it was told.
        let fact = escalation.words.rsplit_once("; ").map_or(escalation.words.as_str(), |(fact, _)| fact).to_owned();
        let event = ConductEvent::new(escalation.at, What::Escalated, &escalation.rule, fact);
        ConductEvent { s1sp: Some(escalation.s1sp), day: Some(escalation.date), ..event }
    };
    let all = outcomes::escalations(&mut work.tx)?;
    Ok(all.into_iter().filter(|escalation| !told(escalation)).map(of).collect())
}
