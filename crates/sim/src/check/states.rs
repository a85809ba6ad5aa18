//! States: one for each authorisation and each installation, and only legal steps between them.

use super::facts::{Facts, local_date, working_days_between};
use super::found::{Found, home};
use crate::look::{Auth, Key, Look, Step};
use sluice_rules::authorisation::state::{Progress, State};
use std::collections::{BTreeMap, BTreeSet};

/// The states that the verdict on a row can give.
const FIRST: [&str; 3] = ["ACCEPTED", "HELD", "STANDBY"];

/// Checks the states after a step.
pub(super) fn check(before: &Look, after: &Look, today: i64, found: &mut Found) {
    steps_are_legal(before, after, found);
    one_state_each(after, found);
    what_has_begun_only_ends(before, after, today, found);
    outcomes_are_written(after, found);
    everything_has_its_ground(after, today, found);
    what_is_stopped_waits(before, after, today, found);
    nothing_waits_for_ever(after, today, found);
    what_waits_keeps_its_place(before, after, found);
    installations(before, after, today, found);
    everything_is_told(before, after, found);
}

/// Two steps that one act makes at once, as `docs/rules/states.md` has them.
const AT_ONCE: &[(&str, &str)] = &[
    // MAM-6: after the authorisation cut-off, since nothing can complete it any more.
    ("ACCEPTED", "EXPIRED"),
    // SCH-2: promoted at the lock, or after it while the day lies ahead.
    ("HELD", "SCHEDULED"),
    ("STANDBY", "SCHEDULED"),
    ("DEFERRED", "SCHEDULED"),
    // REF-2: the import that ended it is undone, and its day is locked but lies ahead.
    ("LAPSED", "SCHEDULED"),
    // REF-2, SCH-2: or its day has begun, when nothing can complete it.
    ("LAPSED", "EXPIRED"),
    // STOP-1: a stop order was imposed since; or it is lifted while the locked day lies ahead.
    ("LAPSED", "STOPPED"),
    ("EXPIRED", "STOPPED"),
    ("STOPPED", "SCHEDULED"),
    // STOP-1, SCH-2: it is lifted after its day has begun, when nothing can complete it.
    ("STOPPED", "EXPIRED"),
    // SCH-2: the other supplier's row ends on the day itself.
    ("SCHEDULED", "EXPIRED"),
    // MAM-11: it is adopted, and stopped, scheduled or past completing at once.
    ("SUSPENDED", "STOPPED"),
    ("SUSPENDED", "SCHEDULED"),
    ("SUSPENDED", "EXPIRED"),
];

fn may_become(was: &str, became: &str) -> bool {
    if AT_ONCE.contains(&(was, became)) {
        return true;
    }
    match (was.parse::<State>(), became.parse::<State>()) {
        (Ok(was), Ok(became)) => was.next().contains(&became),
        _ => false,
    }
}

/// MAM-5: the steps that were written down lead from the states before to the states now, each a legal one.
fn steps_are_legal(before: &Look, after: &Look, found: &mut Found) {
    let mut steps: BTreeMap<Key, Vec<&Step>> = BTreeMap::new();
    for step in &after.steps[before.steps.len().min(after.steps.len())..] {
        steps.entry(step.key).or_default().push(step);
        found.unless(may_become(&step.was, &step.became), || {
            format!("{} went from {} to {}", home(step.key.0), step.was, step.became)
        });
    }
    for (key, old) in &before.auths {
        let Some(new) = after.auths.get(key) else {
            found.add(format!("the authorisation of {} by file {} is gone", home(key.0), key.1));
            continue;
        };
        found.unless((old.row, &old.s1sp) == (new.row, &new.s1sp), || format!("{old:?} became {new:?}"));
        follow(*key, Some(&old.state), new, steps.get(key), found);
    }
    for (key, new) in after.auths.iter().filter(|(key, _)| !before.auths.contains_key(key)) {
        follow(*key, None, new, steps.get(key), found);
    }
}

