//! Bulk work: many rows inserted or changed by one statement.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::{Journal, written};
use crate::postgresql::{Array, COPY_HEAD, COPY_TAIL, Server, io_error, put_field};
use crate::sql;
use crate::sqlite::{self, Places};
use crate::tx::{CHUNK, State, Tx};
use crate::value::Value;
use postgres::CopyInWriter;
use postgres::types::{ToSql, Type};
use rusqlite::CachedStatement;
use std::io::Write;

/// How many bytes go to PostgreSQL at a time.
const BUFFER: usize = 64 << 10;

/// Inserts many rows into one table: SQLite by a prepared statement, PostgreSQL by `COPY`. Made by [`Tx::inserter`].
///
/// One that is dropped before [`Inserter::finish`] ends the transaction.
#[derive(Debug)]
pub struct Inserter<'t> {
    target: Target<'t>,
    state: &'t mut State,
    journal: Option<&'t mut Journal>,
    columns: usize,
    rows: u64,
}

enum Target<'t> {
    Sqlite(CachedStatement<'t>),
    Copy { writer: CopyInWriter<'t>, buffer: Vec<u8>, types: Vec<Type> },
    Done,
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Tx<'_> {
    /// Begins to insert many rows into these columns of a table. Both names come from the program, never from outside.
    ///
    /// # Errors
    /// If there is no such table or column.
    pub fn inserter(&mut self, table: &str, columns: &[&str]) -> Result<Inserter<'_>, StoreError> {
        self.writing()?;
        self.state = State::Ended;
        let target = match &mut self.backend {
            Backend::Sqlite(connection) => {
                let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
                let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
                Target::Sqlite(connection.prepare_cached(&sql)?)
            }
            Backend::Postgres(server) => copy(server, table, columns)?,
        };
        self.state = State::Open;
        let mut journal = self.journal.as_deref_mut().filter(|_| Journal::counts(table));
        if let Some(journal) = &mut journal {
            journal.begin(&format!("INSERT INTO {table} ({})", columns.join(", ")));
        }
        Ok(Inserter { target, state: &mut self.state, journal, columns: columns.len(), rows: 0 })
    }

    /// Begins to run one `UPDATE t SET … WHERE …` or `DELETE FROM t WHERE …`, with a single `WHERE`, for many rows of
    /// values. With PostgreSQL thousands go at a time, so two rows of values must not address the same row of the table.
    ///
    /// # Errors
    /// If the statement is not of this kind.
    pub fn updater(&mut self, sql: &str) -> Result<Updater<'_>, StoreError> {
        self.writing()?;
        self.state = State::Ended;
        let work = match &mut self.backend {
            Backend::Sqlite(connection) => {
                let statement = connection.prepare_cached(sql)?;
                let places = sqlite::places(&statement, statement.parameter_count())?;
                Work::Sqlite { columns: statement.parameter_count(), statement, places }
            }
            Backend::Postgres(server) => arrays(server, sql)?,
        };
        self.state = State::Open;
        let mut journal = self.journal.as_deref_mut().filter(|_| written(sql).is_some_and(Journal::counts));
        if let Some(journal) = &mut journal {
            journal.begin(sql);
        }
        Ok(Updater { work, state: &mut self.state, journal, changed: 0 })
    }
}

fn copy<'t>(server: &'t mut Server, table: &str, columns: &[&str]) -> Result<Target<'t>, StoreError> {
    let columns = columns.join(", ");
    let described = server.prepare(&format!("SELECT {columns} FROM {table} LIMIT 0"), &[])?;
    let types = described.columns().iter().map(|column| column.type_().clone()).collect();
    let statement = server.prepare(&format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)"), &[])?;
    let writer = server.client.copy_in(&statement)?;
    let mut buffer = Vec::with_capacity(BUFFER + 4096);
    buffer.extend_from_slice(COPY_HEAD);
    Ok(Target::Copy { writer, buffer, types })
}

