//! A result is published, provisional and then firm (MSM-11, MSM-14).

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::work::{Act, Look, Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::error::{Result, ServiceError};
use crate::weeks::chain::{must_be_in_order, must_be_open, must_open_with_its_balances, pass_waiting_balances};
use crate::weeks::respond::demand_responses;
use crate::weeks::scale::{ScaleWeek, Version, demand_of_parties, must_not_be_firm, next_version};
use crate::weeks::window::{tell_windows, windows};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::results::{self, AllocationRecord, ResultLineRecord, ResultRecord};
use sluice_store::tables::weeks;
use sluice_store::tables::{installations, questions};

/// A result is published: as provisional, or as firm.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publish {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// Firm, or else provisional?
    pub firm: bool,
    /// The second operator of a firm publication.
    pub approve: Option<String>,
}

impl Act for Publish {
    const KIND: &'static str = "publish";
    type Answer = Version;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("publishing a result")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Version> {
        let calendar = work.week(self.week)?;
        let mut result = self.fitting(work, &calendar)?;
        work.rulebook.clone_from(&result.rulebook);
        if self.firm {
            second_operator(work, self.approve.as_deref(), "MSM-11", "firm publication")?;
        }
        self.must_be_next(work, &calendar, &result)?;
        if self.firm {
            result = self.make_firm(work, &calendar, result)?;
        } else {
            result.published_at = Some(work.now);
            results::set_stage(&mut work.tx, &self.s1sp, self.week, &result)?;
        }
        if work.engine > 2 && !self.firm {
            tell_windows(work, &calendar, &self.s1sp, result.version)?;
        }
        let lines = results::lines(&mut work.tx, &self.s1sp, self.week, calendar.sunday(), result.version)?;
        if self.firm {
            self.open_authorisation(work, &lines)?;
        }
        let responses = demand_responses(work, &self.s1sp, &calendar, &result, &lines)?;
        let pools = results::pools(&mut work.tx, &self.s1sp, self.week, calendar.sunday(), result.version)?;
        let allocated = |date: Date| lines.iter().filter(|line| line.date == date).map(|line| line.allocation).sum();
        let days = pools
            .iter()
            .map(|pool| (pool.date.to_string(), pool.total - pool.reserve, pool.demand, allocated(pool.date)));
        let (version, days, touched) = (result.version, days.collect(), Vec::new());
        Ok(Version { version, days, added: 0, responses, sign: None, touched })
    }
}

