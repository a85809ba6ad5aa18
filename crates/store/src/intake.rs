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
        if self.url().path().is_some() {
            return Ok(Tx::new(self.intake_file(Some(Side::Beside))?));
        }
        self.begin(Side::Beside)
    }

    /// The same for notes that may be lost with the machine, since whoever they are for is gone with it or finds out by other means:
    /// the disk is not waited for. A process that ends loses none.
    ///
    /// # Errors
    /// As [`Store::intake`].
    pub fn intake_notes(&mut self) -> Result<Tx<'_>, StoreError> {
        if self.url().path().is_some() {
            return Ok(Tx::new(self.intake_file(Some(Side::Notes))?));
        }
        self.begin(Side::Notes)
    }

    /// Begins reading what is in the intake, of one moment; nothing where a file has none yet, which reading does not make.
    ///
    /// # Errors
    /// If the intake cannot be reached.
    pub fn intake_view(&mut self) -> Result<Option<View<'_>>, StoreError> {
        match self.url().path() {
            Some(path) if self.intake.is_none() && !sqlite::intake::is_there(path) => Ok(None),
            Some(_) => self.intake_file(None).map(Some),
            None => self.view(Scope::Dcc).map(Some),
        }
    }

    /// Begins a transaction in the file of the intake: one that only reads, where no side is named.
    fn intake_file(&mut self, writes: Option<Side>) -> Result<View<'_>, StoreError> {
        let backend = match (self.intake.take(), &self.url().0) {
            (Some(backend), _) => backend,
            (None, Place::Sqlite(path)) => Backend::Sqlite(sqlite::intake::open(path, &self.options)?),
            (None, Place::Postgres(_)) => return Err(StoreError::Other("another database".to_owned())),
        };
        let backend = self.intake.insert(backend);
        if let Backend::Sqlite(connection) = &*backend {
            if let Some(side) = writes {
                sqlite::intake::wait_for_the_disk(connection, side != Side::Notes)?;
            }
            sqlite::begin(connection, writes.is_some())?;
        }
        Ok(View::new(backend, Scope::Dcc, writes.is_some()))
    }

    /// What time it is, to the millisecond: by the clock of the server, which all processes share; by the machine's for a file.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn clock(&mut self) -> Result<Timestamp, StoreError> {
        if let Backend::Sqlite(_) = self.backend {
            return moment_of(Timestamp::now().as_millisecond());
        }
        // A cast alone would round up: at the end of the millisecond before a cut-off it would be late.
        let sql = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)";
        self.view(Scope::Dcc)?.query_one(sql, &[], |row| row.moment(0))
    }
}

impl Tx<'_> {
    /// Is the intake in the same database?
    pub(crate) const fn has_intake(&self) -> bool {
        matches!(self.view.backend, Backend::Postgres(_))
    }
}
