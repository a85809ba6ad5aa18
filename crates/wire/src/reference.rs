//! DCC's own tables: capacity, everyone's demand, eligible installations, rounding balances, bank holidays.
//!
//! These are read whole or not at all: an error here is not a supplier's, and nothing may be decided on half a table.

mod lines;

use crate::layout::{ALLOCATION, BALANCES, CAPACITY, DEMAND_TABLE, ELIGIBLE, Layout, RESPONSE, STANDINGS};
use crate::limits::Reading;
use crate::source::Content;
use crate::template::Allowance;
use jiff::civil::Date;
use lines::{headed, insert, rows, rows_as};
use rustc_hash::FxHashMap;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_rules::scaling::stage::ResultStage;
use std::collections::BTreeMap;
use std::io::Cursor;

pub(crate) use lines::LIMITS;
pub use lines::TableError;

/// The capacity of every pool.
pub type Capacities = BTreeMap<(S1sp, Date), Capacity>;

/// MSM-1: reads a capacity table; a pool may stand only once.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_capacity(extension: &str, content: &mut dyn Content, reading: Reading) -> Result<Capacities, TableError> {
    let mut capacities = Capacities::new();
    rows_as(reading, extension, content, &CAPACITY, |fields| {
        let (s1sp, date) = (fields.s1sp(0)?, fields.date(1)?);
        let capacity =
            Capacity::new(fields.units(2)?, fields.units(3)?).map_err(|error| fields.wrong(error.to_string()))?;
        insert(&mut capacities, fields, (s1sp, date), capacity, &format!("the capacity of {s1sp} on {date}"))
    })?;
    Ok(capacities)
}

/// Writes capacities as they are read.
#[must_use]
pub fn write_capacity(capacities: &Capacities) -> String {
    let line = |((s1sp, date), capacity): (&(S1sp, Date), &Capacity)| {
        let (total, reserve) = (capacity.total().to_string(), capacity.reserve().to_string());
        crate::text::csv_line([s1sp.as_str(), &date.to_string(), &total, &reserve])
    };
    headed(&CAPACITY, capacities.iter().map(line))
}

/// One line of a demand table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DemandLine {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// Its demand, in installations.
    pub units: u64,
}

impl DemandLine {
    fn key(&self) -> (S1sp, Date, Party) {
        (self.s1sp, self.date, self.party)
    }
}

/// Writes a demand table as it is read.
#[must_use]
pub fn write_demand_table(demand: &[DemandLine]) -> String {
    let line = |DemandLine { s1sp, date, party, units }: &DemandLine| {
        crate::text::csv_line([party.as_str(), s1sp.as_str(), &date.to_string(), &units.to_string()])
    };
    headed(&DEMAND_TABLE, demand.iter().map(line))
}

/// Reads a demand table and puts it in the order of S1SP, day and party; a party may stand once in a pool.
///
/// # Errors
/// The first line that cannot be used, or a party that stands twice.
pub fn read_demand_table(extension: &str, content: &mut dyn Content) -> Result<Vec<DemandLine>, TableError> {
    let mut lines = match halves(extension, content) {
        Some(halves) => read_halves(&halves).or_else(|_| demand_lines(extension, content))?,
        None => demand_lines(extension, content)?,
    };
    if !lines.is_sorted_by_key(DemandLine::key) {
        lines.sort_unstable_by_key(DemandLine::key);
    }
    match lines.windows(2).find(|pair| pair[0].key() == pair[1].key()) {
        None => Ok(lines),
        Some(pair) => {
            let DemandLine { party, s1sp, date, .. } = pair[0];
            Err(TableError(format!("the demand of {party} for {s1sp} on {date} stands in two lines; keep one")))
        }
    }
}

fn demand_lines(extension: &str, content: &mut dyn Content) -> Result<Vec<DemandLine>, TableError> {
    let mut lines: Vec<DemandLine> = Vec::new();
    rows(extension, content, &DEMAND_TABLE, |fields| {
        let (party, s1sp, date, units) = (fields.party(0)?, fields.s1sp(1)?, fields.date(2)?, fields.units(3)?);
        lines.push(DemandLine { s1sp, date, party, units });
        Ok(())
    })?;
    Ok(lines)
}

/// A table smaller than this is read at once; starting a thread would take longer.
const WORTH_HALVING: usize = 1 << 20;