/// The number of the last version of a week, where scaling it again would give the same.
///
/// # Errors
/// If the database fails, or the week does not begin on a Monday.
pub fn standing(work: &mut Look<'_>, s1sp: S1sp, week: Date) -> Result<Option<i64>> {
    let calendar = work.week(week)?;
    match (Publish { s1sp, week, firm: false, approve: None }).fitting(work, &calendar) {
        Ok(result) => Ok(Some(result.version)),
        Err(ServiceError::Rule { .. } | ServiceError::Use(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A version that no longer says what would come of scaling now.
fn overtaken(version: i64, what: &str, date: Date) -> ServiceError {
    ServiceError::rule(
        "MSM-11",
        format!("the {what} of {date} has changed since version {version} was made; scale again"),
    )
}

impl Publish {
    /// Can it be published now, by whoever may?
    ///
    /// # Errors
    /// If not, or the database fails.
    pub fn must_be_allowed<'w>(&self, work: &mut Work<'w, impl Reads<'w>>, calendar: &WeekCalendar<'_>) -> Result<()> {
        let result = self.fitting(work, calendar)?;
        self.must_be_next(work, calendar, &result)
    }

    /// The version that would be published: the last one, if nothing has overtaken it.
    ///
    /// # Errors
    /// If there is none, or it no longer says what scaling would give now.
    pub fn fitting<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
    ) -> Result<ResultRecord> {
        must_not_be_firm(work, &self.s1sp, self.week)?;
        let versions = results::versions(&mut work.tx, &self.s1sp, self.week)?;
        let Some(result) = versions.last().cloned() else {
            let message =
                format!("{} has no result for the week of {} yet; run sluice week scale", self.s1sp, self.week);
            return Err(ServiceError::Use(message));
        };
        // CAL-7: an outage may have moved the cut-off since it was scaled.
        if !work.is_again() {
            ScaleWeek { s1sp: self.s1sp, week: self.week }.must_be_due(work, calendar)?;
        }
        self.must_still_fit(work, calendar, &result)?;
        Ok(result)
    }

    /// Is this the step that comes next?
    fn must_be_next<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
        result: &ResultRecord,
    ) -> Result<()> {
        if self.firm {
            return self.must_be_ready(work, calendar, result);
        }
        if result.published_at.is_some() {
            let message = format!("version {} is published already; scale again for a new one", result.version);
            return Err(ServiceError::rule("MSM-11", message));
        }
        // Programs of before published what could not become firm any more.
        if work.is_again() { Ok(()) } else { must_be_open(work, &self.s1sp, self.week) }
    }

    /// MSM-11: what DCC corrects makes a new version: a version is not published any more once the capacity or the demand
    /// that it was made from is another.
    fn must_still_fit<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
        result: &ResultRecord,
    ) -> Result<()> {
        let (s1sp, from, to, version) = (&self.s1sp, self.week, calendar.sunday(), result.version);
        let capacity = weeks::capacity(&mut work.tx, s1sp, from, to)?;
        let mut demand = demand_of_parties(work, s1sp, (from, to))?;
        for pool in results::pools(&mut work.tx, s1sp, from, to, version)? {
            let capacity = capacity.get(&pool.date).copied().unwrap_or_else(Capacity::none);
            // DMT-1: what of the reserve is given up when answers are due joins the refill, not this result.
            if pool.total != capacity.total() || pool.reserve < capacity.reserve() {
                return Err(overtaken(version, "capacity", pool.date));
            }
        }
        let lines = results::lines(&mut work.tx, s1sp, from, to, version)?;
        for line in &lines {
            if demand.remove(&(line.date, line.party)).unwrap_or(0) != line.demand {
                return Err(overtaken(version, "demand", line.date));
            }
        }
        if let Some(((date, _), _)) = demand.into_iter().find(|(_, units)| *units > 0) {
            return Err(overtaken(version, "demand", date));
        }
        must_open_with_its_balances(work, s1sp, version, &lines)?;
        self.must_have_its_eligible(work, version, &lines)
    }

    /// CAL-7, MSM-2a: an outage may have had the eligible installations counted again at another moment. Of versions from before it was
    /// not kept with how many they were made.
    fn must_have_its_eligible<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        version: i64,
        lines: &[ResultLineRecord],
    ) -> Result<()> {
        let made_with = results::eligible(&mut work.tx, &self.s1sp, self.week, version)?;
        if made_with.is_empty() || work.is_again() {
            return Ok(());
        }
        let now = installations::eligible_counts(&mut work.tx, &self.s1sp, self.week)?;
        let of = |counts: &[(Party, u64)], party| {
            counts.iter().find(|(one, _)| *one == party).map_or(0, |(_, units)| *units)
        };
        if lines.iter().any(|line| of(&made_with, line.party) != of(&now, line.party)) {
            return Err(overtaken(version, "number of eligible installations", self.week));
        }
        Ok(())
    }

    /// MSM-11: firm after the query window, with every query answered.
    fn must_be_ready<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
        result: &ResultRecord,
    ) -> Result<()> {
        if work.engine > 2 {
            must_be_in_order(work, &self.s1sp, self.week)?;
        }
        if result.published_at.is_none() {
            let message = format!("version {} is not published as provisional yet", result.version);
            return Err(ServiceError::rule("MSM-11", message));
        }
        let closes = match work.engine {
            ..=2 => calendar.at(Milestone::QueryCloses),
            _ => windows(work, calendar, &self.s1sp)?.last(),
        };
        if work.now < closes {
            return Err(ServiceError::rule(
                "MSM-11",
                format!("suppliers may raise queries until {}", in_words(closes)),
            ));
        }
        let questions = questions::questions(&mut work.tx, &self.s1sp, self.week, calendar.sunday())?;
        let open: Vec<String> = questions
            .iter()
            .filter(|question| question.answer.is_none())
            .map(|question| question.id.to_string())
            .collect();
        let words = match open.as_slice() {
            [] => return Ok(()),
            [one] => format!("query {one} is not answered yet"),
            several => format!("queries {} are not answered yet", several.join(", ")),
        };
        Err(ServiceError::rule("MSM-11", words))
    }

    /// MSM-11: each published state of a result has a version of its own, so what is firm is the provisional result once more
    /// under the next number. Programs of before kept its number.
    fn make_firm(
        &self,
        work: &mut Work<'_>,
        calendar: &WeekCalendar<'_>,
        provisional: ResultRecord,
    ) -> Result<ResultRecord> {
        let (s1sp, from, to, made) = (&self.s1sp, self.week, calendar.sunday(), provisional.version);
        let firm = ResultRecord { stage: ResultStage::Firm, firm_at: Some(work.now), ..provisional };
        if work.engine < 4 {
            let notes_passings = firm.firm_at == firm.published_at;
            let firm = ResultRecord { notes_passings, ..firm };
            results::set_stage(&mut work.tx, s1sp, from, &firm)?;
            return Ok(firm);
        }
        let version = next_version(work, s1sp, from)?;
        let firm = ResultRecord { version, published_at: Some(work.now), notes_passings: true, ..firm };
        results::add_version(&mut work.tx, s1sp, from, &firm)?;
        for pool in results::pools(&mut work.tx, s1sp, from, to, made)? {
            results::add_pool(&mut work.tx, s1sp, version, &pool)?;
        }
        let lines = results::lines(&mut work.tx, s1sp, from, to, made)?;
        results::add_lines(&mut work.tx, s1sp, version, &lines)?;
        let eligible = results::eligible(&mut work.tx, s1sp, from, made)?;
        results::add_eligible(&mut work.tx, (s1sp, from, version), eligible)?;
        Ok(firm)
    }

    /// The allocations stand, and the closing balances open the next week (MSM-8).
    fn open_authorisation(&self, work: &mut Work<'_>, lines: &[ResultLineRecord]) -> Result<()> {
        for line in lines {
            let record =
                AllocationRecord { date: line.date, party: line.party, units: line.allocation, handed_back: 0 };
            results::set_allocation(&mut work.tx, &self.s1sp, &record)?;
            results::set_balance(&mut work.tx, &self.s1sp, &line.party, line.closing)?;
        }
        pass_waiting_balances(work, &self.s1sp, self.week)
    }
}
