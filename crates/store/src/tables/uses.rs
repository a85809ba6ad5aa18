//! What uses and waits for the allocations of parties.

use super::convert::{Columns, date, eui_of, s1sp};
use super::results;
use crate::error::StoreError;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::authorisation::standby::{Allowance, PartyDay};
use sluice_rules::party::{Eui64, S1sp};
use std::collections::HashMap;

/// What the parties have of the days of an S1SP and what uses it.
///
/// # Errors
/// If the database fails.
pub fn allowances(
    tx: &mut View<'_>,
    at: &S1sp,
    from: Date,
    to: Date,
) -> Result<HashMap<PartyDay, Allowance>, StoreError> {
    let mut days = of(tx, at, from, to)?;
    for record in results::allocations(tx, at, from, to)? {
        days.entry((record.party, record.date)).or_default().allocation = record.units;
    }
    Ok(days)
}

/// What uses or waits for the allocations of the days of an S1SP, without these.
///
/// # Errors
/// If the database fails.
pub fn of(tx: &mut View<'_>, at: &S1sp, from: Date, to: Date) -> Result<HashMap<PartyDay, Allowance>, StoreError> {
    let mut days: HashMap<PartyDay, Allowance> = HashMap::new();
    // What is added to the date keeps a planner from an index that has the rows in this order, but not what is live apart.
    let sql = concat!(
        "SELECT party, date + 0, CAST(sum(unit) AS BIGINT), \
         CAST(sum(CASE state WHEN 'STANDBY' THEN 1 ELSE 0 END) AS BIGINT), \
         CAST(sum(CASE state WHEN 'DEFERRED' THEN 1 ELSE 0 END) AS BIGINT) FROM row_use \
         WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND state IN ",
        live!(),
        " GROUP BY party, date + 0"
    );
    tx.each(sql, &[s1sp(at), date(from), date(to)], |row| {
        let day = days.entry((row.parsed(0)?, row.date(1)?)).or_default();
        (day.used, day.standby, day.deferred) = (row.count(2)?, row.count(3)?, row.count(4)?);
        Ok(())
    })?;
    // MAM-11: what is kept of one party's day stands at the row of another; few are, and they have an index of their own.
    let sql = "SELECT led, date, CAST(count(*) AS BIGINT) FROM row_led \
               WHERE s1sp = $1 AND led_unit = 2 AND date BETWEEN $2 AND $3 GROUP BY led, date";
    tx.each(sql, &[s1sp(at), date(from), date(to)], |row| {
        days.entry((row.parsed(0)?, row.date(1)?)).or_default().kept = row.count(2)?;
        Ok(())
    })?;
    Ok(days)
}

/// The installations at which rows wait for another supplier's, or for a unit, on days of an S1SP.
///
/// # Errors
/// If the database fails.
pub fn waiting(tx: &mut View<'_>, at: &S1sp, from: Date, to: Date) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT DISTINCT chf FROM row_waiting WHERE s1sp = $1 AND date BETWEEN $2 AND $3 ORDER BY chf";
    tx.query(sql, &[s1sp(at), date(from), date(to)], |row| Ok(eui_of(row.int(0)?)))
}

/// The installations whose rows stop orders keep from being migrated, each row once, on days of an S1SP (STOP-1); to a party of its own.
///
/// # Errors
/// If the database fails.
pub fn stopped(tx: &mut View<'_>, at: &S1sp, from: Date, to: Date) -> Result<Vec<Eui64>, StoreError> {
    let sql =
        "SELECT chf FROM row_use WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND state = 'STOPPED' ORDER BY date, chf";
    tx.query(sql, &[s1sp(at), date(from), date(to)], |row| Ok(eui_of(row.int(0)?)))
}
