//! The lot that breaks ties.

use crate::party::{Party, S1sp};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256; its order is that of its hexadecimal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lot(pub [u8; 32]);

impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// MSM-7: the lot of a party in a pool; the lowest comes first.
#[must_use]
pub fn lot(rulebook: &str, s1sp: S1sp, date: Date, party: Party) -> Lot {
    // MSM-7: SHA-256 of `<rulebook id>|<S1SP>|<yyyy-mm-dd>|<party>`.
    Lot(Sha256::digest(format!("{rulebook}|{s1sp}|{date}|{party}")).into())
}
