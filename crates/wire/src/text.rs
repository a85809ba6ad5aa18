//! Small pieces of text: dates as people write them, and text from strangers made safe to show.

use jiff::civil::{Date, Time};
use std::borrow::Cow;

/// A date as `yyyy-mm-dd` or `dd/mm/yyyy`, also without leading zeros; a midnight may stand behind it.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    full_date(text).or_else(|| match date_and_time(text) {
        (date, None) => short_date(date),
        (date, Some((time, false))) if time == Time::midnight() => short_date(date),
        _ => None,
    })
}

/// A date as `yyyy-mm-dd` or `dd/mm/yyyy`, with all its digits and nothing else.
pub(crate) fn full_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let (year, month, day) = match bytes {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (&bytes[..4], &bytes[5..7], &bytes[8..]),
        [_, _, b'/', _, _, b'/', _, _, _, _] => (&bytes[6..], &bytes[3..5], &bytes[..2]),
        _ => return None,
    };
    date_of(year, month, day)
}

/// A date whose day and month may have one digit.
fn short_date(text: &str) -> Option<Date> {
    let parts = |separator| {
        let mut parts = text.split(separator);
        Some([parts.next()?, parts.next()?, parts.next()?]).filter(|_| parts.next().is_none())
    };
    let [year, month, day] = match (parts('-'), parts('/')) {
        (Some(parts), None) => parts,
        (None, Some([day, month, year])) => [year, month, day],
        _ => return None,
    };
    let short = |text: &str| matches!(text.len(), 1 | 2);
    if year.len() == 4 && short(month) && short(day) {
        date_of(year.as_bytes(), month.as_bytes(), day.as_bytes())
    } else {
        None
    }
}

fn date_of(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    Date::new(digits(year)?, i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?).ok()
}

/// The text before a time of day, and the time, which may have a fraction of a second (is it more than nothing?) and `Z` or
/// `+00:00`.
/// Without a time that can be read the text is whole.
pub(crate) fn date_and_time(text: &str) -> (&str, Option<(Time, bool)>) {
    let time_of = |text: &str| {
        let text = text.trim_start();
        let text = ["Z", "z", "+00:00"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
        let (time, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let mut parts = time.split(':').map(|part| {
            let value = (part.len() == 2).then(|| digits(part.as_bytes()))?;
            i8::try_from(value?).ok()
        });
        let (hour, minute) = (parts.next()??, parts.next()??);
        let second = parts.next().map_or(Some(0), |second| second)?;
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let time = Time::new(hour, minute, second, 0).ok().filter(|_| parts.next().is_none() && is_fraction)?;
        Some((time, fraction.bytes().any(|byte| byte != b'0')))
    };
    let found = text.find(['T', 't', ' ']).and_then(|at| Some((&text[..at], time_of(&text[at + 1..])?)));
    found.map_or((text, None), |(date, time)| (date, Some(time)))
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
pub fn push_harmless_csv(out: &mut String, cell: &str) {
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
        for text in [
            "2021-07-05",
            "05/07/2021",
            "5/7/2021",
            "05/7/2021",
            "2021-7-5",
            "2021-07-05 00:00:00",
            "2021-07-05T00:00",
            "2021-07-05T00:00:00.000Z",
            "2021-07-05 00:00:00+00:00",
            "5/7/2021 00:00",
        ] {
            assert_eq!(date(text), Some(civil::date(2021, 7, 5)), "{text}");
        }
        for text in [
            "2021-02-29",
            "12/13/2021",
            "12.07.2021",
            "+021-07-12",
            "",
            "5/7/21",
            "2021-07-05 23:00",
            "2021-07-05 00:00:00.001",
            "2021-07-05T00:00:00+01:00",
            "2021-07-05T00:00:00ZZ",
            "2021-07-05 0:00",
            "2021-07-05 00:00:00.",
            "2021-07-05 00:00:00:00",
            "005/7/2021",
            "5/7-2021",
            "5-7/2021",
            "2021-7-5-1",
            "1/2021-7-5",
            " 00:00",
            "2021-07-05 ",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!((full_date("2021-07-05"), full_date("5/7/2021")), (Some(civil::date(2021, 7, 5)), None));
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
