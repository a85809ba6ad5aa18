//! The cells of a row, and the list of what is wrong in a table.

use crate::finding::FileFinding;
use crate::hints;
use crate::layout::Layout;
use crate::limits::{Limits, Reading};
use crate::reference::LIMITS;
use crate::source::{Content, format};
use crate::table::{Record, read};
use crate::text::shown;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use sluice_rules::codes::FileCode;
use sluice_rules::installation::{Dmc, Fuel, Mpid};
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::point::{Mpan, MpanError, Mprn};
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

/// The wrong rows of a table that are listed; further ones are counted.
pub const LISTED: usize = 1_000;

/// Why a table is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableErrors {
    /// The file as a whole cannot be used.
    #[error("{0}")]
    Whole(String),
    /// Rows are wrong.
    #[error("{0}")]
    Rows(RowErrors),
}

/// Wrong rows, in the order of their lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowErrors {
    /// Line numbers, each with what is wrong in it; a line can stand more than once. The first [`LISTED`] of them.
    pub rows: Vec<(u64, String)>,
    /// How many there are.
    pub total: u64,
}

impl fmt::Display for RowErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.total;
        let Some((line, message)) = self.rows.first() else { return write!(f, "{count} rows are wrong") };
        write!(f, "line {line}: {message}")?;
        if count > 1 { write!(f, " (the first of {count} errors)") } else { Ok(()) }
    }
}

impl RowErrors {
    /// Adds what is wrong in a line.
    pub fn add(&mut self, line: u64, message: impl FnOnce() -> String) {
        self.total += 1;
        if self.rows.len() < LISTED {
            self.rows.push((line, message()));
        }
    }

    /// Puts what was found by several checks in the order of the lines.
    pub(super) fn finish<T>(mut self, table: T) -> Result<T, TableErrors> {
        if self.total == 0 {
            return Ok(table);
        }
        self.rows.sort_by_key(|(line, _)| *line);
        Err(TableErrors::Rows(self))
    }
}

/// What a caller says of a row that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowProblem {
    /// The row is wrong, and this is why.
    Wrong(String),
    /// Reading cannot go on, whatever the rows say.
    Stop(String),
}

/// A row of a table, and the list of what is wrong in it.
pub(super) struct Cells<'a> {
    pub(super) record: &'a Record<'a>,
    layout: &'a Layout,
    errors: &'a mut RowErrors,
}

impl Cells<'_> {
    pub(super) fn line(&self) -> u64 {
        self.record.number()
    }

    pub(super) fn wrong(&mut self, message: impl FnOnce() -> String) {
        self.errors.add(self.record.number(), message);
    }

    pub(super) fn is_empty(&self, column: usize) -> bool {
        self.record.field(column).is_empty()
    }

    pub(super) fn name(&self, column: usize) -> &'static str {
        self.layout.columns[column]
    }

    /// A cell that must not be empty.
    pub(super) fn get<T>(&mut self, column: usize, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.get_with(column, expected, parse, |_, _| None)
    }

    /// The same, with what can be said of a text that cannot be read.
    fn get_with<T>(
        &mut self,
        column: usize,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        hint: impl FnOnce(&str, Reading) -> Option<String>,
    ) -> Option<T> {
        let (text, name) = (self.record.field(column), self.name(column));
        let reading = self.record.reading();
        let value = parse(text);
        if value.is_none() {
            self.errors.add(self.record.number(), || match text {
                "" => format!("{name} must not be empty"),
                text => {
                    format!("{name} '{}' is not {expected}{}", shown(text), hint(text, reading).unwrap_or_default())
                }
            });
        }
        value
    }

    /// A cell that may be empty: nothing inside, or nothing at all if it is wrong.
    #[allow(clippy::option_option)]
    pub(super) fn optional<T>(
        &mut self,
        column: usize,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.is_empty(column) { Some(None) } else { self.get(column, expected, parse).map(Some) }
    }

    /// A text that must not be empty.
    pub(super) fn text(&mut self, column: usize) -> Option<String> {
        self.get(column, "a text", |text| (!text.is_empty()).then(|| text.to_owned()))
    }

    /// Values between blanks.
    pub(super) fn list<T: FromStr>(&mut self, column: usize, expected: &str) -> Option<Vec<T>> {
        let record = self.record;
        let mut values = Some(Vec::new());
        for word in record.field(column).split_whitespace() {
            let value = word.parse();
            match (&mut values, value) {
                (Some(values), Ok(value)) => values.push(value),
                (_, Err(_)) => {
                    let name = self.name(column);
                    self.wrong(|| format!("{name}: '{}' is not {expected}", shown(word)));
                    values = None;
                }
                (None, Ok(_)) => {}
            }
        }
        values
    }

    pub(super) fn eui(&mut self, column: usize) -> Option<Eui64> {
        self.get_with(column, EUI, |text| text.parse().ok(), hints::of_eui64)
    }

    pub(super) fn mpan(&mut self, column: usize) -> Option<Mpan> {
        let hint = |text: &str, reading| match text.parse::<Mpan>() {
            Err(rounded @ MpanError::Rounded) => Some(format!(": {rounded}")),
            _ => hints::of_mpan(text, reading),
        };
        self.get_with(column, MPAN, |text| text.parse().ok(), hint)
    }

    pub(super) fn mprn(&mut self, column: usize) -> Option<Mprn> {
        self.get_with(column, MPRN, |text| text.parse().ok(), hints::of_mprn)
    }

    pub(super) fn s1sp(&mut self, column: usize) -> Option<S1sp> {
        self.get(column, S1SP, |text| text.parse().ok())
    }

    pub(super) fn dmc(&mut self, column: usize) -> Option<Dmc> {
        self.get(column, "a Device Model Combination: 1 to 32 letters, digits and . _ / -", |text| text.parse().ok())
    }

    pub(super) fn mpid(&mut self, column: usize) -> Option<Mpid> {
        self.get(column, MPID, |text| text.parse().ok())
    }

    pub(super) fn date(&mut self, column: usize) -> Option<Date> {
        let record = self.record;
        self.get_with(column, DATE, |text| record.date(text), hints::of_date)
    }

    pub(super) fn fuel(&mut self, column: usize) -> Option<Fuel> {
        self.get(column, FUEL, |text| text.parse().ok())
    }
}

