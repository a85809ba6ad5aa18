//! Outages of intake, as operators recorded them (CAL-7).

use super::convert::{Columns, moment, text};
use super::record::give_id;
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::intake::Outage;

/// An outage with its number.
pub type RecordedOutage = (i64, Outage);

/// The outages, in the order in which they were recorded.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<RecordedOutage>, StoreError> {
    tx.query("SELECT id, begins, ends FROM outage ORDER BY id", &[], |row| {
        Ok((row.int(0)?, Outage { from: row.moment(1)?, to: row.moment(2)? }))
    })
}

/// Adds an outage and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, outage: Outage, reason: &str, at: Timestamp) -> Result<i64, StoreError> {
    let id = give_id(tx, "SELECT max(id) FROM outage")?;
    let sql = "INSERT INTO outage (id, begins, ends, reason, at) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, &[Value::Given(id), moment(outage.from), moment(outage.to), text(reason), moment(at)])?;
    Ok(id)
}
