//! MAM-11: what a transfer had ended beside the gaining party's own authorisation is back when the meters return.

use crate::act::work::Work;
use crate::board::ground::lost_ground;
use crate::board::open::Board;
use crate::error::Result;
use jiff::Timestamp;
use sluice_rules::authorisation::passing::{self, EventKind};
use sluice_rules::authorisation::settle::{self, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::party::Eui64;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_store::tables::state_changes;
use std::collections::BTreeSet;

/// MAM-11: an authorisation that was not needed beside one of the party to which the meters passed is needed again when they return. It
/// is back, with the unit that came with the lead, where the other's still waits for it and the home has no place on another date.
/// Programs of before left it ended. `before` are the other's rows before the event.
///
/// # Errors
/// If the database fails.
pub(crate) fn give_back(
    work: &mut Work<'_>,
    board: &mut Board,
    event: &ResponsibilityEvent,
    before: &[(Eui64, Vec<StoredAuthorisation>)],
) -> Result<()> {
    let waits =
        |chf: &Eui64| board.facts.dossier(*chf).is_some_and(|file| passing::waits_on(&file.case, event.to).is_some());
    let waiting: Vec<Eui64> = board.facts.installations().into_iter().filter(waits).collect();
    if work.engine < 8 || waiting.is_empty() {
        return Ok(());
    }
    let mut events = responsibility::all(&mut work.tx)?;
    events.retain(|other| other.kind == EventKind::Transfer && other.from == event.to);
    let moments: BTreeSet<Timestamp> = events.iter().filter_map(|other| other.done_at).collect();
    if moments.is_empty() {
        return Ok(());
    }
    let mut keys: Vec<i64> = waiting.iter().map(|chf| eui_number(*chf)).collect();
    keys.sort_unstable();
    for ended in authorisations::lapsed_of_party(&mut work.tx, &event.to, &keys)? {
        if is_to_come_back(board, event, &ended) && was_ended_at(work, &ended, &moments)? {
            let (chf, id, date) = (ended.chf, ended.row.id, ended.row.date);
            board.add_ended(work, chf, &[ended])?;
            board.explain(chf, id, "");
            let home = before.binary_search_by_key(&chf, |(of, _)| *of);
            let of_home = home.map_or(&[][..], |home| &before[home].1).iter();
            // On a day that is open the unit has passed with the lead; on another nobody but this one can use it any more.
            let closed = board.is_closed(work, date)?;
            let led = of_home.map(|stored| stored.row).filter(|row| closed && row.date == date);
            if let Some((file, ledger)) = board.change(chf) {
                for row in led {
                    passing::leave_stopped(&mut file.case, row.id, event.to, ledger);
                    passing::pass_unit(&file.case, row, event.to, ledger);
                }
                settle::restore(&mut file.case, &[id], ledger);
            }
        }
    }
    Ok(())
}

/// Is it for the date for which the other's waits, which can still have it, and does nothing else speak against it?
fn is_to_come_back(board: &Board, event: &ResponsibilityEvent, ended: &StoredAuthorisation) -> bool {
    let (today, attempts) = (board.facts.today, board.facts.terms.attempts);
    board.facts.dossier(ended.chf).is_some_and(|file| {
        passing::waits_on(&file.case, event.to) == Some(ended.row.date)
            && !board.is_locked(ended.row.date)
            && ended.row.date > today
            && lost_ground(file, &ended.row, board.facts.s1sp, today, attempts).is_empty()
    })
}

/// Did it end by one of the events that were done at these moments, and by nothing since?
fn was_ended_at(work: &mut Work<'_>, ended: &StoredAuthorisation, moments: &BTreeSet<Timestamp>) -> Result<bool> {
    let RowId { file, .. } = ended.row.id;
    let changes = state_changes::changes(&mut work.tx, ended.chf)?;
    let last = changes.iter().rfind(|change| change.file == file);
    Ok(last.is_some_and(|last| last.became == State::Lapsed && moments.contains(&last.at)))
}
