//! Reports as workbooks: a sheet that explains, one for each table, and one with the charts.

use super::chart::Chart;
use super::content::{Cell, Column, Kind, Report, Table};
use super::native::draw;
use crate::sheet::{TemplateError, excel_date, new_workbook, printable};
use crate::text::harmless;
use jiff::Timestamp;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};
use sluice_rules::calendar::LONDON;

const ABOUT: &str = "About";
const CHARTS: &str = "Charts";

/// The colour of what must not be overlooked.
const WARNING: u32 = 0xB3_261E;

/// The widest column of words, in characters; longer ones wrap.
const WIDEST: usize = 60;

/// The height of a line of text, in points.
const LINE: u32 = 15;

impl Report {
    /// The report as a workbook.
    ///
    /// # Errors
    /// If it cannot be made, or has more rows than a workbook can have.
    pub fn workbook(&self) -> Result<Vec<u8>, TemplateError> {
        let mut book = new_workbook()?;
        about(self, book.add_worksheet())?;
        for table in &self.tables {
            let sheet = book.add_worksheet();
            sheet.set_name(sheet_name(table))?;
            sheet_of(sheet, self, table)?;
        }
        let charts: Vec<&Chart> = self.tables.iter().flat_map(|table| &table.charts).collect();
        let charts: Vec<&Chart> = charts.into_iter().filter(|chart| !chart.bars.is_empty()).collect();
        if !charts.is_empty() {
            let sheet = book.add_worksheet();
            sheet.set_name(CHARTS)?;
            let title = format!("{}: charts", self.title);
            on_paper(sheet, self, &title);
            let first = head_of(sheet, self, &title)?;
            draw(sheet, CHARTS, first, &charts)?;
        }
        Ok(book.save_to_buffer()?)
    }
}

/// A sheet's name has up to 31 characters.
fn sheet_name(table: &Table) -> &str {
    table.title.char_indices().nth(31).map_or(table.title, |(end, _)| &table.title[..end])
}

struct Formats {
    head: Format,
    head_figure: Format,
    word: Format,
    date: Format,
    figure: Format,
    total: bool,
}

impl Formats {
    fn new(total: bool) -> Self {
        let head = Format::new()
            .set_bold()
            .set_background_color("#DCE6F0")
            .set_border_bottom(FormatBorder::Medium)
            .set_text_wrap()
            .set_align(FormatAlign::Bottom);
        let plain =
            || if total { Format::new().set_bold().set_border_bottom(FormatBorder::Thin) } else { Format::new() };
        // Figures keep off the next column; in the row that filters they leave room for its button.
        let indent = if total { 2 } else { 1 };
        Self {
            head_figure: head.clone().set_align(FormatAlign::Right).set_indent(1),
            head,
            word: plain().set_text_wrap().set_align(FormatAlign::Top),
            date: plain().set_align(FormatAlign::Top).set_align(FormatAlign::Left),
            figure: plain().set_align(FormatAlign::Top).set_align(FormatAlign::Right).set_indent(indent),
            total,
        }
    }

    fn cell(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        let figure = |format: &str| self.figure.clone().set_num_format(format);
        match cell {
            Cell::Empty if self.total => sheet.write_blank(row, column, &self.figure)?,
            Cell::Empty => sheet,
            Cell::Text(text) => sheet.write_string_with_format(row, column, &*harmless(text), &self.word)?,
            Cell::Number(number) => match u32::try_from(*number) {
                Ok(number) => sheet.write_number_with_format(row, column, number, &figure("#,##0"))?,
                // Beyond what a workbook holds exactly.
                Err(_) => sheet.write_string_with_format(row, column, number.to_string(), &self.figure)?,
            },
            Cell::Share { part, whole } => match Cell::per_mille(*part, *whole) {
                Some(share) => {
                    decimal(sheet, (row, column), &format!("{}.{:03}", share / 1000, share % 1000), &figure("0.0%"))?
                }
                None => sheet,
            },
            Cell::Decimal { places, .. } => {
                let places = usize::try_from(*places).unwrap_or(0);
                decimal(sheet, (row, column), &cell.plain(), &figure(&decimals(places)))?
            }
            Cell::Date(date) => sheet.write_datetime_with_format(
                row,
                column,
                excel_date(*date)?,
                &self.date.clone().set_num_format("ddd d mmm yyyy"),
            )?,
            Cell::Moment(moment) => sheet.write_datetime_with_format(
                row,
                column,
                excel_moment(*moment)?,
                &self.date.clone().set_num_format("hh:mm \"on\" ddd d mmm yyyy"),
            )?,
        };
        Ok(())
    }
}

