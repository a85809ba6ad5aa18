//! The values of cells as a spreadsheet shows them: numbers, dates, escaped characters.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, date};
use std::borrow::Cow;

/// Days with a part of a day, as workbooks number them: from 1900 or from 1904.
pub(super) struct Days {
    pub from_1904: bool,
}

/// The longest whole number that is exact: a spreadsheet keeps 15 digits.
const EXACT_DIGITS: usize = 15;

/// Seconds of a day: a spreadsheet shows no more of a time.
const DAY: i64 = 86_400;

/// Parts of a day as they are read.
const BILLIONTHS: i64 = 1_000_000_000;

/// A number as a spreadsheet shows it: rounded to 15 significant digits, so that the noise of binary fractions goes; from
/// 16 digits on with an exponent, since the last ones may be lost.
pub(super) fn number(text: &str) -> Cow<'_, str> {
    let digits = text.len() <= EXACT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (!text.starts_with('0') || text.len() == 1) {
        return Cow::Borrowed(text);
    }
    match rounded(text) {
        Some(0.0) => Cow::Borrowed("0"),
        Some(value) if value.abs() < 1e-4 => Cow::Borrowed(text),
        Some(value) if value.abs() < 1e15 => Cow::Owned(value.to_string()),
        Some(value) => Cow::Owned(format!("{value:E}").replace('E', "E+")),
        None => Cow::Borrowed(text),
    }
}

/// As large as a year of four digits. Somebody's 20210726 is no day, though its cell has the format of one.
const LATEST: i32 = 3_000_000;

/// A number that is shown as a date: `yyyy-mm-dd`, with the time behind it if it is not midnight. Nothing if it is no day.
pub(super) fn day(text: &str, days: &Days) -> Option<String> {
    // Most dates are whole days.
    if text.len() <= EXACT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(days.date(text.parse().ok()?)?.to_string());
    }
    let serial = rounded(text)?;
    if !(0.0..f64::from(LATEST)).contains(&serial) {
        return None;
    }
    // Whole days and billionths of one: sums of binary fractions would not be exact.
    let shown = format!("{serial:.9}");
    let (whole, part) = shown.split_once('.')?;
    let (whole, part): (i32, i64) = (whole.parse().ok()?, part.parse().ok()?);
    let seconds = (part * DAY + BILLIONTHS / 2) / BILLIONTHS;
    let moment = days.date(whole)?.to_datetime(Time::midnight()).checked_add(seconds.seconds()).ok()?;
    Some(shown_moment(moment))
}

/// A moment with no more of its time than it has.
fn shown_moment(moment: DateTime) -> String {
    let form = match (moment.time() == Time::midnight(), moment.second()) {
        (true, _) => "%F",
        (false, 0) => "%F %H:%M",
        (false, _) => "%F %T",
    };
    moment.strftime(form).to_string()
}

fn rounded(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    format!("{value:.*e}", EXACT_DIGITS - 1).parse().ok()
}

impl Days {
    /// The date of a day number. Day 60 of the older system is a day that never was, so real dates begin after it.
    pub(super) fn date(&self, serial: i32) -> Option<Date> {
        let epoch = if self.from_1904 { date(1904, 1, 1) } else { date(1899, 12, 30) };
        if (!self.from_1904 && serial <= 60) || serial >= LATEST {
            return None;
        }
        epoch.checked_add(i64::from(serial).days()).ok()
    }
}

/// A text whose characters may be escaped as `_xHHHH_`, their UTF-16 code in hexadecimal; `_x005F_` is the underscore that
/// begins such a piece. What is no character stays as it is written.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    // Most texts have no underscore, and looking for one byte is fastest.
    let underscore = memchr::memchr(b'_', text.as_bytes());
    let Some(first) = underscore.filter(|&at| text[at..].contains("_x")) else { return Cow::Borrowed(text) };
    let mut out = text[..first].to_owned();
    let mut rest = &text[first..];
    while let Some(character) = rest.chars().next() {
        let (found, length) = escape(rest).unwrap_or((character, character.len_utf8()));
        out.push(found);
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// The character that is escaped at the beginning of a text, and the length of its escape in bytes.
fn escape(text: &str) -> Option<(char, usize)> {
    const LENGTH: usize = "_xHHHH_".len();
    let unit = |text: &str| {
        let digits = text.strip_prefix("_x")?.get(..4).filter(|_| text.as_bytes().get(6) == Some(&b'_'))?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(text)?;
    if let Some(second) = text.get(LENGTH..).and_then(unit)
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
        && character.len_utf16() == 2
    {
        return Some((character, 2 * LENGTH));
    }
    // No text holds a NUL.
    char::from_u32(u32::from(first)).filter(|character| *character != '\0').map(|character| (character, LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_a_spreadsheet_shows_them() {
        for (text, shown) in [
            ("10.0", "10"),
            ("2E1", "20"),
            ("39.999999999999993", "40"),
            ("50.000000000000007", "50"),
            ("-0", "0"),
            ("0", "0"),
            ("007", "7"),
            ("1.200061234560E12", "1200061234560"),
            ("123456789012345", "123456789012345"),
            ("9070123456789010", "9.07012345678901E+15"),
            ("9.07012345678901E+15", "9.07012345678901E+15"),
            ("1000000000000000", "1E+15"),
            ("-9070123456789010", "-9.07012345678901E+15"),
            ("12.5", "12.5"),
            ("0.30000000000000004", "0.3"),
            ("-3", "-3"),
            ("1e-300", "1e-300"),
            ("nan", "nan"),
            ("1e999", "1e999"),
            ("x", "x"),
            ("", ""),
        ] {
            assert_eq!(number(text), shown, "{text}");
        }
    }

    #[test]
    fn day_numbers_are_dates_in_both_systems() {
        let (new, old) = (Days { from_1904: false }, Days { from_1904: true });
        assert_eq!(day("44389", &new).as_deref(), Some("2021-07-12"));
        assert_eq!(day("42927", &old).as_deref(), Some("2021-07-12"));
        for noise in ["44402.99999999999", "44403.00000000001", "44402.999999999", "44403.000000001"] {
            assert_eq!(day(noise, &new).as_deref(), Some("2021-07-26"), "{noise}");
        }
        assert_eq!(day("44402.958333333336", &new).as_deref(), Some("2021-07-25 23:00"));
        assert_eq!(day("44402.95835", &new).as_deref(), Some("2021-07-25 23:00:01"));
        for none in ["60", "0.5", "-1", "3000000", "x", "1e300"] {
            assert_eq!(day(none, &new), None, "{none}");
        }
    }

    #[test]
    fn escaped_characters_are_read() {
        for (text, read) in [
            ("AUTHORISE_x000D_", "AUTHORISE\r"),
            ("a_x005F_b", "a_b"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_", "\u{1f600}"),
            ("_xD83D_", "_xD83D_"),
            ("_x0000_", "_x0000_"),
            ("_x00_", "_x00_"),
            ("_x00g0_ é_x00e9_", "_x00g0_ éé"),
            ("__x0041_", "_A"),
            ("_X0041_", "_X0041_"),
            ("_x004", "_x004"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescaped(text), read, "{text}");
        }
    }
}
