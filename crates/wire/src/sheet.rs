//! Tables in workbooks that Sluice writes: the same bytes each time.

use crate::layout::Layout;
use crate::text::harmless;
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

/// A workbook that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be made: {0}")]
pub struct TemplateError(#[from] XlsxError);

/// A cell that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Left to be filled in.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A date.
    Date(Date),
}

/// The number of the paper size.
const A4: u8 = 9;

impl Cell {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => harmless(text).into_owned(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }
}

/// A table as a workbook.
///
/// # Errors
/// If the workbook cannot be made.
pub(crate) fn workbook(layout: &Layout, rows: &[Vec<Cell>]) -> Result<Vec<u8>, TemplateError> {
    let mut book = new_workbook()?;
    table(book.add_worksheet(), layout, rows)?;
    Ok(book.save_to_buffer()?)
}

/// The date of making is fixed: the same inputs must give the same bytes.
pub(crate) fn new_workbook() -> Result<Workbook, TemplateError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2021, 7, 2)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    Ok(book)
}

pub(crate) fn excel_date(date: Date) -> Result<ExcelDateTime, XlsxError> {
    let unsigned = |value: i8| value.unsigned_abs();
    ExcelDateTime::from_ymd(date.year().unsigned_abs(), unsigned(date.month()), unsigned(date.day()))
}

/// On paper a sheet is as wide as a page, its header on each of them.
pub(crate) fn printable(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
}

/// The header and the rows; numbers beyond what a workbook holds exactly are written as text.
pub(crate) fn table(sheet: &mut Worksheet, layout: &Layout, rows: &[Vec<Cell>]) -> Result<(), TemplateError> {
    head(sheet, layout)?;
    let formats = Formats::new();
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => formats.text(sheet, row, column, text)?,
                Cell::Number(number) => formats.number(sheet, row, column, *number)?,
                Cell::Date(date) => formats.date(sheet, row, column, *date)?,
            }
        }
    }
    Ok(())
}

/// The width of a column of sentences, in characters.
const WIDE: u32 = 80;

/// The height of a line of text, in points.
const LINE: u32 = 15;

/// The name of a sheet, how it is printed, and its header.
pub(crate) fn head(sheet: &mut Worksheet, layout: &Layout) -> Result<(), XlsxError> {
    sheet.set_name(layout.sheet)?;
    printable(sheet);
    let head = Format::new()
        .set_bold()
        .set_background_color("#DCE6F0")
        .set_border_bottom(FormatBorder::Medium)
        .set_text_wrap();
    for (column, name) in (0_u16..).zip(layout.columns) {
        sheet.write_string_with_format(0, column, *name, &head)?;
        let width = match *name {
            "Derivation" | "Message" => WIDE,
            // As wide as what stands in them.
            "CHF Device ID" => 25,
            name => u32::try_from(name.len()).unwrap_or(20).max(12) + 3,
        };
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// How the cells of a table are written.
pub(crate) struct Formats {
    date: Format,
    wrapped: Format,
    /// Is a row made as high as its longest text?
    pub(crate) heights: bool,
}

impl Formats {
    pub(crate) fn new() -> Self {
        let (date, wrapped) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_text_wrap());
        Self { date, wrapped, heights: true }
    }

    /// A text, made harmless; a long one in several lines.
    pub(crate) fn text(&self, sheet: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        let text = harmless(text);
        if text.len() > 40 {
            if self.heights {
                // Not every program makes a row as high as its text.
                let lines = u32::try_from(text.chars().count()).unwrap_or(u32::MAX).div_ceil(WIDE - WIDE / 10);
                sheet.set_row_height(row, LINE * lines.min(20))?;
            }
            sheet.write_string_with_format(row, column, &*text, &self.wrapped)?;
        } else {
            sheet.write_string(row, column, &*text)?;
        }
        Ok(())
    }

    /// A number; beyond what a workbook holds exactly, as text.
    pub(crate) fn number(&self, sheet: &mut Worksheet, row: u32, column: u16, number: i64) -> Result<(), XlsxError> {
        match i32::try_from(number) {
            Ok(number) => sheet.write_number(row, column, number)?,
            Err(_) => sheet.write_string(row, column, number.to_string())?,
        };
        Ok(())
    }

    /// A date as a date.
    pub(crate) fn date(&self, sheet: &mut Worksheet, row: u32, column: u16, date: Date) -> Result<(), XlsxError> {
        sheet.write_datetime_with_format(row, column, excel_date(date)?, &self.date)?;
        Ok(())
    }
}
