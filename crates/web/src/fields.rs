//! A body or a query as its fields: what is wrong is told by the field, what was read there, and what is wanted.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;
use sluice_wire::text::shown;
use std::fmt;

/// A value as it came: of JSON, or a text of a query.
enum Given {
    Json(Value),
    Text(String),
}

/// The fields of a body, each once.
struct Members(Vec<(String, Value)>);

/// Reads a body of JSON, which is an object.
///
/// # Errors
/// In words, if it cannot be read.
pub(crate) fn of_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    if !is_object && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        return Err(
            "an object is wanted, in braces, such as {\"name\": \"value\"}; where nothing is to be said it is {}"
                .into(),
        );
    }
    let Members(members) = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => error.to_string(),
            serde_json::error::Category::Eof if bytes.is_empty() => {
                "nothing was sent; where nothing is to be said it is {}".into()
            }
            serde_json::error::Category::Eof => {
                format!("the JSON ends before its end, at line {line}, column {column}")
            }
            _ => format!("what stands at line {line}, column {column} is no JSON"),
        }
    })?;
    read(members.into_iter().map(|(name, value)| (name, Given::Json(value))).collect())
}

/// Reads a query.
///
/// # Errors
/// In words, if it cannot be read.
pub(crate) fn of_query<T: DeserializeOwned>(asked: Vec<(String, String)>) -> Result<T, String> {
    read(asked.into_iter().map(|(name, text)| (name, Given::Text(text))).collect())
}

fn read<T: DeserializeOwned>(given: Vec<(String, Given)>) -> Result<T, String> {
    let mut names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
        return Err(format!("'{}' is said twice; say it once", shown(twice[0])));
    }
    T::deserialize(Object(given)).map_err(|Wrong(words)| words)
}

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, words: &mut fmt::Formatter<'_>) -> fmt::Result {
                words.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Each)
    }
}

/// What is wrong, in words.
#[derive(Debug)]
struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, words: &mut fmt::Formatter<'_>) -> fmt::Result {
        words.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self(words.to_string())
    }

    fn invalid_type(read: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self(format!("{} was read; {} is wanted", as_read(read), as_wanted(&wanted.to_string())))
    }

    fn invalid_value(read: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::invalid_type(read, wanted)
    }

    fn unknown_variant(read: &str, known: &'static [&'static str]) -> Self {
        Self(format!("'{}' was read; one of {} is wanted", shown(read), known.join(", ")))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self(format!("'{}' is not known; {}", shown(name), takes(known)))
    }

    fn missing_field(name: &'static str) -> Self {
        Self(format!("'{name}' is missing; say it"))
    }
}

fn takes(known: &[&str]) -> String {
    if known.is_empty() { "nothing is to be said".to_owned() } else { format!("it takes {}", known.join(", ")) }
}

fn as_read(read: Unexpected<'_>) -> String {
    match read {
        Unexpected::Str(text) => format!("the text '{}'", shown(text)),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Bool(truth) => truth.to_string(),
        Unexpected::Unit => "null".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        other => other.to_string(),
    }
}

fn as_wanted(wanted: &str) -> &str {
    match wanted {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative, and not too large,",
        "i64" | "i32" => "a whole number",
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other => other,
    }
}

/// All fields of what came.
struct Object(Vec<(String, Given)>);

impl<'de> Deserializer<'de> for Object {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Each { rest: self.0.into_iter(), at: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// One after the other.
struct Each {
    rest: std::vec::IntoIter<(String, Given)>,
    at: Option<(String, Given)>,
}

impl<'de> MapAccess<'de> for Each {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        self.at = self.rest.next();
        let name =
            self.at.as_ref().map(|(name, _)| -> StrDeserializer<'_, Wrong> { name.as_str().into_deserializer() });
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, given) = self.at.take().ok_or_else(|| Wrong("a value has no name".to_owned()))?;
        let of_field = |words: String| Wrong(format!("at '{name}', {words}"));
        match given {
            Given::Json(value) => seed.deserialize(Json(value)),
            Given::Text(text) => seed.deserialize(Text(text)),
        }
        .map_err(|Wrong(words)| of_field(words))
    }
}

/// A value of JSON. What it holds is read by `serde_json`, which knows all its kinds.
struct Json(Value);

impl<'de> Deserializer<'de> for Json {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::String(text) => visitor.visit_string(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::Array(items) => {
                visitor.visit_seq(serde::de::value::SeqDeserializer::new(items.into_iter().map(Json)))
            }
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, Given::Json(value))).collect::<Vec<_>>();
                visitor.visit_map(Each { rest: fields.into_iter(), at: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            // A struct would be read from a list too.
            Value::Array(_) => Err(Wrong("a list was read; an object is wanted".to_owned())),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Wrong> for Json {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A text of a query, which may be a number or a truth.
struct Text(String);

macro_rules! parsed {
    ($($method:ident $visit:ident $kind:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match self.0.parse::<$kind>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Wrong::invalid_type(Unexpected::Str(&self.0), &visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    parsed! {
        deserialize_bool visit_bool bool;
        deserialize_u16 visit_u16 u16;
        deserialize_u64 visit_u64 u64;
        deserialize_i64 visit_i64 i64;
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u32 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
