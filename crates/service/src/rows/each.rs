//! The rows of an authorisation file, in order of priority and position.

use crate::act::work::Work;
use crate::board::answer::waits_for;
use crate::board::finish::Settled;
use crate::board::open::Board;
use crate::board::wording::{narrowing_in_words, state_in_words, with_information};
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::facts::found::Found;
use crate::facts::s1sp::Facts;
use crate::files::order::taken_before;
use crate::rows::days::Days;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::judge::{DayStatus, Finding, Request, Sender, judge};
use sluice_rules::authorisation::settle::{self, Authorisation, Authorised, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use sluice_store::tables::answers::{self, Answer};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::installations::StoredInstallation;
use sluice_store::tables::parties;
use sluice_wire::authorisation::{Action, Authorisations, ReadRow};
use sluice_wire::in_words;
use std::collections::BTreeMap;

/// What a row is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowAnswer {
    /// The verdict (MAM-5).
    pub verdict: &'static str,
    /// Its codes, separated by blanks.
    pub codes: String,
    /// The codes and the verdict in words.
    pub message: String,
}

/// The rows of a file, judged.
pub struct Rows {
    /// The board with what they changed.
    pub settled: Settled,
    /// The answer to every row, in the order of the file.
    pub rows: Vec<RowAnswer>,
}

/// A row on its way to its answer.
enum Judged {
    /// It has no codes by itself.
    Clean(Asked),
    /// It made an authorisation, whose state is known when the units that came free are given on; with the date of the one
    /// that it moves.
    New { chf: Eui64, id: RowId, moves: Option<Date> },
    /// It made none.
    Answered(RowAnswer),
}

/// What a row without codes asks for.
#[derive(Clone, Copy)]
struct Asked {
    /// The place of its installation among those found.
    place: usize,
    chf: Eui64,
    date: Date,
    withdraws: bool,
}

/// Judges every row of a file and gives the units that came free to those in line.
///
/// # Errors
/// If the database fails.
pub fn judge_rows(
    work: &mut Work<'_>,
    (file, there): (&FileRecord, Timestamp),
    days: &Days,
    read: &Authorisations,
    terms: MamTerms,
) -> Result<Rows> {
    let mut said = BTreeMap::new();
    for later in taken_before(work, file, there)? {
        said.extend(answers::said_about(&mut work.tx, later)?.into_iter().map(|chf| (chf, later)));
    }
    let mut board = Board::open(work, file.s1sp, terms)?;
    let found = board.facts.find(work, read.rows.iter().filter_map(|row| row.chf))?;
    let user_ids = parties::user_ids(&mut work.tx, &file.sender)?;
    let sender = Sender {
        party: file.sender,
        user_ids: &user_ids,
        s1sp: file.s1sp,
        today: days.today,
        attempts: board.facts.terms.attempts,
        narrows: work.engine > 2,
    };
    let mut judged = Looker { board: &board, found: &found, sender: &sender, days, read, said: &said }.all()?;
    let asks = |(place, judged): (usize, &Judged)| match judged {
        Judged::Clean(asked) => Some((place, *asked)),
        _ => None,
    };
    let mut clean: Vec<(usize, Asked)> = judged.iter().enumerate().filter_map(asks).collect();
    // MAM-3: in order of priority, then of position.
    clean.sort_by_key(|&(place, _)| read.rows[place].priority);
    for (place, asked) in clean {
        board.facts.take(&found, asked.place);
        judged[place] = one(work, &mut board, &sender, file, days, &read.rows[place], read, asked)?;
    }
    let settled = board.settle(work)?;
    let mut rows = Vec::with_capacity(judged.len());
    for judged in judged {
        rows.push(match judged {
            Judged::Answered(answer) => answer,
            Judged::New { chf, id, moves } => of_authorisation(work, settled.facts(), chf, id, moves)?,
            Judged::Clean(_) => return Err(ServiceError::defect("a row was not judged")),
        });
    }
    Ok(Rows { settled, rows })
}

/// Looks at the rows of a file: what one of them is refused for depends on no other, so they are shared out.
struct Looker<'a> {
    board: &'a Board,
    found: &'a Found,
    sender: &'a Sender<'a>,
    days: &'a Days,
    read: &'a Authorisations,
    /// The installations about which a file said something that arrived later and was taken before.
    said: &'a BTreeMap<Eui64, i64>,
}

/// Rows that one processor looks at as fast as two would be told to.
const FEW: usize = 2_000;

