//! Protected files whose password did not come in time (MAM-10).

use crate::act::actor::Actor;
use crate::act::clock::{ClockAct, Due};
use crate::act::work::{Act, Look, Work};
use crate::error::{Result, ServiceError};
use crate::files::verdict::Verdict;
use crate::rows::authorise::refuse_waiting;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_store::Tx;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record;

/// MAM-10: a protected file whose password did not come in time is refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefuseWaiting {
    /// The number of its receipt.
    pub file: i64,
}

impl Act for RefuseWaiting {
    const KIND: &'static str = "password-missing";
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("refusing a file")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        refuse_waiting(work, self.file)
    }
}

impl ClockAct for RefuseWaiting {
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(files::get(tx, self.file)?.is_some_and(|file| file.status == FileStatus::Waiting))
    }
}

/// MAM-10: until when the password of a protected file may come.
fn due(work: &mut Look<'_>, file: &FileRecord) -> Result<Timestamp> {
    let received = record::received(&mut work.tx, file.id)?;
    let hours = work.books.get(&file.rulebook)?.number("password_hours")?;
    let span = jiff::Span::new().hours(i64::try_from(hours).unwrap_or(24));
    received.at.checked_add(span).map_err(ServiceError::defect)
}

/// MAM-10: until when the password of a file may come that waits for it; nothing if it does not.
///
/// # Errors
/// If the database fails.
pub fn password_until(work: &mut Look<'_>, file: i64) -> Result<Option<Timestamp>> {
    let waiting = files::get(&mut work.tx, file)?.filter(|file| file.status == FileStatus::Waiting);
    waiting.map(|file| due(work, &file)).transpose()
}

/// The next protected file whose password is overdue at the moment of the work.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>) -> Result<Option<Due>> {
    for file in files::of_status(&mut work.tx, FileStatus::Waiting)? {
        let due = due(work, &file)?;
        if due <= work.now {
            return Ok(Some(Due::at(due, RefuseWaiting { file: file.id })));
        }
    }
    Ok(None)
}
