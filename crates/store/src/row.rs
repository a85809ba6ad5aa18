//! Rows as they are read.

use crate::error::StoreError;
use crate::value::Value;

/// One row of a result. Columns are counted from 0; what is read wrongly is an error that names the column.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a>(pub(crate) Source<'a>);

#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(…)")
    }
}

impl<'a> Row<'a> {
    /// The value of a column, whatever its kind.
    ///
    /// # Errors
    /// If there is no such column, or it holds what no [`Value`] can.
    pub fn value(&self, column: usize) -> Result<Value<'a>, StoreError> {
        match self.0 {
            Source::Sqlite(row) => crate::sqlite::value(row, column),
            Source::Postgres(row) => crate::postgresql::value(row, column),
        }
    }

    /// How many columns it has.
    #[must_use]
    pub fn columns(&self) -> usize {
        match self.0 {
            Source::Sqlite(row) => row.as_ref().column_count(),
            Source::Postgres(row) => row.len(),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// If the column is missing, empty or of another kind.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.value(column)? {
            Value::Int(number) | Value::Given(number) | Value::Act(number) => Ok(number),
            other => Err(self.wrong(column, "an integer", &other)),
        }
    }

    /// A whole number without sign that was stored by its 64 bits.
    ///
    /// # Errors
    /// If the column is missing, empty or of another kind.
    pub fn unsigned(&self, column: usize) -> Result<u64, StoreError> {
        self.int(column).map(i64::cast_unsigned)
    }

    /// A whole number, or nothing.
    ///
    /// # Errors
    /// If the column is missing or of another kind.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(number) | Value::Given(number) | Value::Act(number) => Ok(Some(number)),
            other => Err(self.wrong(column, "an integer", &other)),
        }
    }

    /// A whole number without sign that was stored by its 64 bits, or nothing.
    ///
    /// # Errors
    /// If the column is missing or of another kind.
    pub fn opt_unsigned(&self, column: usize) -> Result<Option<u64>, StoreError> {
        Ok(self.opt_int(column)?.map(i64::cast_unsigned))
    }

    /// Text.
    ///
    /// # Errors
    /// If the column is missing, empty or of another kind.
    pub fn text(&self, column: usize) -> Result<&'a str, StoreError> {
        match self.value(column)? {
            Value::Text(std::borrow::Cow::Borrowed(text)) => Ok(text),
            other => Err(self.wrong(column, "text", &other)),
        }
    }

    /// Text, or nothing.
    ///
    /// # Errors
    /// If the column is missing or of another kind.
    pub fn opt_text(&self, column: usize) -> Result<Option<&'a str>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(std::borrow::Cow::Borrowed(text)) => Ok(Some(text)),
            other => Err(self.wrong(column, "text", &other)),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// If the column is missing, empty or of another kind.
    pub fn bytes(&self, column: usize) -> Result<&'a [u8], StoreError> {
        match self.value(column)? {
            Value::Bytes(std::borrow::Cow::Borrowed(bytes)) => Ok(bytes),
            other => Err(self.wrong(column, "bytes", &other)),
        }
    }

    /// Bytes, or nothing.
    ///
    /// # Errors
    /// If the column is missing or of another kind.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&'a [u8]>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Bytes(std::borrow::Cow::Borrowed(bytes)) => Ok(Some(bytes)),
            other => Err(self.wrong(column, "bytes", &other)),
        }
    }

    #[cold]
    fn wrong(&self, column: usize, expected: &str, found: &Value<'_>) -> StoreError {
        let name = match self.0 {
            Source::Sqlite(row) => row.as_ref().column_name(column).unwrap_or_default(),
            Source::Postgres(row) => row.columns().get(column).map(postgres::Column::name).unwrap_or_default(),
        };
        StoreError::wrong_column(name, expected, found.kind())
    }
}
