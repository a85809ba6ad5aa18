//! Between the types of the domain and what the columns hold.

use crate::error::StoreError;
use crate::row::Row;
use crate::value::Value;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use sluice_rules::party::{Eui64, Party, S1sp};
use std::str::FromStr;

/// A date as the number yyyymmdd.
#[must_use]
pub fn date_number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// The date of a number yyyymmdd.
///
/// # Errors
/// If there is no such date.
pub fn date_of(number: i64) -> Result<Date, StoreError> {
    let parts = || {
        let year = i16::try_from(number / 10_000).ok()?;
        let month = i8::try_from(number / 100 % 100).ok()?;
        let day = i8::try_from(number % 100).ok()?;
        Date::new(year, month, day).ok()
    };
    parts().ok_or_else(|| StoreError::Type(format!("{number} is no date")))
}

/// A moment as milliseconds since 1970 in UTC.
#[must_use]
pub fn moment_number(moment: Timestamp) -> i64 {
    moment.as_millisecond()
}

/// The moment of so many milliseconds.
///
/// # Errors
/// If it is out of range.
pub fn moment_of(number: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(number).map_err(|_| StoreError::Type(format!("{number} is no moment")))
}

/// A time of day as the number hhmmss.
#[must_use]
pub fn time_number(time: Time) -> i64 {
    i64::from(time.hour()) * 10_000 + i64::from(time.minute()) * 100 + i64::from(time.second())
}

/// The time of a number hhmmss.
///
/// # Errors
/// If there is no such time.
pub fn time_of(number: i64) -> Result<Time, StoreError> {
    let part = |number: i64| i8::try_from(number % 100).ok();
    let parts = || Time::new(part(number / 10_000)?, part(number / 100)?, part(number)?, 0).ok();
    parts().ok_or_else(|| StoreError::Type(format!("{number} is no time of day")))
}

/// An EUI-64 as the 64 bits that it is.
#[must_use]
pub fn eui_number(id: Eui64) -> i64 {
    id.0.cast_signed()
}

/// EUI-64s as the rising keys of a look-up: as numbers, those from 80 up come first.
#[must_use]
pub fn eui_keys(ids: impl IntoIterator<Item = Eui64>) -> Vec<i64> {
    let mut keys: Vec<i64> = ids.into_iter().map(eui_number).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The EUI-64 of 64 bits.
#[must_use]
pub fn eui_of(number: i64) -> Eui64 {
    Eui64(number.cast_unsigned())
}

/// A count as a column holds it.
#[must_use]
pub fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The value that a text column stands for.
///
/// # Errors
/// If the text is none of its values.
pub fn parsed<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Type(format!("'{text}' does not belong in its column")))
}

/// Text as a value.
#[must_use]
pub fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

/// A date as a value.
#[must_use]
pub fn date(date: Date) -> Value<'static> {
    Value::Int(date_number(date))
}

/// A moment as a value.
#[must_use]
pub fn moment(moment: Timestamp) -> Value<'static> {
    Value::Int(moment_number(moment))
}

/// A count as a value.
#[must_use]
pub fn count(count: u64) -> Value<'static> {
    Value::Int(number(count))
}

/// An optional value.
#[must_use]
pub fn opt<'a, T>(value: Option<T>, make: impl FnOnce(T) -> Value<'a>) -> Value<'a> {
    value.map_or(Value::Null, make)
}

/// A party as a value.
#[must_use]
pub fn party(party: &Party) -> Value<'_> {
    text(party.as_str())
}

/// An S1SP as a value.
#[must_use]
pub fn s1sp(s1sp: &S1sp) -> Value<'_> {
    text(s1sp.as_str())
}

/// Reading typed columns of a row.
pub trait Columns {
    /// A text column that stands for a value.
    ///
    /// # Errors
    /// If it holds something else.
    fn parsed<T: FromStr>(&self, column: usize) -> Result<T, StoreError>;

    /// A date.
    ///
    /// # Errors
    /// If it holds something else.
    fn date(&self, column: usize) -> Result<Date, StoreError>;

    /// A date that may be missing.
    ///
    /// # Errors
    /// If it holds something else.
    fn opt_date(&self, column: usize) -> Result<Option<Date>, StoreError>;

    /// A moment.
    ///
    /// # Errors
    /// If it holds something else.
    fn moment(&self, column: usize) -> Result<Timestamp, StoreError>;

    /// A moment that may be missing.
    ///
    /// # Errors
    /// If it holds something else.
    fn opt_moment(&self, column: usize) -> Result<Option<Timestamp>, StoreError>;

    /// A count.
    ///
    /// # Errors
    /// If it holds something else, or is negative.
    fn count(&self, column: usize) -> Result<u64, StoreError>;

    /// Yes or no, kept as 1 or 0.
    ///
    /// # Errors
    /// If it holds something else.
    fn flag(&self, column: usize) -> Result<bool, StoreError>;
}

impl Columns for Row<'_> {
    fn parsed<T: FromStr>(&self, column: usize) -> Result<T, StoreError> {
        parsed(self.text(column)?)
    }

    fn date(&self, column: usize) -> Result<Date, StoreError> {
        date_of(self.int(column)?)
    }

    fn opt_date(&self, column: usize) -> Result<Option<Date>, StoreError> {
        self.opt_int(column)?.map(date_of).transpose()
    }

    fn moment(&self, column: usize) -> Result<Timestamp, StoreError> {
        moment_of(self.int(column)?)
    }

    fn opt_moment(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        self.opt_int(column)?.map(moment_of).transpose()
    }

    fn count(&self, column: usize) -> Result<u64, StoreError> {
        let number = self.int(column)?;
        u64::try_from(number).map_err(|_| StoreError::Type(format!("{number} is negative")))
    }

    fn flag(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }
}
