//! What is prepared for an act: read from what stands, and kept in tables that only this connection has, so that it takes as long as it
//! takes and nobody waits for it. The tables are temporary ones: they are no part of the database, and go with the connection.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::postgresql::Side;
use crate::scope::Scope;
use crate::sqlite;
use crate::store::Store;
use crate::tx::Tx;
use crate::view::View;

/// The inventory.
pub(crate) const INVENTORY: &str = "installation";

/// The inventory on the stage.
pub(crate) const STAGE: &str = "stage_installation";

/// How an inventory on the stage comes into its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// All of it, in the place of whatever stands.
    Whole,
    /// The rows that differ.
    Difference,
}

impl Store {
    /// Begins to prepare something: what stands can be read, and only the stage be written. It waits for no act, and none for it.
    /// With PostgreSQL each statement sees what was kept before it, so what is asked for first is of the earliest moment.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn prepare(&mut self) -> Result<Tx<'_>, StoreError> {
        if let Backend::Sqlite(connection) = &mut self.backend {
            sqlite::begin_reading(connection, None)?;
            return Ok(Tx::new(View::new(&mut self.backend, Scope::Dcc, true)));
        }
        self.begin(Side::Beside)
    }
}

impl Tx<'_> {
    /// Makes the stage of an inventory anew, empty.
    pub(crate) fn make_stage(&mut self) -> Result<(), StoreError> {
        self.attempt(|tx| match &mut tx.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(server) => server.must_make_temporary(),
        })?;
        self.clear_stage()?;
        if let Some(table) = self.statements_of("type = 'table' AND name = 'installation'")?.first() {
            // The same to the letter: so whole pages go from the one to the other.
            let made = table.replacen("TABLE", "TEMP TABLE", 1).replacen(INVENTORY, STAGE, 1);
            self.execute(&made, &[])?;
        }
        self.script(
            "-- only postgresql\nCREATE TEMP TABLE stage_installation (LIKE installation);\n\
             CREATE TEMP TABLE stage_difference (chf INTEGER NOT NULL PRIMARY KEY, part INTEGER NOT NULL) STRICT;\n",
        )
    }

    /// Takes the stage away.
    pub(crate) fn clear_stage(&mut self) -> Result<(), StoreError> {
        self.script("DROP TABLE IF EXISTS stage_difference;\nDROP TABLE IF EXISTS stage_installation;\n")
    }

    /// Gives the inventory on the stage the indexes that it has in its place, where they can go with it.
    pub(crate) fn index_stage(&mut self) -> Result<(), StoreError> {
        for index in self.statements_of("type = 'index' AND tbl_name = 'installation' AND sql IS NOT NULL")? {
            let made = index.replacen("INDEX ", "INDEX temp.stage_", 1);
            self.execute(&made.replacen("ON installation", "ON stage_installation", 1), &[])?;
        }
        Ok(())
    }

    /// What made something in a file of SQLite; nothing with PostgreSQL.
    fn statements_of(&mut self, which: &str) -> Result<Vec<String>, StoreError> {
        match self.backend {
            Backend::Sqlite(_) => {
                let sql = format!("SELECT sql FROM main.sqlite_schema WHERE {which} ORDER BY name");
                self.query(&sql, &[], |row| row.text(0).map(str::to_owned))
            }
            Backend::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// How an inventory comes into its place fastest, of which so many rows differ from the `before` that stand. A file of SQLite
    /// takes it page by page, with its indexes, which costs a row a fortieth of what changing one in no order does. PostgreSQL would have to delete
    /// every row.
    pub(crate) fn way(&self, before: u64, staged: u64, differ: u64) -> Change {
        match self.backend {
            Backend::Sqlite(_) if differ > (before + staged) / 64 => Change::Whole,
            _ => Change::Difference,
        }
    }

    /// Is the stage there? It went if the connection is another one by now.
    pub(crate) fn has_stage(&mut self) -> Result<bool, StoreError> {
        let sql = match self.backend {
            Backend::Sqlite(_) => "SELECT count(*) FROM temp.sqlite_schema WHERE name = 'stage_installation'",
            Backend::Postgres(_) => {
                "SELECT CASE WHEN to_regclass('pg_temp.stage_installation') IS NULL THEN 0 ELSE 1 END"
            }
        };
        self.query_one(sql, &[], |row| Ok(row.int(0)? > 0))
    }
}
