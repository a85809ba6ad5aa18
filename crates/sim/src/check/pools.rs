//! Units: used ≤ allocation ≤ capacity in every pool, and the ledger is what the rows say.

use super::facts::{Facts, is_in_week};
use super::found::{Found, home};
use crate::look::{Auth, Look, Pool};
use jiff::civil::Date;
use sluice_rules::authorisation::standby::Allowance;
use sluice_store::tables::convert::date_number;
use sluice_store::tables::uses;
use sluice_store::{Scope, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// MAM-2, MSM-1, SCH-1: units used ≤ allocation, allocations ≤ capacity less the reserve, a schedule ≤ the capacity.
pub(super) fn check(look: &Look, found: &mut Found) {
    let mut used: BTreeMap<(Pool, String), i64> = BTreeMap::new();
    for auth in look.auths.values().filter(|auth| auth.unit) {
        found.unless(auth.is_live(), || format!("{} uses a unit of {:?}", auth.state, auth.pool()));
        *used.entry((auth.pool(), auth.party.clone())).or_default() += 1;
    }
    // MAM-11: what is kept of a party's units stands at rows of others.
    for auth in look.auths.values() {
        if let Some(party) = &auth.kept {
            *used.entry((auth.pool(), party.clone())).or_default() += 1;
        }
    }
    for ((pool, party), used) in &used {
        let allocation = look.allocations.get(&(pool.clone(), party.clone())).copied().unwrap_or(0);
        // OUT-1: a cut on the day takes nothing that has begun, nor its unit.
        found.unless(*used <= allocation, || format!("{party} uses {used} of {allocation} units of {pool:?}"));
    }
    let mut allocated: BTreeMap<&Pool, i64> = BTreeMap::new();
    for ((pool, _), units) in &look.allocations {
        *allocated.entry(pool).or_default() += units;
    }
    for (pool, allocated) in allocated {
        let (total, reserve) = look.capacity.get(pool).copied().unwrap_or_default();
        // MSM-12, OUT-1: what has begun before a cut stays in the allocation.
        found.unless(allocated <= total - reserve || allocated == begun(look, pool), || {
            format!("{allocated} units are allocated of {total} less {reserve} of {pool:?}")
        });
    }
    for (pool, schedule) in &look.schedules {
        let (total, _) = look.capacity.get(pool).copied().unwrap_or_default();
        // What was not attempted has used nothing of the day.
        let attempted = || schedule.lines.keys().filter(|chf| !is_not_attempted(look, pool, **chf));
        let lines = length(attempted().count());
        let begun = attempted().filter(|chf| has_begun(look, pool, **chf));
        found.unless(lines <= total || lines == length(begun.count()), || {
            format!("{lines} installations are scheduled for {total} of {pool:?}")
        });
    }
}

/// The installations that were attempted with a unit of a pool, or have started with one.
fn begun(look: &Look, pool: &Pool) -> i64 {
    let of_pool = look.auths.iter().filter(|(_, auth)| auth.pool() == *pool);
    let begun = of_pool.filter(|((chf, _), auth)| {
        matches!(auth.state.as_str(), "MIGRATED" | "FAILED") || auth.unit && has_begun(look, pool, *chf)
    });
    length(begun.map(|((chf, _), _)| chf).collect::<BTreeSet<_>>().len())
}

/// MSM-13, MAM-11: of a day to come nobody has more than it asks for, what came and went with rows included: so no refill gives
/// units for demand that has moved away, and no transfer leaves units without their demand.
pub(super) fn nobody_has_more_than_its_demand(look: &Look, today: i64, found: &mut Found) {
    let mut demand: BTreeMap<(&Pool, &String), i64> = BTreeMap::new();
    for ((pool, party, _), units) in &look.demand {
        *demand.entry((pool, party)).or_default() += units;
    }
    for ((pool, party), units) in look.allocations.iter().filter(|((pool, _), _)| pool.1 > today) {
        let demand = demand.get(&(pool, party)).copied().unwrap_or(0);
        found.unless(*units <= demand, || format!("{party} has {units} units of {pool:?} and a demand of {demand}"));
    }
}

/// MAM-3: no unit of a party is idle while a row of it waits that could have it. Once a day is locked, or over, nobody is in line.
pub(super) fn nobody_waits_beside_a_free_unit(look: &Look, today: i64, found: &mut Found) {
    let facts = Facts(look);
    for ((chf, file), auth) in &look.auths {
        let pool = auth.pool();
        if !matches!(auth.state.as_str(), "STANDBY" | "DEFERRED")
            || auth.date < today
            || look.schedules.contains_key(&pool)
        {
            continue;
        }
        let of_party = |other: &&Auth| other.unit && other.party == auth.party && other.pool() == pool;
        let kept = |other: &&Auth| other.kept.as_ref() == Some(&auth.party) && other.pool() == pool;
        let used = length(look.auths.values().filter(|other| of_party(other) || kept(other)).count());
        let allocation = look.allocations.get(&(pool.clone(), auth.party.clone())).copied().unwrap_or(0);
        let required = facts.required(*chf, auth.date);
        let leads = required.first().is_some_and(|lead| **lead == auth.party);
        let rows = || look.auths.range((*chf, i64::MIN)..=(*chf, i64::MAX)).map(|(_, other)| other);
        // OUT-4: in the schedule of another date, whose outcome is awaited.
        let elsewhere =
            rows().any(|other| other.date != auth.date && matches!(other.state.as_str(), "SCHEDULED" | "UNKNOWN"));
        let sent =
            |party: &&String| rows().any(|other| other.date == auth.date && other.party == ***party && is_open(other));
        // MAM-1: after the cut-off a unit does not help what lacks the other supplier.
        let closed = look.passed.iter().any(|(s1sp, week, milestone)| {
            *s1sp == auth.s1sp && milestone == "authorisation_cutoff" && is_in_week(auth.date, *week)
        });
        let lacks = closed && !required.iter().all(sent);
        found.unless(used >= allocation || !leads || elsewhere || lacks, || {
            format!(
                "{} by file {file} is {} for {pool:?}, where {} uses {used} of {allocation}",
                home(*chf),
                auth.state,
                auth.party
            )
        });
    }
}

fn is_open(auth: &Auth) -> bool {
    matches!(auth.state.as_str(), "ACCEPTED" | "HELD" | "STANDBY" | "DEFERRED" | "SCHEDULED")
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// OUT-1: is work on it reported as begun, or its outcome known?
fn has_begun(look: &Look, pool: &Pool, chf: i64) -> bool {
    look.outcomes.get(&(pool.clone(), chf)).is_some_and(|known| known.started || known.outcome.is_some())
}

fn is_not_attempted(look: &Look, pool: &Pool, chf: i64) -> bool {
    let known = look.outcomes.get(&(pool.clone(), chf));
    known.and_then(|known| known.outcome.as_deref()).is_some_and(|outcome| outcome == "NOT_ATTEMPTED")
}

/// MAM-2, MAM-3: what the ledger says each party has of each day, and what uses or waits for it, is what the rows say.
pub(super) fn ledger_is_the_rows(store: &mut Store, look: &Look, found: &mut Found) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<(Pool, String), [u64; 5]> = BTreeMap::new();
    for ((pool, party), units) in &look.allocations {
        wanted.entry((pool.clone(), party.clone())).or_default()[0] = units.cast_unsigned();
    }
    for auth in look.auths.values().filter(|auth| auth.is_live()) {
        let figures = wanted.entry((auth.pool(), auth.party.clone())).or_default();
        figures[1] += u64::from(auth.unit);
        figures[2] += u64::from(auth.state == "STANDBY");
        figures[3] += u64::from(auth.state == "DEFERRED");
        if let Some(party) = &auth.kept {
            wanted.entry((auth.pool(), party.clone())).or_default()[4] += 1;
        }
    }
    let mut tx = store.view(Scope::Dcc)?;
    let s1sps: std::collections::BTreeSet<&String> = look.capacity.keys().map(|(s1sp, _)| s1sp).collect();
    let mut ledger = BTreeMap::new();
    for s1sp in s1sps {
        let of = sluice_store::tables::convert::parsed(s1sp)?;
        for ((party, date), allowance) in uses::allowances(&mut tx, &of, Date::MIN, Date::MAX)? {
            let Allowance { allocation, used, kept, standby, deferred } = allowance;
            let figures = [allocation, used, standby, deferred, kept];
            ledger.insert(((s1sp.clone(), date_number(date)), party.to_string()), figures);
        }
    }
    for key in wanted.keys().chain(ledger.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (rows, ledger) = (wanted.get(key), ledger.get(key));
        found.unless(rows == ledger, || {
            format!(
                "allocation, used, standby, deferred and kept of {key:?} are {ledger:?} in the ledger, {rows:?} by the rows"
            )
        });
    }
    Ok(())
}
