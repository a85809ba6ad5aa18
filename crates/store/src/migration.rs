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

/// The statements that make the views which steps leave in PostgreSQL, in the order of the steps. A step drops a view and makes it
/// to change it, one in a statement.
pub(crate) fn views(steps: &[Migration]) -> Vec<&'static str> {
    let mut views: Vec<(&str, &str)> = Vec::new();
    let statements = steps.iter().flat_map(|step| sql::statements(step.sql));
    for statement in statements.filter(|statement| sql::only(statement, "postgresql")) {
        let mut words = sql::words(statement);
        let (Some(verb), Some("VIEW"), Some(name)) = (words.next(), words.next(), words.next()) else { continue };
        views.retain(|(known, _)| *known != name);
        if verb == "CREATE" {
            views.push((name, statement));
        }
    }
    views.into_iter().map(|(_, statement)| statement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_view_that_steps_make_drop_and_make_again_the_last_statement_is_left() {
        let step = |sql| Migration { version: 1, name: "", sql };
        let steps = [
            step(
                "CREATE TABLE t (a INTEGER) STRICT;\n-- first\nCREATE VIEW one AS SELECT 1;\nCREATE VIEW gone AS SELECT 'VIEW';\n",
            ),
            step(
                "-- only sqlite\nCREATE VIEW file AS SELECT 1;\n-- only postgresql\nCREATE VIEW two (a) AS SELECT 1;\n",
            ),
            step("DROP VIEW gone;\nDROP VIEW one;\nCREATE VIEW one AS SELECT 2;\n"),
        ];
        let made = ["-- only postgresql\nCREATE VIEW two (a) AS SELECT 1", "CREATE VIEW one AS SELECT 2"];
        assert_eq!(views(&steps), made);
        assert_eq!(views(&steps[..1]).len(), 2);
    }
}
