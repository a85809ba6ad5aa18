//! Transactions: all reading and writing.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::{Alike, Journal};
use crate::postgresql::{Array, Server};
use crate::row::{Row, Source};
use crate::scope::Scope;
use crate::value::Value;
use crate::{sql, sqlite};
use fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use rusqlite::{CachedStatement, Connection};

/// How many rows go to PostgreSQL at a time.
pub(crate) const CHUNK: usize = 10_000;

/// How many keys go to PostgreSQL at a time.
const KEYS: usize = 100_000;

/// A transaction on somebody's behalf. What it has changed is kept by [`Tx::commit`] and by nothing else.
///
/// Values are `$1`, `$2`, … in the SQL. An error ends the transaction: whatever follows is refused, and nothing is kept.
#[derive(Debug)]
pub struct Tx<'a> {
    pub(crate) backend: &'a mut Backend,
    pub(crate) state: State,
    scope: Scope,
    writes: bool,
    pub(crate) journal: Option<Box<Journal>>,
}

/// Whether a transaction goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// By an error.
    Ended,
    /// By a commit.
    Kept,
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.state != State::Kept {
            match self.backend {
                Backend::Sqlite(connection) => sqlite::roll_back(connection),
                Backend::Postgres(server) => server.roll_back(),
            }
        }
    }
}

impl<'a> Tx<'a> {
    pub(crate) const fn new(backend: &'a mut Backend, scope: Scope, writes: bool) -> Self {
        Self { backend, state: State::Open, scope, writes, journal: None }
    }

