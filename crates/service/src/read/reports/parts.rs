//! What reports are made of, and the days that they name.

use crate::act::work::Look;
use crate::books::calendar::week_of;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::S1sp;
use sluice_store::tables::reports::Sight;
use sluice_wire::report::Table;

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
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) notes: Vec<String>,
    pub(crate) tables: Vec<Table>,
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
