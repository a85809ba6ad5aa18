//! A week at an S1SP is scaled (MSM-1 to MSM-9).

use crate::act::actor::Actor;
use crate::act::work::{Act, Reads, Work};
use crate::books::calendar::{Moment, WeekCalendar, in_words};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::weeks::chain::must_be_in_order;
use crate::weeks::respond::last_response;
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
use sluice_store::tables::results::{self, PoolRecord, ResultLineRecord, ResultRecord};
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

    /// MSM-2: what stands at the cut-off counts, so nothing is scaled, or published, before its work is done.
    ///
    /// # Errors
    /// If it is not, or the database fails.
    pub(in crate::weeks) fn must_be_due<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
    ) -> Result<()> {
        if weeks::has_passed(&mut work.tx, &self.s1sp, self.week, Milestone::DemandCutoff)? {
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
        notes_passings: published.is_some(),
    };
    results::add_version(&mut work.tx, s1sp, week, &result)?;
    Ok(version)
}

/// MSM-11: the number after those that the results of the week and its responses have. Programs of before counted the responses
/// apart, so they may be further.
pub(in crate::weeks) fn next_version(work: &mut Work<'_>, s1sp: &S1sp, week: Date) -> Result<i64> {
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
pub(in crate::weeks) fn days_of(pools: &[PoolResult]) -> Vec<(String, u64, u64, u64)> {
    let day = |pool: &PoolResult| (pool.date.to_string(), pool.capacity.available(), pool.total, pool.allocated());
    pools.iter().map(day).collect()
}
