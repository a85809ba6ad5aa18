//! What was not adopted by the lock of its day lapses and frees its units (MAM-11).

use crate::act::work::Work;
use crate::board::desk::Desk;
use crate::board::save::tell;
use crate::error::Result;
use crate::events::rows::save_allocations;
use crate::responsibility::intake::appointments;
use jiff::civil::Date;
use sluice_rules::authorisation::passing;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Party;
use std::collections::{BTreeMap, BTreeSet};

/// Suspended rows that lapsed, and units that they used, of each party that failed.
pub(crate) type Unadopted = BTreeMap<Party, (u64, u64)>;

/// The suspended rows of a day on a desk lapse.
pub(crate) fn lapse_unadopted(desk: &mut Desk, date: Date) -> Unadopted {
    let mut unadopted = Unadopted::new();
    for chf in desk.installations() {
        let Some((file, ledger)) = desk.case_mut(chf) else { continue };
        let suspended = file.case.rows.iter().filter(|row| row.date == date && row.state == State::Suspended);
        let rows: Vec<_> = suspended.copied().collect();
        passing::lapse_suspended(&mut file.case, date, ledger);
        for row in rows {
            let counts = unadopted.entry(row.party).or_default();
            (counts.0, counts.1) = (counts.0 + 1, counts.1 + u64::from(row.unit));
            // Who sent it is responsible no more.
            desk.explain(chf, row.id, RowCode::MA111.code());
        }
    }
    unadopted
}

/// The units that lapsed rows used are unallocated, and who could have adopted them is told.
///
/// # Errors
/// If the database fails.
pub(crate) fn release_unadopted(work: &mut Work<'_>, desk: &mut Desk, date: Date, unadopted: &Unadopted) -> Result<()> {
    for (&party, (rows, units)) in unadopted {
        desk.ledger.release((party, date));
        save_allocations(work, desk, &[party])?;
        let words = format!(
            "suspended authorisations of {party} for {date} at {} that were not adopted in time and have lapsed: {rows}; units that are free with them: {units}",
            desk.s1sp
        );
        let appointed: BTreeSet<Party> = appointments(&mut work.tx, party)?.into_iter().map(|event| event.to).collect();
        appointed.into_iter().try_for_each(|to| tell(work, to, "MAM-11", None, &words))?;
    }
    Ok(())
}
