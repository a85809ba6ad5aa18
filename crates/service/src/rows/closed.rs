//! What waits for another supplier's row after the authorisation cut-off (MAM-1).

use crate::act::work::Work;
use crate::board::open::Board;
use crate::error::Result;
use crate::rows::asked::AskedOf;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::settle::{Case, RowId};
use sluice_rules::authorisation::standby::Ledger;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use std::collections::BTreeSet;

/// MAM-1: what lacks another supplier's row for a date that is closed expires. What did not wait for it before (`waited`) is told
/// why: it could not come any more.
pub(crate) fn expire_closed(work: &mut Work<'_>, board: &mut Board, chf: Eui64, waited: &AskedOf) -> Result<()> {
    let told_from = if work.engine > 3 { Some(waited) } else { None };
    end_closed(work, board, chf, (expire::expire_incomplete, told_from))
}

/// REF-2: what an import makes wait for a date that is closed lapses with it, and is told why.
pub(crate) fn lapse_closed(work: &mut Work<'_>, board: &mut Board, chf: Eui64, waited: &AskedOf) -> Result<()> {
    end_closed(work, board, chf, (expire::lapse_incomplete, Some(waited)))
}

type EndsIncomplete = fn(&mut Case, Date, &mut Ledger) -> Vec<RowId>;

fn end_closed(
    work: &mut Work<'_>,
    board: &mut Board,
    chf: Eui64,
    (end, waited): (EndsIncomplete, Option<&AskedOf>),
) -> Result<()> {
    let Some(file) = board.facts.dossier(chf) else { return Ok(()) };
    let held = file.case.rows.iter().filter(|row| row.state == State::Held);
    let dates: BTreeSet<Date> = held.map(|row| row.date).collect();
    for date in dates {
        if board.is_closed(work, date)?
            && let Some((file, ledger)) = board.change(chf)
        {
            let ended = end(&mut file.case, date, ledger);
            let late = |id: &RowId| waited.is_some_and(|waited| !waited.iter().any(|(_, row, _)| row == id));
            for id in ended.into_iter().filter(late) {
                board.explain(chf, id, RowCode::MA128.code());
            }
        }
    }
    Ok(())
}
