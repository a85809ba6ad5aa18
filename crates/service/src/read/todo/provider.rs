//! What waits for the S1SP.

use super::task::{Offer, Task, due, named};
use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::error::Result;
use crate::words::count;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::{bars, outcomes, parties, schedules};

/// What waits for the S1SP: lists of stop orders, and outcomes, those that are late and those of today.
pub(super) fn tasks(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<Task>> {
    let party = parties::of_s1sp(&mut work.tx, &s1sp)?.map_or_else(|| s1sp.to_string(), |party| party.to_string());
    let mut tasks = Vec::new();
    for list in bars::stop_lists(&mut work.tx)?.into_iter().filter(|list| list.s1sp == s1sp && list.waits()) {
        let (order, due) = (list.order, due(list.due, work.now));
        let what = format!("acknowledge the stop list of order {order}, {due} (STOP-1)");
        let command = format!("sluice stop acknowledge {order} --as {party}");
        tasks.push(Task::new(&party, what).with(command).offers(Offer::Acknowledge(order)));
    }
    let today = local_date(work.now);
    let lacking = outcomes::lacking(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    for day in calendar.days.iter().filter(|day| day.date <= today && lacking.contains(&day.date)) {
        let date = day.date;
        let version = schedules::version(&mut work.tx, &s1sp, date)?;
        let known = outcomes::of_day(&mut work.tx, &s1sp, date)?;
        let unknown = |chf: &Eui64| {
            known.get(chf).is_none_or(|known| known.outcome.is_none_or(|outcome| outcome == State::Unknown))
        };
        let lines = if version > 0 { schedules::lines(&mut work.tx, &s1sp, date, version)? } else { Vec::new() };
        let late = known.iter().filter(|(_, known)| known.outcome == Some(State::Unknown)).map(|(chf, _)| *chf);
        let mut missing: Vec<Eui64> = lines.into_iter().map(|line| line.chf).filter(unknown).chain(late).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            continue;
        }
        let (number, due) = (count(missing.len(), "outcome"), day.outcomes_due.timestamp());
        let when = if due <= work.now { "late since" } else { "due at" };
        let names = named(&missing, "the schedule");
        let what = format!("report {number} of {date}, {when} {} (OUT-4): {names}", in_words(due));
        let stamp = date.strftime("%Y%m%d");
        tasks.push(
            Task::new(&party, what).with(format!("sluice submit OUTCOME_{s1sp}_{stamp}_HHMMSS.csv --as {party}")),
        );
    }
    Ok(tasks)
}
