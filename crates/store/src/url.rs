//! Addresses of databases.

use crate::error::StoreError;
use crate::postgresql::Address;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a database is: `sqlite:PATH`, or `postgres://USER@HOST:PORT/DATABASE?schema=NAME`.
///
/// A database of PostgreSQL may hold several stores, each in a schema of its own. An address may hold a password: none of its
/// forms for people shows it, nor does an error about a text that is no address.
#[derive(Clone)]
pub struct Url(pub(crate) Place);

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<Address>),
}

impl Url {
    /// The file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }

    /// The same database of PostgreSQL with another schema.
    ///
    /// # Errors
    /// If it is a file, or the name is not lower-case letters, digits and underscores.
    pub fn with_schema(&self, name: &str) -> Result<Self, StoreError> {
        match &self.0 {
            Place::Sqlite(_) => Err(problem(&self.to_string(), "a file has no schemas")),
            Place::Postgres(address) => match address.with_schema(name) {
                Ok(address) => Ok(Self(Place::Postgres(Box::new(address)))),
                Err(words) => Err(problem(&self.to_string(), words)),
            },
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
                path if path.starts_with("//") => Err(problem("sqlite:…", "no // stands before a path")),
                path if is_of_server(path) => Err(problem("sqlite:…", "it reads as the address of a server")),
                path => Ok(Self(Place::Sqlite(PathBuf::from(path)))),
            };
        }
        let Some(rest) = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")) else {
            return Err(problem("…", "it begins with neither of the two kinds"));
        };
        match Address::parse(rest) {
            Ok(address) => Ok(Self(Place::Postgres(Box::new(address)))),
            Err(words) => Err(problem("postgres://…", words)),
        }
    }
}

/// The address of a server under the wrong name would make a file with the password as its name.
fn is_of_server(path: &str) -> bool {
    let before = |first: char, second: char| path.split_once(first).is_some_and(|(_, rest)| rest.contains(second));
    path.contains("://") || before(':', '@') || before('?', '=') || path.to_lowercase().contains("password=")
}

fn problem(address: &str, problem: &str) -> StoreError {
    StoreError::Url { address: address.to_owned(), problem: problem.to_owned() }
}

impl fmt::Display for Url {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(address) => write!(f, "{address}"),
        }
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
