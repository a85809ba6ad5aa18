//! Results of scaling with their versions, and what each party has of a day.

use super::convert::{Columns, count, date, date_number, moment, opt, party, s1sp, text};
use crate::error::StoreError;
use crate::row::Row;
use crate::scope::Scope;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Again;
use sluice_rules::scaling::stage::ResultStage;
use std::collections::BTreeSet;

/// A version of the result of a week at an S1SP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRecord {
    /// Its version, from 1.
    pub version: i64,
    /// Its stage.
    pub stage: ResultStage,
    /// The rulebook by which it was made.
    pub rulebook: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When it became firm.
    pub firm_at: Option<Timestamp>,
    /// Is it noted what demand passes since (MAM-11)?
    pub notes_passings: bool,
}

/// Every version of the result of a week, oldest first. MSM-14: to a party and an S1SP only those that are published.
///
/// # Errors
/// If the database fails.
pub fn versions(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<ResultRecord>, StoreError> {
    let sql = "SELECT version, stage, rulebook, made_at, published_at, firm_at, notes_passings FROM result \
               WHERE s1sp = $1 AND week = $2 ORDER BY version";
    tx.query(sql, &[s1sp(of), date(week)], |row| {
        Ok(ResultRecord {
            version: row.int(0)?,
            stage: row.parsed(1)?,
            rulebook: row.text(2)?.to_owned(),
            made_at: row.moment(3)?,
            published_at: row.opt_moment(4)?,
            firm_at: row.opt_moment(5)?,
            notes_passings: row.flag(6)?,
        })
    })
}

/// The version that shares the demand of a week: the first that is firm, or else the last provisional one. Cuts and refills change
/// what it gave; of a week that a later one has overtaken a refill is the first (CAL-5).
#[must_use]
pub fn base(versions: &[ResultRecord]) -> Option<&ResultRecord> {
    let firm = versions.iter().find(|version| version.firm_at.is_some());
    firm.or_else(|| versions.iter().rev().find(|version| version.stage == ResultStage::Provisional))
}

/// The weeks of an S1SP whose result is firm, in order.
///
/// # Errors
/// If the database fails.
pub fn firm_weeks(tx: &mut View<'_>, of: &S1sp) -> Result<Vec<Date>, StoreError> {
    let sql = "SELECT DISTINCT week FROM result WHERE s1sp = $1 AND firm_at IS NOT NULL ORDER BY week";
    tx.query(sql, &[s1sp(of)], |row| row.date(0))
}

/// The weeks of an S1SP of whose results any was published, with the moment at which the first was; in order.
///
/// # Errors
/// If the database fails.
pub fn published_weeks(tx: &mut View<'_>, of: &S1sp) -> Result<Vec<(Date, Timestamp)>, StoreError> {
    let sql = "SELECT week, min(published_at) FROM result WHERE s1sp = $1 AND published_at IS NOT NULL \
               GROUP BY week ORDER BY week";
    tx.query(sql, &[s1sp(of)], |row| Ok((row.date(0)?, row.moment(1)?)))
}

/// When the first result of a week at an S1SP was published, if one was.
///
/// # Errors
/// If the database fails.
pub fn published_since(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(published_at) FROM result WHERE s1sp = $1 AND week = $2";
    tx.query_one(sql, &[s1sp(of), date(week)], |row| row.opt_moment(0))
}

/// Adds a version.
///
/// # Errors
/// If it exists.
pub fn add_version(tx: &mut Tx<'_>, of: &S1sp, week: Date, result: &ResultRecord) -> Result<(), StoreError> {
    let sql = "INSERT INTO result (s1sp, week, version, stage, rulebook, made_at, published_at, firm_at, notes_passings) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        s1sp(of),
        date(week),
        Value::Int(result.version),
        text(result.stage.word()),
        text(&result.rulebook),
        moment(result.made_at),
        opt(result.published_at, moment),
        opt(result.firm_at, moment),
        Value::Int(i64::from(result.notes_passings)),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Writes how far a version has come.
///
/// # Errors
/// If the database fails.
pub fn set_stage(tx: &mut Tx<'_>, of: &S1sp, week: Date, result: &ResultRecord) -> Result<(), StoreError> {
    let sql = "UPDATE result SET stage = $4, published_at = $5, firm_at = $6, notes_passings = $7 \
               WHERE s1sp = $1 AND week = $2 AND version = $3";
    let published = opt(result.published_at, moment);
    let key = [s1sp(of), date(week), Value::Int(result.version), text(result.stage.word())];
    let notes = Value::Int(i64::from(result.notes_passings));
    tx.execute(sql, &[&key[..], &[published, opt(result.firm_at, moment), notes]].concat()).map(drop)
}

/// The facts of a pool in a result (MSM-9). Quantities are installations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRecord {
    /// The day.
    pub date: Date,
    /// Total capacity.
    pub total: u64,
    /// Dormant reserve.
    pub reserve: u64,
    /// DMIN as it was applied.
    pub dmin: u64,
    /// The sum of counted demand.
    pub demand: u64,
    /// What was left after the flat parts, in a pool shared pro rata.
    pub rest: Option<u64>,
    /// The sum of unmet demand, in a pool shared pro rata.
    pub unmet: Option<u64>,
    /// λ, in a short pool.
    pub level: Option<String>,
    /// The number of parties.
    pub parties: u64,
    /// MSM-14: may everyone see these facts?
    pub public: bool,
    /// Why it was shared again, in a cut or a refill of a program that kept it.
    pub again: Option<Again>,
}

/// Adds the facts of a pool.
///
/// # Errors
/// If they are there already.
pub fn add_pool(tx: &mut Tx<'_>, of: &S1sp, version: i64, pool: &PoolRecord) -> Result<(), StoreError> {
    let sql = "INSERT INTO result_pool (s1sp, date, version, total_capacity, reserve, dmin, demand, rest, unmet, level, \
               parties, public, again) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let values = [
        s1sp(of),
        date(pool.date),
        Value::Int(version),
        count(pool.total),
        count(pool.reserve),
        count(pool.dmin),
        count(pool.demand),
        opt(pool.rest, count),
        opt(pool.unmet, count),
        opt(pool.level.as_deref(), text),
        count(pool.parties),
        Value::Int(i64::from(pool.public)),
        opt(pool.again, |again| text(again.word())),
    ];
    tx.execute(sql, &values).map(drop)
}

