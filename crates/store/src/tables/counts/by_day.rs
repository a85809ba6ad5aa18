//! What stands for a day of an S1SP, and what came of it, by supplier.

use crate::error::StoreError;
use crate::tables::convert::{Columns, date, s1sp};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::party::S1sp;
use std::collections::BTreeMap;

/// Counts with what is counted in words.
pub(super) type Counts = BTreeMap<String, i64>;

/// Before and after all days of the programme.
pub(super) const ALWAYS: (Date, Date) = (jiff::civil::date(1970, 1, 1), jiff::civil::date(2999, 12, 31));

/// The states of an authorisation that stands for its day, or stood to its end.
macro_rules! stands {
    () => {
        "('ACCEPTED', 'SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED')"
    };
}

/// A step out of the states that stand, by which what stands no more is found; the words of its index.
macro_rules! left {
    ($step:literal) => {
        concat!(
            $step,
            ".became IN ('HELD', 'STANDBY', 'DEFERRED', 'STOPPED', 'SUSPENDED', 'MOVED', 'WITHDRAWN', 'LAPSED', 'EXPIRED')"
        )
    };
}

/// REP-1: whose an authorisation `a` was at the end of the day of a step `c` of it. What passes to another supplier after a day
/// (MAM-11) leaves the day as it was.
macro_rules! holder {
    () => {
        "COALESCE((SELECT p.from_party FROM passing p WHERE p.chf = c.chf AND p.file = c.file AND p.day > c.date ORDER BY p.id LIMIT 1), \
           a.party)"
    };
}

/// Each query counts days of an S1SP from a first to a last one, $1 to $3. Columns: date, what, party, outcome, stage, code, units,
/// attempts.
///
/// - `ACTIVE` and `DORMANT`: the lines of the latest schedule by the supplier whose unit is used, with their outcome, of failures with
///   stage and code, and of them those that count as an attempt (OUT-2). Of a Dormant line the supplier of its meters. What has no
///   outcome is STARTED or NONE.
/// - `UNIT`: the units that rows use which are in no schedule, by their state.
/// - `GIVEN_UP`: installations of which a row gave up a unit and none of its supplier stands for the day since, by what the row became.
///   What another one has done since with a unit of its own is that one's, and tells nothing of it (MSM-14).
/// - `DROPPED`: installations of a supplier that stood for a day with a unit of its and do so no more.
const QUERIES: [&str; 4] = [SCHEDULED, UNITS, GIVEN_UP, DROPPED];

/// The authorisation is found by its installation: what is added to date and S1SP keeps a planner from reading all of the day's for
/// each line.
const SCHEDULED: &str = "\
SELECT date, what, party, outcome, stage, code, count(*), CAST(sum(counted) AS BIGINT) FROM ( \
  SELECT l.date AS date, CASE WHEN l.type = 'DORMANT' THEN 'DORMANT' ELSE 'ACTIVE' END AS what, \
    COALESCE((SELECT a.party FROM authorisation a WHERE a.chf = l.chf AND a.date + 0 = l.date AND a.s1sp || '' = l.s1sp \
      AND a.state IN ('SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED') \
      ORDER BY CASE WHEN a.party = l.electricity_party THEN 0 WHEN a.party = l.gas_party THEN 2 ELSE 1 END, a.party LIMIT 1), \
      l.electricity_party, l.gas_party, '') AS party, \
    CASE WHEN o.chf IS NULL THEN 'NONE' WHEN o.outcome IS NULL THEN 'STARTED' ELSE o.outcome END AS outcome, \
    CASE WHEN o.outcome = 'FAILED' THEN o.stage ELSE '' END AS stage, \
    CASE WHEN o.outcome = 'FAILED' THEN o.code ELSE '' END AS code, COALESCE(o.attempt, 0) AS counted \
  FROM (SELECT s1sp, date, max(version) AS version FROM schedule WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
      GROUP BY s1sp, date) v \
    JOIN schedule_line l ON l.s1sp = v.s1sp AND l.date = v.date AND l.version = v.version \
    LEFT JOIN outcome o ON o.s1sp = l.s1sp AND o.date = l.date AND o.chf = l.chf) scheduled \
GROUP BY date, what, party, outcome, stage, code";

const UNITS: &str = "\
SELECT date, 'UNIT', party, state, '', '', CAST(sum(unit) AS BIGINT), CAST(0 AS BIGINT) FROM authorisation \
WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND state IN ('ACCEPTED', 'HELD', 'SUSPENDED') GROUP BY date, party, state";

