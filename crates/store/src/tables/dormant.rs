//! Dormant Meters: the plans of the weeks, notices and answers (DMT-1 to DMT-5).

use super::convert::{Columns, count, date, eui_number, eui_of, moment, opt, party, s1sp, text};
use crate::{Row, StoreError, Tx, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::dormant::{DormantState, Line};
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The plan of a week at an S1SP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// When it was made last.
    pub planned: Timestamp,
    /// When the suppliers were told, if they were.
    pub noticed: Option<Timestamp>,
}

/// The plan of a week, if there is one.
///
/// # Errors
/// If the database fails.
pub fn plan(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<Option<Plan>, StoreError> {
    let sql = "SELECT planned_at, noticed_at FROM dormant_plan WHERE s1sp = $1 AND week = $2";
    tx.query_optional(sql, &[s1sp(of), date(week)], |row| {
        Ok(Plan { planned: row.moment(0)?, noticed: row.opt_moment(1)? })
    })
}

/// Notes that a week was planned.
///
/// # Errors
/// If the database fails.
pub fn set_planned(tx: &mut Tx<'_>, of: &S1sp, week: Date, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO dormant_plan (s1sp, week, planned_at) VALUES ($1, $2, $3) \
               ON CONFLICT (s1sp, week) DO UPDATE SET planned_at = excluded.planned_at";
    tx.execute(sql, &[s1sp(of), date(week), moment(at)]).map(drop)
}

/// Notes that the suppliers of a week were told.
///
/// # Errors
/// If the database fails.
pub fn set_noticed(tx: &mut Tx<'_>, of: &S1sp, week: Date, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE dormant_plan SET noticed_at = $3 WHERE s1sp = $1 AND week = $2";
    tx.execute(sql, &[s1sp(of), date(week), moment(at)]).map(drop)
}

/// An installation in the plan of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// The installation.
    pub chf: Eui64,
    /// The week's Monday.
    pub week: Date,
    /// Planned for a day, or on standby.
    pub line: Line,
    /// Its place in the order of the plan, from 1.
    pub place: u64,
    /// Its day; nothing for one that stands by.
    pub date: Option<Date>,
    /// What has become of it.
    pub state: DormantState,
    /// What it was before it left the week.
    pub was: Option<DormantState>,
    /// Why it left: codes and rules, separated by blanks.
    pub codes: String,
    /// The import that took it out (REF-2).
    pub cause: Option<i64>,
}

impl LineRecord {
    /// Is it in the schedule of a day, and without an outcome?
    #[must_use]
    pub fn is_in_schedule_of(&self, date: Date) -> bool {
        self.date == Some(date) && matches!(self.state, DormantState::Scheduled | DormantState::Unknown)
    }
}

macro_rules! columns {
    () => {
        "chf, week, line, place, date, state, was, codes, cause"
    };
}

fn line(row: &Row<'_>) -> Result<LineRecord, StoreError> {
    Ok(LineRecord {
        chf: eui_of(row.int(0)?),
        week: row.date(1)?,
        line: row.parsed(2)?,
        place: row.count(3)?,
        date: row.opt_date(4)?,
        state: row.parsed(5)?,
        was: row.opt_text(6)?.map(super::convert::parsed).transpose()?,
        codes: row.text(7)?.to_owned(),
        cause: row.opt_int(8)?,
    })
}

/// Replaces the lines of a week.
///
/// # Errors
/// If an installation stands there twice.
pub fn replace_lines(tx: &mut Tx<'_>, of: &S1sp, week: Date, lines: &[LineRecord]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM dormant_line WHERE s1sp = $1 AND week = $2", &[s1sp(of), date(week)])?;
    let columns = ["s1sp", "week", "chf", "line", "place", "date", "state", "codes"];
    let mut insert = tx.inserter("dormant_line", &columns)?;
    for one in lines {
        insert.row(&[
            s1sp(of),
            date(week),
            Value::Int(eui_number(one.chf)),
            text(one.line.word()),
            count(one.place),
            opt(one.date, date),
            text(one.state.word()),
            text(&one.codes),
        ])?;
    }
    insert.finish().map(drop)
}

/// Writes what has become of lines.
///
/// # Errors
/// If the database fails.
pub fn update<'a>(
    tx: &mut Tx<'_>,
    of: &S1sp,
    lines: impl IntoIterator<Item = &'a LineRecord>,
) -> Result<(), StoreError> {
    let sql = "UPDATE dormant_line SET line = $4, date = $5, state = $6, was = $7, codes = $8, cause = $9 \
               WHERE s1sp = $1 AND week = $2 AND chf = $3";
    for one in lines {
        let values = [
            s1sp(of),
            date(one.week),
            Value::Int(eui_number(one.chf)),
            text(one.line.word()),
            opt(one.date, date),
            text(one.state.word()),
            opt(one.was, |state| text(state.word())),
            text(&one.codes),
            opt(one.cause, Value::Int),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// The lines of a week, in the order of the plan.
///
/// # Errors
/// If the database fails.
pub fn of_week(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<Vec<LineRecord>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM dormant_line WHERE s1sp = $1 AND week = $2 ORDER BY place, chf");
    tx.query(sql, &[s1sp(of), date(week)], line)
}

/// The weeks of an S1SP, from one on, in which installations are noticed and can still be migrated.
///
/// # Errors
/// If the database fails.
pub fn open_weeks(tx: &mut Tx<'_>, of: &S1sp, from: Date) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT DISTINCT week FROM dormant_line WHERE s1sp = $1 AND week >= $2 \
               AND (state = 'NOTICED' OR state = 'SCHEDULED' OR state = 'STOPPED') ORDER BY week";
    tx.query(sql, &[s1sp(of), date(from)], |row| row.date(0))
}

/// The installations that another week has: planned or noticed for this week or a later one, or in a schedule without an
/// outcome.
///
/// # Errors
/// If the database fails.
pub fn taken(tx: &mut Tx<'_>, of: &S1sp, week: Date, this_week: Date) -> Result<HashSet<Eui64>, StoreError> {
    let sql = "SELECT chf FROM dormant_line WHERE week >= $3 AND NOT (s1sp = $1 AND week = $2) \
               AND (state = 'PLANNED' OR state = 'NOTICED' OR state = 'STOPPED') \
               UNION SELECT chf FROM dormant_line WHERE state = 'SCHEDULED' OR state = 'UNKNOWN'";
    let values = [s1sp(of), date(week), date(this_week)];
    Ok(tx.query(sql, &values, |row| Ok(eui_of(row.int(0)?)))?.into_iter().collect())
}

/// The lines of an installation with their S1SPs, oldest week first.
///
/// # Errors
/// If the database fails.
pub fn of_installation(tx: &mut Tx<'_>, chf: Eui64) -> Result<Vec<(S1sp, LineRecord)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", s1sp FROM dormant_line WHERE chf = $1 ORDER BY week, s1sp");
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.parsed(9)?, line(row)?)))
}

