//! MSM-14: who sees what of a pool.

/// When the facts of a pool are hidden; rulebook data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisibilityTerms {
    /// Fewer parties with demand than this.
    pub parties: u64,
    /// More than so many percent of the demand with one party.
    pub share_percent: u64,
}

/// MSM-14: may everyone see the facts of a pool whose parties have these demands? Where few parties have demand, or one
/// has most of it, the facts of the pool would tell a party's own figures to its rivals.
#[must_use]
pub fn facts_are_public(demands: impl IntoIterator<Item = u64>, terms: VisibilityTerms) -> bool {
    let (mut parties, mut largest, mut total) = (0_u64, 0_u64, 0_u64);
    for demand in demands.into_iter().filter(|&demand| demand > 0) {
        parties += 1;
        largest = largest.max(demand);
        total += demand;
    }
    parties >= terms.parties && u128::from(largest) * 100 <= u128::from(total) * u128::from(terms.share_percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msm_14_facts_of_small_or_lopsided_pools_are_hidden() {
        let terms = VisibilityTerms { parties: 4, share_percent: 80 };
        assert!(facts_are_public([25, 25, 25, 25], terms));
        assert!(!facts_are_public([25, 25, 25, 0], terms), "three parties with demand");
        assert!(facts_are_public([80, 10, 5, 5], terms), "80 % is not more than 80 %");
        assert!(!facts_are_public([81, 9, 5, 5], terms));
        assert!(!facts_are_public([], terms));
    }
}
