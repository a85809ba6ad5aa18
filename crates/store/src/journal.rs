//! A digest of what a transaction writes, to compare what an act would do with what it would have done before (ACC-2).

use crate::value::Value;
use sha2::{Digest, Sha256};

/// Tables that only tell of what was done, or keep that it was; what they hold follows from the others, or from the moment. What is on
/// the stage is noted where it is put in its place.
const TELLING: [&str; 23] = [
    "act",
    "act_key",
    "answered",
    "audit",
    "clock_left",
    "content",
    "content_part",
    "day_count",
    "exclusion_count",
    "file_count",
    "issued",
    "notice",
    "open_count",
    "passing",
    "place_count",
    "proposal",
    "received",
    "schema_version",
    "setting",
    "stage_difference",
    "stage_installation",
    "state_change",
    "wait_count",
];

/// Values that are another one each time, though nothing else is: they count as the same, as running numbers do that the act itself
/// gives out.
#[derive(Debug, Clone, Default)]
pub struct Alike {
    /// Moments of the act, in milliseconds since 1970.
    pub moments: Vec<i64>,
    /// Texts that name who signs.
    pub texts: Vec<String>,
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
        self.given.iter().position(|given| *given == number)
    }

    /// Is a table one whose rows count?
    pub(crate) fn counts(table: &str) -> bool {
        !TELLING.contains(&table)
    }

    /// A statement that changed so many rows, with its values.
    pub(crate) fn statement(&mut self, sql: &str, values: &[Value<'_>], changed: u64) {
        let Some(write) = Write::of(sql).filter(|write| changed > 0 && Self::counts(write.table)) else { return };
        self.begin(&write);
        self.digest.update(changed.to_be_bytes());
        self.row(values);
    }

    /// What the rows that follow are for.
    pub(crate) fn begin(&mut self, Write { verb, table, columns }: &Write<'_>) {
        self.digest.update(b"s");
        [*verb, *table].iter().chain(columns).for_each(|word| put_bytes(&mut self.digest, word.as_bytes()));
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
                Value::Act(_) => self.digest.update(b"a"),
                value => put(&mut self.digest, value),
            }
        }
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.digest.finalize().into()
    }
}

/// What a statement does, without its wording: said otherwise it is the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Write<'s> {
    /// `INSERT`, `UPDATE` or `DELETE`; `SEEN` of rows as they stand.
    pub(crate) verb: &'static str,
    /// The table.
    pub(crate) table: &'s str,
    /// The columns that it gives values, in its order.
    pub(crate) columns: Vec<&'s str>,
}

impl<'s> Write<'s> {
    /// Of a statement; none if it writes no rows.
    pub(crate) fn of(sql: &'s str) -> Option<Self> {
        let (verb, rest) = word(sql);
        match verb {
            "INSERT" => {
                let (table, rest) = word(after(rest, "INTO")?);
                let listed = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
                let columns = listed.map_or_else(Vec::new, |(list, _)| list.split(',').map(str::trim).collect());
                Some(Self { verb: "INSERT", table, columns })
            }
            "UPDATE" => {
                let (table, rest) = word(rest);
                let set = after(rest, "SET")?;
                let set = set.split_once(" WHERE ").map_or(set, |(set, _)| set);
                let columns = set.split(',').filter_map(|part| part.split_once('=')).map(|(name, _)| name.trim());
                Some(Self { verb: "UPDATE", table, columns: columns.collect() })
            }
            "DELETE" => Some(Self { verb: "DELETE", table: word(after(rest, "FROM")?).0, columns: Vec::new() }),
            _ => None,
        }
    }

    /// Of rows that a query reads.
    pub(crate) fn seen(sql: &'s str) -> Option<Self> {
        Some(Self { verb: "SEEN", table: word(after(sql, "FROM")?).0, columns: Vec::new() })
    }
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let between = |letter: char| letter.is_whitespace() || letter == '(';
    let text = text.trim_start_matches(between);
    text.split_at(text.find(between).unwrap_or(text.len()))
}

/// What follows a word.
fn after<'s>(text: &'s str, wanted: &str) -> Option<&'s str> {
    let (found, rest) = word(text);
    match found {
        "" => None,
        found if found == wanted => Some(rest),
        _ => after(rest, wanted),
    }
}

/// A letter for the kind, the length where it varies, the bytes: no two values give the same sequence.
pub(crate) fn put(digest: &mut Sha256, value: &Value<'_>) {
    match value {
        Value::Null => digest.update(b"n"),
        Value::Int(number) | Value::Given(number) | Value::Act(number) => {
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
