//! What was not adopted by the lock of its day lapses and frees its units (MAM-11).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::open::Board;
use crate::error::Result;
use crate::responsibility::intake::appointments;
use jiff::civil::Date;
use sluice_rules::authorisation::passing;
use sluice_rules::authorisation::standby::PartyDay;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Party, S1sp};
use std::collections::{BTreeMap, BTreeSet};

/// Suspended rows that lapsed, and units that they used, of each party that failed.
pub(crate) type Unadopted = BTreeMap<Party, (u64, u64)>;

/// The suspended rows of a day on a board lapse.
pub(crate) fn lapse_unadopted(board: &mut Board, date: Date) -> Unadopted {
    let mut unadopted = Unadopted::new();
    for chf in board.facts.installations() {
        let Some((file, ledger)) = board.change(chf) else { continue };
        let suspended = file.case.rows.iter().filter(|row| row.date == date && row.state == State::Suspended);
        let rows: Vec<_> = suspended.copied().collect();
        passing::lapse_suspended(&mut file.case, date, ledger);
        for row in rows {
            let counts = unadopted.entry(row.party).or_default();
            (counts.0, counts.1) = (counts.0 + 1, counts.1 + u64::from(row.unit));
            // Who sent it is responsible no more.
            board.explain(chf, row.id, RowCode::MA111.code());
        }
    }
    unadopted
}

/// The units that lapsed rows used are unallocated, and who could have adopted them is told.
///
/// # Errors
/// If the database fails.
pub(crate) fn release_unadopted(
    work: &mut Work<'_>,
    s1sp: S1sp,
    date: Date,
    unadopted: &Unadopted,
    mut release: impl FnMut(PartyDay),
) -> Result<()> {
    for (&party, (rows, units)) in unadopted {
        release((party, date));
        let words = format!(
            "suspended authorisations of {party} for {date} at {s1sp} that were not adopted in time and have lapsed: {rows}; units that are free with them: {units}"
        );
        let appointed: BTreeSet<Party> = appointments(&mut work.tx, party)?.into_iter().map(|event| event.to).collect();
        appointed.into_iter().try_for_each(|to| tell(work, to, "MAM-11", None, &words))?;
    }
    Ok(())
}