/// A large table of plain lines as two tables with the same header. Quotes may hide line breaks, so with a quote it is
/// not cut.
fn halves(extension: &str, content: &mut dyn Content) -> Option<[Vec<u8>; 2]> {
    let mut bytes = Vec::new();
    if extension != "csv" || content.rewind().is_err() || content.read_to_end(&mut bytes).is_err() {
        return None;
    }
    if bytes.len() < WORTH_HALVING || memchr::memchr(b'"', &bytes).is_some() {
        return None;
    }
    let header = memchr::memchr(b'\n', &bytes)? + 1;
    let middle = bytes.len() / 2;
    let cut = middle + memchr::memchr(b'\n', &bytes[middle..])? + 1;
    let second = [&bytes[..header], &bytes[cut..]].concat();
    bytes.truncate(cut);
    Some([bytes, second])
}

/// Reads both halves at the same time. Lines of the second are not counted from the top, so after an error the table is
/// read again as a whole, for its words.
fn read_halves([first, second]: &[Vec<u8>; 2]) -> Result<Vec<DemandLine>, TableError> {
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| demand_lines("csv", &mut Cursor::new(second)));
        let first = demand_lines("csv", &mut Cursor::new(first));
        (first, second.join().unwrap_or_else(|_| Err(TableError("a worker stopped".to_owned()))))
    });
    let mut lines = first?;
    lines.extend(second?);
    Ok(lines)
}

/// Eligible installations of the parties of each S1SP.
pub type EligibleCounts = BTreeMap<S1sp, FxHashMap<Party, u64>>;

/// Reads the eligible installations of each party and S1SP.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_eligible(extension: &str, content: &mut dyn Content) -> Result<EligibleCounts, TableError> {
    let mut counts = EligibleCounts::new();
    rows(extension, content, &ELIGIBLE, |fields| {
        let (party, s1sp, units) = (fields.party(0)?, fields.s1sp(1)?, fields.units(2)?);
        match counts.entry(s1sp).or_default().insert(party, units) {
            None => Ok(()),
            Some(_) => Err(fields.wrong(format!("{party} and {s1sp} stand in an earlier line too"))),
        }
    })?;
    Ok(counts)
}

/// Writes eligible counts as they are read, in the order of S1SP and party.
#[must_use]
pub fn write_eligible(counts: &EligibleCounts) -> String {
    let lines = counts.iter().flat_map(|(s1sp, counts)| {
        let counts: BTreeMap<_, _> = counts.iter().collect();
        counts
            .into_iter()
            .map(|(party, units)| crate::text::csv_line([party.as_str(), s1sp.as_str(), &units.to_string()]))
    });
    headed(&ELIGIBLE, lines)
}

/// Rounding balances, in nano-installations.
pub type BalanceTable = BTreeMap<(S1sp, Party), i64>;

/// What stands for a party when a pool is shared again. Quantities are installations, the balance nano-installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The day.
    pub date: Date,
    /// The party.
    pub party: Party,
    /// What it asks of what is shared: in a cut what stands for it, else what it lacks.
    pub demand: u64,
    /// What it has beside that: in a cut what was attempted before it, else what it holds.
    pub beside: u64,
    /// The balance with which the day's firm result opened.
    pub opening: i64,
}

/// MSM-12, MSM-13: reads what stands when pools are shared again; in the order of S1SP, day and party.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_standings(extension: &str, content: &mut dyn Content) -> Result<Vec<Standing>, TableError> {
    let mut standings = BTreeMap::new();
    rows(extension, content, &STANDINGS, |fields| {
        let (party, s1sp, date) = (fields.party(0)?, fields.s1sp(1)?, fields.date(2)?);
        let standing = Standing {
            s1sp,
            date,
            party,
            demand: fields.units(3)?,
            beside: fields.units(4)?,
            opening: fields.balance(5)?,
        };
        insert(&mut standings, fields, (s1sp, date, party), standing, &format!("{party} at {s1sp} on {date}"))
    })?;
    Ok(standings.into_values().collect())
}

/// Writes standings as they are read.
#[must_use]
pub fn write_standings(standings: &[Standing]) -> String {
    let line = |standing: &Standing| {
        let Standing { s1sp, date, party, demand, beside, opening } = standing;
        let figures = [date.to_string(), demand.to_string(), beside.to_string(), opening.to_string()];
        let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
        crate::text::csv_line([party.as_str(), s1sp.as_str()].into_iter().chain(figures))
    };
    headed(&STANDINGS, standings.iter().map(line))
}

/// MSM-8: reads the balances that an earlier run closed with.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_balances(extension: &str, content: &mut dyn Content) -> Result<BalanceTable, TableError> {
    let mut balances = BalanceTable::new();
    rows(extension, content, &BALANCES, |fields| {
        let (party, s1sp) = (fields.party(0)?, fields.s1sp(1)?);
        let balance = fields.balance(2)?;
        insert(&mut balances, fields, (s1sp, party), balance, &format!("the balance of {party} at {s1sp}"))
    })?;
    Ok(balances)
}

