//! Units that came to a supplier with the lead of an installation that it has not authorised yet go on with the lead (MAM-11).

use crate::act::work::Work;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::events::units::PassingUnits;
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::led::{Led, LedUnit};
use sluice_rules::authorisation::passing::{self, EventKind};
use sluice_store::tables::lead;
use sluice_store::tables::responsibility::ResponsibilityEvent;

/// MAM-11: where the lead passes on, or returns, before who had it has authorised the installation, what came with it passes on too:
/// the unit, if it is there yet, and the demand. With the lead of a supplier that failed only what is kept goes on: what it has beside
/// that, and no row uses, is nobody's.
///
/// # Errors
/// If the database fails.
pub(crate) fn go_on(
    work: &mut Work<'_>,
    board: &mut Board,
    event: &ResponsibilityEvent,
    units: &mut PassingUnits,
) -> Result<()> {
    let (s1sp, today) = (board.facts.s1sp, local_date(work.now));
    for came in lead::of_party(&mut work.tx, &s1sp, &event.from, today)? {
        if came.unit == LedUnit::Own {
            continue;
        }
        let (closed, locked) = (board.is_closed(work, came.date)?, board.is_locked(came.date));
        let Some((file, ledger)) = board.change(came.chf) else { continue };
        if file.case.meters.lead_on(came.date) != Some(event.to) {
            continue;
        }
        if came.unit == LedUnit::Kept {
            kept::go_on(&mut file.case, came.id, event.to, ledger);
            continue;
        }
        if event.kind == EventKind::Appointment {
            continue;
        }
        kept::forget(&mut file.case, came.id, ledger);
        lead::forget(&mut work.tx, &came)?;
        // STOP-1: what is stopped outlasts the cut-off, and needs its unit where its own supplier leads again.
        let returns = passing::returns_to(&file.case, came.id, event.to) && work.engine > 7 && !locked;
        if (closed && !returns) || !passing::waits_for_lead(&file.case, came.id, event.from) {
            continue;
        }
        let unit = came.unit == LedUnit::Free && passing::go_on(came.date, (event.from, event.to), ledger);
        if returns && (unit || ledger.allowance((event.to, came.date)).open() > 0) {
            passing::take_stopped(&mut file.case, came.date, event.to, ledger);
        }
        if !unit {
            units.add_waiting(came.date);
        }
        if file.case.live(event.to, came.date).is_none() {
            let unit = match unit {
                true if work.engine > 7 && !closed => LedUnit::Kept,
                true => LedUnit::Free,
                false => LedUnit::None,
            };
            units.note(board, (came.chf, came.id, came.date), Led { party: event.to, unit });
        }
    }
    Ok(())
}
