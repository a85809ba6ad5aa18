//! Imports of reference data: what they changed, and the tables that they replace.

use super::convert::{Columns, count, moment, opt, text};
use crate::bulk::Inserter;
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use std::collections::BTreeMap;

/// An import that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its number.
    pub id: i64,
    /// What was imported.
    pub kind: ReferenceKind,
    /// The receipt of the file.
    pub received: i64,
    /// The moment that the data describe (REF-1).
    pub as_at: Timestamp,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// By which act; nothing where an earlier program did it.
    pub act: Option<i64>,
    /// What it changed.
    pub difference: ImportDifference,
    /// Did two sign for it, since it needed two (REF-2)? Not noted where an earlier program did it.
    pub by_two: bool,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// By which act; nothing where an earlier program did it.
    pub undone_by: Option<i64>,
}

/// Adds an import and gives its number.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, import: &ImportRecord) -> Result<(), StoreError> {
    // ACC-2: what replaces a whole table replaces that of another import if one came meanwhile. A capacity file replaces days,
    // which are witnessed one by one.
    if import.kind != ReferenceKind::Capacity {
        let last = "SELECT max(id) FROM import WHERE kind = $1 AND undone_at IS NULL AND id <> $2";
        tx.witness(last, &[text(import.kind.word()), Value::Given(import.id)])?;
    }
    let sql = "INSERT INTO import (id, kind, received, as_at, applied_at, before_rows, added, changed, gone, \
               accepted_rows, act, by_two) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let difference = &import.difference;
    let values = [
        Value::Given(import.id),
        text(import.kind.word()),
        Value::Int(import.received),
        moment(import.as_at),
        moment(import.applied_at),
        count(difference.before),
        count(difference.added),
        count(difference.changed),
        count(difference.gone),
        count(difference.accepted_rows),
        opt(import.act, Value::Act),
        Value::Int(i64::from(import.by_two)),
    ];
    tx.execute(sql, &values).map(drop)
}

/// The number of the next import.
///
/// # Errors
/// If the database fails.
pub fn next(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    super::record::give_id(tx, "SELECT max(id) FROM import")
}

/// The imports that stand, latest first.
///
/// # Errors
/// If the database fails.
pub fn standing(tx: &mut View<'_>) -> Result<Vec<ImportRecord>, StoreError> {
    Ok(all(tx)?.into_iter().filter(|import| import.undone_at.is_none()).collect())
}

/// Every import that was applied, latest first.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<ImportRecord>, StoreError> {
    let sql = "SELECT id, kind, received, as_at, applied_at, before_rows, added, changed, gone, accepted_rows, undone_at, \
               act, undone_by, by_two \
               FROM import ORDER BY id DESC";
    tx.query(sql, &[], |row| {
        Ok(ImportRecord {
            id: row.int(0)?,
            kind: row.parsed(1)?,
            received: row.int(2)?,
            as_at: row.moment(3)?,
            applied_at: row.moment(4)?,
            difference: ImportDifference {
                before: row.count(5)?,
                added: row.count(6)?,
                changed: row.count(7)?,
                gone: row.count(8)?,
                accepted_rows: row.count(9)?,
            },
            undone_at: row.opt_moment(10)?,
            act: row.opt_int(11)?,
            undone_by: row.opt_int(12)?,
            by_two: row.int(13)? != 0,
        })
    })
}

/// REF-1: the moment that the standing data of a kind describe; nothing if none were imported.
///
/// # Errors
/// If the database fails.
pub fn as_at(tx: &mut View<'_>, kind: ReferenceKind) -> Result<Option<Timestamp>, StoreError> {
    Ok(standing(tx)?.into_iter().find(|import| import.kind == kind).map(|import| import.as_at))
}

