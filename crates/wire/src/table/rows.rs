//! Rows on their way from a reader to who takes them: the header is found, the limits are held.

use crate::finding::FileFinding;
use crate::hints;
use crate::layout::Layout;
use crate::limits::{Limits, Reading};
use crate::text::{date, full_date, shown};
use jiff::civil::Date;
use sluice_rules::codes::FileCode;

/// More columns than this are no table of ours, whatever they hold.
pub(super) const MAX_COLUMNS: usize = 256;

/// A row of cells, reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) number: u64,
    /// Is it hidden, or filtered out, in its sheet?
    pub(super) hidden: bool,
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
    /// Numbers too long for a spreadsheet, as they stand in the file: their places, and what their cells say otherwise.
    written: Vec<(usize, String)>,
    /// The bytes between two cells: none, or the comma of a plain line.
    gap: usize,
}

impl Row {
    pub(super) fn clear(&mut self, number: u64) {
        self.number = number;
        self.hidden = false;
        self.text.clear();
        self.ends.clear();
        self.written.clear();
        self.gap = 0;
    }

    /// Notes how the number of the last cell is written, where that is not what its cell says.
    pub(super) fn note_written(&mut self, text: &str) {
        self.written.push((self.ends.len().saturating_sub(1), text.to_owned()));
    }

    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Takes a whole row: its cells one after the other, and where each of them ends.
    pub(super) fn fill(&mut self, number: u64, text: &str, ends: &[usize]) {
        self.clear(number);
        self.text.push_str(text);
        self.ends.extend_from_slice(ends);
    }

    /// Takes a whole line whose cells stand between commas.
    pub(super) fn split(&mut self, number: u64, line: &str) {
        self.clear(number);
        self.text.push_str(line);
        self.ends.extend(memchr::memchr_iter(b',', line.as_bytes()));
        self.ends.push(line.len());
        self.gap = 1;
    }

    /// A cell as it was sent; empty beyond the last.
    pub(super) fn raw(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else { return "" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] + self.gap };
        self.text.get(start..end).unwrap_or_default()
    }

    /// A cell without outer blanks.
    fn cell(&self, index: usize) -> &str {
        let raw = self.raw(index);
        match raw.as_bytes() {
            [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => raw,
            _ => raw.trim(),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        (0..self.ends.len()).all(|index| self.cell(index).is_empty())
    }
}

/// A row below the header, its cells in the order of the layout.
pub struct Record<'a> {
    row: &'a Row,
    places: &'a [usize],
    reading: Reading,
}

impl Record<'_> {
    /// The line number that a person sees; the header is 1 in a plain file.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.row.number
    }

    /// How the file is read.
    pub(crate) fn reading(&self) -> Reading {
        self.reading
    }

    /// The date that a text of the row is, as the file is read.
    pub(crate) fn date(&self, text: &str) -> Option<Date> {
        if self.reading.is_earlier() { full_date(text) } else { date(text) }
    }

    /// The line number, and whether a person does not see the row.
    pub(crate) fn place(&self) -> String {
        let hidden = if self.row.hidden && !self.reading.is_earlier() { " (hidden)" } else { "" };
        format!("row {}{hidden}", self.row.number)
    }

    /// The cell of a column of the layout, without outer blanks.
    #[must_use]
    pub fn field(&self, column: usize) -> &str {
        self.places.get(column).map_or("", |&place| self.row.cell(place))
    }

    /// The same as it is written in the file, of a number that is longer than a spreadsheet shows it. Programs of before told such a
    /// number as it is read.
    #[must_use]
    pub fn written(&self, column: usize) -> &str {
        let place = self.places.get(column).filter(|_| self.reading.says_all());
        let written = place.and_then(|place| self.row.written.iter().find(|(other, _)| other == place));
        written.map_or_else(|| self.field(column), |(_, text)| text)
    }
}

