//! The intake of a party that failed stops (MAM-11).

use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::codes::FileCode;
use sluice_rules::party::{Eui64, Party};
use sluice_store::View;
use sluice_store::tables::parties;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_wire::FileFinding;

/// The event by which a party failed, if it did.
///
/// # Errors
/// If the database fails.
pub(crate) fn failure(tx: &mut View<'_>, party: Party) -> Result<Option<ResponsibilityEvent>> {
    Ok(appointments(tx, party)?.into_iter().next())
}

/// The appointments in the place of a party that hold, in the order in which they were done, and something passed. One that is to
/// come, was cancelled or passed nothing does nothing.
///
/// # Errors
/// If the database fails.
pub(crate) fn appointments(tx: &mut View<'_>, party: Party) -> Result<Vec<ResponsibilityEvent>> {
    let mut events = responsibility::all(tx)?;
    events.retain(|event| event.kind == EventKind::Appointment && event.from == party);
    events.retain(|event| event.done_at.is_some() && !event.mpids.is_empty());
    events.sort_by_key(ResponsibilityEvent::place);
    Ok(events)
}

/// Why nothing of a party is taken, in words: since when, and who is in its place. Electricity and gas may have got different suppliers.
fn all_in_words(events: &[ResponsibilityEvent]) -> Option<String> {
    let (first, others) = events.split_first()?;
    if others.is_empty() {
        return Some(words(first));
    }
    let one = |event: &ResponsibilityEvent| format!("{} (responsibility event {})", event.to, event.id);
    let (last, before) = others.split_last()?;
    let named: Vec<String> = std::iter::once(first).chain(before).map(one).collect();
    let (at, from) = (first.done_at.map(in_words).unwrap_or_default(), first.from);
    Some(format!(
        "{from} failed at {at}, and {} and {} are appointed in its place; nothing that {from} sends is taken any more",
        named.join(", "),
        one(last)
    ))
}

pub(crate) fn words(event: &ResponsibilityEvent) -> String {
    let ResponsibilityEvent { id, from, to, .. } = event;
    let at = event.done_at.map(in_words).unwrap_or_default();
    format!(
        "since {at} {to} is appointed in the place of {from}, which failed (responsibility event {id}); nothing that {from} sends is taken any more"
    )
}

/// FI04: why a file of a party that failed is refused whole; nothing if it did not fail. Before version 6 the first appointment alone
/// was named, by its number.
///
/// # Errors
/// If the database fails.
pub(crate) fn refusal(tx: &mut View<'_>, sender: Party, engine: i64) -> Result<Option<FileFinding>> {
    let events = appointments(tx, sender)?;
    let words = match engine {
        ..=5 => events.iter().min_by_key(|event| event.id).map(words),
        _ => all_in_words(&events),
    };
    Ok(words.map(|words| FileFinding::new(FileCode::FI04, words)))
}

/// MAM-11: a party that failed does nothing any more.
///
/// # Errors
/// If it failed, with the words that say why.
pub fn must_not_have_failed(tx: &mut View<'_>, party: Party) -> Result<()> {
    all_in_words(&appointments(tx, party)?).map_or(Ok(()), |words| Err(ServiceError::rule("MAM-11", words)))
}

/// REF-3: the first User ID of a party under which files are taken.
///
/// # Errors
/// If the database fails.
pub(crate) fn open_id(tx: &mut View<'_>, party: Party) -> Result<Option<Eui64>> {
    let ended = parties::ended_intake(tx)?;
    let is_open = |id: &Eui64| !ended.iter().any(|ended| ended.user_id == *id);
    Ok(parties::user_ids(tx, &party)?.into_iter().find(is_open))
}
