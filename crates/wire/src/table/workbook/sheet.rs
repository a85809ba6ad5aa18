//! The cells of a sheet, row by row, each as text.

use super::guard::{Xml, broken, reference};
use super::strings::Strings;
use super::value::{Days, day, number, unescaped};
use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::table::rows::{MAX_COLUMNS, Row, Sink, cell_name, check_cell, check_growing, too_wide};
use crate::text;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// What is needed to understand a sheet's cells.
pub(super) struct Cells<'a> {
    pub strings: &'a Strings,
    pub date_styles: &'a [bool],
    pub days: Days,
    /// Does the workbook ask to be calculated when it is opened? Then what it says its formulas give is not what they give.
    pub calculates: bool,
    pub limits: &'a Limits,
}

/// Formatted cells without a value count too; more than this in the middle of all rows are not a table's.
const CELLS_A_ROW: u64 = 16;

/// A cell while it is read.
#[derive(Default)]
struct Open {
    column: usize,
    /// The first place that the row's next cell may have.
    next: usize,
    /// Cells so far.
    count: u64,
    kind: String,
    style: usize,
    value: String,
    /// Has it a formula, and has it a value, be it an empty one?
    has_formula: bool,
    has_value: bool,
}

impl Cells<'_> {
    /// Streams the rows into the sink.
    pub(super) fn read(&self, mut xml: Xml<'_>, row: &mut Row, sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
        let mut cell = Open::default();
        let (mut in_value, mut in_data, mut in_guide) = (false, false, false);
        loop {
            match xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "sheetData" => in_data = true,
                    "row" if in_data => {
                        cell.next = 0;
                        next_row(row, &element)?;
                    }
                    "c" if in_data => self.open_cell(&mut cell, row, &element)?,
                    "rPh" => in_guide = true,
                    // A value stands in `v`, or in the `t` of an inline text; a formula in `f` is passed over.
                    "v" | "t" => (in_value, cell.has_value) = (!in_guide, true),
                    "f" => cell.has_formula = true,
                    _ => {}
                },
                // One value can come in any number of pieces, with comments or quoted sections between them.
                Event::Text(text) if in_value => {
                    cell.value.push_str(&text.xml10_content());
                    check_growing(&cell.value, self.limits, row.number)?;
                }
                Event::CData(text) if in_value => {
                    cell.value.push_str(&text.xml10_content());
                    check_growing(&cell.value, self.limits, row.number)?;
                }
                Event::GeneralRef(entity) if in_value => cell.value.push(reference(&entity)?),
                Event::End(element) => match element.local_name().as_ref() {
                    "v" | "t" => {
                        in_value = false;
                        check_cell(&cell.value, self.limits, row.number)?;
                    }
                    "rPh" => in_guide = false,
                    "c" if in_data => self.close_cell(&cell, row)?,
                    "row" if in_data => sink.row(row)?,
                    "sheetData" => in_data = false,
                    _ => {}
                },
                // Read to its end, so that a size which does not fit the content shows.
                Event::Eof if !in_data => return Ok(()),
                Event::Eof => return Err(broken("its sheet breaks off")),
                _ => {}
            }
        }
    }

    fn open_cell(&self, cell: &mut Open, row: &Row, element: &BytesStart<'_>) -> Result<(), FileFinding> {
        cell.value.clear();
        cell.kind.clear();
        (cell.column, cell.style) = (cell.next, 0);
        (cell.has_formula, cell.has_value) = (false, false);
        for attribute in element.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => cell.column = column(&attribute.value).ok_or_else(|| broken("a cell has no usable place"))?,
                "t" => cell.kind.push_str(&attribute.value),
                "s" => cell.style = attribute.value.parse().unwrap_or(0),
                _ => {}
            }
        }
        // Cells come in order; going back would let a small file rewrite a row for ever.
        if cell.column < cell.next || cell.column >= MAX_PLACE {
            return Err(broken(&format!("the cells of row {} are not in order, or too many", row.number)));
        }
        cell.next = cell.column + 1;
        cell.count += 1;
        if cell.count > self.limits.rows * CELLS_A_ROW {
            return Err(broken("it has more cells than a table can use"));
        }
        Ok(())
    }

    fn close_cell(&self, cell: &Open, row: &mut Row) -> Result<(), FileFinding> {
        if cell.has_formula && !self.limits.reading.is_earlier() {
            self.check_formula(cell, row.number)?;
        }
        let earlier = self.limits.reading.is_earlier();
        let text = match cell.kind.as_str() {
            "s" => {
                let index = cell.value.trim().parse().ok();
                let text = index.and_then(|index| self.strings.get(index));
                Cow::Borrowed(text.ok_or_else(|| broken("a cell refers to no text"))?)
            }
            "" | "n" if earlier => Cow::Owned(self.earlier_number(cell.value.trim(), cell.style)),
            "" | "n" => self.number(cell.value.trim(), cell.style),
            "d" if earlier => Cow::Borrowed(cell.value.strip_suffix("T00:00:00").unwrap_or(&cell.value)),
            "d" => {
                text::date(cell.value.trim()).map_or(Cow::Borrowed(&*cell.value), |date| Cow::Owned(date.to_string()))
            }
            // A tick box is not a number, whatever it is stored as.
            "b" if cell.value.trim() == "1" => Cow::Borrowed("TRUE"),
            "b" if cell.has_value || earlier => Cow::Borrowed("FALSE"),
            "b" => Cow::Borrowed(""),
            _ if earlier => Cow::Borrowed(&*cell.value),
            _ => unescaped(&cell.value),
        };
        if text.is_empty() {
            return Ok(());
        }
        // FI14: no table of ours is that wide; the empty cells between are never made.
        if cell.column >= MAX_COLUMNS {
            return Err(too_wide(row.number));
        }
        while row.ends.len() < cell.column {
            row.push("");
        }
        row.push(&text);
        // A number of 16 digits and more is read as a spreadsheet rounds it.
        let written = cell.value.trim();
        if matches!(cell.kind.as_str(), "" | "n") && text.contains("E+") && *text != *written {
            row.note_written(written);
        }
        Ok(())
    }

    /// FI15: a formula counts by the result that was kept with it, where one was that can be relied on.
    fn check_formula(&self, cell: &Open, row: u64) -> Result<(), FileFinding> {
        // A formula that gives an empty text has an empty value and says that it is a text.
        let has_result = if cell.kind == "str" { cell.has_value } else { !cell.value.trim().is_empty() };
        let name = cell_name(cell.column, row);
        if !has_result {
            return Err(broken(&format!(
                "cell {name} holds a formula without a result; open and save it in a spreadsheet program, or write the value itself"
            )));
        }
        if self.calculates {
            return Err(broken(&format!(
                "cell {name} holds a formula, and the workbook asks to be calculated when it is opened, so its result '{}' does not count; open and save it in a spreadsheet program, or write the value itself",
                text::shown(&cell.value)
            )));
        }
        Ok(())
    }

    /// A number as text: as a spreadsheet shows it, dates as `yyyy-mm-dd`.
    fn number<'t>(&self, text: &'t str, style: usize) -> Cow<'t, str> {
        let date = self.date_styles.get(style) == Some(&true);
        date.then(|| day(text, &self.days)).flatten().map_or_else(|| number(text), Cow::Owned)
    }

    /// A number as text, as before version 3 of the rules that decide.
    fn earlier_number(&self, text: &str, style: usize) -> String {
        let Ok(value) = text.parse::<f64>() else { return text.to_owned() };
        // Above 2^53 a workbook's numbers are no longer exact; they stay as they are written and fail as digits.
        if value.fract() != 0.0 || value.abs() > 9_007_199_254_740_992.0 {
            return text.to_owned();
        }
        let whole = format!("{value:.0}");
        if self.date_styles.get(style) == Some(&true)
            && let Some(date) = whole.parse().ok().and_then(|serial| self.days.date(serial))
        {
            return date.to_string();
        }
        whole
    }
}

