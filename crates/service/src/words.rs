//! Types of the domain as text in recorded acts: as they print, so as people read them; and counts in words.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use sluice_rules::calendar::LONDON;
use std::fmt::Display;
use std::str::FromStr;

/// A count with its word: "1 file", "2 files".
pub fn count<N: Display + PartialEq + From<bool>>(number: N, word: &str) -> String {
    let plural = if number == N::from(true) { "" } else { "s" };
    format!("{number} {word}{plural}")
}

/// So many of a kind are told in words, where there are more the rest in number.
pub(crate) const FIRST: usize = 10;

/// The first of a kind in words.
pub(crate) struct First {
    word: &'static str,
    lines: Vec<String>,
    all: usize,
}

impl First {
    /// None yet; `word` says what became of them.
    pub(crate) const fn of(word: &'static str) -> Self {
        Self { word, lines: Vec::new(), all: 0 }
    }

    /// One more.
    pub(crate) fn add(&mut self, words: impl FnOnce() -> String) {
        if self.all < FIRST {
            self.lines.push(words());
        }
        self.all += 1;
    }

    /// A line each of the first, and one for the rest.
    pub(crate) fn lines(self) -> Vec<String> {
        let (mut lines, more) = (self.lines, self.all.saturating_sub(FIRST));
        lines.extend((more > 0).then(|| format!("and {more} more {}", self.word)));
        lines
    }
}

/// Is a number nothing, so that it need not be written?
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
pub fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Writes a value as it prints.
pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads a value as it prints.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr,
    T::Err: Display,
    D: Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// The same for a value that may be missing.
pub mod optional {
    use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer};

    /// Writes a value as it prints.
    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a value as it prints.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

/// The same for several values.
pub mod list {
    use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer};

    /// Writes values as they print.
    pub fn serialize<T: Display, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(T::to_string))
    }

    /// Reads values as they print.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        let texts: Vec<String> = Vec::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}

/// A moment in JSON: RFC 3339 with the offset that the United Kingdom has then, as the calendar has it. What is below a second
/// is there only where it is not 0.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.to_zoned(LONDON).strftime("%FT%T%.f%:z").to_string()
}

/// Writes a moment so, in what is only read: what came of an act keeps the form that its digest is of.
pub(crate) fn local<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}

/// The same of a moment that may be missing.
pub(crate) fn opt_local<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => local(at, serializer),
        None => serializer.serialize_none(),
    }
}
