//! An import that is undone takes back what it told (REF-2).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::save::{AUTHORISED, told_of};
use crate::error::Result;
use crate::facts::s1sp::Facts;
use crate::imports::cancelled::CANCELLED;
use crate::rows::asked::{self, NAMED, asked_homes, asks, asks_for, has_more};
use sluice_rules::authorisation::missing::Missing;
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::imports::ImportRecord;
use sluice_store::tables::issued::{self, Notice};
use sluice_store::tables::parties;
use std::collections::{BTreeMap, BTreeSet};

/// REF-2: who was told by an import that an authorisation has lost its ground with a change of supplier is told that this holds no
/// more.
///
/// # Errors
/// If the database fails.
pub(crate) fn retract(work: &mut Work<'_>, import: &ImportRecord) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let mut told = issued::notices_by(&mut work.tx, import.act, import.applied_at, "MAM-8")?;
    // What cancelled a change is not undone in words: if the change is there again, that is told anew.
    told.retain(|told| !told.words.starts_with(CANCELLED));
    told.iter().try_for_each(|notice| take_back(work, import, notice))
}

fn take_back(work: &mut Work<'_>, import: &ImportRecord, told: &Notice) -> Result<()> {
    let ImportRecord { id, kind, .. } = import;
    let words = format!("the import of {kind} is undone (number {id}), so this holds no more: {}", told.words);
    tell(work, told.party, "REF-2", told.chf, &words)
}

/// REF-2, MAM-1: who was told in the moment of an import that an authorisation stands without it is told so where it stands so no
/// more. The rows are what they are after the undoing.
///
/// # Errors
/// If the database fails.
pub(crate) fn retract_authorised(work: &mut Work<'_>, import: &ImportRecord) -> Result<()> {
    if work.engine < 4 {
        return Ok(());
    }
    let mut told = issued::notices_by(&mut work.tx, import.act, import.applied_at, "MAM-1")?;
    told.retain(|notice| notice.chf.is_some() && notice.words.starts_with(AUTHORISED));
    if told.is_empty() {
        return Ok(());
    }
    let terms = work.mam_terms()?;
    let homes: BTreeSet<Eui64> = told.iter().filter_map(|notice| notice.chf).collect();
    for s1sp in parties::s1sps(&mut work.tx)? {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load(work, homes.iter().copied())?;
        told.retain(|notice| !still_holds(&facts, notice));
    }
    told.iter().try_for_each(|notice| take_back(work, import, notice))
}

/// REF-2, MAM-1: who was asked for its authorisation by an import is told so where none of what the notice asks for waits for it any
/// more, and else for which installations that is so, of those that had `waited` before the undoing. The rows are what they are after it.
///
/// # Errors
/// If the database fails.
pub(crate) fn retract_asked(
    work: &mut Work<'_>,
    import: &ImportRecord,
    waited: &BTreeMap<S1sp, Vec<(Eui64, Missing)>>,
) -> Result<()> {
    if work.engine < 5 {
        return Ok(());
    }
    let mut told = issued::notices_by(&mut work.tx, import.act, import.applied_at, "MAM-1")?;
    told.retain(asks);
    if told.is_empty() {
        return Ok(());
    }
    let terms = work.mam_terms()?;
    let homes: BTreeSet<Eui64> = told.iter().flat_map(asked_homes).collect();
    let (mut waiting, mut ended) = (Vec::new(), Vec::new());
    for s1sp in parties::s1sps(&mut work.tx)? {
        let waited = waited.get(&s1sp).filter(|_| work.engine > 5).map(Vec::as_slice).unwrap_or_default();
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load(work, homes.iter().copied().chain(waited.iter().map(|(chf, _)| *chf)))?;
        let now = asked::waiting(&facts);
        ended.extend(waited.iter().filter(|one| !now.contains(&key_of(one))).cloned());
        waiting.extend(asked::all(&facts));
    }
    for notice in told {
        match holds_of(&notice, [&waiting, &ended], work.engine > 5) {
            None => take_back(work, import, &notice)?,
            Some(homes) if homes.is_empty() => {}
            Some(homes) => take_back_of(work, import, &notice, &homes)?,
        }
    }
    Ok(())
}

/// Of which installations a notice holds no more that asks for authorisations, by what waits after an undoing and what has ended to wait
/// with it; nothing if it holds of none any more. Programs of before took those that it names for all that it asks for.
fn holds_of(notice: &Notice, [waiting, ended]: [&[(Eui64, Missing)]; 2], with_others: bool) -> Option<BTreeSet<Eui64>> {
    let named = asked_homes(notice);
    let with_others = with_others && has_more(notice);
    let asked = |one: &&(Eui64, Missing)| (with_others || named.contains(&one.0)) && asks_for(notice, &one.1);
    let ended = ended.iter().filter(asked).map(|(chf, _)| *chf);
    waiting.iter().any(|one| asked(&one)).then(|| ended.collect())
}

/// Which row waits for whose.
const fn key_of((chf, missing): &(Eui64, Missing)) -> (Eui64, RowId, Party) {
    (*chf, missing.row, missing.of)
}

/// The same of some of the installations that a notice is about.
fn take_back_of(work: &mut Work<'_>, import: &ImportRecord, told: &Notice, homes: &BTreeSet<Eui64>) -> Result<()> {
    let ImportRecord { id, kind, .. } = import;
    let mut named: Vec<String> = homes.iter().take(NAMED).map(Eui64::to_string).collect();
    if homes.len() > NAMED {
        // MAM-1: which these are is found in the list of what still waits, which has none of them.
        let which = if work.engine > 6 { " (what still waits for you is in your eligible list)" } else { "" };
        named.push(format!("and {} more{which}", homes.len() - NAMED));
    }
    let named = named.join(", ");
    let words =
        format!("the import of {kind} is undone (number {id}), so this holds no more of {named}: {}", told.words);
    tell(work, told.party, "REF-2", told.chf, &words)
}

/// Does any row of the installation say now what the notice said?
fn still_holds(facts: &Facts, notice: &Notice) -> bool {
    let Some((chf, file)) = notice.chf.and_then(|chf| Some((chf, facts.dossier(chf)?))) else { return false };
    let standing = file.case.rows.iter().filter(|row| row.state.is_live() && row.state != State::Held);
    let accepted = standing.map(|row| Authorisation { state: State::Accepted, ..*row });
    let mut again = accepted.flat_map(|row| told_of(&file.case.meters, chf, &row, notice.at));
    again.any(|again| again == *notice)
}

#[cfg(test)]
#[path = "retract_tests.rs"]
mod tests;
