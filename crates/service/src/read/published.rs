//! A published result with all that it was made of, so that anybody who has it can make it again (MSM-9, MSM-10).

use crate::act::work::Look;
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_rules::scaling::{Again, Capacity};
use sluice_store::tables::installations;
use sluice_store::tables::results::{self, ResultLineRecord, ResultRecord};
use std::collections::{BTreeMap, BTreeSet};

/// A result of a week at an S1SP, and what it was made of.
#[derive(Debug, Clone)]
pub struct Published {
    /// The version, with its rulebook.
    pub result: ResultRecord,
    /// The capacity of its days.
    pub capacities: BTreeMap<Date, Capacity>,
    /// The eligible installations with which it was counted; none where there was no inventory, and so no ceiling.
    pub eligible: Option<Vec<(Party, u64)>>,
    /// Were they kept with it? Else they are those of the week today, as with versions of earlier programs.
    pub counts_kept: bool,
    /// The balances with which it opened, in nano-installations.
    pub opening: BTreeMap<Party, i64>,
    /// Its lines, in the order of day and party.
    pub lines: Vec<ResultLineRecord>,
    /// Why its pools were shared again; nothing where the week's demand was shared.
    pub again: Option<Again>,
    /// The days whose facts the sentences of its lines may tell (MSM-14).
    pub public: BTreeSet<Date>,
}

/// The result of a week with that number; without one, the last that was shared by demand and is published.
///
/// # Errors
/// If there is none, it is not published, a program made it that did not keep all it was made of, or the database fails.
pub fn published(work: &mut Look<'_>, s1sp: S1sp, week: Date, version: Option<i64>) -> Result<Published> {
    let of_demand = |result: &ResultRecord| matches!(result.stage, ResultStage::Provisional | ResultStage::Firm);
    let versions = results::versions(&mut work.tx, &s1sp, week)?;
    let out = versions.into_iter().filter(|result| result.published_at.is_some());
    let found = match version {
        Some(version) => out.into_iter().find(|result| result.version == version),
        None => out.into_iter().rfind(of_demand),
    };
    let Some(result) = found else {
        let which = version.map_or_else(|| "no result".to_owned(), |version| format!("no version {version}"));
        let message = format!("{which} of the week of {week} at {s1sp} is published; see sluice week show {week}");
        return Err(ServiceError::Use(message));
    };
    let days = days_of_week(week)?;
    let (from, to) = (days[0], days[6]);
    let (mut capacities, mut public, mut again) = (BTreeMap::new(), BTreeSet::new(), None);
    for pool in results::pools(&mut work.tx, &s1sp, from, to, result.version)? {
        let capacity = Capacity::new(pool.total, pool.reserve).map_err(ServiceError::defect)?;
        capacities.insert(pool.date, capacity);
        public.extend(Some(pool.date).filter(|_| pool.public));
        again = pool.again;
    }
    if again.is_none() && !of_demand(&result) {
        let (version, stage) = (result.version, result.stage);
        let message = format!(
            "version {version} is a {stage} by an earlier program, which did not keep what parties had then, so it has no bundle; \
             each of its lines says how it came about"
        );
        return Err(ServiceError::Use(message));
    }
    let kept = results::eligible(&mut work.tx, &s1sp, week, result.version)?;
    let counts_kept = !kept.is_empty();
    let counts = if counts_kept { kept } else { installations::eligible_counts(&mut work.tx, &s1sp, week)? };
    let lines = results::lines(&mut work.tx, &s1sp, from, to, result.version)?;
    let mut opening = BTreeMap::new();
    for line in &lines {
        opening.entry(line.party).or_insert(line.opening);
    }
    let eligible = Some(counts).filter(|counts| !counts.is_empty());
    Ok(Published { result, capacities, eligible, counts_kept, opening, lines, again, public })
}
