//! What waits for another supplier's row after the authorisation cut-off (MAM-1).

use crate::act::work::Work;
use crate::board::open::Board;
use crate::error::Result;
use crate::rows::asked::AskedOf;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::settle::RowId;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use std::collections::BTreeSet;

/// MAM-1: what lacks another supplier's row for a date that is closed expires. What did not wait for it before (`waited`) is told
/// why: it could not come any more.
pub(crate) fn expire_closed(work: &mut Work<'_>, board: &mut Board, chf: Eui64, waited: &AskedOf) -> Result<()> {
    // What waits for a unit as well gets none any more; programs of before left it in line.
    let in_line = work.engine > 5;
    let waits = |state| state == State::Held || in_line && state == State::Standby;
    for date in closed_dates(work, board, chf, waits)? {
        let Some((file, ledger)) = board.change(chf) else { continue };
        let expired = expire::expire_incomplete(&mut file.case, date, ledger);
        let late = expired.into_iter().filter(|id| !waited.iter().any(|(_, row, _)| row == id));
        for id in late.filter(|_| work.engine > 3).collect::<Vec<RowId>>() {
            board.explain(chf, id, RowCode::MA128.code());
        }
    }
    Ok(())
}

/// REF-2: what lacks another supplier's row for a date that is closed, since an import, lapses with it, and is told why.
pub(crate) fn lapse_closed(work: &mut Work<'_>, board: &mut Board, chf: Eui64) -> Result<()> {
    for date in closed_dates(work, board, chf, |state| state == State::Held || state.is_waiting())? {
        let Some((file, ledger)) = board.change(chf) else { continue };
        for id in expire::lapse_incomplete(&mut file.case, date, ledger) {
            board.explain(chf, id, RowCode::MA128.code());
        }
    }
    Ok(())
}

/// The dates that are closed, of the rows of an installation that are in a state.
fn closed_dates(
    work: &mut Work<'_>,
    board: &mut Board,
    chf: Eui64,
    waits: impl Fn(State) -> bool,
) -> Result<Vec<Date>> {
    let Some(file) = board.facts.dossier(chf) else { return Ok(Vec::new()) };
    let waiting = file.case.rows.iter().filter(|row| waits(row.state));
    let dates: BTreeSet<Date> = waiting.map(|row| row.date).collect();
    let mut closed = Vec::with_capacity(dates.len());
    for date in dates {
        if board.is_closed(work, date)? {
            closed.push(date);
        }
    }
    Ok(closed)
}
