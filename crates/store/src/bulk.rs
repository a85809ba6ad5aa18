//! Bulk work: many rows inserted or changed by one statement.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::journal::{Journal, Write};
use crate::postgresql::{Array, Copy, Server};
use crate::sql;
use crate::sqlite::{self, Places};
use crate::stage::{INVENTORY, STAGE};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::State;
use crate::waiting::{Lookout, told};
use crate::work;
use postgres::Statement;
use postgres::types::ToSql;
use rusqlite::CachedStatement;

/// How many rows go to PostgreSQL at a time, at most. With more, what is sent no longer stays in the processors' caches.
const CHUNK: u32 = 2_000;

/// How many bytes go to PostgreSQL at a time; one row may have more.
const BYTES: usize = 4 << 20;

/// Inserts many rows into one table: SQLite by a prepared statement, PostgreSQL by arrays of thousands of them, since `COPY` is
/// refused where row security holds, or by `COPY` where none does: onto the stage, and into an inventory that is taken for that. Made by
/// [`Tx::inserter`].
///
/// One that is dropped before [`Inserter::finish`] ends the transaction.
#[derive(Debug)]
pub struct Inserter<'t> {
    target: Target<'t>,
    state: &'t mut State,
    lookout: Option<&'t Lookout>,
    journal: Option<&'t mut Journal>,
    columns: usize,
    rows: u64,
}

enum Target<'t> {
    Sqlite(CachedStatement<'t>),
    Arrays(Arrays<'t>),
    Copy(Copy<'t>),
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
    pub(crate) fn inserter(&mut self, table: &str, columns: &[&str]) -> Result<Inserter<'_>, StoreError> {
        self.open()?;
        let Tx { view, journal, alone, .. } = self;
        view.state = State::Ended;
        let target = match &mut view.backend {
            Backend::Sqlite(connection) => {
                work::statement();
                let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
                let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
                Target::Sqlite(connection.prepare_cached(&sql)?)
            }
            Backend::Postgres(server) => {
                if table == STAGE || (*alone && table == INVENTORY) {
                    Target::Copy(server.copy(table, columns)?)
                } else {
                    Target::Arrays(inserting(server, table, columns)?)
                }
            }
        };
        view.state = State::Open;
        let mut journal = journal.as_deref_mut().filter(|_| Journal::counts(table));
        if let Some(journal) = &mut journal {
            journal.begin(&Write { verb: "INSERT", table, columns: columns.to_vec() });
        }
        let (state, lookout) = (&mut view.state, view.lookout.as_ref());
        Ok(Inserter { target, state, lookout, journal, columns: columns.len(), rows: 0 })
    }

    /// Begins to run one `UPDATE t SET … WHERE …` or `DELETE FROM t WHERE …`, with a single `WHERE`, for many rows of
    /// values. With PostgreSQL thousands go at a time, so two rows of values must not address the same row of the table.
    ///
    /// # Errors
    /// If the statement is not of this kind.
    pub(crate) fn updater(&mut self, sql: &str) -> Result<Updater<'_>, StoreError> {
        self.open()?;
        let Tx { view, journal, .. } = self;
        view.state = State::Ended;
        let work = match &mut view.backend {
            Backend::Sqlite(connection) => {
                work::statement();
                let statement = connection.prepare_cached(sql)?;
                let places = sqlite::places(&statement, statement.parameter_count())?;
                Work::Sqlite { columns: statement.parameter_count(), statement, places }
            }
            Backend::Postgres(server) => Work::Arrays(changing(server, sql)?),
        };
        view.state = State::Open;
        let write = Write::of(sql).filter(|write| Journal::counts(write.table));
        let journal = journal.as_deref_mut().zip(write).map(|(journal, write)| {
            journal.begin(&write);
            journal
        });
        Ok(Updater { work, state: &mut view.state, lookout: view.lookout.as_ref(), journal, changed: 0 })
    }
}

fn inserting<'t>(server: &'t mut Server, table: &str, columns: &[&str]) -> Result<Arrays<'t>, StoreError> {
    let columns = columns.join(", ");
    let described = server.prepare(&format!("SELECT {columns} FROM {table} LIMIT 0"), &[])?;
    let arrays = described.columns().iter().map(|column| Array::new(column.type_())).collect::<Result<Vec<_>, _>>()?;
    // As columns, not as a table, which the server would make whole before it reads its first row.
    let values: Vec<_> =
        arrays.iter().zip(1..).map(|(array, place)| format!("UNNEST(${place}::{}[])", array.element())).collect();
    let sql = format!("INSERT INTO {table} ({columns}) SELECT {}", values.join(", "));
    let statement = server.prepare_typed(&sql, std::iter::empty())?;
    Ok(Arrays { server, statement, arrays, rows: 0, bytes: 0 })
}

