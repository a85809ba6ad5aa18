//! REF-2: the S1SPs and days that an import bears on, and so its undoing: what it changed there.

use crate::act::work::Work;
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::imports::capacity::capacities_of;
use sluice_rules::party::S1sp;
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::imports::ImportRecord;
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
    /// The S1SPs of what differs.
    S1sps(BTreeSet<S1sp>),
}

/// The days that were locked since an import, and what it bears on.
pub(crate) struct Reach {
    locks: Vec<Lock>,
    known: Known,
}

impl Reach {
    /// Before an import is undone; `s1sps` says those that its undoing would touch, where it was compared. Later versions of a schedule bar nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn of(
        work: &mut Work<'_>,
        import: &ImportRecord,
        s1sps: impl FnOnce(&mut Work<'_>) -> Result<Option<BTreeSet<S1sp>>>,
    ) -> Result<Self> {
        let mut locks = schedules::locks(&mut work.tx)?;
        // Two acts may have one moment. What an earlier program did, of which the act is not kept, came before.
        locks.retain(|lock| (lock.act, lock.at) > (import.act, import.applied_at));
        let known = match import.kind {
            _ if locks.is_empty() => Known::Everything,
            ReferenceKind::Capacity => {
                let days = capacities_of(work, import.received)?;
                Known::Pools(standing(work, days)?)
            }
            _ => s1sps(work)?.map_or(Known::Everything, Known::S1sps),
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
        let bears_on = |Lock { s1sp, date, .. }: &&Lock| match &self.known {
            Known::Everything => true,
            Known::Pools(pools) => pools.contains_key(&(*s1sp, *date)),
            Known::S1sps(s1sps) => s1sps.contains(s1sp),
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
