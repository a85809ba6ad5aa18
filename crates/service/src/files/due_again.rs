//! CAL-7: answers to Dormant notices are due at a later moment than the one at which their work was done. It is taken back, as far as
//! nobody else has what came of it, and done again then (DMT-1).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::error::{Result, ServiceError};
use crate::words::count;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::dormant::{DormantState, Line};
use sluice_rules::party::S1sp;
use sluice_rules::scaling::Capacity;
use sluice_store::tables::dormant::{self, DormantLineRecord};
use sluice_store::tables::{results, schedules, weeks};
use std::collections::BTreeSet;

/// Takes back what was done when the answers of a week were due: what moved up stands by again, or is planned as before, and its
/// suppliers are told; the reserve has again what it gave up. Gives in words what stays: what is in a locked schedule, and units that
/// parties have by now. Programs of before took nothing back, and noted nothing that could be.
///
/// # Errors
/// If the database fails.
pub(crate) fn take_back(work: &mut Work<'_>, s1sp: S1sp, week: Date) -> Result<Vec<String>> {
    if work.engine < 7 {
        return Ok(Vec::new());
    }
    let sunday = week.checked_add(6.days()).map_err(ServiceError::defect)?;
    let mut stays = Vec::new();
    let homes = move_back(work, s1sp, week)?;
    if homes > 0 {
        stays.push(format!("{} that moved up and went into a schedule", count(homes, "Dormant home")));
    }
    let units = give_back(work, s1sp, (week, sunday))?;
    if units > 0 {
        stays.push(format!("{} of the Dormant reserve that went to others or into a locked day", count(units, "unit")));
    }
    dormant::forget_closed(&mut work.tx, &s1sp, week, sunday)?;
    Ok(stays)
}

/// What moved up is what it was before. Gives how many stay, since they are or were in a schedule.
fn move_back(work: &mut Work<'_>, s1sp: S1sp, week: Date) -> Result<u64> {
    let moved = dormant::moved_up(&mut work.tx, &s1sp, week)?;
    let mut lines = dormant::of_week(&mut work.tx, &s1sp, week)?;
    let noticed = dormant::notices(&mut work.tx, &s1sp, week)?;
    let (mut changed, mut stay) = (Vec::new(), 0);
    for (chf, planned) in moved {
        let Some(line) = lines.iter_mut().find(|line| line.chf == chf) else { continue };
        if !was_in_no_schedule(line) {
            stay += u64::from(line.state != DormantState::Out);
            continue;
        }
        line.line = if planned.is_some() { Line::Planned } else { Line::Standby };
        line.date = planned;
        if line.state.is_open() {
            let what =
                planned.map_or("it stands by again".to_owned(), |date| format!("it is planned for {date} again"));
            let words =
                format!("answers for the week of {week} are due later, since nothing could be handed in: {what}");
            for party in noticed.get(&chf).into_iter().flatten() {
                tell(work, *party, "CAL-7", Some(chf), &words)?;
            }
        }
        changed.push(line.clone());
    }
    dormant::update(&mut work.tx, &s1sp, &changed)?;
    Ok(stay)
}

/// Is it in no schedule, and not to go back into one? Then it has the place that the plan gave it.
fn was_in_no_schedule(line: &DormantLineRecord) -> bool {
    match line.state {
        DormantState::Noticed | DormantState::Stopped => true,
        DormantState::Out => line.was != Some(DormantState::Scheduled),
        _ => false,
    }
}

/// The reserve has again what it gave up and nobody has. Gives how many units stay where they are.
fn give_back(work: &mut Work<'_>, s1sp: S1sp, (from, to): (Date, Date)) -> Result<u64> {
    let given_up = dormant::given_up(&mut work.tx, &s1sp, from, to)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, from, to)?;
    let held = results::allocations(&mut work.tx, &s1sp, from, to)?;
    let locked: BTreeSet<(S1sp, Date)> =
        schedules::locked(&mut work.tx)?.into_iter().map(|(s1sp, date, ..)| (s1sp, date)).collect();
    let mut stay = 0;
    for (date, units) in given_up {
        let Some(now) = capacity.get(&date).copied() else { continue };
        let used: u64 = held.iter().filter(|record| record.date == date).map(|record| record.units).sum();
        let over = date <= local_date(work.now) || locked.contains(&(s1sp, date));
        let back = if over { 0 } else { units.min(now.available().saturating_sub(used)) };
        stay += units - back;
        if back > 0 {
            let more = Capacity::new(now.total(), now.reserve() + back).map_err(ServiceError::defect)?;
            weeks::set_capacity(&mut work.tx, &s1sp, date, more)?;
        }
    }
    Ok(stay)
}
