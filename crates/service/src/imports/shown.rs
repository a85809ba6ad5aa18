//! What an import changes, in figures and the first of it in words, so that whoever signs sees what it is (ACC-2, REF-2).

use crate::act::work::Work;
use crate::error::Result;
use crate::words::First;
use sluice_rules::installation::Cohort;
use sluice_rules::point::{Mpan, Mprn};
use sluice_rules::reference::ImportDifference;
use sluice_store::tables::convert::{date_of, eui_of};
use sluice_store::tables::imports::{OwnedValue, Replaced, Rows};
use sluice_store::tables::parties::Dictionary;

/// What an import changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Difference {
    /// In figures.
    pub(crate) figures: ImportDifference,
    /// The first rows that are added, changed and gone, in words.
    pub(crate) first: Vec<String>,
}

/// The first rows of a table that differ, in words; programs before version 4 told figures alone.
///
/// # Errors
/// If the database fails.
pub(crate) fn rows(work: &mut Work<'_>, of: Replaced, before: &Rows, after: &Rows) -> Result<Vec<String>> {
    if work.engine < 4 {
        return Ok(Vec::new());
    }
    let table = Table { of, dictionary: Dictionary::load(&mut work.tx)? };
    let [mut added, mut changed, mut gone] = ["added", "changed", "gone"].map(First::of);
    for (key, others) in after {
        match before.get(key) {
            None => added.add(|| format!("added: {}", table.row(key, others))),
            Some(old) if old != others => changed.add(|| format!("changed: {}", table.change(key, old, others))),
            Some(_) => {}
        }
    }
    for (key, others) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
        gone.add(|| format!("gone: {}", table.row(key, others)));
    }
    Ok([added, changed, gone].into_iter().flat_map(First::lines).collect())
}

/// A table, with what its numbers stand for.
struct Table {
    of: Replaced,
    dictionary: Dictionary,
}

impl Table {
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.of.keys.iter().chain(self.of.others).copied()
    }

    /// What a row has in a column; nothing where it is empty, or the column says nothing to people.
    fn cell(&self, key: &[OwnedValue], others: &[OwnedValue], column: &str) -> Option<String> {
        let is_gas = || self.raw(key, others, "fuel").is_some_and(|fuel| *fuel == OwnedValue::text("GAS"));
        let number = match self.raw(key, others, column)? {
            OwnedValue::Null => return None,
            OwnedValue::Text(words) => return Some(words.clone()).filter(|words| !words.is_empty()),
            OwnedValue::Int(number) => *number,
        };
        let point = u64::try_from(number).ok();
        Some(match column {
            "chf" | "user_id" | "esme" | "gsme" => eui_of(number).to_string(),
            "added" | "removed" | "effective" => {
                date_of(number).map_or_else(|_| number.to_string(), |date| date.to_string())
            }
            "dmc" => self.dictionary.dmcs.get(&number).map_or_else(|| number.to_string(), Clone::clone),
            "s1sp" => self.dictionary.s1sps.get(&number).map_or_else(|| number.to_string(), ToString::to_string),
            "mpid" | "electricity_mpid" | "gas_mpid" => {
                let known = self.dictionary.mpids.get(&number);
                known.map_or_else(|| number.to_string(), |(_, mpid, _)| mpid.to_string())
            }
            "point" if is_gas() => {
                point.and_then(Mprn::from_number).map_or(number.to_string(), |mprn| mprn.to_string())
            }
            "mprn" => point.and_then(Mprn::from_number).map_or(number.to_string(), |mprn| mprn.to_string()),
            "point" | "mpan" => point.and_then(Mpan::from_number).map_or(number.to_string(), |mpan| mpan.to_string()),
            "electricity_status" | "gas_status" => if number == 1 { "ACTIVE" } else { "DORMANT" }.to_owned(),
            "attempt" => if number == 1 { "YES" } else { "NO" }.to_owned(),
            "cohort" => {
                let place = usize::try_from(number).unwrap_or(usize::MAX);
                Cohort::ALL.get(place).map_or_else(|| number.to_string(), ToString::to_string)
            }
            _ => number.to_string(),
        })
    }

    fn raw<'r>(&self, key: &'r [OwnedValue], others: &'r [OwnedValue], column: &str) -> Option<&'r OwnedValue> {
        let place = self.columns().position(|other| other == column)?;
        key.iter().chain(others).nth(place)
    }

    /// A whole row: "CHF Device ID 00-C0-00-00-00-00-00-22, Category NO_WAN".
    fn row(&self, key: &[OwnedValue], others: &[OwnedValue]) -> String {
        let told = self.columns().filter_map(|column| {
            Some(format!("{} {}", title(self.of.table, column)?, self.cell(key, others, column)?))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// A row that changed: what it is known by, then the cells that are others, with what they were.
    fn change(&self, key: &[OwnedValue], old: &[OwnedValue], new: &[OwnedValue]) -> String {
        let (mut known, mut changed) = (Vec::new(), Vec::new());
        for column in self.columns() {
            let Some(title) = title(self.of.table, column) else { continue };
            let [was, is] = [old, new].map(|others| self.cell(key, others, column));
            let named = self.of.keys.contains(&column) || (self.of.table == "mpid" && column != "party");
            match (was, is) {
                (was, is) if was == is => known.extend(is.filter(|_| named).map(|is| format!("{title} {is}"))),
                (was, is) => {
                    let [is, was] = [is, was].map(|cell| cell.unwrap_or_else(|| "empty".to_owned()));
                    changed.push(format!("{title} {is} (was {was})"));
                }
            }
        }
        format!("{}: {}", known.join(", "), changed.join(", "))
    }
}

/// How the file has the column; nothing of columns that no file has.
fn title(table: &str, column: &str) -> Option<&'static str> {
    Some(match (table, column) {
        ("party", "code") | (_, "party") => "Party",
        ("dmc", "code") | (_, "dmc") => "Device Model Combination",
        (_, "code") => "Code",
        (_, "name") => "Name",
        (_, "role") => "Role",
        (_, "s1sp") => "S1SP",
        (_, "operations_contact") => "Operations Contact",
        (_, "out_of_hours_contact") => "Out-of-hours Contact",
        (_, "user_id") => "User ID",
        (_, "fuel") => "Fuel",
        (_, "mpid") => "MPID",
        (_, "provider") => "Communications Provider",
        (_, "chf_model") => "CHF Model",
        (_, "esme_model") => "ESME Model",
        (_, "gsme_model") => "GSME Model",
        (_, "added") => "Date Added",
        (_, "removed") => "Date Removed",
        (_, "point") => "MPxN",
        (_, "effective") => "Effective From",
        (_, "category") => "Category",
        (_, "stage") => "Stage",
        (_, "who_acts") => "Who Acts",
        (_, "attempt") => "Attempt",
        (_, "retry_after_days") => "Retry After Days",
        (_, "chf") => "CHF Device ID",
        (_, "cohort") => "Cohort",
        (_, "esme") => "ESME Device ID",
        (_, "mpan") => "Import MPAN",
        (_, "electricity_mpid") => "Electricity MPID",
        (_, "electricity_status") => "Electricity Status",
        (_, "gsme") => "GSME Device ID",
        (_, "mprn") => "MPRN",
        (_, "gas_mpid") => "Gas MPID",
        (_, "gas_status") => "Gas Status",
        _ => return None,
    })
}
