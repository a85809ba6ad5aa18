//! A first inventory: it is loaded straight into its table, since there is nothing that it is compared with, and writing ten million rows
//! beside it first costs half as much again.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::indexes::{INSTALLATION_INDEXES, WITHOUT};
use crate::tx::Tx;

impl Tx<'_> {
    /// Takes the indexes of an empty inventory away and, on PostgreSQL, its row security, until [`Tx::give_inventory_back`] gives both
    /// back: nothing is kept without that. Nobody else reaches the table meanwhile, with PostgreSQL not even to read.
    pub(crate) fn take_inventory(&mut self) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(connection) => Ok(connection.execute_batch(WITHOUT)?),
            Backend::Postgres(server) => server.index_inventory(false),
        })?;
        self.alone = true;
        Ok(())
    }

    /// Makes the indexes of the inventory. They belong to the owner of the tables, not to who acts.
    pub(crate) fn give_inventory_back(&mut self) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(connection) => Ok(connection.execute_batch(INSTALLATION_INDEXES)?),
            Backend::Postgres(server) => server.index_inventory(true),
        })?;
        self.alone = false;
        Ok(())
    }
}
