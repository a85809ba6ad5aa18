//! What reports are made of, and the days that they name.

use crate::act::work::Look;
use crate::books::calendar::week_of;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::S1sp;
use sluice_store::tables::reports::Sight;
use sluice_wire::report::{Cell, Table, grouped};

/// Of which S1SP and days a report is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// One S1SP; all, if none is named.
    pub s1sp: Option<S1sp>,
    /// The Monday of a week.
    pub week: Option<Date>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// The days that a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// Those of a period; all, if none is named.
    Period,
    /// Those of one week, which must be named.
    Week,
    /// None: it shows how things stand.
    Standing,
}

/// Who reads a report beside DCC and observers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Suppliers and S1SPs, each its own.
    Everyone,
    /// Suppliers, each its own.
    Suppliers,
}

/// A report that can be asked for.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows, in paragraphs.
    pub about: &'static [&'static str],
    /// The days that it is about.
    pub days: Days,
    /// Who reads it.
    pub readers: Readers,
    pub(crate) make: fn(&mut Look<'_>, &Sight) -> Result<Parts>,
}

/// What a report is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What was found, in a sentence or two.
    pub(crate) verdict: String,
    pub(crate) notes: Vec<String>,
    /// The tables, those that sum up first.
    pub(crate) tables: Vec<Table>,
    /// The id of the table that a CSV of the report's name holds.
    pub(crate) main: &'static str,
}

/// A share in words: "73.6 %"; "none" of nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "none".to_owned() } else { Cell::Share { part, whole }.shown() }
}

/// A share with its figures: "3 of 4 (75.0 %)".
pub(crate) fn of(part: u64, whole: u64) -> String {
    format!("{} of {} ({})", grouped(part), grouped(whole), share(part, whole))
}

/// Words as they stand within a sentence.
pub(crate) fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What has the smallest share, if there is more than one of them: its key, and the share.
pub(crate) fn least<K>(shares: impl IntoIterator<Item = (K, u64, u64)>) -> Option<(K, String)> {
    let mut shares: Vec<_> = shares.into_iter().filter(|(_, _, whole)| *whole > 0).collect();
    if shares.len() < 2 {
        return None;
    }
    shares.sort_by(|(_, part, whole), (_, other, of)| {
        (u128::from(*part) * u128::from(*of)).cmp(&(u128::from(*other) * u128::from(*whole)))
    });
    shares.into_iter().next().map(|(key, part, whole)| (key, share(part, whole)))
}

pub(crate) fn long(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A week for the label of a bar.
pub(crate) fn week_label(week: Date) -> String {
    week.strftime("Week of %-d %b %Y").to_string()
}

/// The Monday of a day that is in the database.
pub(crate) fn monday(day: Date) -> Date {
    week_of(day).unwrap_or(day)
}

/// The first moment of a day, in UK time.
pub(crate) fn start_of(day: Date) -> Result<Timestamp> {
    let start = day.to_zoned(LONDON).map_err(ServiceError::wrong)?;
    Ok(start.timestamp())
}
