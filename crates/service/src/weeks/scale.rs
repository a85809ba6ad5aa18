//! A week at an S1SP is scaled and its result published (MSM-1 to MSM-11, MSM-14).

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::work::{Act, Reads, Work};
use crate::books::calendar::{Moment, WeekCalendar, in_words};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::weeks::chain::{must_be_in_order, must_be_open, must_open_with_its_balances, pass_waiting_balances};
use crate::weeks::respond::{demand_responses, last_response};
use crate::weeks::window::{reopened, tell_reopened};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::rulebook::Rulebook;
use sluice_rules::scaling::stage::ResultStage;
use sluice_rules::scaling::week::{Balances, Day, Eligible, scale_week};
use sluice_rules::scaling::{
    Capacity, Line, PoolResult, Sharing, WITHOUT_CAPACITY, write_derivation, write_own_derivation,
};
use sluice_rules::visibility::{VisibilityTerms, facts_are_public};
use sluice_store::tables::results::{self, AllocationRecord, PoolRecord, ResultLineRecord, ResultRecord};
use sluice_store::tables::{files, installations, weeks};
use std::collections::BTreeMap;

/// A week is scaled; the result is a new version that nobody sees before it is published.
#[derive(Debug, Serialize, Deserialize)]
pub struct ScaleWeek {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
}

/// A version of a result.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// Its days: capacity, counted demand and allocation, in installations.
    pub days: Vec<(String, u64, u64, u64)>,
    /// Units that parties have beyond what they had before (MSM-12, MSM-13).
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub added: u64,
    /// The responses that were issued.
    pub responses: Vec<String>,
    /// The number under which a second operator signs it, and until when (MSM-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<(i64, Moment)>,
    /// What a cut does to authorisations and Dormant installations, by party, in words (MSM-12).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<String>,
}

impl Act for ScaleWeek {
    const KIND: &'static str = "scale";
    type Answer = Version;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("scaling")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Version> {
        let calendar = work.week(self.week)?;
        let terms = work.books.terms(self.week, &Settings::default())?;
        work.rulebook.clone_from(&terms.rulebook);
        self.must_be_allowed(work, &calendar)?;
        let days = self.days(work, &calendar)?;
        let eligible = self.eligible(work)?;
        let mut balances: Balances = results::balances(&mut work.tx, &self.s1sp)?.into_iter().collect();
        let pools =
            scale_week(self.s1sp, &days, &terms, eligible.as_ref(), &mut balances).map_err(ServiceError::wrong)?;
        let rulebook = terms.rulebook;
        let version = add_version(work, &self.s1sp, self.week, ResultStage::Provisional, &rulebook)?;
        save_pools(work, calendar.rulebook, self.s1sp, version, &pools)?;
        // MSM-9: with what a version was made from it can be made again. Programs of before did not keep it.
        if work.engine > 3 {
            results::add_eligible(&mut work.tx, (&self.s1sp, self.week, version), eligible.into_iter().flatten())?;
        }
        let (days, responses, touched) = (days_of(&pools), Vec::new(), Vec::new());
        Ok(Version { version, days, added: 0, responses, sign: None, touched })
    }
}