/// Notes that an import was undone.
///
/// # Errors
/// If the database fails.
pub fn set_undone(tx: &mut Tx<'_>, id: i64, at: Timestamp, act: Option<i64>) -> Result<(), StoreError> {
    let sql = "UPDATE import SET undone_at = $2, undone_by = $3 WHERE id = $1";
    tx.execute(sql, &[Value::Int(id), moment(at), opt(act, Value::Act)]).map(drop)
}

/// A small table that an import replaces whole: its name, the columns of its key, and the others.
#[derive(Debug, Clone, Copy)]
pub struct Replaced {
    /// Its name.
    pub table: &'static str,
    /// The columns of its key.
    pub keys: &'static [&'static str],
    /// The others.
    pub others: &'static [&'static str],
}

/// A row of such a table: its key and its other values.
pub type Rows = BTreeMap<Vec<OwnedValue>, Vec<OwnedValue>>;

/// A value that can be kept and put in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnedValue {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

impl OwnedValue {
    /// As a value of a statement.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(words) => text(words),
        }
    }

    /// A text.
    #[must_use]
    pub fn text(words: impl ToString) -> Self {
        Self::Text(words.to_string())
    }

    /// A text that may be missing.
    #[must_use]
    pub fn opt_text(words: Option<impl ToString>) -> Self {
        words.map_or(Self::Null, Self::text)
    }

    fn of(value: Value<'_>) -> Result<Self, StoreError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Int(number) | Value::Given(number) | Value::Act(number) => Ok(Self::Int(number)),
            Value::Text(words) => Ok(Self::Text(words.into_owned())),
            Value::Bytes(_) => Err(StoreError::Type("reference data hold no bytes".to_owned())),
        }
    }
}

/// The rows of a table.
///
/// # Errors
/// If the database fails.
pub fn rows(tx: &mut View<'_>, of: Replaced) -> Result<Rows, StoreError> {
    let columns = [of.keys, of.others].concat();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), of.table);
    let mut rows = Rows::new();
    tx.each(&sql, &[], |row| {
        let values = (0..columns.len()).map(|column| OwnedValue::of(row.value(column)?));
        let mut key = values.collect::<Result<Vec<_>, _>>()?;
        let others = key.split_off(of.keys.len());
        rows.insert(key, others);
        Ok(())
    })?;
    Ok(rows)
}

/// Brings a table from one set of rows to another; says what changed.
///
/// # Errors
/// If the database fails.
pub fn replace(tx: &mut Tx<'_>, of: Replaced, before: &Rows, after: &Rows) -> Result<ImportDifference, StoreError> {
    let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
    let gone: Vec<&Vec<OwnedValue>> =
        before.iter().filter(|(key, others)| after.get(*key) != Some(*others)).map(|(key, _)| key).collect();
    let new: Vec<(&Vec<OwnedValue>, &Vec<OwnedValue>)> =
        after.iter().filter(|(key, others)| before.get(*key) != Some(*others)).collect();
    let changed = new.iter().filter(|(key, _)| before.contains_key(*key)).count();
    let places: Vec<String> = of.keys.iter().zip(1..).map(|(key, place)| format!("{key} = ${place}")).collect();
    let sql = format!("DELETE FROM {} WHERE {}", of.table, places.join(" AND "));
    for key in &gone {
        let values: Vec<Value<'_>> = key.iter().map(OwnedValue::value).collect();
        tx.execute(&sql, &values)?;
    }
    let columns = [of.keys, of.others].concat();
    let mut insert = tx.inserter(of.table, &columns)?;
    for (key, others) in &new {
        let values: Vec<Value<'_>> = key.iter().chain(*others).map(OwnedValue::value).collect();
        insert.row(&values)?;
    }
    insert.finish()?;
    Ok(ImportDifference {
        before: count(before.len()),
        added: count(new.len() - changed),
        changed: count(changed),
        gone: count(gone.len() - changed),
        accepted_rows: 0,
    })
}

/// The columns of the inventory.
pub const INSTALLATION_COLUMNS: [&str; 12] = [
    "chf",
    "s1sp",
    "cohort",
    "dmc",
    "esme",
    "mpan",
    "electricity_mpid",
    "electricity_status",
    "gsme",
    "mprn",
    "gas_mpid",
    "gas_status",
];

