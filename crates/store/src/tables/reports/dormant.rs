//! Dormant installations: plans, notices, answers.

use super::{Sight, whole};
use crate::error::StoreError;
use crate::tables::convert::Columns;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use std::collections::BTreeMap;

/// How many lines of a week's plan are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The week's Monday.
    pub week: Date,
    /// PLANNED or STANDBY.
    pub line: String,
    /// The state.
    pub state: String,
    /// Installations.
    pub count: u64,
}

/// The lines of the plans by week and state. A supplier sees those that it was told of.
///
/// # Errors
/// If the database fails.
pub fn lines(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<LineCount>, StoreError> {
    let sql = "SELECT l.week, l.line, l.state, count(*) FROM dormant_line l \
               WHERE l.s1sp = $1 AND l.week BETWEEN $2 AND $3 AND ($4 = '' OR EXISTS (SELECT 1 FROM dormant_notice n \
                 WHERE n.s1sp = l.s1sp AND n.week = l.week AND n.chf = l.chf AND n.party = $4)) \
               GROUP BY l.week, l.line, l.state ORDER BY l.week, l.line, l.state";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp), |row| {
            let (line, state) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            Ok(LineCount { s1sp: *s1sp, week: row.date(0)?, line, state, count: whole(row, 3)? })
        })?);
    }
    Ok(all)
}

/// The places of a day that a stop order took: of lines that it covers, or covered when their week ended, and of those that came
/// back only when their day had gone by; by S1SP and day, for those who see all.
///
/// # Errors
/// If the database fails.
pub fn stopped(tx: &mut View<'_>, sight: &Sight) -> Result<BTreeMap<(S1sp, Date), u64>, StoreError> {
    let sql = "SELECT date, count(*) FROM ( \
                 SELECT date FROM dormant_line WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
                   AND (state = 'STOPPED' OR state = 'UNUSED') AND codes = 'MA124' \
                 UNION ALL SELECT lost AS date FROM dormant_line WHERE s1sp = $1 AND lost BETWEEN $2 AND $3 \
               ) taken GROUP BY date ORDER BY date";
    let mut all = BTreeMap::new();
    for s1sp in sight.s1sps().iter().filter(|_| sight.sees_all()) {
        all.extend(tx.query(sql, &sight.values(s1sp)[..3], |row| Ok(((*s1sp, row.date(0)?), whole(row, 1)?)))?);
    }
    Ok(all)
}

/// How many notices a supplier had, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeCount {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The week's Monday.
    pub week: Date,
    /// The supplier.
    pub party: Party,
    /// The answer; empty where there is none.
    pub answer: String,
    /// The reason of an objection.
    pub reason: String,
    /// UPHELD or REJECTED; empty where nothing is decided.
    pub decision: String,
    /// Installations.
    pub count: u64,
}

/// The notices with their answers.
///
/// # Errors
/// If the database fails.
pub fn notices(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<NoticeCount>, StoreError> {
    let sql = "SELECT n.week, n.party, COALESCE(a.answer, ''), COALESCE(a.reason, ''), COALESCE(a.decision, ''), count(*) \
               FROM dormant_notice n LEFT JOIN dormant_answer a ON a.s1sp = n.s1sp AND a.week = n.week \
                 AND a.chf = n.chf AND a.party = n.party \
               WHERE n.s1sp = $1 AND n.week BETWEEN $2 AND $3 AND ($4 = '' OR n.party = $4) \
               GROUP BY n.week, n.party, COALESCE(a.answer, ''), COALESCE(a.reason, ''), COALESCE(a.decision, '') \
               ORDER BY 1, 2, 3, 4, 5";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp), |row| {
            Ok(NoticeCount {
                s1sp: *s1sp,
                week: row.date(0)?,
                party: row.parsed(1)?,
                answer: row.text(2)?.to_owned(),
                reason: row.text(3)?.to_owned(),
                decision: row.text(4)?.to_owned(),
                count: whole(row, 5)?,
            })
        })?);
    }
    Ok(all)
}

/// When the notices of the weeks were sent, if they were; not of weeks in whose plan there is nobody to be told of.
///
/// # Errors
/// If the database fails.
pub fn noticed(tx: &mut View<'_>, sight: &Sight) -> Result<Vec<(S1sp, Date, Option<Timestamp>)>, StoreError> {
    let sql = "SELECT p.week, p.noticed_at FROM dormant_plan p WHERE p.s1sp = $1 AND p.week BETWEEN $2 AND $3 \
               AND EXISTS (SELECT 1 FROM dormant_line l WHERE l.s1sp = p.s1sp AND l.week = p.week) ORDER BY p.week";
    let mut all = Vec::new();
    for s1sp in sight.s1sps() {
        all.extend(tx.query(sql, &sight.values(s1sp)[..3], |row| Ok((*s1sp, row.date(0)?, row.opt_moment(1)?)))?);
    }
    Ok(all)
}