impl ScaleWeek {
    /// Can the week be scaled now?
    ///
    /// # Errors
    /// If not, or the database fails.
    pub fn must_be_allowed<'w>(&self, work: &mut Work<'w, impl Reads<'w>>, calendar: &WeekCalendar<'_>) -> Result<()> {
        work.books.terms(self.week, &Settings::default())?;
        self.must_be_due(work, calendar)?;
        must_not_be_firm(work, &self.s1sp, self.week)?;
        must_be_in_order(work, &self.s1sp, self.week)
    }

    /// MSM-2: what stands at the cut-off counts, so nothing is scaled before its work is done.
    fn must_be_due<'w>(&self, work: &mut Work<'w, impl Reads<'w>>, calendar: &WeekCalendar<'_>) -> Result<()> {
        let passed = weeks::passed(&mut work.tx)?;
        if passed.contains(&(self.s1sp, self.week, Milestone::DemandCutoff)) {
            return Ok(());
        }
        let cutoff = calendar.at(Milestone::DemandCutoff);
        // CAL-3: the work of the cut-off waits for the last grace.
        let grace = files::last_grace(&mut work.tx, &self.s1sp, Milestone::DemandCutoff.id(), self.week)?;
        let message = match grace.filter(|_| cutoff <= work.now) {
            Some(until) => format!("grace after the demand cut-off is open until {} (CAL-3)", in_words(until)),
            None => format!("demand for this week can change until its cut-off at {}", in_words(cutoff)),
        };
        Err(ServiceError::rule("MSM-2", message))
    }

    /// The days of the week with their capacity and the demand standing.
    ///
    /// # Errors
    /// If it has no capacity, or the database fails.
    pub(crate) fn days<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
    ) -> Result<Vec<Day>> {
        let (from, to) = (calendar.monday, calendar.sunday());
        let capacity = weeks::capacity(&mut work.tx, &self.s1sp, from, to)?;
        if capacity.is_empty() {
            return Err(ServiceError::Use(format!(
                "{} has no capacity in the week of {from}; import it first",
                self.s1sp
            )));
        }
        let demand = demand_of_parties(work, &self.s1sp, (from, to))?;
        let days = days_of_week(from)?.into_iter().map(|date| Day {
            date,
            capacity: capacity.get(&date).copied().unwrap_or_else(Capacity::none),
            demand: demand
                .range((date, Party::FIRST)..)
                .take_while(|((day, _), _)| *day == date)
                .map(|((_, party), units)| (*party, *units))
                .collect(),
        });
        Ok(days.collect())
    }

    /// MSM-2a: the eligible installations at the cut-off. Without an inventory then there is no ceiling: with one, every
    /// supplier was counted.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn eligible<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Eligible>> {
        let counts = installations::eligible_counts(&mut work.tx, &self.s1sp, self.week)?;
        Ok(Some(counts.into_iter().collect()).filter(|counts: &Eligible| !counts.is_empty()))
    }
}

/// MSM-2: a party's demand is the sum over its User IDs.
pub(crate) fn demand_of_parties<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: &S1sp,
    (from, to): (Date, Date),
) -> Result<BTreeMap<(Date, Party), u64>> {
    let mut demand = BTreeMap::new();
    for line in weeks::demand(&mut work.tx, s1sp, from, to)? {
        *demand.entry((line.date, line.party)).or_default() += line.units;
    }
    Ok(demand)
}

/// MSM-11: a result that is firm is not made again; a cut or a refill changes it.
///
/// # Errors
/// If it is firm.
pub(crate) fn must_not_be_firm<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: &S1sp, week: Date) -> Result<()> {
    if results::versions(&mut work.tx, s1sp, week)?.iter().any(|result| result.firm_at.is_some()) {
        return Err(ServiceError::rule("MSM-11", format!("the result of {s1sp} for the week of {week} is firm")));
    }
    Ok(())
}

/// Adds the next version of a result; gives its number.
///
/// # Errors
/// If the database fails.
pub(crate) fn add_version(
    work: &mut Work<'_>,
    s1sp: &S1sp,
    week: Date,
    stage: ResultStage,
    rulebook: &str,
) -> Result<i64> {
    let version = next_version(work, s1sp, week)?;
    let published = matches!(stage, ResultStage::Refill | ResultStage::Cut).then_some(work.now);
    let result = ResultRecord {
        version,
        stage,
        rulebook: rulebook.to_owned(),
        made_at: work.now,
        published_at: published,
        firm_at: published,
    };
    results::add_version(&mut work.tx, s1sp, week, &result)?;
    Ok(version)
}

/// MSM-11: the number after those that the results of the week and its responses have. Programs of before counted the responses
/// apart, so they may be further.
fn next_version(work: &mut Work<'_>, s1sp: &S1sp, week: Date) -> Result<i64> {
    let last = results::versions(&mut work.tx, s1sp, week)?.last().map_or(0, |last| last.version);
    let answered = if work.engine > 3 { last_response(work, s1sp, week)? } else { 0 };
    Ok(last.max(answered) + 1)
}

