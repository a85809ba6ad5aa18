//! Dormant plans: no installation in two weeks, nothing noticed that nobody was told of, only the steps that there are.

use super::found::{Found, home};
use crate::look::{DormantLine, Look, Pool};
use std::collections::BTreeMap;

/// The steps of a line, as `docs/rules/states.md` has them.
const STEPS: &[(&str, &[&str])] = &[
    ("PLANNED", &["NOTICED", "UNUSED"]),
    ("NOTICED", &["SCHEDULED", "STOPPED", "OUT", "UNUSED"]),
    ("SCHEDULED", &["NOTICED", "STOPPED", "OUT", "MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN"]),
    ("STOPPED", &["NOTICED", "OUT", "UNUSED"]),
    ("OUT", &["NOTICED", "SCHEDULED"]),
    ("UNKNOWN", &["MIGRATED", "FAILED", "NOT_ATTEMPTED"]),
];

/// Two of them that one act makes at once: by way of NOTICED.
const AT_ONCE: &[(&str, &str)] = &[("SCHEDULED", "UNUSED"), ("STOPPED", "SCHEDULED"), ("OUT", "STOPPED")];

fn may_become(was: &str, is: &str) -> bool {
    was == is || AT_ONCE.contains(&(was, is)) || STEPS.iter().any(|(from, next)| *from == was && next.contains(&is))
}

/// Checks the plans of all weeks.
pub(super) fn check(before: &Look, after: &Look, today: i64, found: &mut Found) {
    let mut taken: BTreeMap<i64, &Pool> = BTreeMap::new();
    for ((week, chf), line) in &after.dormant {
        let say = |words: String| format!("{} in the dormant plan of {week:?} {words}", home(*chf));
        if let Some(old) = before.dormant.get(&(week.clone(), *chf)) {
            let legal = may_become(&old.state, &line.state);
            found.unless(legal, || say(format!("goes from {} to {}", old.state, line.state)));
        } else {
            found.unless(line.state == "PLANNED", || say(format!("begins as {}", line.state)));
        }
        let told = after.noticed.contains(&(week.clone(), *chf));
        found.unless(told || matches!(line.state.as_str(), "PLANNED" | "UNUSED"), || {
            say(format!("is {} and nobody was told", line.state))
        });
        found.unless(line.date.is_some() || line.line == "STANDBY", || say("is planned for no day".to_owned()));
        scheduled(after, week, *chf, line, today, found);
        let mut rows = after.auths.range((*chf, i64::MIN)..=(*chf, i64::MAX)).map(|(_, auth)| auth);
        let both = rows.any(|auth| matches!(auth.state.as_str(), "SCHEDULED" | "UNKNOWN"));
        found.unless(!(both && matches!(line.state.as_str(), "SCHEDULED" | "UNKNOWN")), || {
            say(format!("is {}, and in a schedule by an authorisation too", line.state))
        });
        if is_live(line, week, today)
            && let Some(other) = taken.insert(*chf, week)
        {
            found.add(say(format!("is {} and {other:?} has it too", line.state)));
        }
    }
    // A plan that nobody was told of may be made anew; then its lines go.
    for ((week, chf), line) in &before.dormant {
        let stays = line.state == "PLANNED" || after.dormant.contains_key(&(week.clone(), *chf));
        found.unless(stays, || {
            format!("{} was {} in the dormant plan of {week:?}, and is gone", home(*chf), line.state)
        });
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

#[cfg(test)]
mod tests {
    use super::STEPS;
    use std::collections::BTreeSet;

    #[test]
    fn the_steps_are_those_of_the_document() {
        let document = include_str!("../../../../docs/rules/states.md");
        let section = document.split_once("## Dormant line").map_or("", |(_, section)| section);
        let arrows = section.lines().filter_map(|line| line.trim().split_once(" --> "));
        let drawn: BTreeSet<(&str, &str)> = arrows.filter(|(from, _)| *from != "[*]").collect();
        let steps = STEPS.iter().flat_map(|(from, next)| next.iter().map(move |to| (*from, *to)));
        assert_eq!(drawn, steps.collect());
    }
}
