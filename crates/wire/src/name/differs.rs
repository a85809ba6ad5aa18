//! FI01: in what a name differs from a right one, in words, with a right one.

use super::align;
use super::grammar::{Part, form, grammar};
use crate::text::shown;
use sluice_rules::file::FileKind;

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

/// The first part that is missing, wrong or too much, where that is certain; else the form of such a name alone.
fn difference(kind: FileKind, parts: &[&str]) -> String {
    let (wanted, has_versions) = grammar(kind);
    let given: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if is_hyphened(wanted, &given) {
        return "its parts must be joined by underscores (_)".to_owned();
    }
    let certain = align::only(wanted, &given).and_then(|matched| gap(wanted, &given, &matched, has_versions));
    certain.unwrap_or_else(|| {
        let how =
            if align::is_reordered(wanted, &given) { "its parts stand in another order than" } else { "it is not" };
        format!("{how} {}", form(kind))
    })
}

/// What stands between the parts that are there: the first gap, in words. Nothing where more than one thing may be wrong with it.
fn gap(wanted: &[Part], given: &[&str], matched: &[Option<usize>], has_versions: bool) -> Option<String> {
    let is_left = |place: &usize| !matched.contains(&Some(*place));
    let left: Vec<&str> = (0..given.len()).filter(is_left).map(|place| given[place]).collect();
    let (mut next, mut missing) = (0, Vec::new());
    for (part, place) in wanted.iter().zip(matched) {
        let Some(place) = *place else {
            missing.push(*part);
            continue;
        };
        let texts = &given[next..place];
        if !is_filled(&missing, texts) {
            return between(&missing, texts, &left);
        }
        missing.clear();
        next = place + 1;
    }
    match (&missing[..], &given[next..]) {
        ([], [text, ..]) if has_versions => Some(format!("'{}' is no version, such as v2", shown(text))),
        ([], [text, ..]) => Some(format!("'{}' behind it is too much", shown(text))),
        (missing, texts) => between(missing, texts, &left),
    }
}

/// Is nothing missing in a place, or only what the text there could be, though it looks like something else?
fn is_filled(missing: &[Part], texts: &[&str]) -> bool {
    missing.len() == texts.len() && missing.iter().zip(texts).all(|(part, text)| align::could_be(*part, text))
}

/// Parts that are missing in one place, and what stands there. What is left elsewhere may be what is missing here.
fn between(missing: &[Part], texts: &[&str], left: &[&str]) -> Option<String> {
    let part = missing.first().filter(|part| !left.iter().any(|text| align::could_be(**part, text)))?;
    match (missing.len(), texts) {
        (_, []) => Some(format!("its {} is missing", what(*part))),
        (1, [text]) => Some(format!("'{}' is no {}", shown(text), what(*part))),
        _ => None,
    }
}

/// Are there hyphens where underscores belong? Then the pieces between either are a whole name, with the eight of the User ID together.
fn is_hyphened(wanted: &[Part], given: &[&str]) -> bool {
    const PAIRS: usize = 8;
    let pieces: Vec<&str> = given.iter().flat_map(|part| part.split('-')).take(MOST_PIECES).collect();
    let is_whole = |parts: &[String]| {
        parts != given
            && parts.len() == wanted.len()
            && wanted.iter().zip(parts).all(|(part, text)| align::is(*part, text))
    };
    let plain = |pieces: &[&str]| pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
    let with_id = |at: usize| {
        let id = pieces[at..at + PAIRS].join("-");
        [plain(&pieces[..at]), vec![id], plain(&pieces[at + PAIRS..])].concat()
    };
    is_whole(&plain(&pieces)) || (0..(pieces.len() + 1).saturating_sub(PAIRS)).any(|at| is_whole(&with_id(at)))
}

/// More pieces than this make no name of ours.
const MOST_PIECES: usize = 16;

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
