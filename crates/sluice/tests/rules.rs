//! Every rule that the code applies is described, and every rule that is described is tested.
//!
//! That a named test really depends on its rule is shown by taking rules away: `scripts/mutants rules` removes, one at
//! a time, the statement that applies MSM-2a, MSM-3, MSM-4, MSM-5, MSM-6, MSM-7, MSM-8, MSM-12, MSM-13, CAL-1, RB-2, MA102,
//! MA107 and FI07, and each time the test named beside it in `mutants/rules.toml` must fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use sluice_rules::codes::{FileCode, RowCode};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
}

fn read_all(folders: &[&str], extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| files(&root().join(folder), extension, &mut found));
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Is a word the id of a rule, such as `MSM-2a`, or a code, such as `FI07`?
fn is_id(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((family, number)) = word.split_once('-') {
        let families = ["RB", "CAL", "MSM", "MAM", "DMT", "SCH", "OUT", "EXC", "STOP", "REF", "REP", "GOV", "ACC"];
        return families.contains(&family)
            && digits(number.trim_end_matches(|letter: char| letter.is_ascii_lowercase()));
    }
    [("FI", 2), ("MA", 3), ("DO", 3)]
        .iter()
        .any(|(family, length)| word.strip_prefix(family).is_some_and(|rest| rest.len() == *length && digits(rest)))
}

fn ids(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

/// Where code stands that applies rules.
const CRATES: [&str; 5] =
    ["crates/rules/src", "crates/wire/src", "crates/store/src", "crates/service/src", "crates/sluice/src"];

/// The ids that stand in the code, tests left out.
fn in_code() -> BTreeSet<String> {
    let sources = read_all(&CRATES, "rs");
    let code = sources.iter().filter(|(path, _)| !is_test(path)).map(|(_, text)| match text.find("#[cfg(test)]") {
        Some(end) => &text[..end],
        None => text.as_str(),
    });
    code.flat_map(ids).collect()
}

/// The ids that have a heading in `docs/rules/`.
fn described() -> BTreeSet<String> {
    let mut headings = BTreeSet::new();
    for (path, text) in read_all(&["docs/rules"], "md") {
        for line in text.lines().filter_map(|line| line.strip_prefix("## ")) {
            let id = line.split_whitespace().next().unwrap_or_default();
            if is_id(id) {
                assert!(headings.insert(id.to_owned()), "{id} has two headings, one in {}", path.display());
            }
        }
    }
    headings
}

/// The ids that the name of a test begins with, or that a scenario names.
fn tested() -> BTreeSet<String> {
    let mut tested = BTreeSet::new();
    for (_, text) in read_all(&["crates"], "rs") {
        for test in text.split("#[test]").skip(1) {
            let Some(name) = test.split("fn ").nth(1).and_then(|rest| rest.split('(').next()) else { continue };
            tested.insert(name.to_owned());
        }
    }
    let named = described().into_iter().filter(|id| {
        let prefix = format!("{}_", id.to_lowercase().replace('-', "_"));
        tested.iter().any(|name| name.starts_with(&prefix) || name.contains(&format!("_and_{prefix}")))
    });
    let scenarios = read_all(&["scenarios"], "toml");
    let in_scenarios = scenarios.iter().filter_map(|(_, text)| text.lines().find(|line| line.starts_with("rules")));
    named.chain(in_scenarios.flat_map(ids)).collect()
}

#[test]
fn every_rule_in_the_code_has_a_heading() {
    let missing: Vec<_> = in_code().difference(&described()).cloned().collect();
    assert!(missing.is_empty(), "without a heading in docs/rules: {missing:?}");
}

#[test]
fn every_heading_stands_in_the_code() {
    let missing: Vec<_> = described().difference(&in_code()).cloned().collect();
    assert!(missing.is_empty(), "described but nowhere in the code: {missing:?}");
}

#[test]
fn every_heading_has_a_test_that_names_it() {
    let missing: Vec<_> = described().difference(&tested()).cloned().collect();
    assert!(missing.is_empty(), "described but named by no test: {missing:?}");
}

#[test]
fn every_code_has_a_heading() {
    let codes = FileCode::ALL.iter().map(|code| code.code()).chain(RowCode::ALL.iter().map(|code| code.code()));
    let described = described();
    let missing: Vec<_> = codes.filter(|code| !described.contains(*code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_heading_says_its_standing_and_source() {
    for (path, text) in read_all(&["docs/rules"], "md") {
        for section in text.split("\n## ").skip(1) {
            let id = section.split_whitespace().next().unwrap_or_default();
            let standing = section.lines().find(|line| line.starts_with("Standing: "));
            let complete = standing.is_some_and(|line| {
                ["[S]", "[D]", "[R]"].iter().any(|mark| line.contains(mark)) && section.contains("Source: ")
            });
            assert!(!is_id(id) || complete, "{id} in {}", path.display());
        }
    }
}
