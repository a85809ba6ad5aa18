//! Tables and dates for people.

use crate::print::Lines;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use jiff::Zoned;
use jiff::civil::Date;
pub use sluice_service::words::count;
use sluice_wire::text::escaped;
use std::io::{IsTerminal, Write};

/// A line below the header and nothing else: a table reads well and can be copied.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with its columns aligned: text to the left, figures to the right. What is in a cell stays in it.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    laid_out(header, rows.into_iter().map(|row| row.iter().map(|text| escaped(text)).collect()))
}

/// A table of cells that are fit for a terminal; what breaks their lines is ours.
fn laid_out(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Lines {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(Cell::new));
    for row in rows {
        table.add_row(row.into_iter().map(|text| {
            let figure = text.bytes().any(|byte| byte.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_digit() || b"-.,%/ ".contains(&byte));
            let alignment = if figure { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(alignment)
        }));
    }
    Lines::of(table.trim_fmt().lines())
}

/// Wider lines are hard to read, and terminals break them.
const WIDEST: usize = 100;
/// Words in a table that does not fit are broken into lines of so many characters.
const BROKEN: usize = 44;

/// A table that stays within 100 characters: if it must, long words are broken into lines, and the columns that have no room
/// stand in further tables, each behind the columns that name the row.
pub fn folded(header: &[&str], rows: &[Vec<String>], keys: usize) -> Vec<Lines> {
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let width = |rows: &[Vec<String>], place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|text| longest(text));
        // A blank on each side, and one between columns.
        cells.max().unwrap_or(0).max(header[place].chars().count()) + 3
    };
    let all: usize = (0..header.len()).map(|place| width(rows, place)).sum();
    if all <= WIDEST {
        return vec![table(header, rows.iter().cloned())];
    }
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|text| broken(&escaped(text))).collect()).collect();
    // Where every column names the row, the first does.
    let keys = if keys >= header.len() { 1 } else { keys.max(1) };
    let named: usize = (0..keys).map(|place| width(&rows, place)).sum();
    let (mut parts, mut used): (Vec<Vec<usize>>, usize) = (vec![Vec::new()], named);
    for place in keys..header.len() {
        used += width(&rows, place);
        if used > WIDEST && parts.last().is_some_and(|part| !part.is_empty()) {
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

/// A text in lines that break between words.
fn broken(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && used + 1 + word.chars().count() > BROKEN {
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

/// A moment: "17:00 on Thursday 10 June 2021 (UK time)".
pub fn moment(at: &Zoned) -> String {
    at.strftime("%H:%M on %A %-d %B %Y (UK time)").to_string()
}

#[cfg(test)]
mod tests {
    use super::folded;

    fn rows(cells: &[&str]) -> Vec<Vec<String>> {
        vec![cells.iter().map(|&cell| cell.to_owned()).collect()]
    }

    #[test]
    fn rep_1_no_line_of_a_folded_table_is_longer_than_a_hundred_characters_and_no_cell_is_lost() {
        let words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
        let header = ["Day", "What", "A figure", "Another figure", "The last of these figures", "And one beyond it"];
        let cells = ["Mon 26 Jul 2021", words, "1,000", "2,000", "3,000", "4,000"];
        let parts = folded(&header, &rows(&cells), 2);
        assert!(parts.len() > 1);
        let shown = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
        assert!(words.split(' ').chain(header).chain(["1,000", "4,000"]).all(|word| shown.contains(word)), "{shown}");
        assert_eq!(shown.matches("Mon 26 Jul 2021").count(), parts.len(), "each part names its rows");
    }

    #[test]
    fn what_fits_stays_one_table_and_a_break_in_a_cell_stays_in_it() {
        let parts = folded(&["A", "B"], &rows(&["x\ny", "1"]), 1);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].to_string().lines().count(), 3, "{}", parts[0]);
        let long = "word ".repeat(40) + "\u{1b}[2J\nforged";
        let shown = folded(&["A", "B"], &rows(&["x", &long]), 1)[0].to_string();
        assert!(!shown.contains('\u{1b}') && !shown.lines().any(|line| line.trim() == "forged"), "{shown}");
    }
}
