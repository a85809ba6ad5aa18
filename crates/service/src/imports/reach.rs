//! REF-2: the S1SPs and days that an import bears on, and so its undoing: what it changed there.

use crate::act::work::Work;
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::imports::capacity::capacities_of;
use crate::imports::tables::of_kind;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::convert::{eui_of, parsed};
use sluice_store::tables::imports::{self, ImportRecord, OwnedValue, Replaced, Rows};
use sluice_store::tables::installations;
use sluice_store::tables::schedules::{self, Lock};
use sluice_store::tables::weeks;
use sluice_wire::reference::Capacities;
use std::collections::BTreeSet;

/// What an import bears on, as far as it is known before it is undone.
enum Known {
    /// Everything, as with parties and devices.
    Everything,
    /// The days of a file of capacity, as they stood.
    Pools(Capacities),
    /// The S1SPs of installations.
    S1sps(BTreeSet<S1sp>),
    /// What differs when a small table has been replaced.
    Table(Replaced, Rows),
}

/// The days that were locked since an import, and what it bears on.
pub(crate) struct Reach {
    locks: Vec<Lock>,
    known: Known,
}

impl Reach {
    /// Before an import is undone; `inventory` says which S1SPs its undoing would touch. Later versions of a schedule bar nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn of(
        work: &mut Work<'_>,
        import: &ImportRecord,
        inventory: impl FnOnce(&mut Work<'_>) -> Result<Option<BTreeSet<S1sp>>>,
    ) -> Result<Self> {
        let mut locks = schedules::locks(&mut work.tx)?;
        // Two acts may have one moment. What an earlier program did, of which the act is not kept, came before.
        locks.retain(|lock| (lock.act, lock.at) > (import.act, import.applied_at));
        let known = match (import.kind, of_kind(import.kind)) {
            _ if locks.is_empty() => Known::Everything,
            (ReferenceKind::Capacity, _) => {
                let days = capacities_of(work, import.received)?;
                Known::Pools(standing(work, days)?)
            }
            (ReferenceKind::Inventory, _) => inventory(work)?.map_or(Known::Everything, Known::S1sps),
            (_, Some(of)) => Known::Table(of, imports::rows(&mut work.tx, of)?),
            _ => Known::Everything,
        };
        Ok(Self { locks, known })
    }

    /// After it is undone: no day may be locked that it bears on.
    ///
    /// # Errors
    /// If one is.
    pub(crate) fn must_not_be_locked(mut self, work: &mut Work<'_>, kind: ReferenceKind) -> Result<()> {
        if let Known::Pools(before) = &mut self.known {
            let now = standing(work, before.clone())?;
            before.retain(|pool, capacity| now.get(pool) != Some(&*capacity));
        }
        let s1sps = match &self.known {
            _ if self.locks.is_empty() => return Ok(()),
            Known::Table(of, before) => Some(touched(work, *of, before)?),
            Known::S1sps(s1sps) => Some(s1sps.clone()),
            Known::Everything | Known::Pools(_) => None,
        };
        let bears_on = |Lock { s1sp, date, .. }: &&Lock| match &self.known {
            Known::Pools(pools) => pools.contains_key(&(*s1sp, *date)),
            _ => s1sps.as_ref().is_none_or(|s1sps| s1sps.contains(s1sp)),
        };
        let Some(Lock { s1sp, date, at, .. }) = self.locks.iter().find(bears_on) else { return Ok(()) };
        let at = in_words(*at);
        let message = format!("the import of {kind} was used for the schedule of {s1sp} on {date} at {at}");
        Err(ServiceError::rule("REF-2", format!("{message}; import corrected data instead")))
    }
}

/// The days of a file of capacity with what stands of them.
fn standing(work: &mut Work<'_>, days: Capacities) -> Result<Capacities> {
    let mut standing = Capacities::new();
    for (s1sp, date) in days.into_keys() {
        let capacity = weeks::capacity(&mut work.tx, &s1sp, date, date)?.remove(&date);
        standing.extend(capacity.map(|capacity| ((s1sp, date), capacity)));
    }
    Ok(standing)
}

/// The S1SPs of the rows of a small table that are others than before.
fn touched(work: &mut Work<'_>, of: Replaced, before: &Rows) -> Result<BTreeSet<S1sp>> {
    let after = imports::rows(&mut work.tx, of)?;
    let keys = before.keys().chain(after.keys());
    let other: BTreeSet<_> = keys.filter(|key| before.get(*key) != after.get(*key)).collect();
    let mut s1sps = BTreeSet::new();
    let mut chfs: BTreeSet<Eui64> = BTreeSet::new();
    let mut points: [Vec<i64>; 2] = [Vec::new(), Vec::new()];
    for key in other {
        match (of.table, &key[..]) {
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
    for chf in chfs {
        s1sps.extend(installations::s1sp_of(&mut work.tx, chf)?);
    }
    Ok(s1sps)
}
