//! Outcomes: what an S1SP reports of the installations in a day's schedule.

use crate::finding::{FileFinding, RowFinding, Words, add_findings};
use crate::hints;
use crate::layout::OUTCOME;
use crate::limits::Limits;
use crate::source::{Content, format};
use crate::table::{Record, read};
use crate::text::shown;
use sluice_rules::codes::RowCode;
use sluice_rules::outcome::Stage;
use sluice_rules::party::Eui64;
use std::collections::HashMap;

/// What became of an installation (OUT-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Work on it began.
    Started,
    /// It is migrated.
    Migrated,
    /// The attempt failed.
    Failed {
        /// The code that says why.
        code: String,
        /// The stage at which it failed.
        stage: Stage,
    },
    /// Nothing was attempted.
    NotAttempted,
}

/// A row of good form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// The line number that a person sees.
    pub row: u64,
    /// The installation.
    pub chf: Eui64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Outcomes of a file: those without findings, and the findings on the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Rows of good form.
    pub rows: Vec<OutcomeRow>,
    /// Rows with findings.
    pub refused: Vec<RowFinding>,
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    pub unseen: Option<String>,
}

/// OUT-1: reads the outcomes of a day.
///
/// # Errors
/// The file code that refuses it whole.
pub fn read_outcomes(extension: &str, content: &mut dyn Content, limits: &Limits) -> Result<Outcomes, FileFinding> {
    let (mut outcomes, mut kept) = (Outcomes::default(), Words::most(limits.words));
    // Strangers choose the keys: a map that they cannot fill with collisions.
    let mut seen: HashMap<Eui64, Vec<u64>> = HashMap::new();
    let format = format(extension, false, limits.reading, content)?;
    outcomes.unseen = read(content, format, &OUTCOME, limits, &mut |record| {
        let (chf, outcome, mut findings) = judge(record);
        if let Some(chf) = chf {
            seen.entry(chf).or_default().push(record.number());
        }
        match (chf, outcome) {
            (Some(chf), Some(outcome)) if findings.is_empty() => {
                outcomes.rows.push(OutcomeRow { row: record.number(), chf, outcome });
            }
            _ => {
                kept.shorten(&mut findings);
                outcomes.refused.push(RowFinding::new(record.number(), findings));
            }
        }
        Ok(())
    })?;
    // DO107: two outcomes of one installation in a file have no order; none of them counts.
    seen.retain(|_, rows| rows.len() > 1);
    outcomes.rows.retain(|row| !seen.contains_key(&row.chf));
    let again = seen.into_values().flatten();
    let words = "the installation stands in the file twice; report its last outcome once";
    add_findings(&mut outcomes.refused, &mut kept, again.map(|row| (row, RowCode::DO107, words.to_owned())));
    Ok(outcomes)
}

/// Codes come from a stranger and are shown to others, so their form is narrow.
fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() <= 16 && text.bytes().all(fits)
}

fn judge(record: &Record<'_>) -> (Option<Eui64>, Option<Outcome>, Vec<(RowCode, String)>) {
    let mut findings = Vec::new();
    let [chf, outcome, stage, code] = [0, 1, 2, 3].map(|column| record.field(column));
    // DO101: an outcome of nothing, or nothing of an installation, says nothing.
    for (name, text) in OUTCOME.columns.iter().zip([chf, outcome]) {
        if text.is_empty() {
            findings.push((RowCode::DO101, format!("{name} must not be empty")));
        }
    }
    let device = chf.parse().ok();
    // DO106: the installation is named by its CHF Device ID.
    if device.is_none() && !chf.is_empty() {
        let hint = record.reading().hint(|| hints::of_eui64(chf, record.reading()));
        findings.push((RowCode::DO106, format!("CHF Device ID '{}' is not an EUI-64{hint}", shown(record.written(0)))));
    }
    let outcome = match outcome.to_ascii_uppercase().as_str() {
        "" => None,
        "STARTED" => Some(Outcome::Started),
        "MIGRATED" => Some(Outcome::Migrated),
        "NOT_ATTEMPTED" => Some(Outcome::NotAttempted),
        "FAILED" => failure(code, stage, &mut findings),
        // DO103: the four outcomes and no other.
        _ => {
            let message = format!("outcome '{}' is not STARTED, MIGRATED, FAILED or NOT_ATTEMPTED", shown(outcome));
            findings.push((RowCode::DO103, message));
            None
        }
    };
    (device, outcome, findings)
}

