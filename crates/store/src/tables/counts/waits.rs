//! Why installations wait that somebody asked for, and since when, by S1SP and Lead Supplier (REP-1, backlog).
//!
//! What comes with time alone is not counted: it is kept beside the counts from when on a try is allowed, an exclusion holds, and which
//! installation holds may be of. So the counts change with acts, and the report says what they come to on a day.

use crate::error::StoreError;
use crate::row::Row;
use crate::tables::convert::{Columns, date_number, date_of, moment_of, s1sp, text};
use crate::touched::{Wait, Waits};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::S1sp;
use std::collections::BTreeMap;

/// The states of rows that wait, the worst first: of several rows of an installation it decides.
const STATES: [State; 6] =
    [State::Unknown, State::Stopped, State::Suspended, State::Deferred, State::Held, State::Standby];

/// The rows of which something is true. The columns: CHF Device ID, S1SP, lead, state, when it was received.
macro_rules! rows {
    ($($where:expr),*) => {
        concat!(
            "SELECT a.chf, a.s1sp, COALESCE(",
            lead!(),
            ", 0), a.state, r.at FROM authorisation a JOIN received r ON r.id = a.file \
             LEFT JOIN installation i ON i.chf = a.chf WHERE ",
            $($where),*
        )
    };
}

/// What became last, at an S1SP, of installations of which something is true, if that was no migration and nobody has asked for them
/// again: not migrated, without a live row or a noticed plan. The columns are those of the table from the second on.
macro_rules! tries {
    ($where:literal) => {
        concat!(
            "SELECT o.chf AS chf, o.s1sp AS s1sp, ",
            lead!(),
            " AS lead, o.outcome AS state, o.date AS since, o.stage AS stage, o.code AS code, COALESCE(t.failed, 0) AS failed, \
               COALESCE(t.retry_from, 0) AS retry_from, \
               COALESCE((SELECT min(x.effective) FROM exclusion x WHERE x.chf = o.chf AND x.fuel = ''), 0) AS excluded, \
               CASE WHEN EXISTS (SELECT 1 FROM dormant_line d WHERE d.chf = o.chf AND d.state IN ",
            planned!(),
            ") THEN 1 ELSE 0 END AS planned, \
               CASE WHEN EXISTS (SELECT 1 FROM hold h WHERE h.chf = o.chf) THEN o.chf ELSE 0 END AS home \
             FROM outcome o JOIN installation i ON i.chf = o.chf LEFT JOIN attempt t ON t.chf = o.chf \
             WHERE o.outcome IN ('FAILED', 'NOT_ATTEMPTED') AND t.migrated IS NULL \
               AND NOT EXISTS (SELECT 1 FROM outcome l WHERE l.chf = o.chf AND l.s1sp = o.s1sp AND l.date > o.date) \
               AND NOT EXISTS (SELECT 1 FROM authorisation a WHERE a.chf = o.chf AND a.state IN ",
            live!(),
            ") AND NOT EXISTS (SELECT 1 FROM dormant_line d JOIN dormant_plan p ON p.s1sp = d.s1sp AND p.week = d.week \
                 WHERE d.chf = o.chf AND p.noticed_at IS NOT NULL AND d.state IN ",
            planned!(),
            ") AND ",
            $where
        )
    };
}

/// The same, counted.
macro_rules! counted {
    ($where:literal) => {
        concat!(
            "SELECT CAST(0 AS BIGINT), s1sp, lead, state, since, stage, code, failed, retry_from, excluded, planned, home, count(*) FROM (",
            tries!($where),
            ") tried GROUP BY s1sp, lead, state, since, stage, code, failed, retry_from, excluded, planned, home"
        )
    };
}

/// The installations with live rows: whose they are, when the oldest came, and where in the list of states the worst of them stands;
/// nothing if one of them does not wait.
#[derive(Default)]
struct Rows(BTreeMap<(i64, S1sp), (i64, i64, Option<usize>)>);

impl Rows {
    fn add(&mut self, chf: i64, row: &Row<'_>) -> Result<(), StoreError> {
        let (lead, state, at): (_, State, _) = (row.int(2)?, row.parsed(3)?, row.int(4)?);
        if state.is_live() {
            let place = STATES.iter().position(|waits| *waits == state);
            let (_, since, worst) = self.0.entry((chf, row.parsed(1)?)).or_insert((lead, at, place));
            (*since, *worst) = ((*since).min(at), (*worst).min(place));
        }
        Ok(())
    }

    /// Counts them.
    fn count(self, more: i64, waits: &mut Waits) -> Result<(), StoreError> {
        for ((_, s1sp), (lead, since, worst)) in self.0 {
            let Some(state) = worst.and_then(|place| STATES.get(place)) else { continue };
            let since = date_number(moment_of(since)?.to_zoned(LONDON).date());
            let wait = Wait {
                s1sp,
                lead,
                state: state.word().to_owned(),
                since,
                stage: String::new(),
                code: String::new(),
                failed: 0,
                retry_from: 0,
                excluded: 0,
                planned: 0,
                home: 0,
            };
            *waits.entry(wait).or_default() += more;
        }
        Ok(())
    }
}

/// What a line of the table, or of a query with its columns, counts.
fn wait(row: &Row<'_>) -> Result<Wait, StoreError> {
    let [stage, code] = [row.text(5)?, row.text(6)?].map(str::to_owned);
    Ok(Wait {
        s1sp: row.parsed(1)?,
        lead: row.int(2)?,
        state: row.text(3)?.to_owned(),
        since: row.int(4)?,
        stage,
        code,
        failed: row.int(7)?,
        retry_from: row.int(8)?,
        excluded: row.int(9)?,
        planned: row.int(10)?,
        home: row.int(11)?,
    })
}

