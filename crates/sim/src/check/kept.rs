//! MAM-11: a unit that came with the lead of an installation is kept for it, and is nobody else's until its date is closed.

use super::facts::{Facts, is_in_week};
use super::found::{Found, home};
use crate::look::{Auth, Look, Pool};

/// Checks what is kept after a step.
pub(super) fn check(before: &Look, after: &Look, found: &mut Found) {
    what_is_kept_is_waited_for(after, found);
    what_passes_is_kept(before, after, found);
    what_is_kept_goes_nowhere_else(before, after, found);
}

/// The authorisations of an installation for a day.
fn of_day(look: &Look, chf: i64, pool: Pool) -> impl Iterator<Item = &Auth> {
    let of_home = look.auths.range((chf, i64::MIN)..=(chf, i64::MAX)).map(|(_, auth)| auth);
    of_home.filter(move |auth| auth.pool() == pool)
}

fn has_live(look: &Look, chf: i64, pool: Pool, party: &str) -> bool {
    of_day(look, chf, pool).any(|auth| auth.party == party && auth.is_live())
}

/// Can nobody authorise for a day any more?
fn is_closed(look: &Look, (s1sp, date): &Pool) -> bool {
    let passed = look
        .passed
        .iter()
        .any(|(of, week, milestone)| of == s1sp && milestone == "authorisation_cutoff" && is_in_week(*date, *week));
    passed || look.schedules.contains_key(&(s1sp.clone(), *date))
}

/// A row lives and has no unit, and waits for the supplier that leads, which has none and can still send it.
fn what_is_kept_is_waited_for(look: &Look, found: &mut Found) {
    for ((chf, file), auth) in &look.auths {
        let Some(party) = &auth.kept else { continue };
        let leads = Facts(look).required(*chf, auth.date).first().is_some_and(|lead| *lead == party);
        let waits = auth.is_live() && !auth.unit && !has_live(look, *chf, auth.pool(), party);
        found.unless(leads && waits && !is_closed(look, &auth.pool()), || {
            format!("{} by file {file} has a unit of {party} kept, and waits for none: {auth:?}", home(*chf))
        });
    }
}

/// What stays without the unit that it had, since the lead has passed, has it kept with who leads; but for one that its supplier, which
/// led by an event, had for another home.
fn what_passes_is_kept(before: &Look, after: &Look, found: &mut Found) {
    let is_new = |id: i64| before.events.iter().all(|event| event.id != id || !event.done);
    let passed = after.events.iter().any(|event| event.done && !event.appoints && is_new(event.id));
    // MSM-12: a cut may take it in the same step.
    if !passed || before.capacity != after.capacity {
        return;
    }
    for (key, was) in before.auths.iter().filter(|(_, was)| was.unit && !was.own && was.state != "SUSPENDED") {
        let Some(now) = after.auths.get(key).filter(|now| now.is_live() && !now.unit && now.date == was.date) else {
            continue;
        };
        let Some(lead) = Facts(after).required(key.0, now.date).first().copied() else { continue };
        let led = Facts(before).required(key.0, now.date).first().is_some_and(|led| **led == was.party);
        let has_own = of_day(after, key.0, now.pool()).any(|own| own.party == *lead);
        if led && *lead != now.party && !has_own && !is_closed(after, &now.pool()) {
            found.unless(now.kept.as_ref() == Some(lead), || {
                format!("the unit of {} for {} is not kept with {lead}: {now:?}", home(key.0), now.date)
            });
        }
    }
}

/// What was kept is in use by a row of the installation, or kept still, with who leads now; or nothing waits for it any more.
fn what_is_kept_goes_nowhere_else(before: &Look, after: &Look, found: &mut Found) {
    for (key, was) in &before.auths {
        let (Some(party), Some(now)) = (&was.kept, after.auths.get(key)) else { continue };
        let pool = was.pool();
        let allocation = |look: &Look| look.allocations.get(&(pool.clone(), party.clone())).copied().unwrap_or(0);
        let lead = Facts(after).required(key.0, was.date).first().copied();
        let sent = |look: &Look| of_day(look, key.0, pool.clone()).filter(|auth| auth.party == *party).count();
        // MAM-8, REF-2: another supplier leads by an import, with which no unit goes.
        let by_import = lead != Some(party) && before.events == after.events;
        // MSM-12: a cut takes what is kept before it takes what is in use.
        let cut = before.capacity != after.capacity && allocation(after) < allocation(before);
        let over = !now.is_live() || now.date != was.date || is_closed(after, &pool);
        let has = now.kept.as_ref() == lead.filter(|_| now.kept.is_some());
        let used = of_day(after, key.0, pool.clone()).any(|auth| auth.unit) || sent(after) > sent(before);
        found.unless(now.kept.is_some() && has || used || over || by_import || cut, || {
            format!(
                "the unit of {party} that was kept for {} on {} is gone: {now:?}, led by {lead:?}",
                home(key.0),
                was.date
            )
        });
    }
}
