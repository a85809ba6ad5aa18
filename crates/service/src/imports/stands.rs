//! REF-3: an import of parties takes nothing away that the programme stands on.

use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::error::{Result, ServiceError};
use crate::words::count;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::convert::parsed;
use sluice_store::tables::imports::{OwnedValue, Rows};
use sluice_store::tables::parties::{self, Dictionary};
use std::collections::BTreeSet;

/// The place of the S1SP among the values of a party, and of the party among those of a market participant id.
const S1SP: usize = 2;
const PARTY: usize = 2;

/// REF-3: refuses parties, S1SPs and market participant ids that are gone, or another party's, while something stands on them on
/// days that are not over. What stands on a User ID stands on its party, so one may go at once.
///
/// # Errors
/// If something stands, with a line for each; else if the database fails.
pub(crate) fn must_leave_the_ground(
    work: &mut Work<'_>,
    (parties_before, parties_after): (&Rows, &Rows),
    (mpids_before, mpids_after): (&Rows, &Rows),
) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let today = local_date(work.now);
    let mut lines = Vec::new();
    for key in parties_before.keys().filter(|key| !parties_after.contains_key(*key)) {
        lines.extend(of_party(work, &key[0], today)?);
    }
    let s1sps = |rows: &Rows| rows.values().map(|values| values[S1SP].clone()).collect::<BTreeSet<_>>();
    for code in s1sps(parties_before).difference(&s1sps(parties_after)) {
        lines.extend(of_s1sp(work, code, today)?);
    }
    // MAM-11: a file that says what an event has said takes nothing from anybody.
    let holders = Dictionary::load(&mut work.tx)?.mpids;
    let holds = |key: &OwnedValue, party: &OwnedValue| match key {
        OwnedValue::Int(id) => holders.get(id).is_some_and(|(_, _, holder)| holder.as_str() == words(party)),
        _ => false,
    };
    for (key, values) in mpids_before {
        let other = |after: &&Vec<OwnedValue>| after[PARTY] != values[PARTY] && !holds(&key[0], &after[PARTY]);
        let after = mpids_after.get(key).filter(other);
        if let (Some(after), [OwnedValue::Int(id)]) = (after, &key[..]) {
            let rows = parties::rows_under(&mut work.tx, *id, today)?;
            let [mpid, from, to] = [&values[1], &values[PARTY], &after[PARTY]].map(words);
            if rows > 0 {
                lines.push(format!(
                    "MPID {mpid} of {from} is {to}'s: {} under it; record a transfer (MAM-11)",
                    count(rows, "authorisation")
                ));
            }
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    lines.push(
        "nothing was imported; leave in the file what the programme stands on until it is over (REF-3)".to_owned(),
    );
    Err(ServiceError::Table(lines.join("\n")))
}

fn words(value: &OwnedValue) -> &str {
    if let OwnedValue::Text(words) = value { words } else { "" }
}

fn of_party(work: &mut Work<'_>, code: &OwnedValue, today: Date) -> Result<Option<String>> {
    let party: Party = parsed(words(code))?;
    let [rows, demand, allocations] = parties::standing(&mut work.tx, &party, today)?;
    let stands = format!(
        "party {party} is gone: {}, demand of {}, allocations of {} to come",
        count(rows, "authorisation"),
        count(demand, "day"),
        count(allocations, "day")
    );
    Ok((rows + demand + allocations > 0).then_some(stands))
}

fn of_s1sp(work: &mut Work<'_>, code: &OwnedValue, today: Date) -> Result<Option<String>> {
    if matches!(code, OwnedValue::Null) {
        return Ok(None);
    }
    let s1sp: S1sp = parsed(words(code))?;
    let [capacity, schedules] = parties::to_come(&mut work.tx, &s1sp, today)?;
    let stands = format!(
        "S1SP {s1sp} is gone: capacity on {}, schedules of {} to come",
        count(capacity, "day"),
        count(schedules, "day")
    );
    Ok((capacity + schedules > 0).then_some(stands))
}