/// The facts of the pools of a version. MSM-14: to a party and an S1SP only those that are public.
///
/// # Errors
/// If the database fails.
pub fn pools(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date, version: i64) -> Result<Vec<PoolRecord>, StoreError> {
    let sql = "SELECT date, total_capacity, reserve, dmin, demand, rest, unmet, level, parties, public, again FROM result_pool \
               WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND version = $4 ORDER BY date";
    tx.query(sql, &[s1sp(of), date(from), date(to), Value::Int(version)], |row| {
        let optional = |column| row.opt_int(column).map(|number| number.and_then(|number| u64::try_from(number).ok()));
        Ok(PoolRecord {
            date: row.date(0)?,
            total: row.count(1)?,
            reserve: row.count(2)?,
            dmin: row.count(3)?,
            demand: row.count(4)?,
            rest: optional(5)?,
            unmet: optional(6)?,
            level: row.opt_text(7)?.map(str::to_owned),
            parties: row.count(8)?,
            public: row.flag(9)?,
            again: row.opt_text(10)?.map(|_| row.parsed(10)).transpose()?,
        })
    })
}

/// A party's line of a pool in a result. Quantities are installations, balances nano-installations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultLineRecord {
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// Demand as sent.
    pub demand: u64,
    /// Counted demand.
    pub counted: u64,
    /// The flat part received.
    pub flat: u64,
    /// The exact entitlement beyond it, as a fraction in words.
    pub entitlement: String,
    /// Its place in the rounding order.
    pub rank: Option<u64>,
    /// Did it receive one of the units left over?
    pub extra: bool,
    /// The allocation.
    pub allocation: u64,
    /// Opening balance.
    pub opening: i64,
    /// Closing balance.
    pub closing: i64,
    /// The sentence that explains it.
    pub derivation: String,
    /// What the party has beside the allocation, in a cut or a refill of a program that kept it.
    pub beside: Option<u64>,
}

