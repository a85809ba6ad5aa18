//! Outcomes of a day, as its S1SP reports them (OUT-1).

use super::verdict::{Verdict, refuse, set_findings, verdict_of};
use crate::calendar::local_date;
use crate::desk::{Desk, MamTerms};
use crate::error::{Result, ServiceError};
use crate::work::Work;
use jiff::civil::Date;
use sluice_rules::authorisation::settle;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_store::tables::authorisations::{self, Answer};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::installations::{self, Attempts};
use sluice_store::tables::record::{self, Received};
use sluice_store::tables::schedules;
use sluice_wire::RowFinding;
use sluice_wire::limits::Limits;
use sluice_wire::outcome::{Outcome, OutcomeRow, Outcomes, read_outcomes};
use std::io::Cursor;

/// Refused rows whose words are given with the verdict; all of them are kept.
const NAMED: usize = 20;

/// Judges the outcomes of a day: a wrong row gets its codes and disturbs no other.
pub(super) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let limits = Limits::of(work.books.get(&file.rulebook)?)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("a file has no content"))?;
    let mut content = Cursor::new(record::content(&mut work.tx, &digest)?);
    let read = match read_outcomes(&file.extension, &mut content, &limits) {
        Ok(read) => read,
        Err(finding) => {
            refuse(&mut file, std::slice::from_ref(&finding), work.now);
            files::set_verdict(&mut work.tx, &file)?;
            return Ok(verdict_of(&file, &[finding]));
        }
    };
    "ACCEPTED".clone_into(&mut file.status);
    set_findings(&mut file, &[]);
    file.verdict_at = Some(work.now);
    files::set_verdict(&mut work.tx, &file)?;
    let refused = conclude(work, &file, read)?;
    let mut verdict = verdict_of(&file, &[]);
    verdict.findings = refused
        .iter()
        .take(NAMED)
        .map(|finding| (finding.codes().join(" "), format!("row {}: {}", finding.row, finding.message())))
        .collect();
    Ok(verdict)
}

/// Brings the rows of the schedule to their outcomes; gives the rows that are refused.
fn conclude(work: &mut Work<'_>, file: &FileRecord, read: Outcomes) -> Result<Vec<RowFinding>> {
    let Outcomes { rows, mut refused } = read;
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut desk = Desk::open(work, file.s1sp, terms)?;
    desk.load(work, rows.iter().map(|row| row.chf))?;
    let codes = installations::outcome_codes(&mut work.tx)?;
    let known = |code: &str| codes.is_empty() || codes.iter().any(|other| other.code == code);
    for row in &rows {
        let OutcomeRow { row: number, chf, outcome } = row;
        let refusal = match outcome {
            // OUT-2: what a code means stands in the table.
            Outcome::Failed { code, .. } if !known(code) => Some((
                RowCode::DO103,
                format!("code {} is not in the table of outcome codes", sluice_wire::text::shown(code)),
            )),
            outcome => (!one(work, &mut desk, file.date, *chf, outcome, &codes)?).then(|| {
                (RowCode::DO102, format!("{chf} is not in the schedule of {}, or its outcome is known", file.date))
            }),
        };
        refused.extend(refusal.map(|finding| RowFinding { row: *number, findings: vec![finding] }));
    }
    desk.save(work, Some(file.id))?;
    refused.sort_by_key(|finding| finding.row);
    let answers: Vec<Answer> = refused
        .iter()
        .map(|finding| Answer { row: finding.row, chf: None, verdict: "REFUSED", codes: finding.codes().join(" ") })
        .collect();
    authorisations::add_answers(&mut work.tx, file.id, &answers)?;
    Ok(refused)
}

/// One outcome; false if the installation is not in the schedule of the date.
fn one(
    work: &mut Work<'_>,
    desk: &mut Desk,
    date: Date,
    chf: sluice_rules::party::Eui64,
    outcome: &Outcome,
    codes: &[installations::OutcomeCode],
) -> Result<bool> {
    if schedules::version(&mut work.tx, &desk.s1sp, date)? == 0 {
        return Ok(false);
    }
    let Some((case, ledger)) = desk.case_mut(chf) else { return Ok(false) };
    let before = case.attempts.clone();
    let (state, after) = match outcome {
        // That work began changes nothing yet.
        Outcome::Started => {
            return Ok(case.case.rows.iter().any(|row| row.date == date && row.state == State::Scheduled));
        }
        Outcome::Migrated => (State::Migrated, Attempts { migrated: Some(date), ..before.clone() }),
        Outcome::NotAttempted => (State::NotAttempted, before.clone()),
        Outcome::Failed { code, stage } => {
            let fits = |known: &&installations::OutcomeCode| {
                known.code == *code && (known.stage.is_empty() || known.stage == *stage)
            };
            // OUT-2: a code that the table does not call an attempt counts as none.
            let counts = codes.iter().find(fits).is_none_or(|known| known.attempt);
            let failed = before.failed + u64::from(counts);
            let last_failed = if counts { Some(date) } else { before.last_failed };
            (State::Failed, Attempts { failed, last_failed, ..before.clone() })
        }
    };
    if !settle::conclude(&mut case.case, date, state, ledger) {
        return Ok(false);
    }
    case.attempts = after.clone();
    if after != before {
        installations::set_attempts(&mut work.tx, chf, &after)?;
    }
    if let Outcome::Failed { code, .. } = outcome {
        desk.explain_day(chf, date, code);
    }
    Ok(true)
}
