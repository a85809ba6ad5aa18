//! FI01: in what a name differs from a right one, in words, with a right one.

use super::grammar::{Part, form, grammar};
use crate::text::shown;
use sluice_rules::file::FileKind;
use sluice_rules::party::Eui64;

/// A right name of a kind.
pub(super) fn example(kind: FileKind) -> String {
    let mut name = kind.word().to_owned();
    for part in grammar(kind).0 {
        name.push('_');
        name.push_str(match part {
            Part::Party => "AAA123",
            Part::UserId => "70-B3-D5-1F-30-00-A0-08",
            Part::S1sp => "CGI",
            Part::Week | Part::Day => "20210726",
            Part::Time => "093000",
        });
    }
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
