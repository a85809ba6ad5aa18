//! Proposals: what one person proposes and another one decides on (ACC-2).

use std::fmt;
use std::str::FromStr;

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    /// It waits for a second operator.
    Waiting,
    /// It was approved, and done.
    Approved,
    /// A second operator declined it.
    Declined,
    /// Its maker withdrew it.
    Withdrawn,
    /// Nobody decided on it in time.
    Expired,
}

impl ProposalState {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Expired => "EXPIRED",
        }
    }
}

impl fmt::Display for ProposalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A text that is no state of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no state of a proposal")]
pub struct UnknownState;

impl FromStr for ProposalState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let all = [Self::Waiting, Self::Approved, Self::Declined, Self::Withdrawn, Self::Expired];
        all.into_iter().find(|state| state.word() == text).ok_or(UnknownState)
    }
}
