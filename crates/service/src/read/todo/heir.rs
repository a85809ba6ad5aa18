//! What waits for a supplier of last resort (MAM-11).

use super::task::{Offer, Task};
use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words};
use crate::error::Result;
use crate::events::adopt::adoptable_at;
use crate::responsibility::intake;
use crate::words::count;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::responsibility;
use std::collections::BTreeMap;

/// MAM-11: suspended authorisations of the week that wait for whom their supplier's place was given; a supplier sees its own.
pub(super) fn tasks(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    reader: Option<Party>,
) -> Result<Vec<Task>> {
    let mut events = responsibility::all(&mut work.tx)?;
    events.retain(|event| event.kind == EventKind::Appointment && reader.is_none_or(|own| own == event.to));
    events.retain(|event| event.done_at.is_some() && event.cancelled_at.is_none());
    let mut tasks = Vec::new();
    for event in events {
        let (id, from, to) = (event.id, event.from, event.to);
        if intake::failure(&mut work.tx, to)?.is_some() {
            continue;
        }
        let mut days: BTreeMap<Date, u64> = BTreeMap::new();
        for row in adoptable_at(work, s1sp, &event)? {
            if calendar.day(row.date).is_some() {
                *days.entry(row.date).or_default() += 1;
            }
        }
        if days.is_empty() {
            continue;
        }
        let of_day = |(date, rows): (&Date, &u64)| format!("{rows} of {date} {}", until(calendar, *date, work.now));
        let rows = count(days.values().sum::<u64>(), "suspended authorisation");
        let by_day = days.iter().map(of_day).collect::<Vec<_>>().join(", ");
        let what = format!("adopt {rows} of {from} that you want: {by_day}; what is not adopted lapses (MAM-11)");
        tasks.push(
            Task::new(to, what)
                .with(format!("sluice responsibility suspended {id} --as {to} --out FILE"))
                .with(format!("sluice responsibility adopt {id} --as {to} --s1sp {s1sp}"))
                .offers(Offer::Adopt { event: id, to }),
        );
    }
    Ok(tasks)
}

/// Until when authorisations of a day can be adopted. A day whose lock is late is open until it is locked.
fn until(calendar: &WeekCalendar<'_>, date: Date, now: Timestamp) -> String {
    let Some(lock) = calendar.day(date).map(|day| day.schedule_lock.timestamp()) else { return String::new() };
    let at = in_words(lock);
    match now < lock {
        true => format!("until its lock at {at}"),
        false => format!("until it is locked, which was due at {at}"),
    }
}
