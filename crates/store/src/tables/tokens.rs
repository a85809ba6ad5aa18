//! Tokens, by which accounts show who they are (ACC-1).

use super::accounts::Account;
use super::convert::{Columns, moment, text};
use super::record::Digest;
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::role::Role;

/// What is known of a token; not what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its public id.
    pub id: String,
    /// The account that it stands for.
    pub account: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: String,
    /// From when on it is taken no more.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// About when it was used last, to a minute.
    pub used_at: Option<Timestamp>,
}

/// The columns of a token with its last use, of which a replay knows nothing.
const COLUMNS: &str = "t.id, t.account, t.made_at, t.made_by, t.expires_at, t.revoked_at, s.used_at";

fn token(row: &Row<'_>) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.text(0)?.to_owned(),
        account: row.text(1)?.to_owned(),
        made_at: row.moment(2)?,
        made_by: row.text(3)?.to_owned(),
        expires_at: row.moment(4)?,
        revoked_at: row.opt_moment(5)?,
        used_at: row.opt_moment(6)?,
    })
}

/// Adds what is known of a token.
///
/// # Errors
/// If the id is taken.
pub fn add(tx: &mut Tx<'_>, token: &Token) -> Result<(), StoreError> {
    let sql = "INSERT INTO token (id, account, made_at, made_by, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let Token { id, account, made_at, made_by, expires_at, .. } = token;
    let values = [text(id), text(account), moment(*made_at), text(made_by), moment(*expires_at)];
    tx.execute(sql, &values).map(drop)
}

/// Keeps the digest by which a token is known again: a secret.
///
/// # Errors
/// If there is one for the id already.
pub fn keep_secret(tx: &mut Tx<'_>, id: &str, digest: &Digest) -> Result<(), StoreError> {
    let sql = "INSERT INTO token_secret (id, digest) VALUES ($1, $2)";
    tx.execute(sql, &[text(id), Value::Bytes(digest.into())]).map(drop)
}

/// The token of a digest with its account, whatever has become of both.
///
/// # Errors
/// If the database fails, or the role of the account is none.
pub fn of_digest(tx: &mut View<'_>, digest: &Digest) -> Result<Option<(Token, Account)>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM token t JOIN token_secret s ON s.id = t.id WHERE s.digest = $1");
    let Some(token) = tx.query_optional(&sql, &[Value::Bytes(digest.into())], token)? else { return Ok(None) };
    let account = super::accounts::account(tx, &token.account)?;
    Ok(account.map(|account| (token, account)))
}

/// Every token, oldest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<Token>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM token t LEFT JOIN token_secret s ON s.id = t.id ORDER BY t.made_at, t.id");
    tx.query(&sql, &[], token)
}

/// The operators and approvers that may act: the role of each, and until when the last of its tokens is taken.
///
/// # Errors
/// If the database fails.
pub fn signers(tx: &mut View<'_>) -> Result<Vec<(Role, Timestamp)>, StoreError> {
    let sql = "SELECT a.role, MAX(t.expires_at) FROM token t JOIN token_secret s ON s.id = t.id \
               JOIN account a ON a.name = t.account \
               WHERE a.role IN ('OPERATOR', 'APPROVER') AND a.disabled = 0 AND t.revoked_at IS NULL \
               GROUP BY a.name, a.role ORDER BY a.name";
    tx.query(sql, &[], |row| Ok((row.parsed(0)?, row.moment(1)?)))
}

/// The account that a token stands for, if there is such a token.
///
/// # Errors
/// If the database fails.
pub fn owner(tx: &mut View<'_>, id: &str) -> Result<Option<String>, StoreError> {
    tx.query_optional("SELECT account FROM token WHERE id = $1", &[text(id)], |row| Ok(row.text(0)?.to_owned()))
}

/// Does a token stand at a moment, is it this account's, and may that act?
///
/// # Errors
/// If the database fails.
pub fn stands(tx: &mut View<'_>, (id, account): (&str, &str), at: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM token t JOIN account a ON a.name = t.account \
               WHERE t.id = $1 AND t.account = $2 AND t.revoked_at IS NULL AND t.expires_at > $3 AND a.disabled = 0";
    Ok(tx.query_optional(sql, &[text(id), text(account), moment(at)], |_| Ok(()))?.is_some())
}

/// Revokes a token; false if none of this id stands.
///
/// # Errors
/// If the database fails.
pub fn revoke(tx: &mut Tx<'_>, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    Ok(tx.execute(sql, &[text(id), moment(at)])? > 0)
}

/// Revokes what an account has.
///
/// # Errors
/// If the database fails.
pub fn revoke_all(tx: &mut Tx<'_>, account: &str, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE token SET revoked_at = $2 WHERE account = $1 AND revoked_at IS NULL";
    tx.execute(sql, &[text(account), moment(at)]).map(drop)
}

/// Notes that a token was used.
///
/// # Errors
/// If the database fails.
pub fn used(tx: &mut Tx<'_>, id: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE token_secret SET used_at = $2 WHERE id = $1", &[text(id), moment(at)]).map(drop)
}
