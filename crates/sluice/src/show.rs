//! Tables and dates for people.

use crate::print::Lines;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use jiff::Zoned;
use jiff::civil::Date;
pub use sluice_service::words::{count, rfc3339};
use sluice_wire::text::escaped;
use std::io::{IsTerminal, Write};

/// A line below the header and nothing else: a table reads well and can be copied.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with its columns aligned: text to the left, figures to the right. What is in a cell stays in it.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row.into_iter().map(|text| {
            let text = escaped(&text);
            let figure = text.bytes().any(|byte| byte.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_digit() || b"-.,%/ ".contains(&byte));
            let alignment = if figure { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        }));
    }
    Lines::of(table.trim_fmt().lines())
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

/// A moment: "17:00 on Thursday 10 June 2021 (UK time)".
pub fn moment(at: &Zoned) -> String {
    at.strftime("%H:%M on %A %-d %B %Y (UK time)").to_string()
}
