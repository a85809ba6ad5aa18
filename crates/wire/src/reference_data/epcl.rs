//! The Eligible Product Combinations List: what DCC has proven, for each S1SP, and since when.

use super::cells::{DATE, RowErrors, TableErrors, each_row};
use crate::layout::EPCL;
use crate::limits::Reading;
use crate::source::Content;
use crate::text::date;
use jiff::civil::Date;
use sluice_rules::installation::Dmc;
use sluice_rules::party::S1sp;

/// An entry of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpclRow {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The Device Model Combination.
    pub dmc: Dmc,
    /// The first day on which it is in the list.
    pub added: Date,
    /// The first day on which it is not any more.
    pub removed: Option<Date>,
    /// Its line in the file.
    pub line: u64,
}

/// Reads the list. An entry may come again after it was removed, but never stands in the list twice on one day.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_epcl(extension: &str, content: &mut dyn Content, reading: Reading) -> Result<Vec<EpclRow>, TableErrors> {
    let (mut rows, mut errors) = (Vec::new(), RowErrors::default());
    each_row(extension, content, reading, &EPCL, &mut errors, |cells| {
        let (s1sp, dmc, added) = (cells.s1sp(0), cells.dmc(1), cells.date(2));
        let removed = cells.optional(3, DATE, date);
        let (Some(s1sp), Some(dmc), Some(added), Some(removed)) = (s1sp, dmc, added, removed) else { return Ok(()) };
        if removed.is_some_and(|removed| removed < added) {
            cells.wrong(|| "Date Removed is earlier than Date Added".to_owned());
        }
        rows.push(EpclRow { s1sp, dmc, added, removed, line: cells.line() });
        Ok(())
    })?;
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        let (one, other) = (pair[0], pair[1]);
        let same = (one.s1sp, one.dmc) == (other.s1sp, other.dmc);
        if same && (one.added == other.added || one.removed.is_none_or(|removed| removed > other.added)) {
            let message = || {
                format!("{} for {} is in the list on {} by line {} too", other.dmc, other.s1sp, other.added, one.line)
            };
            errors.add(other.line, message);
        }
    }
    errors.finish(rows)
}
