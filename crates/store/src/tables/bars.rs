//! Holds of suppliers (MAM-12) and stop orders (STOP-1).

use super::convert::{Columns, date, eui_number, eui_of, moment, opt, party, s1sp, text};
use super::counts::homes;
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::{HoldEntry, StopScope, Weekdays};
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::HashMap;

/// Adds an entry that sets or clears a hold. `file` is the file that it came in, if it came in one.
///
/// # Errors
/// If the database fails.
pub fn add_hold(
    tx: &mut Tx<'_>,
    chf: Eui64,
    entry: &HoldEntry,
    at: Timestamp,
    file: Option<i64>,
) -> Result<(), StoreError> {
    homes::leave(tx, [eui_number(chf)])?;
    let id = super::record::next_id(tx, "SELECT max(id) FROM hold")?;
    let sql = "INSERT INTO hold (id, chf, party, first, last, weekdays, action, at, file) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        Value::Int(id),
        Value::Int(eui_number(chf)),
        party(&entry.party),
        date(entry.from),
        opt(entry.to, date),
        Value::Int(i64::from(entry.weekdays.number())),
        text(if entry.sets { "SET" } else { "CLEAR" }),
        moment(at),
        opt(file, Value::Int),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Takes those entries of a party about an installation away, oldest first, that are not to be kept.
///
/// # Errors
/// If the database fails, or does not have as many entries.
pub fn keep_holds(tx: &mut Tx<'_>, chf: Eui64, whose: &Party, keep: &[bool]) -> Result<(), StoreError> {
    let sql = "SELECT id FROM hold WHERE chf = $1 AND party = $2 ORDER BY id";
    let ids = tx.query(sql, &[Value::Int(eui_number(chf)), party(whose)], |row| row.int(0))?;
    if ids.len() != keep.len() {
        return Err(StoreError::Other(format!("{} holds stand where {} were read", ids.len(), keep.len())));
    }
    homes::leave(tx, [eui_number(chf)])?;
    for (id, _) in ids.iter().zip(keep).filter(|(_, keep)| !**keep) {
        tx.execute("DELETE FROM hold WHERE id = $1", &[Value::Int(*id)])?;
    }
    Ok(())
}

fn hold(row: &Row<'_>) -> Result<(Eui64, HoldEntry, Timestamp), StoreError> {
    let weekdays = u8::try_from(row.int(4)?).ok().and_then(Weekdays::of_number);
    let entry = HoldEntry {
        party: row.parsed(1)?,
        from: row.date(2)?,
        to: row.opt_date(3)?,
        weekdays: weekdays.ok_or_else(|| StoreError::Type("a hold is about no day of the week".to_owned()))?,
        sets: row.text(5)? == "SET",
    };
    Ok((eui_of(row.int(0)?), entry, row.moment(6)?))
}

/// The entries of sorted installations, oldest first.
///
/// # Errors
/// If the database fails.
pub fn holds(tx: &mut View<'_>, keys: &[i64]) -> Result<HashMap<i64, Vec<HoldEntry>>, StoreError> {
    const SQL: super::installations::Lookups = super::installations::Lookups {
        probe: "SELECT 1 FROM hold LIMIT $1",
        all: "SELECT chf, party, first, last, weekdays, action, at, id FROM hold ORDER BY id",
        one: "SELECT chf, party, first, last, weekdays, action, at, id FROM hold WHERE chf = $key ORDER BY id",
    };
    let mut found: HashMap<i64, Vec<(i64, HoldEntry)>> = HashMap::new();
    super::installations::belonging(tx, keys, SQL, |chf, row| {
        found.entry(chf).or_default().push((row.int(7)?, hold(row)?.1));
        Ok(())
    })?;
    let in_order = |mut entries: Vec<(i64, HoldEntry)>| {
        entries.sort_by_key(|(id, _)| *id);
        entries.into_iter().map(|(_, entry)| entry).collect()
    };
    Ok(found.into_iter().map(|(chf, entries)| (chf, in_order(entries))).collect())
}

/// The entries of one installation with their moments, oldest first.
///
/// # Errors
/// If the database fails.
pub fn holds_of(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(HoldEntry, Timestamp)>, StoreError> {
    let sql = "SELECT chf, party, first, last, weekdays, action, at FROM hold WHERE chf = $1 ORDER BY id";
    tx.query(sql, &[Value::Int(eui_number(chf))], |row| hold(row).map(|(_, entry, at)| (entry, at)))
}

/// The entries that are about a date or a later one, of one installation or of all, and of one supplier or of all: by installation and
/// supplier, oldest first.
///
/// # Errors
/// If the database fails.
pub fn holds_from(
    tx: &mut View<'_>,
    day: Date,
    chf: Option<Eui64>,
    whose: Option<Party>,
) -> Result<Vec<(Eui64, HoldEntry, Timestamp)>, StoreError> {
    let mut sql =
        "SELECT chf, party, first, last, weekdays, action, at FROM hold WHERE (last IS NULL OR last >= $1)".to_owned();
    let mut values = vec![date(day)];
    let conditions = [("chf", chf.map(|chf| Value::Int(eui_number(chf)))), ("party", whose.as_ref().map(party))];
    for (column, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND {column} = ${}", values.len()));
        }
    }
    sql.push_str(" ORDER BY chf, party, id");
    tx.query(&sql, &values, hold)
}

/// Was any hold set or cleared after a moment, by whomever?
///
/// # Errors
/// If the database fails.
pub fn any_hold_since(tx: &mut View<'_>, moment: Timestamp) -> Result<bool, StoreError> {
    let last = tx.query_optional("SELECT at FROM hold ORDER BY id DESC LIMIT 1", &[], |row| row.moment(0))?;
    Ok(last.is_some_and(|last| last > moment))
}

/// The entries of a party about an installation that arrived after a moment, oldest first.
///
/// # Errors
/// If the database fails.
pub fn holds_since(
    tx: &mut View<'_>,
    chf: Eui64,
    whose: &Party,
    after: Timestamp,
) -> Result<Vec<HoldEntry>, StoreError> {
    let sql = "SELECT h.chf, h.party, h.first, h.last, h.weekdays, h.action, h.at FROM hold h LEFT JOIN received r ON r.id = h.file \
               WHERE h.chf = $1 AND h.party = $2 AND COALESCE(r.at, h.at) > $3 ORDER BY h.id";
    tx.query(sql, &[Value::Int(eui_number(chf)), party(whose), moment(after)], |row| Ok(hold(row)?.1))
}

/// A stop order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopOrder {
    /// Its number, from 1.
    pub id: i64,
    /// What it covers.
    pub scope: StopScope,
    /// The S1SP, Device Model Combination, device model or supplier; empty for a list.
    pub value: String,
    /// Why.
    pub reason: String,
    /// When it was imposed.
    pub imposed_at: Timestamp,
    /// By whom.
    pub imposed_by: String,
    /// When it was lifted and by which two, if it was.
    pub lifted: Option<(Timestamp, String)>,
}

