//! Registrations: which supplier is responsible for a meter point, and from when.

use super::cells::{RowErrors, TableErrors, each_row, repeated};
use crate::layout::REGISTRATIONS;
use crate::limits::Reading;
use crate::source::Content;
use jiff::civil::Date;
use sluice_rules::installation::{Fuel, Mpid};
use sluice_rules::point::{Mpan, Mprn};
use std::fmt;

/// A meter point of either fuel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// An electricity meter point.
    Mpan(Mpan),
    /// A gas meter point.
    Mprn(Mprn),
}

impl Point {
    /// What is measured there.
    #[must_use]
    pub fn fuel(self) -> Fuel {
        match self {
            Self::Mpan(_) => Fuel::Electricity,
            Self::Mprn(_) => Fuel::Gas,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mpan(mpan) => mpan.fmt(f),
            Self::Mprn(mprn) => mprn.fmt(f),
        }
    }
}

/// A row of the registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationRow {
    /// The meter point.
    pub point: Point,
    /// Its fuel.
    pub fuel: Fuel,
    /// The supplier's market participant id.
    pub mpid: Mpid,
    /// The first day of its responsibility.
    pub from: Date,
    /// Its line in the file.
    pub line: u64,
}

/// Reads the registrations; a meter point has one supplier from a date.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_registrations(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<RegistrationRow>, TableErrors> {
    let (mut rows, mut errors) = (Vec::new(), RowErrors::default());
    let mut seen: Vec<(Point, Date, u64)> = Vec::new();
    each_row(extension, content, reading, &REGISTRATIONS, &mut errors, |cells| {
        let fuel = cells.fuel(1);
        let point = fuel.and_then(|fuel| match fuel {
            Fuel::Electricity => cells.mpan(0).map(Point::Mpan),
            Fuel::Gas => cells.mprn(0).map(Point::Mprn),
        });
        let (mpid, from) = (cells.mpid(2), cells.date(3));
        if let (Some(point), Some(from)) = (point, from) {
            seen.push((point, from, cells.line()));
        }
        if let (Some(point), Some(fuel), Some(mpid), Some(from)) = (point, fuel, mpid, from) {
            rows.push(RegistrationRow { point, fuel, mpid, from, line: cells.line() });
        }
        Ok(())
    })?;
    seen.sort_unstable();
    for same in seen.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let (point, from, first) = same[0];
        for &(.., line) in &same[1..] {
            errors.add(line, || repeated(&format!("the registration of {point} from {from}"), first, line));
        }
    }
    errors.finish(rows)
}
