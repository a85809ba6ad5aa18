//! Milestones of weeks: passed by the clock, with what each asks for.

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::prepared::Prepared;
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::board::open::Board;
use crate::books::calendar::{WeekCalendar, local_date};
use crate::books::rulebooks::Settings;
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::files::grace::{kind_of, published};
use crate::files::told::called;
use crate::files::unconfirmed;
use crate::weeks::forecast::take_forecast;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::kept;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::FileStatus;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::counts::left;
use sluice_store::tables::{authorisations, files, installations, passwords, weeks};
use std::collections::BTreeMap;

/// The clock passes a milestone of a week at an S1SP, and what it asks for is done.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassMilestone {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// The milestone.
    #[serde(with = "crate::words")]
    pub milestone: Milestone,
}

/// MSM-2a: the eligible installations of each supplier at an S1SP, counted before the cut-off of a week does its work.
struct Eligible {
    of: (S1sp, Date),
    counts: Option<BTreeMap<Party, u64>>,
}

/// How many days ahead of today weeks begin that are looked at, though capacity may be known for many years. No rulebook's milestone lies
/// a year before its week; of what was moved (CAL-4) there is no telling.
const AHEAD: i32 = 366;

impl Act for PassMilestone {
    const KIND: &'static str = "milestone";
    /// How many things changed.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("passing a milestone")
    }

    const PREPARES: bool = true;

    /// Counting the eligible installations of a large inventory takes long.
    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        if self.milestone != Milestone::DemandCutoff {
            return Ok(None);
        }
        work.until_next_act(|work| Ok(Eligible { of: (self.s1sp, self.week), counts: self.eligible(work)? }))
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        let calendar = work.week(self.week)?;
        // RB-2: the clock does nothing by a rulebook that is only known yet.
        let by = match work.books.in_effect(self.week, local_date(work.now))? {
            Some(effective) if work.engine > 2 => effective,
            _ => calendar.rulebook,
        };
        work.rulebook.clone_from(&by.id);
        weeks::pass(&mut work.tx, &self.s1sp, self.week, self.milestone, work.now)?;
        match self.milestone {
            Milestone::ForecastTaken => {
                take_forecast(work, &self.s1sp, &calendar)?;
                Ok(0)
            }
            Milestone::DemandCutoff => self.close_demand(work),
            Milestone::DmmsResponse => crate::dormant::reserve::close_answers(work, self.s1sp, self.week),
            Milestone::AuthorisationCutoff => self.close_authorisation(work, &calendar),
            // What asks for nothing is not passed; one that is to ask for something needs its work here.
            Milestone::DemandOpens
            | Milestone::DmmsNotice
            | Milestone::ProvisionalDue
            | Milestone::QueryCloses
            | Milestone::FirmDue
            | Milestone::HandbackCutoff
            | Milestone::RefillDue => Err(ServiceError::defect("a milestone without work was passed")),
        }
    }
}

impl PassMilestone {
    /// FI21: what is still held lapses. MSM-2a: the eligible installations are counted.
    fn close_demand(&self, work: &mut Work<'_>) -> Result<u64> {
        let mut lapsed = 0;
        for held in files::of_status(&mut work.tx, FileStatus::Held)? {
            if (held.s1sp, held.date) == (self.s1sp, self.week) {
                lapsed += 1;
                // Programs of before held what could not be confirmed any more.
                if let Some(published) = published(work, &self.s1sp, self.week)? {
                    unconfirmed::refuse_held(work, held, published)?;
                    continue;
                }
                files::set_status(&mut work.tx, held.id, FileStatus::Lapsed)?;
                let words = format!("{} was not confirmed before the cut-off and has lapsed", called(work, held.id)?);
                tell(work, held.sender, "FI21", None, &words)?;
            }
        }
        let counted = work.found::<Eligible>();
        let counted = match counted.filter(|counted| counted.of == (self.s1sp, self.week)) {
            Some(counted) => counted.counts.clone(),
            None => self.eligible(work)?,
        };
        for (party, units) in counted.into_iter().flatten() {
            installations::set_eligible_count(&mut work.tx, &self.s1sp, self.week, &party, units)?;
        }
        Ok(lapsed)
    }

    /// MSM-2a: the eligible installations of each supplier, where there is something to be counted.
    fn eligible(&self, work: &mut Work<'_>) -> Result<Option<BTreeMap<Party, u64>>> {
        // A week before the first rulebook cannot be scaled, so there is nothing to count for.
        let governed = work.books.governing(self.week, &Settings::default()).is_ok();
        if !governed || !installations::any(&mut work.tx)? {
            return Ok(None);
        }
        let calendar = work.week(self.week)?;
        let cutoff = local_date(calendar.at(Milestone::DemandCutoff));
        crate::rows::eligible::counts(work, self.s1sp, self.week, cutoff).map(Some)
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
                kept::close(&mut file.case, day.date, ledger);
            }
        }
        board.finish(work)?;
        Ok(u64::try_from(expired).unwrap_or(u64::MAX))
    }
}

impl ClockAct for PassMilestone {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let Self { s1sp, week, milestone } = *self;
        if weeks::has_passed(&mut work.tx, &s1sp, week, milestone)? {
            return Ok(None);
        }
        let calendar = work.week(week)?;
        // RB-2: a week that no rulebook governs is not scaled, and has no demand, so nothing is done in it either.
        if !calendar.governed {
            return Ok(None);
        }
        let at = calendar.at(milestone);
        // CAL-3: the work of a cut-off waits for the grace that is still open.
        let grace = files::last_grace(&mut work.tx, &s1sp, milestone.id(), week)?;
        let at = grace.map_or(at, |grace| grace.max(at));
        // MAM-10: and for a password that came before it and was lost by us, which counts from then when it comes again in time.
        let lost = match milestone {
            Milestone::AuthorisationCutoff if work.engine > 7 => passwords::last_until(&mut work.tx, &s1sp, at)?,
            _ => None,
        };
        let at = lost.map_or(at, |until| until.max(at));
        // And for the verdict of all that was taken over.
        if let Some(kind) = kind_of(milestone)
            && files::is_unjudged(&mut work.tx, kind, &s1sp, at)?
        {
            return Ok(Some(Timestamp::MAX));
        }
        Ok(Some(at))
    }
}

/// The next milestone with work whose moment has come at that of the work.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let passed = weeks::passed_of_open(&mut work.tx)?;
    let horizon = local_date(work.now).saturating_add(jiff::Span::new().days(AHEAD));
    let mut next: Option<(Timestamp, PassMilestone)> = None;
    for (s1sp, week) in left::weeks_before(&mut work.tx, horizon)? {
        let calendar = work.week(week)?;
        for milestone in Milestone::WITH_WORK {
            // Most are passed, or lie ahead.
            if passed.contains(&(s1sp, week, milestone)) || calendar.at(milestone) > work.now {
                continue;
            }
            let act = PassMilestone { s1sp, week, milestone };
            // CAL-3: the work of a cut-off waits for all that arrived before it to be taken over.
            let by = work.now.min(work.sealed);
            let Some(at) = act.due_at(work)?.filter(|at| *at <= by) else { continue };
            let order = |at, act: &PassMilestone| (at, act.s1sp, act.week, act.milestone);
            if next.as_ref().is_none_or(|(first, one)| order(at, &act) < order(*first, one)) && !aside.has(&act) {
                next = Some((at, act));
            }
        }
    }
    Ok(next.map(|(at, act)| Due::at(at, act)))
}