/// Writes balances as they are read.
#[must_use]
pub fn write_balances(balances: &BalanceTable) -> String {
    let line = |((s1sp, party), balance): (&(S1sp, Party), &i64)| {
        crate::text::csv_line([party.as_str(), s1sp.as_str(), &balance.to_string()])
    };
    headed(&BALANCES, balances.iter().map(line))
}

const BANK_HOLIDAYS: Layout = Layout { sheet: "Bank holidays", columns: &["Date", "Name", "Note"] };

/// Reads the bank holidays.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_bank_holidays(content: &mut dyn Content) -> Result<BTreeMap<Date, String>, TableError> {
    let mut holidays = BTreeMap::new();
    rows("csv", content, &BANK_HOLIDAYS, |fields| {
        let date = fields.date(0)?;
        insert(&mut holidays, fields, date, fields.record.field(1).to_owned(), &format!("the bank holiday on {date}"))
    })?;
    Ok(holidays)
}

/// A party's lines of an `allocation.csv`, for a template.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_allowance(
    extension: &str,
    content: &mut dyn Content,
    party: Party,
    s1sp: S1sp,
) -> Result<Vec<Allowance>, TableError> {
    let mut lines = Vec::new();
    rows(extension, content, &ALLOCATION, |fields| {
        if fields.party(0)? == party && fields.s1sp(1)? == s1sp {
            fields.must_be_of_all(11)?;
            let (date, demand, allocation) = (fields.date(2)?, fields.units(3)?, fields.units(7)?);
            // It does not say of which stage it is.
            lines.push(Allowance { date, demand, allocation, provisional: false });
        }
        Ok(())
    })?;
    Ok(lines)
}

/// The lines of a Demand Response, for a template.
///
/// # Errors
/// The first line that cannot be used.
pub fn read_response(extension: &str, content: &mut dyn Content) -> Result<Vec<Allowance>, TableError> {
    let mut lines = Vec::new();
    rows(extension, content, &RESPONSE, |fields| {
        fields.must_be_of_all(10)?;
        let (date, demand, allocation) = (fields.date(0)?, fields.units(2)?, fields.units(6)?);
        let provisional = fields.record.field(1).parse() == Ok(ResultStage::Provisional);
        lines.push(Allowance { date, demand, allocation, provisional });
        Ok(())
    })?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: usize) -> String {
        let line =
            |number: usize| format!("P{:05},S{},2021-07-{:02},{number}\n", number % 9_973, number % 4, number % 31 + 1);
        "Party,S1SP,Migration Date,Demand\n".to_owned() + &(0..lines).map(line).collect::<String>()
    }

    #[test]
    fn msm_13_what_was_shared_again_is_no_allowance() {
        let response = |stage: &str, derivation: &str| {
            let header = RESPONSE.columns.join(",");
            let line = format!(
                "{header}\n2021-07-29,{stage},3,3,3,0,3,0,0,0,\"Allocation 3; balance stays 0.{derivation}\"\n"
            );
            read_response("csv", &mut Cursor::new(line)).map(|lines| lines.len()).map_err(|error| error.to_string())
        };
        assert_eq!(response("FIRM", ""), Ok(1));
        for (stage, derivation) in [
            ("REFILL", " Added to what is held: 7 + 3 = 10."),
            ("REFILL", " For deferred rows: 3 more."),
            ("CUT", " After the cut: 3."),
        ] {
            let message = response(stage, derivation).unwrap_err();
            assert!(message.starts_with("line 2: it is of a refill or a cut"), "{message}");
        }
        let cut = format!(
            "{}\nBBB456,CGI,2021-07-28,8,8,7,0,7,1,0,0,\"Allocation 7. After the cut: 7.\"\n",
            ALLOCATION.columns.join(",")
        );
        let (party, s1sp) = ("BBB456".parse().unwrap(), "CGI".parse().unwrap());
        assert!(read_allowance("csv", &mut Cursor::new(cut), party, s1sp).is_err());
    }

    #[test]
    fn a_large_table_is_read_in_halves_to_the_same_end() {
        let text = table(60_000);
        assert!(halves("csv", &mut Cursor::new(&text)).is_some());
        let quoted = text.replacen("P00000", "\"P00000\"", 1);
        assert!(halves("csv", &mut Cursor::new(&quoted)).is_none());
        let read = |text: &str| read_demand_table("csv", &mut Cursor::new(text)).unwrap();
        assert_eq!(read(&text), read(&quoted));
        assert_eq!(read(&text).len(), 60_000);
    }

    #[test]
    fn an_error_in_the_second_half_names_its_line() {
        let text = table(60_000) + "P1,S1,2021-07-32,5\n";
        let error = read_demand_table("csv", &mut Cursor::new(&text)).unwrap_err();
        assert!(error.to_string().starts_with("line 60002: Migration Date '2021-07-32'"), "{error}");
    }
}
