//! Tables that DCC writes for suppliers and S1SPs: the same rows as CSV or as a workbook, the same bytes each time.
//!
//! Rows are written as they come, so a response of a million rows needs no more memory than one of ten. Every text is
//! made harmless for a spreadsheet (see [`crate::text::harmless`]).

mod rows;

use crate::layout::Layout;
use crate::template::{Formats, TemplateError, head, new_workbook};
use crate::text::{csv_line, push_harmless_csv};
use jiff::civil::Date;
pub use rows::{DemandResponseRow, EligibleRow, NoticeRow, ProposedRow, ResponseRow, ScheduleRow, StopRow};
use rust_xlsxwriter::{Worksheet, XlsxError};
use std::fmt::{Display, Write as _};
use std::io::Write;

/// A row of a table that is written.
pub trait WriteRow {
    /// The sheet and the columns of its table.
    const LAYOUT: Layout;

    /// Writes the cells in the order of the columns.
    fn cells(&self, line: &mut Line<'_>);
}

/// The line that a row is written to, cell by cell.
pub struct Line<'a> {
    target: Target<'a>,
    column: u16,
}

enum Target<'a> {
    Csv(&'a mut String),
    Sheet(&'a mut Sheet<'a>, &'a mut String),
}

/// A sheet of a workbook, and the first thing that went wrong with it.
struct Sheet<'a> {
    worksheet: &'a mut Worksheet,
    formats: &'a Formats,
    row: u32,
    failed: Option<XlsxError>,
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

/// How much text is gathered before it is handed on.
const GATHERED: usize = 64 << 10;

/// Writes rows as CSV as they come.
pub struct CsvWriter<W: Write> {
    out: W,
    gathered: String,
}

impl<W: Write> CsvWriter<W> {
    /// A table that so far has its header.
    #[must_use]
    pub fn new<R: WriteRow>(out: W) -> Self {
        let mut gathered = String::with_capacity(GATHERED + (GATHERED >> 2));
        gathered.push_str(&csv_line(R::LAYOUT.columns.iter().copied()));
        Self { out, gathered }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn row<R: WriteRow>(&mut self, row: &R) -> std::io::Result<()> {
        row.cells(&mut Line { target: Target::Csv(&mut self.gathered), column: 0 });
        self.gathered.push('\n');
        if self.gathered.len() >= GATHERED {
            self.out.write_all(self.gathered.as_bytes())?;
            self.gathered.clear();
        }
        Ok(())
    }

    /// Writes what is still gathered and gives back where it went.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> std::io::Result<W> {
        self.out.write_all(self.gathered.as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Rows as CSV.
///
/// # Errors
/// If they cannot be written.
pub fn write_csv<R: WriteRow>(rows: impl IntoIterator<Item = R>, out: impl Write) -> std::io::Result<()> {
    let mut writer = CsvWriter::new::<R>(out);
    rows.into_iter().try_for_each(|row| writer.row(&row))?;
    writer.finish().map(drop)
}

/// Rows as a workbook; its cells go through a temporary file without a name.
///
/// # Errors
/// If it cannot be made, or has more rows than a workbook can have.
pub fn write_workbook<R: WriteRow>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, TemplateError> {
    let mut book = new_workbook()?;
    let worksheet = book.add_worksheet_with_constant_memory()?;
    head(worksheet, &R::LAYOUT)?;
    let (formats, mut scratch) = (Formats::new(), String::new());
    for (row, cells) in (1..).zip(rows) {
        let mut sheet = Sheet { worksheet, formats: &formats, row, failed: None };
        sheet_row(&mut sheet, &mut scratch, &cells)?;
    }
    Ok(book.save_to_buffer()?)
}

fn sheet_row<'a, R: WriteRow>(sheet: &'a mut Sheet<'a>, scratch: &'a mut String, row: &R) -> Result<(), XlsxError> {
    let mut line = Line { target: Target::Sheet(sheet, scratch), column: 0 };
    row.cells(&mut line);
    match line.target {
        Target::Sheet(sheet, _) => sheet.failed.take().map_or(Ok(()), Err),
        Target::Csv(_) => Ok(()),
    }
}

#[cfg(test)]
#[path = "written/tests.rs"]
mod tests;