const INSTALLATION_LIST: &str = "chf, s1sp, cohort, dmc, esme, mpan, electricity_mpid, electricity_status, gsme, mprn, \
                                 gas_mpid, gas_status";

/// The number of installations in the inventory.
///
/// # Errors
/// If the database fails.
pub fn installations(tx: &mut View<'_>) -> Result<u64, StoreError> {
    tx.query_one("SELECT count(*) FROM installation", &[], |row| row.count(0))
}

/// Empties the inventory.
///
/// # Errors
/// If the database fails.
pub fn empty_installations(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM installation", &[]).map(drop)
}

/// Begins to insert installations, with the columns of [`INSTALLATION_COLUMNS`], into the inventory, or beside it to be compared.
///
/// # Errors
/// If the database fails.
pub fn inserter<'t>(tx: &'t mut Tx<'_>, beside: bool) -> Result<Inserter<'t>, StoreError> {
    tx.inserter(if beside { "staged_installation" } else { "installation" }, &INSTALLATION_COLUMNS)
}

/// Writes a party with all its columns.
///
/// # Errors
/// If the database fails.
pub fn set_party(tx: &mut Tx<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    let sql = "INSERT INTO party (code, name, role, s1sp, operations_contact, out_of_hours_contact) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO UPDATE SET name = excluded.name, \
               role = excluded.role, s1sp = excluded.s1sp, operations_contact = excluded.operations_contact, \
               out_of_hours_contact = excluded.out_of_hours_contact";
    tx.execute(sql, values).map(drop)
}

/// Takes a party away.
///
/// # Errors
/// If something still refers to it, or the database fails.
pub fn remove_party(tx: &mut Tx<'_>, code: Value<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM party WHERE code = $1", &[code]).map(drop)
}

/// Takes the indexes of an empty inventory away, so that loading it is fast; [`index_installations`] makes them again.
///
/// # Errors
/// If the database fails.
pub fn unindex_installations(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.unindex_inventory()
}

/// Makes the indexes of the inventory.
///
/// # Errors
/// If a meter point stands twice, or the database fails.
pub fn index_installations(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.index_inventory()
}

/// Compares the staged inventory with the standing one.
///
/// # Errors
/// If the database fails.
pub fn compare_staged(tx: &mut View<'_>) -> Result<ImportDifference, StoreError> {
    let mut one = |sql: &str| tx.query_one(sql, &[], |row| row.count(0));
    let differs = INSTALLATION_COLUMNS.map(|column| format!("i.{column} IS DISTINCT FROM s.{column}")).join(" OR ");
    Ok(ImportDifference {
        before: one("SELECT count(*) FROM installation")?,
        added: one("SELECT count(*) FROM staged_installation s LEFT JOIN installation i ON i.chf = s.chf \
                    WHERE i.chf IS NULL")?,
        gone: one("SELECT count(*) FROM installation i LEFT JOIN staged_installation s ON s.chf = i.chf \
                   WHERE s.chf IS NULL")?,
        changed: one(&format!(
            "SELECT count(*) FROM installation i JOIN staged_installation s ON s.chf = i.chf WHERE {differs}"
        ))?,
        accepted_rows: 0,
    })
}

/// The inventory as a table with a key.
pub const INSTALLATION: Replaced = Replaced {
    table: "installation",
    keys: INSTALLATION_COLUMNS.split_at(1).0,
    others: INSTALLATION_COLUMNS.split_at(1).1,
};

/// Which installations of a staged inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staged {
    /// Those that are not in the standing one.
    Added,
    /// Those that are others there.
    Changed,
    /// Those that are only there.
    Gone,
}