/// Saves the pools of a version with their lines.
///
/// # Errors
/// If the database fails.
pub(crate) fn save_pools(
    work: &mut Work<'_>,
    book: &Rulebook,
    s1sp: S1sp,
    version: i64,
    pools: &[PoolResult],
) -> Result<()> {
    let terms = VisibilityTerms {
        parties: book.number("visible_parties")?,
        share_percent: book.number("visible_share_percent")?,
    };
    for pool in pools {
        // MSM-9: programs of before did not keep what a party had beside its line.
        let again = pool.again.filter(|_| work.engine > 3);
        let record = PoolRecord { again, ..pool_record(pool, terms) };
        results::add_pool(&mut work.tx, &s1sp, version, &record)?;
        // MSM-9: how the flat parts are shared explains nothing where there is nothing to share.
        let nothing = work.engine > 3 && record.total == 0;
        let line = |line: &Line| {
            let mut kept = line_record(pool, line, record.public);
            kept.beside = again.map(|_| line.beside);
            if nothing && line.demand > 0 {
                kept.derivation.push_str(WITHOUT_CAPACITY);
            }
            kept
        };
        let lines: Vec<ResultLineRecord> = pool.lines.iter().map(line).collect();
        results::add_lines(&mut work.tx, &s1sp, version, &lines)?;
    }
    Ok(())
}

fn pool_record(pool: &PoolResult, terms: VisibilityTerms) -> PoolRecord {
    let (rest, unmet, level) = match pool.sharing {
        Sharing::Met => (None, None, None),
        Sharing::ProRata { rest, unmet } => (Some(rest), Some(unmet), None),
        Sharing::Short { level, .. } => (None, None, Some(level.to_string())),
    };
    PoolRecord {
        date: pool.date,
        total: pool.capacity.total(),
        reserve: pool.capacity.reserve(),
        dmin: pool.dmin,
        demand: pool.total,
        rest,
        unmet,
        level,
        parties: u64::try_from(pool.lines.len()).unwrap_or(u64::MAX),
        // MSM-14: hidden where few parties have demand or one has most of it.
        public: facts_are_public(pool.lines.iter().map(|line| line.counted), terms),
        again: None,
    }
}

/// A line as it is kept. MSM-14: its sentence is sent to its party, so it tells facts of the pool only where they are `public`.
pub(crate) fn line_record(pool: &PoolResult, line: &Line, public: bool) -> ResultLineRecord {
    let mut derivation = String::new();
    let write = if public { write_derivation } else { write_own_derivation };
    write(pool, line, &mut derivation);
    ResultLineRecord {
        date: pool.date,
        party: line.party,
        demand: line.demand,
        counted: line.counted,
        flat: line.flat,
        entitlement: line.entitlement.to_string(),
        rank: line.rounding.map(|rounding| u64::from(rounding.rank)),
        extra: line.extra,
        allocation: line.allocation,
        opening: line.opening,
        closing: line.closing,
        derivation,
        beside: None,
    }
}

/// Capacity, counted demand and allocation of each day.
fn days_of(pools: &[PoolResult]) -> Vec<(String, u64, u64, u64)> {
    let day = |pool: &PoolResult| (pool.date.to_string(), pool.capacity.available(), pool.total, pool.allocated());
    pools.iter().map(day).collect()
}

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
            tell_reopened(work, &calendar, &self.s1sp, result.version)?;
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
        match demand.into_iter().find(|(_, units)| *units > 0) {
            Some(((date, _), _)) => Err(overtaken(version, "demand", date)),
            None => must_open_with_its_balances(work, s1sp, version, &lines),
        }
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
        let reopened = if work.engine > 2 { reopened(work, calendar, &self.s1sp)?.last() } else { None };
        let closes = reopened.unwrap_or(calendar.at(Milestone::QueryCloses));
        if work.now < closes {
            return Err(ServiceError::rule(
                "MSM-11",
                format!("suppliers may raise queries until {}", in_words(closes)),
            ));
        }
        let questions = results::questions(&mut work.tx, &self.s1sp, self.week, calendar.sunday())?;
        let open: Vec<String> = questions
            .iter()
            .filter(|question| question.answer.is_none())
            .map(|question| question.id.to_string())
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        Err(ServiceError::rule("MSM-11", format!("queries {} are not answered yet", open.join(", "))))
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
            results::set_stage(&mut work.tx, s1sp, from, &firm)?;
            return Ok(firm);
        }
        let version = next_version(work, s1sp, from)?;
        let firm = ResultRecord { version, published_at: Some(work.now), ..firm };
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
