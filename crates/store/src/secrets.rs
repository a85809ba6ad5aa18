//! Taking secrets out of a copy of a database.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Empties tables so that nothing of their rows is left, in freed room neither. For copies, before anybody works with
    /// them. The names come from the program, never from outside.
    ///
    /// # Errors
    /// If the database fails.
    pub fn forget(&mut self, tables: &[&str]) -> Result<(), StoreError> {
        if let Backend::Sqlite(connection) = &self.backend {
            connection.execute_batch("PRAGMA secure_delete = ON")?;
        }
        let mut tx = self.own()?;
        let empty = if matches!(tx.backend, Backend::Sqlite(_)) { "DELETE FROM" } else { "TRUNCATE" };
        for table in tables {
            tx.execute(&format!("{empty} {table}"), &[])?;
        }
        tx.commit()?;
        if let Backend::Sqlite(connection) = &self.backend {
            // What was written before lies in the file until the changes are moved into it.
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            connection.execute_batch("PRAGMA secure_delete = OFF")?;
        }
        Ok(())
    }
}
