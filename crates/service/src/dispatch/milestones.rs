//! Milestones: moved by two operators (CAL-4), and passed by the clock.

use crate::act::actor::Actor;
use crate::act::clock::ClockAct;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::bars::acknowledge::EscalateStop;
use crate::board::open::Board;
use crate::books::calendar::{WeekCalendar, local_date};
use crate::books::rulebooks::Settings;
use crate::books::terms::MamTerms;
use crate::days::deferred::ExpireDeferred;
use crate::days::outcomes::OutcomesDue;
use crate::days::signatures::FlagUnsigned;
use crate::error::{Result, ServiceError};
use crate::events::event::DoEvent;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::expire;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_store::Tx;
use sluice_store::tables::{authorisations, files, installations, weeks};

/// The clock passes a milestone of a week at an S1SP, and what it asks for is done.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassMilestone {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// The milestone's id.
    pub milestone: String,
}

/// The milestones that ask for work of the clock's own.
pub const WITH_WORK: [Milestone; 4] =
    [Milestone::ForecastTaken, Milestone::DemandCutoff, Milestone::DmmsResponse, Milestone::AuthorisationCutoff];

impl Act for PassMilestone {
    const KIND: &'static str = "milestone";
    /// How many things changed.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("passing a milestone")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        let milestone: Milestone = self.milestone.parse().map_err(ServiceError::defect)?;
        let calendar = WeekCalendar::load(&mut work.tx, work.books, self.week)?;
        work.rulebook.clone_from(&calendar.rulebook.id);
        weeks::pass(&mut work.tx, &self.s1sp, self.week, milestone, work.now)?;
        match milestone {
            Milestone::ForecastTaken => {
                // MSM-15: the demand standing now is each party's forecast.
                weeks::take_forecast(&mut work.tx, &self.s1sp, self.week, calendar.sunday())?;
                Ok(0)
            }
            Milestone::DemandCutoff => self.close_demand(work),
            Milestone::DmmsResponse => crate::dormant::reserve::close_answers(work, self.s1sp, self.week),
            Milestone::AuthorisationCutoff => self.close_authorisation(work, &calendar),
            _ => Ok(0),
        }
    }
}

impl PassMilestone {
    /// FI21: what is still held lapses. MSM-2a: the eligible installations are counted.
    fn close_demand(&self, work: &mut Work<'_>) -> Result<u64> {
        let mut lapsed = 0;
        for held in files::of_status(&mut work.tx, "HELD")? {
            if (held.s1sp, held.date) == (self.s1sp, self.week) {
                files::set_status(&mut work.tx, held.id, "LAPSED")?;
                let words = format!("file {} was not confirmed before the cut-off and has lapsed", held.id);
                tell(work, held.sender, "FI21", None, &words)?;
                lapsed += 1;
            }
        }
        // A week before the first rulebook cannot be scaled, so there is nothing to count for.
        let governed = work.books.governing(self.week, &Settings::default()).is_ok();
        if governed && installations::any(&mut work.tx)? {
            let calendar = WeekCalendar::load(&mut work.tx, work.books, self.week)?;
            let cutoff = local_date(calendar.at(Milestone::DemandCutoff));
            for (party, units) in crate::rows::eligible::counts(work, self.s1sp, self.week, cutoff)? {
                installations::set_eligible_count(&mut work.tx, &self.s1sp, self.week, &party, units)?;
            }
        }
        Ok(lapsed)
    }

    /// MAM-1: what is still held expires.
    fn close_authorisation(&self, work: &mut Work<'_>, calendar: &WeekCalendar<'_>) -> Result<u64> {
        let Ok(terms) = MamTerms::on(work.books, local_date(work.now)) else { return Ok(0) };
        let mut board = Board::open(work, self.s1sp, terms)?;
        let mut expired = 0;
        for day in &calendar.days {
            let rows = authorisations::of_day(&mut work.tx, &self.s1sp, day.date)?;
            board.facts.load(work, rows.iter().map(|stored| stored.chf))?;
            for chf in board.facts.installations() {
                let Some((file, ledger)) = board.change(chf) else { continue };
                expired += expire::expire_incomplete(&mut file.case, day.date, ledger).len();
            }
        }
        board.finish(work)?;
        Ok(u64::try_from(expired).unwrap_or(u64::MAX))
    }
}

/// MAM-10: a protected file whose password did not come in time is refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefuseWaiting {
    /// The number of its receipt.
    pub file: i64,
}

