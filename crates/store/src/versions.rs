//! The table of the steps that a schema has gone through. A store is known by it.

/// What makes it, to the letter: SQLite keeps the text.
pub(crate) const TABLE: &str = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";
