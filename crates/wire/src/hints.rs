//! What people are told beside a refusal: what a text most likely is, and what to write instead.
//!
//! A hint decides nothing. It begins with what joins it to the words before it, and is empty where nothing can be said.

use crate::layout::Layout;
use crate::text::{date_and_time, digits, is_unfit};
use jiff::civil::Time;
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, Mprn};
use std::str::FromStr;

/// The header of a table of another form: its first cell shows which.
pub(crate) fn of_header(first: &str, known: bool, layout: &Layout) -> Option<String> {
    if first.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("sep=")) {
        return Some(
            ". The line 'sep=' is for one spreadsheet program alone: take it out, and put commas between the fields"
                .to_owned(),
        );
    }
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")] {
        let is_column = |name: &str| layout.columns.iter().any(|column| column.eq_ignore_ascii_case(name.trim()));
        if first.contains(separator) && first.split(separator).any(is_column) {
            return Some(format!(
                ". Its fields stand between {name}: save it with commas ('CSV UTF-8 (comma delimited)'), or send the workbook"
            ));
        }
    }
    (!known).then(|| ". The first row that is not empty names the columns: take out what stands above it".to_owned())
}

/// What a text that is no date is instead.
pub(crate) fn of_date(text: &str) -> Option<String> {
    let (date, time) = date_and_time(text);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let slashed: Vec<&str> = date.split('/').collect();
    let words = match (time, &slashed[..]) {
        (Some((time, fraction)), _) if time != Time::midnight() || fraction => {
            return Some(format!(" (a time of day, {}, where a date belongs)", time_in_words(time)));
        }
        _ if is_number(whole) && is_number(part) => "a number without a date format: format the cell as a date",
        (_, [day, month, year]) if month_comes_first(day, month, year) => "the day comes before the month",
        (_, [_, _, year]) if year.len() == 2 => "the year needs four digits",
        _ if text.starts_with(['\'', '"', '=']) => "take out the character before it",
        _ => return None,
    };
    Some(format!(" ({words})"))
}

fn time_in_words(time: Time) -> String {
    time.strftime(if time.second() == 0 { "%H:%M" } else { "%T" }).to_string()
}

fn month_comes_first(day: &str, month: &str, year: &str) -> bool {
    let number = |text: &str| (text.len() <= 2).then(|| digits(text.as_bytes()))?;
    year.len() == 4 && number(day).is_some_and(|day| day <= 12) && number(month).is_some_and(|month| month > 12)
}

/// What is wrong with a text that should be an MPAN.
pub(crate) fn of_mpan(text: &str) -> Option<String> {
    let (plain, marks) = undecorated(text, "");
    let all_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    let last = plain.get(plain.len().saturating_sub(13)..).unwrap_or_default();
    if all_digits && plain.len() == 21 {
        let which = if last.parse::<Mpan>().is_ok() { format!(", {last}") } else { String::new() };
        return Some(format!("; these are all 21 digits of the supply number: give the last 13{which}"));
    }
    of_number::<Mpan>(&plain, &marks, all_digits && plain.len() != 13)
}

/// What is wrong with a text that should be an MPRN.
pub(crate) fn of_mprn(text: &str) -> Option<String> {
    let (plain, marks) = undecorated(text, "");
    if is_rounded(text) {
        return Some(format!("; {ROUNDED}"));
    }
    of_number::<Mprn>(&plain, &marks, plain.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is wrong with a text that should be an EUI-64.
pub(crate) fn of_eui64(text: &str) -> Option<String> {
    let (plain, marks) = undecorated(text, "-");
    if is_rounded(text) {
        return Some(format!("; {ROUNDED}"));
    }
    if marks.is_empty() && (1..16).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let count = plain.len();
        return Some(format!(
            "; this has {count} digits: as a number it loses the zeros before it, so format the column as text"
        ));
    }
    let plain = if plain.contains(':') { plain.replace(':', "-") } else { plain };
    match plain.parse::<Eui64>() {
        Ok(id) if marks.is_empty() => Some(format!("; write it as {id}")),
        Ok(id) => Some(format!("; there {} it: write {id}", in_words(&marks))),
        Err(_) => None,
    }
}

/// The words for a spreadsheet's rounding of a long number.
const ROUNDED: &str =
    "this is a number in a spreadsheet, whose last digits may be lost: format the column as text and enter it again";

/// Is a text a long number as a spreadsheet shows it, such as `9.07012E+15`?
fn is_rounded(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    digits(mantissa) && exponent.strip_prefix('+').is_some_and(digits)
}

/// What is wrong with a text that should be a number of digits.
fn of_number<T: FromStr>(plain: &str, marks: &[&str], count: bool) -> Option<String> {
    if !marks.is_empty() && plain.parse::<T>().is_ok() {
        return Some(format!("; there {} it: write {plain}", in_words(marks)));
    }
    if count && !plain.is_empty() {
        return Some(format!("; this has {}", plain.len()));
    }
    let other = plain.chars().find(|character| !character.is_ascii_digit()).filter(|_| !is_rounded(plain))?;
    Some(format!("; '{}' is no digit", crate::text::escaped(&other.to_string())))
}

/// A text without what spreadsheets and people put around and between the characters of an identifier, and what that was.
/// `dash` is what stands for every kind of dash.
fn undecorated(text: &str, dash: &str) -> (String, Vec<&'static str>) {
    let (mut plain, mut marks) = (text, Vec::new());
    if let Some(inner) = plain.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        plain = inner;
        marks.push("is =\"…\" around");
    }
    if let Some(rest) = plain.strip_prefix(['\'', '’', '‘', '`']) {
        plain = rest;
        marks.push("is a quote before");
    }
    if let Some(inner) = plain.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        plain = inner;
        marks.push("are quotes around");
    }
    let point = plain.trim_end_matches('0').strip_suffix('.');
    if let Some(rest) = point.filter(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())) {
        plain = rest;
        marks.push("is '.0' behind");
    }
    let mut out = String::with_capacity(plain.len());
    for character in plain.chars() {
        let mark = match character {
            '-' if !dash.is_empty() => {
                out.push('-');
                continue;
            }
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => {
                out.push_str(dash);
                if dash.is_empty() { "are dashes in" } else { "are dashes that are no hyphens in" }
            }
            _ if character.is_whitespace() => "are blanks in",
            _ if is_unfit(character) => "are characters that are not seen in",
            _ => {
                out.push(character);
                continue;
            }
        };
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    (out, marks)
}

