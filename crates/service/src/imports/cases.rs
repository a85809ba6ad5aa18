//! Authorisations by S1SP and installation, as boards load them.

use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::authorisations::StoredAuthorisation;
use std::collections::BTreeMap;

/// Installations in order, each with rows of its.
type Cases = Vec<(Eui64, Vec<StoredAuthorisation>)>;

pub(crate) fn by_s1sp(rows: impl Iterator<Item = StoredAuthorisation>) -> BTreeMap<S1sp, Cases> {
    let mut groups: BTreeMap<S1sp, BTreeMap<Eui64, Vec<StoredAuthorisation>>> = BTreeMap::new();
    for stored in rows {
        groups.entry(stored.s1sp).or_default().entry(stored.chf).or_default().push(stored);
    }
    groups.into_iter().map(|(s1sp, cases)| (s1sp, cases.into_iter().collect())).collect()
}
