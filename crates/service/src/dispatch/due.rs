//! What the clock asks for next.

use crate::act::clock::Due;
use crate::act::work::Look;
use crate::bars::acknowledge;
use crate::days::{deferred, outcomes, signatures};
use crate::dispatch::{milestones, proposals};
use crate::error::Result;
use crate::events::event;
use crate::rows::waiting;

/// What an act of the clock is found by: the next one that is due at the moment of the work.
type Source = fn(&mut Look<'_>) -> Result<Option<Due>>;

/// Where acts of the clock come from. Of two that were due at one moment the one named first here comes first.
const SOURCES: [Source; 7] = [
    milestones::next_due,
    event::next_due,
    outcomes::next_due,
    deferred::next_due,
    acknowledge::next_due,
    signatures::next_due,
    proposals::next_due,
];

/// The next thing that is due at the moment of the work: first files whose password is overdue, which may stand for a week that
/// ends; then everything else in the order of time.
///
/// # Errors
/// If the database fails.
pub fn next_due(work: &mut Look<'_>) -> Result<Option<Due>> {
    if let Some(overdue) = waiting::next_due(work)? {
        return Ok(Some(overdue));
    }
    let mut due: Vec<Due> = Vec::new();
    for source in SOURCES {
        due.extend(source(work)?);
    }
    Ok(due.into_iter().min_by_key(|due| due.at))
}
