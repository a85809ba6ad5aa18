//! What a supplier wrote in the rows of its file, kept for the response.

use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::table::Record;

/// The columns of the authorisation layout that a response echoes.
const ECHOED: [usize; 6] = [0, 1, 2, 3, 4, 7];

/// Stands between two cells; no cell can hold it.
const SEPARATOR: char = '\0';

/// The cells of every row, good or refused, in the order of the file. They stand in one text, with eight bytes a row
/// beside it, so that a million rows cost little more than the file itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Echo {
    text: String,
    /// The line number of each row, and where its cells end.
    rows: Vec<(u32, u32)>,
}

/// A row as the supplier wrote it, without outer blanks; texts from a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoRow<'a> {
    /// The line number that a person sees.
    pub row: u64,
    /// Import MPAN.
    pub mpan: &'a str,
    /// MPRN.
    pub mprn: &'a str,
    /// CHF Device ID.
    pub chf: &'a str,
    /// Migration date.
    pub date: &'a str,
    /// Action.
    pub action: &'a str,
    /// Supplier reference.
    pub reference: &'a str,
}

impl Echo {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Are there no rows?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in the order of the file.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = EchoRow<'_>> {
        (0..self.rows.len()).map(|index| self.at(index))
    }

    /// The row of a line number.
    #[must_use]
    pub fn find(&self, row: u64) -> Option<EchoRow<'_>> {
        let row = u32::try_from(row).ok()?;
        self.rows.binary_search_by_key(&row, |&(row, _)| row).ok().map(|index| self.at(index))
    }

    fn at(&self, index: usize) -> EchoRow<'_> {
        let start = if index == 0 { 0 } else { self.rows[index - 1].1 };
        let (row, end) = self.rows[index];
        let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.text.get(place(start)..place(end)).unwrap_or_default();
        let mut cell = || {
            let end = memchr::memchr(0, rest.as_bytes()).unwrap_or(rest.len());
            let cell = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            cell
        };
        let [mpan, mprn, chf, date, action, reference] = [cell(), cell(), cell(), cell(), cell(), cell()];
        EchoRow { row: u64::from(row), mpan, mprn, chf, date, action, reference }
    }

    /// Keeps a row. A workbook can show one text in any number of cells, so what is kept has the limit of the file.
    pub(super) fn push(&mut self, record: &Record<'_>, limits: &Limits) -> Result<(), FileFinding> {
        for (index, &column) in ECHOED.iter().enumerate() {
            if index > 0 {
                self.text.push(SEPARATOR);
            }
            let cell = record.written(column);
            if memchr::memchr(0, cell.as_bytes()).is_none() {
                self.text.push_str(cell);
            } else {
                self.text.extend(cell.chars().filter(|&character| character != SEPARATOR));
            }
        }
        // FI09: the inflated content, however often a part of it is used.
        match (u32::try_from(record.number()), u32::try_from(self.text.len())) {
            (Ok(row), Ok(end)) if u64::from(end) <= limits.inflated => {
                self.rows.push((row, end));
                Ok(())
            }
            _ => Err(limits.over_size()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::AUTHORISATION;
    use crate::source::Format;
    use crate::table::read;
    use std::io::Cursor;

    const LIMITS: Limits = Limits { rows: 10, inflated: 1 << 20, cell: 100, ..crate::reference::LIMITS };

    #[test]
    fn rows_are_echoed_as_they_were_written() {
        let text = format!("{}\n a ,b,c,d,e,x,y,=z\n\n,,,,,,,\n\"1,2\",,,,,,9,\n", AUTHORISATION.columns.join(","));
        let mut echo = Echo::default();
        assert!(echo.is_empty());
        read(&mut Cursor::new(text), Format::Csv, &AUTHORISATION, &LIMITS, &mut |record| echo.push(record, &LIMITS))
            .unwrap();
        let empty = EchoRow { row: 5, mpan: "1,2", mprn: "", chf: "", date: "", action: "", reference: "" };
        let full = EchoRow { row: 2, mpan: "a", mprn: "b", chf: "c", date: "d", action: "e", reference: "=z" };
        assert_eq!(echo.rows().collect::<Vec<_>>(), [full, empty]);
        assert_eq!((echo.len(), echo.find(5), echo.find(2), echo.find(3)), (2, Some(empty), Some(full), None));
    }

    #[test]
    fn fi09_a_text_that_is_shown_again_and_again_is_not_kept_without_end() {
        let text = format!("{}\n{}", AUTHORISATION.columns.join(","), "a,b,c,d,e,x,y,z\n".repeat(10));
        let few = Limits { inflated: 100, ..LIMITS };
        let mut echo = Echo::default();
        let read =
            read(&mut Cursor::new(text), Format::Csv, &AUTHORISATION, &LIMITS, &mut |record| echo.push(record, &few));
        assert_eq!(read.unwrap_err().code, sluice_rules::codes::FileCode::FI09);
        assert_eq!(echo.len(), 9);
    }
}