/// A statement of PostgreSQL that takes thousands of rows at a time.
struct Arrays<'t> {
    server: &'t mut Server,
    statement: Statement,
    arrays: Vec<Array>,
    rows: u32,
    bytes: usize,
}

impl Arrays<'_> {
    /// Puts a row; gives how many rows of the table were changed by that.
    fn put(&mut self, values: &[Value<'_>]) -> Result<u64, StoreError> {
        if values.len() != self.arrays.len() {
            return Err(StoreError::wrong_count(self.arrays.len(), values.len()));
        }
        for (array, value) in self.arrays.iter_mut().zip(values) {
            array.push(value)?;
            self.bytes += match value {
                Value::Null | Value::Int(_) | Value::Given(_) | Value::Act(_) => 8,
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
            };
        }
        self.rows += 1;
        if self.rows == CHUNK || self.bytes >= BYTES { self.flush() } else { Ok(0) }
    }

    fn flush(&mut self) -> Result<u64, StoreError> {
        if self.rows == 0 {
            return Ok(0);
        }
        let parameters: Vec<_> = self.arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
        let changed = self.server.client.execute(&self.statement, &parameters)?;
        self.arrays.iter_mut().for_each(Array::clear);
        (self.rows, self.bytes) = (0, 0);
        Ok(changed)
    }
}

impl Inserter<'_> {
    /// Inserts a row, its values in the order of the columns.
    ///
    /// # Errors
    /// If their number or kinds do not fit. What breaks a rule of the table is told here or by [`Inserter::finish`].
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let result = self.put(values).map_err(|error| told(self.lookout, error));
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
            Target::Arrays(arrays) => drop(arrays.put(values)?),
            Target::Copy(copy) => copy.row(values)?,
            Target::Done => return Err(StoreError::Ended),
        }
        Ok(())
    }

    /// Ends inserting; returns the number of rows.
    ///
    /// # Errors
    /// If a row breaks a rule of the table, or an earlier one was refused.
    pub fn finish(mut self) -> Result<u64, StoreError> {
        *self.state = State::Ended;
        let ended = match std::mem::replace(&mut self.target, Target::Done) {
            Target::Sqlite(_) => Ok(()),
            Target::Arrays(mut arrays) => arrays.flush().map(drop),
            Target::Copy(copy) => copy.finish(),
            Target::Done => return Err(StoreError::Ended),
        };
        ended.map_err(|error| told(self.lookout, error))?;
        *self.state = State::Open;
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
    lookout: Option<&'t Lookout>,
    journal: Option<&'t mut Journal>,
    changed: u64,
}

enum Work<'t> {
    Sqlite { statement: CachedStatement<'t>, places: Places, columns: usize },
    Arrays(Arrays<'t>),
    Done,
}

impl std::fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

fn changing<'t>(server: &'t mut Server, sql: &str) -> Result<Arrays<'t>, StoreError> {
    // The server tells the types of the values from the statement for one row.
    let one = server.prepare_typed(sql, std::iter::empty())?;
    let arrays = one.params().iter().map(Array::new).collect::<Result<Vec<_>, _>>()?;
    let types: Vec<_> = arrays.iter().map(Array::element).collect();
    let many = sql::with_arrays(sql, &types).ok_or_else(|| {
        StoreError::Other("many rows are changed by an UPDATE or a DELETE with a single WHERE".to_owned())
    })?;
    let statement = server.prepare_typed(&many, std::iter::empty())?;
    Ok(Arrays { server, statement, arrays, rows: 0, bytes: 0 })
}

impl Updater<'_> {
    /// Runs the statement for a row of values.
    ///
    /// # Errors
    /// If their number or kinds do not fit. What breaks a rule of the table is told here or by [`Updater::finish`].
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let result = self.put(values).map_err(|error| told(self.lookout, error));
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
            Work::Sqlite { statement, places, .. } => {
                for (index, place) in places.iter().enumerate() {
                    sqlite::bind_one(statement, index + 1, &values[*place])?;
                }
                self.changed += sqlite::count(statement.raw_execute()?)?;
                Ok(())
            }
            Work::Arrays(arrays) => {
                self.changed += arrays.put(values)?;
                Ok(())
            }
            Work::Done => Err(StoreError::Ended),
        }
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
        if let Work::Arrays(arrays) = &mut self.work {
            self.changed += arrays.flush().map_err(|error| told(self.lookout, error))?;
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
