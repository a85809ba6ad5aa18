//! FI01: in what a name differs from a right one, in words, with a right one.

use super::{FileName, Part, form, grammar};
use crate::text::shown;
use jiff::civil::{date, time};
use sluice_rules::file::FileKind;
use sluice_rules::party::Eui64;

/// A User ID for examples.
const USER_ID: Eui64 = Eui64(0x70b3_d51f_3000_a008);

/// A right name of a kind.
fn example(kind: FileKind) -> String {
    let (party, s1sp) = ("AAA123".parse().ok(), "CGI".parse());
    let Ok(s1sp) = s1sp else { return form(kind) };
    let time = Some(time(9, 30, 0, 0));
    let name = FileName { kind, party, user_id: Some(USER_ID), s1sp, date: date(2021, 7, 26), time, version: None };
    let extension = if kind == FileKind::Password { "txt" } else { "csv" };
    format!("{name}.{extension}")
}

/// A name that begins with no kind of file.
pub(super) fn kind(name: &str, word: &str) -> String {
    let words: Vec<&str> = FileKind::TAKEN.iter().map(|kind| kind.word()).collect();
    let (name, word) = (shown(name), shown(word));
    format!(
        "'{name}' begins with '{word}', which is no kind of file; those taken are {}. A right name is {}",
        words.join(", "),
        example(FileKind::DemandCommitment)
    )
}

/// A name that begins with a kind, and goes on otherwise than names of that kind do.
pub(super) fn parts(name: &str, kind: FileKind, parts: &[&str]) -> String {
    format!("'{}': {}. A right name is {}", shown(name), difference(kind, parts), example(kind))
}

/// The first part that is missing, wrong or too much.
fn difference(kind: FileKind, parts: &[&str]) -> String {
    let (wanted, has_versions) = grammar(kind);
    let mut rest = parts.iter().copied().filter(|part| !part.is_empty()).peekable();
    let mut left = rest.clone().count();
    for (place, part) in wanted.iter().enumerate() {
        match rest.peek() {
            Some(text) if fits(*part, text) => {
                rest.next();
                left -= 1;
            }
            Some(text) if left >= wanted.len() - place => return format!("'{}' is no {}", shown(text), what(*part)),
            _ => return format!("its {} is missing", what(*part)),
        }
    }
    match rest.next() {
        Some(text) if has_versions => format!("'{}' is no version, such as v2", shown(text)),
        Some(text) => format!("'{}' behind it is too much", shown(text)),
        None => format!("it is not {}", form(kind)),
    }
}

/// Could a text be this part?
fn fits(part: Part, text: &str) -> bool {
    let digits = |count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match part {
        Part::Party => text.parse::<sluice_rules::party::Party>().is_ok(),
        Part::S1sp => text.parse::<sluice_rules::party::S1sp>().is_ok(),
        Part::UserId => text.contains('-') && text.parse::<Eui64>().is_ok(),
        Part::Week | Part::Day => digits(8),
        Part::Time => digits(6),
    }
}

const fn what(part: Part) -> &'static str {
    match part {
        Part::Party => "party (1 to 16 letters and digits)",
        Part::UserId => "User ID (eight pairs with hyphens)",
        Part::S1sp => "S1SP (1 to 16 letters and digits)",
        Part::Week => "Monday of a week (yyyymmdd)",
        Part::Day => "date (yyyymmdd)",
        Part::Time => "time of day (hhmmss)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fi01_what_differs_is_named_beside_a_right_name() {
        for (name, words) in [
            ("DC_AAA123_CGI_20210726.csv", "its User ID (eight pairs with hyphens) is missing"),
            ("DC_AAA123_70B3D51F3000A008_CGI_20210726.csv", "'70B3D51F3000A008' is no User ID"),
            ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_26.07.2021.csv", "'26.07.2021' is no Monday of a week"),
            ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726 (1).csv", "'20210726 (1)' is no Monday of a week"),
            ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_new.csv", "'new' behind it is too much"),
            ("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI.csv", "its Monday of a week (yyyymmdd) is missing"),
            ("MA_CGI_70-B3-D5-1F-30-00-A0-08_20210719_0930.csv", "'0930' is no time of day (hhmmss)"),
            ("DC.csv", "its party (1 to 16 letters and digits) is missing"),
            ("DC_A A_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv", "'A A' is no party"),
            ("DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726_2.csv", "'2' is no version"),
            ("DC__AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv", "it is not DC_<party>"),
        ] {
            let message = FileName::parse(name).unwrap_err().message;
            assert!(message.contains(words), "{message}");
            assert!(message.contains("A right name is "), "{message}");
        }
        let message = FileName::parse("demand.csv").unwrap_err().message;
        assert!(message.starts_with("'demand.csv' begins with 'demand', which is no kind of file"), "{message}");
    }

    #[test]
    fn fi01_the_right_names_are_right() {
        for kind in FileKind::ALL {
            assert_eq!(FileName::parse(&example(*kind)).map(|(name, _)| name.kind), Ok(*kind));
        }
    }

    #[test]
    fn fi01_older_acts_have_the_words_of_their_time() {
        let brief = crate::limits::Reading::of_engine(7);
        let message = FileName::parse_as(brief, "DC_AAA123_CGI_20210726.csv").unwrap_err().message;
        assert!(message.contains("is not of the form DC_<party>"), "{message}");
        let message = FileName::parse_as(brief, "demand.csv").unwrap_err().message;
        assert!(message.contains("does not begin with one of DC"), "{message}");
    }
}
