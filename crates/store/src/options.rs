//! How long the store waits.

use std::time::Duration;

/// How a store behaves; the default is right outside of tests.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long a writer waits for another, and how long connecting may take. 5 seconds.
    pub patience: Duration,
    /// How long PostgreSQL may say nothing while it is waited for, before it is asked by another connection whether it is there still.
    /// 60 seconds. It is also how long a transaction of a note may stand still.
    pub silence: Duration,
    /// How long a statement of PostgreSQL may go on without a word of the server that is there still, one that reads altogether, and a
    /// transaction stand still between two statements; and how long a transaction of SQLite that only reads may go on. 15 minutes: several times what the longest of a full inventory takes. An import
    /// is not limited as a whole: its rows move on.
    pub statement: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let (patience, silence, statement) =
            (Duration::from_secs(5), Duration::from_secs(60), Duration::from_secs(15 * 60));
        Self { patience, silence, statement }
    }
}