/// The format of a number with decimals, by threes as on pages.
fn decimals(places: usize) -> String {
    let groups: Vec<String> = (0..places).step_by(3).map(|from| "0".repeat((places - from).min(3))).collect();
    format!("0.{}", groups.join("\" \""))
}

/// A number with decimals, from its digits: nothing is computed with it.
fn decimal<'a>(
    sheet: &'a mut Worksheet,
    (row, column): (u32, u16),
    digits: &str,
    format: &Format,
) -> Result<&'a mut Worksheet, XlsxError> {
    match digits.parse::<f64>() {
        Ok(number) => sheet.write_number_with_format(row, column, number, format),
        Err(_) => sheet.write_string_with_format(row, column, digits, format),
    }
}

fn excel_moment(moment: Timestamp) -> Result<ExcelDateTime, XlsxError> {
    let local = moment.to_zoned(LONDON).datetime();
    let part = |part: i8| part.unsigned_abs();
    excel_date(local.date())?.and_hms(u16::from(part(local.hour())), part(local.minute()), part(local.second()))
}

/// What stands above the header of a sheet: title, frame and remark; gives the next row.
fn head_of(sheet: &mut Worksheet, report: &Report, title: &str) -> Result<u32, XlsxError> {
    let bold = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, title, &bold)?;
    sheet.write_string(1, 0, report.frame())?;
    let Some(remark) = &report.remark else { return Ok(3) };
    sheet.write_string_with_format(2, 0, remark, &Format::new().set_bold().set_font_color(WARNING))?;
    Ok(4)
}

/// What stands on each sheet of paper: title and reader above, the moment of the data and the number of the page below.
fn on_paper(sheet: &mut Worksheet, report: &Report, title: &str) {
    // An & begins a command there, and there is room for 255 characters.
    let plain = |words: &str| words.replace('&', "&&").chars().take(110).collect::<String>();
    printable(sheet);
    let remark = report.remark.as_ref().map_or("", |_| ", invented or for training");
    sheet.set_header(format!("&L&B{}&B{remark}&Rfor {}", plain(title), plain(&report.reader)));
    sheet.set_footer(format!("&L{}, data of {}&RPage &P of &N", plain(&report.period), plain(&report.as_of_words())));
}

fn sheet_of(sheet: &mut Worksheet, report: &Report, table: &Table) -> Result<(), XlsxError> {
    let title = format!("{}: {}", report.title, lower(table.title));
    on_paper(sheet, report, &title);
    let (formats, totals) = (Formats::new(false), Formats::new(true));
    let total = table.total_row();
    let widths: Vec<usize> = (0..table.columns.len()).map(|place| width(table, total.as_ref(), place)).collect();
    let header = head_of(sheet, report, &title)?;
    let mut head_lines = 1;
    for ((column, place), &width) in (0_u16..).zip(&table.columns).zip(&widths) {
        let format = if place.kind.is_figure() { &formats.head_figure } else { &formats.head };
        sheet.write_string_with_format(header, column, place.name, format)?;
        sheet.set_column_width(column, u32::try_from(width).unwrap_or(20))?;
        head_lines = head_lines.max(lines(place.name, width));
    }
    sheet.set_row_height(header, LINE * head_lines)?;
    // Totals come first, below the names of their columns. What filters and sorts begins with them, so it never takes them along.
    let mut above = header;
    if let Some(cells) = &total {
        above += 1;
        line_of(sheet, above, cells, &totals, &widths)?;
    }
    sheet.set_freeze_panes(above + 1, 1)?;
    sheet.set_repeat_rows(header, header)?;
    for (row, cells) in (above + 1..).zip(&table.rows) {
        line_of(sheet, row, cells, &formats, &widths)?;
    }
    if table.rows.is_empty() {
        sheet.write_string(above + 1, 0, table.empty)?;
    } else {
        let last = above + u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        sheet.autofilter(above, 0, last, u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(0))?;
    }
    Ok(())
}

