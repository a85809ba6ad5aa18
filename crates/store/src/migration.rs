//! A step of a schema.

/// A step of the schema. The text is SQLite's, with `STRICT` tables; for PostgreSQL `INTEGER` becomes `BIGINT`, `BLOB`
/// becomes `BYTEA`, `TEXT` gets the order of its bytes, and `STRICT` and `WITHOUT ROWID` go. Each statement ends with
/// `;` at the end of a line; a first line `-- only sqlite` or `-- only postgresql` keeps it from the other one.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; they rise.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}
