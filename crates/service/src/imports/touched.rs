//! What an import makes another one: the installations of which nothing else is as it was (MAM-8, REF-2), and their S1SPs.

use crate::act::prepared::{PreparedImport, Rows};
use crate::act::work::Work;
use crate::error::{Result, ServiceError};
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::convert::{eui_keys, eui_of, parsed};
use sluice_store::tables::imports::{OwnedValue, Replacement};
use sluice_store::tables::installations;
use sluice_store::tables::stage;
use std::collections::BTreeSet;

/// Of so many installations that differ, and of more, it is faster to look at all that are authorised.
const MANY: usize = 50_000;

/// The installations that an import, or its undoing, makes others, as sorted keys; nothing where it may be any. It is asked before it is
/// put in place.
///
/// Programs before version 5 looked at all that were authorised: what had lost its ground before lapsed for whichever import came next.
///
/// # Errors
/// If the database fails.
pub(crate) fn installations_of(work: &mut Work<'_>, import: Option<&PreparedImport>) -> Result<Option<Vec<i64>>> {
    let Some(import) = import.filter(|_| work.engine > 4) else { return Ok(None) };
    let keys = match &import.rows {
        Rows::Staged(_) => stage::differing(&mut work.tx)?,
        Rows::AtHand(replacement) => match reached(work, replacement)? {
            (s1sps, chfs) if s1sps.is_empty() => eui_keys(chfs),
            _ => return Ok(None),
        },
    };
    Ok(Some(keys).filter(|keys| keys.len() < MANY))
}

/// The S1SPs of what an import, or its undoing, makes another one.
///
/// # Errors
/// If the database fails.
pub(crate) fn s1sps_of(work: &mut Work<'_>, import: &PreparedImport) -> Result<BTreeSet<S1sp>> {
    match &import.rows {
        Rows::Staged(_) => crate::imports::inventory::touched(work),
        Rows::AtHand(replacement) => {
            let (mut s1sps, chfs) = reached(work, replacement)?;
            for chf in chfs {
                s1sps.extend(installations::s1sp_of(&mut work.tx, chf)?);
            }
            Ok(s1sps)
        }
    }
}

/// What the rows of a small table that differ are about: S1SPs as a whole, or installations.
fn reached(work: &mut Work<'_>, replacement: &Replacement) -> Result<(BTreeSet<S1sp>, BTreeSet<Eui64>)> {
    let (mut s1sps, mut chfs) = (BTreeSet::new(), BTreeSet::new());
    let mut points: [Vec<i64>; 2] = [Vec::new(), Vec::new()];
    for key in replacement.keys() {
        match (replacement.table(), &key[..]) {
            ("epcl", [OwnedValue::Text(s1sp), ..]) => _ = s1sps.insert(parsed(s1sp)?),
            ("exclusion", [OwnedValue::Int(chf), ..]) => _ = chfs.insert(eui_of(*chf)),
            ("registration", [OwnedValue::Int(point), OwnedValue::Text(fuel), ..]) => {
                points[usize::from(*fuel == Fuel::Gas.word())].push(*point);
            }
            _ => return Err(ServiceError::defect("a table of reference data has another key")),
        }
    }
    for (fuel, mut points) in [Fuel::Electricity, Fuel::Gas].into_iter().zip(points) {
        points.sort_unstable();
        points.dedup();
        chfs.extend(installations::by_points(&mut work.tx, fuel, &points)?.into_values());
    }
    Ok((s1sps, chfs))
}
