//! The people and programs that act.

use super::convert::{Columns, opt, party, text};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::Party;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its role, in the words of the column.
    pub role: String,
    /// The party it acts for, if it acts for one.
    pub party: Option<Party>,
    /// May it no longer act?
    pub disabled: bool,
}

/// An account by its name.
///
/// # Errors
/// If the database fails.
pub fn account(tx: &mut View<'_>, name: &str) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT name, role, party, disabled FROM account WHERE name = $1";
    tx.query_optional(sql, &[text(name)], |row| {
        Ok(Account {
            name: row.text(0)?.to_owned(),
            role: row.text(1)?.to_owned(),
            party: row.opt_text(2)?.map(super::convert::parsed).transpose()?,
            disabled: row.flag(3)?,
        })
    })
}

/// Adds an account.
///
/// # Errors
/// If the name is taken.
pub fn add(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let sql = "INSERT INTO account (name, role, party, disabled) VALUES ($1, $2, $3, $4)";
    let disabled = Value::Int(i64::from(account.disabled));
    let values = [text(&account.name), text(&account.role), opt(account.party.as_ref(), party), disabled];
    tx.execute(sql, &values).map(drop)
}

/// Takes an account's right to act; false if there is none of that name.
///
/// # Errors
/// If the database fails.
pub fn disable(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE account SET disabled = 1 WHERE name = $1", &[text(name)])? > 0)
}
