//! How long the store waits.

use std::time::Duration;

/// How a store behaves; the default is right outside of tests.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long a writer waits for another, and how long connecting may take. 5 seconds.
    pub patience: Duration,
    /// How long a statement of PostgreSQL may go on without a word of the server, and one that reads altogether. 15 minutes:
    /// several times what the longest of a full inventory takes. An import is not limited as a whole: its rows move on.
    pub statement: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), statement: Duration::from_secs(15 * 60) }
    }
}
