//! The steps of authorisations from one state to another.

use super::convert::{Columns, date, eui_number, eui_of, moment, text};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::Eui64;

/// A step of an authorisation from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The installation.
    pub chf: Eui64,
    /// The file whose row it is.
    pub file: i64,
    /// When.
    pub at: Timestamp,
    /// The state before it.
    pub was: State,
    /// The state after it.
    pub became: State,
    /// The date of the authorisation after it.
    pub date: Date,
    /// Did it use a unit, before it or after it (MAM-2)?
    pub unit: bool,
    /// Why, as codes separated by blanks.
    pub codes: String,
}

/// Adds steps, in their order.
///
/// # Errors
/// If the database fails.
pub fn add_changes(tx: &mut Tx<'_>, changes: &[StateChange]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let first = super::record::next_id(tx, "SELECT max(id) FROM state_change")?;
    let columns = ["id", "chf", "file", "at", "was", "became", "date", "unit", "codes"];
    let mut insert = tx.inserter("state_change", &columns)?;
    for (id, change) in (first..).zip(changes) {
        insert.row(&[
            Value::Int(id),
            Value::Int(eui_number(change.chf)),
            Value::Int(change.file),
            moment(change.at),
            text(change.was.word()),
            text(change.became.word()),
            date(change.date),
            Value::Int(i64::from(change.unit)),
            text(&change.codes),
        ])?;
    }
    insert.finish().map(drop)
}

/// The installation with the most steps; the one with the lowest number of several.
///
/// # Errors
/// If the database fails.
pub fn most_changed(tx: &mut View<'_>) -> Result<Option<Eui64>, StoreError> {
    let sql = "SELECT chf FROM state_change GROUP BY chf ORDER BY count(*) DESC, chf LIMIT 1";
    tx.query_optional(sql, &[], |row| Ok(eui_of(row.int(0)?)))
}

/// The steps of the authorisations of an installation, oldest first.
///
/// # Errors
/// If the database fails.
pub fn changes(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<StateChange>, StoreError> {
    let sql = "SELECT chf, file, at, was, became, date, unit, codes FROM state_change WHERE chf = $1 ORDER BY id";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| {
        Ok(StateChange {
            chf: eui_of(row.int(0)?),
            file: row.int(1)?,
            at: row.moment(2)?,
            was: row.parsed(3)?,
            became: row.parsed(4)?,
            date: row.date(5)?,
            unit: row.flag(6)?,
            codes: row.text(7)?.to_owned(),
        })
    })
}

/// What has become of the rows of an installation, for a date and later, that lapsed at a moment.
///
/// # Errors
/// If the database fails.
pub fn lapsed_at(tx: &mut View<'_>, chf: Eui64, at: Timestamp, since: Date) -> Result<Vec<State>, StoreError> {
    let sql = "SELECT a.state FROM state_change s JOIN authorisation a ON a.chf = s.chf AND a.file = s.file \
               WHERE s.chf = $1 AND s.at = $2 AND s.became = 'LAPSED' AND a.date >= $3 ORDER BY a.file";
    tx.query(sql, &[Value::Int(eui_number(chf)), moment(at), date(since)], |row| row.parsed(0))
}
