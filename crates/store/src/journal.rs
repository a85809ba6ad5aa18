//! A digest of what a transaction writes, to compare what an act would do with what it would have done before (ACC-2).

use crate::value::Value;
use sha2::{Digest, Sha256};

/// Tables that only tell of what was done, or keep that it was; what they hold follows from the others, or from the moment.
const TELLING: [&str; 12] = [
    "act",
    "audit",
    "content",
    "content_part",
    "issued",
    "notice",
    "passing",
    "proposal",
    "received",
    "schema_version",
    "setting",
    "state_change",
];

/// Values that are another one each time, though nothing else is: they count as the same.
#[derive(Debug, Clone, Default)]
pub struct Alike {
    /// Moments of the act, in milliseconds since 1970.
    pub moments: Vec<i64>,
    /// Texts that name who signs.
    pub texts: Vec<String>,
    /// Are running numbers that the act itself gives out the same, whichever they are?
    pub numbers: bool,
}

/// The digest while it grows.
#[derive(Debug)]
pub(crate) struct Journal {
    digest: Sha256,
    alike: Alike,
    /// The running numbers that the act has given out.
    given: Vec<i64>,
}

impl Journal {
    pub(crate) fn new(alike: Alike) -> Self {
        Self { digest: Sha256::new(), alike, given: Vec::new() }
    }

    /// The act gives out a running number.
    pub(crate) fn give(&mut self, number: i64) {
        self.given.push(number);
    }

    /// The how manieth of the numbers that the act has given out is this; none if it was there before.
    fn own(&self, number: i64) -> Option<usize> {
        self.given.iter().position(|given| *given == number).filter(|_| self.alike.numbers)
    }

    /// Is a table one whose rows count?
    pub(crate) fn counts(table: &str) -> bool {
        !TELLING.contains(&table)
    }

    /// A statement that changed so many rows, with its values.
    pub(crate) fn statement(&mut self, sql: &str, values: &[Value<'_>], changed: u64) {
        if changed > 0 && written(sql).is_some_and(Self::counts) {
            self.begin(sql);
            self.digest.update(changed.to_be_bytes());
            self.row(values);
        }
    }

    /// What the rows that follow are for.
    pub(crate) fn begin(&mut self, what: &str) {
        self.digest.update(b"s");
        put_bytes(&mut self.digest, what.as_bytes());
    }

    /// The values of a row.
    pub(crate) fn row(&mut self, values: &[Value<'_>]) {
        self.digest.update(b"r");
        for value in values {
            match value {
                Value::Int(number) if self.alike.moments.contains(number) => self.digest.update(b"m"),
                Value::Text(text) if self.alike.texts.iter().any(|alike| alike == text) => self.digest.update(b"w"),
                Value::Given(number) => match self.own(*number) {
                    Some(place) => self.digest.update([b"o", &place.to_be_bytes()[..]].concat()),
                    None => put(&mut self.digest, value),
                },
                value => put(&mut self.digest, value),
            }
        }
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.digest.finalize().into()
    }
}

/// The table that a statement writes; none if it writes no rows.
pub(crate) fn written(sql: &str) -> Option<&str> {
    let mut words = sql.split(|letter: char| letter.is_whitespace() || letter == '(').filter(|word| !word.is_empty());
    match words.next()? {
        "INSERT" => words.find(|word| *word == "INTO").and_then(|_| words.next()),
        "DELETE" => words.nth(1),
        "UPDATE" => words.next(),
        _ => None,
    }
}

/// A letter for the kind, the length where it varies, the bytes: no two values give the same sequence.
pub(crate) fn put(digest: &mut Sha256, value: &Value<'_>) {
    match value {
        Value::Null => digest.update(b"n"),
        Value::Int(number) | Value::Given(number) => {
            digest.update(b"i");
            digest.update(number.to_be_bytes());
        }
        Value::Text(text) => {
            digest.update(b"t");
            put_bytes(digest, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            digest.update(b"b");
            put_bytes(digest, bytes);
        }
    }
}

fn put_bytes(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
