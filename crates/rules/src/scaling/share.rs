//! Flat parts and entitlements, as exact fractions.

use super::exact::Mixed;
use super::pool::{Claim, Pool};
use super::result::{Line, Sharing};

/// What a claim is entitled to.
pub(super) struct Share {
    /// The flat part; 0 in a short pool, where the entitlement is the whole award.
    pub flat: u64,
    /// Demand not met by the flat part.
    pub unmet: u64,
    /// Entitlement beyond the flat part.
    pub entitlement: Mixed,
}

impl Share {
    /// The line of a claim before rounding: it has the whole part of its entitlement, and its balance stands.
    pub(super) fn line(self, claim: &Claim) -> Line {
        Line {
            party: claim.party,
            demand: claim.demand,
            counted: claim.counted,
            flat_due: claim.flat(),
            flat: self.flat,
            unmet: self.unmet,
            entitlement: self.entitlement,
            rounding: None,
            extra: false,
            // MSM-6: every party receives the whole part of its entitlement.
            allocation: self.flat + self.entitlement.whole,
            opening: claim.opening,
            closing: claim.opening,
            beside: 0,
        }
    }
}

/// MSM-3: capacity meets every demand; it is shown as flat part and the rest as pro rata.
pub(super) fn met(pool: &Pool<'_>) -> Vec<Share> {
    let share =
        |counted: u64, flat: u64| Share { flat, unmet: counted - flat, entitlement: Mixed::whole(counted - flat) };
    pool.claims.iter().map(|claim| share(claim.counted, claim.flat())).collect()
}

/// MSM-4 and MSM-5: demand exceeds capacity.
pub(super) fn scaled(pool: &Pool<'_>, capacity: u64) -> (Sharing, Vec<Share>) {
    let flat: u64 = pool.claims.iter().map(Claim::flat).sum();
    // MSM-4: if the flat allocations together exceed capacity, the flat part is short.
    if flat > capacity { short(pool, capacity, flat) } else { pro_rata(pool, capacity - flat) }
}

/// MSM-5: what is left after the flat parts is shared in proportion to demand not yet met.
fn pro_rata(pool: &Pool<'_>, rest: u64) -> (Sharing, Vec<Share>) {
    let unmet: u64 = pool.claims.iter().map(|claim| claim.counted - claim.flat()).sum();
    let shares = pool.claims.iter().map(|claim| {
        let own = claim.counted - claim.flat();
        // MSM-5: entitlement = unmet x rest / sum of unmet. Demand exceeds capacity, so the sum is not zero.
        Share { flat: claim.flat(), unmet: own, entitlement: Mixed::product_over(own, rest, unmet) }
    });
    (Sharing::ProRata { rest, unmet }, shares.collect())
}

/// MSM-4: capacity is shared equally, at the level where the flat parts cut off at it sum to capacity.
fn short(pool: &Pool<'_>, capacity: u64, flat: u64) -> (Sharing, Vec<Share>) {
    let level = level(pool, capacity);
    let shares = pool.claims.iter().map(|claim| {
        let flat = claim.flat();
        let entitlement = if flat <= level.whole { Mixed::whole(flat) } else { level };
        Share { flat: 0, unmet: 0, entitlement }
    });
    (Sharing::Short { flat, level }, shares.collect())
}

/// MSM-4: λ with Σ min(flat, λ) = capacity. Those below the level take their flat part; the others share equally what
/// they leave. The flat parts exceed capacity, so somebody is always above the level.
fn level(pool: &Pool<'_>, capacity: u64) -> Mixed {
    let mut flats: Vec<u64> = pool.claims.iter().map(Claim::flat).collect();
    flats.sort_unstable();
    let mut left = capacity;
    let mut level = Mixed::whole(0);
    for (sharers, flat) in (1..=u64::try_from(flats.len()).unwrap_or(u64::MAX)).rev().zip(flats) {
        level = Mixed::product_over(left, 1, sharers);
        if flat > level.whole {
            break;
        }
        left -= flat;
    }
    level
}