impl Staged {
    /// What becomes of them.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// The first installations that differ in the staged inventory, as they stand and as they are staged, by their CHF Device ID.
///
/// # Errors
/// If the database fails.
pub fn first_staged(tx: &mut View<'_>, which: Staged, limit: usize) -> Result<(Rows, Rows), StoreError> {
    let differs = INSTALLATION_COLUMNS.map(|column| format!("i.{column} IS DISTINCT FROM s.{column}")).join(" OR ");
    let found = match which {
        Staged::Added => {
            "staged_installation s LEFT JOIN installation i ON i.chf = s.chf WHERE i.chf IS NULL ORDER BY s.chf"
        }
        Staged::Changed => {
            &format!("installation i JOIN staged_installation s ON s.chf = i.chf WHERE {differs} ORDER BY i.chf")
        }
        Staged::Gone => {
            "installation i LEFT JOIN staged_installation s ON s.chf = i.chf WHERE s.chf IS NULL ORDER BY i.chf"
        }
    };
    let columns =
        ["i", "s"].map(|of| INSTALLATION_COLUMNS.map(|column| format!("{of}.{column}")).join(", ")).join(", ");
    let (mut before, mut after) = (Rows::new(), Rows::new());
    tx.each(&format!("SELECT {columns} FROM {found} LIMIT {limit}"), &[], |row| {
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

/// The numbers of the S1SPs of installations that are others in the staged inventory, or only in one of both.
///
/// # Errors
/// If the database fails.
pub fn staged_s1sps(tx: &mut View<'_>) -> Result<Vec<i64>, StoreError> {
    let differs = INSTALLATION_COLUMNS.map(|column| format!("i.{column} IS DISTINCT FROM s.{column}")).join(" OR ");
    let sql = format!(
        "SELECT i.s1sp FROM installation i LEFT JOIN staged_installation s ON s.chf = i.chf WHERE {differs} \
         UNION SELECT s.s1sp FROM staged_installation s LEFT JOIN installation i ON i.chf = s.chf WHERE {differs} ORDER BY 1"
    );
    tx.query(&sql, &[], |row| row.int(0))
}

/// Empties the stage of the inventory.
///
/// # Errors
/// If the database fails.
pub fn empty_stage(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM staged_installation", &[]).map(drop)
}

/// Puts the staged inventory in the place of the standing one, touching only what differs, and empties the stage.
///
/// # Errors
/// If the database fails.
pub fn apply_staged(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let same = INSTALLATION_COLUMNS.map(|column| format!("s.{column} IS NOT DISTINCT FROM installation.{column}"));
    // By the key first: without an equality PostgreSQL would compare every row with every other.
    let delete = format!(
        "DELETE FROM installation WHERE NOT EXISTS \
         (SELECT 1 FROM staged_installation s WHERE s.chf = installation.chf AND {})",
        same.join(" AND ")
    );
    tx.execute(&delete, &[])?;
    let insert = format!(
        "INSERT INTO installation ({INSTALLATION_LIST}) SELECT {INSTALLATION_LIST} FROM staged_installation s \
         WHERE NOT EXISTS (SELECT 1 FROM installation i WHERE i.chf = s.chf)"
    );
    tx.execute(&insert, &[])?;
    tx.execute("DELETE FROM staged_installation", &[]).map(drop)
}

/// Is a market participant id used by the inventory or a registration?
///
/// # Errors
/// If the database fails.
pub fn uses_mpid(tx: &mut View<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM installation WHERE electricity_mpid = $1 OR gas_mpid = $1 \
               UNION ALL SELECT 1 FROM registration WHERE mpid = $1 LIMIT 1";
    Ok(tx.query_optional(sql, &[Value::Int(id)], |_| Ok(()))?.is_some())
}

/// Is a Device Model Combination used by the inventory?
///
/// # Errors
/// If the database fails.
pub fn uses_dmc(tx: &mut View<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM installation WHERE dmc = $1 LIMIT 1";
    Ok(tx.query_optional(sql, &[Value::Int(id)], |_| Ok(()))?.is_some())
}
