//! Do the properties that scaling promises hold in a result that was stored? And what would other ways have given?
//!
//! Everything is checked from the stored figures alone, and by scaling again from them.

use super::exact::{Mixed, NANO};
use super::pool::{Capacity, Claim, Pool, PoolError};
use super::{PoolResult, WITHOUT_CAPACITY, scale, write_derivation, write_own_derivation};
use crate::party::{Party, S1sp};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A pool of a stored result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPool {
    /// The rulebook by which it was shared.
    pub rulebook: String,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// Its capacity.
    pub capacity: Capacity,
    /// DMIN as it was applied.
    pub dmin: u64,
    /// May its facts be told (MSM-14)? The sentences of its lines depend on it.
    pub public: bool,
    /// Its lines.
    pub lines: Vec<StoredLine>,
}

/// A line of a stored result. Quantities are installations, balances nano-installations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// The party.
    pub party: Party,
    /// Demand as sent.
    pub demand: u64,
    /// Counted demand.
    pub counted: u64,
    /// The flat part received.
    pub flat: u64,
    /// The exact entitlement, as a fraction in words.
    pub entitlement: String,
    /// Did it receive one of the units left over?
    pub extra: bool,
    /// The allocation.
    pub allocation: u64,
    /// Opening balance.
    pub opening: i64,
    /// Closing balance.
    pub closing: i64,
    /// The sentence that explains it.
    pub derivation: String,
}

/// A property that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What must hold, in words.
    pub property: &'static str,
    /// The rule that it comes from.
    pub rule: &'static str,
    /// In how many cases it was checked: pools, lines, or pairs of lines.
    pub cases: u64,
    /// In how many it does not hold.
    pub broken: u64,
    /// The first of these, in words.
    pub first: Option<String>,
}

impl Checked {
    fn new(property: &'static str, rule: &'static str) -> Self {
        Self { property, rule, cases: 0, broken: 0, first: None }
    }

    fn case(&mut self, holds: bool, words: impl FnOnce() -> String) {
        self.cases += 1;
        if !holds {
            self.broken += 1;
            self.first.get_or_insert_with(words);
        }
    }
}

/// Every property, in the order of [`check`].
const PROPERTIES: [(&str, &str); 9] = [
    ("Of every pool as much is allocated as there is capacity or demand: the smaller of the two", "MSM-3"),
    ("No party has more than its counted demand, and none has more counted than it asked", "MSM-2a"),
    ("No unit is idle while a demand is unmet", "MSM-5"),
    ("Parties of a pool with equal demand and equal balance differ by at most one unit", "MSM-6"),
    (
        "At equal balance a larger demand never gets less, but for one rounding unit where the flat part is short or two \
         fractions tie",
        "MSM-6",
    ),
    ("Each award is the whole part of its entitlement or one more", "MSM-6"),
    ("Every closing balance follows from opening balance, fraction and extra unit", "MSM-8"),
    ("Every day opens with the balances with which the last one closed", "MSM-8"),
    (
        "Scaled again from the same input, in this and in the opposite order of parties, every line is the same",
        "MSM-10",
    ),
];

/// REP-1: checks the stored pools of one week of one S1SP, in date order.
#[must_use]
pub fn check(pools: &[StoredPool]) -> Vec<Checked> {
    let mut checked: Vec<Checked> = PROPERTIES.iter().map(|(property, rule)| Checked::new(property, rule)).collect();
    let mut closing: BTreeMap<Party, i64> = BTreeMap::new();
    for pool in pools {
        let [whole, within, idle, equal, larger, award, follows, opens, again] = checked.as_mut_slice() else {
            return checked;
        };
        check_pool(pool, whole, idle);
        check_pairs(pool, equal, larger);
        for line in &pool.lines {
            let at = || format!("{} on {}", line.party, pool.date);
            within.case(line.allocation <= line.counted && line.counted <= line.demand, at);
            let fraction = entitlement(&line.entitlement);
            award.case(fraction.is_some_and(|fraction| is_award(pool, line, fraction)), at);
            follows.case(fraction.is_some_and(|fraction| line.closing == closes(line, fraction)), at);
            if let Some(last) = closing.insert(line.party, line.closing) {
                opens.case(last == line.opening, at);
            }
        }
        again.case(is_same_again(pool), || pool.date.to_string());
    }
    checked
}

fn counted(pool: &StoredPool) -> u64 {
    pool.lines.iter().map(|line| line.counted).sum()
}

fn check_pool(pool: &StoredPool, whole: &mut Checked, idle: &mut Checked) {
    let allocated: u64 = pool.lines.iter().map(|line| line.allocation).sum();
    let (demand, capacity) = (counted(pool), pool.capacity.available());
    let words = || format!("{}: {allocated} allocated of {capacity}, asked {demand}", pool.date);
    whole.case(allocated == demand.min(capacity), words);
    let unmet = pool.lines.iter().any(|line| line.allocation < line.counted);
    idle.case(allocated >= capacity || !unmet, words);
}

/// MSM-4: do the flat parts not fit into the capacity?
fn is_short(pool: &StoredPool) -> bool {
    let flat: u64 = pool.lines.iter().map(|line| line.counted.min(pool.dmin)).sum();
    flat > pool.capacity.available()
}

