//! Scopes: on whose behalf something is read.

use sluice_rules::party::{Party, S1sp};
use std::fmt;

/// On whose behalf something is read. Acts decide on everything, and their transactions have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The operator: sees everything.
    Dcc,
    /// An observer, such as an auditor: sees what is decided or published, changes nothing.
    Observer,
    /// A supplier: sees its own.
    Party(Party),
    /// A SMETS1 Service Provider: sees what it carries out.
    S1sp(S1sp),
}

impl fmt::Display for Scope {
    /// `dcc`, `observer`, `party:CODE` or `s1sp:CODE`; codes are ASCII letters and digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dcc => f.write_str("dcc"),
            Self::Observer => f.write_str("observer"),
            Self::Party(party) => write!(f, "party:{party}"),
            Self::S1sp(s1sp) => write!(f, "s1sp:{s1sp}"),
        }
    }
}
