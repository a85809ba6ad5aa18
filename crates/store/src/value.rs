//! Values: what goes into a statement and comes out of a row.

use std::borrow::Cow;

/// A value of one of the four kinds that both databases keep: there are no fractions and no times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number of 64 bits.
    Int(i64),
    /// A number in a column of running numbers, which the act may have given out itself; a whole number like others, but for
    /// what compares acts ([`Alike`](crate::Alike)).
    Given(i64),
    /// The number of the act that writes; a whole number like others, but for what compares acts, where it makes no difference.
    Act(i64),
    /// Text in UTF-8 without the character NUL, which PostgreSQL cannot keep.
    Text(Cow<'a, str>),
    /// Bytes as they are.
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The kind with its article, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing (NULL)",
            Self::Int(_) | Self::Given(_) | Self::Act(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Value<'_> {
    /// The same 64 bits: numbers of 2⁶³ and more are kept as negative ones, and order as such.
    fn from(number: u64) -> Self {
        Self::Int(number.cast_signed())
    }
}

macro_rules! from_narrower {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Value<'_> {
            fn from(number: $kind) -> Self {
                Self::Int(number.into())
            }
        })*
    };
}

// `bool` is 1 or 0.
from_narrower!(i32, u32, u16, u8, bool);

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
