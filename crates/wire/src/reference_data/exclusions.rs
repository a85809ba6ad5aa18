//! Exclusions: installations and meters that are not migrated, and why.

use super::cells::{FUEL, Once, TableErrors, table};
use crate::layout::EXCLUSIONS;
use crate::limits::Reading;
use crate::source::Content;
use jiff::civil::Date;
use sluice_rules::installation::Fuel;
use sluice_rules::party::Eui64;

/// A row of the exclusions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionRow {
    /// The installation.
    pub chf: Eui64,
    /// The meter that is excluded; none for the whole installation.
    pub fuel: Option<Fuel>,
    /// The category; which exist is rulebook data.
    pub category: String,
    /// The first day of the exclusion.
    pub from: Date,
}

/// Reads the exclusions; an installation or a meter stands in a category only once.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_exclusions(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<ExclusionRow>, TableErrors> {
    let mut seen = Once::new();
    table(extension, content, reading, &EXCLUSIONS, |cells| {
        let chf = cells.eui(0);
        let fuel = cells.optional(1, FUEL, |text| text.parse().ok());
        let (category, from) = (cells.text(2), cells.date(3));
        let row = ExclusionRow { chf: chf?, fuel: fuel?, category: category?, from: from? };
        let key = (row.chf, row.fuel, row.category.to_ascii_uppercase());
        seen.check(cells, key, || format!("the exclusion of {} in this category", row.chf));
        Some(row)
    })
}
