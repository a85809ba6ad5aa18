//! Dormant plans: no installation in two weeks, nothing noticed that nobody was told of, only the steps that there are.

use super::{Found, home};
use crate::look::{DormantLine, Look, Pool};
use std::collections::BTreeMap;

/// The steps of a line within one act, written down once more.
const STEPS: [(&str, &[&str]); 10] = [
    ("PLANNED", &["NOTICED", "UNUSED"]),
    ("NOTICED", &["SCHEDULED", "STOPPED", "OUT", "UNUSED"]),
    ("SCHEDULED", &["NOTICED", "STOPPED", "OUT", "UNUSED", "MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN"]),
    ("STOPPED", &["NOTICED", "SCHEDULED", "OUT", "UNUSED"]),
    ("OUT", &["NOTICED", "SCHEDULED", "STOPPED"]),
    ("UNUSED", &[]),
    ("UNKNOWN", &["MIGRATED", "FAILED", "NOT_ATTEMPTED"]),
    ("MIGRATED", &[]),
    ("FAILED", &[]),
    ("NOT_ATTEMPTED", &[]),
];

/// Checks the plans of all weeks.
pub(super) fn check(before: &Look, after: &Look, today: i64, found: &mut Found) {
    let mut taken: BTreeMap<i64, &Pool> = BTreeMap::new();
    for ((week, chf), line) in &after.dormant {
        let say = |words: String| format!("{} in the dormant plan of {week:?} {words}", home(*chf));
        if let Some(old) = before.dormant.get(&(week.clone(), *chf)) {
            let next = STEPS.iter().find(|(state, _)| *state == old.state).map_or(&[][..], |(_, next)| next);
            found.unless(old.state == line.state || next.contains(&line.state.as_str()), || {
                say(format!("goes from {} to {}", old.state, line.state))
            });
        } else {
            found.unless(line.state == "PLANNED", || say(format!("begins as {}", line.state)));
        }
        let told = after.noticed.contains(&(week.clone(), *chf));
        found.unless(told || matches!(line.state.as_str(), "PLANNED" | "UNUSED"), || {
            say(format!("is {} and nobody was told", line.state))
        });
        found.unless(line.date.is_some() || line.line == "STANDBY", || say("is planned for no day".to_owned()));
        scheduled(after, week, *chf, line, today, found);
        if is_live(line, week, today)
            && let Some(other) = taken.insert(*chf, week)
        {
            found.add(say(format!("is {} and {other:?} has it too", line.state)));
        }
    }
}

/// SCH-1: what is in a schedule is in its last version.
fn scheduled(look: &Look, (s1sp, week): &Pool, chf: i64, line: &DormantLine, today: i64, found: &mut Found) {
    let in_it = matches!(line.state.as_str(), "SCHEDULED" | "UNKNOWN" | "MIGRATED" | "FAILED" | "NOT_ATTEMPTED");
    let Some(date) = line.date else { return };
    let schedule = look.schedules.get(&(s1sp.clone(), date));
    let lines = schedule.is_some_and(|schedule| schedule.lines.get(&chf).is_some_and(|line| line.kind == "DORMANT"));
    found.unless(lines == in_it || (lines && date < today), || {
        format!(
            "{} is {} in the dormant plan of {s1sp} {week}, and the schedule of {date} says else",
            home(chf),
            line.state
        )
    });
}

fn is_live(line: &DormantLine, (_, week): &Pool, today: i64) -> bool {
    let waits = matches!(line.state.as_str(), "PLANNED" | "NOTICED" | "STOPPED");
    let over = !(*week >= today || super::facts::is_in_week(today, *week));
    matches!(line.state.as_str(), "SCHEDULED" | "UNKNOWN") || (waits && !over)
}
