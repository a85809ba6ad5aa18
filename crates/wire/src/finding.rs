//! What is wrong with a file or a row, in a code and in words.

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
        let messages: Vec<&str> = self.findings.iter().map(|(_, message)| message.as_str()).collect();
        messages.join("; ")
    }
}

/// Adds findings that show only when the whole file was read; the rows come in ascending order.
pub(crate) fn add_findings(refused: &mut Vec<RowFinding>, more: impl IntoIterator<Item = (u64, RowCode, String)>) {
    let mut rows: BTreeMap<u64, RowFinding> = refused.drain(..).map(|finding| (finding.row, finding)).collect();
    for (row, code, message) in more {
        let finding = rows.entry(row).or_insert_with(|| RowFinding::new(row, Vec::new()));
        finding.findings.push((code, message));
    }
    refused.extend(rows.into_values().map(|finding| RowFinding::new(finding.row, finding.findings)));
}
