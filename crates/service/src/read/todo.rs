//! What a week at an S1SP waits for, and for whom: a to-do list with commands. What it offers can be done: whether it can is
//! asked of the functions by which the acts decide it themselves.

mod heir;
mod operator;
mod proposed;
mod provider;
mod supplier;
mod task;

use crate::act::work::Look;
use crate::books::calendar::WeekCalendar;
use crate::error::Result;
pub use crate::read::todo::proposed::proposed;
pub use crate::read::todo::task::{Offer, Task};
use sluice_rules::party::S1sp;
use sluice_store::Scope;
use sluice_store::tables::parties;

/// What waits for whom in a week at an S1SP, as far as the reader may know it: operators first, then suppliers, then the S1SP.
///
/// # Errors
/// If the database fails.
pub fn tasks(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<Task>> {
    let scope = *work.tx.scope();
    let mut tasks = Vec::new();
    if scope == Scope::Dcc {
        tasks.extend(operator::tasks(work, calendar, s1sp)?);
    }
    let reader = parties::reader(&mut work.tx)?;
    tasks.extend(supplier::tasks(work, calendar, s1sp, reader)?);
    tasks.extend(heir::tasks(work, calendar, s1sp, reader)?);
    if matches!(scope, Scope::Dcc | Scope::Observer) || scope == Scope::S1sp(s1sp) {
        tasks.extend(provider::tasks(work, calendar, s1sp)?);
    }
    Ok(tasks)
}
