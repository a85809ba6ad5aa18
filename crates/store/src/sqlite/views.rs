//! What a scope may see in SQLite: views of the connection that stand before the tables of their names.

use crate::error::StoreError;
use crate::scope::Scope;
use crate::sight::{self, Kind, Seen, Words};
use rusqlite::Connection;

/// The date of the last act, yyyymmdd.
const TODAY: &str = "(SELECT CAST(strftime('%Y%m%d', d.at / 1000, 'unixepoch') AS INTEGER) FROM {all}.audit d \
                     ORDER BY d.seq DESC LIMIT 1)";

/// The date of a moment in Great Britain, which is an hour ahead from the last Sunday of March to that of October, each at 01:00.
const DAY: &str = "CAST(strftime('%Y%m%d', {X} / 1000 + CASE \
    WHEN {X} / 1000 >= unixepoch(strftime('%Y-03-25', {X} / 1000, 'unixepoch'), 'weekday 0', '+1 hour') \
    AND {X} / 1000 < unixepoch(strftime('%Y-10-25', {X} / 1000, 'unixepoch'), 'weekday 0', '+1 hour') \
    THEN 3600 ELSE 0 END, 'unixepoch') AS INTEGER)";

/// Makes a connection one that reads for a scope: every name of a table is that of what the scope sees of it, and nothing can be
/// written any more.
pub(crate) fn narrow(connection: &Connection, scope: &Scope) -> Result<(), StoreError> {
    let Some(kind) = Kind::of(scope) else { return Ok(()) };
    // Views are small, and with small pages they need no room on the disk, which who only reads may not have.
    connection.execute_batch("PRAGMA query_only = OFF; PRAGMA temp.page_size = 4096")?;
    for name in names(connection, "SELECT name FROM temp.sqlite_schema WHERE type = 'view'")? {
        connection.execute_batch(&format!("DROP VIEW temp.{name}"))?;
    }
    // Both codes are letters and digits.
    let (me, s1sp) = match scope {
        Scope::Party(party) => (format!("'{party}'"), "''".to_owned()),
        Scope::S1sp(s1sp) => {
            (format!("(SELECT code FROM main.party WHERE s1sp = '{s1sp}' ORDER BY code LIMIT 1)"), format!("'{s1sp}'"))
        }
        Scope::Dcc | Scope::Observer => ("''".to_owned(), "''".to_owned()),
    };
    let words = Words {
        me: &me,
        s1sp: &s1sp,
        all: "main",
        today: TODAY,
        day: DAY,
        current: "IN ({ids now})",
        mine: "IN ({ids ever})",
    };
    let tables =
        "SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'";
    for table in names(connection, tables)? {
        let seen = sight::seen(&table, kind);
        // The table itself.
        if matches!(seen, Seen::All) {
            continue;
        }
        let columns = names(connection, &format!("SELECT name FROM pragma_table_info('{table}', 'main')"))?;
        let query = sight::query(&table, &columns, seen, &words);
        connection.execute_batch(&format!("CREATE TEMP VIEW {table} AS {query}"))?;
    }
    Ok(connection.execute_batch("PRAGMA query_only = ON")?)
}

fn names(connection: &Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}
