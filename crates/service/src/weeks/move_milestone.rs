//! CAL-4: a milestone of a week is moved for all parties.

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::error::{Result, ServiceError};
use crate::files::aside::try_again_at_once;
use crate::files::grace::{only_before, published};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::{LONDON, Milestone, local, move_milestone};
use sluice_rules::rulebook::Rulebook;
use sluice_store::tables::{parties, weeks};

/// CAL-4: two operators move a milestone of a week for all parties.
#[derive(Debug, Serialize, Deserialize)]
pub struct MoveMilestone {
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// The milestone.
    #[serde(with = "crate::words")]
    pub milestone: Milestone,
    /// Where to.
    #[serde(with = "crate::words")]
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// The second operator.
    pub approve: Option<String>,
}

impl MoveMilestone {
    /// CAL-4: who planned by a moment must not find it past, so it moves to an earlier one only some Working Days before.
    fn must_be_announced(&self, work: &Work<'_>, book: &Rulebook, from: Timestamp) -> Result<()> {
        if self.to >= from {
            return Ok(());
        }
        let days = book.number("earlier_move_working_days")?;
        let now = work.now.to_zoned(LONDON);
        let first = work.books.working_days.after(now.date(), u16::try_from(days).unwrap_or(u16::MAX))?;
        let first = local(first, now.time()).map_or(Timestamp::MAX, |first| first.timestamp());
        if self.to >= first {
            return Ok(());
        }
        let can = if first < from { format!("one from {} on", in_words(first)) } else { "a later one".to_owned() };
        let (title, to, from) = (self.milestone.title(), in_words(self.to), in_words(from));
        let message = format!(
            "'{title}' cannot move to {to}: it stands at {from}, and moves to an earlier moment only while both are at least {days} Working Days ahead; name {can}"
        );
        Err(ServiceError::rule("CAL-4", message))
    }

    /// CAL-4: a milestone stays before the first moment that the week's days have of their own.
    fn must_come_before_the_locks(&self, calendar: &WeekCalendar<'_>) -> Result<()> {
        let firsts = calendar.days.iter().flat_map(|day| [&day.withdrawal_cutoff, &day.schedule_lock]);
        let Some(first) = firsts.min().map(|first| first.timestamp()).filter(|first| *first < self.to) else {
            return Ok(());
        };
        let (title, first) = (self.milestone.title(), in_words(first));
        let message = format!(
            "'{title}' cannot move to {}: the week's first withdrawal cut-off or lock is at {first}; name a moment before it",
            in_words(self.to)
        );
        Err(ServiceError::rule("CAL-4", message))
    }

    /// MSM-14: the S1SPs at which demand that comes now is too late whatever the cut-off is, which an outage had moved behind a result.
    fn published(&self, work: &mut Work<'_>) -> Result<Vec<String>> {
        let mut at = Vec::new();
        if self.milestone == Milestone::DemandCutoff {
            for s1sp in parties::s1sps(&mut work.tx)? {
                at.extend(published(work, &s1sp, self.week)?.map(|_| s1sp.to_string()));
            }
        }
        Ok(at)
    }
}

impl Act for MoveMilestone {
    const KIND: &'static str = "move-milestone";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("moving a milestone")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        second_operator(work, self.approve.as_deref(), "CAL-4", "moving a milestone")?;
        work.must_say(&self.reason, "CAL-4", "a milestone is moved with a reason; give one with --reason")?;
        let milestone = self.milestone;
        let mut calendar = work.week(self.week)?;
        let from = calendar.at(milestone);
        if from <= work.now || self.to <= work.now {
            let (was, at) = if from <= work.now { ("was", from) } else { ("would be", self.to) };
            let (title, at) = (milestone.title(), in_words(at));
            let message =
                format!("'{title}' {was} at {at}; a milestone is moved while it lies ahead, to a moment that does too");
            return Err(ServiceError::rule("CAL-4", message));
        }
        let to = self.to.to_zoned(LONDON);
        move_milestone(&mut calendar.milestones, milestone, to)
            .map_err(|error| ServiceError::rule("CAL-4", error.to_string()))?;
        if work.engine > 1 {
            self.must_come_before_the_locks(&calendar)?;
        }
        if !work.is_again() {
            self.must_be_announced(work, calendar.rulebook, from)?;
        }
        weeks::move_milestone(&mut work.tx, self.week, milestone, self.to, &self.reason, None)?;
        try_again_at_once(work, milestone, self.week, None)?;
        let words = format!(
            "Week of {}: '{}' moves from {} to {}{}. Reason: {}",
            self.week,
            milestone.title(),
            in_words(from),
            in_words(self.to),
            only_before(&self.published(work)?),
            self.reason
        );
        // CAL-4: everyone is told.
        for party in parties::all(&mut work.tx)? {
            tell(work, party.code, "CAL-4", None, &words)?;
        }
        Ok(())
    }
}
