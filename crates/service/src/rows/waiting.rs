//! Protected files whose password did not come in time (MAM-10).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::work::{Act, Look, Reads, Work};
use crate::error::{Result, ServiceError};
use crate::files::verdict::Verdict;
use crate::rows::authorise::refuse_waiting;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
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
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let file = files::get(&mut work.tx, self.file)?;
        let Some(file) = file.filter(|file| file.status == FileStatus::Waiting) else { return Ok(None) };
        let received = record::received(&mut work.tx, file.id)?;
        let hours = work.books.get(&file.rulebook)?.number("password_hours")?;
        let span = jiff::Span::new().hours(i64::try_from(hours).unwrap_or(24));
        Ok(Some(received.at.checked_add(span).map_err(ServiceError::defect)?))
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
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    for file in files::of_status(&mut work.tx, FileStatus::Waiting)? {
        let act = RefuseWaiting { file: file.id };
        if let Some(due) = act.due_at(work)?.filter(|due| *due <= work.now && !aside.has(&act)) {
            return Ok(Some(Due::at(due, act)));
        }
    }
    Ok(None)
}
