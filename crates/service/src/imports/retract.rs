//! An import that is undone takes back what it told (REF-2).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::save::{AUTHORISED, told_of};
use crate::error::Result;
use crate::facts::s1sp::Facts;
use crate::imports::cancelled::CANCELLED;
use crate::rows::asked::{asked_homes, asks, asks_for};
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::Eui64;
use sluice_store::tables::imports::ImportRecord;
use sluice_store::tables::issued::{self, Notice};
use sluice_store::tables::parties;
use std::collections::BTreeSet;

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

/// REF-2, MAM-1: who was asked for its authorisation by an import is told so where none of what the notice names waits for it any more.
/// The rows are what they are after the undoing.
///
/// # Errors
/// If the database fails.
pub(crate) fn retract_asked(work: &mut Work<'_>, import: &ImportRecord) -> Result<()> {
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
    for s1sp in parties::s1sps(&mut work.tx)? {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load(work, homes.iter().copied())?;
        let missing = |chf: Eui64| facts.dossier(chf).map(|file| file.case.missing()).unwrap_or_default();
        let waits = |told: &Notice| asked_homes(told).into_iter().flat_map(missing).any(|one| asks_for(told, &one));
        told.retain(|told| !waits(told));
    }
    told.iter().try_for_each(|notice| take_back(work, import, notice))
}

/// Does any row of the installation say now what the notice said?
fn still_holds(facts: &Facts, notice: &Notice) -> bool {
    let Some((chf, file)) = notice.chf.and_then(|chf| Some((chf, facts.dossier(chf)?))) else { return false };
    let standing = file.case.rows.iter().filter(|row| row.state.is_live() && row.state != State::Held);
    let accepted = standing.map(|row| Authorisation { state: State::Accepted, ..*row });
    let mut again = accepted.flat_map(|row| told_of(&file.case.meters, chf, &row, notice.at));
    again.any(|again| again == *notice)
}
