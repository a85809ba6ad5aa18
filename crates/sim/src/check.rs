//! What must hold after every step.
//!
//! Each check works on rows as they are in the database, with arithmetic of its own: what decided on them is not asked again.
//! A check that finds something says it in words, with the installation, the day and the figures.

mod audit;
mod counts;
mod dormant;
mod facts;
mod files;
mod found;
mod kept;
mod pools;
mod schedules;
mod states;
mod weeks;

pub use audit::AuditTrail;
pub use facts::Facts;
pub use files::{Content, Sending, Sent};
pub use found::Found;

use crate::look::Look;
use sluice_store::{Store, StoreError};

/// Checks everything after a step.
///
/// # Errors
/// If the database fails.
pub fn check(
    store: &mut Store,
    before: &Look,
    after: &Look,
    sent: &Sent,
    trail: &mut AuditTrail,
    today: i64,
) -> Result<Found, StoreError> {
    let mut found = Found::default();
    pools::check(after, &mut found);
    pools::nobody_has_more_than_its_demand(after, today, &mut found);
    pools::nobody_waits_beside_a_free_unit(after, today, &mut found);
    pools::ledger_is_the_rows(store, after, &mut found)?;
    weeks::check(store, before, after, &mut found)?;
    states::check(before, after, today, &mut found);
    kept::check(before, after, &mut found);
    schedules::check(after, today, &mut found);
    dormant::check(before, after, today, &mut found);
    files::check(after, sent, &mut found);
    counts::check(store, &mut found)?;
    trail.follow(store, &mut found)?;
    Ok(found)
}
