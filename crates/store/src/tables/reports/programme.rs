//! The whole inventory: how far it has come, and what waits.

use super::{Sight, whole};
use crate::error::StoreError;
use crate::tables::convert::{Columns, count, date, date_number, s1sp};
use crate::tables::parties::Dictionary;
use crate::value::Value;
use crate::view::View;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use std::collections::BTreeMap;

/// Who holds a market participant id now, after what has passed (MAM-11).
fn holder(dictionary: &Dictionary, mpid: i64) -> Option<Party> {
    dictionary.mpids.get(&mpid).map(|(.., party)| *party)
}

/// Installations of an S1SP, a cohort (0 to 3) and a Lead Supplier.
pub type Group = (S1sp, i64, Party);

/// How far the installations of a group have come; each is in one of the first four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupCount {
    /// All.
    pub all: u64,
    /// Migrated.
    pub migrated: u64,
    /// Not migrated, with a row or plan that may lead to a migration.
    pub in_hand: u64,
    /// Neither, and excluded as a whole.
    pub excluded: u64,
    /// Migrated after a date.
    pub lately: u64,
}

/// How far the inventory has come on a date, and what was migrated after another one.
///
/// # Errors
/// If the database fails.
pub fn progress(
    tx: &mut View<'_>,
    sight: &Sight,
    on: Date,
    after: Date,
) -> Result<BTreeMap<Group, GroupCount>, StoreError> {
    let sql = "SELECT s1sp, cohort, lead, homes, place, day FROM place_count WHERE place IN ('MIGRATED', 'IN_HAND', 'PLANNED', 'EXCLUDED', 'OPEN') \
               UNION ALL SELECT s1sp, cohort, lead, homes, place, day FROM place_count \
                 WHERE place = 'MIGRATED_ON' AND day > $1";
    let dictionary = Dictionary::load(tx)?;
    let mut groups: BTreeMap<Group, GroupCount> = BTreeMap::new();
    tx.each(sql, &[date(after)], |row| {
        let of = dictionary.s1sps.get(&row.int(0)?).filter(|code| sight.s1sps().contains(code));
        let lead = holder(&dictionary, row.int(2)?).filter(|party| sight.is_own(*party));
        let Some((of, lead)) = of.zip(lead) else { return Ok(()) };
        let (homes, group) = (whole(row, 3)?, groups.entry((*of, row.int(1)?, lead)).or_default());
        match row.text(4)? {
            "MIGRATED_ON" => group.lately += homes,
            place => group.add(place, row.int(5)? <= date_number(on), homes),
        }
        Ok(())
    })?;
    Ok(groups)
}

impl GroupCount {
    /// Adds the installations of a place; `begun`: its day has come.
    fn add(&mut self, place: &str, begun: bool, homes: u64) {
        self.all += homes;
        match place {
            "MIGRATED" => self.migrated += homes,
            "IN_HAND" | "PLANNED" => self.in_hand += homes,
            "EXCLUDED" if begun => self.excluded += homes,
            _ => {}
        }
    }
}

/// Why installations wait that somebody asked for, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The Lead Supplier.
    pub party: Option<Party>,
    /// The state of the row, or the last outcome where there is no live row.
    pub state: String,
    /// The stage of the last failure.
    pub stage: String,
    /// The code of the last failure.
    pub code: String,
    /// Did it fail as often as is allowed (OUT-2)?
    pub candidate: bool,
    /// May it be tried again only later (MA127)?
    pub barred: bool,
    /// Does one of its suppliers hold it today (MAM-12)?
    pub held: bool,
    /// How old: 0 the youngest to 4 the oldest.
    pub age: u64,
    /// Installations.
    pub count: u64,
}

/// MAM-12: is an entry of the holds about the day of the report? Values: the third is
/// the day, the eighth its day of the week.
macro_rules! covers {
    ($of:literal) => {
        concat!($of, ".first <= $3 AND COALESCE(", $of, ".last, $3) >= $3 AND (", $of, ".weekdays & $8) <> 0")
    };
}

