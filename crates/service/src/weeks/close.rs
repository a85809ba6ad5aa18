//! CAL-5: a week that nobody can make firm is closed, so that those after it can be scaled.

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::tell::tell;
use crate::act::work::{Act, Reads, Work};
use crate::error::{Result, ServiceError};
use crate::weeks::chain::pass_waiting_balances;
use crate::weeks::scale::must_not_be_firm;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_rules::party::{PartyRole, S1sp};
use sluice_store::tables::{files, parties, results, weeks};

/// CAL-5: two operators close a week of an S1SP without a result. Balances stay as they are.
#[derive(Debug, Serialize, Deserialize)]
pub struct CloseWeek {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// Why.
    pub reason: String,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for CloseWeek {
    const KIND: &'static str = "close-week";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("closing a week")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let Self { s1sp, week, .. } = *self;
        let calendar = work.week(week)?;
        second_operator(work, self.approve.as_deref(), "CAL-5", "closing a week without a result")?;
        work.must_say(&self.reason, "CAL-5", "closing a week says why; give the reason with --reason")?;
        self.must_be_open(work)?;
        let published = results::published_since(&mut work.tx, &s1sp, week)?.is_some();
        if !published && weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?.is_empty() {
            let message = format!("{s1sp} has no capacity in the week of {week}, so there is nothing to close");
            return Err(ServiceError::rule("CAL-5", message));
        }
        weeks::close(&mut work.tx, &s1sp, week, work.now)?;
        pass_waiting_balances(work, &s1sp, week)?;
        if work.engine > 3 {
            lapse_held(work, s1sp, week)?;
        }
        let words = format!(
            "the week of {week} at {s1sp} is closed without a result: nobody has units of it, and rounding balances stay; reason: {}",
            self.reason.trim()
        );
        let suppliers = parties::all(&mut work.tx)?.into_iter().filter(|party| party.role == PartyRole::Supplier);
        suppliers.map(|party| party.code).try_for_each(|party| tell(work, party, "CAL-5", None, &words))
    }
}

impl CloseWeek {
    /// The week is neither firm nor closed.
    ///
    /// # Errors
    /// If it is.
    pub(crate) fn must_be_open<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<()> {
        let Self { s1sp, week, .. } = *self;
        must_not_be_firm(work, &s1sp, week)?;
        if weeks::closed(&mut work.tx, &s1sp)?.contains(&week) {
            return Err(ServiceError::rule("CAL-5", format!("the week of {week} at {s1sp} is closed already")));
        }
        Ok(())
    }
}

/// FI21: what is held for a week that is closed can be confirmed no more.
fn lapse_held(work: &mut Work<'_>, s1sp: S1sp, week: Date) -> Result<()> {
    let mut held = files::of_status(&mut work.tx, FileStatus::Held)?;
    held.retain(|file| (file.s1sp, file.date) == (s1sp, week));
    for file in held {
        files::set_status(&mut work.tx, file.id, FileStatus::Lapsed)?;
        let words = format!("file {} was not confirmed before its week was closed and has lapsed", file.id);
        tell(work, file.sender, "FI21", None, &words)?;
    }
    Ok(())
}