pub(super) const EUI: &str = "an EUI-64 such as 70-B3-D5-1F-30-00-A0-08";
pub(super) const MPAN: &str = "an MPAN of 13 digits with a right check digit";
pub(super) const MPRN: &str = "an MPRN of 6 to 10 digits";
pub(super) const S1SP: &str = "an S1SP: 1 to 16 letters and digits";
pub(super) const MPID: &str = "an MPID: three or four letters and digits";
pub(super) const DATE: &str = "a date such as 2021-07-26";
pub(super) const FUEL: &str = "ELECTRICITY or GAS";

/// Reads a table row by row; `on_row` gives nothing for a row in which something is wrong.
pub(super) fn each_row(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
    layout: &Layout,
    errors: &mut RowErrors,
    mut on_row: impl FnMut(&mut Cells<'_>) -> Result<(), RowProblem>,
) -> Result<(), TableErrors> {
    let whole = |finding: FileFinding| TableErrors::Whole(finding.message);
    let format = format(extension, false, reading, content).map_err(whole)?;
    let limits = Limits { reading, ..LIMITS };
    let taken = read(content, format, layout, &limits, &mut |record| {
        let mut cells = Cells { record, layout, errors };
        match on_row(&mut cells) {
            Ok(()) => Ok(()),
            Err(RowProblem::Wrong(message)) => {
                cells.wrong(|| message);
                Ok(())
            }
            // The code is not shown: it is not a supplier's file.
            Err(RowProblem::Stop(message)) => Err(FileFinding::new(FileCode::FI14, message)),
        }
    });
    taken.map_err(whole).map(drop)
}

/// Reads a table that is small enough to be held.
pub(super) fn table<R>(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
    layout: &Layout,
    mut row: impl FnMut(&mut Cells<'_>) -> Option<R>,
) -> Result<Vec<R>, TableErrors> {
    let (mut rows, mut errors) = (Vec::new(), RowErrors::default());
    each_row(extension, content, reading, layout, &mut errors, |cells| {
        rows.extend(row(cells));
        Ok(())
    })?;
    errors.finish(rows)
}

/// What may stand in a table only once, and the line in which it stands first.
pub(super) struct Once<K>(FxHashMap<K, u64>);

impl<K: Hash + Eq> Once<K> {
    pub(super) fn new() -> Self {
        Self(FxHashMap::default())
    }

    /// Notes a key; one that was there before is an error that names both lines.
    pub(super) fn check(&mut self, cells: &mut Cells<'_>, key: K, what: impl FnOnce() -> String) {
        let line = cells.line();
        match self.0.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(line);
            }
            Entry::Occupied(entry) => cells.wrong(|| repeated(&what(), *entry.get(), line)),
        }
    }
}

/// The words for what stands in a line and stood in one before.
pub(super) fn repeated(what: &str, first: u64, line: u64) -> String {
    if first == line {
        format!("{what} stands twice in this line")
    } else {
        format!("{what} stands in line {first} too")
    }
}