impl Inserter<'_> {
    /// Inserts a row, its values in the order of the columns.
    ///
    /// # Errors
    /// If their number or kinds do not fit. What breaks a rule of the table is told here or by [`Inserter::finish`].
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let result = self.put(values);
        if result.is_err() {
            self.target = Target::Done;
            *self.state = State::Ended;
        } else if let Some(journal) = &mut self.journal {
            journal.row(values);
        }
        self.rows += 1;
        result
    }

    fn put(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        if values.len() != self.columns {
            return Err(StoreError::wrong_count(self.columns, values.len()));
        }
        match &mut self.target {
            Target::Sqlite(statement) => {
                for (index, value) in values.iter().enumerate() {
                    sqlite::bind_one(statement, index + 1, value)?;
                }
                statement.raw_execute()?;
            }
            Target::Copy { writer, buffer, types } => {
                let fields = i16::try_from(values.len()).map_err(|_| StoreError::wrong_count(0, values.len()))?;
                buffer.extend_from_slice(&fields.to_be_bytes());
                for (value, kind) in values.iter().zip(types) {
                    put_field(buffer, kind, value)?;
                }
                if buffer.len() >= BUFFER {
                    writer.write_all(buffer).map_err(io_error)?;
                    buffer.clear();
                }
            }
            Target::Done => return Err(StoreError::Ended),
        }
        Ok(())
    }

    /// Ends inserting; returns the number of rows.
    ///
    /// # Errors
    /// If a row breaks a rule of the table, or an earlier one was refused.
    pub fn finish(mut self) -> Result<u64, StoreError> {
        match std::mem::replace(&mut self.target, Target::Done) {
            Target::Sqlite(_) => {}
            Target::Copy { mut writer, mut buffer, .. } => {
                *self.state = State::Ended;
                buffer.extend_from_slice(&COPY_TAIL);
                writer.write_all(&buffer).map_err(io_error)?;
                writer.finish()?;
                *self.state = State::Open;
            }
            Target::Done => return Err(StoreError::Ended),
        }
        Ok(self.rows)
    }
}

impl Drop for Inserter<'_> {
    fn drop(&mut self) {
        if !matches!(self.target, Target::Done) {
            *self.state = State::Ended;
        }
    }
}

/// Runs one statement for many rows of values: SQLite one by one, PostgreSQL thousands at a time. Made by
/// [`Tx::updater`].
///
/// One that is dropped before [`Updater::finish`] ends the transaction.
#[derive(Debug)]
pub struct Updater<'t> {
    work: Work<'t>,
    state: &'t mut State,
    journal: Option<&'t mut Journal>,
    changed: u64,
}

enum Work<'t> {
    Sqlite { statement: CachedStatement<'t>, places: Places, columns: usize },
    Arrays { server: &'t mut Server, statement: postgres::Statement, arrays: Vec<Array>, rows: usize },
    Done,
}

impl std::fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

fn arrays<'t>(server: &'t mut Server, sql: &str) -> Result<Work<'t>, StoreError> {
    // The server tells the types of the values from the statement for one row.
    let one = server.prepare_typed(sql, std::iter::empty())?;
    let arrays = one.params().iter().map(Array::new).collect::<Result<Vec<_>, _>>()?;
    let types: Vec<_> = arrays.iter().map(Array::element).collect();
    let many = sql::with_arrays(sql, &types).ok_or_else(|| {
        StoreError::Other("many rows are changed by an UPDATE or a DELETE with a single WHERE".to_owned())
    })?;
    let statement = server.prepare_typed(&many, std::iter::empty())?;
    Ok(Work::Arrays { server, statement, arrays, rows: 0 })
}

impl Updater<'_> {
    /// Runs the statement for a row of values.
    ///
    /// # Errors
    /// If their number or kinds do not fit. What breaks a rule of the table is told here or by [`Updater::finish`].
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let result = self.put(values);
        if result.is_err() {
            self.work = Work::Done;
            *self.state = State::Ended;
        } else if let Some(journal) = &mut self.journal {
            journal.row(values);
        }
        result
    }

    fn put(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.work {
            Work::Sqlite { columns, .. } if values.len() != *columns => {
                Err(StoreError::wrong_count(*columns, values.len()))
            }
            Work::Arrays { arrays, .. } if values.len() != arrays.len() => {
                Err(StoreError::wrong_count(arrays.len(), values.len()))
            }
            Work::Sqlite { statement, places, .. } => {
                for (index, place) in places.iter().enumerate() {
                    sqlite::bind_one(statement, index + 1, &values[*place])?;
                }
                self.changed += sqlite::count(statement.raw_execute()?)?;
                Ok(())
            }
            Work::Arrays { arrays, rows, .. } => {
                for (array, value) in arrays.iter_mut().zip(values) {
                    array.push(value)?;
                }
                *rows += 1;
                if *rows == CHUNK { self.flush() } else { Ok(()) }
            }
            Work::Done => Err(StoreError::Ended),
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if let Work::Arrays { server, statement, arrays, rows } = &mut self.work {
            let parameters: Vec<_> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
            self.changed += server.client.execute(statement, &parameters)?;
            arrays.iter_mut().for_each(Array::clear);
            *rows = 0;
        }
        Ok(())
    }

    /// Ends; returns how many rows of the table were changed.
    ///
    /// # Errors
    /// If a row breaks a rule of the table, or an earlier one was refused.
    pub fn finish(mut self) -> Result<u64, StoreError> {
        if matches!(self.work, Work::Done) {
            return Err(StoreError::Ended);
        }
        // A failure leaves the work as it is, and dropping it ends the transaction.
        if !matches!(self.work, Work::Arrays { rows: 0, .. }) {
            self.flush()?;
        }
        self.work = Work::Done;
        Ok(self.changed)
    }
}

impl Drop for Updater<'_> {
    fn drop(&mut self) {
        if !matches!(self.work, Work::Done) {
            *self.state = State::Ended;
        }
    }
}
