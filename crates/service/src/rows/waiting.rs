//! Protected files whose password did not come in time (MAM-10).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::work::{Act, Look, Reads, Work};
use crate::error::{Result, ServiceError};
use crate::files::verdict::Verdict;
use crate::rows::authorise::refuse_waiting;
use crate::rows::lost::again_until;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_rules::rulebook::Rulebook;
use sluice_store::tables::files;
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
        let until = self.due_at(work)?.unwrap_or(work.now);
        refuse_waiting(work, self.file, until)
    }
}

impl ClockAct for RefuseWaiting {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let file = files::get(&mut work.tx, self.file)?;
        let Some(file) = file.filter(|file| file.status == FileStatus::Waiting) else { return Ok(None) };
        let received = record::received(&mut work.tx, file.id)?;
        let wait = wait(work.books.get(&file.rulebook)?)?;
        let until = received.at.checked_add(wait).map_err(ServiceError::defect)?;
        // One that was lost may come again, however long the file has waited, until the end that its sender was told.
        Ok(Some(again_until(&mut work.tx, file.id)?.map_or(until, |again| again.max(until))))
    }
}

/// MAM-10: how long a protected file waits for its password.
fn wait(book: &Rulebook) -> Result<SignedDuration> {
    Ok(SignedDuration::from_hours(i64::try_from(book.number("password_hours")?).map_err(ServiceError::defect)?))
}

/// MAM-10: until when the password of a file may come that waits for it; nothing if it does not.
///
/// # Errors
/// If the database fails.
pub fn password_until(work: &mut Look<'_>, file: i64) -> Result<Option<Timestamp>> {
    RefuseWaiting { file }.due_at(work)
}

/// The next protected file whose password is overdue at the moment of the work.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    // Files wait in any number, and this is asked before each act: only of those is more asked that have waited long enough.
    let shortest = work.books.all.iter().filter_map(|book| wait(book).ok()).min().unwrap_or_default();
    for file in files::waiting_since(&mut work.tx, work.now - shortest)? {
        let act = RefuseWaiting { file };
        if let Some(due) = act.due_at(work)?.filter(|due| *due <= work.now && !aside.has(&act)) {
            return Ok(Some(Due::at(due, act)));
        }
    }
    Ok(None)
}
