//! REF-3: an import takes nothing away that the programme stands on.

use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::error::{Result, ServiceError};
use crate::words::count;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::attempts::{self, OutcomeCode};
use sluice_store::tables::convert::{eui_of, parsed};
use sluice_store::tables::imports::{OwnedValue, Rows};
use sluice_store::tables::parties::{self, Dictionary};
use std::collections::BTreeSet;

/// The places of the role and the S1SP among the values of a party, of the party among those of a market participant id, and
/// among those of a User ID.
const ROLE: usize = 1;
const S1SP: usize = 2;
const PARTY: usize = 2;
const PARTY_OF_ID: usize = 0;

/// REF-3: refuses parties, S1SPs, User IDs and market participant ids that are gone, or another party's, while something stands on
/// them on days that are not over.
///
/// # Errors
/// If something stands, with a line for each; else if the database fails.
pub(crate) fn must_leave_the_ground(
    work: &mut Work<'_>,
    (parties_before, parties_after): (&Rows, &Rows),
    (mpids_before, mpids_after): (&Rows, &Rows),
    (ids_before, ids_after): (&Rows, &Rows),
) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let today = local_date(work.now);
    let mut lines = Vec::new();
    for (key, values) in parties_before {
        match parties_after.get(key) {
            None => lines.extend(of_party(work, &key[0], "gone", today)?),
            Some(after) if work.engine > 3 && after[ROLE] != values[ROLE] => {
                lines.extend(of_party(
                    work,
                    &key[0],
                    &format!("no {} any more", words(&values[ROLE]).to_lowercase()),
                    today,
                )?);
            }
            Some(_) => {}
        }
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
    // Programs of before let a User ID go at once.
    let known = if work.engine > 3 { ids_before } else { &Rows::new() };
    for (key, values) in known {
        // What stands on a party that is gone is named with it.
        let stays = parties_after.contains_key(&values[PARTY_OF_ID..=PARTY_OF_ID]);
        let same = ids_after.get(key).is_some_and(|after| after[PARTY_OF_ID] == values[PARTY_OF_ID]);
        if let ([OwnedValue::Int(id)], true, false) = (&key[..], stays, same) {
            lines.extend(of_user_id(work, *id, words(&values[PARTY_OF_ID]), today)?);
        }
    }
    nothing_may_stand(lines)
}

/// REF-3: outcome codes stay while an installation waits on what they say: who acts, and from when it can be tried again (OUT-2).
///
/// # Errors
/// If one is gone that something stands on, with a line for each; else if the database fails.
pub(crate) fn codes_must_stay(work: &mut Work<'_>, before: &[OutcomeCode]) -> Result<()> {
    if work.engine < 4 {
        return Ok(());
    }
    let after = attempts::outcome_codes(&mut work.tx)?;
    let mut lines = Vec::new();
    for (code, stage, homes) in attempts::last_codes(&mut work.tx)? {
        let known = |codes: &[OutcomeCode]| OutcomeCode::of(codes, &code, &stage).is_some();
        if known(before) && !known(&after) {
            let at =
                if stage.is_empty() { String::new() } else { format!(" ({})", stage.to_lowercase().replace('_', " ")) };
            let homes = count(homes, "installation");
            lines.push(format!("outcome code {code}{at} is gone: {homes} not migrated yet failed with it last"));
        }
    }
    nothing_may_stand(lines)
}

fn nothing_may_stand(mut lines: Vec<String>) -> Result<()> {
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

/// What stands under a User ID, and how it is ended without being taken away.
fn of_user_id(work: &mut Work<'_>, id: i64, party: &str, today: Date) -> Result<Option<String>> {
    let [rows, demand] = parties::standing_under(&mut work.tx, id, today)?;
    let id = eui_of(id);
    let stands = format!(
        "User ID {id} of {party} is gone: {}, demand of {} under it; sluice intake end {id} takes nothing under it any more",
        count(rows, "authorisation"),
        count(demand, "day")
    );
    Ok((rows + demand > 0).then_some(stands))
}

fn of_party(work: &mut Work<'_>, code: &OwnedValue, how: &str, today: Date) -> Result<Option<String>> {
    let party: Party = parsed(words(code))?;
    let [rows, demand, allocations] = parties::standing(&mut work.tx, &party, today)?;
    let stands = format!(
        "party {party} is {how}: {}, demand of {}, allocations of {} to come",
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
