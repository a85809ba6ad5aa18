//! Dormant lines: legal steps only, an installation in one week's plan at a time, none beside an authorisation in a schedule.

use super::{Found, home};
use crate::look::Look;
use std::collections::BTreeSet;

/// The steps of a line, as `docs/rules/states.md` has them.
const STEPS: &[(&str, &[&str])] = &[
    ("PLANNED", &["NOTICED", "UNUSED"]),
    ("NOTICED", &["SCHEDULED", "STOPPED", "OUT", "UNUSED"]),
    ("SCHEDULED", &["NOTICED", "STOPPED", "OUT", "MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN"]),
    ("STOPPED", &["NOTICED", "OUT", "UNUSED"]),
    ("OUT", &["NOTICED", "SCHEDULED"]),
    ("UNKNOWN", &["MIGRATED", "FAILED", "NOT_ATTEMPTED"]),
];

/// Two of them that one act makes at once: a cut takes its place on the last day of the week; what an order no longer stops is
/// put into the schedule that is locked.
const AT_ONCE: &[(&str, &str)] = &[("SCHEDULED", "UNUSED"), ("STOPPED", "SCHEDULED")];

fn may_become(was: &str, is: &str) -> bool {
    was == is || AT_ONCE.contains(&(was, is)) || STEPS.iter().any(|(from, next)| *from == was && next.contains(&is))
}

/// DMT-1 to DMT-5.
pub(super) fn check(before: &Look, after: &Look, found: &mut Found) {
    let mut live = BTreeSet::new();
    for ((pool, chf), line) in &after.dormant {
        let say = |words: &str| format!("{} is {} in the Dormant week {pool:?}, and {words}", home(*chf), line.state);
        match before.dormant.get(&(pool.clone(), *chf)) {
            Some(was) => found.unless(may_become(&was.state, &line.state), || say(&format!("was {}", was.state))),
            None => found.unless(line.state == "PLANNED", || say("is new")),
        }
        if matches!(line.state.as_str(), "PLANNED" | "NOTICED" | "SCHEDULED" | "STOPPED" | "UNKNOWN") {
            found.unless(live.insert(*chf), || say("in another week too"));
        }
        let noticed = after.noticed.contains(&(pool.clone(), *chf));
        found.unless(matches!(line.state.as_str(), "PLANNED" | "UNUSED") || noticed, || say("nobody was told"));
        let rows = after.auths.range((*chf, i64::MIN)..=(*chf, i64::MAX)).map(|(_, auth)| auth);
        let mut both = rows.filter(|auth| matches!(auth.state.as_str(), "SCHEDULED" | "UNKNOWN"));
        if matches!(line.state.as_str(), "SCHEDULED" | "UNKNOWN") {
            found.unless(both.next().is_none(), || say("in a schedule by an authorisation too"));
            let scheduled = line.date.is_some_and(|date| {
                let schedule = after.schedules.get(&(pool.0.clone(), date));
                schedule.is_some_and(|schedule| schedule.lines.get(chf).is_some_and(|line| line.kind == "DORMANT"))
            });
            found.unless(scheduled, || say(&format!("not in the schedule of {:?}", line.date)));
        }
    }
    // A plan that nobody was told of may be made anew; then its lines go.
    for ((pool, chf), line) in &before.dormant {
        let stays = line.state == "PLANNED" || after.dormant.contains_key(&(pool.clone(), *chf));
        found.unless(stays, || format!("{} was {} in the Dormant week {pool:?}, and is gone", home(*chf), line.state));
    }
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