impl Looker<'_> {
    fn all(&self) -> Result<Vec<Judged>> {
        let rows = &self.read.rows;
        if rows.len() < FEW {
            return rows.iter().map(|row| self.row(row)).collect();
        }
        let half = rows.len().div_ceil(2);
        let parts = std::thread::scope(|scope| {
            let second = scope.spawn(|| rows[half..].iter().map(|row| self.row(row)).collect::<Result<Vec<_>>>());
            let first = rows[..half].iter().map(|row| self.row(row)).collect::<Result<Vec<_>>>();
            (first, second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let (mut looked, second) = (parts.0?, parts.1?);
        looked.extend(second);
        Ok(looked)
    }

    fn row(&self, row: &ReadRow) -> Result<Judged> {
        let mut findings = row.findings.clone();
        let Some(chf) = row.chf else { return Ok(refused(findings)) };
        let Some(place) = self.found.place(chf) else {
            // MA108: state codes need an installation.
            findings.push((RowCode::MA108, format!("there is no installation with CHF Device ID {chf}")));
            return Ok(refused(findings));
        };
        let case = self.board.facts.glance(self.found, place);
        let request = fitting(row, case.installation, self.sender, self.read);
        let status = row.date.map_or(Ok(DayStatus::Open), |date| self.days.status(date))?;
        findings.extend(judge(self.sender, &request, &case.subject(), status));
        // MAM-9: in the order of arrival the later file has the last word.
        if let Some(later) = self.said.get(&chf) {
            let words =
                format!("your file {later}, which came after this one, is about installation {chf} too; that counts");
            findings.push((RowCode::DO105, words));
        }
        if !findings.is_empty() {
            return Ok(refused(findings));
        }
        Ok(Judged::Clean(Asked { place, chf, date: request.date, withdraws: request.withdraws }))
    }
}

/// One row that has no codes by itself.
#[allow(clippy::too_many_arguments, reason = "what a row is judged by")]
fn one(
    work: &mut Work<'_>,
    board: &mut Board,
    sender: &Sender<'_>,
    file: &FileRecord,
    days: &Days,
    row: &ReadRow,
    read: &Authorisations,
    Asked { chf, date, withdraws, .. }: Asked,
) -> Result<Judged> {
    if withdraws {
        return withdraw(work, board, sender, days, chf, date);
    }
    let (terms, id) = (board.facts.terms.standby, RowId { file: file.id, row: row.row });
    let missing = || ServiceError::defect("an installation is missing from the board");
    let (case, ledger) = board.change(chf).ok_or_else(missing)?;
    let own = |row: &&Authorisation| row.party == sender.party && row.date != date && row.state.is_live();
    let moves = case.case.rows.iter().find(own).map(|row| row.date);
    match settle::authorise(&mut case.case, id, sender.party, date, terms, ledger) {
        Authorised::NoChange => Ok(answered("NO-CHANGE", format!("the same stands already for {date}"))),
        Authorised::UsedUp => {
            // MA117: only on rows that are clean otherwise.
            let mut message = format!("your allocation of {date} at {} and its standby are used up", file.s1sp);
            // MAM-7: what was to move stays where it is.
            if let Some(old) = moves.filter(|_| work.engine > 7) {
                message += &format!("; it does not move: your authorisation for {old} stays as it is");
            }
            Ok(refused(vec![(RowCode::MA117, message)]))
        }
        Authorised::New(id) => {
            let added = case.case.rows.iter().find(|row| row.id == id).copied();
            let row_state = added.ok_or_else(|| ServiceError::defect("a new authorisation is missing"))?;
            case.keep(StoredAuthorisation {
                chf,
                s1sp: file.s1sp,
                row: row_state,
                priority: row.priority,
                reference: read.echo.find(row.row).map_or("", |echo| echo.reference).to_owned(),
                codes: String::new(),
                cause: None,
            });
            Ok(Judged::New { chf, id, moves })
        }
    }
}

/// What a row asks for. What of it could not be read is taken as fitting, so that state codes come for the rest (MAM-4); such
/// a row is refused for its form in any case.
fn fitting(row: &ReadRow, installation: &StoredInstallation, sender: &Sender<'_>, read: &Authorisations) -> Request {
    let written = if row.findings.is_empty() { None } else { read.echo.find(row.row) };
    let mpan = || written.filter(|echo| !echo.mpan.is_empty()).map(|_| installation.mpan);
    let mprn = || written.filter(|echo| !echo.mprn.is_empty()).and(installation.mprn);
    Request {
        mpan: row.mpan.or_else(mpan),
        mprn: row.mprn.or_else(mprn),
        date: row.date.unwrap_or(sender.today),
        withdraws: row.action == Some(Action::Withdraw),
        critical_supplier: row.critical_supplier.or(sender.user_ids.first().copied()).unwrap_or(Eui64(0)),
    }
}

/// MAM-6: a withdrawal, until its cut-off; what it leaves incomplete after the authorisation cut-off expires.
fn withdraw(
    work: &mut Work<'_>,
    board: &mut Board,
    sender: &Sender<'_>,
    days: &Days,
    chf: Eui64,
    date: Date,
) -> Result<Judged> {
    let refused = |message: String| Ok(refused(vec![(RowCode::MA118, message)]));
    let nothing = || format!("you have no authorisation of this installation for {date} that can be withdrawn");
    let own = board.facts.dossier(chf).and_then(|case| case.case.live(sender.party, date)).map(|row| row.state);
    // MA118: nothing to withdraw, or too late. What a cut deferred has no day any more that it could be too late for.
    let Some(state) = own else { return refused(nothing()) };
    if !days.takes_withdrawal(date) && state != State::Deferred {
        return refused(format!("the withdrawal cut-off of {date} has passed; a hold still protects the customer"));
    }
    let closed = board.is_closed(work, date)?;
    let Some((case, ledger)) = board.change(chf) else { return refused(nothing()) };
    if !settle::withdraw(&mut case.case, sender.party, date, ledger) {
        return refused(nothing());
    }
    if closed {
        expire::expire_incomplete(&mut case.case, date, ledger);
    }
    Ok(answered("WITHDRAWN", format!("the authorisation for {date} is withdrawn")))
}

/// The state of a new authorisation after everything was settled, with the old and the new date of a move (MAM-7).
fn of_authorisation(
    work: &mut Work<'_>,
    facts: &Facts,
    chf: Eui64,
    id: RowId,
    moves: Option<Date>,
) -> Result<RowAnswer> {
    let case = facts.dossier(chf).map(|file| &file.case);
    let found = case.and_then(|case| Some((case, *case.rows.iter().find(|row| row.id == id)?)));
    let (case, now) = found.ok_or_else(|| ServiceError::defect("a new authorisation is missing"))?;
    let codes = with_information("", &now);
    let standing = format!("{}{}", state_in_words(&now, ""), narrowing_in_words(&case.meters, &now));
    let words = waits_for(work, case, &now)?.unwrap_or(standing);
    let message = match (moves, now.state) {
        (Some(old), State::Accepted) => format!("moved from {old} to {}", now.date),
        (Some(old), _) => format!("{words}; moves from {old} to {} when it stands", now.date),
        (None, _) => words,
    };
    Ok(RowAnswer { verdict: now.state.word(), codes, message })
}

/// An answer without codes.
fn answered(verdict: &'static str, message: String) -> Judged {
    Judged::Answered(RowAnswer { verdict, codes: String::new(), message })
}

/// A refusal in the order of its codes: each code once, and all the words.
fn refused(mut findings: Vec<Finding>) -> Judged {
    findings.sort_by_key(|(code, _)| *code);
    let (mut codes, mut message) = (String::new(), String::new());
    for finding in &findings {
        let (code, words) = (finding.0, in_words(finding));
        if codes.is_empty() {
            (codes, message) = (code.code().to_owned(), words.to_owned());
            continue;
        }
        if !codes.ends_with(code.code()) {
            codes.extend([" ", code.code()]);
        }
        message.extend(["; ", words]);
    }
    Judged::Answered(RowAnswer { verdict: "REFUSED", codes, message })
}

/// The answers to rows that made no authorisation.
pub fn without_authorisation<'a>(read: &'a Authorisations, rows: &'a [RowAnswer]) -> impl Iterator<Item = Answer<'a>> {
    let none = |answer: &RowAnswer| matches!(answer.verdict, "REFUSED" | "WITHDRAWN" | "NO-CHANGE");
    read.rows.iter().zip(rows).filter(move |(_, answer)| none(answer)).map(|(row, answer)| Answer {
        row: row.row,
        chf: row.chf.unwrap_or(Eui64(0)),
        verdict: answer.verdict,
        codes: &answer.codes,
    })
}

/// How often each verdict was given, in the order of their words.
#[must_use]
pub fn count(rows: &[RowAnswer]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.verdict).or_default() += 1);
    counts.into_iter().map(|(verdict, count)| (verdict.to_owned(), count)).collect()
}
