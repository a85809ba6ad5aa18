//! Schedules: nothing in them that may not be, and nothing left out without a reason.

use super::facts::{Facts, is_in_week};
use super::found::{Found, home};
use crate::look::{Auth, Look, Pool, Schedule};
use std::collections::BTreeSet;

/// Checks the schedules of all days.
pub(super) fn check(look: &Look, today: i64, found: &mut Found) {
    for (pool, schedule) in &look.schedules {
        lines(look, pool, schedule, today, found);
    }
    rows(look, found);
}

/// SCH-1, SCH-2: what has not begun and is not over holds nothing that is stopped, held, excluded, migrated, not proven, or
/// not authorised by everybody who must.
fn lines(look: &Look, pool: &Pool, schedule: &Schedule, today: i64, found: &mut Found) {
    let (facts, (s1sp, date)) = (Facts(look), pool);
    for (chf, line) in &schedule.lines {
        let known = look.outcomes.get(&(pool.clone(), *chf));
        let is_over = known.is_some_and(|known| known.started || known.outcome.is_some());
        if *date < today || is_over {
            continue;
        }
        let say = |words: String| format!("the schedule of {s1sp} on {date} holds {}, which is {words}", home(*chf));
        let bars = facts.bars(*chf, *date);
        found.unless(bars.is_empty(), || say(bars.join(" and ")));
        let at = look.reference.installations.get(chf).map(|installation| &installation.s1sp);
        found.unless(at == Some(s1sp), || say(format!("of {at:?}")));
        if line.kind == "DORMANT" {
            dormant(look, pool, *chf, found);
            continue;
        }
        let required: BTreeSet<&String> = facts.required(*chf, *date).into_iter().collect();
        let scheduled: BTreeSet<&String> = scheduled(look, *chf, *date).map(|auth| &auth.party).collect();
        found.unless(!required.is_empty() && required == scheduled, || {
            say(format!("authorised by {scheduled:?} and needs {required:?}"))
        });
    }
}

fn scheduled(look: &Look, chf: i64, date: i64) -> impl Iterator<Item = &Auth> {
    let rows = look.auths.range((chf, i64::MIN)..=(chf, i64::MAX)).map(|(_, auth)| auth);
    rows.filter(move |auth| auth.date == date && auth.state == "SCHEDULED")
}

/// DMT-1 to DMT-4: a Dormant installation is noticed, nobody objects, and it is Dormant.
fn dormant(look: &Look, pool: &Pool, chf: i64, found: &mut Found) {
    let say = |words: &str| format!("the schedule of {pool:?} holds {} as Dormant, and it is {words}", home(chf));
    found.unless(Facts(look).is_dormant(chf, pool.1), || say("not Dormant"));
    let week = |planned: &Pool| planned.0 == pool.0 && is_in_week(pool.1, planned.1);
    let line = look.dormant.iter().find(|((planned, of), _)| *of == chf && week(planned));
    let Some(((planned, _), line)) = line else { return found.add(say("in no plan of the week")) };
    found.unless(line.state == "SCHEDULED", || say(&format!("{} in its plan", line.state)));
    found.unless(look.noticed.contains(&(planned.clone(), chf)), || say("not noticed"));
    let objected = look.objections.iter().any(|(of, objected, _)| of == planned && *objected == chf);
    found.unless(!objected, || say("objected to"));
}

/// SCH-1, MAM-5: once its day is locked a row is in the schedule, or something says why not.
fn rows(look: &Look, found: &mut Found) {
    for ((chf, file), auth) in &look.auths {
        // MAM-5: what lapsed says why, whenever it lapses.
        found.unless(auth.state != "LAPSED" || !auth.codes.is_empty(), || {
            format!("{} by file {file} is LAPSED on {:?} without a code", home(*chf), auth.pool())
        });
        let Some(schedule) = look.schedules.get(&auth.pool()) else {
            // SCH-1: a day that nobody locked has ended too, and what stood for it is in line for another.
            let ended = look.over.contains(&auth.pool()) && matches!(auth.state.as_str(), "ACCEPTED" | "STANDBY");
            found.unless(!ended, || format!("{} is {} on {:?}, which is over", home(*chf), auth.state, auth.pool()));
            continue;
        };
        let say = |words: &str| {
            format!("{} by file {file} is {} on the locked {:?} {words}", home(*chf), auth.state, auth.pool())
        };
        let deferred = || {
            let others = look.auths.range((*chf, i64::MIN)..=(*chf, i64::MAX));
            others.map(|(_, other)| other).any(|other| {
                other.date == auth.date && matches!(other.state.as_str(), "DEFERRED" | "SUSPENDED" | "STOPPED")
            })
        };
        match auth.state.as_str() {
            "SCHEDULED" | "UNKNOWN" | "MIGRATED" | "FAILED" | "NOT_ATTEMPTED" => {
                found.unless(schedule.lines.contains_key(chf), || say("and not in its schedule"));
            }
            "ACCEPTED" => found.add(say("and neither in its schedule nor ended")),
            // An import can be undone and a stop order lifted while the day lies ahead; then it has ended with its day.
            "HELD" | "STANDBY" => {
                found.unless(!look.over.contains(&auth.pool()) || deferred(), || say("and waits for nothing"));
            }
            _ => {}
        }
    }
}
