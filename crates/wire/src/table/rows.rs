//! Rows on their way from a reader to who takes them: the header is found, the limits are held.

use crate::finding::FileFinding;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::text::shown;
use sluice_rules::codes::FileCode;

/// More columns than this are no table of ours, whatever they hold.
pub(super) const MAX_COLUMNS: usize = 256;

/// A row of cells, reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
    /// The bytes between two cells: none, or the comma of a plain line.
    gap: usize,
}

impl Row {
    pub(super) fn clear(&mut self, number: u64) {
        self.number = number;
        self.text.clear();
        self.ends.clear();
        self.gap = 0;
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
}

impl Record<'_> {
    /// The line number that a person sees; the header is 1 in a plain file.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.row.number
    }

    /// The cell of a column of the layout, without outer blanks.
    #[must_use]
    pub fn field(&self, column: usize) -> &str {
        self.places.get(column).map_or("", |&place| self.row.cell(place))
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
    rows: u64,
}

pub(super) struct Header {
    pub(super) width: usize,
    places: Vec<usize>,
}

impl<'a, 'b> Sink<'a, 'b> {
    pub(super) fn new(layout: &'a Layout, limits: &'a Limits, on_record: OnRecord<'b>) -> Self {
        Self { layout, limits, on_record, header: None, rows: 0 }
    }

    pub(super) fn row(&mut self, row: &Row) -> Result<(), FileFinding> {
        if row.is_blank() {
            return Ok(());
        }
        let Some(header) = &self.header else {
            self.header = Some(header(row, self.layout)?);
            return Ok(());
        };
        self.rows += 1;
        // FI09: no more rows than the limit.
        if self.rows > self.limits.rows {
            let message = format!("it has more than {} rows; split it into several files", self.limits.rows);
            return Err(FileFinding::new(FileCode::FI09, message));
        }
        // FI14: what stands outside the columns has no meaning that could be trusted.
        if (header.width..row.ends.len()).any(|place| !row.cell(place).is_empty()) {
            let message =
                format!("row {} has more fields than the header; a field with a comma needs quotes", row.number);
            return Err(FileFinding::new(FileCode::FI14, message));
        }
        (self.on_record)(&Record { row, places: &header.places })
    }

    pub(super) fn finish(self) -> Result<(), FileFinding> {
        if self.header.is_none() {
            let message =
                format!("it is empty; its first row must name the columns {}", self.layout.columns.join(", "));
            return Err(FileFinding::new(FileCode::FI22, message));
        }
        // FI22: a header alone says nothing.
        if self.rows == 0 {
            return Err(FileFinding::new(FileCode::FI22, "it has no rows below the header"));
        }
        Ok(())
    }
}

/// FI14: every column of the layout once, in any order, without regard to case or outer blanks; no other.
fn header(row: &Row, layout: &Layout) -> Result<Header, FileFinding> {
    let mut places: Vec<Option<usize>> = vec![None; layout.columns.len()];
    let mut problems = Vec::new();
    let mut width = 0;
    for place in 0..row.ends.len() {
        let name = row.cell(place);
        if name.is_empty() {
            continue;
        }
        width = place + 1;
        match layout.columns.iter().position(|column| column.eq_ignore_ascii_case(name)) {
            None => problems.push(format!("column '{}' is unknown", shown(name))),
            Some(column) if places[column].is_some() => problems.push(format!("column '{name}' is repeated")),
            Some(column) => places[column] = Some(place),
        }
    }
    let missing = layout.columns.iter().zip(&places).filter(|(_, place)| place.is_none());
    problems.extend(missing.map(|(column, _)| format!("column '{column}' is missing")));
    if problems.is_empty() {
        return Ok(Header { width, places: places.into_iter().flatten().collect() });
    }
    let count = problems.len();
    problems.truncate(4);
    let more = if count > 4 { format!("; and {} more", count - 4) } else { String::new() };
    let expected = layout.columns.join(", ");
    let message = format!("{}{more}. Row {} must name exactly: {expected}", problems.join("; "), row.number);
    Err(FileFinding::new(FileCode::FI14, message))
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
