//! Sharing again on the same engine: after a cut (MSM-12) and after a hand-back (MSM-13). Neither writes balances.

use super::pool::{Capacity, Claim, Pool, PoolError};
use super::week::{Balances, Day, Eligible, Terms, counted_demand};
use super::{Again, PoolResult, scale};
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
    /// What was attempted before the cut, which stays in its allocation.
    pub attempted: u64,
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
    let attempted = |party| standings.iter().find(|one| one.party == party).map_or(0, |one| one.attempted);
    share_again(day, capacity, claims.collect(), Again::Cut, attempted)
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
    add(day, units, holdings, Again::Refill)
}

/// MSM-12: shares the units of a rise in the same way; the demand beyond what a party holds is that of its deferred rows.
///
/// # Errors
/// If a party stands twice or a number is out of range.
pub fn rise(day: PoolDay<'_>, units: u64, holdings: &[Holding]) -> Result<PoolResult, PoolError> {
    add(day, units, holdings, Again::Rise)
}

fn add(day: PoolDay<'_>, units: u64, holdings: &[Holding], again: Again) -> Result<PoolResult, PoolError> {
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
    let held = |party| holdings.iter().find(|one| one.party == party).map_or(0, |one| one.held);
    share_again(day, Capacity::new(units, 0)?, claims.collect(), again, held)
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
    let pool = |(day, counted): (&Day, Vec<u64>)| {
        let holding = |(&(party, _), demand): (&(Party, u64), u64)| {
            let opening = balances.get(&party).copied().unwrap_or(0);
            Holding { party, demand, held: 0, gave_back: false, opening }
        };
        let holdings: Vec<Holding> = day.demand.iter().zip(counted).map(holding).collect();
        let pool = PoolDay { rulebook: &terms.rulebook, s1sp, date: day.date, dmin: terms.dmin };
        refill(pool, day.capacity.available(), &holdings)
    };
    days.iter().zip(counted).map(pool).collect()
}

fn share_again(
    day: PoolDay<'_>,
    capacity: Capacity,
    claims: Vec<Claim>,
    again: Again,
    beside: impl Fn(Party) -> u64,
) -> Result<PoolResult, PoolError> {
    let mut result = scale(&Pool::new(day.rulebook, day.s1sp, day.date, capacity, day.dmin, claims)?);
    for line in &mut result.lines {
        // MSM-13: cuts and refills rank by the balance with which the firm result opened, and write none.
        line.closing = line.opening;
        line.beside = beside(line.party);
    }
    result.again = Some(again);
    Ok(result)
}

#[cfg(test)]
#[path = "redistribute_tests.rs"]
mod tests;
