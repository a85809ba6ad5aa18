//! What is wrong with a file or a row, in a code and in words.

use crate::limits::Limits;
use sluice_rules::codes::{FileCode, RowCode};
use std::collections::BTreeMap;

/// Why a file is refused whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFinding {
    /// The code.
    pub code: FileCode,
    /// What is wrong, where, and what to do.
    pub message: String,
}

impl FileFinding {
    /// A finding with its words.
    pub fn new(code: FileCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Why a row is refused: all codes that apply (MAM-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFinding {
    /// The line number that a person sees in the file or sheet; the header is 1.
    pub row: u64,
    /// The codes, each with its words, in ascending order.
    pub findings: Vec<(RowCode, String)>,
}

impl RowFinding {
    /// A row with its findings, which are put in the order of their codes.
    pub(crate) fn new(row: u64, mut findings: Vec<(RowCode, String)>) -> Self {
        findings.sort_by_key(|(code, _)| *code);
        Self { row, findings }
    }

    /// The codes, each once.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<&str> = self.findings.iter().map(|(code, _)| code.code()).collect();
        codes.dedup();
        codes
    }

    /// The words of all codes.
    #[must_use]
    pub fn message(&self) -> String {
        self.findings.iter().map(in_words).collect::<Vec<_>>().join("; ")
    }
}

/// What is said of a code: its own words, or what the code means where a file had too many of them to keep.
#[must_use]
pub fn in_words((code, words): &(RowCode, String)) -> &str {
    if words.is_empty() { code.meaning() } else { words }
}

/// How many bytes may still be kept of the words on a file's refused rows.
pub(crate) struct Words(usize);

impl Words {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self(limits.words)
    }

    /// Takes the words of a row out where they are too many.
    pub(crate) fn shorten(&mut self, findings: &mut [(RowCode, String)]) {
        let words = findings.iter().map(|(_, words)| words.len()).sum();
        match self.0.checked_sub(words) {
            Some(left) => self.0 = left,
            None => findings.iter_mut().for_each(|(_, words)| *words = String::new()),
        }
    }
}

/// Adds findings that show only when the whole file was read; the rows come in ascending order.
pub(crate) fn add_findings(
    refused: &mut Vec<RowFinding>,
    words: &mut Words,
    more: impl IntoIterator<Item = (u64, RowCode, String)>,
) {
    let mut rows: BTreeMap<u64, RowFinding> = refused.drain(..).map(|finding| (finding.row, finding)).collect();
    for (row, code, message) in more {
        let finding = rows.entry(row).or_insert_with(|| RowFinding::new(row, Vec::new()));
        let mut added = [(code, message)];
        words.shorten(&mut added);
        finding.findings.extend(added);
    }
    refused.extend(rows.into_values().map(|finding| RowFinding::new(finding.row, finding.findings)));
}

#[cfg(test)]
#[path = "finding_tests.rs"]
mod tests;
