//! The parties with their User IDs and market participant ids, and the S1SPs.

use super::convert::{Columns, date, eui_number, eui_of, moment, parsed, party, s1sp, text};
use crate::error::StoreError;
use crate::scope::Scope;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::installation::{Fuel, Mpid};
use sluice_rules::party::{Eui64, Party, PartyRole, S1sp};
use std::collections::HashMap;

/// The numbers that large tables hold in place of codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// The S1SP of a number.
    pub s1sps: HashMap<i64, S1sp>,
    /// The number of an S1SP.
    pub s1sp_numbers: HashMap<S1sp, i64>,
    /// The fuel, id and party of a market participant id's number: the party to which it has passed, if it has (MAM-11).
    pub mpids: HashMap<i64, (Fuel, Mpid, Party)>,
    /// The number of a market participant id.
    pub mpid_numbers: HashMap<(Fuel, Mpid), i64>,
    /// The code of a Device Model Combination's number.
    pub dmcs: HashMap<i64, String>,
    /// The number of a Device Model Combination.
    pub dmc_numbers: HashMap<String, i64>,
}

impl Dictionary {
    /// Loads it; it is small, however large the inventory is.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load(tx: &mut View<'_>) -> Result<Self, StoreError> {
        let mut dictionary = Self::default();
        for (id, code) in tx.query("SELECT id, code FROM s1sp", &[], |row| Ok((row.int(0)?, row.parsed(1)?)))? {
            dictionary.s1sps.insert(id, code);
            dictionary.s1sp_numbers.insert(code, id);
        }
        tx.each("SELECT id, fuel, mpid, party FROM mpid", &[], |row| {
            let (fuel, mpid) = (row.parsed(1)?, row.parsed(2)?);
            dictionary.mpids.insert(row.int(0)?, (fuel, mpid, row.parsed(3)?));
            dictionary.mpid_numbers.insert((fuel, mpid), row.int(0)?);
            Ok(())
        })?;
        each_passed(tx, |fuel, mpid, from, to| {
            dictionary.pass((fuel, mpid), from, to);
        })?;
        tx.each("SELECT id, code FROM dmc", &[], |row| {
            dictionary.dmcs.insert(row.int(0)?, row.text(1)?.to_owned());
            dictionary.dmc_numbers.insert(row.text(1)?.to_owned(), row.int(0)?);
            Ok(())
        })?;
        Ok(dictionary)
    }

    /// As it is when an id has passed from one party to another (MAM-11).
    pub fn pass(&mut self, (fuel, mpid): (Fuel, Mpid), from: Party, to: Party) {
        let number = self.mpid_numbers.get(&(fuel, mpid));
        if let Some((.., party)) = number.and_then(|number| self.mpids.get_mut(number))
            && *party == from
        {
            *party = to;
        }
    }

    /// Do rows with numbers of the other one say the same with these?
    #[must_use]
    pub fn has_same_numbers(&self, other: &Self) -> bool {
        self.s1sp_numbers == other.s1sp_numbers
            && self.mpid_numbers == other.mpid_numbers
            && self.dmc_numbers == other.dmc_numbers
    }

    /// The market participant ids of a party, with those that have passed to it, in order.
    #[must_use]
    pub fn mpids_of(&self, party: Party) -> Vec<(Fuel, Mpid)> {
        let own = self.mpids.values().filter(|(.., of)| *of == party);
        let mut own: Vec<(Fuel, Mpid)> = own.map(|(fuel, mpid, _)| (*fuel, *mpid)).collect();
        own.sort_unstable_by_key(|(fuel, mpid)| (fuel.word(), mpid.as_str().to_owned()));
        own
    }
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyRecord {
    /// Its signifier.
    pub code: Party,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: PartyRole,
    /// The S1SP that it is, for that role.
    pub s1sp: Option<S1sp>,
}

fn record(row: &crate::row::Row<'_>) -> Result<PartyRecord, StoreError> {
    Ok(PartyRecord {
        code: row.parsed(0)?,
        name: row.text(1)?.to_owned(),
        role: row.parsed(2)?,
        s1sp: row.opt_text(3)?.map(parsed).transpose()?,
    })
}

/// A party by its signifier.
///
/// # Errors
/// If the database fails.
pub fn find(tx: &mut View<'_>, code: &Party) -> Result<Option<PartyRecord>, StoreError> {
    tx.query_optional("SELECT code, name, role, s1sp FROM party WHERE code = $1", &[party(code)], record)
}

