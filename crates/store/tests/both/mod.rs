//! Runs a test on both databases, each time in a place of its own.

// Each file of tests uses some of it.
#![allow(dead_code, unused_imports, unused_macros)]

pub mod own;

use sluice_store::{Migration, Options, Store, Url};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long the tests wait for a lock.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// Options for tests.
pub fn options() -> Options {
    Options { patience: PATIENCE, ..Options::default() }
}

pub const SCHEMA: &[Migration] = &[
    Migration {
        version: 1,
        name: "things",
        sql: "CREATE TABLE thing (
                id INTEGER PRIMARY KEY CHECK (id >= 0),
                name TEXT NOT NULL UNIQUE DEFAULT 'INTEGER; TEXT',
                number INTEGER,
                content BLOB
              ) STRICT;
              CREATE INDEX thing_number ON thing (number) WHERE number > 0;",
    },
    Migration {
        version: 2,
        name: "parts of things",
        sql: "-- a table with a key of two columns;
              CREATE TABLE part (
                id INTEGER NOT NULL,
                thing INTEGER REFERENCES thing (id),
                note TEXT,
                PRIMARY KEY (id)
              ) STRICT, WITHOUT ROWID;
              -- only postgresql
              COMMENT ON TABLE part IS 'parts';
",
    },
];

/// An address with nothing there, and what takes it away at the end.
pub struct Place {
    url: Url,
    folder: Option<tempfile::TempDir>,
}

/// The server of the tests.
pub fn server() -> Url {
    let text = std::env::var("SLUICE_TEST_POSTGRES");
    text.expect("no PostgreSQL to test with: run ./test, or set SLUICE_TEST_POSTGRES").parse().unwrap()
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a folder/store.db");
        Self { url: format!("sqlite:{}", path.display()).parse().unwrap(), folder: Some(folder) }
    }

    pub fn postgres() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("test_{}_{number}", std::process::id());
        Self { url: server().with_schema(&schema).unwrap(), folder: None }
    }

    /// A schema of PostgreSQL for another login.
    pub fn of(login: &str) -> Self {
        let schema = Self::postgres().schema();
        let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
        let (_, rest) = server.split_once('@').unwrap();
        let url: Url = format!("postgres://{login}@{rest}").parse().unwrap();
        Self { url: url.with_schema(&schema).unwrap(), folder: None }
    }

    pub const fn is_postgres(&self) -> bool {
        self.folder.is_none()
    }

    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The schema of a place in PostgreSQL.
    pub fn schema(&self) -> String {
        let text = self.url.to_string();
        text.split(['?', '&']).find_map(|part| part.strip_prefix("schema=")).unwrap().to_owned()
    }

    /// Another address beside it.
    pub fn beside(&self) -> Self {
        match self.url.path() {
            None => Self::postgres(),
            Some(_) => Self::sqlite(),
        }
    }

    /// A new store with the tests' schema.
    pub fn store(&self) -> Store {
        let mut store = Store::create_with(&self.url, options()).unwrap();
        store.migrate(SCHEMA).unwrap();
        store
    }

    /// The store once more.
    pub fn open(&self) -> Store {
        Store::open_with(&self.url, options()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_postgres()
            && let Ok(store) = Store::open(&self.url)
        {
            let _ = store.remove();
        }
    }
}

macro_rules! both {
    ($name:ident, |$place:ident| $body:block) => {
        mod $name {
            use super::*;

            fn contract($place: &Place) $body

            #[test]
            fn sqlite() {
                contract(&Place::sqlite());
            }

            #[test]
            fn postgresql() {
                contract(&Place::postgres());
            }
        }
    };
}
pub(crate) use both;