/// Adds a stop order and gives its number; for a list with its installations.
///
/// # Errors
/// If the database fails.
pub fn add_stop(tx: &mut Tx<'_>, order: &StopOrder, listed: &[Eui64]) -> Result<i64, StoreError> {
    let id = super::record::next_id(tx, "SELECT max(id) FROM stop_order")?;
    let sql = "INSERT INTO stop_order (id, scope, value, reason, imposed_at, imposed_by) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        Value::Int(id),
        text(order.scope.word()),
        text(&order.value),
        text(&order.reason),
        moment(order.imposed_at),
        text(&order.imposed_by),
    ];
    tx.execute(sql, &values)?;
    let mut insert = tx.inserter("stop_entry", &["stop_order", "chf"])?;
    for chf in listed {
        insert.row(&[Value::Int(id), Value::Int(eui_number(*chf))])?;
    }
    insert.finish()?;
    Ok(id)
}

/// Notes that a stop order was lifted, and by which two.
///
/// # Errors
/// If the database fails.
pub fn lift_stop(tx: &mut Tx<'_>, id: i64, at: Timestamp, by: &str) -> Result<(), StoreError> {
    let sql = "UPDATE stop_order SET lifted_at = $2, lifted_by = $3 WHERE id = $1";
    tx.execute(sql, &[Value::Int(id), moment(at), text(by)]).map(drop)
}

