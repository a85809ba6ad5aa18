//! The units that a rise of a day's capacity adds go to the rows that are first in line for them (MSM-12).

use crate::act::work::Work;
use crate::books::calendar::{WeekCalendar, local_date};
use crate::dormant::review::is_locked;
use crate::error::{Result, ServiceError};
use crate::facts::room::room_on;
use crate::schedule::issue::issue_again;
use crate::weeks::redistribute::{Firm, finish};
use crate::weeks::scale::Version;
use jiff::civil::Date;
use sluice_rules::authorisation::standby::{Allowance, PartyDay};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::redistribute::{Holding, rise};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::results::{self, AllocationRecord};
use sluice_store::tables::{uses, weeks};
use std::collections::{BTreeMap, HashMap};

/// MSM-12: deferred rows are first in line for the units that a rise adds, and so is what stands `aside` and comes back, by party; what
/// they do not need stays unallocated. What something else bars for now is in line too: its unit waits for it. Nothing, where nobody gets
/// anything.
///
/// On the day itself nothing is added to its schedule any more (SCH-1): programs of before gave units that no row could use.
///
/// # Errors
/// If the database fails.
pub(crate) fn share_rise(
    work: &mut Work<'_>,
    (s1sp, date): (S1sp, Date),
    calendar: &WeekCalendar<'_>,
    firm: &Firm,
    aside: &BTreeMap<Party, u64>,
) -> Result<Option<Version>> {
    let locked = work.engine > 7 && is_locked(work, s1sp, date)?;
    if locked && date == local_date(work.now) {
        return Ok(None);
    }
    let in_line = uses::allowances(&mut work.tx, &s1sp, date, date)?;
    let held = results::allocations(&mut work.tx, &s1sp, date, date)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, date, date)?.get(&date).map_or(0, |now| now.available());
    let mut free = capacity.saturating_sub(held.iter().map(|record| record.units).sum());
    if locked {
        free = free.min(room_left(work, (s1sp, date), &in_line)?);
    }
    let waiting = |party: Party| {
        let aside = aside.get(&party).copied().unwrap_or(0);
        in_line.get(&(party, date)).map_or(0, |line| (line.deferred + aside).saturating_sub(line.free()))
    };
    // MSM-13: nobody has more than it asked for, whatever came into its line by an undone import. Programs of before did not look.
    let most = |party: Party| if work.engine > 7 { firm.demand_of(party, date) } else { u64::MAX };
    let holding = |record: &AllocationRecord| Holding {
        party: record.party,
        demand: (record.units + waiting(record.party)).min(most(record.party).max(record.units)),
        held: record.units,
        gave_back: false,
        opening: firm.opening(record.party, date),
    };
    let holdings: Vec<Holding> = held.iter().map(holding).collect();
    let pool = rise(firm.day(s1sp, date), free, &holdings).map_err(ServiceError::wrong)?;
    if pool.allocated() == 0 {
        return Ok(None);
    }
    // Programs of before called it a refill.
    let stage = if work.engine > 8 { ResultStage::Cut } else { ResultStage::Refill };
    let version = finish(work, &s1sp, calendar, stage, firm, &[pool])?;
    issue_again(work, s1sp, date)?;
    Ok(Some(version))
}

/// DMT-1: what is left of a locked day beside the Dormant homes in its schedule, and what uses a unit: a unit that one of those homes has
/// is nobody's to give.
fn room_left(work: &mut Work<'_>, (s1sp, date): (S1sp, Date), in_line: &HashMap<PartyDay, Allowance>) -> Result<u64> {
    let used: u64 = in_line.values().map(|allowance| allowance.used).sum();
    Ok(room_on(&mut work.tx, s1sp, date)?.saturating_sub(used))
}
