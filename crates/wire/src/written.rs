//! Tables that DCC writes for suppliers and S1SPs: the same rows as CSV or as a workbook, the same bytes each time.
//!
//! Rows are written as they come, so a response of a million rows needs no more memory than one of ten. Every text is
//! made harmless for a spreadsheet (see [`crate::text::harmless`]).

mod line;
mod rows;

use crate::sheet::{Formats, TemplateError, head, new_workbook};
use crate::text::csv_line;
use line::{Sheet, Target};
use rust_xlsxwriter::XlsxError;
use std::io::Write;

pub use line::{Line, WriteRow};
pub use rows::{DemandResponseRow, EligibleRow, NoticeRow, ProposedRow, ResponseRow, ScheduleRow, StopRow};

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

/// How high the last row of a workbook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastRow {
    /// As its words need it: the program that opens the workbook sees to it.
    Fitted,
    /// As this program wrote it once: the row stands there twice if it is a high one, the second time empty. What was issued so is
    /// made so again.
    Twice,
}

/// Rows as a workbook; its cells go through a temporary file without a name.
///
/// # Errors
/// If it cannot be made, or has more rows than a workbook can have.
pub fn write_workbook<R: WriteRow>(rows: impl IntoIterator<Item = R>, last: LastRow) -> Result<Vec<u8>, TemplateError> {
    let mut book = new_workbook()?;
    let worksheet = book.add_worksheet_with_constant_memory()?;
    head(worksheet, &R::LAYOUT)?;
    let (mut formats, mut scratch) = (Formats::new(), String::new());
    let mut rows = (1..).zip(rows).peekable();
    while let Some((row, cells)) = rows.next() {
        // The library writes a row twice that is the last one and has a height.
        formats.heights = last == LastRow::Twice || rows.peek().is_some();
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