/// Adds those of sorted installations of which a row waits.
///
/// # Errors
/// If the database fails.
pub(super) fn of_rows(tx: &mut View<'_>, keys: &[i64], more: i64, waits: &mut Waits) -> Result<(), StoreError> {
    let mut found = Rows::default();
    tx.lookup(rows!("a.chf = $key"), keys, &[], |chf, row| found.add(chf, row))?;
    found.count(more, waits)
}

/// Adds those of sorted installations that can be authorised again after an outcome.
///
/// # Errors
/// If the database fails.
pub(super) fn of_tries(tx: &mut View<'_>, keys: &[i64], more: i64, waits: &mut Waits) -> Result<(), StoreError> {
    tx.lookup(tries!("o.chf = $key"), keys, &[], |_, row| {
        *waits.entry(wait(row)?).or_default() += more;
        Ok(())
    })
}

/// Adds what the queries give.
fn of_all(tx: &mut View<'_>, [rows, tries]: [&str; 2], more: i64, waits: &mut Waits) -> Result<(), StoreError> {
    let mut found = Rows::default();
    tx.each(rows, &[], |row| found.add(row.int(0)?, row))?;
    found.count(more, waits)?;
    tx.each(tries, &[], |row| {
        *waits.entry(wait(row)?).or_default() += more * row.int(12)?;
        Ok(())
    })
}

/// Adds the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(super) fn differing(tx: &mut View<'_>, more: i64, waits: &mut Waits) -> Result<(), StoreError> {
    let rows = rows!("a.chf IN (SELECT d.chf FROM stage_difference d)");
    of_all(tx, [rows, counted!("o.chf IN (SELECT d.chf FROM stage_difference d)")], more, waits)
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    for (wait, more) in std::mem::take(&mut tx.touched.waits).into_iter().filter(|(_, more)| *more != 0) {
        let key = key(&wait);
        let values = [key.as_slice(), &[Value::Int(more)]].concat();
        if tx.execute(&format!("UPDATE wait_count SET homes = homes + $12 WHERE {OF}"), &values)? == 0 {
            let sql = format!("INSERT INTO wait_count ({}) VALUES ({PLACES})", COLUMNS.join(", "));
            tx.execute(&sql, &values)?;
        }
        tx.execute(&format!("DELETE FROM wait_count WHERE {OF} AND homes = 0"), &key)?;
    }
    Ok(())
}

const OF: &str = "s1sp = $1 AND lead = $2 AND state = $3 AND since = $4 AND stage = $5 AND code = $6 AND failed = $7 \
                  AND retry_from = $8 AND excluded = $9 AND planned = $10 AND home = $11";

const PLACES: &str = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12";

const COLUMNS: [&str; 12] =
    ["s1sp", "lead", "state", "since", "stage", "code", "failed", "retry_from", "excluded", "planned", "home", "homes"];

/// The key of a count.
fn key(wait: &Wait) -> [Value<'_>; 11] {
    let [lead, since, failed, retry_from, excluded, planned, home] =
        [wait.lead, wait.since, wait.failed, wait.retry_from, wait.excluded, wait.planned, wait.home].map(Value::Int);
    let [state, stage, code] = [&wait.state, &wait.stage, &wait.code].map(|word| text(word));
    [s1sp(&wait.s1sp), lead, state, since, stage, code, failed, retry_from, excluded, planned, home]
}

/// What is counted, in words.
fn words(wait: &Wait) -> String {
    let date = |number| date_of(number).map_or_else(|_| "no date".to_owned(), |date| date.to_string());
    let Wait { s1sp, lead, state, stage, code, failed, home, planned, .. } = wait;
    let [since, retry_from, excluded] = [wait.since, wait.retry_from, wait.excluded].map(date);
    format!(
        "installations of {s1sp} led by MPID number {lead} that wait since {since}: {state} {stage} {code}, failed {failed} times, \
         again from {retry_from}, excluded from {excluded}, planned {planned}, held {home}"
    )
}

/// Counts everything from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(super) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.waits.clear();
    tx.execute("DELETE FROM wait_count", &[])?;
    let found = found(tx)?;
    let mut insert = tx.inserter("wait_count", &COLUMNS)?;
    for (wait, homes) in &found {
        insert.row(&[key(wait).as_slice(), &[Value::Int(*homes)]].concat())?;
    }
    insert.finish().map(drop)
}

/// What there is.
fn found(tx: &mut View<'_>) -> Result<Waits, StoreError> {
    let mut waits = Waits::new();
    of_all(tx, [rows!("a.state IN ", live!()), counted!("1 = 1")], 1, &mut waits)?;
    Ok(waits)
}

/// What is kept and what there is, in words.
///
/// # Errors
/// If the database fails.
pub(super) fn both(tx: &mut View<'_>) -> Result<[BTreeMap<String, i64>; 2], StoreError> {
    let sql = format!("SELECT 0, {} FROM wait_count", COLUMNS.join(", "));
    let kept = tx.query(&sql, &[], |row| Ok((words(&wait(row)?), row.int(12)?)))?;
    let found = found(tx)?.into_iter().map(|(wait, homes)| (words(&wait), homes)).collect();
    Ok([kept.into_iter().collect(), found])
}
