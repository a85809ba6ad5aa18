//! Dormant Meters: the plans of the weeks, notices and answers (DMT-1 to DMT-5).

mod closed;
mod notices;

use super::convert::{Columns, count, date, eui_number, eui_of, moment, opt, s1sp, text};
use super::counts::homes;
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
pub use closed::{add_moved_up, forget_closed, given_up, moved_up, set_given_up};
use jiff::Timestamp;
use jiff::civil::Date;
pub use notices::{
    AnswerRecord, Decision, Noticed, add_notices, answers, answers_of, notices, notices_of, pass_answer, said_active,
    set_answers, who_says_active,
};
use sluice_rules::dormant::{DormantState, Line};
use sluice_rules::party::{Eui64, S1sp};
use std::collections::{HashMap, HashSet};

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
pub fn plan(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Option<Plan>, StoreError> {
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
    leave(tx, of, week)?;
    let sql = "UPDATE dormant_plan SET noticed_at = $3 WHERE s1sp = $1 AND week = $2";
    tx.execute(sql, &[s1sp(of), date(week), moment(at)]).map(drop)
}

/// An installation in the plan of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DormantLineRecord {
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
    /// The day that was over, or locked without it, when a stop order that had covered it was lifted (STOP-1).
    pub lost: Option<Date>,
}

impl DormantLineRecord {
    /// Is it in the schedule of a day, and without an outcome?
    #[must_use]
    pub fn is_in_schedule_of(&self, date: Date) -> bool {
        self.date == Some(date) && matches!(self.state, DormantState::Scheduled | DormantState::Unknown)
    }
}

macro_rules! columns {
    () => {
        "chf, week, line, place, date, state, was, codes, cause, lost"
    };
}

fn line(row: &Row<'_>) -> Result<DormantLineRecord, StoreError> {
    Ok(DormantLineRecord {
        chf: eui_of(row.int(0)?),
        week: row.date(1)?,
        line: row.parsed(2)?,
        place: row.count(3)?,
        date: row.opt_date(4)?,
        state: row.parsed(5)?,
        was: row.opt_text(6)?.map(super::convert::parsed).transpose()?,
        codes: row.text(7)?.to_owned(),
        cause: row.opt_int(8)?,
        lost: row.opt_date(9)?,
    })
}

/// The installations of a week may be counted in another place.
fn leave(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<(), StoreError> {
    let sql = "SELECT chf FROM dormant_line WHERE s1sp = $1 AND week = $2";
    let chfs: Vec<i64> = tx.query(sql, &[s1sp(of), date(week)], |row| row.int(0))?;
    homes::leave(tx, chfs)
}

/// Replaces the lines of a week.
///
/// # Errors
/// If an installation stands there twice.
pub fn replace_lines(tx: &mut Tx<'_>, of: &S1sp, week: Date, lines: &[DormantLineRecord]) -> Result<(), StoreError> {
    leave(tx, of, week)?;
    homes::leave(tx, lines.iter().map(|line| eui_number(line.chf)))?;
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
    lines: impl IntoIterator<Item = &'a DormantLineRecord>,
) -> Result<(), StoreError> {
    let sql = "UPDATE dormant_line SET line = $4, date = $5, state = $6, was = $7, codes = $8, cause = $9, lost = $10 \
               WHERE s1sp = $1 AND week = $2 AND chf = $3";
    let lines: Vec<&DormantLineRecord> = lines.into_iter().collect();
    homes::leave(tx, lines.iter().map(|line| eui_number(line.chf)))?;
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
            opt(one.cause, Value::Given),
            opt(one.lost, date),
        ];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// The lines of a week, in the order of the plan.
///
/// # Errors
/// If the database fails.
pub fn of_week(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<DormantLineRecord>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM dormant_line WHERE s1sp = $1 AND week = $2 ORDER BY place, chf");
    tx.query(sql, &[s1sp(of), date(week)], line)
}

/// The weeks of an S1SP, from one on, in which installations are noticed and can still be migrated.
///
/// # Errors
/// If the database fails.
pub fn open_weeks(tx: &mut View<'_>, of: &S1sp, from: Date) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT DISTINCT week FROM dormant_line WHERE s1sp = $1 AND week >= $2 \
               AND (state = 'NOTICED' OR state = 'SCHEDULED' OR state = 'STOPPED') ORDER BY week";
    tx.query(sql, &[s1sp(of), date(from)], |row| row.date(0))
}

/// The installations that another week has: planned or noticed for this week or a later one, or in a schedule without an
/// outcome.
///
/// # Errors
/// If the database fails.
pub fn taken(tx: &mut View<'_>, of: &S1sp, week: Date, this_week: Date) -> Result<HashSet<Eui64>, StoreError> {
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
pub fn of_installation(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(S1sp, DormantLineRecord)>, StoreError> {
    let sql = concat!("SELECT ", columns!(), ", s1sp FROM dormant_line WHERE chf = $1 ORDER BY week, s1sp");
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| Ok((row.parsed(10)?, line(row)?)))
}

/// The Dormant installations of sorted keys that are in a schedule without an outcome, with its date (OUT-4).
///
/// # Errors
/// If the database fails.
pub fn in_schedule(tx: &mut View<'_>, keys: &[i64]) -> Result<HashMap<i64, Date>, StoreError> {
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
pub fn scheduled_on(tx: &mut View<'_>, of: &S1sp, week: Date, day: Date) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT chf FROM dormant_line WHERE s1sp = $1 AND week = $2 AND date = $3 \
               AND (state = 'SCHEDULED' OR state = 'UNKNOWN') ORDER BY chf";
    tx.query(sql, &[s1sp(of), date(week), date(day)], |row| Ok(eui_of(row.int(0)?)))
}

/// REF-2: the lines that an import took out, with their S1SPs; also those that `later` ones did, or their undoing.
///
/// # Errors
/// If the database fails.
pub fn left_by(tx: &mut View<'_>, import: i64, later: bool) -> Result<Vec<(S1sp, DormantLineRecord)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", s1sp FROM dormant_line WHERE cause >= $1 AND cause <= $2 ORDER BY s1sp, week, chf"
    );
    let last = if later { i64::MAX } else { import };
    tx.query(sql, &[Value::Int(import), Value::Int(last)], |row| Ok((row.parsed(10)?, line(row)?)))
}
