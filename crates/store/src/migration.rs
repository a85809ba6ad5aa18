//! A step of a schema.

use crate::sql;

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

/// The statements that make the views which steps leave, in the order of the steps. A step makes or drops one view a statement.
pub(crate) fn views(steps: &[Migration]) -> Vec<&'static str> {
    let mut views: Vec<(&str, &str)> = Vec::new();
    for statement in steps.iter().flat_map(|step| sql::statements(step.sql)) {
        let mut words = sql::words(statement);
        let (Some(verb), Some("VIEW"), Some(name)) = (words.next(), words.next(), words.next()) else { continue };
        views.retain(|(known, _)| *known != name);
        if verb == "CREATE" {
            views.push((name, statement));
        }
    }
    views.into_iter().map(|(_, statement)| statement).collect()
}