/// It is read from what was recorded with each step, since who leads an installation now says nothing of whose unit it was. What was
/// stopped or deferred counts also where the row has gone on; what ended, where it has not come back. A row that is stopped keeps its
/// unit, so it gave it up to the stop only if the next step had none any more, or deferred it.
const GIVEN_UP: &str = concat!(
    "SELECT c.date, 'GIVEN_UP', c.party, c.reason, '', '', count(DISTINCT c.chf), CAST(0 AS BIGINT) \
     FROM (SELECT c.date AS date, c.chf AS chf, a.s1sp AS s1sp, ",
    holder!(),
    " AS party, \
       CASE WHEN c.was = 'STOPPED' AND c.became = 'DEFERRED' THEN 'STOPPED' \
         WHEN c.became = 'EXPIRED' AND c.codes LIKE '%MA128%' THEN 'LAPSED' ELSE c.became END AS reason \
     FROM state_change c JOIN authorisation a ON a.chf = c.chf AND a.file = c.file AND a.s1sp || '' = $1 \
     WHERE c.date BETWEEN $2 AND $3 AND ",
    left!("c"),
    " AND c.unit = 1 \
       AND (c.became = 'DEFERRED' OR c.became IN ('LAPSED', 'EXPIRED', 'WITHDRAWN', 'MOVED') AND a.state = c.became \
         OR c.became = 'STOPPED' AND COALESCE((SELECT n.unit FROM state_change n \
           WHERE n.chf = c.chf AND n.file = c.file AND n.id > c.id AND n.was <> n.became ORDER BY n.id LIMIT 1), a.unit) = 0)) c \
     WHERE NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = c.chf AND b.date = c.date AND b.party = c.party \
         AND b.s1sp || '' = c.s1sp AND b.state IN ",
    stands!(),
    ") GROUP BY c.date, c.party, c.reason"
);

/// Not those whose row their supplier took back or moved itself. As they were recorded: what becomes of the installation or its
/// suppliers later changes nothing. What stands no more has a step out of it, by which it is found.
const DROPPED: &str = concat!(
    "SELECT c.date, 'DROPPED', c.party, '', '', '', count(DISTINCT c.chf), CAST(0 AS BIGINT) \
     FROM (SELECT c.date AS date, c.chf AS chf, c.file AS file, a.s1sp AS s1sp, ",
    holder!(),
    " AS party FROM (SELECT DISTINCT s.date, s.chf FROM state_change s WHERE s.date BETWEEN $2 AND $3 AND ",
    left!("s"),
    ") x JOIN state_change c ON c.chf = x.chf AND c.date + 0 = x.date \
       JOIN authorisation a ON a.chf = c.chf AND a.file = c.file AND a.s1sp || '' = $1 \
     WHERE c.unit = 1 AND (c.was IN ('ACCEPTED', 'SCHEDULED') OR c.became IN ('ACCEPTED', 'SCHEDULED'))) c \
     WHERE NOT EXISTS (SELECT 1 FROM authorisation b WHERE b.chf = c.chf AND b.date = c.date AND b.party = c.party \
         AND b.s1sp || '' = c.s1sp AND (b.state IN ",
    stands!(),
    " OR b.file >= c.file AND b.state IN ('WITHDRAWN', 'MOVED'))) \
     GROUP BY c.date, c.party"
);

const COLUMNS: &str = "date, what, party, outcome, stage, code, units, attempts";

/// Counts days of an S1SP again.
///
/// # Errors
/// If the database fails.
pub(super) fn count_again(tx: &mut Tx<'_>, of: S1sp, (first, last): (Date, Date)) -> Result<(), StoreError> {
    let values = [s1sp(&of), date(first), date(last)];
    let delete = "DELETE FROM day_count WHERE s1sp = $1 AND date BETWEEN $2 AND $3";
    tx.execute(delete, &values)?;
    for query in QUERIES {
        let sql = format!(
            "INSERT INTO day_count (s1sp, {COLUMNS}) SELECT CAST($1 AS TEXT), counted.* FROM ({query}) AS counted"
        );
        tx.execute(&sql, &values)?;
    }
    Ok(())
}

/// What is kept of an S1SP.
///
/// # Errors
/// If the database fails.
pub(super) fn kept(tx: &mut View<'_>, of: S1sp) -> Result<Counts, StoreError> {
    counts(tx, of, &format!("SELECT {COLUMNS} FROM day_count WHERE s1sp = $1"), &[s1sp(&of)])
}

/// What there is of an S1SP.
///
/// # Errors
/// If the database fails.
pub(super) fn found(tx: &mut View<'_>, of: S1sp) -> Result<Counts, StoreError> {
    let mut all = Counts::new();
    for query in QUERIES {
        all.extend(counts(tx, of, query, &[s1sp(&of), date(ALWAYS.0), date(ALWAYS.1)])?);
    }
    Ok(all)
}

fn counts(tx: &mut View<'_>, of: S1sp, sql: &str, values: &[Value<'_>]) -> Result<Counts, StoreError> {
    let mut all = Counts::new();
    tx.each(sql, values, |row| {
        let day = row.date(0)?;
        let [what, party, outcome, stage, code] =
            [row.text(1)?, row.text(2)?, row.text(3)?, row.text(4)?, row.text(5)?];
        let words =
            [what, outcome, code, stage].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let named = format!("{words} of {party} on {day} at {of}");
        all.insert(format!("attempts in {named}"), row.int(7)?);
        all.insert(named, row.int(6)?);
        Ok(())
    })?;
    Ok(all)
}
