//! The inventory, and what is known of an installation beside it.

use super::convert::{Columns, eui_of, s1sp};
use super::counts::homes;
use super::meters::{StoredMeter, meter};
use super::parties::Dictionary;
use crate::error::StoreError;
use crate::row::Row;
use crate::scope::Scope;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::Proven;
use sluice_rules::authorisation::responsibility::Registration;
use sluice_rules::installation::{Cohort, Fuel};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A line of the inventory, as decisions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredInstallation {
    /// CHF Device ID.
    pub chf: Eui64,
    /// The S1SP that serves it.
    pub s1sp: S1sp,
    /// Its cohort.
    pub cohort: Cohort,
    /// The number of its Device Model Combination.
    pub dmc: i64,
    /// The electricity meter point.
    pub mpan: Mpan,
    /// The electricity meter.
    pub electricity: StoredMeter,
    /// The gas meter point.
    pub mprn: Option<Mprn>,
    /// The gas meter.
    pub gas: Option<StoredMeter>,
}

macro_rules! installation_columns {
    () => {
        "chf, s1sp, cohort, dmc, mpan, electricity_mpid, electricity_status, mprn, gas_mpid, gas_status"
    };
}

fn installation(row: &Row<'_>, dictionary: &Dictionary) -> Result<StoredInstallation, StoreError> {
    let wrong = |what: &str| StoreError::Type(format!("the inventory holds a {what} that does not exist"));
    let meter = |mpid: i64, status: i64| meter(dictionary, mpid, status);
    let point = |number: i64| u64::try_from(number).ok();
    let cohort = usize::try_from(row.int(2)?).ok().and_then(|place| Cohort::ALL.get(place));
    let gas = row.opt_int(8)?.zip(row.opt_int(9)?);
    Ok(StoredInstallation {
        chf: eui_of(row.int(0)?),
        s1sp: *dictionary.s1sps.get(&row.int(1)?).ok_or_else(|| wrong("S1SP"))?,
        cohort: *cohort.ok_or_else(|| wrong("cohort"))?,
        dmc: row.int(3)?,
        mpan: point(row.int(4)?).and_then(Mpan::from_number).ok_or_else(|| wrong("MPAN"))?,
        electricity: meter(row.int(5)?, row.int(6)?),
        mprn: row.opt_int(7)?.and_then(point).and_then(Mprn::from_number),
        gas: gas.map(|(mpid, status)| meter(mpid, status)),
    })
}

/// The installations of sorted CHF Device IDs, in their order; those that do not exist are left out.
///
/// # Errors
/// If the database fails.
pub fn find(tx: &mut View<'_>, dictionary: &Dictionary, keys: &[i64]) -> Result<Vec<StoredInstallation>, StoreError> {
    let sql = concat!("SELECT ", installation_columns!(), " FROM installation WHERE chf = $key");
    let mut found = Vec::with_capacity(keys.len());
    tx.lookup(sql, keys, &[], |_, row| {
        found.push(installation(row, dictionary)?);
        Ok(())
    })?;
    Ok(found)
}

/// The installations of an S1SP that may be Dormant on some day: those whose electricity meter is, and those with a meter that is excluded
/// or was registered to somebody, which counts as absent or as Dormant then. In the order of their keys.
///
/// # Errors
/// If the database fails.
pub fn may_be_dormant(tx: &mut View<'_>, dictionary: &Dictionary, of: &S1sp) -> Result<Vec<Eui64>, StoreError> {
    let Some(number) = dictionary.s1sp_numbers.get(of) else { return Ok(Vec::new()) };
    let sql = "SELECT chf FROM installation WHERE s1sp = $1 AND electricity_status = 0 \
               AND (gas_status = 0 OR gas_status IS NULL OR gas_mpid IS NULL OR mprn IS NULL) \
               UNION SELECT i.chf FROM exclusion x JOIN installation i ON i.chf = x.chf WHERE x.fuel <> '' AND i.s1sp = $1 \
               UNION SELECT i.chf FROM registration r JOIN installation i ON i.mpan = r.point WHERE i.s1sp = $1 \
               UNION SELECT i.chf FROM registration r JOIN installation i ON i.mprn = r.point WHERE i.s1sp = $1 ORDER BY 1";
    tx.query(sql, &[Value::Int(*number)], |row| Ok(eui_of(row.int(0)?)))
}

