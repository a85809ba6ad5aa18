//! What becomes of a file when it is judged.

use crate::act::work::Work;
use crate::board::wording::codes_in_words;
use crate::error::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Eui64;
use sluice_store::View;
use sluice_store::tables::answers::{self, Answer};
use sluice_store::tables::authorisations::summary;
use sluice_store::tables::files::{self, FileRecord};
use sluice_wire::{FileFinding, RowFinding};
use std::borrow::Cow;

/// What came of opening a protected file (MAM-10). The password itself is nowhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Opening {
    /// The digest of its member, in hexadecimal, with the member's extension. The member is in the record.
    Opened {
        /// The digest of the member.
        #[serde(with = "crate::act::digest_text")]
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

impl Opening {
    /// The digest of the member that was opened.
    #[must_use]
    pub const fn member(&self) -> Option<[u8; 32]> {
        if let Self::Opened { digest, .. } = self { Some(*digest) } else { None }
    }
}

/// What holds ended (MAM-12).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Authorisations that lapsed.
    #[serde(rename = "ended")]
    pub rows: u64,
    /// Dormant installations that left the plan of their week.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub dormant: u64,
    /// Dormant installations that left their schedule and wait for a later day of their week.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub waiting: u64,
}

/// The verdict on a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// ACCEPTED, HELD, REFUSED or WAITING.
    #[serde(with = "crate::words")]
    pub status: FileStatus,
    /// Its codes with their words.
    pub findings: Vec<(String, String)>,
    /// How often each row verdict was given.
    pub rows: Vec<(String, u64)>,
    /// The response that was issued, if one was.
    pub response: Option<String>,
    /// Its digest, in hexadecimal.
    pub response_digest: String,
    /// Would it have been held, and was it confirmed with it (FI21)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<String>,
    /// What a file of holds ended.
    #[serde(flatten)]
    pub ended: Ended,
    /// Its content, where it was made just now; it is in the record in any case.
    #[serde(skip)]
    pub content: Option<Vec<u8>>,
}

impl Verdict {
    /// A verdict with its codes and their words.
    #[must_use]
    pub fn new(status: FileStatus, findings: Vec<(String, String)>) -> Self {
        Self {
            status,
            findings,
            rows: Vec::new(),
            response: None,
            response_digest: String::new(),
            confirmed: false,
            unseen: None,
            ended: Ended::default(),
            content: None,
        }
    }
}

/// Writes a refusal into a file's record.
pub(crate) fn refuse(file: &mut FileRecord, findings: &[FileFinding], now: Timestamp) {
    file.status = FileStatus::Refused;
    set_findings(file, findings);
    file.verdict_at = Some(now);
}

/// Writes codes and words into a file's record.
pub(crate) fn set_findings(file: &mut FileRecord, findings: &[FileFinding]) {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.code()).collect();
    codes.dedup();
    file.codes = codes.join(" ");
    file.message = findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ");
}

/// Refused rows whose words are given with a verdict and kept; of all of them their codes are.
const NAMED: usize = 20;

/// What became of the rows of a file that makes no authorisations.
#[derive(Debug, Default)]
pub(crate) struct RowAnswers<'r> {
    /// The rows that were taken.
    pub taken: Vec<u64>,
    /// The others, with what is wrong with each.
    pub refused: Vec<Cow<'r, RowFinding>>,
    /// What of the file nobody sees who looks at it.
    pub unseen: Option<String>,
}

impl<'r> RowAnswers<'r> {
    /// Of a file whose rows of bad form are refused.
    pub fn of(refused: &'r [RowFinding], unseen: &Option<String>) -> Self {
        let refused = refused.iter().map(Cow::Borrowed).collect();
        Self { taken: Vec::new(), refused, unseen: unseen.clone() }
    }

    /// A row of good form is refused.
    pub fn refuse(&mut self, row: u64, finding: Finding) {
        self.refused.push(Cow::Owned(RowFinding { row, findings: vec![finding] }));
    }
}

/// Accepts a file that makes no authorisations, and keeps what its rows were answered.
pub(crate) fn accept_rows(work: &mut Work<'_>, file: &mut FileRecord, rows: RowAnswers<'_>) -> Result<Verdict> {
    file.status = FileStatus::Accepted;
    set_findings(file, &[]);
    file.verdict_at = Some(work.now);
    let RowAnswers { mut taken, mut refused, unseen } = rows;
    taken.sort_unstable();
    refused.sort_by_key(|finding| finding.row);
    let words =
        |finding: &Cow<'_, RowFinding>| format!("row {}: {}", finding.row, finding.message()).replace('\n', " ");
    let words: Vec<String> = refused.iter().take(NAMED).map(words).collect();
    // They are told again where the file is sent again (MAM-9).
    file.message = words.join("\n");
    files::set_verdict(&mut work.tx, file)?;
    let codes: Vec<String> = refused.iter().map(|finding| finding.codes().join(" ")).collect();
    let answer = |row, verdict, codes| Answer { row, chf: Eui64(0), verdict, codes };
    let of_taken = taken.iter().map(|row| answer(*row, "TAKEN", ""));
    let of_refused = refused.iter().zip(&codes).map(|(finding, codes)| answer(finding.row, "REFUSED", codes));
    answers::add(&mut work.tx, file.id, of_taken.chain(of_refused))?;
    let mut verdict = Verdict { unseen, ..verdict_of(file, &[]) };
    verdict.findings = codes.into_iter().zip(words).collect();
    verdict.rows = summary(&mut work.tx, file.id)?;
    Ok(verdict)
}

/// The first refused rows of a file that was judged before, with their codes and words, as they were told with the verdict.
///
/// # Errors
/// If the database fails.
pub fn refused_before(tx: &mut View<'_>, file: i64) -> Result<Vec<(String, String)>> {
    let told = files::get(tx, file)?.map(|file| file.message).unwrap_or_default();
    let mut told = told.lines();
    let rows = answers::refused(tx, file, NAMED)?.into_iter();
    let with_words = rows.map(|(row, codes)| {
        // Of an authorisation file its response has the words.
        let words = told.next().map_or_else(|| format!("row {row}: {}", codes_in_words(&codes)), str::to_owned);
        (codes, words)
    });
    Ok(with_words.collect())
}

/// The verdict of a file's record.
pub(crate) fn verdict_of(file: &FileRecord, findings: &[FileFinding]) -> Verdict {
    let findings = findings.iter().map(|finding| (finding.code.to_string(), finding.message.clone())).collect();
    Verdict::new(file.status, findings)
}
