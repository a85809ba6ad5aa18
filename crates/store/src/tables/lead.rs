//! What an authorisation took that has gone with the lead to another supplier, which has not authorised the installation (MAM-11).

use super::convert::{Columns as _, date, eui_number, eui_of, parsed, party, s1sp};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::led::{Led, LedUnit};
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
    /// What became of its unit.
    pub unit: LedUnit,
}

/// Where a unit is kept for an installation, as a number.
const KEPT: i64 = 2;

/// Where none came to the supplier of the authorisation itself, as a number.
const OWN: i64 = 3;

/// Where it is kept no more, and may be again, as a number.
const LET_GO: i64 = 4;

/// What became of a unit that came with the lead, as a number.
pub(super) const fn unit_number(unit: LedUnit) -> i64 {
    match unit {
        LedUnit::None => 0,
        LedUnit::Free => 1,
        LedUnit::Kept => KEPT,
        LedUnit::Own => OWN,
        LedUnit::LetGo => LET_GO,
    }
}

fn unit_of(number: i64) -> LedUnit {
    match number {
        KEPT => LedUnit::Kept,
        OWN => LedUnit::Own,
        LET_GO => LedUnit::LetGo,
        1 => LedUnit::Free,
        _ => LedUnit::None,
    }
}

/// What came with the lead, from two columns of an authorisation.
pub(super) fn led(row: &Row<'_>, column: usize) -> Result<Option<Led>, StoreError> {
    let Some(to) = row.opt_text(column)? else { return Ok(None) };
    Ok(Some(Led { party: parsed(to)?, unit: unit_of(row.int(column + 1)?) }))
}

/// Notes of an authorisation that has ended that what came with the lead is nobody's any more.
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
        Ok(CameWithLead { chf, id, date: row.date(3)?, unit: unit_of(row.int(5)?) })
    })
}
