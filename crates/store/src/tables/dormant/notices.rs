//! Who was told of Dormant installations, what they answered, and what was decided on it (DMT-2 to DMT-4).

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::{Columns, count, date, eui_number, eui_of, moment, opt, party, s1sp, text};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Notes that suppliers were told of installations of a week; who knows already is left out.
///
/// # Errors
/// If the database fails.
pub fn add_notices(
    tx: &mut Tx<'_>,
    of: &S1sp,
    week: Date,
    told: impl IntoIterator<Item = (Eui64, Party)>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO dormant_notice (s1sp, week, chf, party, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (s1sp, week, chf, party) DO NOTHING";
    for (chf, whom) in told {
        tx.execute(sql, &[s1sp(of), date(week), Value::Int(eui_number(chf)), party(&whom), moment(at)])?;
    }
    Ok(())
}

/// Who was told of which installation of a week.
pub type Noticed = BTreeMap<Eui64, BTreeSet<Party>>;

/// Who was told of the installations of a week.
///
/// # Errors
/// If the database fails.
pub fn notices(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Noticed, StoreError> {
    let sql = "SELECT chf, party FROM dormant_notice WHERE s1sp = $1 AND week = $2 ORDER BY chf, party";
    let mut noticed = Noticed::new();
    tx.each(sql, &[s1sp(of), date(week)], |row| {
        noticed.entry(eui_of(row.int(0)?)).or_default().insert(row.parsed(1)?);
        Ok(())
    })?;
    Ok(noticed)
}

/// What was decided on an objection (DMT-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Was it upheld?
    pub upheld: bool,
    /// Why.
    pub why: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A supplier's answer for an installation of a week (DMT-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRecord {
    /// The installation.
    pub chf: Eui64,
    /// Whose answer.
    pub party: Party,
    /// NO_OBJECTION, ACTIVE or OBJECT.
    pub answer: String,
    /// The reason of an objection; else empty.
    pub reason: String,
    /// The supplier's words; else empty.
    pub statement: String,
    /// The file.
    pub file: i64,
    /// The row.
    pub row: u64,
    /// What was decided on it, if anything was.
    pub decision: Option<Decision>,
}

impl AnswerRecord {
    /// Is it an objection on which nothing is decided (DMT-4)?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.answer == "OBJECT" && self.decision.is_none()
    }
}

macro_rules! answer_columns {
    () => {
        "a.chf, a.party, a.answer, a.reason, a.statement, a.file, a.row, a.decision, a.why, a.decided_by, a.decided_at"
    };
}

fn answer(row: &Row<'_>) -> Result<AnswerRecord, StoreError> {
    let decision = match (row.opt_text(7)?, row.opt_moment(10)?) {
        (Some(word), Some(at)) => Some(Decision {
            upheld: word == "UPHELD",
            why: row.opt_text(8)?.unwrap_or_default().to_owned(),
            by: row.opt_text(9)?.unwrap_or_default().to_owned(),
            at,
        }),
        _ => None,
    };
    Ok(AnswerRecord {
        chf: eui_of(row.int(0)?),
        party: row.parsed(1)?,
        answer: row.text(2)?.to_owned(),
        reason: row.text(3)?.to_owned(),
        statement: row.text(4)?.to_owned(),
        file: row.int(5)?,
        row: row.count(6)?,
        decision,
    })
}

/// The answers of a week, in the order of installations and parties.
///
/// # Errors
/// If the database fails.
pub fn answers(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<AnswerRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        answer_columns!(),
        " FROM dormant_answer a WHERE a.s1sp = $1 AND a.week = $2 ORDER BY a.chf, a.party"
    );
    tx.query(sql, &[s1sp(of), date(week)], answer)
}