/// The installations of an S1SP with a meter that is a party's by the inventory, or that is, was or will be registered to it, in the order
/// of their keys.
///
/// # Errors
/// If the database fails.
pub fn may_concern(
    tx: &mut View<'_>,
    dictionary: &Dictionary,
    of: &S1sp,
    party: Party,
) -> Result<Vec<Eui64>, StoreError> {
    let Some(number) = dictionary.s1sp_numbers.get(of) else { return Ok(Vec::new()) };
    let mut found = BTreeSet::new();
    let own = dictionary.mpids.iter().filter(|(_, (.., holder))| *holder == party);
    for mpid in own.map(|(number, _)| *number).collect::<BTreeSet<_>>() {
        let sql = "SELECT chf FROM installation WHERE s1sp = $1 AND electricity_mpid = $2 \
                   UNION ALL SELECT chf FROM installation WHERE s1sp = $1 AND gas_mpid = $2 AND gas_mpid <> electricity_mpid \
                   UNION ALL SELECT i.chf FROM registration r JOIN installation i ON i.mpan = r.point \
                     WHERE r.mpid = $2 AND r.fuel = 'ELECTRICITY' AND i.s1sp = $1 \
                   UNION ALL SELECT i.chf FROM registration r JOIN installation i ON i.mprn = r.point \
                     WHERE r.mpid = $2 AND r.fuel = 'GAS' AND i.s1sp = $1";
        tx.each(sql, &[Value::Int(*number), Value::Int(mpid)], |row| {
            found.insert(row.int(0)?);
            Ok(())
        })?;
    }
    Ok(found.into_iter().map(eui_of).collect())
}

/// The CHF Device ID of the installation of a meter point.
///
/// # Errors
/// If the database fails.
pub fn by_point(tx: &mut View<'_>, fuel: Fuel, point: u64) -> Result<Option<Eui64>, StoreError> {
    let sql = match fuel {
        Fuel::Electricity => "SELECT chf FROM installation WHERE mpan = $1",
        Fuel::Gas => "SELECT chf FROM installation WHERE mprn = $1",
    };
    tx.query_optional(sql, &[super::convert::count(point)], |row| Ok(eui_of(row.int(0)?)))
}

/// The CHF Device IDs of the installations of sorted meter points, by point.
///
/// # Errors
/// If the database fails.
pub fn by_points(tx: &mut View<'_>, fuel: Fuel, points: &[i64]) -> Result<HashMap<i64, Eui64>, StoreError> {
    let sql = match fuel {
        Fuel::Electricity => "SELECT mpan, chf FROM installation WHERE mpan = $key",
        Fuel::Gas => "SELECT mprn, chf FROM installation WHERE mprn = $key",
    };
    let mut found = HashMap::new();
    tx.lookup(sql, points, &[], |point, row| {
        found.insert(point, eui_of(row.int(1)?));
        Ok(())
    })?;
    Ok(found)
}

/// The S1SP that serves an installation; nothing if the inventory does not have it.
///
/// # Errors
/// If the database fails.
pub fn s1sp_of(tx: &mut View<'_>, chf: Eui64) -> Result<Option<S1sp>, StoreError> {
    let sql = "SELECT s.code FROM installation i JOIN s1sp s ON s.id = i.s1sp WHERE i.chf = $1";
    tx.query_optional(sql, &[Value::Int(super::convert::eui_number(chf))], |row| row.parsed(0))
}

/// Is anything in the inventory?
///
/// # Errors
/// If the database fails.
pub fn any(tx: &mut View<'_>) -> Result<bool, StoreError> {
    Ok(tx.query_optional("SELECT 1 FROM installation LIMIT 1", &[], |_| Ok(()))?.is_some())
}

/// The periods in which each Device Model Combination, by its number, is on the EPCL of an S1SP.
pub type ProvenTable = HashMap<(S1sp, i64), Vec<Proven>>;

