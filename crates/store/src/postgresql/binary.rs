//! PostgreSQL's binary forms: values of parameters and rows, fields of `COPY`, arrays.

use crate::error::StoreError;
use crate::value::Value;
use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::borrow::Cow;
use std::error::Error;

type Failure = Box<dyn Error + Sync + Send>;

/// Appends a field as `COPY` and arrays have it: its length, then its bytes.
pub(crate) fn put_field(out: &mut Vec<u8>, kind: &Type, value: &Value<'_>) -> Result<(), StoreError> {
    match (value, kind) {
        (Value::Null, _) => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        (Value::Int(number) | Value::Given(number) | Value::Act(number), &Type::INT8) => {
            let mut field = [0; 12];
            field[..4].copy_from_slice(&8_i32.to_be_bytes());
            field[4..].copy_from_slice(&number.to_be_bytes());
            out.extend_from_slice(&field);
        }
        (Value::Text(text), &(Type::TEXT | Type::VARCHAR)) if text.contains('\0') => return Err(StoreError::nul()),
        (Value::Text(text), &(Type::TEXT | Type::VARCHAR)) => put_bytes(out, text.as_bytes())?,
        (Value::Bytes(bytes), &Type::BYTEA) => put_bytes(out, bytes)?,
        _ => return Err(StoreError::Type(format!("{} was given for a column of type {kind}", value.kind()))),
    }
    Ok(())
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    let length = i32::try_from(bytes.len()).map_err(|_| StoreError::Type("a value is too long".to_owned()))?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

/// A one-dimensional array that grows by fields.
#[derive(Debug)]
pub(crate) struct Array {
    element: Type,
    length: i32,
    fields: Vec<u8>,
}

impl Array {
    /// An empty array for values of a parameter of this type.
    pub(crate) fn new(kind: &Type) -> Result<Self, StoreError> {
        let element = match *kind {
            Type::INT2 | Type::INT4 | Type::INT8 => Type::INT8,
            Type::TEXT | Type::VARCHAR => Type::TEXT,
            Type::BYTEA => Type::BYTEA,
            _ => return Err(StoreError::Type(format!("a parameter has the type {kind}; give it one by a CAST"))),
        };
        Ok(Self { element, length: 0, fields: Vec::new() })
    }

    /// The element's name in SQL.
    pub(crate) fn element(&self) -> &'static str {
        match self.element {
            Type::INT8 => "bigint",
            Type::BYTEA => "bytea",
            _ => "text",
        }
    }

    pub(crate) fn push(&mut self, value: &Value<'_>) -> Result<(), StoreError> {
        put_field(&mut self.fields, &self.element, value)?;
        self.length += 1;
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.fields.clear();
    }
}

impl ToSql for Array {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let dimensions = i32::from(self.length > 0);
        // Dimensions, "may hold NULL", the element's type; then the dimension's length and its first index.
        out.extend_from_slice(&dimensions.to_be_bytes());
        out.extend_from_slice(&1_i32.to_be_bytes());
        out.extend_from_slice(&self.element.oid().to_be_bytes());
        if self.length > 0 {
            out.extend_from_slice(&self.length.to_be_bytes());
            out.extend_from_slice(&1_i32.to_be_bytes());
            out.extend_from_slice(&self.fields);
        }
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY].contains(kind)
    }

    to_sql_checked!();
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) | Self::Given(number) | Self::Act(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    /// Every parameter was prepared for the kind of its value.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The value of a column.
pub(crate) fn value(row: &postgres::Row, column: usize) -> Result<Value<'_>, StoreError> {
    let Some(described) = row.columns().get(column) else {
        return Err(StoreError::Type(format!("there is no column {column}")));
    };
    row.try_get::<_, Field<'_>>(column).map(|field| field.0).map_err(|error| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        StoreError::Type(format!("column '{}' of type {}: {cause}", described.name(), described.type_()))
    })
}

struct Field<'a>(Value<'a>);

impl<'a> FromSql<'a> for Field<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(kind, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(kind, raw)?.into()),
            Type::NUMERIC => Value::Int(whole(raw).ok_or("it holds no integer of 64 bits")?),
            Type::BYTEA => Value::Bytes(Cow::Borrowed(raw)),
            _ => Value::Text(Cow::Borrowed(std::str::from_utf8(raw)?)),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        let numbers = [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::NUMERIC];
        let others = [Type::TEXT, Type::BYTEA, Type::VARCHAR, Type::NAME, Type::BPCHAR, Type::UNKNOWN];
        numbers.contains(kind) || others.contains(kind)
    }
}

/// A whole number in the form of NUMERIC, which `sum` gives: the number of digits to the base 10,000, the weight of
/// the first, the sign, the digits shown after the point, the digits.
fn whole(raw: &[u8]) -> Option<i64> {
    let short = |index: usize| Some(u16::from_be_bytes([*raw.get(2 * index)?, *raw.get(2 * index + 1)?]));
    let (digits, weight, sign) = (usize::from(short(0)?), short(1)?.cast_signed(), short(2)?);
    let places = usize::try_from(weight + 1).ok().filter(|&places| places >= digits || digits == 0)?;
    let mut number: i64 = 0;
    for place in 0..places {
        let digit = if place < digits { short(4 + place)? } else { 0 };
        let digit = i64::from(digit);
        number = number.checked_mul(10_000)?;
        // Subtracting reaches the smallest number, too.
        number = if sign == 0 { number.checked_add(digit)? } else { number.checked_sub(digit)? };
    }
    // Signs other than plus and minus are of infinity and of what is no number.
    matches!(sign, 0 | 0x4000).then_some(number)
}
