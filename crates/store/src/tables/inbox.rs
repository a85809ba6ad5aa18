//! What one party was sent and told, page by page, each in the order of its numbers.

use super::convert::{Columns, party};
use super::issued::{Issued, Notice};
use crate::error::StoreError;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::Party;

/// The files issued to a party after a number, oldest first, at most so many.
///
/// # Errors
/// If the database fails.
pub fn documents(tx: &mut View<'_>, of: &Party, after: i64, most: i64) -> Result<Vec<Issued>, StoreError> {
    let sql = "SELECT id, party, name, at, file FROM issued WHERE party = $1 AND id > $2 ORDER BY id LIMIT $3";
    tx.query(sql, &[party(of), Value::Int(after), Value::Int(most)], |row| {
        let (id, party, name) = (row.int(0)?, row.parsed(1)?, row.text(2)?.to_owned());
        Ok(Issued { id, party, name, at: row.moment(3)?, file: row.opt_int(4)? })
    })
}

/// What a party was told after a number, with the number of each, oldest first, at most so many.
///
/// # Errors
/// If the database fails.
pub fn notices(tx: &mut View<'_>, of: &Party, after: i64, most: i64) -> Result<Vec<(i64, Notice)>, StoreError> {
    let sql = "SELECT id, party, at, rule, chf, words FROM notice WHERE party = $1 AND id > $2 ORDER BY id LIMIT $3";
    tx.query(sql, &[party(of), Value::Int(after), Value::Int(most)], |row| {
        let chf = row.opt_int(4)?.map(super::convert::eui_of);
        let (rule, words) = (row.text(3)?.to_owned(), row.text(5)?.to_owned());
        Ok((row.int(0)?, Notice { party: row.parsed(1)?, at: row.moment(2)?, rule, chf, words }))
    })
}
