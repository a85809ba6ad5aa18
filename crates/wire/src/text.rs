//! Small pieces of text: dates as people write them, and text from strangers made safe to show.

use jiff::civil::Date;

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
        if character.is_control() || is_invisible(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Adds a cell to a line of CSV, quoted where it must be.
pub(crate) fn push_csv(out: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(cell);
    }
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
        assert_eq!(csv_line(["a", "b,c", "d\"e", ""]), "a,\"b,c\",\"d\"\"e\",\n");
    }
}
