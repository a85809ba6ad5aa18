//! Roles: what an account may do.

use std::fmt;
use std::str::FromStr;

/// A text that is no role; the display says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRole {
    /// Not the role of an account.
    #[error("no role: operator, approver, supplier, s1sp or observer")]
    Account,
    /// Not the role of a party.
    #[error("no role of a party: SUPPLIER, S1SP or OBSERVER")]
    Party,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs the control centre.
    Operator,
    /// The second pair of eyes of an operator: signs what an operator does, and does nothing first.
    Approver,
    /// Acts for a supplier.
    Supplier,
    /// Acts for an S1SP.
    S1sp,
    /// Sees what is decided or published, does nothing.
    Observer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Approver, Self::Supplier, Self::S1sp, Self::Observer];

    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "OPERATOR",
            Self::Approver => "APPROVER",
            Self::Supplier => "SUPPLIER",
            Self::S1sp => "S1SP",
            Self::Observer => "OBSERVER",
        }
    }

    /// ACC-1: does an account of this role act for a party, and without one for nobody?
    #[must_use]
    pub const fn needs_party(self) -> bool {
        matches!(self, Self::Supplier | Self::S1sp)
    }

    /// ACC-2: does an account of this role sign for DCC, as the first or the second?
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::Operator | Self::Approver)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.word().eq_ignore_ascii_case(text)).ok_or(UnknownRole::Account)
    }
}