fn check_pairs(pool: &StoredPool, equal: &mut Checked, larger: &mut Checked) {
    let short = is_short(pool);
    for (place, one) in pool.lines.iter().enumerate() {
        for other in pool.lines[place + 1..].iter().filter(|other| other.opening == one.opening) {
            let words = || format!("{} and {} on {}", one.party, other.party, pool.date);
            if one.counted == other.counted {
                equal.case(one.allocation.abs_diff(other.allocation) <= 1, words);
                continue;
            }
            let (more, less) = if one.counted > other.counted { (one, other) } else { (other, one) };
            let nano = |line: &StoredLine| entitlement(&line.entitlement).map(|fraction| fraction.nano());
            let excused = less.allocation == more.allocation + 1 && (short || nano(more) == nano(less));
            larger.case(more.allocation >= less.allocation || excused, words);
        }
    }
}

fn is_award(pool: &StoredPool, line: &StoredLine, fraction: Mixed) -> bool {
    let shared = counted(pool) > pool.capacity.available();
    let award = if shared && is_short(pool) { Some(line.allocation) } else { line.allocation.checked_sub(line.flat) };
    award.is_some_and(|award| award == fraction.whole || (award == fraction.whole + 1 && !fraction.is_whole()))
}

fn closes(line: &StoredLine, fraction: Mixed) -> i64 {
    line.opening + fraction.nano() - NANO * i64::from(line.extra)
}

/// A fraction as it is stored: `12`, `3/4` or `12 3/4`.
fn entitlement(text: &str) -> Option<Mixed> {
    let (whole, fraction) = match text.split_once(' ') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None if text.contains('/') => ("0", Some(text)),
        None => (text, None),
    };
    let whole = whole.parse().ok()?;
    let Some(fraction) = fraction else { return Some(Mixed::whole(whole)) };
    let (numerator, denominator) = fraction.split_once('/')?;
    let (numerator, denominator) = (numerator.parse().ok()?, denominator.parse().ok()?);
    (numerator < denominator).then_some(Mixed { whole, numerator, denominator })
}

/// The claims of a stored pool, each with a flat part of up to a limit, and an opening balance.
fn shared(
    pool: &StoredPool,
    dmin: u64,
    backwards: bool,
    opening: impl Fn(&StoredLine) -> i64,
) -> Result<PoolResult, PoolError> {
    let mut claims: Vec<Claim> = pool
        .lines
        .iter()
        .map(|line| Claim {
            party: line.party,
            demand: line.demand,
            counted: line.counted,
            flat_limit: dmin,
            opening: opening(line),
        })
        .collect();
    if backwards {
        claims.reverse();
    }
    Ok(scale(&Pool::new(&pool.rulebook, pool.s1sp, pool.date, pool.capacity, dmin, claims)?))
}

fn is_same_again(pool: &StoredPool) -> bool {
    [false, true].into_iter().all(|backwards| {
        let again = shared(pool, pool.dmin, backwards, |line| line.opening);
        again.is_ok_and(|again| {
            again.lines.len() == pool.lines.len() && pool.lines.iter().all(|line| is_line(&again, line, pool.public))
        })
    })
}

fn is_line(again: &PoolResult, stored: &StoredLine, public: bool) -> bool {
    again.line(stored.party).is_some_and(|line| {
        let mut sentence = String::new();
        let write = if public { write_derivation } else { write_own_derivation };
        write(again, line, &mut sentence);
        line.allocation == stored.allocation
            && line.flat == stored.flat
            && line.entitlement.to_string() == stored.entitlement
            && line.extra == stored.extra
            && line.closing == stored.closing
            && (stored.derivation == sentence || stored.derivation.strip_prefix(&sentence) == Some(WITHOUT_CAPACITY))
    })
}

/// For information: what each party would have had of a pool by two other ways, without balances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// By equal shares, up to its demand.
    pub equal: u64,
    /// In proportion to demand alone.
    pub pro_rata: u64,
}

/// REP-1: what equal shares or pure pro rata would have given.
///
/// # Errors
/// If the stored figures are out of range.
pub fn otherwise(pool: &StoredPool) -> Result<BTreeMap<Party, Otherwise>, PoolError> {
    // With flat parts as large as every demand the capacity is shared equally; without them, in proportion.
    let equal = shared(pool, u64::MAX, false, |_| 0)?;
    let pro_rata = shared(pool, 0, false, |_| 0)?;
    let mut parties: BTreeMap<Party, Otherwise> = BTreeMap::new();
    for line in &equal.lines {
        parties.entry(line.party).or_default().equal = line.allocation;
    }
    for line in &pro_rata.lines {
        parties.entry(line.party).or_default().pro_rata = line.allocation;
    }
    Ok(parties)
}

/// REP-1: was more asked for than there was, so that the pool was scaled?
#[must_use]
pub fn is_scaled(pool: &StoredPool) -> bool {
    counted(pool) > pool.capacity.available()
}

/// A pool as it is stored, for tests and for what has just been scaled.
impl From<(&str, &PoolResult)> for StoredPool {
    fn from((rulebook, pool): (&str, &PoolResult)) -> Self {
        let line = |line: &super::Line| {
            let mut derivation = String::new();
            write_derivation(pool, line, &mut derivation);
            StoredLine {
                party: line.party,
                demand: line.demand,
                counted: line.counted,
                flat: line.flat,
                entitlement: line.entitlement.to_string(),
                extra: line.extra,
                allocation: line.allocation,
                opening: line.opening,
                closing: line.closing,
                derivation,
            }
        };
        Self {
            rulebook: rulebook.to_owned(),
            s1sp: pool.s1sp,
            date: pool.date,
            capacity: pool.capacity,
            dmin: pool.dmin,
            public: true,
            lines: pool.lines.iter().map(line).collect(),
        }
    }
}

#[cfg(test)]
#[path = "fairness_tests.rs"]
mod tests;
