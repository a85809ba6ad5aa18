//! Weeks become firm in order, each on the balances of those before it; and balances are neither made nor lost.

use super::facts::{day, is_in_week};
use super::found::Found;
use crate::look::{Look, Pool};
use sluice_store::raw::Queries;
use sluice_store::{Scope, Store, StoreError};
use sluice_wire::name::FileName;
use std::collections::{BTreeMap, BTreeSet};

/// Checks what became firm in a step, and the balances.
pub(super) fn check(store: &mut Store, before: &Look, after: &Look, found: &mut Found) -> Result<(), StoreError> {
    let mut moved: BTreeMap<String, i64> = BTreeMap::new();
    for week in after.firm.difference(&before.firm) {
        if is_refill(store, week)? {
            overtaken(before, week, found);
            continue;
        }
        in_order(before, week, found);
        let by_rounding = on_its_balances(store, before, week, found)?;
        *moved.entry(week.0.clone()).or_default() += by_rounding;
    }
    numbered(store, before, found)?;
    by_outages(store, found)?;
    // MSM-8: only rounding changes the sum of an S1SP: neither transfers, nor cuts and refills, nor closed weeks.
    let sums = |look: &Look| {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for ((s1sp, _), nano) in &look.balances {
            *sums.entry(s1sp.clone()).or_default() += nano;
        }
        sums
    };
    let (was, is) = (sums(before), sums(after));
    for s1sp in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let sum = |sums: &BTreeMap<String, i64>| sums.get(s1sp).copied().unwrap_or(0);
        let (was, is, moved) = (sum(&was), sum(&is), sum(&moved));
        found.unless(was + moved == is, || {
            format!("the balances of {s1sp} were {was} together, rounding made {moved}, and they are {is}")
        });
    }
    Ok(())
}

/// Is the first version of a week that stands a refill?
fn is_refill(store: &mut Store, (s1sp, week): &Pool) -> Result<bool, StoreError> {
    let mut tx = store.view(Scope::Dcc)?;
    let sql = "SELECT stage FROM result WHERE s1sp = $1 AND week = $2 AND firm_at IS NOT NULL ORDER BY version";
    let stages = tx.query(sql, &[s1sp.as_str().into(), (*week).into()], |row| Ok(row.text(0)?.to_owned()))?;
    Ok(stages.first().is_some_and(|stage| stage == "REFILL"))
}

/// CAL-5, MSM-13: a refill shares a week without a result only when a later week is firm.
fn overtaken(before: &Look, (s1sp, week): &Pool, found: &mut Found) {
    let later = before.firm.iter().any(|(of, firm)| of == s1sp && firm > week);
    found.unless(later, || {
        format!("the week of {week} at {s1sp} was refilled without a result, and no later one is firm")
    });
}

/// CAL-5: no later week is firm, and the nearest earlier one with capacity is firm or closed.
fn in_order(before: &Look, (s1sp, week): &Pool, found: &mut Found) {
    let later = before.firm.iter().find(|(of, firm)| of == s1sp && firm > week);
    found.unless(later.is_none(), || format!("the week of {week} at {s1sp} became firm after {later:?}"));
    let monday = |date: i64| {
        let day = day(date);
        let back = jiff::ToSpan::days(i64::from(day.weekday().to_monday_zero_offset()));
        sluice_store::tables::convert::date_number(day.saturating_sub(back))
    };
    let with_capacity = before.capacity.keys().filter(|(of, _)| of == s1sp).map(|(_, date)| monday(*date));
    let Some(earlier) = with_capacity.filter(|earlier| earlier < week).max() else { return };
    let firm = before.firm.contains(&(s1sp.clone(), earlier));
    let closed = before.passed.contains(&(s1sp.clone(), earlier, "closed".to_owned()));
    found.unless(firm || closed, || format!("the week of {week} at {s1sp} became firm before that of {earlier}"));
}

/// MSM-8: each line opens with the balance that stood, or with which the one before it closed. Gives the sum of what rounding
/// made.
fn on_its_balances(
    store: &mut Store,
    before: &Look,
    (s1sp, week): &Pool,
    found: &mut Found,
) -> Result<i64, StoreError> {
    let mut tx = store.view(Scope::Dcc)?;
    let sql = "SELECT l.date, l.party, l.opening, l.closing FROM result_line l JOIN result r \
               ON r.s1sp = l.s1sp AND r.version = l.version \
               WHERE r.s1sp = $1 AND r.week = $2 AND r.stage = 'FIRM' ORDER BY l.date, l.party";
    let lines = tx.query(sql, &[s1sp.as_str().into(), (*week).into()], |row| {
        Ok((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?, row.int(3)?))
    })?;
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    let mut made = 0;
    for (date, party, opening, closing) in lines.into_iter().filter(|(date, ..)| is_in_week(*date, *week)) {
        let stood = before.balances.get(&(s1sp.clone(), party.clone())).copied().unwrap_or(0);
        let stood = balances.insert(party.clone(), closing).unwrap_or(stood);
        found.unless(stood == opening, || format!("{party} had {stood} at {s1sp} and opens {date} with {opening}"));
        made += closing - opening;
    }
    Ok(made)
}

/// CAL-7: what an outage moved stands at least an hour after its end, and when people are at work.
fn by_outages(store: &mut Store, found: &mut Found) -> Result<(), StoreError> {
    let mut tx = store.view(Scope::Dcc)?;
    let sql = "SELECT m.milestone, m.at, o.ends FROM moved_milestone m JOIN outage o ON o.id = m.outage ORDER BY m.at, m.milestone";
    let moved = tx.query(sql, &[], |row| Ok((row.text(0)?.to_owned(), row.int(1)?, row.int(2)?)))?;
    for (milestone, at, ends) in moved {
        let works = jiff::Timestamp::from_millisecond(at).is_ok_and(|at| {
            let at = at.to_zoned(sluice_rules::calendar::LONDON);
            let minute = i32::from(at.hour()) * 60 + i32::from(at.minute());
            (600..=1080).contains(&minute) && at.weekday().to_monday_zero_offset() < 5
        });
        found.unless(works && at >= ends + 3_600_000, || format!("an outage until {ends} moved {milestone} to {at}"));
    }
    Ok(())
}

/// MSM-11: a response has the number of the version that its act published.
fn numbered(store: &mut Store, before: &Look, found: &mut Found) -> Result<(), StoreError> {
    let mut tx = store.view(Scope::Dcc)?;
    let sql = "SELECT name, at FROM issued WHERE act > $1 AND name LIKE 'DR$_%' ESCAPE '$' ORDER BY id";
    let names = tx.query(sql, &[before.audit.into()], |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
    for (name, at) in names {
        let parsed = FileName::parse(&name).ok().and_then(|(parsed, _)| Some((parsed, parsed.version?)));
        let Some((parsed, version)) = parsed else {
            found.add(format!("the response {name} has no version"));
            continue;
        };
        let week = sluice_store::tables::convert::date_number(parsed.date);
        let sql = "SELECT count(*) FROM result WHERE s1sp = $1 AND week = $2 AND version = $3 AND published_at = $4";
        let values = [parsed.s1sp.as_str().into(), week.into(), i64::from(version).into(), at.into()];
        let published = tx.query_one(sql, &values, |row| row.int(0))?;
        found.unless(published == 1, || format!("no version {version} was published with the response {name}"));
    }
    Ok(())
}
