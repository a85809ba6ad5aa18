//! Tables and dates for people.

use crate::print::Lines;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};
use jiff::Zoned;
use jiff::civil::Date;
pub use sluice_service::words::count;
use sluice_wire::text::escaped;
use std::io::{IsTerminal, Write};

/// A line below the header and nothing else: a table reads well and can be copied.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with its columns aligned: text to the left, figures to the right. What is in a cell stays in it. One that is wider than
/// 100 columns is folded between words; where that is not enough its last columns are left out, and a line says which.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
    let text = drawn(header, &rows, false);
    if width(&text) <= WIDTH {
        return Lines::of(text.lines());
    }
    let mut shown = header.len();
    let text = loop {
        let text = drawn(&header[..shown], &rows, true);
        if width(&text) <= WIDTH || shown == 1 {
            break text;
        }
        shown -= 1;
    };
    let lines = Lines::of(text.lines());
    match &header[shown..] {
        [] => lines,
        columns => {
            let words =
                format!("Columns left out, for which there is no room: {}; --json has all.", columns.join(", "));
            lines.and(&folded("", &words))
        }
    }
}

fn width(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// The first columns of a table, folded between words or as wide as they are.
fn drawn(header: &[&str], rows: &[Vec<String>], fold: bool) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row.iter().take(header.len()).map(|text| {
            let figure = text.bytes().any(|byte| byte.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_digit() || b"-.,%/ ".contains(&byte));
            let alignment = if figure { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        }));
    }
    if fold {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH_OF_TABLES);
        for (place, column) in table.column_iter_mut().enumerate() {
            let words = |text: &str| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
            // What is short, such as a date, stays in one line.
            let cell =
                |text: &String| Some(text.chars().count()).filter(|all| *all <= SHORT).unwrap_or_else(|| words(text));
            let cells = rows.iter().filter_map(|row| row.get(place)).map(cell);
            let longest = cells.chain(header.get(place).map(|title| words(title))).max().unwrap_or(0);
            let least = u16::try_from(longest + 2).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    table.trim_fmt()
}

/// What is printed is at most so many columns wide, but for a word that is longer.
const WIDTH: usize = 100;

/// The same for tables.
const WIDTH_OF_TABLES: u16 = 100;

/// Cells of so many characters are not folded.
const SHORT: usize = 17;

/// A text in lines of at most 100 columns between words; from the second one on they are set in by four more.
pub fn folded(indent: &str, text: &str) -> Lines {
    let mut lines = vec![indent.to_owned()];
    let mut used = indent.len();
    for word in escaped(text).split(' ') {
        let (width, last) = (word.chars().count(), lines.len() - 1);
        if used > indent.len() && used + 1 + width > WIDTH {
            lines.push(format!("{indent}    {word}"));
            used = indent.len() + 4 + width;
            continue;
        }
        let blank = if used == indent.len() { "" } else { " " };
        lines[last].extend([blank, word]);
        used += blank.len() + width;
    }
    Lines::of(lines.iter().map(String::as_str))
}

/// Says on a terminal what is being done, in one line that the next words replace; quiet in a pipe. No words clear it.
pub fn progress(words: &str) {
    let mut terminal = std::io::stderr().lock();
    if terminal.is_terminal() {
        // A terminal that went away is no reason to stop.
        write!(terminal, "\r\x1b[K{}", escaped(words)).and_then(|()| terminal.flush()).ok();
    }
}

/// A day: "Monday 26 July 2021".
pub fn day(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

/// A moment below a head that says that it is UK time: "17:00 on Thursday 10 June 2021".
pub fn local(at: &Zoned) -> String {
    at.strftime("%H:%M on %A %-d %B %Y").to_string()
}

/// A moment: "17:00 on Thursday 10 June 2021 (UK time)".
pub fn moment(at: &Zoned) -> String {
    format!("{} (UK time)", local(at))
}

#[cfg(test)]
#[path = "show_tests.rs"]
mod tests;
