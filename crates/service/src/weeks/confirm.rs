//! FI21: a held Demand Commitment is confirmed by its sender.

use crate::act::actor::Actor;
use crate::act::work::{Act, Look, Work};
use crate::error::{Result, ServiceError};
use crate::files::verdict::{Verdict, verdict_of};
use crate::responsibility::intake::must_not_have_failed;
use crate::weeks::demand::{read, take, untimely, window};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record;

/// FI21: why a file that is held cannot be confirmed any more, in words; nothing while it can, and of others.
///
/// # Errors
/// If the database fails.
pub fn why_unconfirmed(work: &mut Look<'_>, file: i64) -> Result<Option<String>> {
    let held = |file: &FileRecord| file.status == FileStatus::Held;
    let Some(file) = files::get(&mut work.tx, file)?.filter(held) else { return Ok(None) };
    let calendar = work.week(file.date)?;
    let (window, now) = (window(work, &calendar, &file)?, work.now);
    let late = untimely(work, &file, &window, now)?;
    Ok(late.map(|finding| format!("the confirmation comes too late: {}", finding.message)))
}

/// FI21: the sender confirms a held file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confirm {
    /// The number of its receipt.
    pub file: i64,
    /// When the confirmation arrived, where that was before it could be taken over; else it counts at the moment of the act.
    #[serde(default, with = "crate::words::optional", skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
}

impl Confirm {
    /// Of a file, now.
    #[must_use]
    pub const fn of(file: i64) -> Self {
        Self { file, at: None }
    }
}

impl Act for Confirm {
    const KIND: &'static str = "confirm";
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("confirming a file").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        let found = files::get(&mut work.tx, self.file)?;
        let own = found.filter(|file| Some(file.sender) == work.by.party());
        let mut file = own.ok_or_else(|| ServiceError::Use(format!("there is no file {} of yours", self.file)))?;
        must_not_have_failed(&mut work.tx, file.sender)?;
        work.rulebook.clone_from(&file.rulebook);
        if file.status != FileStatus::Held {
            return Err(ServiceError::rule("FI21", format!("file {} is not held for confirmation", self.file)));
        }
        let calendar = work.week(file.date)?;
        let window = window(work, &calendar, &file)?;
        // FI21: confirmed before the cut-off or by CAL-3, else it lapses.
        let moment = self.at.unwrap_or(work.now);
        if let Some(finding) = untimely(work, &file, &window, moment)? {
            return Err(ServiceError::rule("FI21", format!("the confirmation comes too late: {}", finding.message)));
        }
        let received = record::received(&mut work.tx, self.file)?;
        let demand =
            read(work, &file, &received)?.map_err(|_| ServiceError::defect("a held file cannot be read again"))?;
        take(work, &mut file, &demand, Some(moment))?;
        // MSM-15: it stands from now on, not from its receipt.
        if work.engine > 3 {
            file.message = "confirmed by its sender".to_owned();
        }
        files::set_verdict(&mut work.tx, &file)?;
        Ok(verdict_of(&file, &[]))
    }
}