impl Act for RefuseWaiting {
    const KIND: &'static str = "password-missing";
    type Answer = crate::files::verdict::Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("refusing a file")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<crate::files::verdict::Verdict> {
        crate::rows::authorise::refuse_waiting(work, self.file)
    }
}

impl ClockAct for PassMilestone {
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let same = |(s1sp, week, milestone): &(S1sp, Date, Milestone)| {
            (*s1sp, *week, milestone.id()) == (self.s1sp, self.week, self.milestone.as_str())
        };
        Ok(!weeks::passed(tx)?.iter().any(same))
    }
}

impl ClockAct for RefuseWaiting {
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(files::get(tx, self.file)?.is_some_and(|file| file.status == "WAITING"))
    }
}

/// What the clock asks for next, at a moment.
#[derive(Debug)]
pub enum Due {
    /// A milestone of a week.
    Milestone(PassMilestone),
    /// A protected file without its password.
    Password(RefuseWaiting),
    /// A responsibility event.
    Event(DoEvent),
    /// The outcomes of a day.
    Outcomes(OutcomesDue),
    /// Rows whose time first in line is over.
    Deferred(ExpireDeferred),
    /// A stop list that is not acknowledged.
    StopList(EscalateStop),
    /// A signature that is missing.
    Signature(FlagUnsigned),
}

/// The next thing that is due at the moment of the work, in the order of time.
///
/// # Errors
/// If the database fails.
pub fn next_due(work: &mut Work<'_>) -> Result<Option<Due>> {
    if let Some(file) = overdue_password(work)? {
        return Ok(Some(Due::Password(RefuseWaiting { file })));
    }
    let mut due: Vec<(Timestamp, Due)> = Vec::new();
    due.extend(next_milestone(work)?.map(|(at, act)| (at, Due::Milestone(act))));
    due.extend(crate::events::event::next_due(work)?.map(|(at, act)| (at, Due::Event(act))));
    due.extend(crate::days::outcomes::next_due(work)?.map(|(at, act)| (at, Due::Outcomes(act))));
    due.extend(crate::days::deferred::next_due(work)?.map(|(at, act)| (at, Due::Deferred(act))));
    due.extend(crate::bars::acknowledge::next_due(work)?.map(|(at, act)| (at, Due::StopList(act))));
    due.extend(crate::days::signatures::next_due(work)?.map(|(at, act)| (at, Due::Signature(act))));
    // Of two at one moment the first named here comes first.
    Ok(due.into_iter().min_by_key(|(at, _)| *at).map(|(_, due)| due))
}

fn next_milestone(work: &mut Work<'_>) -> Result<Option<(Timestamp, PassMilestone)>> {
    let passed = weeks::passed(&mut work.tx)?;
    let mut next: Option<(Timestamp, S1sp, Date, Milestone)> = None;
    let mut seen = std::collections::BTreeSet::new();
    for (s1sp, date) in weeks::days_with_capacity(&mut work.tx)? {
        let week = crate::books::calendar::week_of(date)?;
        if !seen.insert((s1sp, week)) || WITH_WORK.iter().all(|milestone| passed.contains(&(s1sp, week, *milestone))) {
            continue;
        }
        let calendar = WeekCalendar::load(&mut work.tx, work.books, week)?;
        for milestone in WITH_WORK {
            if passed.contains(&(s1sp, week, milestone)) || calendar.at(milestone) > work.now {
                continue;
            }
            // CAL-3: the work of a cut-off waits for the grace that is still open.
            let grace = files::last_grace(&mut work.tx, &s1sp, milestone.id(), week)?;
            let at = grace.map_or(calendar.at(milestone), |grace| grace.max(calendar.at(milestone)));
            let candidate = (at, s1sp, week, milestone);
            if at <= work.now && next.is_none_or(|next| candidate < next) {
                next = Some(candidate);
            }
        }
    }
    Ok(next.map(|(at, s1sp, week, milestone)| (at, PassMilestone { s1sp, week, milestone: milestone.id().to_owned() })))
}

fn overdue_password(work: &mut Work<'_>) -> Result<Option<i64>> {
    for file in files::of_status(&mut work.tx, "WAITING")? {
        let received = sluice_store::tables::record::received(&mut work.tx, file.id)?;
        let hours = work.books.get(&file.rulebook)?.number("password_hours")?;
        let span = jiff::Span::new().hours(i64::try_from(hours).unwrap_or(24));
        if received.at.checked_add(span).map_err(ServiceError::defect)? <= work.now {
            return Ok(Some(file.id));
        }
    }
    Ok(None)
}