fn follow(key: Key, was: Option<&String>, now: &Auth, steps: Option<&Vec<&Step>>, found: &mut Found) {
    let mut at: Option<&str> = was.map(String::as_str);
    for step in steps.into_iter().flatten() {
        match at {
            Some(state) => found.unless(state == step.was, || {
                format!("{} was {state}, and a step begins at {}", home(key.0), step.was)
            }),
            None => found.unless(FIRST.contains(&step.was.as_str()), || {
                format!("the first state of {} is {}", home(key.0), step.was)
            }),
        }
        at = Some(&step.became);
    }
    match at {
        Some(state) => found
            .unless(state == now.state, || format!("{} is {} and its steps end at {state}", home(key.0), now.state)),
        None => found.unless(FIRST.contains(&now.state.as_str()), || {
            format!("the first state of {} is {}", home(key.0), now.state)
        }),
    }
}

/// MAM-1, MAM-7: a party has at most one live authorisation of an installation for a date, an installation stands for at most
/// one date, and where one row of a date stands all rows that it needs do.
fn one_state_each(look: &Look, found: &mut Found) {
    let facts = Facts(look);
    let mut live: BTreeSet<(i64, i64, &str)> = BTreeSet::new();
    let mut stands: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for ((chf, _), auth) in look.auths.iter().filter(|(_, auth)| auth.is_live()) {
        found.unless(live.insert((*chf, auth.date, &auth.party)), || {
            format!("{} has two live rows of {} for {}", home(*chf), auth.party, auth.date)
        });
        if matches!(auth.state.as_str(), "ACCEPTED" | "SCHEDULED" | "UNKNOWN") {
            stands.entry(*chf).or_default().insert(auth.date);
        }
    }
    for (chf, dates) in stands {
        found.unless(dates.len() == 1, || format!("{} stands for {dates:?}", home(chf)));
        for date in dates {
            let rows: Vec<&Auth> = of(look, chf).filter(|auth| auth.date == date && auth.is_live()).collect();
            let open = rows.iter().filter(|auth| !matches!(auth.state.as_str(), "STOPPED" | "SUSPENDED"));
            let states: BTreeSet<&str> = open.map(|auth| auth.state.as_str()).collect();
            found.unless(states.len() == 1, || format!("{} is {states:?} for {date}", home(chf)));
            // What an outcome is awaited for stays as it was on its day.
            if states.contains("ACCEPTED") {
                let required = facts.required(chf, date);
                let parties: Vec<&String> = rows.iter().map(|auth| &auth.party).collect();
                found.unless(!required.is_empty() && required.iter().all(|party| parties.contains(party)), || {
                    format!("{} stands for {date} with {parties:?}, and needs {required:?}", home(chf))
                });
                let units: Vec<&String> =
                    rows.iter().filter(|auth| auth.unit && auth.state != "SUSPENDED").map(|auth| &auth.party).collect();
                found.unless(required.first().is_some_and(|lead| units == [*lead]), || {
                    format!("{} stands for {date} with units of {units:?}; {required:?} are needed", home(chf))
                });
            }
        }
    }
}

/// OUT-1: what is scheduled for a day that is over, or has started, is changed by its outcome and by nothing else.
fn what_has_begun_only_ends(before: &Look, after: &Look, today: i64, found: &mut Found) {
    for (key, old) in before.auths.iter().filter(|(_, auth)| auth.state == "SCHEDULED") {
        let started = before.outcomes.get(&(old.pool(), key.0)).is_some_and(|known| known.started);
        let Some(new) = after.auths.get(key).filter(|_| started || old.date < today) else { continue };
        let ends = ["SCHEDULED", "MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN"].contains(&new.state.as_str());
        found.unless(ends, || format!("{} had begun on {} and became {}", home(key.0), old.date, new.state));
    }
}

/// OUT-1: an outcome ends the authorisations of its day, and a migration is known of the installation, in the inventory or not.
fn outcomes_are_written(look: &Look, found: &mut Found) {
    for ((pool, chf), known) in &look.outcomes {
        let Some(outcome) = &known.outcome else { continue };
        for auth in of(look, *chf).filter(|auth| auth.pool() == *pool) {
            let waits = auth.state == "SCHEDULED" || (auth.state == "UNKNOWN" && outcome != "UNKNOWN");
            found.unless(!waits, || format!("{} is {} for {pool:?} after {outcome}", home(*chf), auth.state));
        }
        let migrated = look.attempts.get(chf).is_some_and(|attempts| attempts.migrated.is_some());
        found.unless(migrated || outcome != "MIGRATED", || format!("{} is not known to be migrated", home(*chf)));
    }
}