/// A failure, with everything that is wrong with its code and stage.
fn failure(code: &str, stage: &str, findings: &mut Vec<(RowCode, String)>) -> Option<Outcome> {
    let before = findings.len();
    // DO104: a failure says why, and at which stage.
    if code.is_empty() {
        findings.push((RowCode::DO104, "a failed attempt needs a Code that says why".to_owned()));
    } else if !is_code(code) {
        let message = format!("Code '{}' is not 1 to 16 letters, digits, hyphens or underscores", shown(code));
        findings.push((RowCode::DO104, message));
    }
    if stage.is_empty() {
        findings.push((RowCode::DO104, format!("a failed attempt needs a Stage: {STAGES}")));
    }
    // DO103: the three stages and no other.
    let known = stage_of(stage);
    if known.is_none() && !stage.is_empty() {
        findings.push((RowCode::DO103, format!("Stage '{}' is not {STAGES}", shown(stage))));
    }
    let stage = known.filter(|_| findings.len() == before)?;
    Some(Outcome::Failed { code: code.to_ascii_uppercase(), stage })
}

/// The stages, as messages name them.
const STAGES: &str = "VALIDATION, DEVICE_TEST or COMMISSIONING";

/// A stage of a file; its two words may also stand with a blank or a hyphen between them.
pub(crate) fn stage_of(text: &str) -> Option<Stage> {
    text.replace([' ', '-'], "_").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Reading;
    use std::io::Cursor;

    #[test]
    fn out_1_outcomes_are_read_row_by_row_with_all_codes() {
        let text = "CHF Device ID,Outcome,Stage,Code,At\n\
                    70-B3-D5-1F-31-00-00-00,migrated,,,\n\
                    70-B3-D5-1F-31-00-00-10,FAILED,commissioning,gt01,\n\
                    70-B3-D5-1F-31-00-00-20,FAILED,,,\n\
                    x,PERHAPS,,,\n\
                    70-B3-D5-1F-31-00-00-30,STARTED,,,\n\
                    70-B3-D5-1F-31-00-00-30,MIGRATED,,,\n\
                    70-B3-D5-1F-31-00-00-40,FAILED,,GT01,\n\
                    70-B3-D5-1F-31-00-00-50,FAILED,on site,GT01,\n\
                    70-B3-D5-1F-31-00-00-60,FAILED,device test,E17,\n";
        let limits = Limits {
            rows: 100,
            inflated: 1 << 20,
            cell: 100,
            members: 4,
            workbook_members: 4_096,
            entries: u64::MAX,
            texts: usize::MAX,
            shown: u64::MAX,
            words: usize::MAX,
            reading: Reading::Now,
        };
        let read = read_outcomes("csv", &mut Cursor::new(text), &limits).unwrap();
        let failed = |code: &str, stage| Outcome::Failed { code: code.to_owned(), stage };
        let outcomes: Vec<_> = read.rows.into_iter().map(|row| row.outcome).collect();
        let expected = [Outcome::Migrated, failed("GT01", Stage::Commissioning), failed("E17", Stage::DeviceTest)];
        assert_eq!(outcomes, expected);
        let codes: Vec<_> = read.refused.iter().map(|finding| (finding.row, finding.codes().join(" "))).collect();
        let expected = [(4, "DO104"), (5, "DO103 DO106"), (6, "DO107"), (7, "DO107"), (8, "DO104"), (9, "DO103")];
        assert_eq!(codes, expected.map(|(row, codes)| (row, codes.to_owned())));
    }
}