/// Every stop order, oldest first.
///
/// # Errors
/// If the database fails.
pub fn stops(tx: &mut View<'_>) -> Result<Vec<StopOrder>, StoreError> {
    let sql =
        "SELECT id, scope, value, reason, imposed_at, imposed_by, lifted_at, lifted_by FROM stop_order ORDER BY id";
    tx.query(sql, &[], |row| {
        Ok(StopOrder {
            id: row.int(0)?,
            scope: row.parsed(1)?,
            value: row.text(2)?.to_owned(),
            reason: row.text(3)?.to_owned(),
            imposed_at: row.moment(4)?,
            imposed_by: row.text(5)?.to_owned(),
            lifted: row.opt_moment(6)?.zip(row.opt_text(7)?.map(str::to_owned)),
        })
    })
}

/// The installations of a list, in order.
///
/// # Errors
/// If the database fails.
pub fn stop_entries(tx: &mut View<'_>, id: i64) -> Result<Vec<Eui64>, StoreError> {
    let sql = "SELECT chf FROM stop_entry WHERE stop_order = $1 ORDER BY chf";
    tx.query(sql, &[Value::Int(id)], |row| Ok(eui_of(row.int(0)?)))
}

/// A stop list that an S1SP has to acknowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopList {
    /// The stop order.
    pub order: i64,
    /// The S1SP.
    pub s1sp: S1sp,
    /// Until when.
    pub due: Timestamp,
    /// When it did.
    pub acknowledged: Option<Timestamp>,
    /// When it was escalated that it had not.
    pub escalated: Option<Timestamp>,
    /// Is its order still in force? What is lifted needs no acknowledgement.
    pub in_force: bool,
}

impl StopList {
    /// Does it wait for its acknowledgement?
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.acknowledged.is_none() && self.in_force
    }
}

/// Adds a stop list that is due.
///
/// # Errors
/// If it is there.
pub fn add_stop_list(tx: &mut Tx<'_>, order: i64, of: &S1sp, due: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO stop_list (stop_order, s1sp, due) VALUES ($1, $2, $3)";
    tx.execute(sql, &[Value::Int(order), s1sp(of), moment(due)]).map(drop)
}

/// Every stop list, oldest first.
///
/// # Errors
/// If the database fails.
pub fn stop_lists(tx: &mut View<'_>) -> Result<Vec<StopList>, StoreError> {
    let sql = "SELECT stop_order, s1sp, due, acknowledged_at, escalated_at, \
               CASE WHEN lifted_at IS NULL THEN 1 ELSE 0 END \
               FROM stop_list JOIN stop_order ON id = stop_order ORDER BY stop_order, s1sp";
    tx.query(sql, &[], |row| {
        Ok(StopList {
            order: row.int(0)?,
            s1sp: row.parsed(1)?,
            due: row.moment(2)?,
            acknowledged: row.opt_moment(3)?,
            escalated: row.opt_moment(4)?,
            in_force: row.flag(5)?,
        })
    })
}

/// Notes that an S1SP acknowledged a stop list.
///
/// # Errors
/// If the database fails.
pub fn acknowledge(tx: &mut Tx<'_>, order: i64, of: &S1sp, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE stop_list SET acknowledged_at = $3 WHERE stop_order = $1 AND s1sp = $2";
    tx.execute(sql, &[Value::Int(order), s1sp(of), moment(at)]).map(drop)
}

/// Notes that a missing acknowledgement was escalated.
///
/// # Errors
/// If the database fails.
pub fn set_escalated(tx: &mut Tx<'_>, order: i64, of: &S1sp, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE stop_list SET escalated_at = $3 WHERE stop_order = $1 AND s1sp = $2";
    tx.execute(sql, &[Value::Int(order), s1sp(of), moment(at)]).map(drop)
}

/// The combinations by number with their code and the models of hub, electricity meter and gas meter.
///
/// # Errors
/// If the database fails.
pub fn combinations(tx: &mut View<'_>) -> Result<Vec<(i64, String, Vec<String>)>, StoreError> {
    tx.query("SELECT id, code, chf_model, esme_model, gsme_model FROM dmc ORDER BY id", &[], |row| {
        let models = [Some(row.text(2)?), Some(row.text(3)?), row.opt_text(4)?];
        Ok((row.int(0)?, row.text(1)?.to_owned(), models.into_iter().flatten().map(str::to_owned).collect()))
    })
}
