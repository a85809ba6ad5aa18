//! Tables in windows that are too narrow for them: each row becomes a card, with the name of the column above each cell. What a
//! column is named stands once, in the style of the page.

use super::content::{Cell, Table};
use std::fmt::Write as _;

/// About how wide a character and the edges of a cell are, in pixels, in a font that is rather wide.
const CHARACTER: usize = 9;
const EDGES: usize = 20;
/// Words longer than this are broken.
const BROKEN: usize = 26;

/// The class of a table by the least width of its cells, in characters of each column: from which width of the window on it has
/// room. Below that its rows are cards.
#[must_use]
pub fn width_class(columns: &[usize]) -> &'static str {
    match pixels(columns) {
        0..=280 => "",
        281..=600 => "cards-40",
        601..=980 => "cards-64",
        _ => "cards-80",
    }
}

/// The room of a table in a window of 1280 pixels, less what it scrolls by.
const ROOM: usize = 1_220;

/// REP-1: is a table too wide for a window in which it is no cards? Then its print is smaller.
pub(super) fn is_too_wide(columns: &[usize]) -> bool {
    pixels(columns) > ROOM
}

/// About how wide a table is, in pixels.
fn pixels(columns: &[usize]) -> usize {
    columns.iter().map(|longest| longest.min(&BROKEN) * CHARACTER + EDGES).sum()
}

/// The least width of each column of a table, in characters.
pub(super) fn widths(table: &Table, total: Option<&Vec<Cell>>) -> Vec<usize> {
    let longest_word = |text: &str| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let of_column = |place: usize| {
        let cells = table.rows.iter().chain(total).filter_map(|row| row.get(place));
        let cells = cells.map(|cell| cell.shown().chars().count()).max().unwrap_or(0);
        cells.max(longest_word(table.columns[place].name))
    };
    (0..table.columns.len()).map(of_column).collect()
}

/// The style that names the cells of a table by their columns. It is no place for text that could end it: only letters, digits
/// and blanks stand as they are.
#[must_use]
pub fn labels(table: &str, columns: &[&str]) -> String {
    let mut style = String::new();
    for (place, name) in (1_usize..).zip(columns) {
        write!(style, "#t-{table} tr > :nth-child({place})::before {{ content: \"").ok();
        for letter in name.chars() {
            if letter.is_alphanumeric() || letter == ' ' {
                style.push(letter);
            } else {
                write!(style, "\\{:x} ", u32::from(letter)).ok();
            }
        }
        style.push_str("\"; }\n");
    }
    style
}
