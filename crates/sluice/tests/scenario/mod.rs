//! What a scenario folder says, and the database that a scenario has to itself.

// Each file of tests uses some of it.
#![allow(dead_code)]

use serde::Deserialize;
use sluice_store::{Store, Url};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// `scenario.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, for people.
    pub about: String,
    /// The rules, codes, verdicts and states that it is a case of; read by the tests of coverage.
    pub rules: Vec<String>,
    /// Does it work on a database? Then every step finds one in `SLUICE_DATABASE`.
    #[serde(default)]
    pub database: bool,
    /// The folder below `scenarios-base/` whose files and database it starts from.
    pub base: Option<String>,
    /// What is run, one after the other.
    pub step: Vec<Step>,
}

/// `base.toml`: the files and steps that scenarios share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// What it holds, for people.
    pub about: String,
    /// The base that it starts from itself.
    pub base: Option<String>,
    /// What is run.
    pub step: Vec<Step>,
}

/// One run of the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The arguments: as one line, or as a list where an argument has blanks in it.
    pub run: Arguments,
    /// The moment, given as `--now`; without it the clock stays where it is.
    pub now: Option<String>,
    /// The exit status.
    #[serde(default)]
    pub status: i32,
    /// Paths that must not exist afterwards.
    #[serde(default)]
    pub absent: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Arguments {
    Line(String),
    List(Vec<String>),
}

impl Step {
    /// The arguments of the program.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = match &self.run {
            Arguments::Line(line) => line.split_ascii_whitespace().map(str::to_owned).collect(),
            Arguments::List(list) => list.clone(),
        };
        if let Some(now) = &self.now {
            arguments.extend(["--now".to_owned(), now.clone()]);
        }
        arguments
    }
}

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The scenario folders, in order.
pub fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

impl Scenario {
    pub fn load(folder: &Path) -> Result<Self, String> {
        read(&folder.join("scenario.toml"))
    }
}

impl Base {
    pub fn load(folder: &Path) -> Result<Self, String> {
        read(&folder.join("base.toml"))
    }
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where databases are made: in files, or as schemas in the database of PostgreSQL that the tests have.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// SQLite, and PostgreSQL where the tests have a server.
    pub fn all() -> Vec<Self> {
        let server = std::env::var("SLUICE_TEST_POSTGRES").ok().map(|_| Self::Postgres);
        std::iter::once(Self::Sqlite).chain(server).collect()
    }

    pub const fn is_sqlite(self) -> bool {
        matches!(self, Self::Sqlite)
    }
}

/// The place of a database of one scenario or base; what is in it goes when this does.
pub struct Database {
    url: Url,
    /// The address, as the program takes it.
    pub address: String,
    /// On PostgreSQL its name: each is a database of its own, which is copied in a fraction of the time that a schema takes.
    name: Option<String>,
    _folder: tempfile::TempDir,
}

impl Database {
    /// An empty one.
    pub fn new(kind: Kind) -> Self {
        Self::made(kind, "template1")
    }

    /// A copy of another of the same kind.
    pub fn copy(of: &Self, kind: Kind) -> Self {
        let database = Self::made(kind, of.name.as_deref().unwrap_or_default());
        if kind.is_sqlite() {
            Store::open(&of.url).unwrap().copy_to(&database.url).unwrap();
        }
        database
    }

    fn made(kind: Kind, template: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let (address, name) = match kind {
            Kind::Sqlite => (format!("sqlite:{}", folder.path().join("sluice.db").display()), None),
            Kind::Postgres => {
                let name = format!("scenario_{}_{number}", std::process::id());
                on_server(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
                (format!("{}?schema=scenario", address_of(&name)), Some(name))
            }
        };
        Self { url: address.parse().unwrap(), address, name, _folder: folder }
    }

    /// A text with the address, as the program writes it, replaced: the same for every kind.
    pub fn hidden_in(&self, text: &str) -> String {
        text.replace(&self.url.to_string(), "DATABASE").replace(&self.address, "DATABASE")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The address of a database of the server that the tests have.
fn address_of(name: &str) -> String {
    let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// A statement for the server, outside of every transaction.
fn on_server(statement: &str) {
    let mut server = postgres::Client::connect(&address_of("postgres"), postgres::NoTls).unwrap();
    server.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
}