/// The whole EPCL; it is small.
///
/// # Errors
/// If the database fails.
pub fn proven(tx: &mut View<'_>) -> Result<ProvenTable, StoreError> {
    let mut table = ProvenTable::new();
    tx.each("SELECT s1sp, dmc, added, removed FROM epcl ORDER BY s1sp, dmc, added", &[], |row| {
        let entry = Proven { added: row.date(2)?, removed: row.opt_date(3)? };
        table.entry((row.parsed(0)?, row.int(1)?)).or_default().push(entry);
        Ok(())
    })?;
    Ok(table)
}

/// Rows beyond which a table is looked up by key; a smaller one is read whole.
const SMALL: usize = if cfg!(test) { 1 } else { 10_000 };

/// How many rows are read for a key rather than that it is looked up.
const CHEAPER: usize = 4;

/// Reads the rows of a table that belong to some keys: all of it and filtered where it is hardly larger than they are many, else by key.
/// What somebody's scope leaves of a large table is few rows as well, and to find that out would be to read it all.
pub(super) fn belonging(
    tx: &mut View<'_>,
    keys: &[i64],
    sql: Lookups,
    mut on: impl FnMut(i64, &Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    if *tx.scope() == Scope::Dcc {
        let limit = SMALL.min(CHEAPER * keys.len());
        let size = tx.query(sql.probe, &[Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))], |_| Ok(()))?.len();
        if size == 0 {
            return Ok(());
        }
        if size < limit {
            let wanted: HashSet<i64> = keys.iter().copied().collect();
            return tx.each(sql.all, &[], |row| {
                let key = row.int(0)?;
                if wanted.contains(&key) { on(key, row) } else { Ok(()) }
            });
        }
    }
    tx.lookup(sql.one, keys, &[], on)
}

/// The statements of [`belonging`]; the first column is the key.
pub(super) struct Lookups {
    pub(super) probe: &'static str,
    pub(super) all: &'static str,
    pub(super) one: &'static str,
}

/// Registrations by meter point and fuel, each list in the order of its dates.
pub type Registrations = HashMap<(i64, Fuel), Vec<Registration>>;

/// The registrations to sorted meter points.
///
/// # Errors
/// If the database fails.
pub fn registrations(tx: &mut View<'_>, dictionary: &Dictionary, points: &[i64]) -> Result<Registrations, StoreError> {
    const SQL: Lookups = Lookups {
        probe: "SELECT 1 FROM registration LIMIT $1",
        all: "SELECT point, fuel, effective, mpid FROM registration ORDER BY point, fuel, effective",
        one: "SELECT point, fuel, effective, mpid FROM registration WHERE point = $key ORDER BY fuel, effective",
    };
    let mut found = Registrations::new();
    belonging(tx, points, SQL, |point, row| {
        let party = dictionary.mpids.get(&row.int(3)?).map(|(_, _, party)| *party);
        found.entry((point, row.parsed(1)?)).or_default().push(Registration { from: row.date(2)?, party });
        Ok(())
    })?;
    for list in found.values_mut() {
        list.sort_by_key(|registration| registration.from);
    }
    Ok(found)
}

/// An exclusion of an installation or of one of its meters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExclusion {
    /// The meter; nothing for the installation.
    pub fuel: Option<Fuel>,
    /// Its category.
    pub category: String,
    /// From which date it holds.
    pub from: Date,
    /// Where it comes from: [`IMPORTED`], or the rule by which it was decided here (EXC-1).
    pub origin: String,
}

/// The origin of exclusions that were imported.
pub const IMPORTED: &str = "IMPORT";