fn line_of(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[Cell],
    formats: &Formats,
    widths: &[usize],
) -> Result<(), XlsxError> {
    let mut high = 1;
    for ((column, cell), &width) in (0_u16..).zip(cells).zip(widths) {
        formats.cell(sheet, row, column, cell)?;
        if let Cell::Text(text) = cell {
            high = high.max(lines(text, width));
        }
    }
    // Not every program makes a row as high as its text.
    if high > 1 {
        sheet.set_row_height(row, LINE * high.min(20))?;
    }
    Ok(())
}

/// A title within a line.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// How many lines a text takes in a column of so many characters, broken between words; a little is left at the edge.
fn lines(text: &str, width: usize) -> u32 {
    let room = (width * 9 / 10).max(1);
    let (mut lines, mut used) = (1, 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines += 1;
            used = 0;
        }
        used += length + usize::from(used > 0);
        lines += used / (room + 1);
        used %= room + 1;
    }
    u32::try_from(lines).unwrap_or(1)
}

/// Wide enough for what stands in a column, and for the longest word of its heading.
fn width(table: &Table, total: Option<&Vec<Cell>>, place: usize) -> usize {
    let Column { name, kind, .. } = &table.columns[place];
    // What is indented needs room beside it, more so in the row of totals; bold letters are wider.
    let word = name.split(' ').map(str::len).max().unwrap_or(0) * 6 / 5 + 5;
    let rows = table.rows.iter().chain(total).filter_map(|row| row.get(place));
    let cells = rows.map(|cell| cell.shown().chars().count());
    let longest = cells.max().unwrap_or(0);
    // As wide as [`lines`] counts it in one.
    let most = if matches!(kind, Kind::Text) { longest * 10 / 9 + 2 } else { longest + 5 };
    let least = if matches!(kind, Kind::Text) { 10 } else { 11 };
    most.max(word).clamp(least, WIDEST)
}

/// The sheet that says what the report is and what its columns count.
fn about(report: &Report, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name(ABOUT)?;
    on_paper(sheet, report, report.title);
    sheet.set_column_width(0, 26)?;
    sheet.set_column_width(1, 100)?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let title = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, report.title, &title)?;
    let mut row = 2;
    let mut line = |head: &str, words: &str, format: &Format| -> Result<(), XlsxError> {
        sheet.write_string_with_format(row, 0, head, format)?;
        sheet.write_string_with_format(row, 1, &*harmless(words), &wrapped)?;
        sheet.set_row_height(row, LINE * lines(words, 100).min(20))?;
        row += 1;
        Ok(())
    };
    line("Found", &report.verdict, &bold)?;
    if let Some(remark) = &report.remark {
        line("Remark", remark, &bold)?;
    }
    for (index, words) in report.about.iter().enumerate() {
        line(if index == 0 { "What it shows" } else { "" }, words, &bold)?;
    }
    line("Days", &report.period, &bold)?;
    line("S1SPs", &report.s1sps, &bold)?;
    line("Reader", &report.reader, &bold)?;
    line("Data of", &report.as_of_words(), &bold)?;
    for (index, note) in report.notes.iter().enumerate() {
        line(if index == 0 { "Notes" } else { "" }, note, &bold)?;
    }
    for table in &report.tables {
        line("", "", &bold)?;
        line(table.title, table.about, &bold)?;
        for column in &table.columns {
            line(column.name, column.about, &wrapped)?;
        }
    }
    line("", "", &bold)?;
    line(
        "Rule",
        "REP-1. Nothing here is the text of the MSM or the MAM; docs/rules of Sluice says which rule is whose.",
        &bold,
    )
}