/// Notes the eligible installations with which a version of a result was counted (MSM-2a).
///
/// # Errors
/// If they are noted already.
pub fn add_eligible(
    tx: &mut Tx<'_>,
    (of, week, version): (&S1sp, Date, i64),
    counts: impl IntoIterator<Item = (Party, u64)>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO result_eligible (s1sp, week, version, party, units) VALUES ($1, $2, $3, $4, $5)";
    for (whose, units) in counts {
        tx.execute(sql, &[s1sp(of), date(week), Value::Int(version), party(&whose), count(units)])?;
    }
    Ok(())
}

/// The eligible installations with which a version of a result was counted, by party; none where there was no inventory, or an
/// earlier program made it.
///
/// # Errors
/// If the database fails.
pub fn eligible(tx: &mut View<'_>, of: &S1sp, week: Date, version: i64) -> Result<Vec<(Party, u64)>, StoreError> {
    let sql = "SELECT party, units FROM result_eligible WHERE s1sp = $1 AND week = $2 AND version = $3 ORDER BY party";
    tx.query(sql, &[s1sp(of), date(week), Value::Int(version)], |row| Ok((row.parsed(0)?, row.count(1)?)))
}

/// Adds the lines of pools.
///
/// # Errors
/// If one is there already.
pub fn add_lines(tx: &mut Tx<'_>, of: &S1sp, version: i64, lines: &[ResultLineRecord]) -> Result<(), StoreError> {
    let columns = [
        "s1sp",
        "date",
        "version",
        "party",
        "demand",
        "counted",
        "flat",
        "entitlement",
        "rank",
        "extra",
        "allocation",
        "opening",
        "closing",
        "derivation",
        "beside",
    ];
    let mut insert = tx.inserter("result_line", &columns)?;
    for line in lines {
        insert.row(&[
            s1sp(of),
            date(line.date),
            Value::Int(version),
            party(&line.party),
            count(line.demand),
            count(line.counted),
            count(line.flat),
            text(&line.entitlement),
            opt(line.rank, count),
            Value::Int(i64::from(line.extra)),
            count(line.allocation),
            Value::Int(line.opening),
            Value::Int(line.closing),
            text(&line.derivation),
            opt(line.beside, count),
        ])?;
    }
    insert.finish().map(drop)
}

fn line(row: &Row<'_>) -> Result<ResultLineRecord, StoreError> {
    Ok(ResultLineRecord {
        date: row.date(0)?,
        party: row.parsed(1)?,
        demand: row.count(2)?,
        counted: row.count(3)?,
        flat: row.count(4)?,
        entitlement: row.text(5)?.to_owned(),
        rank: row.opt_int(6)?.and_then(|rank| u64::try_from(rank).ok()),
        extra: row.flag(7)?,
        allocation: row.count(8)?,
        opening: row.int(9)?,
        closing: row.int(10)?,
        derivation: row.text(11)?.to_owned(),
        beside: row.opt_int(12)?.and_then(|beside| u64::try_from(beside).ok()),
    })
}