/// The last row and the number of columns that a workbook can have; whoever goes on counts nothing.
const MAX_ROW: u64 = 1_048_576;
const MAX_PLACE: usize = 16_384;

fn next_row(row: &mut Row, element: &BytesStart<'_>) -> Result<(), FileFinding> {
    let (mut stated, mut hidden) = (Some(row.number + 1), false);
    for attribute in element.attributes().with_checks(false).flatten() {
        match attribute.key.as_ref() {
            "r" => stated = attribute.value.parse().ok(),
            "hidden" => hidden = matches!(&*attribute.value, "1" | "true"),
            _ => {}
        }
    }
    match stated {
        Some(number) if number > row.number && number <= MAX_ROW => {
            row.clear(number);
            row.hidden = hidden;
            Ok(())
        }
        _ => Err(broken(&format!("its rows are not in order, or too many, after row {}", row.number))),
    }
}

/// The column of a place such as `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let mut letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.try_fold(0_usize, |column, letter| {
        column.checked_mul(26)?.checked_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_columns() {
        assert_eq!(column("A1"), Some(0));
        assert_eq!(column("AB12"), Some(27));
        assert_eq!(column("ALL200000"), Some(999));
        assert_eq!(column("1"), None);
        assert_eq!(column("ZZZZZZZZZZZZZZZZZZZZZZZZZ1"), None);
        for place in ["A1", "Z9", "AA10", "AB12", "ZZ3", "AAA1"] {
            assert_eq!(
                cell_name(column(place).unwrap(), place.trim_start_matches(char::is_alphabetic).parse().unwrap()),
                place
            );
        }
    }
}
