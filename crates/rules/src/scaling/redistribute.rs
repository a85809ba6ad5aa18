//! Sharing again on the same engine: after a cut (MSM-12) and after a hand-back (MSM-13). Neither writes balances.

use super::pool::{Capacity, Claim, Pool, PoolError};
use super::week::{Balances, Day, Eligible, Terms, counted_demand, pool_of};
use super::{PoolResult, scale};
use crate::party::{Party, S1sp};
use jiff::civil::Date;

/// The pool that is shared again.
#[derive(Debug, Clone, Copy)]
pub struct PoolDay<'a> {
    /// The rulebook of the firm result.
    pub rulebook: &'a str,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// DMIN of the firm result, in installations.
    pub dmin: u64,
}

/// A party's standing when a day is cut; units are installations, the balance nano-installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldUnits {
    /// The party.
    pub party: Party,
    /// What stands for it: its allocation before the authorisation cut-off, its accepted authorisations after it.
    pub units: u64,
    /// The rounding balance with which the day's firm result opened.
    pub opening: i64,
}

/// MSM-12: what remains after a fall of capacity, shared with what stands as demands. When what stands still fits,
/// everyone keeps it.
///
/// # Errors
/// If a party stands twice or a number is out of range.
pub fn cut(day: PoolDay<'_>, capacity: Capacity, standings: &[HeldUnits]) -> Result<PoolResult, PoolError> {
    let claims = standings.iter().map(|standing| Claim {
        party: standing.party,
        // MSM-12: the demands are the allocations, or the accepted authorisations.
        demand: standing.units,
        counted: standing.units,
        flat_limit: day.dmin,
        opening: standing.opening,
    });
    share_again(day, capacity, claims.collect())
}

/// A party's standing when units are refilled; units are installations, the balance nano-installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The party.
    pub party: Party,
    /// Its counted demand of the day.
    pub demand: u64,
    /// The units that it holds.
    pub held: u64,
    /// Did it give units of this day back?
    pub gave_back: bool,
    /// The rounding balance with which the day's firm result opened.
    pub opening: i64,
}

/// MSM-13: shares freed and unallocated units among the parties with unmet demand that gave none back that day. The
/// lines of the result hold what is added to what a party holds.
///
/// # Errors
/// If a party stands twice or a number is out of range.
pub fn refill(day: PoolDay<'_>, units: u64, holdings: &[Holding]) -> Result<PoolResult, PoolError> {
    let claims = holdings
        .iter()
        // MSM-13: only parties with unmet demand that gave none back that day.
        .filter(|holding| holding.demand > holding.held && !holding.gave_back)
        .map(|holding| Claim {
            party: holding.party,
            demand: holding.demand - holding.held,
            counted: holding.demand - holding.held,
            // MSM-13: the flat part counts what a party already holds.
            flat_limit: holding.demand.min(day.dmin).saturating_sub(holding.held),
            opening: holding.opening,
        });
    share_again(day, Capacity::new(units, 0)?, claims.collect())
}

/// CAL-5: the refill of a week that has no result and can have none any more, since a later one is firm. Nobody holds anything of
/// it, so MSM-13 shares all of each day's capacity by the counted demand. There is no balance with which the day opened: it ranks
/// by those that stand, and writes none. `days` is the whole week, for the ceiling of MSM-2a.
///
/// # Errors
/// If a party has two demands on a day or a number is out of range.
pub fn refill_late(
    s1sp: S1sp,
    days: &[Day],
    terms: &Terms,
    eligible: Option<&Eligible>,
    balances: &Balances,
) -> Result<Vec<PoolResult>, PoolError> {
    let counted = counted_demand(days, terms.ceiling_percent, eligible);
    let pool = |(day, counted): (&Day, Vec<u64>)| Ok(without_balances(&pool_of(s1sp, day, &counted, terms, balances)?));
    days.iter().zip(counted).map(pool).collect()
}

fn share_again(day: PoolDay<'_>, capacity: Capacity, claims: Vec<Claim>) -> Result<PoolResult, PoolError> {
    Ok(without_balances(&Pool::new(day.rulebook, day.s1sp, day.date, capacity, day.dmin, claims)?))
}

/// MSM-13: cuts and refills rank by a balance, and write none.
fn without_balances(pool: &Pool<'_>) -> PoolResult {
    let mut result = scale(pool);
    result.lines.iter_mut().for_each(|line| line.closing = line.opening);
    result
}

#[cfg(test)]
#[path = "redistribute_tests.rs"]
mod tests;
