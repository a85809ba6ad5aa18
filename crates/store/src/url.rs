//! Addresses of databases.

use crate::error::StoreError;
use postgres::config::Host;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The PostgreSQL schema of an address that names none.
const SCHEMA: &str = "sluice";

/// Where a database is: `sqlite:PATH`, or `postgres://USER@HOST:PORT/DATABASE?schema=NAME`.
///
/// A database of PostgreSQL may hold several stores, each in a schema of its own.
#[derive(Clone)]
pub struct Url(pub(crate) Place);

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres { config: Box<postgres::Config>, schema: String },
}

impl Url {
    /// The file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres { .. } => None,
        }
    }

    /// The same database of PostgreSQL with another schema.
    ///
    /// # Errors
    /// If it is a file, or the name is not lower-case letters, digits and underscores.
    pub fn with_schema(&self, name: &str) -> Result<Self, StoreError> {
        match &self.0 {
            Place::Sqlite(_) => Err(problem(&self.to_string(), "a file has no schemas")),
            Place::Postgres { config, .. } => {
                let schema = schema_name(name).map_err(|words| problem(&self.to_string(), words))?;
                Ok(Self(Place::Postgres { config: config.clone(), schema }))
            }
        }
    }
}

impl FromStr for Url {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path {
                "" => Err(problem(text, "it names no file")),
                ":memory:" => Err(problem(text, "a database in memory keeps nothing")),
                path if path.contains('\0') => Err(problem("sqlite:…", "a path has no NUL")),
                path => Ok(Self(Place::Sqlite(PathBuf::from(path)))),
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(problem(text, "it begins with neither of the two kinds"));
        }
        // What may hold a password is not repeated in a message.
        let hidden = "postgres://…";
        let (rest, schema) = without_schema(text);
        let schema = schema_name(schema.unwrap_or(SCHEMA)).map_err(|words| problem(hidden, words))?;
        let config: postgres::Config = rest.parse().map_err(|error| problem(hidden, &with_cause(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(problem(hidden, "it names no host"));
        }
        Ok(Self(Place::Postgres { config: Box::new(config), schema }))
    }
}

fn problem(address: &str, problem: &str) -> StoreError {
    StoreError::Url { address: address.to_owned(), problem: problem.to_owned() }
}

fn with_cause(error: &postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// Takes the parameter `schema` out of an address.
fn without_schema(text: &str) -> (String, Option<&str>) {
    let Some((base, query)) = text.split_once('?') else { return (text.to_owned(), None) };
    let schema = query.split('&').find_map(|pair| pair.strip_prefix("schema="));
    let others: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("schema=")).collect();
    let rest = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
    (rest, schema)
}

/// A name that needs no quotes and is not one of the server's own.
fn schema_name(name: &str) -> Result<String, &'static str> {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let others = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if first && others && name.len() <= 63 && !name.starts_with("pg_") {
        Ok(name.to_owned())
    } else {
        Err("a schema's name is 1 to 63 lower-case letters, digits and underscores, not beginning with pg_ or a digit")
    }
}

impl fmt::Display for Url {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (config, schema) = match &self.0 {
            Place::Sqlite(path) => return write!(f, "sqlite:{}", path.display()),
            Place::Postgres { config, schema } => (config, schema),
        };
        f.write_str("postgres://")?;
        for (index, host) in config.get_hosts().iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
        }
        if let Some(port) = config.get_ports().first() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}?schema={schema}", config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