/// The lines of a version, in the order of day and party. MSM-14: a party sees its own.
///
/// # Errors
/// If the database fails.
pub fn lines(
    tx: &mut View<'_>,
    of: &S1sp,
    from: Date,
    to: Date,
    version: i64,
) -> Result<Vec<ResultLineRecord>, StoreError> {
    let scope = *tx.scope();
    let sql = "SELECT date, party, demand, counted, flat, entitlement, rank, extra, allocation, opening, closing, \
               derivation, beside FROM result_line WHERE s1sp = $1 AND date BETWEEN $2 AND $3 AND version = $4 \
               ORDER BY date, party";
    let mut lines = tx.query(sql, &[s1sp(of), date(from), date(to), Value::Int(version)], line)?;
    // What was counted for a party that has passed to the reader is seen as well, and is no line of its own (MAM-11).
    lines.retain(|line| !matches!(scope, Scope::Party(party) if line.party != party));
    Ok(lines)
}

/// What a party has of a day, in installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationRecord {
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// Its allocation now.
    pub units: u64,
    /// What it gave back of it (MSM-13).
    pub handed_back: u64,
}

/// What the parties have of the days of an S1SP. MSM-14: a party sees its own.
///
/// # Errors
/// If the database fails.
pub fn allocations(tx: &mut View<'_>, of: &S1sp, from: Date, to: Date) -> Result<Vec<AllocationRecord>, StoreError> {
    let sql = "SELECT date, party, units, handed_back FROM allocation WHERE s1sp = $1 AND date BETWEEN $2 AND $3 \
               ORDER BY date, party";
    tx.query(sql, &[s1sp(of), date(from), date(to)], allocation)
}

/// The same of some days, in order.
///
/// # Errors
/// If the database fails.
pub fn allocations_of(
    tx: &mut View<'_>,
    of: &S1sp,
    days: &BTreeSet<Date>,
) -> Result<Vec<AllocationRecord>, StoreError> {
    let keys: Vec<i64> = days.iter().copied().map(date_number).collect();
    let sql = "SELECT date, party, units, handed_back FROM allocation WHERE s1sp = $1 AND date = $key ORDER BY party";
    let mut found = Vec::new();
    tx.lookup(sql, &keys, &[s1sp(of)], |_, row| {
        found.push(allocation(row)?);
        Ok(())
    })?;
    Ok(found)
}

fn allocation(row: &Row<'_>) -> Result<AllocationRecord, StoreError> {
    Ok(AllocationRecord { date: row.date(0)?, party: row.parsed(1)?, units: row.count(2)?, handed_back: row.count(3)? })
}

/// Writes what a party has of a day.
///
/// # Errors
/// If the database fails.
pub fn set_allocation(tx: &mut Tx<'_>, of: &S1sp, record: &AllocationRecord) -> Result<(), StoreError> {
    let sql = "INSERT INTO allocation (s1sp, date, party, units, handed_back) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (s1sp, date, party) DO UPDATE SET units = excluded.units, \
               handed_back = excluded.handed_back";
    let units = [count(record.units), count(record.handed_back)];
    let key = [s1sp(of), date(record.date), party(&record.party)];
    tx.execute(sql, &[&key[..], &units].concat()).map(drop)
}

/// The rounding balances that the parties of an S1SP have, in nano-installations (MSM-8).
///
/// # Errors
/// If the database fails.
pub fn balances(tx: &mut View<'_>, of: &S1sp) -> Result<Vec<(Party, i64)>, StoreError> {
    let sql = "SELECT party, nano FROM balance WHERE s1sp = $1 ORDER BY party";
    tx.query(sql, &[s1sp(of)], |row| Ok((row.parsed(0)?, row.int(1)?)))
}

/// Writes the rounding balance of a party.
///
/// # Errors
/// If the database fails.
pub fn set_balance(tx: &mut Tx<'_>, of: &S1sp, whose: &Party, nano: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO balance (s1sp, party, nano) VALUES ($1, $2, $3) \
               ON CONFLICT (s1sp, party) DO UPDATE SET nano = excluded.nano";
    tx.execute(sql, &[s1sp(of), party(whose), Value::Int(nano)]).map(drop)
}
