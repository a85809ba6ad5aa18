//! SQL of one's own, for the tests of the store and for what looks at a whole database. The program does without: what it reads
//! and writes is in [`tables`](crate::tables).

use crate::bulk::{Inserter, Updater};
use crate::error::StoreError;
use crate::row::Row;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;

/// A transaction as whoever logged in, to whom the tables belong: of no role, and above the rights that it has.
///
/// # Errors
/// If the database cannot be reached.
pub fn owner(store: &mut Store) -> Result<Tx<'_>, StoreError> {
    store.own()
}

/// The same to read.
///
/// # Errors
/// If the database cannot be reached.
pub fn owner_view(store: &mut Store) -> Result<View<'_>, StoreError> {
    store.own_view()
}

/// What a closure makes of a row.
type Read<T> = Result<T, StoreError>;

/// Queries; all but `lookup` give the rows in the order of the query.
#[expect(clippy::missing_errors_doc, reason = "what the database or the closure says")]
pub trait Queries {
    /// Hands over row by row.
    fn each(&mut self, sql: &str, values: &[Value<'_>], take: impl FnMut(&Row<'_>) -> Read<()>) -> Read<()>;
    /// Collects what is made of each row.
    fn query<T>(&mut self, sql: &str, values: &[Value<'_>], read: impl FnMut(&Row<'_>) -> Read<T>) -> Read<Vec<T>>;
    /// One row or none.
    fn query_optional<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Read<T>,
    ) -> Read<Option<T>>;
    /// Exactly one row.
    fn query_one<T>(&mut self, sql: &str, values: &[Value<'_>], read: impl FnMut(&Row<'_>) -> Read<T>) -> Read<T>;
    /// Many rows by rising keys: `SELECT column, … WHERE column = $key`.
    fn lookup(
        &mut self,
        sql: &str,
        keys: &[i64],
        values: &[Value<'_>],
        take: impl FnMut(i64, &Row<'_>) -> Read<()>,
    ) -> Read<()>;
}

impl Queries for View<'_> {
    fn each(&mut self, sql: &str, values: &[Value<'_>], take: impl FnMut(&Row<'_>) -> Read<()>) -> Read<()> {
        View::each(self, sql, values, take)
    }

    fn query<T>(&mut self, sql: &str, values: &[Value<'_>], read: impl FnMut(&Row<'_>) -> Read<T>) -> Read<Vec<T>> {
        View::query(self, sql, values, read)
    }

    fn query_optional<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Read<T>,
    ) -> Read<Option<T>> {
        View::query_optional(self, sql, values, read)
    }

    fn query_one<T>(&mut self, sql: &str, values: &[Value<'_>], read: impl FnMut(&Row<'_>) -> Read<T>) -> Read<T> {
        View::query_one(self, sql, values, read)
    }

    fn lookup(
        &mut self,
        sql: &str,
        keys: &[i64],
        values: &[Value<'_>],
        take: impl FnMut(i64, &Row<'_>) -> Read<()>,
    ) -> Read<()> {
        View::lookup(self, sql, keys, values, take)
    }
}

/// Writing.
#[expect(clippy::missing_errors_doc, reason = "what the database says")]
pub trait Writes {
    /// A statement without rows; gives how many rows it changed.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Read<u64>;
    /// Many rows into one table.
    fn inserter(&mut self, table: &str, columns: &[&str]) -> Read<Inserter<'_>>;
    /// One `UPDATE` or `DELETE` for many rows of values.
    fn updater(&mut self, sql: &str) -> Read<Updater<'_>>;
}

impl Writes for Tx<'_> {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Read<u64> {
        Tx::execute(self, sql, values)
    }

    fn inserter(&mut self, table: &str, columns: &[&str]) -> Read<Inserter<'_>> {
        Tx::inserter(self, table, columns)
    }

    fn updater(&mut self, sql: &str) -> Read<Updater<'_>> {
        Tx::updater(self, sql)
    }
}