/// The Dormant installations of sorted keys that are in a schedule without an outcome, with its date (OUT-4).
///
/// # Errors
/// If the database fails.
pub fn in_schedule(tx: &mut Tx<'_>, keys: &[i64]) -> Result<HashMap<i64, Date>, StoreError> {
    const SQL: super::installations::Lookups = super::installations::Lookups {
        probe: "SELECT 1 FROM dormant_line WHERE state = 'SCHEDULED' OR state = 'UNKNOWN' LIMIT $1",
        all: "SELECT chf, date FROM dormant_line WHERE state = 'SCHEDULED' OR state = 'UNKNOWN'",
        one: "SELECT chf, date FROM dormant_line WHERE chf = $key AND (state = 'SCHEDULED' OR state = 'UNKNOWN')",
    };
    let mut found: HashMap<i64, Date> = HashMap::new();
    super::installations::belonging(tx, keys, SQL, |chf, row| {
        found.extend(row.opt_date(1)?.map(|date| (chf, date)));
        Ok(())
    })?;
    Ok(found)
}

/// The Dormant installations that a day has in its schedule without an outcome, in order.
///
/// # Errors
/// If the database fails.
pub fn scheduled_on(tx: &mut Tx<'_>, of: &S1sp, week: Date, day: Date) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT chf FROM dormant_line WHERE s1sp = $1 AND week = $2 AND date = $3 \
               AND (state = 'SCHEDULED' OR state = 'UNKNOWN') ORDER BY chf";
    tx.query(sql, &[s1sp(of), date(week), date(day)], |row| Ok(eui_of(row.int(0)?)))
}

/// REF-2: the lines that an import took out, with their S1SPs.
///
/// # Errors
/// If the database fails.
pub fn left_by(tx: &mut Tx<'_>, import: i64) -> Result<Vec<(S1sp, LineRecord)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", s1sp FROM dormant_line WHERE cause = $1 ORDER BY s1sp, week, chf");
    tx.query(sql, &[Value::Int(import)], |row| Ok((row.parsed(9)?, line(row)?)))
}

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
pub fn notices(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<Noticed, StoreError> {
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
pub fn answers(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<Vec<AnswerRecord>, StoreError> {
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
pub fn said_active(tx: &mut Tx<'_>, since: Timestamp) -> Result<HashSet<Eui64>, StoreError> {
    let sql = "SELECT a.chf FROM dormant_answer a JOIN file ON file.id = a.file \
               WHERE a.answer = 'ACTIVE' AND file.verdict_at > $1";
    Ok(tx.query(sql, &[moment(since)], |row| Ok(eui_of(row.int(0)?)))?.into_iter().collect())
}

/// The suppliers that have said since a moment that an installation is Active (DMT-3), in order.
///
/// # Errors
/// If the database fails.
pub fn who_says_active(tx: &mut Tx<'_>, chf: Eui64, since: Timestamp) -> Result<Vec<Party>, StoreError> {
    let sql = "SELECT DISTINCT a.party FROM dormant_line l \
               JOIN dormant_answer a ON a.s1sp = l.s1sp AND a.week = l.week AND a.chf = l.chf \
               JOIN file ON file.id = a.file \
               WHERE l.chf = $1 AND a.answer = 'ACTIVE' AND file.verdict_at > $2 ORDER BY a.party";
    tx.query(sql, &[Value::Int(eui_number(chf)), moment(since)], |row| row.parsed(0))
}

/// What suppliers answered for an installation, with the week, oldest first.
///
/// # Errors
/// If the database fails.
pub fn answers_of(tx: &mut Tx<'_>, chf: Eui64) -> Result<Vec<(Date, AnswerRecord)>, StoreError> {
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
pub fn notices_of(tx: &mut Tx<'_>, chf: Eui64) -> Result<Vec<(Date, Party, Timestamp)>, StoreError> {
    let sql = "SELECT n.week, n.party, n.at FROM dormant_line l JOIN dormant_notice n \
               ON n.s1sp = l.s1sp AND n.week = l.week AND n.chf = l.chf WHERE l.chf = $1 ORDER BY n.at, n.week, n.party";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.date(0)?, row.parsed(1)?, row.moment(2)?)))
}