fn in_words(marks: &[&str]) -> String {
    marks.join(" it and there ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::DEMAND;

    #[test]
    fn fi14_a_table_of_another_form_is_named() {
        let hint = |first: &str| of_header(first, false, &DEMAND).unwrap();
        assert!(hint("Migration Date;Demand").contains("between semicolons"));
        assert!(hint("migration date\tDemand").contains("between tabs"));
        assert!(hint("SEP=;").contains("take it out"));
        assert!(hint("My demand; of July").contains("above it"));
        assert_eq!(of_header("Migration Date", true, &DEMAND), None);
        assert!(of_header("é", true, &DEMAND).is_none());
    }

    #[test]
    fn ma105_and_fi19_what_is_no_date_is_named() {
        for (text, words) in [
            ("44403", "a number without a date format"),
            ("44403.958", "a number without a date format"),
            ("2021-07-25 23:00", "a time of day, 23:00,"),
            ("2021-07-25T23:00:00.000Z", "a time of day, 23:00,"),
            ("2021-07-26 09:30:01", "a time of day, 09:30:01,"),
            ("07/26/2021", "the day comes before the month"),
            ("26/07/21", "the year needs four digits"),
            ("'2021-07-26", "take out the character before it"),
        ] {
            assert!(of_date(text).unwrap().contains(words), "{text}");
        }
        for text in ["soon", "", "2021-07-26", "31/02/2021", "2021-13-01"] {
            assert_eq!(of_date(text), None, "{text}");
        }
    }

    #[test]
    fn ma102_an_mpan_is_answered_by_what_is_wrong_with_it() {
        for (text, words) in [
            ("1200 0612 34560", "; there are blanks in it: write 1200061234560"),
            ("1200061234560.0", "; there is '.0' behind it: write 1200061234560"),
            ("=\"1200061234560\"", "; there is =\"…\" around it: write 1200061234560"),
            ("'1200061234560", "; there is a quote before it: write 1200061234560"),
            ("12\u{2013}0006\u{2013}1234560", "; there are dashes in it: write 1200061234560"),
            ("12-0006 1234560", "; there are dashes in it and there are blanks in it: write 1200061234560"),
            ("1200061234560\u{200b}", "; there are characters that are not seen in it: write 1200061234560"),
            (
                "008010001200061234560",
                "; these are all 21 digits of the supply number: give the last 13, 1200061234560",
            ),
            (
                "00 801 000 1200061234560",
                "; these are all 21 digits of the supply number: give the last 13, 1200061234560",
            ),
            ("008010001200061234561", "; these are all 21 digits of the supply number: give the last 13"),
            ("120006123456", "; this has 12"),
            ("12000612345600", "; this has 14"),
            ("12OO061234560", "; 'O' is no digit"),
        ] {
            assert_eq!(of_mpan(text).as_deref(), Some(words), "{text}");
        }
        assert_eq!(of_mpan("1200061234561"), None);
        assert_eq!(of_mpan("1.20006E+12"), None);
    }

    #[test]
    fn ma103_and_ma104_other_identifiers_too() {
        assert_eq!(of_mprn("2000 000 003").as_deref(), Some("; there are blanks in it: write 2000000003"));
        assert_eq!(of_mprn("12345678901").as_deref(), Some("; this has 11"));
        assert!(of_mprn("2.0E+09").unwrap().contains("format the column as text"));
        let id = "70-B3-D5-1F-40-00-00-10";
        for text in
            ["70:B3:D5:1F:40:00:00:10", "70 B3 D5 1F 40 00 00 10", "70–B3–D5–1F–40–00–00–10", "'70B3D51F40000010"]
        {
            assert!(of_eui64(text).unwrap().ends_with(id), "{text}: {:?}", of_eui64(text));
        }
        assert!(of_eui64("9.07012345678901E+15").unwrap().contains("last digits may be lost"));
        assert!(of_eui64("12345678901234").unwrap().contains("loses the zeros before it"));
        assert_eq!(of_eui64("hub 7"), None);
    }
}
