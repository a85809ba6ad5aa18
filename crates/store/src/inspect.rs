//! Looking at a whole database: its tables, and digests for comparison.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::put;
use crate::schema::{COMPARED, DERIVED};
use crate::tables::convert::Columns;
use crate::tables::record::unpacked;
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

    /// SHA-256 of all that a table says, in hexadecimal; the same on both databases, and whatever packed its content
    /// ([`COMPARED`]). `order` are columns that order it completely. Both names come from the program, never from outside.
    ///
    /// # Errors
    /// What the database says.
    pub fn digest_table(&mut self, table: &str, order: &str) -> Result<String, StoreError> {
        let compared = COMPARED.iter().find(|compared| compared.table == table);
        let (columns, packed) = compared.map_or(("*", false), |compared| (compared.columns, compared.packed));
        let mut digest = Sha256::new();
        self.each(&format!("SELECT {columns} FROM {table} ORDER BY {order}"), &[], |row| {
            let plain = if packed { row.columns() - 1 } else { row.columns() };
            for column in 0..plain {
                put(&mut digest, &row.value(column)?);
            }
            if packed {
                let content = unpacked(row.bytes(plain)?, row.count(plain - 1)?)?;
                put(&mut digest, &Value::Bytes(content.into()));
            }
            Ok(())
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
