//! What becomes of a file when it is judged.

use crate::error::{Result, ServiceError};
use crate::work::Work;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::party::Eui64;
use sluice_store::tables::answers::{self, Answer};
use sluice_store::tables::files::{self, FileRecord};
use sluice_wire::{FileFinding, RowFinding};

/// What came of opening a protected file (MAM-10). The password itself is nowhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Opening {
    /// The digest of its member, in hexadecimal, with the member's extension. The member is in the record.
    Opened {
        /// The digest of the member.
        #[serde(with = "super::digests")]
        digest: [u8; 32],
        /// The extension of the member.
        extension: String,
    },
    /// Why it could not be opened.
    Failed {
        /// The code.
        code: String,
        /// The words.
        message: String,
    },
}

/// The verdict on a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// ACCEPTED, HELD, REFUSED or WAITING.
    pub status: String,
    /// Its codes with their words.
    pub findings: Vec<(String, String)>,
    /// How often each row verdict was given, for an authorisation file.
    pub rows: Vec<(String, u64)>,
    /// The response that was issued, if one was.
    pub response: Option<String>,
    /// Its digest, in hexadecimal.
    pub response_digest: String,
    /// Its content, where it was made just now; it is in the record in any case.
    #[serde(skip)]
    pub content: Option<Vec<u8>>,
}

/// Writes a refusal into a file's record.
pub(super) fn refuse(file: &mut FileRecord, findings: &[FileFinding], now: Timestamp) {
    "REFUSED".clone_into(&mut file.status);
    set_findings(file, findings);
    file.verdict_at = Some(now);
}

/// Writes codes and words into a file's record.
pub(super) fn set_findings(file: &mut FileRecord, findings: &[FileFinding]) {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.code()).collect();
    codes.dedup();
    file.codes = codes.join(" ");
    file.message = findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ");
}

/// Keeps the refusals of rows, in the order of the file, and how many of its `rows` were taken.
pub(super) fn answer_rows(
    work: &mut Work<'_>,
    file: &FileRecord,
    rows: usize,
    refused: &mut [RowFinding],
) -> Result<()> {
    files::set_taken(&mut work.tx, file.id, u64::try_from(rows - refused.len()).map_err(ServiceError::defect)?)?;
    refused.sort_by_key(|finding| finding.row);
    let codes: Vec<String> = refused.iter().map(|finding| finding.codes().join(" ")).collect();
    let rows = refused.iter().zip(&codes);
    let rows = rows.map(|(finding, codes)| Answer { row: finding.row, chf: Eui64(0), verdict: "REFUSED", codes });
    Ok(answers::add(&mut work.tx, file.id, rows)?)
}

/// The verdict of a file's record.
pub(super) fn verdict_of(file: &FileRecord, findings: &[FileFinding]) -> Verdict {
    let findings = findings.iter().map(|finding| (finding.code.to_string(), finding.message.clone())).collect();
    Verdict { status: file.status.clone(), findings, ..Verdict::default() }
}
