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

/// A table with its columns aligned: text to the left, figures to the right. What is in a cell stays in it. One that is too wide is
/// laid out as [tables].
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    let rows: Vec<Vec<String>> = rows.into_iter().collect();
    let parts = tables(header, &rows, 1).into_iter();
    let blank = || Lines::of([""]);
    parts.reduce(|all, part| all.and(&blank()).and(&part)).unwrap_or_else(blank)
}

/// A table of cells that are fit for a terminal; what breaks their lines is ours.
fn laid_out(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row.into_iter().map(|text| {
            let figure = text.chars().any(|letter| letter.is_ascii_digit())
                && text.chars().all(|letter| letter.is_ascii_digit() || "-−.,%/ \u{a0}".contains(letter));
            let alignment = if figure { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        }));
    }
    Lines::of(table.trim_fmt().lines())
}

/// What is printed is at most so many columns wide, but for a word that is longer: wider lines are hard to read, and terminals break
/// them.
const WIDTH: usize = 100;

/// A text in lines of at most 100 columns between words; from the second one on they are set in by four more.
pub fn folded(indent: &str, text: &str) -> Lines {
    filled(indent, &format!("{indent}    "), text)
}

/// A paragraph in such lines.
pub fn paragraph(text: &str) -> Lines {
    filled("", "", text)
}

fn filled(indent: &str, hanging: &str, text: &str) -> Lines {
    let mut lines = vec![indent.to_owned()];
    let mut used = indent.len();
    for word in escaped(text).split(' ') {
        let (width, last) = (word.chars().count(), lines.len() - 1);
        if used > indent.len() && used + 1 + width > WIDTH {
            lines.push(format!("{hanging}{word}"));
            used = hanging.len() + width;
            continue;
        }
        let blank = if used == indent.len() { "" } else { " " };
        lines[last].extend([blank, word]);
        used += blank.len() + width;
    }
    Lines::of(lines.iter().map(String::as_str))
}

/// Words in a table that does not fit are broken into lines of so many characters: as many as leave room for all columns, else the
/// first.
const BROKEN: [usize; 3] = [44, 34, 24];

/// A table that stays within 100 characters: if it must, long words are broken into lines, and the columns that have no room
/// stand in further tables, each behind the columns that name the row.
pub fn tables(header: &[&str], rows: &[Vec<String>], keys: usize) -> Vec<Lines> {
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let width = |rows: &[Vec<String>], place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|text| longest(text));
        // A blank on each side, and one between columns.
        cells.max().unwrap_or(0).max(header[place].chars().count()) + 3
    };
    // The blanks at the end of a line are taken away.
    let fits = |rows: &[Vec<String>]| (0..header.len()).map(|place| width(rows, place)).sum::<usize>() <= WIDTH + 2;
    let cells = |of: &dyn Fn(&str) -> String| -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|text| of(&escaped(text))).collect()).collect()
    };
    let whole = cells(&str::to_owned);
    if fits(&whole) {
        return vec![laid_out(header, whole)];
    }
    let mut lines = BROKEN.iter().map(|most| cells(&|text| broken(text, *most)));
    if let Some(rows) = lines.find(|rows| fits(rows)) {
        return vec![laid_out(header, rows)];
    }
    let rows = cells(&|text| broken(text, BROKEN[0]));
    // Where every column names the row, the first does.
    let keys = if keys >= header.len() { 1 } else { keys.max(1) };
    let named: usize = (0..keys).map(|place| width(&rows, place)).sum();
    let (mut parts, mut used): (Vec<Vec<usize>>, usize) = (vec![Vec::new()], named);
    for place in keys..header.len() {
        used += width(&rows, place);
        if used > WIDTH && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(Vec::new());
            used = named + width(&rows, place);
        }
        if let Some(part) = parts.last_mut() {
            part.push(place);
        }
    }
    let part = |places: &Vec<usize>| {
        let places: Vec<usize> = (0..keys).chain(places.iter().copied()).collect();
        let header: Vec<&str> = places.iter().map(|place| header[*place]).collect();
        laid_out(&header, rows.iter().map(|row| places.iter().filter_map(|place| row.get(*place).cloned()).collect()))
    };
    parts.iter().map(part).collect()
}

/// A text in lines of so many characters, but for longer words.
fn broken(text: &str, most: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + 1 + word.chars().count() > most {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
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
