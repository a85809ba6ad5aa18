//! Small pieces of text: dates as people write them, and text from strangers made safe to show.

use jiff::civil::Date;
use std::borrow::Cow;

/// A date as `yyyy-mm-dd` or `dd/mm/yyyy`.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let (year, month, day) = match bytes {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (&bytes[..4], &bytes[5..7], &bytes[8..]),
        [_, _, b'/', _, _, b'/', _, _, _, _] => (&bytes[6..], &bytes[3..5], &bytes[..2]),
        _ => return None,
    };
    Date::new(digits(year)?, i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?).ok()
}

/// Up to four digits.
pub(crate) fn digits(bytes: &[u8]) -> Option<i16> {
    bytes.iter().try_fold(0, |value: i16, byte| byte.is_ascii_digit().then(|| value * 10 + i16::from(byte - b'0')))
}

/// A text that a stranger sent, fit for a message: escaped, and cut after 60 characters.
#[must_use]
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => escaped(&text[..end]) + "…",
        None => escaped(text),
    }
}

/// A text fit for a terminal: control characters and characters that turn the direction of writing are escaped.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unfit(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Would a character move the cursor of a terminal, turn the direction of writing, or not be seen?
#[must_use]
pub fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text from a party made harmless for a spreadsheet: what would begin a formula there is preceded by a quote.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if begins_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn begins_formula(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
}

/// Adds a cell to a line of CSV, quoted where it must be.
pub(crate) fn push_csv(out: &mut String, cell: &str) {
    // All bytes are looked at, without an early end: so the loop looks at many of them at once.
    let special = |found: bool, byte: u8| found | matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !cell.bytes().fold(false, special) {
        out.push_str(cell);
        return;
    }
    out.push('"');
    for (index, piece) in cell.split('"').enumerate() {
        if index > 0 {
            out.push_str("\"\"");
        }
        out.push_str(piece);
    }
    out.push('"');
}

/// Adds a cell with a text from a party to a line of CSV: harmless, and quoted where it must be.
pub(crate) fn push_harmless_csv(out: &mut String, cell: &str) {
    if begins_formula(cell) { push_csv(out, &harmless(cell)) } else { push_csv(out, cell) }
}

/// A line of CSV.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        push_csv(&mut line, cell);
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn dates_are_read_in_two_forms_only() {
        assert_eq!(date("2021-07-12"), Some(civil::date(2021, 7, 12)));
        assert_eq!(date("12/07/2021"), Some(civil::date(2021, 7, 12)));
        for text in ["2021-7-12", "2021-02-29", "12/13/2021", "12.07.2021", "2021-07-12T00:00", "+021-07-12", ""] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn strangers_text_cannot_move_the_cursor_or_turn_the_line() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
        assert_eq!(shown(&"x".repeat(4096)).chars().count(), 61);
    }

    #[test]
    fn csv_cells_are_quoted_where_they_must_be() {
        assert_eq!(csv_line(["a", "b,c", "d\"e", "", "\"", "f\ng"]), "a,\"b,c\",\"d\"\"e\",,\"\"\"\",\"f\ng\"\n");
    }

    #[test]
    fn what_would_begin_a_formula_is_made_harmless() {
        for text in ["=1+1", "+441", "-2", "@sum(a1)", "\tx", "\rx"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "a=1", "'=1", "70-B3", " =1"] {
            assert_eq!(harmless(text), text);
        }
        let mut line = String::new();
        push_harmless_csv(&mut line, "=HYPERLINK(\"x\",1)");
        assert_eq!(line, "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }
}
