//! From exact entitlements to whole installations, and the rounding balances.

use super::exact::NANO;
use super::lot::{Lot, lot};
use super::pool::Pool;
use super::result::{Line, Rounding, Sharing};

/// A party whose entitlement is not whole.
struct Candidate {
    line: usize,
    key: i64,
    lot: Option<Lot>,
}

/// MSM-6 and MSM-8: hands out the units left over, and keeps the balances.
pub(super) fn round(pool: &Pool<'_>, sharing: &Sharing, capacity: u64, lines: &mut [Line]) {
    let whole: u64 = lines.iter().map(|line| line.allocation).sum();
    let left = capacity - whole;
    let order = rounding_order(pool, lines);
    let ranked = u32::try_from(order.len()).unwrap_or(u32::MAX);
    for (rank, candidate) in (1..=ranked).zip(&order) {
        let line = &mut lines[candidate.line];
        // MSM-6: the units left over go one each to the first in the rounding order.
        line.extra = u64::from(rank) <= left;
        line.allocation += u64::from(line.extra);
        // MSM-8: closing = opening + fraction in nano-installations - 10^9 for the unit received.
        line.closing = line.opening + line.entitlement.nano() - NANO * i64::from(line.extra);
        line.rounding = Some(Rounding { rank, ranked, left, lot: candidate.lot });
    }
    if matches!(sharing, Sharing::Short { .. }) {
        // MSM-4: in a short pool the award is the flat allocation.
        lines.iter_mut().for_each(|line| line.flat = line.allocation);
    }
}

/// MSM-6: fraction plus balance, the largest first, only among those whose fraction is not zero; ties by lot.
fn rounding_order(pool: &Pool<'_>, lines: &[Line]) -> Vec<Candidate> {
    let mut order: Vec<Candidate> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.entitlement.is_whole())
        .map(|(index, line)| Candidate { line: index, key: line.entitlement.nano() + line.opening, lot: None })
        .collect();
    order.sort_unstable_by_key(|candidate| std::cmp::Reverse(candidate.key));
    for tied in order.chunk_by_mut(|left, right| left.key == right.key).filter(|tied| tied.len() > 1) {
        // MSM-7: the lot is drawn only where it decides; the lowest comes first.
        for candidate in tied.iter_mut() {
            candidate.lot = Some(lot(pool.rulebook, pool.s1sp, pool.date, lines[candidate.line].party));
        }
        tied.sort_unstable_by_key(|candidate| candidate.lot);
    }
    order
}
