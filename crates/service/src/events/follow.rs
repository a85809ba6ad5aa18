//! What follows a responsibility event beside authorisations and units: demand, forecast, eligible installations, rounding
//! balances, holds; and who stands in the place of a party in the firm results from before it.

use crate::act::work::Work;
use crate::books::calendar::{local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::facts::s1sp::Facts;
use crate::weeks::chain::has_open_result;
use sluice_rules::authorisation::passing::EventKind;
use sluice_store::tables::responsibility::ResponsibilityEvent;
use sluice_store::tables::results;
use sluice_store::tables::{follow, parties};

/// MAM-11: with all its ids a party's demand, forecast and balances pass too; the demand of one that failed counts no more.
pub(crate) fn follow(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
    let today = local_date(work.now);
    let (from, to) = (&event.from, &event.to);
    match event.kind {
        EventKind::Appointment => drop_demand(work, event),
        EventKind::Transfer => {
            pass_holds(work, event)?;
            if event.whole {
                let under = parties::user_ids(&mut work.tx, to)?.first().copied();
                let under = under.ok_or_else(|| ServiceError::defect(format!("{to} has no User ID")))?;
                follow::pass_demand(&mut work.tx, from, to, under, today)?;
                follow::pass_forecast(&mut work.tx, from, to, today)?;
                follow::pass_eligible(&mut work.tx, from, to, week_of(today)?)?;
                for s1sp in parties::s1sps(&mut work.tx)? {
                    // MSM-8: what a published result opened with stays until it is firm.
                    if work.engine < 3 || !has_open_result(work, &s1sp)? {
                        follow::pass_balances(&mut work.tx, &s1sp, from, to)?;
                    }
                }
            }
            Ok(())
        }
    }
}

/// MAM-11: what a failed party asked of weeks that are not firm yet counts no more.
fn drop_demand(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
    for (s1sp, date, _) in follow::demand(&mut work.tx, &event.from, local_date(work.now))? {
        if !results::firm_weeks(&mut work.tx, &s1sp)?.contains(&week_of(date)?) {
            follow::drop_demand(&mut work.tx, &s1sp, date, &event.from)?;
        }
    }
    Ok(())
}

/// MAM-12: a hold protects a customer, so it goes with the meter to the gaining party, unless the other keeps one there.
fn pass_holds(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
    let held = follow::holds_of(&mut work.tx, &event.from)?;
    let Some(&s1sp) = parties::s1sps(&mut work.tx)?.first().filter(|_| !held.is_empty()) else { return Ok(()) };
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, held.iter().copied())?;
    for chf in held {
        let passes = facts.dossier(chf).is_some_and(|file| {
            let meters = &file.case.meters;
            meters.concerns(event.to, today) && !meters.concerns(event.from, today)
        });
        if passes {
            follow::pass_hold(&mut work.tx, chf, &event.from, &event.to)?;
        }
    }
    Ok(())
}
