//! Readings: transactions in which nothing can be changed, on somebody's behalf.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::postgresql::{Array, Server};
use crate::row::{Row, Source};
use crate::scope::Scope;
use crate::value::Value;
use crate::waiting::{Lookout, told};
use crate::{sql, sqlite, work};
use fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use rusqlite::{CachedStatement, Connection};

/// How many keys go to PostgreSQL at a time.
const KEYS: usize = 100_000;

/// A reading on somebody's behalf: it gives what its scope may see, of one moment, and changes nothing. Made by
/// [`Store::view`](crate::Store::view).
///
/// Values are `$1`, `$2`, … in the SQL. An error ends it: whatever follows is refused.
#[derive(Debug)]
pub struct View<'a> {
    pub(crate) backend: &'a mut Backend,
    pub(crate) state: State,
    scope: Scope,
    pub(crate) writes: bool,
    /// What looks whether somebody waits, of a transaction that gives way.
    pub(crate) lookout: Option<Lookout>,
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

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.lookout = None;
        if self.state != State::Kept {
            match self.backend {
                Backend::Sqlite(connection) => sqlite::roll_back(connection),
                Backend::Postgres(server) => server.roll_back(),
            }
        }
    }
}

impl<'a> View<'a> {
    pub(crate) const fn new(backend: &'a mut Backend, scope: Scope, writes: bool) -> Self {
        Self { backend, state: State::Open, scope, writes, lookout: None }
    }

    /// On whose behalf it runs.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Runs a query and hands over row by row, so that memory does not grow with their number. An error of the
    /// closure ends the transaction; one of the caller's own goes through [`StoreError::caller`].
    ///
    /// # Errors
    /// What the database or the closure says.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.attempt(|view| match &mut view.backend {
            Backend::Sqlite(connection) => {
                let mut statement = prepared(connection, sql, view.writes)?;
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
    pub(crate) fn query<T>(
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
    pub(crate) fn query_optional<T>(
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
    pub(crate) fn query_one<T>(
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
    pub(crate) fn lookup(
        &mut self,
        sql: &str,
        keys: &[i64],
        values: &[Value<'_>],
        mut take: impl FnMut(i64, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.attempt(|view| {
            if !keys.is_sorted_by(|one, next| one < next) {
                return Err(StoreError::Type("the keys of a look-up must rise".to_owned()));
            }
            match &mut view.backend {
                Backend::Sqlite(connection) => {
                    let mut statement = prepared(connection, sql, view.writes)?;
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

    pub(crate) fn open(&self) -> Result<(), StoreError> {
        if self.state == State::Open { Ok(()) } else { Err(StoreError::Ended) }
    }

    /// Does something, if nothing has failed before; its failure ends the transaction.
    pub(crate) fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.open()?;
        // Set beforehand, so that a panic that is caught further up ends it as well.
        self.state = State::Ended;
        let gives_way = self.lookout.as_ref().and_then(Lookout::gives_way);
        let result = gives_way.map_or(Ok(()), Err).and_then(|()| work(self));
        let result = result.map_err(|error| told(self.lookout.as_ref(), error))?;
        self.state = State::Open;
        Ok(result)
    }
}

pub(crate) fn reading() -> StoreError {
    StoreError::ReadOnly("this transaction only reads".to_owned())
}

/// A statement of SQLite; one that changes something only where that is allowed.
pub(crate) fn prepared<'c>(
    connection: &'c Connection,
    sql: &str,
    writes: bool,
) -> Result<CachedStatement<'c>, StoreError> {
    #[cfg(test)]
    crate::tables::scale_tests::note(sql);
    work::statement();
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
