//! The line that a row is written to.

use crate::layout::Layout;
use crate::sheet::Formats;
use crate::text::push_harmless_csv;
use jiff::civil::Date;
use rust_xlsxwriter::{Worksheet, XlsxError};
use std::fmt::{Display, Write as _};

/// A row of a table that is written.
pub trait WriteRow {
    /// The sheet and the columns of its table.
    const LAYOUT: Layout;

    /// Writes the cells in the order of the columns.
    fn cells(&self, line: &mut Line<'_>);
}

/// The line that a row is written to, cell by cell.
pub struct Line<'a> {
    pub(super) target: Target<'a>,
    pub(super) column: u16,
}

pub(super) enum Target<'a> {
    Csv(&'a mut String),
    Sheet(&'a mut Sheet<'a>, &'a mut String),
}

/// A sheet of a workbook, and the first thing that went wrong with it.
pub(super) struct Sheet<'a> {
    pub(super) worksheet: &'a mut Worksheet,
    pub(super) formats: &'a Formats,
    pub(super) row: u32,
    pub(super) failed: Option<XlsxError>,
}

impl Sheet<'_> {
    fn note(&mut self, result: Result<(), XlsxError>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }
}

impl Line<'_> {
    /// A text, made harmless; empty for an empty cell.
    pub fn text(&mut self, text: &str) {
        let column = self.next();
        match &mut self.target {
            Target::Csv(out) => push_harmless_csv(out, text),
            Target::Sheet(..) if text.is_empty() => {}
            Target::Sheet(sheet, _) => {
                let written = sheet.formats.text(sheet.worksheet, sheet.row, column, text);
                sheet.note(written);
            }
        }
    }

    /// What shows itself as a text of our own, such as a Device ID or a meter point; nothing for an empty cell.
    pub fn shown(&mut self, value: Option<impl Display>) {
        if let Target::Csv(out) = &mut self.target {
            if self.column > 0 {
                out.push(',');
            }
            self.column += 1;
            // Writing to a string does not fail.
            let _ = value.map_or(Ok(()), |value| write!(out, "{value}"));
            return;
        }
        let column = self.next();
        if let (Target::Sheet(sheet, scratch), Some(value)) = (&mut self.target, value) {
            scratch.clear();
            let _ = write!(scratch, "{value}");
            let written = sheet.formats.text(sheet.worksheet, sheet.row, column, scratch);
            sheet.note(written);
        }
    }

    /// A whole number; nothing for an empty cell.
    pub fn number(&mut self, number: Option<u64>) {
        let column = self.next();
        let Some(number) = number else { return };
        match &mut self.target {
            Target::Csv(out) => out.push_str(itoa::Buffer::new().format(number)),
            Target::Sheet(sheet, _) => {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                let written = sheet.formats.number(sheet.worksheet, sheet.row, column, number);
                sheet.note(written);
            }
        }
    }

    /// A whole number of either sign.
    pub fn signed(&mut self, number: i64) {
        let column = self.next();
        match &mut self.target {
            Target::Csv(out) => out.push_str(itoa::Buffer::new().format(number)),
            Target::Sheet(sheet, _) => {
                let written = sheet.formats.number(sheet.worksheet, sheet.row, column, number);
                sheet.note(written);
            }
        }
    }

    /// A date; nothing for an empty cell.
    pub fn date(&mut self, date: Option<Date>) {
        if let (Target::Sheet(sheet, _), Some(date)) = (&mut self.target, date) {
            let written = sheet.formats.date(sheet.worksheet, sheet.row, self.column, date);
            sheet.note(written);
            self.column += 1;
        } else {
            self.shown(date);
        }
    }

    /// Begins the next cell and names its column.
    fn next(&mut self) -> u16 {
        let column = self.column;
        if let (Target::Csv(out), true) = (&mut self.target, column > 0) {
            out.push(',');
        }
        self.column += 1;
        column
    }
}
