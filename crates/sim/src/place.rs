//! Databases for simulations: made once, and emptied for each.

use crate::error::{Result, SimError};
use sluice_store::raw::Writes;
use sluice_store::schema::{DERIVED, INTAKE, MIGRATIONS, RECORD};
use sluice_store::{Store, Url};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// Where the databases of one thread are, one simulation after the other.
#[derive(Debug)]
pub enum Place {
    /// A folder with an empty database that is copied for each simulation.
    Sqlite(TempDir),
    /// A schema of a server that is emptied for each simulation, and the one for replays beside it.
    Postgres(Url, Url),
}

impl Place {
    /// A folder of its own.
    ///
    /// # Errors
    /// If there is no room.
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir().map_err(SimError::defect)?;
        let place = Self::Sqlite(folder);
        Store::create(&place.file("empty.db")?)?.migrate(MIGRATIONS)?;
        Ok(place)
    }

    /// A schema of its own on a server.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub fn postgres(server: &str) -> Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let server: Url = server.parse()?;
        let url = server.with_schema(&format!("sim_{process}_{number}"))?;
        let beside = server.with_schema(&format!("sim_replay_{process}_{number}"))?;
        Store::create(&url)?.migrate(MIGRATIONS)?;
        Ok(Self::Postgres(url, beside))
    }

    /// What it is, in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(..) => "PostgreSQL",
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join(name),
            Self::Postgres(..) => PathBuf::new(),
        }
    }

    fn file(&self, name: &str) -> Result<Url> {
        Ok(format!("sqlite:{}", self.path(name).display()).parse()?)
    }

    /// An empty database with the schema.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn fresh(&self) -> Result<Store> {
        match self {
            Self::Sqlite(_) => {
                for name in ["sim.db", "sim.db-intake"] {
                    for end in ["", "-wal", "-shm"] {
                        std::fs::remove_file(self.path(&format!("{name}{end}"))).ok();
                    }
                }
                std::fs::copy(self.path("empty.db"), self.path("sim.db")).map_err(SimError::defect)?;
                Ok(Store::open(&self.file("sim.db")?)?)
            }
            Self::Postgres(url, _) => {
                let mut store = Store::open(url)?;
                let mut tx = store.decide()?;
                let record = RECORD.iter().filter(|table| **table != "schema_version").copied();
                for table in DERIVED.iter().map(|(table, _)| *table).chain(record) {
                    tx.execute(&format!("DELETE FROM {table}"), &[])?;
                }
                tx.commit()?;
                let mut tx = store.intake()?;
                for table in INTAKE.iter().rev() {
                    tx.execute(&format!("DELETE FROM {table}"), &[])?;
                }
                tx.commit()?;
                Ok(store)
            }
        }
    }

    /// The database of the simulation once more, as another process opens it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn again(&self) -> Result<Store> {
        match self {
            Self::Sqlite(_) => Ok(Store::open(&self.file("sim.db")?)?),
            Self::Postgres(url, _) => Ok(Store::open(url)?),
        }
    }

    /// Copies the database of the last simulation to a file, to look at it; of a folder only.
    ///
    /// # Errors
    /// If that fails.
    pub fn keep(&self, to: &std::path::Path) -> Result<()> {
        if let Self::Sqlite(_) = self {
            Store::open(&self.file("sim.db")?)?.copy_to(&format!("sqlite:{}", to.display()).parse()?)?;
        }
        Ok(())
    }

    /// Where a replay makes its copy.
    ///
    /// # Errors
    /// If the name is none: a defect.
    pub fn beside(&self) -> Result<Url> {
        match self {
            Self::Sqlite(_) => self.file("replay.db"),
            Self::Postgres(_, beside) => Ok(beside.clone()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Postgres(url, beside) = self {
            for url in [url, beside] {
                if let Ok(store) = Store::open(url) {
                    let _ = store.remove();
                }
            }
        }
    }
}
