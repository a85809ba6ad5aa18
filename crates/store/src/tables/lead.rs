//! What an authorisation took that has gone with the lead to another supplier, which has not authorised the installation (MAM-11).

use super::convert::{Columns as _, date, eui_number, eui_of, party, s1sp};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::settle::RowId;
use sluice_rules::party::{Eui64, Party, S1sp};

/// What came to a supplier with the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CameWithLead {
    /// The installation.
    pub chf: Eui64,
    /// The authorisation of the other supplier, which stays.
    pub id: RowId,
    /// Its date.
    pub date: Date,
    /// To whom it came.
    pub party: Party,
    /// Did a unit of allocation come? Else a unit of demand alone.
    pub unit: bool,
}

/// Notes what came with the lead.
///
/// # Errors
/// If the database fails.
pub fn set(tx: &mut Tx<'_>, came: &CameWithLead) -> Result<(), StoreError> {
    let sql = "UPDATE authorisation SET led = $3, led_unit = $4 WHERE chf = $1 AND file = $2";
    let CameWithLead { chf, id, party: to, unit, .. } = came;
    let values = [Value::Int(eui_number(*chf)), Value::Int(id.file), party(to), Value::Int(i64::from(*unit))];
    tx.execute(sql, &values).map(drop)
}

/// Notes that it is nobody's any more.
///
/// # Errors
/// If the database fails.
pub fn forget(tx: &mut Tx<'_>, came: &CameWithLead) -> Result<(), StoreError> {
    let sql = "UPDATE authorisation SET led = NULL, led_unit = 0 WHERE chf = $1 AND file = $2";
    tx.execute(sql, &[Value::Int(eui_number(came.chf)), Value::Int(came.id.file)]).map(drop)
}

/// What came to a party at an S1SP for the days from one on, in the order of days and installations.
///
/// # Errors
/// If the database fails.
pub fn of_party(tx: &mut View<'_>, of: &S1sp, to: &Party, since: Date) -> Result<Vec<CameWithLead>, StoreError> {
    let sql = "SELECT chf, file, row, date, led, led_unit FROM authorisation \
               WHERE s1sp = $1 AND led = $2 AND date >= $3 ORDER BY date, chf, file";
    tx.query(sql, &[s1sp(of), party(to), date(since)], |row| {
        let id = RowId { file: row.int(1)?, row: row.count(2)? };
        let chf = eui_of(row.int(0)?);
        Ok(CameWithLead { chf, id, date: row.date(3)?, party: row.parsed(4)?, unit: row.flag(5)? })
    })
}
