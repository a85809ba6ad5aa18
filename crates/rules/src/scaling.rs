//! The Migration Scaling Methodology: how the capacity of one S1SP on one Migration Day is shared.
//!
//! [`scale`] is the one door. It takes a [`Pool`] and returns a [`PoolResult`] that carries its workings (MSM-9).
//! [`week::scale_week`] applies the weekly ceiling and chains the rounding balances over the days; [`redistribute`]
//! shares again after a cut or a hand-back.

mod derivation;
mod exact;
pub mod fairness;
mod lot;
mod pool;
pub mod redistribute;
mod result;
mod rounding;
mod share;
pub mod stage;
pub mod week;

pub use derivation::{WITHOUT_CAPACITY, is_again, write_derivation, write_own_derivation};
pub use exact::{Mixed, NANO};
pub use lot::{Lot, lot};
pub use pool::{Capacity, Claim, MAX_BALANCE, MAX_UNITS, Pool, PoolError};
pub use result::{Again, Line, PoolResult, Rounding, Sharing};

/// Changes whenever the engine could give another result, or say it in other words, for the same input; recorded with
/// every result.
pub const ENGINE: &str = "1";

/// Shares the capacity of a pool among its claims (MSM-3 to MSM-8).
#[must_use]
pub fn scale(pool: &Pool<'_>) -> PoolResult {
    let total = pool.claims.iter().map(|claim| claim.counted).sum();
    let capacity = pool.capacity.available();
    // MSM-3: scaling applies only where the sum of demand exceeds capacity.
    let (sharing, shares) =
        if total <= capacity { (Sharing::Met, share::met(pool)) } else { share::scaled(pool, capacity) };
    let mut lines: Vec<Line> = pool.claims.iter().zip(shares).map(|(claim, share)| share.line(claim)).collect();
    if !matches!(sharing, Sharing::Met) {
        rounding::round(pool, &sharing, capacity, &mut lines);
    }
    let Pool { s1sp, date, capacity, dmin, .. } = *pool;
    PoolResult { s1sp, date, capacity, dmin, total, sharing, again: None, lines }
}

#[cfg(test)]
#[path = "scaling/tests.rs"]
mod tests;
