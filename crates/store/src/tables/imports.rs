//! Imports of reference data: what they changed, and the tables that they replace.

use super::convert::{Columns, count, eui_number, moment, opt, text};
use super::counts::homes;
use super::installations::by_points;
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::installation::Fuel;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use std::collections::{BTreeMap, BTreeSet};

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

    pub(super) fn of(value: Value<'_>) -> Result<Self, StoreError> {
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

/// What brings a table from one set of rows to another.
#[derive(Debug, Clone)]
pub struct Replacement {
    of: Replaced,
    /// The keys of the rows that go, those that are others afterwards among them.
    gone: Vec<Vec<OwnedValue>>,
    /// The rows that come.
    new: Rows,
    /// In figures.
    pub figures: ImportDifference,
}

impl Replacement {
    /// Compares two sets of rows of a table.
    #[must_use]
    pub fn of(of: Replaced, before: &Rows, mut after: Rows) -> Self {
        let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        let differs = before.iter().filter(|(key, others)| after.get(*key) != Some(*others));
        let gone: Vec<Vec<OwnedValue>> = differs.map(|(key, _)| key.clone()).collect();
        after.retain(|key, others| before.get(key) != Some(others));
        let changed = after.keys().filter(|key| before.contains_key(*key)).count();
        let figures = ImportDifference {
            before: count(before.len()),
            added: count(after.len() - changed),
            changed: count(changed),
            gone: count(gone.len() - changed),
            accepted_rows: 0,
        };
        Self { of, gone, new: after, figures }
    }

    /// The table that it brings there.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        self.of.table
    }

    /// The keys of the rows that differ; one that is another row afterwards may be named twice.
    pub fn keys(&self) -> impl Iterator<Item = &Vec<OwnedValue>> {
        self.gone.iter().chain(self.new.keys())
    }

    /// The installations that rows which differ are about: by their key, or by their meter point.
    fn homes(&self, tx: &mut View<'_>) -> Result<BTreeSet<i64>, StoreError> {
        let first = |key: &Vec<OwnedValue>| match key.first() {
            Some(OwnedValue::Int(number)) => Some(*number),
            _ => None,
        };
        let about: BTreeSet<i64> = self.keys().filter_map(first).collect();
        if self.of.table == "exclusion" {
            return Ok(about);
        }
        let (points, mut homes): (Vec<i64>, _) = (about.into_iter().collect(), BTreeSet::new());
        for fuel in [Fuel::Electricity, Fuel::Gas] {
            homes.extend(by_points(tx, fuel, &points)?.into_values().map(eui_number));
        }
        Ok(homes)
    }

    /// Writes it.
    ///
    /// # Errors
    /// If the database fails.
    pub fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Replaced { table, keys, others } = self.of;
        if matches!(table, "exclusion" | "registration") {
            let homes = self.homes(tx)?;
            homes::leave(tx, homes)?;
        }
        let places: Vec<String> = keys.iter().zip(1..).map(|(key, place)| format!("{key} = ${place}")).collect();
        let mut delete = tx.updater(&format!("DELETE FROM {table} WHERE {}", places.join(" AND ")))?;
        for key in &self.gone {
            delete.row(&key.iter().map(OwnedValue::value).collect::<Vec<_>>())?;
        }
        delete.finish()?;
        let mut insert = tx.inserter(table, &[keys, others].concat())?;
        for (key, others) in &self.new {
            insert.row(&key.iter().chain(others).map(OwnedValue::value).collect::<Vec<_>>())?;
        }
        insert.finish().map(drop)
    }
}

/// Which imports of a kind, or of any, were applied and undone: the last one's number, and how many are undone. As long as this is the
/// same, so is the table.
///
/// # Errors
/// If the database fails.
pub fn version(tx: &mut View<'_>, kind: Option<ReferenceKind>) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT COALESCE(max(id), 0), count(undone_at) FROM import WHERE kind = $1 OR $1 = ''";
    tx.query_one(sql, &[text(kind.map_or("", ReferenceKind::word))], |row| Ok((row.int(0)?, row.int(1)?)))
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

/// The number of installations in the inventory.
///
/// # Errors
/// If the database fails.
pub fn installations(tx: &mut View<'_>) -> Result<u64, StoreError> {
    tx.query_one("SELECT count(*) FROM installation", &[], |row| row.count(0))
}

/// Is there any installation?
///
/// # Errors
/// If the database fails.
pub fn has_installations(tx: &mut View<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM installation) THEN 1 ELSE 0 END";
    tx.query_one(sql, &[], |row| Ok(row.int(0)? > 0))
}

/// Empties the inventory.
///
/// # Errors
/// If the database fails.
pub fn empty_installations(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM installation", &[])?;
    homes::without_inventory(tx)
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

/// The inventory as a table with a key.
pub const INSTALLATION: Replaced = Replaced {
    table: "installation",
    keys: INSTALLATION_COLUMNS.split_at(1).0,
    others: INSTALLATION_COLUMNS.split_at(1).1,
};

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