/// Adds an exclusion that was decided here (EXC-1); of two by one rule the earlier one stands.
///
/// # Errors
/// If the database fails.
pub fn add_exclusion(tx: &mut Tx<'_>, chf: Eui64, exclusion: &StoredExclusion) -> Result<(), StoreError> {
    use super::convert::{date, eui_number, text};
    homes::leave(tx, [eui_number(chf)])?;
    let sql = "INSERT INTO exclusion (chf, fuel, origin, category, effective) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (chf, fuel, origin) DO NOTHING";
    let values = [
        Value::Int(eui_number(chf)),
        text(exclusion.fuel.map_or("", Fuel::word)),
        text(&exclusion.origin),
        text(&exclusion.category),
        date(exclusion.from),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Takes the exclusions away that were decided here, of an installation or of one of its meters. Gives how many.
///
/// # Errors
/// If the database fails.
pub fn remove_exclusions(tx: &mut Tx<'_>, chf: Eui64, fuel: Option<Fuel>) -> Result<u64, StoreError> {
    use super::convert::{eui_number, text};
    homes::leave(tx, [eui_number(chf)])?;
    let sql = "DELETE FROM exclusion WHERE chf = $1 AND fuel = $2 AND origin <> $3";
    tx.execute(sql, &[Value::Int(eui_number(chf)), text(fuel.map_or("", Fuel::word)), text(IMPORTED)])
}

fn exclusion(row: &Row<'_>) -> Result<StoredExclusion, StoreError> {
    let fuel = Some(row.text(1)?).filter(|fuel| !fuel.is_empty()).map(super::convert::parsed).transpose()?;
    let (category, origin) = (row.text(2)?.to_owned(), row.text(4)?.to_owned());
    Ok(StoredExclusion { fuel, category, from: row.date(3)?, origin })
}

/// Every exclusion, in the order of installations.
///
/// # Errors
/// If the database fails.
pub fn all_exclusions(tx: &mut View<'_>) -> Result<Vec<(Eui64, StoredExclusion)>, StoreError> {
    let sql = "SELECT chf, fuel, category, effective, origin FROM exclusion ORDER BY chf, fuel, effective, origin";
    tx.query(sql, &[], |row| Ok((eui_of(row.int(0)?), exclusion(row)?)))
}

/// The exclusions of sorted installations, of each meter the earliest first.
///
/// # Errors
/// If the database fails.
pub fn exclusions(tx: &mut View<'_>, keys: &[i64]) -> Result<HashMap<i64, Vec<StoredExclusion>>, StoreError> {
    const SQL: Lookups = Lookups {
        probe: "SELECT 1 FROM exclusion LIMIT $1",
        all: "SELECT chf, fuel, category, effective, origin FROM exclusion ORDER BY chf, fuel, effective, origin",
        one: "SELECT chf, fuel, category, effective, origin FROM exclusion WHERE chf = $key \
              ORDER BY fuel, effective, origin",
    };
    let mut found: HashMap<i64, Vec<StoredExclusion>> = HashMap::new();
    belonging(tx, keys, SQL, |chf, row| {
        found.entry(chf).or_default().push(exclusion(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The number of eligible installations of each party at the cut-off of a week (MSM-2a).
///
/// # Errors
/// If the database fails.
pub fn eligible_counts(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<(Party, u64)>, StoreError> {
    let sql = "SELECT party, units FROM eligible_count WHERE s1sp = $1 AND week = $2 ORDER BY party";
    tx.query(sql, &[s1sp(of), super::convert::date(week)], |row| Ok((row.parsed(0)?, row.count(1)?)))
}

/// CAL-7: forgets the eligible installations of a week, which are counted again.
///
/// # Errors
/// If the database fails.
pub fn forget_eligible_counts(tx: &mut Tx<'_>, of: &S1sp, week: Date) -> Result<(), StoreError> {
    use super::convert::{date, s1sp};
    tx.execute("DELETE FROM eligible_count WHERE s1sp = $1 AND week = $2", &[s1sp(of), date(week)]).map(drop)
}

/// Writes the number of eligible installations of a party at the cut-off of a week.
///
/// # Errors
/// If the database fails.
pub fn set_eligible_count(tx: &mut Tx<'_>, of: &S1sp, week: Date, whose: &Party, units: u64) -> Result<(), StoreError> {
    use super::convert::{count, date, party};
    let sql = "INSERT INTO eligible_count (s1sp, week, party, units) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[s1sp(of), date(week), party(whose), count(units)]).map(drop)
}
