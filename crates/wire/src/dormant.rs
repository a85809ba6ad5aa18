//! Dormant notices and the answers to them.

use crate::finding::{FileFinding, RowFinding, Words, add_findings};
use crate::hints;
use crate::layout::{ANSWER, NOTICE};
use crate::limits::Limits;
use crate::source::{Content, format};
use crate::table::{Record, read};
use crate::text::shown;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use std::collections::HashSet;

/// What a supplier answers for an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It may be migrated.
    NoObjection,
    /// It has become Active.
    Active,
    /// It should not be migrated.
    Object {
        /// One of the rulebook's reasons.
        reason: String,
        /// The supplier's statement; text from a stranger.
        statement: String,
    },
}

/// Answers of a file: those without findings, and the findings on the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Each installation with its answer.
    pub rows: Vec<(u64, Eui64, Answer)>,
    /// Rows with findings.
    pub refused: Vec<RowFinding>,
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    pub unseen: Option<String>,
}

/// The reasons an objection may have; rulebook data.
#[derive(Debug, Clone, Copy)]
pub struct Reasons<'a> {
    /// All reasons.
    pub known: &'a [String],
    /// Those that ask for a statement.
    pub with_statement: &'a [String],
    /// Is a row left blank no answer (DMT-3)? Else it is refused, as it was before version 2 of the rules that decide.
    pub blank_is_none: bool,
}

/// Reads the answers to a Dormant notice.
///
/// # Errors
/// The file code that refuses it whole.
pub fn read_answers(
    extension: &str,
    content: &mut dyn Content,
    limits: &Limits,
    reasons: Reasons<'_>,
) -> Result<Answers, FileFinding> {
    let (mut answers, mut words) = (Answers::default(), Words::most(limits.words));
    // Strangers choose the keys: a set that they cannot fill with collisions.
    let mut seen: HashSet<Eui64> = HashSet::new();
    let mut twice: HashSet<Eui64> = HashSet::new();
    let mut places: Vec<(u64, Eui64)> = Vec::new();
    let format = format(extension, false, limits.reading, content)?;
    answers.unseen = read(content, format, &ANSWER, limits, &mut |record| {
        // DMT-3: no answer is no objection, and what a row left blank says.
        let is_blank = !record.field(0).is_empty() && [1, 2, 3].iter().all(|column| record.field(*column).is_empty());
        if is_blank && reasons.blank_is_none {
            return Ok(());
        }
        let (chf, answer, mut findings) = judge(record, reasons);
        if let Some(chf) = chf {
            places.push((record.number(), chf));
            if !seen.insert(chf) {
                twice.insert(chf);
            }
        }
        match (chf, answer) {
            (Some(chf), Some(answer)) if findings.is_empty() => answers.rows.push((record.number(), chf, answer)),
            _ => {
                words.shorten(&mut findings);
                answers.refused.push(RowFinding::new(record.number(), findings));
            }
        }
        Ok(())
    })?;
    // DO107: two answers for one installation have no order; none of them counts.
    let again = places
        .iter()
        .filter(|(_, chf)| twice.contains(chf))
        .map(|&(row, _)| (row, RowCode::DO107, "the installation stands in the file twice; answer once".to_owned()));
    add_findings(&mut answers.refused, &mut words, again);
    answers.rows.retain(|(_, chf, _)| !twice.contains(chf));
    Ok(answers)
}

type Judged = (Option<Eui64>, Option<Answer>, Vec<(RowCode, String)>);

fn judge(record: &Record<'_>, reasons: Reasons<'_>) -> Judged {
    let mut findings = Vec::new();
    let [chf, answer, reason, statement] = [0, 1, 2, 3].map(|column| record.field(column));
    // DO101: who does not answer leaves the row out, or blank.
    for (name, text) in ANSWER.columns.iter().zip([chf, answer]) {
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
    let answer = match answer.to_ascii_uppercase().as_str() {
        "" => None,
        "NO_OBJECTION" => Some(Answer::NoObjection),
        "ACTIVE" => Some(Answer::Active),
        "OBJECT" => objection(reason, statement, reasons, &mut findings),
        // DO103: the three answers and no other.
        _ => {
            let message = format!("answer '{}' is not NO_OBJECTION, ACTIVE or OBJECT", shown(answer));
            findings.push((RowCode::DO103, message));
            None
        }
    };
    (device, answer, findings)
}

/// DO104: an objection says why, in a reason of the rulebook, and with a statement where the reason asks for one.
fn objection(
    reason: &str,
    statement: &str,
    reasons: Reasons<'_>,
    findings: &mut Vec<(RowCode, String)>,
) -> Option<Answer> {
    let reason = reason.to_ascii_uppercase();
    if !reasons.known.contains(&reason) {
        findings.push((RowCode::DO104, format!("an objection needs one of the reasons {}", reasons.known.join(", "))));
        return None;
    }
    if statement.is_empty() && reasons.with_statement.contains(&reason) {
        findings.push((RowCode::DO104, format!("the reason {reason} needs a statement")));
        return None;
    }
    Some(Answer::Object { reason, statement: statement.to_owned() })
}

/// The installations of a Dormant notice, in its order.
///
/// # Errors
/// The file code that says why it cannot be used.
pub fn read_notice(extension: &str, content: &mut dyn Content, limits: &Limits) -> Result<Vec<Eui64>, FileFinding> {
    let mut installations = Vec::new();
    let format = format(extension, false, limits.reading, content)?;
    read(content, format, &NOTICE, limits, &mut |record| {
        let chf = record.field(0).parse().map_err(|error| {
            let message = format!("row {}: CHF Device ID '{}': {error}", record.number(), shown(record.field(0)));
            FileFinding::new(sluice_rules::codes::FileCode::FI14, message)
        })?;
        installations.push(chf);
        Ok(())
    })?;
    Ok(installations)
}
