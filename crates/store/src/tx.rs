//! Acts: transactions that decide and write.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::{Alike, Journal, Write};
use crate::migration::{self, Migration};
use crate::touched::Touched;
use crate::value::Value;
use crate::view::{State, View, prepared};
use crate::{sql, sqlite};
use postgres::types::ToSql;
use std::ops::{Deref, DerefMut};

/// A transaction in which DCC's program decides: it sees everything, and what it has changed is kept by [`Tx::commit`] and by
/// nothing else. Made by [`Store::decide`](crate::Store::decide).
#[derive(Debug)]
pub struct Tx<'a> {
    pub(crate) view: View<'a>,
    pub(crate) journal: Option<Box<Journal>>,
    /// Is the inventory without indexes and, on PostgreSQL, without row security, out of everybody else's reach?
    pub(crate) alone: bool,
    /// What it has touched of what is counted, and what it had when it was marked.
    pub(crate) touched: Touched,
    marked: Touched,
    /// What is done before everything is kept.
    settle: Settle,
}

/// Does what is left to do before a commit.
pub(crate) type Settle = fn(&mut Tx<'_>) -> Result<(), StoreError>;

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut View<'a> {
        &mut self.view
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(view: View<'a>) -> Self {
        let (touched, marked) = (Touched::default(), Touched::default());
        Self { view, journal: None, alone: false, touched, marked, settle: |_| Ok(()) }
    }

    /// The same, with what is done before everything is kept.
    pub(crate) fn settled_by(self, settle: Settle) -> Self {
        Self { settle, ..self }
    }

    /// Does what is left to do, and keeps what was changed; when it returns, the disk has it.
    ///
    /// # Errors
    /// [`StoreError::Ended`] if there was an error before, or if the database fails: then nothing is kept.
    /// [`StoreError::InDoubt`] if PostgreSQL was lost before it answered, or the disk failed while it was being kept: then all of it is
    /// kept, or nothing.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.open()?;
        if self.lookout.is_some() {
            return Err(StoreError::Other("what is only shown is not kept".to_owned()));
        }
        if self.alone {
            return Err(StoreError::Other("the inventory was left without its indexes".to_owned()));
        }
        (self.settle)(&mut self)?;
        match &mut self.backend {
            Backend::Sqlite(connection) => match sqlite::control(connection, "COMMIT") {
                Err(StoreError::Disk(words)) => return Err(StoreError::InDoubt(words)),
                kept => kept?,
            },
            Backend::Postgres(server) => match server.client.batch_execute("COMMIT").map_err(StoreError::from) {
                Err(StoreError::Unreachable(words)) => return Err(StoreError::InDoubt(words)),
                answered => answered?,
            },
        }
        self.state = State::Kept;
        Ok(())
    }

    /// Runs a statement that gives no rows; returns how many rows an `INSERT`, `UPDATE` or `DELETE` has
    /// changed; for other statements the number means nothing.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let changed = self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(connection) => {
                let mut statement = prepared(connection, sql, tx.writes)?;
                sqlite::bind(&mut statement, values)?;
                sqlite::count(statement.raw_execute()?)
            }
            Backend::Postgres(server) => {
                let statement = server.prepare(sql, values)?;
                let values: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                Ok(server.client.execute(&statement, &values)?)
            }
        })?;
        if let Some(journal) = &mut self.journal {
            journal.statement(sql, values, changed);
        }
        Ok(changed)
    }

    /// Begins a digest of what is written from here on: of each statement that changes rows, and of each row of bulk work,
    /// with its values, in order. Tables that only tell are left out, and what is alike counts as the same.
    pub fn keep_journal(&mut self, alike: Alike) {
        self.journal = Some(Box::new(Journal::new(alike)));
    }

    /// Notes a running number that the act gives out.
    pub(crate) fn give(&mut self, number: i64) {
        if let Some(journal) = &mut self.journal {
            journal.give(number);
        }
    }

    /// Adds rows to the digest as they stand: those that a statement after it passes on without naming their values.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn witness(&mut self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        if let Some(write) = Write::seen(sql) {
            journal.begin(&write);
        }
        let seen = self.view.query(sql, values, |row| {
            let values = (0..row.columns()).map(|column| row.value(column)).collect::<Result<Vec<_>, _>>()?;
            journal.row(&values);
            Ok(())
        });
        self.journal = Some(journal);
        seen.map(drop)
    }

    /// Ends the digest and gives it; none if none was begun.
    pub fn end_journal(&mut self) -> Option<[u8; 32]> {
        self.journal.take().map(|journal| journal.finish())
    }

    /// Marks the point to which [`Tx::back_to_mark`] goes back.
    ///
    /// # Errors
    /// What the database says.
    pub fn mark(&mut self) -> Result<(), StoreError> {
        self.marked = self.touched.clone();
        self.execute("SAVEPOINT mark", &[]).map(drop)
    }

    /// Takes back what was changed since [`Tx::mark`], and forgets the mark.
    ///
    /// # Errors
    /// What the database says.
    pub fn back_to_mark(&mut self) -> Result<(), StoreError> {
        self.execute("ROLLBACK TO SAVEPOINT mark", &[])?;
        self.alone = false;
        self.touched = std::mem::take(&mut self.marked);
        self.execute("RELEASE SAVEPOINT mark", &[]).map(drop)
    }

    /// Runs the statements of a script, each turned into the database's own language.
    pub(crate) fn script(&mut self, script: &str) -> Result<(), StoreError> {
        self.attempt(|tx| {
            for statement in sql::statements(script) {
                match &mut tx.backend {
                    Backend::Sqlite(connection) if sql::only(statement, "sqlite") => {
                        connection.execute_batch(statement)?;
                    }
                    Backend::Postgres(server) if sql::only(statement, "postgresql") => {
                        server.client.batch_execute(&sql::to_postgresql(statement))?;
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    /// Takes away what depends on the tables as they are, until [`Tx::protect`].
    pub(crate) fn unprotect(&mut self) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(server) => server.unprotect(),
        })
    }

    /// Makes the views again that steps have left, where they were taken away.
    pub(crate) fn make_views(&mut self, steps: &[Migration]) -> Result<(), StoreError> {
        self.attempt(|tx| {
            if let Backend::Postgres(server) = &mut tx.backend {
                for view in migration::views(steps) {
                    server.client.batch_execute(&sql::to_postgresql(view))?;
                }
            }
            Ok(())
        })
    }

    /// Gives the roles of PostgreSQL their rights to the tables as they are now; a file has no roles.
    pub(crate) fn protect(&mut self) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(server) => server.protect(),
        })
    }
}
