//! What people are told beside a refusal: what a text most likely is, and what to write instead.
//!
//! A hint decides nothing. It begins with what joins it to the words before it, and is empty where nothing can be said.

use crate::layout::Layout;
use crate::limits::Reading;
use crate::text::{date_and_time, digits, full_date, is_unfit};
use jiff::civil::{Date, Time};
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, MpanError, Mprn};
use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
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

/// FI14: the column that a name would be but for its blanks, and what is wrong with those.
pub(crate) fn of_column(name: &str, layout: &Layout) -> Option<(usize, String)> {
    let is_blank = |character: char| character.is_whitespace() || is_unfit(character);
    let letters = |text: &str| text.chars().filter(|character| !is_blank(*character)).collect::<String>();
    let name_letters = letters(name);
    let column = layout.columns.iter().position(|column| letters(column).eq_ignore_ascii_case(&name_letters))?;
    let words = match name.chars().find(|character| is_blank(*character) && *character != ' ') {
        Some('\u{a0}' | '\u{2007}' | '\u{202f}') => "a no-break space is in it".to_owned(),
        Some('\r' | '\n') => "a line break is in it".to_owned(),
        Some('\t') => "a tab is in it".to_owned(),
        Some(other) => format!("the character U+{:04X} is in it, which is not seen", u32::from(other)),
        None => "its blanks are others".to_owned(),
    };
    Some((column, format!(": {words}, so write '{}'", layout.columns[column])))
}

/// What a text that is no date is instead, and the date to write where that is certain.
pub(crate) fn of_date(text: &str, reading: Reading) -> Option<String> {
    let (words, date) = cause_of_date(text, reading)?;
    let write = date.map(|date| format!(": write it as {} or {date}", date.strftime("%d/%m/%Y")));
    Some(format!(" ({words}{})", write.unwrap_or_default()))
}

/// The same without the date, for many that have it in common.
pub(crate) fn of_dates(text: &str, reading: Reading) -> Option<String> {
    cause_of_date(text, reading).map(|(words, _)| format!(" ({words})"))
}