/// The operations and the out-of-hours contact of a party; empty where there is none.
///
/// # Errors
/// If the party is not there.
pub fn contacts(tx: &mut View<'_>, code: &Party) -> Result<(String, String), StoreError> {
    let sql = "SELECT operations_contact, out_of_hours_contact FROM party WHERE code = $1";
    tx.query_one(sql, &[party(code)], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
}

/// Every party, in order.
///
/// # Errors
/// If the database fails.
pub fn all(tx: &mut View<'_>) -> Result<Vec<PartyRecord>, StoreError> {
    tx.query("SELECT code, name, role, s1sp FROM party ORDER BY code", &[], record)
}

/// The User IDs of a party, the first registered one first; those under which nothing is taken any more last (REF-3).
///
/// # Errors
/// If the database fails.
pub fn user_ids(tx: &mut View<'_>, code: &Party) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT u.user_id FROM user_id u LEFT JOIN ended_intake e ON e.user_id = u.user_id WHERE u.party = $1 \
               ORDER BY CASE WHEN e.user_id IS NULL THEN 0 ELSE 1 END, u.place";
    tx.query(sql, &[party(code)], |row| Ok(eui_of(row.int(0)?)))
}

/// The party to which a User ID is registered.
///
/// # Errors
/// If the database fails.
pub fn of_user_id(tx: &mut View<'_>, id: Eui64) -> Result<Option<Party>, StoreError> {
    let sql = "SELECT party FROM user_id WHERE user_id = $1";
    tx.query_optional(sql, &[Value::Int(eui_number(id))], |row| row.parsed(0))
}

/// A User ID under which nothing is taken any more (REF-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedIntake {
    /// The User ID.
    pub user_id: Eui64,
    /// The party that had it.
    pub party: Party,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// The User IDs under which nothing is taken any more, in order (REF-3).
///
/// # Errors
/// If the database fails.
pub fn ended_intake(tx: &mut View<'_>) -> Result<Vec<EndedIntake>, StoreError> {
    tx.query("SELECT user_id, party, at, reason FROM ended_intake ORDER BY user_id", &[], |row| {
        let (user_id, party) = (eui_of(row.int(0)?), row.parsed(1)?);
        Ok(EndedIntake { user_id, party, at: row.moment(2)?, reason: row.text(3)?.to_owned() })
    })
}

/// Ends the intake under a User ID (REF-3).
///
/// # Errors
/// If it is ended already.
pub fn end_intake(tx: &mut Tx<'_>, ended: &EndedIntake) -> Result<(), StoreError> {
    let values = [Value::Int(eui_number(ended.user_id)), party(&ended.party), moment(ended.at), text(&ended.reason)];
    tx.execute("INSERT INTO ended_intake (user_id, party, at, reason) VALUES ($1, $2, $3, $4)", &values).map(drop)
}

/// Opens the intake under a User ID again (REF-3).
///
/// # Errors
/// If the database fails.
pub fn resume_intake(tx: &mut Tx<'_>, id: Eui64) -> Result<(), StoreError> {
    // ACC-2: for another reason, or since another moment, it is another decision.
    let id = [Value::Int(eui_number(id))];
    tx.witness("SELECT party, at, reason FROM ended_intake WHERE user_id = $1", &id)?;
    tx.execute("DELETE FROM ended_intake WHERE user_id = $1", &id).map(drop)
}

/// What stands under a User ID on days from one on (REF-3): live authorisations that were sent under it, days with demand.
///
/// # Errors
/// If the database fails.
pub fn standing_under(tx: &mut View<'_>, id: i64, since: Date) -> Result<[u64; 2], StoreError> {
    let mut one = |sql: &str| tx.query_one(sql, &[Value::Int(id), date(since)], |row| row.count(0));
    Ok([
        one(concat!(
            "SELECT count(*) FROM authorisation a JOIN file f ON f.id = a.file \
             WHERE f.user_id = $1 AND f.sender = a.party AND a.date >= $2 AND a.state IN ",
            live!()
        ))?,
        one(
            "SELECT count(*) FROM (SELECT DISTINCT s1sp, date FROM demand WHERE user_id = $1 AND date >= $2 AND units > 0) d",
        )?,
    ])
}

/// Every S1SP, in order.
///
/// # Errors
/// If the database fails.
pub fn s1sps(tx: &mut View<'_>) -> Result<Vec<S1sp>, StoreError> {
    tx.query("SELECT code FROM s1sp ORDER BY code", &[], |row| row.parsed(0))
}

/// The party that is an S1SP.
///
/// # Errors
/// If the database fails.
pub fn of_s1sp(tx: &mut View<'_>, s1sp: &S1sp) -> Result<Option<Party>, StoreError> {
    let sql = "SELECT code FROM party WHERE s1sp = $1 ORDER BY code LIMIT 1";
    tx.query_optional(sql, &[text(s1sp.as_str())], |row| row.parsed(0))
}

/// The party that a view reads for: a supplier, or the party that an S1SP is.
///
/// # Errors
/// If the database fails.
pub fn reader(tx: &mut View<'_>) -> Result<Option<Party>, StoreError> {
    match *tx.scope() {
        Scope::Party(party) => Ok(Some(party)),
        Scope::S1sp(s1sp) => of_s1sp(tx, &s1sp),
        Scope::Dcc | Scope::Observer => Ok(None),
    }
}

/// The number of an S1SP, made if there is none yet.
///
/// # Errors
/// If the database fails.
pub fn s1sp_number(tx: &mut Tx<'_>, s1sp: &S1sp) -> Result<i64, StoreError> {
    let code = text(s1sp.as_str());
    if let Some(id) =
        tx.query_optional("SELECT id FROM s1sp WHERE code = $1", std::slice::from_ref(&code), |row| row.int(0))?
    {
        return Ok(id);
    }
    let id = super::record::next_id(tx, "SELECT max(id) FROM s1sp")?;
    tx.execute("INSERT INTO s1sp (id, code) VALUES ($1, $2)", &[Value::Int(id), code])?;
    Ok(id)
}

/// What stands of a party on days from one on (REF-3): live authorisations, days with demand, days with an allocation.
///
/// # Errors
/// If the database fails.
pub fn standing(tx: &mut View<'_>, code: &Party, since: Date) -> Result<[u64; 3], StoreError> {
    let mut one = |sql: &str| tx.query_one(sql, &[party(code), date(since)], |row| row.count(0));
    Ok([
        one(concat!("SELECT count(*) FROM authorisation WHERE party = $1 AND date >= $2 AND state IN ", live!()))?,
        one(
            "SELECT count(*) FROM (SELECT DISTINCT s1sp, date FROM demand WHERE party = $1 AND date >= $2 AND units > 0) d",
        )?,
        one("SELECT count(*) FROM allocation WHERE party = $1 AND date >= $2 AND units > 0")?,
    ])
}

/// What an S1SP has on days from one on (REF-3): days with capacity, and days with a schedule.
///
/// # Errors
/// If the database fails.
pub fn to_come(tx: &mut View<'_>, code: &S1sp, since: Date) -> Result<[u64; 2], StoreError> {
    let mut one = |sql: &str| tx.query_one(sql, &[s1sp(code), date(since)], |row| row.count(0));
    Ok([
        one("SELECT count(*) FROM capacity WHERE s1sp = $1 AND date >= $2 AND total > 0")?,
        one("SELECT count(DISTINCT date) FROM schedule WHERE s1sp = $1 AND date >= $2")?,
    ])
}

/// The live authorisations, on days from one on, of installations with a meter under a market participant id (REF-3).
///
/// # Errors
/// If the database fails.
pub fn rows_under(tx: &mut View<'_>, mpid: i64, since: Date) -> Result<u64, StoreError> {
    let sql = concat!(
        "SELECT count(*) FROM authorisation JOIN installation ON installation.chf = authorisation.chf \
         WHERE (electricity_mpid = $1 OR gas_mpid = $1) AND date >= $2 AND state IN ",
        live!()
    );
    tx.query_one(sql, &[Value::Int(mpid), date(since)], |row| row.count(0))
}

/// Each market participant id that has passed, from whom and to whom, in the order in which it did.
fn each_passed(tx: &mut View<'_>, mut on: impl FnMut(Fuel, Mpid, Party, Party)) -> Result<(), StoreError> {
    let sql = "SELECT fuel, mpid, from_party, to_party FROM responsibility_event \
               JOIN responsibility_mpid ON event = id WHERE done_at IS NOT NULL \
               ORDER BY done_at, CASE WHEN effective > recorded_at THEN effective ELSE recorded_at END, id, fuel, mpid";
    tx.each(sql, &[], |row| {
        on(row.parsed(0)?, row.parsed(1)?, row.parsed(2)?, row.parsed(3)?);
        Ok(())
    })
}
