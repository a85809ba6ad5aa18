//! An inventory on the stage: loaded beside the one that stands, compared with it, and put into its place by an act (REF-2).

use super::convert::Columns;
use super::counts::homes;
use super::imports::{INSTALLATION_COLUMNS, OwnedValue, Rows, installations};
use crate::bulk::Inserter;
use crate::error::StoreError;
use crate::stage::{INVENTORY, STAGE};
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sluice_rules::reference::ImportDifference;

pub use crate::stage::Change;

/// Which installations of an inventory that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those that are not in the standing one.
    Added,
    /// Those that are others there.
    Changed,
    /// Those that are only there.
    Gone,
}

impl Part {
    /// What becomes of them.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }

    const fn number(self) -> i64 {
        match self {
            Self::Added => 0,
            Self::Changed => 1,
            Self::Gone => 2,
        }
    }
}

/// Makes the stage anew, empty.
///
/// # Errors
/// If the database fails.
pub fn make(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.make_stage()
}

/// Takes the stage away.
///
/// # Errors
/// If the database fails.
pub fn clear(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.clear_stage()
}

/// Is the stage still there? It goes with the connection on which it was made.
///
/// # Errors
/// If the database fails.
pub fn is_there(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    tx.has_stage()
}

/// Begins to put installations on the stage, with the columns of [`INSTALLATION_COLUMNS`].
///
/// # Errors
/// If the database fails.
pub fn inserter<'t>(tx: &'t mut Tx<'_>) -> Result<Inserter<'t>, StoreError> {
    tx.inserter(STAGE, &INSTALLATION_COLUMNS)
}

/// Begins to load installations straight into an empty inventory, with the columns of [`INSTALLATION_COLUMNS`]. Nothing is kept before
/// [`end_first`].
///
/// # Errors
/// If the database fails.
pub fn first_inserter<'t>(tx: &'t mut Tx<'_>) -> Result<Inserter<'t>, StoreError> {
    tx.take_inventory()?;
    tx.inserter(INVENTORY, &INSTALLATION_COLUMNS)
}

/// Makes the indexes of an inventory that was loaded so.
///
/// # Errors
/// If a meter point stands twice, or the database fails.
pub fn end_first(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.give_inventory_back()?;
    homes::make_anew(tx)
}

/// Compares the inventory of the stage with the one that stands, and says how it comes into its place.
///
/// # Errors
/// If the database fails.
pub fn compare(tx: &mut Tx<'_>) -> Result<(ImportDifference, Change), StoreError> {
    let before = installations(tx)?;
    let staged = tx.query_one("SELECT count(*) FROM stage_installation", &[], |row| row.count(0))?;
    find_difference(tx)?;
    let [added, changed, gone] = [Part::Added, Part::Changed, Part::Gone].map(|part| {
        let sql = "SELECT count(*) FROM stage_difference WHERE part = $1";
        tx.query_one(sql, &[Value::Int(part.number())], |row| row.count(0))
    });
    let (added, changed, gone) = (added?, changed?, gone?);
    let difference = ImportDifference { before, added, changed, gone, accepted_rows: 0 };
    let change = tx.way(before, staged, added + changed + gone);
    if change == Change::Whole {
        tx.index_stage()?;
    }
    Ok((difference, change))
}

fn find_difference(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.script(
        "-- only postgresql\nALTER TABLE stage_installation ADD PRIMARY KEY (chf);\n\
         -- only postgresql\nANALYZE stage_installation;\n",
    )?;
    let differs = INSTALLATION_COLUMNS.map(|column| format!("i.{column} IS DISTINCT FROM s.{column}")).join(" OR ");
    let (changed, gone) = (Part::Changed.number(), Part::Gone.number());
    let sql = format!(
        "INSERT INTO stage_difference (chf, part) \
         SELECT i.chf, CASE WHEN s.chf IS NULL THEN {gone} ELSE {changed} END \
         FROM installation i LEFT JOIN stage_installation s ON s.chf = i.chf WHERE {differs}"
    );
    tx.execute(&sql, &[])?;
    let sql = format!(
        "INSERT INTO stage_difference (chf, part) SELECT s.chf, {} FROM stage_installation s \
         WHERE NOT EXISTS (SELECT 1 FROM installation i WHERE i.chf = s.chf)",
        Part::Added.number()
    );
    tx.execute(&sql, &[])?;
    tx.script("-- only postgresql\nANALYZE stage_difference;\n")
}