/// The installations that wait on a date: those of which a row waits, by the worst of them, and those whose last outcome was no
/// migration and that nobody has asked for again, if they are not excluded. `attempts`: how often one may fail (OUT-2). `ages`: dates
/// from the latest to the earliest; what waits since later than the first has age 0.
///
/// # Errors
/// If the database fails.
pub fn waiting(
    tx: &mut View<'_>,
    sight: &Sight,
    on: Date,
    attempts: u64,
    ages: &[Date; 4],
) -> Result<Vec<Waiting>, StoreError> {
    let sql = concat!(
        "SELECT w.lead, w.state, w.stage, w.code, CASE WHEN w.failed >= $2 THEN 1 ELSE 0 END, \
           CASE WHEN w.retry_from > $3 THEN 1 ELSE 0 END, CASE WHEN w.since > $4 THEN 0 WHEN w.since > $5 THEN 1 \
           WHEN w.since > $6 THEN 2 WHEN w.since > $7 THEN 3 ELSE 4 END, \
           CASE WHEN w.home <> 0 AND EXISTS (SELECT 1 FROM hold h JOIN installation i ON i.chf = h.chf \
             WHERE h.chf = w.home AND h.action = 'SET' AND ",
        covers!("h"),
        " AND EXISTS (SELECT 1 FROM mpid m WHERE m.party = h.party AND m.id IN (i.electricity_mpid, i.gas_mpid)) \
             AND NOT EXISTS (SELECT 1 FROM hold c WHERE c.chf = h.chf AND c.party = h.party AND c.id > h.id AND ",
        covers!("c"),
        ")) THEN 1 ELSE 0 END, CAST(sum(w.homes) AS BIGINT) FROM wait_count w \
         WHERE w.s1sp = $1 AND w.planned = 0 AND (w.excluded = 0 OR w.excluded > $3) \
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
    );
    let dictionary = Dictionary::load(tx)?;
    let mut all = Vec::new();
    for of in sight.s1sps() {
        let mut values = vec![s1sp(of), count(attempts), date(on)];
        values.extend(ages.iter().map(|age| date(*age)));
        values.push(Value::Int(1 << on.weekday().to_monday_zero_offset()));
        tx.each(sql, &values, |row| {
            let party = holder(&dictionary, row.int(0)?);
            if sight.may_count(party) {
                all.push(Waiting {
                    s1sp: *of,
                    party,
                    state: row.text(1)?.to_owned(),
                    stage: row.text(2)?.to_owned(),
                    code: row.text(3)?.to_owned(),
                    candidate: row.flag(4)?,
                    barred: row.flag(5)?,
                    age: whole(row, 6)?,
                    held: row.flag(7)?,
                    count: whole(row, 8)?,
                });
            }
            Ok(())
        })?;
    }
    Ok(all)
}

/// How many installations an exclusion of a category keeps from being migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionCount {
    /// The category.
    pub category: String,
    /// The meter; nothing for the installation.
    pub fuel: String,
    /// IMPORT, or the rule by which it was decided here.
    pub origin: String,
    /// Installations or meters.
    pub count: u64,
    /// Of them, those that hold on the date.
    pub in_force: u64,
    /// The first date from which one holds.
    pub first: Date,
    /// The last one.
    pub last: Date,
}

/// The exclusions by category, meter and origin, on a date. A supplier sees those of installations in which it has a meter.
///
/// # Errors
/// If the database fails.
pub fn exclusions(tx: &mut View<'_>, sight: &Sight, on: Date) -> Result<Vec<(S1sp, ExclusionCount)>, StoreError> {
    let sql = "SELECT c.category, c.fuel, c.origin, CAST(sum(c.homes) AS BIGINT), \
                 CAST(sum(CASE WHEN c.day <= $2 THEN c.homes ELSE 0 END) AS BIGINT), min(c.day), max(c.day), \
                 c.electricity_mpid, c.gas_mpid \
               FROM s1sp s JOIN exclusion_count c ON c.s1sp = s.id WHERE s.code = $1 \
               GROUP BY c.category, c.fuel, c.origin, c.electricity_mpid, c.gas_mpid";
    let (dictionary, own) = (Dictionary::load(tx)?, sight.party());
    let mut sums: BTreeMap<(S1sp, String, String, String), ExclusionCount> = BTreeMap::new();
    for of in sight.s1sps() {
        tx.each(sql, &[s1sp(of), date(on)], |row| {
            let meters = [row.int(7)?, row.int(8)?];
            if own.is_some() && !meters.into_iter().any(|mpid| holder(&dictionary, mpid) == own) {
                return Ok(());
            }
            let [category, fuel, origin] = [row.text(0)?, row.text(1)?, row.text(2)?].map(str::to_owned);
            let (first, last) = (row.date(5)?, row.date(6)?);
            let new = || ExclusionCount {
                category: category.clone(),
                fuel: fuel.clone(),
                origin: origin.clone(),
                count: 0,
                in_force: 0,
                first,
                last,
            };
            let sum = sums.entry((*of, category.clone(), fuel.clone(), origin.clone())).or_insert_with(new);
            sum.count += whole(row, 3)?;
            sum.in_force += whole(row, 4)?;
            (sum.first, sum.last) = (sum.first.min(first), sum.last.max(last));
            Ok(())
        })?;
    }
    Ok(sums.into_iter().map(|((of, ..), count)| (of, count)).collect())
}
