//! Looking at a whole database: its tables, and digests for comparison.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::put;
use crate::tx::Tx;
use sha2::{Digest, Sha256};
use std::fmt::Write;

impl Tx<'_> {
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