/// The installations of which a supplier has said since a moment that they are Active (DMT-3).
///
/// # Errors
/// If the database fails.
pub fn said_active(tx: &mut View<'_>, since: Timestamp) -> Result<HashSet<Eui64>, StoreError> {
    let sql = "SELECT a.chf FROM dormant_answer a JOIN file ON file.id = a.file \
               WHERE a.answer = 'ACTIVE' AND file.verdict_at > $1";
    Ok(tx.query(sql, &[moment(since)], |row| Ok(eui_of(row.int(0)?)))?.into_iter().collect())
}

/// The suppliers that have said since a moment that an installation is Active (DMT-3), in order; nothing for each of which the
/// scope may not know who it is.
///
/// # Errors
/// If the database fails.
pub fn who_says_active(tx: &mut View<'_>, chf: Eui64, since: Timestamp) -> Result<Vec<Option<Party>>, StoreError> {
    let sql = "SELECT DISTINCT party FROM said_active WHERE chf = $1 AND at > $2 ORDER BY party";
    tx.query(sql, &[Value::Int(eui_number(chf)), moment(since)], |row| Ok(row.text(0)?.parse().ok()))
}

/// What suppliers answered for an installation, with the week, oldest first.
///
/// # Errors
/// If the database fails.
pub fn answers_of(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(Date, AnswerRecord)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        answer_columns!(),
        ", a.week FROM dormant_line l JOIN dormant_answer a ON a.s1sp = l.s1sp AND a.week = l.week AND a.chf = l.chf \
         WHERE l.chf = $1 ORDER BY a.file, a.row, a.party"
    );
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.date(11)?, answer(row)?)))
}

/// MAM-11: an answer passes from one party to another.
///
/// # Errors
/// If the other has an answer of its own.
pub fn pass_answer(
    tx: &mut Tx<'_>,
    of: &S1sp,
    week: Date,
    chf: Eui64,
    from: &Party,
    to: &Party,
) -> Result<(), StoreError> {
    let sql = "UPDATE dormant_answer SET party = $5 WHERE s1sp = $1 AND week = $2 AND chf = $3 AND party = $4";
    tx.execute(sql, &[s1sp(of), date(week), Value::Int(eui_number(chf)), party(from), party(to)]).map(drop)
}

/// Writes answers; each replaces what its party answered for the installation before.
///
/// # Errors
/// If the database fails.
pub fn set_answers(tx: &mut Tx<'_>, of: &S1sp, week: Date, answers: &[AnswerRecord]) -> Result<(), StoreError> {
    let sql = "INSERT INTO dormant_answer (s1sp, week, chf, party, answer, reason, statement, file, row, decision, why, \
               decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
               ON CONFLICT (s1sp, week, chf, party) DO UPDATE SET answer = excluded.answer, reason = excluded.reason, \
               statement = excluded.statement, file = excluded.file, row = excluded.row, decision = excluded.decision, \
               why = excluded.why, decided_by = excluded.decided_by, decided_at = excluded.decided_at";
    for one in answers {
        let decision = one.decision.as_ref();
        let values = [
            s1sp(of),
            date(week),
            Value::Int(eui_number(one.chf)),
            party(&one.party),
            text(&one.answer),
            text(&one.reason),
            text(&one.statement),
            Value::Int(one.file),
            count(one.row),
            opt(decision, |decision| text(if decision.upheld { "UPHELD" } else { "REJECTED" })),
            opt(decision, |decision| text(&decision.why)),
            opt(decision, |decision| text(&decision.by)),
            opt(decision, |decision| moment(decision.at)),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// The notices that were given of an installation: week, supplier and moment, oldest first.
///
/// # Errors
/// If the database fails.
pub fn notices_of(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(Date, Party, Timestamp)>, StoreError> {
    let sql = "SELECT n.week, n.party, n.at FROM dormant_line l JOIN dormant_notice n \
               ON n.s1sp = l.s1sp AND n.week = l.week AND n.chf = l.chf WHERE l.chf = $1 ORDER BY n.at, n.week, n.party";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.date(0)?, row.parsed(1)?, row.moment(2)?)))
}
