//! The intake: what was handed in, kept before anything else and waiting for no act. On SQLite it is a file of its own beside the
//! database, on PostgreSQL tables in the same schema that are written without the lock of the acts. It is neither record nor
//! derived: what is taken over from it is in the record, and it is in no replay, copy or digest.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::postgresql::Side;
use crate::scope::Scope;
use crate::sqlite;
use crate::store::Store;
use crate::tables::convert::{Columns, moment_of};
use crate::tx::Tx;
use crate::url::Place;
use crate::view::View;
use jiff::Timestamp;

impl Store {
    /// Begins a transaction of the intake, which waits for other hand-ins and never for an act. Where a file was copied alone its
    /// intake is made.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another hand-in does not end in time, or if the intake cannot be reached or made.
    pub fn intake(&mut self) -> Result<Tx<'_>, StoreError> {
        if let Place::Sqlite(path) = &self.url().0 {
            let path = path.clone();
            let backend = match self.intake.take() {
                Some(backend) => backend,
                None => Backend::Sqlite(sqlite::intake::open(&path, &self.options)?),
            };
            let backend = self.intake.insert(backend);
            if let Backend::Sqlite(connection) = &*backend {
                sqlite::begin(connection, true)?;
            }
            return Ok(Tx::new(View::new(backend, Scope::Dcc, true)));
        }
        self.begin(Side::Intake)
    }

    /// What time it is, to the millisecond: by the clock of the server, which all processes share; by the machine's for a file.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn clock(&mut self) -> Result<Timestamp, StoreError> {
        if let Backend::Sqlite(_) = self.backend {
            return moment_of(Timestamp::now().as_millisecond());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        self.view(Scope::Dcc)?.query_one(sql, &[], |row| row.moment(0))
    }
}
