//! What comes out of a scaling, with its workings (MSM-9).

use super::exact::Mixed;
use super::lot::Lot;
use super::pool::Capacity;
use crate::party::{Party, S1sp};
use crate::words::words;
use jiff::civil::Date;

/// How a pool was shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// MSM-3: capacity meets every demand.
    Met,
    /// MSM-5: flat parts first, the rest in proportion to what is unmet.
    ProRata {
        /// What is left after the flat parts, in installations.
        rest: u64,
        /// The sum of the demand not met by the flat parts.
        unmet: u64,
    },
    /// MSM-4: the flat parts alone exceed capacity, so it is shared equally up to a level.
    Short {
        /// The sum of the flat parts that were due.
        flat: u64,
        /// λ, the level: nobody receives more.
        level: Mixed,
    },
}

/// What rounding did to a party whose entitlement is not whole (MSM-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Its place in the rounding order, from 1.
    pub rank: u32,
    /// How many parties were ranked.
    pub ranked: u32,
    /// How many units were left over for them.
    pub left: u64,
    /// The lot, where it had to break a tie (MSM-7).
    pub lot: Option<Lot>,
}

words! {
    /// Why a pool was shared again after the firm result.
    Again ["REFILL, RISE, CUT"] {
        /// Freed and unallocated units are added to what parties hold (MSM-13).
        Refill = "REFILL",
        /// Capacity that rose is added for rows that a cut had deferred (MSM-12).
        Rise = "RISE",
        /// What is left after a fall of capacity takes the place of what parties held (MSM-12).
        Cut = "CUT",
    }
}

/// One party's line of a pool. Quantities are installations; balances nano-installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The party.
    pub party: Party,
    /// Demand as sent.
    pub demand: u64,
    /// Counted demand (MSM-2a).
    pub counted: u64,
    /// The flat part that was due: min(counted demand, DMIN), in a refill less what is held.
    pub flat_due: u64,
    /// The flat part received; in a short pool the whole award (MSM-4).
    pub flat: u64,
    /// Demand not met by the flat part.
    pub unmet: u64,
    /// What it is entitled to of what is shared by fractions: of the rest, or in a short pool of the capacity.
    pub entitlement: Mixed,
    /// What rounding did; nothing where the entitlement is whole.
    pub rounding: Option<Rounding>,
    /// Did it receive one of the units left over?
    pub extra: bool,
    /// The allocation, in installations.
    pub allocation: u64,
    /// Opening rounding balance, in nano-installations.
    pub opening: i64,
    /// Closing rounding balance.
    pub closing: i64,
    /// What it has beside the allocation, where the pool is shared again: in a cut what was attempted before it, else what it held.
    pub beside: u64,
}

impl Line {
    /// The part of the allocation that is not flat.
    #[must_use]
    pub fn pro_rata(&self) -> u64 {
        self.allocation - self.flat
    }

    /// What it has afterwards, where the pool is shared again.
    #[must_use]
    pub fn afterwards(&self) -> u64 {
        self.allocation + self.beside
    }

    /// Counted demand that was not met.
    #[must_use]
    pub fn unmet_demand(&self) -> u64 {
        self.counted - self.allocation
    }
}

/// The result of a pool: the facts of the pool and a line a party, in the order of the parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolResult {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// The capacity.
    pub capacity: Capacity,
    /// DMIN as it was applied, in installations a day.
    pub dmin: u64,
    /// The sum of counted demand, in installations.
    pub total: u64,
    /// How it was shared.
    pub sharing: Sharing,
    /// Why it was shared again; nothing where demand is shared.
    pub again: Option<Again>,
    /// The lines.
    pub lines: Vec<Line>,
}

impl PoolResult {
    /// The sum of demand as sent, in installations.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.lines.iter().map(|line| line.demand).sum()
    }

    /// The sum of the allocations, in installations.
    #[must_use]
    pub fn allocated(&self) -> u64 {
        self.lines.iter().map(|line| line.allocation).sum()
    }

    /// The line of a party.
    #[must_use]
    pub fn line(&self, party: Party) -> Option<&Line> {
        // The lines are in the order of the parties.
        let place = self.lines.binary_search_by_key(&party, |line| line.party).ok()?;
        self.lines.get(place)
    }
}
