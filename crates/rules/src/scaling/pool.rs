//! What goes into a scaling: a pool and the claims on it.

use super::exact::NANO;
use crate::party::{Party, S1sp};
use jiff::civil::Date;

/// The largest number of installations in one claim or capacity.
pub const MAX_UNITS: u64 = 1_000_000_000;

/// The largest rounding balance, in nano-installations, either sign: all of 64 bits but for what one more day can add.
pub const MAX_BALANCE: i64 = i64::MAX - 2 * NANO;

/// MSM-1: the capacity of a pool, in installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    total: u64,
    reserve: u64,
}

impl Capacity {
    /// Total capacity and the dormant reserve kept out of it.
    ///
    /// # Errors
    /// If the total is over [`MAX_UNITS`] or the reserve is larger than the total.
    pub fn new(total: u64, reserve: u64) -> Result<Self, PoolError> {
        if total > MAX_UNITS {
            return Err(PoolError::TooMany(total));
        }
        if reserve > total {
            return Err(PoolError::Reserve { total, reserve });
        }
        Ok(Self { total, reserve })
    }

    /// Of a day on which nothing can be migrated.
    #[must_use]
    pub fn none() -> Self {
        Self { total: 0, reserve: 0 }
    }

    /// Total capacity, in installations.
    #[must_use]
    pub fn total(self) -> u64 {
        self.total
    }

    /// Dormant reserve, in installations.
    #[must_use]
    pub fn reserve(self) -> u64 {
        self.reserve
    }

    /// What is shared among the parties, in installations.
    #[must_use]
    pub fn available(self) -> u64 {
        // MSM-1: capacity of a pool = total capacity - dormant reserve.
        self.total - self.reserve
    }
}

/// What one party asks of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The party.
    pub party: Party,
    /// Its demand as sent, in installations.
    pub demand: u64,
    /// Its counted demand (MSM-2a); this is what is shared.
    pub counted: u64,
    /// The most it can receive as flat part. DMIN, except in a refill (MSM-13).
    pub flat_limit: u64,
    /// Its rounding balance, in nano-installations.
    pub opening: i64,
}

impl Claim {
    /// MSM-4: the flat part: min(demand, DMIN).
    #[must_use]
    pub fn flat(&self) -> u64 {
        self.counted.min(self.flat_limit)
    }
}

/// Why claims and a capacity make no pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// A number of installations above [`MAX_UNITS`].
    #[error("{0} installations are more than the 1,000,000,000 that one line can hold")]
    TooMany(u64),
    /// The dormant reserve is larger than the total capacity.
    #[error("the dormant reserve of {reserve} is larger than the total capacity of {total}")]
    Reserve {
        /// Total capacity, in installations.
        total: u64,
        /// Dormant reserve, in installations.
        reserve: u64,
    },
    /// One party claims twice.
    #[error("party {0} stands twice in one pool")]
    Twice(Party),
    /// The balance of a party is out of range.
    #[error("the rounding balance of party {0} is out of range")]
    Balance(Party),
    /// A party whose counted demand is larger than its demand.
    #[error("the counted demand of party {0} is larger than its demand")]
    Counted(Party),
}

/// The capacity of one S1SP on one day, with everything that is claimed of it (MSM-1).
#[derive(Debug, Clone)]
pub struct Pool<'a> {
    pub(super) rulebook: &'a str,
    pub(super) s1sp: S1sp,
    pub(super) date: Date,
    pub(super) capacity: Capacity,
    pub(super) dmin: u64,
    pub(super) claims: Vec<Claim>,
}

impl<'a> Pool<'a> {
    /// A pool under the rulebook of the given id, whose DMIN is given; claims in any order.
    ///
    /// # Errors
    /// If a party claims twice or a number is out of range.
    pub fn new(
        rulebook: &'a str,
        s1sp: S1sp,
        date: Date,
        capacity: Capacity,
        dmin: u64,
        mut claims: Vec<Claim>,
    ) -> Result<Self, PoolError> {
        // The order of the input must not matter, so it is taken away here.
        if !claims.is_sorted_by_key(|claim| claim.party) {
            claims.sort_unstable_by_key(|claim| claim.party);
        }
        for pair in claims.windows(2) {
            if pair[0].party == pair[1].party {
                return Err(PoolError::Twice(pair[0].party));
            }
        }
        for claim in &claims {
            if claim.demand > MAX_UNITS {
                return Err(PoolError::TooMany(claim.demand));
            }
            if claim.counted > claim.demand {
                return Err(PoolError::Counted(claim.party));
            }
            if claim.opening.unsigned_abs() > MAX_BALANCE.unsigned_abs() {
                return Err(PoolError::Balance(claim.party));
            }
        }
        Ok(Self { rulebook, s1sp, date, capacity, dmin, claims })
    }
}
