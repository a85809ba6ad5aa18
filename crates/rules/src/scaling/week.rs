//! A Migration Week of one S1SP: the weekly ceiling, and the days in order with their balances.

use super::pool::{Capacity, Claim, Pool, PoolError};
use super::{PoolResult, scale};
use crate::party::{Party, S1sp};
use jiff::civil::Date;
use rustc_hash::FxHashMap;

/// Rounding balances of the parties of one S1SP, in nano-installations; who is not in it has 0.
pub type Balances = FxHashMap<Party, i64>;

/// Eligible installations of the parties of one S1SP (MSM-2a); who is not in it has none.
pub type Eligible = FxHashMap<Party, u64>;

/// The parameters that scaling takes from its rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The rulebook's id; part of the lot.
    pub rulebook: String,
    /// DMIN, in installations a day (MSM-4).
    pub dmin: u64,
    /// The ceiling, in percent of the eligible installations (MSM-2a).
    pub ceiling_percent: u64,
}

/// What is known of one day before scaling.
#[derive(Debug, Clone)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Its capacity.
    pub capacity: Capacity,
    /// The demand of each party, in installations; a party at most once.
    pub demand: Vec<(Party, u64)>,
}

/// Scales the days of one week, given in the order of their dates, and leaves the closing balances in `balances`.
/// `eligible` holds the eligible installations of each party; without it there is no ceiling.
///
/// # Errors
/// If a party has two demands on a day or a number is out of range; the balances are then not to be used.
pub fn scale_week(
    s1sp: S1sp,
    days: &[Day],
    terms: &Terms,
    eligible: Option<&Eligible>,
    balances: &mut Balances,
) -> Result<Vec<PoolResult>, PoolError> {
    let mut results = Vec::with_capacity(days.len());
    // MSM-8: days are scaled in date order; the closing balance opens the next scaled day.
    for (day, counted) in days.iter().zip(counted_demand(days, terms.ceiling_percent, eligible)) {
        let result = scale(&pool_of(s1sp, day, &counted, terms, balances)?);
        for line in &result.lines {
            balances.insert(line.party, line.closing);
        }
        results.push(result);
    }
    Ok(results)
}

/// A day as a pool that opens with some balances; `counted` is in the places of its demand.
fn pool_of<'t>(
    s1sp: S1sp,
    day: &Day,
    counted: &[u64],
    terms: &'t Terms,
    balances: &Balances,
) -> Result<Pool<'t>, PoolError> {
    let claims = day.demand.iter().zip(counted).map(|(&(party, demand), &counted)| Claim {
        party,
        demand,
        counted,
        flat_limit: terms.dmin,
        opening: balances.get(&party).copied().unwrap_or(0),
    });
    Pool::new(&terms.rulebook, s1sp, day.date, day.capacity, terms.dmin, claims.collect())
}

/// MSM-2a: the counted demand of every day and party, in the places of the demand. Without eligible installations there is no
/// ceiling.
pub(super) fn counted_demand(days: &[Day], percent: u64, eligible: Option<&Eligible>) -> Vec<Vec<u64>> {
    let mut counted: Vec<Vec<u64>> =
        days.iter().map(|day| day.demand.iter().map(|&(_, units)| units).collect()).collect();
    let Some(eligible) = eligible else { return counted };
    let mut places: FxHashMap<Party, Vec<(usize, usize)>> = FxHashMap::default();
    for (index, day) in days.iter().enumerate() {
        for (place, (party, _)) in day.demand.iter().enumerate() {
            places.entry(*party).or_default().push((index, place));
        }
    }
    for (party, places) in places {
        let demand: Vec<u64> = places.iter().map(|&(index, place)| counted[index][place]).collect();
        // MSM-2a: at most ⌈percent of the eligible installations⌉.
        let limit = (eligible.get(&party).copied().unwrap_or(0) * percent).div_ceil(100);
        for (&(index, place), units) in places.iter().zip(cut_to(limit, &demand)) {
            counted[index][place] = units;
        }
    }
    counted
}

/// MSM-2a: what exceeds the limit comes off proportionally; each day keeps ⌊demand × limit ÷ weekly demand⌋, the units
/// left go one each to the days with the largest remainders, earlier days first. Demands in the order of the days.
#[must_use]
pub fn cut_to(limit: u64, demand: &[u64]) -> Vec<u64> {
    let weekly: u64 = demand.iter().sum();
    if weekly <= limit {
        return demand.to_vec();
    }
    let exact = |units: u64| u128::from(units) * u128::from(limit);
    let narrow = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
    let mut kept: Vec<u64> = demand.iter().map(|&units| narrow(exact(units) / u128::from(weekly))).collect();
    let left = limit - kept.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..demand.len()).collect();
    order.sort_by_key(|&day| (std::cmp::Reverse(exact(demand[day]) % u128::from(weekly)), day));
    for (_, &day) in (0..left).zip(&order) {
        kept[day] += 1;
    }
    kept
}
