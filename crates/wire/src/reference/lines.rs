//! The lines of DCC's own tables: their fields read with words for what is wrong in them, and lines written below a header.

use crate::finding::FileFinding;
use crate::hints;
use crate::layout::Layout;
use crate::limits::{Limits, Reading};
use crate::source::{Content, format};
use crate::table::{Record, read};
use crate::text::shown;
use jiff::civil::Date;
use sluice_rules::codes::FileCode;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::{MAX_BALANCE, MAX_UNITS, is_again};
use std::collections::BTreeMap;

/// A table that cannot be used; the display names the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TableError(pub(super) String);

/// DCC's own tables may be as large as a whole programme.
pub(crate) const LIMITS: Limits = Limits {
    rows: 100_000_000,
    inflated: 16 << 30,
    cell: 32_767,
    members: 64,
    workbook_members: 4_096,
    entries: u64::MAX,
    texts: usize::MAX,
    shown: u64::MAX,
    words: usize::MAX,
    reading: Reading::Now,
};

/// A record of a table, with the words for what is wrong in it.
pub(super) struct Fields<'a> {
    pub(super) record: &'a Record<'a>,
    layout: &'a Layout,
}

impl Fields<'_> {
    pub(super) fn get<T>(
        &self,
        column: usize,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, FileFinding> {
        let text = self.record.field(column);
        parse(text).ok_or_else(|| self.not(column, expected, ""))
    }

    /// MSM-12, MSM-13: a line of a refill or a cut, known by its derivation, says what was shared then, of the days that it changed.
    pub(super) fn must_be_of_all(&self, derivation: usize) -> Result<(), FileFinding> {
        if is_again(self.record.field(derivation)) {
            let words = "it is of a refill or a cut, so it says what was shared then, and not what you have of each day; \
                         sluice week show says that";
            return Err(self.wrong(words.to_owned()));
        }
        Ok(())
    }

    /// What stands in a column is not what belongs there.
    fn not(&self, column: usize, expected: &str, hint: &str) -> FileFinding {
        let (name, text) = (self.layout.columns[column], shown(self.record.field(column)));
        self.wrong(format!("{name} '{text}' is not {expected}{hint}"))
    }

    pub(super) fn wrong(&self, message: String) -> FileFinding {
        // The code is not shown: it is not a supplier's file.
        FileFinding::new(FileCode::FI14, format!("line {}: {message}", self.record.number()))
    }

    pub(super) fn party(&self, column: usize) -> Result<Party, FileFinding> {
        self.get(column, "a party: 1 to 16 letters and digits", |text| text.parse().ok())
    }

    pub(super) fn s1sp(&self, column: usize) -> Result<S1sp, FileFinding> {
        self.get(column, "an S1SP: 1 to 16 letters and digits", |text| text.parse().ok())
    }

    pub(super) fn date(&self, column: usize) -> Result<Date, FileFinding> {
        let text = self.record.field(column);
        self.record.date(text).ok_or_else(|| {
            let hint = self.record.reading().hint(|| hints::of_date(text, self.record.reading()));
            self.not(column, "a date such as 2021-07-26", &hint)
        })
    }

    pub(super) fn balance(&self, column: usize) -> Result<i64, FileFinding> {
        self.get(column, "a whole number of nano-installations within 64 bits", |text| {
            text.parse().ok().filter(|balance: &i64| balance.unsigned_abs() <= MAX_BALANCE.unsigned_abs())
        })
    }

    pub(super) fn units(&self, column: usize) -> Result<u64, FileFinding> {
        self.get(column, "a whole number from 0 to 1,000,000,000", |text| {
            text.parse().ok().filter(|&units: &u64| units <= MAX_UNITS && !text.starts_with('+'))
        })
    }
}

pub(super) fn rows(
    extension: &str,
    content: &mut dyn Content,
    layout: &Layout,
    on_row: impl FnMut(&Fields<'_>) -> Result<(), FileFinding>,
) -> Result<(), TableError> {
    rows_as(Reading::Now, extension, content, layout, on_row)
}

pub(super) fn rows_as(
    reading: Reading,
    extension: &str,
    content: &mut dyn Content,
    layout: &Layout,
    mut on_row: impl FnMut(&Fields<'_>) -> Result<(), FileFinding>,
) -> Result<(), TableError> {
    let wrong = |finding: FileFinding| TableError(finding.message);
    let format = format(extension, false, reading, content).map_err(wrong)?;
    let limits = Limits { reading, ..LIMITS };
    read(content, format, layout, &limits, &mut |record| on_row(&Fields { record, layout })).map_err(wrong).map(drop)
}

/// Adds what may stand only once.
pub(super) fn insert<K: Ord, V>(
    map: &mut BTreeMap<K, V>,
    fields: &Fields<'_>,
    key: K,
    value: V,
    what: &str,
) -> Result<(), FileFinding> {
    match map.insert(key, value) {
        None => Ok(()),
        Some(_) => Err(fields.wrong(format!("{what} stands in an earlier line too"))),
    }
}

/// A table of lines below its header.
pub(super) fn headed(layout: &Layout, lines: impl Iterator<Item = String>) -> String {
    std::iter::once(crate::text::csv_line(layout.columns.iter().copied())).chain(lines).collect()
}