fn cause_of_date(text: &str, reading: Reading) -> Option<(Cow<'static, str>, Option<Date>)> {
    let (date, time) = date_and_time(text);
    if let Some((time, _)) = time.filter(|(time, fraction)| *time != Time::midnight() || *fraction) {
        return Some((format!("a time of day, {}, where a date belongs", time_in_words(time)).into(), None));
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = is_digits(whole) && is_digits(part);
    let says_all = reading.says_all();
    if is_number && says_all {
        return cause_of_number(whole).map(|(words, date)| (words.into(), date));
    }
    let slashed: Vec<&str> = date.split('/').collect();
    let is_short = |text: &str| text.len() <= 2 || !says_all;
    let words = match &slashed[..] {
        _ if is_number => FORMAT,
        [day, month, year] if month_comes_first(day, month, year) => "the day comes before the month",
        [year, month, day] if says_all && year_first(year, month, day).is_some() => {
            return Some(("with slashes the day comes first".into(), year_first(year, month, day)));
        }
        [day, month, year] if year.len() == 2 && is_short(day) && is_short(month) => "the year needs four digits",
        _ if text.starts_with(['\'', '"', '=']) => "take out the character before it",
        _ => return None,
    };
    Some((words.into(), None))
}

const FORMAT: &str = "a number without a date format: format the cell as a date";

/// Days as a spreadsheet numbers them, some decades of them, in either of its two systems.
const SERIAL_DAYS: RangeInclusive<u32> = 30_000..=60_000;

/// Years that a date of eight digits can be of, so that it is a date at all.
const YEARS: RangeInclusive<i16> = 1990..=2099;

/// What a number that should be a date is: its digits alone, or its number in a spreadsheet.
fn cause_of_number(whole: &str) -> Option<(&'static str, Option<Date>)> {
    let in_order = |[year, month, day]: [Range<usize>; 3]| {
        let part = |range| whole.get(range).filter(|_| whole.len() == 8);
        year_first(part(year)?, part(month)?, part(day)?).filter(|date| YEARS.contains(&date.year()))
    };
    let orders = [[0..4, 4..6, 6..8], [4..8, 2..4, 0..2], [4..8, 0..2, 2..4]];
    let found: Vec<Date> = orders.into_iter().filter_map(in_order).collect();
    let Some(first) = found.first() else {
        let is_serial = whole.parse().is_ok_and(|number| SERIAL_DAYS.contains(&number));
        return is_serial.then_some((FORMAT, None));
    };
    // With the year behind nobody knows whether the day or the month stands first, where both could.
    Some(("a date without separators", found.iter().all(|other| other == first).then_some(*first)))
}

/// A date whose year of four digits stands before the others.
fn year_first(year: &str, month: &str, day: &str) -> Option<Date> {
    full_date(&format!("{year}-{month:0>2}-{day:0>2}"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn time_in_words(time: Time) -> String {
    time.strftime(if time.second() == 0 { "%H:%M" } else { "%T" }).to_string()
}

fn month_comes_first(day: &str, month: &str, year: &str) -> bool {
    let number = |text: &str| (text.len() <= 2).then(|| digits(text.as_bytes()))?;
    year.len() == 4 && number(day).is_some_and(|day| day <= 12) && number(month).is_some_and(|month| month > 12)
}

/// What is wrong with a text that should be an MPAN.
pub(crate) fn of_mpan(text: &str, reading: Reading) -> Option<String> {
    let (plain, marks) = undecorated(text, "");
    let all_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    let last = plain.get(plain.len().saturating_sub(13)..).unwrap_or_default();
    if all_digits && plain.len() == 21 {
        let which = if last.parse::<Mpan>().is_ok() { format!(", {last}") } else { String::new() };
        return Some(format!("; these are all 21 digits of the supply number: give the last 13{which}"));
    }
    // That it was rounded is said already.
    if reading.says_all() && plain.parse::<Mpan>() == Err(MpanError::Rounded) {
        return None;
    }
    of_number::<Mpan>(&plain, &marks, all_digits && plain.len() != 13)
}

/// What is wrong with a text that should be an MPRN.
pub(crate) fn of_mprn(text: &str, reading: Reading) -> Option<String> {
    let (plain, marks) = undecorated(text, "");
    if is_rounded(text) || reading.says_all() && is_short_rounded(text) {
        return Some(format!("; {ROUNDED}"));
    }
    of_number::<Mprn>(&plain, &marks, plain.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is wrong with a text that should be an EUI-64.
pub(crate) fn of_eui64(text: &str, reading: Reading) -> Option<String> {
    let (plain, marks) = undecorated(text, "-");
    let is_number = marks.contains(&POINT) && plain.len() >= 16;
    if is_rounded(text) || reading.says_all() && (is_number || is_short_rounded(text)) {
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

/// The same without a plus, such as `9.07012E15`. Without its point it could be the hexadecimal digits of an ID.
fn is_short_rounded(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        mantissa.split_once('.').is_some_and(|(whole, part)| is_digits(whole) && is_digits(part)) && is_digits(exponent)
    })
}

/// What stands behind a number that a program wrote as one with a fraction.
const POINT: &str = "is '.0' behind";

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
        marks.push(POINT);
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

    const BRIEF: Reading = Reading::Brief;
    const NOW: Reading = Reading::Now;

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
            assert!(of_date(text, NOW).unwrap().contains(words), "{text}");
        }
        for text in ["soon", "", "2021-07-26", "31/02/2021", "2021-13-01"] {
            assert_eq!(of_date(text, NOW), None, "{text}");
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
            assert_eq!(of_mpan(text, NOW).as_deref(), Some(words), "{text}");
        }
        assert_eq!(of_mpan("1200061234561", NOW), None);
        assert_eq!(of_mpan("1.20006E+12", NOW), None);
    }

    #[test]
    fn ma103_and_ma104_other_identifiers_too() {
        assert_eq!(of_mprn("2000 000 003", NOW).as_deref(), Some("; there are blanks in it: write 2000000003"));
        assert_eq!(of_mprn("12345678901", NOW).as_deref(), Some("; this has 11"));
        assert!(of_mprn("2.0E+09", NOW).unwrap().contains("format the column as text"));
        let id = "70-B3-D5-1F-40-00-00-10";
        for text in
            ["70:B3:D5:1F:40:00:00:10", "70 B3 D5 1F 40 00 00 10", "70–B3–D5–1F–40–00–00–10", "'70B3D51F40000010"]
        {
            assert!(of_eui64(text, NOW).unwrap().ends_with(id), "{text}: {:?}", of_eui64(text, NOW));
        }
        assert!(of_eui64("9.07012345678901E+15", NOW).unwrap().contains("last digits may be lost"));
        assert!(of_eui64("12345678901234", NOW).unwrap().contains("loses the zeros before it"));
        assert_eq!(of_eui64("hub 7", NOW), None);
    }

    #[test]
    fn ma105_and_fi19_the_right_date_is_given_where_it_is_certain() {
        for (text, now, before) in [
            (
                "2021/07/26",
                "with slashes the day comes first: write it as 26/07/2021 or 2021-07-26",
                "the year needs four digits",
            ),
            (
                "2021/7/26 00:00",
                "with slashes the day comes first: write it as 26/07/2021 or 2021-07-26",
                "the year needs four digits",
            ),
            ("20210726", "a date without separators: write it as 26/07/2021 or 2021-07-26", FORMAT),
            ("26072021", "a date without separators: write it as 26/07/2021 or 2021-07-26", FORMAT),
            ("07262021", "a date without separators: write it as 26/07/2021 or 2021-07-26", FORMAT),
            ("08082021", "a date without separators: write it as 08/08/2021 or 2021-08-08", FORMAT),
            ("07082021", "a date without separators", FORMAT),
            ("42927", FORMAT, FORMAT),
            ("44403.0", FORMAT, FORMAT),
            ("'26/07/2021", "take out the character before it", "take out the character before it"),
            ("1/7/21", "the year needs four digits", "the year needs four digits"),
        ] {
            assert_eq!(of_date(text, NOW), Some(format!(" ({now})")), "{text}");
            assert_eq!(of_date(text, BRIEF), Some(format!(" ({before})")), "{text}");
        }
        assert_eq!(of_dates("20210726", NOW).as_deref(), Some(" (a date without separators)"));
        for text in ["20211326", "31022021", "2021", "7", "12345678901", "2021/13/26", "26/07/2021", "2021/é/26"] {
            assert_eq!(of_date(text, NOW), None, "{text}");
        }
    }

    #[test]
    fn ma102_to_ma104_what_may_have_lost_digits_is_never_proposed() {
        for text in ["7012345678901234.0", "9.07012345678901E15", "9.07012345678901E+15"] {
            assert_eq!(of_eui64(text, NOW), Some(format!("; {ROUNDED}")), "{text}");
        }
        assert_eq!(
            of_eui64("7012345678901234.0", BRIEF).unwrap(),
            "; there is '.0' behind it: write 70-12-34-56-78-90-12-34"
        );
        assert_eq!(of_eui64("9E12", NOW), None);
        for text in ["1.20000E12", "12E12", "1.20000E+12"] {
            assert_eq!(of_mpan(text, NOW), None, "{text}");
        }
        assert_eq!(of_mpan("1.20000E12", BRIEF).as_deref(), Some("; '.' is no digit"));
        assert_eq!(of_mprn("2.0E9", NOW), Some(format!("; {ROUNDED}")));
    }

    #[test]
    fn fi14_a_column_whose_blanks_are_others_is_named() {
        for (name, words) in [
            ("Migration\u{a0}Date", ": a no-break space is in it, so write 'Migration Date'"),
            ("migration\nDate", ": a line break is in it, so write 'Migration Date'"),
            ("Migration\tDate", ": a tab is in it, so write 'Migration Date'"),
            ("De\u{200b}mand", ": the character U+200B is in it, which is not seen, so write 'Demand'"),
            ("Migration  Date", ": its blanks are others, so write 'Migration Date'"),
        ] {
            assert_eq!(of_column(name, &DEMAND).unwrap().1, words, "{name}");
        }
        assert_eq!(of_column("Day", &DEMAND), None);
    }
}