    /// On whose behalf it runs.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Keeps what was changed; when it returns, the disk has it.
    ///
    /// # Errors
    /// [`StoreError::Ended`] if there was an error before, or if the database fails. Then nothing is kept, unless
    /// PostgreSQL was lost while it answered: then all of it or nothing is.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.open()?;
        match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::control(connection, "COMMIT")?,
            Backend::Postgres(server) => server.client.batch_execute("COMMIT")?,
        }
        self.state = State::Kept;
        Ok(())
    }

    /// Runs a statement that gives no rows; returns how many rows an `INSERT`, `UPDATE` or `DELETE` has
    /// changed; for other statements the number means nothing.
    ///
    /// # Errors
    /// What the database says.
    pub fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
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

    /// Ends the digest and gives it; none if none was begun.
    pub fn end_journal(&mut self) -> Option<[u8; 32]> {
        self.journal.take().map(|journal| journal.finish())
    }

    /// Marks the point to which [`Tx::back_to_mark`] goes back.
    ///
    /// # Errors
    /// What the database says.
    pub fn mark(&mut self) -> Result<(), StoreError> {
        self.execute("SAVEPOINT mark", &[]).map(drop)
    }

    /// Takes back what was changed since [`Tx::mark`], and forgets the mark.
    ///
    /// # Errors
    /// What the database says.
    pub fn back_to_mark(&mut self) -> Result<(), StoreError> {
        self.execute("ROLLBACK TO SAVEPOINT mark", &[])?;
        self.execute("RELEASE SAVEPOINT mark", &[]).map(drop)
    }

    /// Runs a query and hands over row by row, so that memory does not grow with their number. An error of the
    /// closure ends the transaction; one of the caller's own goes through [`StoreError::caller`].
    ///
    /// # Errors
    /// What the database or the closure says.
    pub fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(connection) => {
                let mut statement = prepared(connection, sql, tx.writes)?;
                sqlite::bind(&mut statement, values)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next()? {
                    take(&Row(Source::Sqlite(row)))?;
                }
                Ok(())
            }
            Backend::Postgres(server) => {
                let statement = server.prepare(sql, values)?;
                let mut rows = server.client.query_raw(&statement, values)?;
                while let Some(row) = rows.next()? {
                    take(&Row(Source::Postgres(&row)))?;
                }
                Ok(())
            }
        })
    }

    /// Runs a query and collects what the closure makes of each row.
    ///
    /// # Errors
    /// What the database or the closure says.
    pub fn query<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(sql, values, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Runs a query that gives one row or none.
    ///
    /// # Errors
    /// What the database or the closure says; [`StoreError::Rows`] if there are several.
    pub fn query_optional<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(sql, values, |row| match found {
            None => {
                found = Some(read(row)?);
                Ok(())
            }
            Some(_) => Err(StoreError::Rows("several")),
        })?;
        Ok(found)
    }

    /// Runs a query that gives exactly one row.
    ///
    /// # Errors
    /// What the database or the closure says; [`StoreError::Rows`] if there is none or several.
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let found = self.query_optional(sql, values, read)?;
        self.attempt(|_| found.ok_or(StoreError::Rows("none")))
    }

    /// Looks up many rows by a whole number. The query has `column = $key` once and gives that column first, as in
    /// `SELECT id, name FROM t WHERE id = $key AND kind = $1`. Keys rise; the rows come in the order of their keys, those
    /// of one key in the query's order.
    ///
    /// # Errors
    /// If the keys do not rise or the query is not of this kind; what the database or the closure says.
    pub fn lookup(
        &mut self,
        sql: &str,
        keys: &[i64],
        values: &[Value<'_>],
        mut take: impl FnMut(i64, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.attempt(|tx| {
            if !keys.is_sorted_by(|one, next| one < next) {
                return Err(StoreError::Type("the keys of a look-up must rise".to_owned()));
            }
            match &mut tx.backend {
                Backend::Sqlite(connection) => {
                    let mut statement = prepared(connection, sql, tx.writes)?;
                    let place = sqlite::bind_but_key(&mut statement, values)?;
                    for &key in keys {
                        sqlite::bind_one(&mut statement, place, &Value::Int(key))?;
                        let mut rows = statement.raw_query();
                        while let Some(row) = rows.next()? {
                            let row = Row(Source::Sqlite(row));
                            checked_key(&row, |found| found == key)?;
                            take(key, &row)?;
                        }
                    }
                    Ok(())
                }
                Backend::Postgres(server) => {
                    let text = sql::with_keys(sql, values.len() + 1).ok_or_else(StoreError::no_key)?;
                    keys.chunks(KEYS).try_for_each(|keys| lookup_chunk(server, &text, keys, values, &mut take))
                }
            }
        })
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

    fn open(&self) -> Result<(), StoreError> {
        if self.state == State::Open { Ok(()) } else { Err(StoreError::Ended) }
    }

    /// Whether rows may be changed.
    pub(crate) fn writing(&self) -> Result<(), StoreError> {
        self.open()?;
        if self.writes { Ok(()) } else { Err(reading()) }
    }

    /// Does something, if nothing has failed before; its failure ends the transaction.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.open()?;
        // Set beforehand, so that a panic that is caught further up ends it as well.
        self.state = State::Ended;
        let result = work(self)?;
        self.state = State::Open;
        Ok(result)
    }
}

fn reading() -> StoreError {
    StoreError::ReadOnly("this transaction only reads".to_owned())
}

/// A statement of SQLite; one that changes something only where that is allowed.
fn prepared<'c>(connection: &'c Connection, sql: &str, writes: bool) -> Result<CachedStatement<'c>, StoreError> {
    let statement = connection.prepare_cached(sql)?;
    if writes || statement.readonly() { Ok(statement) } else { Err(reading()) }
}

fn checked_key(row: &Row<'_>, asked: impl FnOnce(i64) -> bool) -> Result<i64, StoreError> {
    let found = row.int(0)?;
    if asked(found) {
        Ok(found)
    } else {
        Err(StoreError::Other("a look-up gives its key as the first column".to_owned()))
    }
}

/// The rows are taken while the server still looks for the next ones.
fn lookup_chunk(
    server: &mut Server,
    sql: &str,
    keys: &[i64],
    values: &[Value<'_>],
    take: &mut impl FnMut(i64, &Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut array = Array::new(&postgres::types::Type::INT8)?;
    keys.iter().try_for_each(|&key| array.push(&Value::Int(key)))?;
    let statement = server.prepare_with_keys(sql, values)?;
    let mut parameters: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(values.len() + 1);
    parameters.extend(values.iter().map(|value| value as &(dyn ToSql + Sync)));
    parameters.push(&array);
    let mut rows = server.client.query_raw(&statement, parameters)?;
    while let Some(row) = rows.next()? {
        let row = Row(Source::Postgres(&row));
        let key = checked_key(&row, |found| keys.binary_search(&found).is_ok())?;
        take(key, &row)?;
    }
    Ok(())
}