/// The first installations that differ, as they stand and as they are on the stage, by their CHF Device ID. They are looked for where
/// something stands.
///
/// # Errors
/// If the database fails.
pub fn first(tx: &mut View<'_>, part: Part, limit: usize) -> Result<(Rows, Rows), StoreError> {
    let columns =
        ["i", "s"].map(|of| INSTALLATION_COLUMNS.map(|column| format!("{of}.{column}")).join(", ")).join(", ");
    let sql = format!(
        "SELECT {columns} FROM stage_difference d LEFT JOIN installation i ON i.chf = d.chf \
         LEFT JOIN stage_installation s ON s.chf = d.chf WHERE d.part = $1 ORDER BY d.chf LIMIT {limit}"
    );
    let (mut before, mut after) = (Rows::new(), Rows::new());
    tx.each(&sql, &[Value::Int(part.number())], |row| {
        let width = INSTALLATION_COLUMNS.len();
        for (rows, from) in [(&mut before, 0), (&mut after, width)] {
            let values = (from..from + width).map(|column| OwnedValue::of(row.value(column)?));
            let mut key = values.collect::<Result<Vec<_>, _>>()?;
            let others = key.split_off(1);
            if key != [OwnedValue::Null] {
                rows.insert(key, others);
            }
        }
        Ok(())
    })?;
    Ok((before, after))
}

/// The installations that differ, in order. They are looked for where something stands.
///
/// # Errors
/// If the database fails.
pub fn differing(tx: &mut View<'_>) -> Result<Vec<i64>, StoreError> {
    tx.query("SELECT chf FROM stage_difference ORDER BY chf", &[], |row| row.int(0))
}

/// The numbers of the S1SPs of installations that differ, before it and after it; it is asked before they are put into their place.
///
/// # Errors
/// If the database fails.
pub fn s1sps(tx: &mut View<'_>) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT i.s1sp FROM stage_difference d JOIN installation i ON i.chf = d.chf \
               UNION SELECT s.s1sp FROM stage_difference d JOIN stage_installation s ON s.chf = d.chf ORDER BY 1";
    tx.query(sql, &[], |row| row.int(0))
}

/// Puts the inventory of the stage into its place, as [`compare`] has found the difference.
///
/// # Errors
/// If the database fails.
pub fn put_in_place(tx: &mut Tx<'_>, change: Change) -> Result<(), StoreError> {
    let columns = INSTALLATION_COLUMNS.map(|column| format!("s.{column}")).join(", ");
    // ACC-2: whoever signs signs for these rows.
    let written = format!(
        "SELECT d.chf, d.part, {columns} FROM stage_difference d \
         LEFT JOIN stage_installation s ON s.chf = d.chf ORDER BY d.chf"
    );
    tx.witness(&written, &[])?;
    homes::differing(tx, -1)?;
    put(tx, change, &columns)?;
    homes::differing(tx, 1)
}

fn put(tx: &mut Tx<'_>, change: Change, columns: &str) -> Result<(), StoreError> {
    if change == Change::Whole {
        tx.execute("DELETE FROM installation", &[])?;
        return tx.execute("INSERT INTO installation SELECT * FROM stage_installation", &[]).map(drop);
    }
    let sql = "DELETE FROM installation WHERE chf IN (SELECT d.chf FROM stage_difference d WHERE d.part <> $1)";
    tx.execute(sql, &[Value::Int(Part::Added.number())])?;
    let sql = format!(
        "INSERT INTO installation ({}) SELECT {columns} FROM stage_difference d \
         JOIN stage_installation s ON s.chf = d.chf WHERE d.part <> $1 ORDER BY d.chf",
        INSTALLATION_COLUMNS.join(", ")
    );
    tx.execute(&sql, &[Value::Int(Part::Gone.number())]).map(drop)
}