/// MAM-8, SCH-2: nothing is open that could not be authorised now: what loses its ground ends with the act that takes it.
fn everything_has_its_ground(look: &Look, today: i64, found: &mut Found) {
    let facts = Facts(look);
    for ((chf, file), auth) in &look.auths {
        let open = matches!(auth.state.as_str(), "ACCEPTED" | "HELD" | "STANDBY" | "DEFERRED" | "SCHEDULED");
        let known = look.outcomes.get(&(auth.pool(), *chf));
        // OUT-1: what has begun waits for its outcome, and for nothing else.
        let begun = auth.state == "SCHEDULED" && (auth.date < today || known.is_some());
        // SCH-1: a day that is over without a schedule waits for its clock; what it deferred is judged for a later day.
        let over = auth.date < today;
        if !open || begun || over {
            continue;
        }
        let say = |why: String| format!("{} by file {file} is {} for {}, and {why}", home(*chf), auth.state, auth.date);
        let bars = facts.bars(*chf, auth.date);
        // STOP-1: what is in line, or held beside that, when its day is locked under an order waits for a later one.
        let outlasts = look.schedules.contains_key(&auth.pool()) && matches!(auth.state.as_str(), "DEFERRED" | "HELD");
        found.unless(bars.is_empty() || outlasts && facts.is_stopped(*chf, auth.date), || say(bars.join(" and ")));
        let required = facts.required(*chf, auth.date);
        found.unless(required.contains(&&auth.party), || say(format!("{} may not: {required:?}", auth.party)));
        let at = look.reference.installations.get(chf).map(|installation| &installation.s1sp);
        found.unless(at.is_none_or(|at| *at == auth.s1sp), || say(format!("is at {at:?}, not at {}", auth.s1sp)));
    }
}

/// STOP-1: what an order in force covers waits for its end; no cut-off ends it before its day, unless it lacks another
/// supplier's row (MAM-1).
fn what_is_stopped_waits(before: &Look, after: &Look, today: i64, found: &mut Found) {
    let (facts, new) = (Facts(after), &after.steps[before.steps.len().min(after.steps.len())..]);
    for step in new.iter().filter(|step| step.became == "EXPIRED") {
        let Some(auth) = after.auths.get(&step.key) else { continue };
        let there = |party: &&String| {
            after.auths.range((step.key.0, i64::MIN)..=(step.key.0, i64::MAX)).any(|(key, other)| {
                let ends = new.iter().any(|step| step.key == *key && step.became == "EXPIRED");
                other.party == **party && other.date == auth.date && (other.is_live() || ends)
            })
        };
        let lacks = !facts.required(step.key.0, auth.date).iter().all(there);
        let stopped = auth.date >= today && facts.is_stopped(step.key.0, auth.date);
        // SCH-2: at the lock what has no unit ends, stopped or not.
        let had_unit = of(before, step.key.0).any(|other| other.date == auth.date && other.unit);
        let locked = after.schedules.contains_key(&auth.pool()) && !had_unit;
        found.unless(!stopped || lacks || locked, || {
            format!("{} is stopped for {} and expired", home(step.key.0), auth.date)
        });
    }
}

/// MSM-12: what is first in line is so for ten Working Days, from its day or from the one on which it was deferred. SCH-2: what
/// waits beside nothing of that kind ends at the latest when the outcomes of its day are due.
fn nothing_waits_for_ever(look: &Look, today: i64, found: &mut Found) {
    for (key, auth) in look.auths.iter().filter(|(_, auth)| auth.date < today) {
        let say = |why: &str| format!("{} is {} for {}, {why}", home(key.0), auth.state, auth.date);
        if auth.state == "DEFERRED" {
            let steps = look.steps.iter().filter(|step| step.key == *key && step.became == "DEFERRED");
            let deferred = steps.map(|step| local_date(step.at)).max().unwrap_or(auth.date);
            let over = working_days_between(auth.date.max(deferred), today) >= IN_LINE;
            found.unless(!over, || say(&format!("was deferred on {deferred}, and is first in line on {today} still")));
        }
        let beside = of(look, key.0).any(|other| {
            other.date == auth.date && matches!(other.state.as_str(), "DEFERRED" | "STOPPED" | "SUSPENDED")
        });
        let waits = matches!(auth.state.as_str(), "HELD" | "STANDBY");
        found.unless(!waits || beside || !look.over.contains(&auth.pool()), || say("and that day is over"));
    }
}

