//! Looking at a whole database: its tables, and digests for comparison.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::schema::DERIVED;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sha2::{Digest, Sha256};
use std::fmt::Write;

impl View<'_> {
    /// The names of all tables, in order.
    ///
    /// # Errors
    /// What the database says.
    pub fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = match self.backend {
            Backend::Sqlite(_) => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
            }
            Backend::Postgres(_) => {
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE \"C\""
            }
        };
        self.query(sql, &[], |row| Ok(row.text(0)?.to_owned()))
    }

    /// The number of rows of a table, whose name comes from the program.
    ///
    /// # Errors
    /// What the database says.
    pub fn count_rows(&mut self, table: &str) -> Result<u64, StoreError> {
        self.query_one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.unsigned(0))
    }

    /// SHA-256 of all values of a table, in hexadecimal; the same on both databases. `order` are columns that order it
    /// completely. Both names come from the program, never from outside.
    ///
    /// # Errors
    /// What the database says.
    pub fn digest_table(&mut self, table: &str, order: &str) -> Result<String, StoreError> {
        let mut digest = Sha256::new();
        self.each(&format!("SELECT * FROM {table} ORDER BY {order}"), &[], |row| {
            (0..row.columns()).try_for_each(|column| {
                put(&mut digest, &row.value(column)?);
                Ok(())
            })
        })?;
        Ok(digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

impl Tx<'_> {
    /// Empties the tables that are derived from the record.
    ///
    /// # Errors
    /// What the database says.
    pub fn empty_derived(&mut self) -> Result<(), StoreError> {
        DERIVED.iter().try_for_each(|(table, _)| self.execute(&format!("DELETE FROM {table}"), &[]).map(drop))
    }
}

/// A letter for the kind, the length where it varies, the bytes: no two tables give the same sequence.
fn put(digest: &mut Sha256, value: &Value<'_>) {
    let (letter, bytes) = match value {
        Value::Null => return digest.update(b"n"),
        Value::Int(number) => {
            digest.update(b"i");
            return digest.update(number.to_be_bytes());
        }
        Value::Text(text) => (b"t", text.as_bytes()),
        Value::Bytes(bytes) => (b"b", bytes.as_ref()),
    };
    digest.update(letter);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}
