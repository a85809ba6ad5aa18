//! The intake: what was handed in, kept before anything else and waiting for no act. On SQLite it is a file of its own beside the
//! database, on PostgreSQL tables in the same schema that are written without the lock of the acts. It is neither record nor
//! derived: what is taken over from it is in the record, and it is in no replay, copy or digest.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::machine::{self, ClockJump};
use crate::postgresql::Side;
use crate::scope::Scope;
use crate::sqlite;
use crate::store::Store;
use crate::tables::convert::Columns;
use crate::tables::intake::{CLOCK, fact, not_after, set_fact};
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
        let limit = self.options.statement;
        let backend = self.intake.insert(backend);
        if let Backend::Sqlite(connection) = backend {
            if let Some(side) = writes {
                sqlite::intake::wait_for_the_disk(connection, side != Side::Notes)?;
                sqlite::begin(connection)?;
            } else {
                sqlite::begin_reading(connection, Some(limit))?;
            }
        }
        Ok(View::new(backend, Scope::Dcc, writes.is_some()))
    }

    /// What time it is, to the millisecond: by the clock of the server, which all processes share; by the machine's for a file, as it
    /// would be if nobody had set it since it was last noted ([`Store::clock_jump`]).
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn clock(&mut self) -> Result<Timestamp, StoreError> {
        if let Backend::Sqlite(_) = self.backend {
            // CAL-3: a clock that was set while the machine ran changes nothing.
            return self.clock_jump()?.map_or_else(machine::says, |jump| Ok(jump.expected));
        }
        self.view(Scope::Dcc)?.clock()
    }

    /// Was the machine's clock set, by more than a minute, since it was last noted in the intake of a file? Not at a server, whose
    /// clock all ask.
    ///
    /// # Errors
    /// If the intake cannot be read.
    pub fn clock_jump(&mut self) -> Result<Option<ClockJump>, StoreError> {
        if self.url().path().is_none() {
            return Ok(None);
        }
        let Some(mut view) = self.intake_view()? else { return Ok(None) };
        machine::jump(fact(&mut view, CLOCK)?.as_deref())
    }

    /// Acts have moments, so nothing is done while the clock is one that was set.
    ///
    /// # Errors
    /// [`StoreError::Clock`] if it was, or if the intake cannot be read.
    pub fn must_have_the_time(&mut self) -> Result<(), StoreError> {
        let jump = self.clock_jump()?;
        jump.map_or(Ok(()), |ClockJump { expected, says }| Err(StoreError::Clock { expected, says }))
    }

    /// Notes the machine's clock in the intake of a file, unless it was set or was noted a short while ago.
    ///
    /// # Errors
    /// If the intake cannot be written.
    pub fn note_clock(&mut self) -> Result<(), StoreError> {
        if self.url().path().is_none() || self.clock_jump()?.is_some() {
            return Ok(());
        }
        let noted = match self.intake_view()? {
            Some(mut view) => fact(&mut view, CLOCK)?,
            None => None,
        };
        if machine::is_fresh(noted.as_deref()) { Ok(()) } else { self.believe_clock() }
    }

    /// Notes the machine's clock as it is in the intake of a file: from now on it is believed.
    ///
    /// # Errors
    /// If the intake cannot be written.
    pub fn believe_clock(&mut self) -> Result<(), StoreError> {
        self.believe(None)
    }

    /// The same of a clock that was set. What waits with a later moment than this gets this one, in the order in which it came.
    ///
    /// # Errors
    /// If the intake cannot be written; then the clock is not believed either.
    pub fn believe_clock_at(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.believe(Some(now))
    }

    fn believe(&mut self, now: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(note) = machine::note().filter(|_| self.url().path().is_some()) else { return Ok(()) };
        let mut tx = self.intake()?;
        set_fact(&mut tx, CLOCK, &note)?;
        now.map_or(Ok(()), |now| not_after(&mut tx, now))?;
        tx.commit()
    }
}

impl View<'_> {
    /// What time it is, to the millisecond: by the clock of the server, by the machine's for a file. Unlike [`Store::clock`] it does
    /// not ask whether that was set: a transaction that gives moments is not begun then.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn clock(&mut self) -> Result<Timestamp, StoreError> {
        if let Backend::Sqlite(_) = self.backend {
            return machine::says();
        }
        // A cast alone would round up: at the end of the millisecond before a cut-off it would be late.
        let sql = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)";
        self.query_one(sql, &[], |row| row.moment(0))
    }
}

impl Tx<'_> {
    /// Is the intake in the same database?
    pub(crate) const fn has_intake(&self) -> bool {
        matches!(self.view.backend, Backend::Postgres(_))
    }
}