/// Takes each row below the header.
pub(crate) type OnRecord<'a> = &'a mut dyn FnMut(&Record<'_>) -> Result<(), FileFinding>;

/// Finds the header, holds the row limit, and hands the rows on.
pub(super) struct Sink<'a, 'b> {
    layout: &'a Layout,
    limits: &'a Limits,
    on_record: OnRecord<'b>,
    pub(super) header: Option<Header>,
    /// Is it a workbook, whose cells have names?
    in_workbook: bool,
    rows: u64,
    hidden: u64,
    /// Bytes of all cells so far.
    shown: u64,
}

pub(super) struct Header {
    pub(super) width: usize,
    places: Vec<usize>,
    /// Columns between the others that have no name.
    unnamed: Vec<usize>,
}

impl<'a, 'b> Sink<'a, 'b> {
    pub(super) fn new(layout: &'a Layout, limits: &'a Limits, in_workbook: bool, on_record: OnRecord<'b>) -> Self {
        Self { layout, limits, on_record, header: None, in_workbook, rows: 0, hidden: 0, shown: 0 }
    }

    pub(super) fn row(&mut self, row: &Row) -> Result<(), FileFinding> {
        if row.is_blank() {
            return Ok(());
        }
        let Some(header) = &self.header else {
            self.header = Some(header(row, self.layout, self.limits.reading, self.in_workbook)?);
            return Ok(());
        };
        self.rows += 1;
        // FI09: no more rows than the limit.
        if self.rows > self.limits.rows {
            let message = format!("it has more than {} rows; split it into several files", self.limits.rows);
            return Err(FileFinding::new(FileCode::FI09, message));
        }
        // FI09: the inflated content, however often a part of it is shown.
        self.shown = self.shown.saturating_add(u64::try_from(row.text.len()).unwrap_or(u64::MAX));
        if self.shown > self.limits.shown {
            return Err(self.limits.over_size());
        }
        // FI14: what stands outside the columns has no meaning that could be trusted.
        if let Some(place) = (header.width..row.ends.len()).find(|&place| !row.cell(place).is_empty()) {
            return Err(self.beside(row, place));
        }
        if let Some(&place) = header.unnamed.iter().find(|&&place| !row.cell(place).is_empty())
            && !self.limits.reading.is_earlier()
        {
            return Err(self.beside(row, place));
        }
        self.hidden += u64::from(row.hidden);
        (self.on_record)(&Record { row, places: &header.places, reading: self.limits.reading })
    }

    /// FI14: something stands in no column of the table.
    fn beside(&self, row: &Row, place: usize) -> FileFinding {
        let text = shown(row.cell(place));
        let message = if self.in_workbook && !self.limits.reading.is_earlier() {
            let cell = cell_name(place, row.number);
            format!("cell {cell} holds '{text}', in no column of the table; take out what stands beside it")
        } else if self.header.as_ref().is_some_and(|header| place < header.width) {
            format!("row {} has '{text}' in field {}, which has no name in the header", row.number, place + 1)
        } else {
            let hint = self.limits.reading.hint(|| Some(format!(" (its field {} is '{text}')", place + 1)));
            format!("row {} has more fields than the header; a field with a comma needs quotes{hint}", row.number)
        };
        FileFinding::new(FileCode::FI14, message)
    }

    /// Ends the table; gives the number of hidden rows that were read.
    pub(super) fn finish(self) -> Result<u64, FileFinding> {
        if self.header.is_none() {
            let message =
                format!("it is empty; its first row must name the columns {}", self.layout.columns.join(", "));
            return Err(FileFinding::new(FileCode::FI22, message));
        }
        // FI22: a header alone says nothing.
        if self.rows == 0 && !self.layout.may_be_empty() {
            let then = if self.limits.reading.says_all() { "; if there should be some, export it again" } else { "" };
            return Err(FileFinding::new(FileCode::FI22, format!("it has no rows below the header{then}")));
        }
        Ok(self.hidden)
    }
}

/// FI14: every column of the layout once, in any order, without regard to case or outer blanks; no other.
fn header(row: &Row, layout: &Layout, reading: Reading, in_workbook: bool) -> Result<Header, FileFinding> {
    let mut places: Vec<Option<usize>> = vec![None; layout.columns.len()];
    let (mut problems, mut unnamed, mut meant) = (Vec::new(), Vec::new(), Vec::new());
    let mut width = 0;
    let cell = |place| reading.hint(|| in_workbook.then(|| format!(" (cell {})", cell_name(place, row.number))));
    for place in 0..row.ends.len() {
        let name = row.cell(place);
        if name.is_empty() {
            unnamed.push(place);
            continue;
        }
        width = place + 1;
        match layout.columns.iter().position(|column| column.eq_ignore_ascii_case(name)) {
            None => {
                let blank = if reading.says_all() { hints::of_column(name, layout) } else { None };
                meant.extend(blank.as_ref().map(|(column, _)| *column));
                let hint = blank.map(|(_, words)| words).unwrap_or_default();
                problems.push(format!("column '{}' is unknown{}{hint}", shown(name), cell(place)));
            }
            Some(column) if places[column].is_some() => {
                problems.push(format!("column '{name}' is repeated{}", cell(place)));
            }
            Some(column) => places[column] = Some(place),
        }
    }
    let known = !meant.is_empty() || places.iter().any(Option::is_some);
    let missing = (0..places.len()).filter(|column| places[*column].is_none() && !meant.contains(column));
    problems.extend(missing.map(|column| format!("column '{}' is missing", layout.columns[column])));
    if problems.is_empty() {
        unnamed.retain(|&place| place < width);
        return Ok(Header { width, places: places.into_iter().flatten().collect(), unnamed });
    }
    let count = problems.len();
    problems.truncate(4);
    let more = if count > 4 { format!("; and {} more", count - 4) } else { String::new() };
    let expected = layout.columns.join(", ");
    let hint = reading.hint(|| hints::of_header(row.cell(0), known, layout));
    let message = format!("{}{more}. Row {} must name exactly: {expected}{hint}", problems.join("; "), row.number);
    Err(FileFinding::new(FileCode::FI14, message))
}

/// The name of a cell in a sheet, such as `B5`; columns count from 0.
pub(super) fn cell_name(mut column: usize, row: u64) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or_default()));
        match column / 26 {
            0 => break,
            more => column = more - 1,
        }
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

/// FI09: the text of one cell; row 0 where the row is not known yet.
pub(super) fn check_cell(text: &str, limits: &Limits, row: u64) -> Result<(), FileFinding> {
    if text.len() > limits.cell && text.chars().count() > limits.cell {
        let place = if row == 0 { "it".to_owned() } else { format!("row {row}") };
        let message = format!("{place} has a cell of more than {} characters", limits.cell);
        return Err(FileFinding::new(FileCode::FI09, message));
    }
    Ok(())
}

/// FI09: a text that still grows; what is longer in bytes than a full cell can be is not held to its end.
pub(super) fn check_growing(text: &str, limits: &Limits, row: u64) -> Result<(), FileFinding> {
    const LONGEST_CHARACTER: usize = 4;
    if text.len() > limits.cell.saturating_mul(LONGEST_CHARACTER) { check_cell(text, limits, row) } else { Ok(()) }
}

/// FI14: too many columns to be one of our tables.
pub(super) fn too_wide(row: u64) -> FileFinding {
    FileFinding::new(FileCode::FI14, format!("row {row} has more than {MAX_COLUMNS} columns"))
}
