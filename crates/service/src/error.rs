//! Why an act was not done.

use crate::basis::Basis;
use sluice_rules::calendar::{OutOfRange, WeekError};
use sluice_rules::rulebook::RulebookError;
use sluice_store::StoreError;

/// An act that was not done. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A rule does not allow it.
    #[error("{}", by_rule(message, rule))]
    Rule {
        /// The rule.
        rule: &'static str,
        /// What is not allowed, and what to do.
        message: String,
    },
    /// It was asked for in a way that cannot be done.
    #[error("{0}")]
    Use(String),
    /// It is not for the role of whoever asked.
    #[error("{0}")]
    Role(String),
    /// A table of DCC's own cannot be used; its rows are named.
    #[error("{0}")]
    Table(String),
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It panicked; the words say where.
    #[error("{0}; this is a defect of the program")]
    Panic(String),
    /// A file is to be read before this can be done, by this and outside of its transaction; whoever does it reads it and tries again.
    #[error("what a file says was not read; this is a defect of the program")]
    Unread(Box<Basis>),
    /// Reading a file took longer than it may.
    #[error("{0}")]
    Budget(String),
    /// A defect of the program or of its data.
    #[error("{0}; this is a defect of the program")]
    Internal(String),
}

impl ServiceError {
    /// A rule does not allow it.
    pub fn rule(rule: &'static str, message: impl Into<String>) -> Self {
        Self::Rule { rule, message: message.into() }
    }

    /// The same with what it is about before what a rule says.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        match self {
            Self::Rule { rule, message } => Self::Rule { rule, message: format!("{what}: {message}") },
            other => other,
        }
    }

    /// Wrong use, in the words of an error.
    pub fn wrong(error: impl ToString) -> Self {
        Self::Use(error.to_string())
    }

    /// Is it the database itself that failed? Then whatever is asked of it next must wait too.
    #[must_use]
    pub const fn is_of_the_database(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_of_the_database())
    }

    /// A defect, in the words of an error.
    pub fn defect(error: impl ToString) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<RulebookError> for ServiceError {
    fn from(error: RulebookError) -> Self {
        match error {
            RulebookError::NoneInEffect { .. } => Self::wrong(error),
            RulebookError::Parameter { .. } => Self::defect(error),
        }
    }
}

impl From<WeekError> for ServiceError {
    fn from(error: WeekError) -> Self {
        Self::wrong(error)
    }
}

impl From<OutOfRange> for ServiceError {
    fn from(error: OutOfRange) -> Self {
        Self::wrong(error)
    }
}

/// What an act gives back.
pub type Result<T> = std::result::Result<T, ServiceError>;

/// A sentence with the rule that it comes from, beside those that it names at its end.
#[must_use]
pub fn by_rule(sentence: &str, rule: &str) -> String {
    let is_rule = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.contains(|one: char| one.is_ascii_digit())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match sentence.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((_, rules)) if rules.split(", ").any(|one| one == rule) => sentence.to_owned(),
        Some((text, rules)) if rules.split(", ").all(is_rule) => format!("{text} ({rules}, {rule})"),
        _ => format!("{sentence} ({rule})"),
    }
}

#[cfg(test)]
mod tests {
    use super::by_rule;

    #[test]
    fn rules_at_the_end_of_a_sentence_are_named_together() {
        assert_eq!(by_rule("it is late", "MSM-2"), "it is late (MSM-2)");
        assert_eq!(by_rule("grace is open (CAL-3)", "MSM-2"), "grace is open (CAL-3, MSM-2)");
        assert_eq!(by_rule("or both expire (MA121, MAM-1)", "MAM-1"), "or both expire (MA121, MAM-1)");
        assert_eq!(by_rule("until 17:00 (UK time)", "MSM-2"), "until 17:00 (UK time) (MSM-2)");
    }
}
