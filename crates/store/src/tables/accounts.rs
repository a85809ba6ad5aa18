//! The people and programs that act.

use super::convert::{Columns, opt, party, text};
use super::log::{AccountId, account_id};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::Party;
use sluice_rules::role::Role;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The party it acts for, if it acts for one.
    pub party: Option<Party>,
    /// May it no longer act?
    pub disabled: bool,
}

const COLUMNS: &str = "name, role, party, disabled";

fn read(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        name: row.text(0)?.to_owned(),
        role: row.parsed(1)?,
        party: row.opt_text(2)?.map(super::convert::parsed).transpose()?,
        disabled: row.flag(3)?,
    })
}

/// An account by its name.
///
/// # Errors
/// If the database fails.
pub fn account(tx: &mut View<'_>, name: &str) -> Result<Option<Account>, StoreError> {
    tx.query_optional(&format!("SELECT {COLUMNS} FROM account WHERE name = $1"), &[text(name)], read)
}

/// Every account, by name.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<Account>, StoreError> {
    tx.query(&format!("SELECT {COLUMNS} FROM account ORDER BY name"), &[], read)
}

/// An account whose name differs from this by nothing but the case of letters.
///
/// # Errors
/// If the database fails.
pub fn like(tx: &mut View<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT name FROM account WHERE lower(name) = $1 ORDER BY name LIMIT 1";
    tx.query_optional(sql, &[text(&name.to_ascii_lowercase())], |row| Ok(row.text(0)?.to_owned()))
}

/// Adds an account.
///
/// # Errors
/// If the name is taken.
pub fn add(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let sql = "INSERT INTO account (name, role, party, disabled) VALUES ($1, $2, $3, $4)";
    let disabled = Value::Int(i64::from(account.disabled));
    let values = [text(&account.name), text(account.role.word()), opt(account.party.as_ref(), party), disabled];
    tx.execute(sql, &values).map(drop)
}

/// Takes an account's right to act; false if there is none of that name.
///
/// # Errors
/// If the database fails.
pub fn disable(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE account SET disabled = 1 WHERE name = $1", &[text(name)])? > 0)
}

/// The id by which the log knows an account; nothing if it has none yet.
///
/// # Errors
/// If the database fails.
pub fn id_of(tx: &mut View<'_>, name: &str) -> Result<Option<AccountId>, StoreError> {
    let sql = "SELECT id FROM account_name WHERE name = $1";
    tx.query_optional(sql, &[text(name)], |row| account_id(row.bytes(0)?))
}

/// Gives an account the id by which the log knows it, for good.
///
/// # Errors
/// If it has one.
pub fn set_id(tx: &mut Tx<'_>, id: &AccountId, name: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO account_name (id, name) VALUES ($1, $2)";
    tx.execute(sql, &[Value::Bytes(id.into()), text(name)]).map(drop)
}

/// The ids of all accounts that ever acted, with their names; without one where it was erased.
///
/// # Errors
/// If the database fails.
pub fn ids(tx: &mut View<'_>) -> Result<Vec<(AccountId, Option<String>)>, StoreError> {
    tx.query("SELECT id, name FROM account_name ORDER BY id", &[], |row| {
        let id = account_id(row.bytes(0)?).map_err(|error| error.of_row("a row of account_name"))?;
        Ok((id, row.opt_text(1)?.map(str::to_owned)))
    })
}