/// MAM-3, MSM-12, STOP-1: what waited on standby is never first in line for having been out of line meanwhile, so it ends with its day;
/// nor is on standby what was first in line, and had no unit since.
fn what_waits_keeps_its_place(before: &Look, after: &Look, found: &mut Found) {
    let first_new = before.steps.len().min(after.steps.len());
    let waits = |step: &Step| matches!(step.became.as_str(), "STANDBY" | "DEFERRED");
    for (place, step) in after.steps.iter().enumerate().skip(first_new).filter(|(_, step)| waits(step)) {
        // Back to where it was before it was taken out of line.
        let mut was = step.was.as_str();
        for earlier in after.steps[..place].iter().rev().filter(|earlier| earlier.key == step.key) {
            // MAM-11: what was adopted has a unit since, though it is stopped.
            if !matches!(was, "HELD" | "STOPPED" | "LAPSED" | "SUSPENDED" | "EXPIRED") || earlier.unit {
                break;
            }
            was = &earlier.was;
        }
        let other = if step.became == "STANDBY" { "DEFERRED" } else { "STANDBY" };
        found.unless(was != other, || format!("{} was {was} and is {} again", home(step.key.0), step.became));
    }
}

/// MSM-12: so many Working Days a row is first in line.
const IN_LINE: usize = 10;

fn of(look: &Look, chf: i64) -> impl Iterator<Item = &Auth> {
    look.auths.range((chf, i64::MIN)..=(chf, i64::MAX)).map(|(_, auth)| auth)
}

fn progress(look: &Look, chf: i64, today: i64) -> Progress {
    let migrated = look.attempts.get(&chf).is_some_and(|attempts| attempts.migrated.is_some());
    let states = of(look, chf).filter_map(|auth| auth.state.parse().ok());
    // DMT-1: a Dormant installation is scheduled by its plan.
    let planned = look
        .dormant
        .iter()
        .filter(|((_, of), line)| *of == chf && matches!(line.state.as_str(), "SCHEDULED" | "UNKNOWN"));
    let states = states.chain(planned.map(|_| State::Scheduled));
    Progress::of(migrated, Facts(look).is_excluded(chf, today), states)
}

/// Every installation is in one state of the programme, and what follows is legal.
fn installations(before: &Look, after: &Look, today: i64, found: &mut Found) {
    let mut touched: BTreeSet<i64> = after.auths.keys().map(|(chf, _)| *chf).collect();
    touched.extend(after.attempts.keys());
    touched.extend(after.exclusions.keys().chain(before.exclusions.keys()).map(|(chf, _)| *chf));
    for chf in touched {
        let (was, is) = (progress(before, chf, today), progress(after, chf, today));
        let at_once = is == Progress::Scheduled && was != Progress::Migrated;
        found.unless(was == is || at_once || was.next().contains(&is), || {
            format!("{} went from {was} to {is}", home(chf))
        });
    }
}

/// MAM-5: whoever sent a row is told of every change of it, by a response to its file.
fn everything_is_told(before: &Look, after: &Look, found: &mut Found) {
    for step in &after.steps[before.steps.len().min(after.steps.len())..] {
        let since = |at: Option<&i64>| at.is_some_and(|at| *at >= step.at);
        let (sender, row) = (after.files.get(&step.key.1), after.auths.get(&step.key));
        let party = row.map(|row| &row.party);
        // MAM-11: a row that has passed is answered to whose it is; of what is suspended its supplier gets the figures.
        let passed = party != sender.map(|file| &file.sender) || step.was == "SUSPENDED";
        let told = since(after.answered.get(&step.key.1))
            || (passed && party.is_some_and(|party| since(after.told.get(party))));
        found.unless(told, || format!("no response tells that {} became {}", home(step.key.0), step.became));
    }
}

#[cfg(test)]
mod tests {
    use super::AT_ONCE;
    use std::collections::BTreeSet;

    #[test]
    fn the_steps_that_are_made_at_once_are_those_of_the_document() {
        let document = include_str!("../../../../docs/rules/states.md");
        let rows = document.split_once("| From | To | Rule | By way of |").map_or("", |(_, rest)| rest).lines().skip(2);
        let pair = |row: &'static str| {
            let mut cells = row.split('|').map(str::trim).skip(1);
            cells.next().zip(cells.next())
        };
        let written: BTreeSet<(&str, &str)> = rows.take_while(|row| row.starts_with('|')).filter_map(pair).collect();
        assert_eq!(written, AT_ONCE.iter().copied().collect());
    }
}
