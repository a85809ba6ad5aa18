//! How much work the databases of a process had, counted in what does not depend on how fast a machine is or what else it does (P8),
//! and how long one that only reads may go on.

use crate::error::StoreError;
use rusqlite::Connection;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// After how many steps of SQLite they are counted. What is left of a statement counts when the statement runs again.
const LOT: u32 = 100;

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
static LOTS: AtomicU64 = AtomicU64::new(0);

/// What the databases of this process had to do since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// How many times a statement was asked for; one that looks up many keys, or writes many rows, counts once.
    pub statements: u64,
    /// Steps of SQLite's machine, about ten for each row that is read and for each that is written; 0 of PostgreSQL.
    pub steps: u64,
}

impl Work {
    /// Until now.
    #[must_use]
    pub fn so_far() -> Self {
        Self { statements: STATEMENTS.load(Relaxed), steps: LOTS.load(Relaxed) * u64::from(LOT) }
    }
}

/// Counts a statement.
pub(crate) fn statement() {
    STATEMENTS.fetch_add(1, Relaxed);
}

/// Counts the steps of a connection from here on, and interrupts it when the limit, if there is one, is over.
pub(crate) fn watch(connection: &mut Connection, limit: Option<Duration>) -> Result<(), StoreError> {
    let began = Instant::now();
    let step = move || {
        LOTS.fetch_add(1, Relaxed);
        limit.is_some_and(|limit| began.elapsed() > limit)
    };
    Ok(connection.progress_handler(LOT.try_into().unwrap_or(i32::MAX), Some(step))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::Work;
    use crate::error::StoreError;
    use crate::options::Options;
    use crate::scope::Scope;
    use crate::store::Store;
    use std::time::Duration;

    const LONG: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT max(i) FROM n";

    fn store(folder: &tempfile::TempDir, limit: Duration) -> Store {
        let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
        if !Store::exists(&url).unwrap() {
            Store::create(&url).unwrap();
        }
        Store::open_with(&url, Options { statement: limit, ..Options::default() }).unwrap()
    }

    #[test]
    fn p8_what_reads_for_too_long_is_ended_and_the_next_one_reads_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut hasty = store(&folder, Duration::ZERO);
        for scope in [Scope::Dcc, Scope::Observer, Scope::Party("AAA123".parse().unwrap())] {
            let error = hasty.view(scope).unwrap().query_one(LONG, &[], |row| row.int(0)).unwrap_err();
            assert!(matches!(error, StoreError::Slow(_)) && error.passes(), "{error:?}");
            assert_eq!(hasty.view(scope).unwrap().query_one("SELECT 1", &[], |row| row.int(0)).unwrap(), 1);
        }
        // An act is not limited: what it has begun it ends.
        assert_eq!(hasty.decide().unwrap().query_one(LONG, &[], |row| row.int(0)).unwrap(), 100_000);
    }

    #[test]
    fn p8_work_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder, Duration::from_secs(60));
        let before = Work::so_far();
        store.view(Scope::Dcc).unwrap().query_one(LONG, &[], |row| row.int(0)).unwrap();
        let after = Work::so_far();
        assert!(after.statements > before.statements && after.steps >= before.steps + 100_000, "{before:?} {after:?}");
    }
}
