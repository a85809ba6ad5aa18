//! `docs/rules/messages.md` has every message with which scenarios see files and rows refused, each with an example. It is
//! made of what they expect, so that it cannot go stale: `SLUICE_BLESS=1 cargo test -p sluice --test messages` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use sluice_rules::codes::{FileCode, RowCode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Messages by code and form; of each form the shortest example.
#[derive(Default)]
struct Messages(BTreeMap<(String, String), String>);

impl Messages {
    /// Takes the codes and the words of a row or a file; those of several codes only where they can be told apart.
    fn take(&mut self, codes: &str, words: &str) {
        let codes: Vec<&str> = codes.split(' ').filter(|code| is_code(code)).collect();
        let words = words.split("; correct it until ").next().unwrap_or_default();
        let parts: Vec<&str> = words.split("; ").collect();
        match codes.as_slice() {
            [code] => self.add(code, words),
            codes if codes.len() == parts.len() => {
                codes.iter().zip(parts).for_each(|(code, part)| self.add(code, part))
            }
            _ => {}
        }
    }

    fn add(&mut self, code: &str, words: &str) {
        let example = self.0.entry((code.to_owned(), form(words))).or_insert_with(|| words.to_owned());
        if (words.len(), words) < (example.len(), example) {
            words.clone_into(example);
        }
    }
}

fn is_code(word: &str) -> bool {
    word.parse::<FileCode>().is_ok() || word.parse::<RowCode>().is_ok()
}

/// The form of a message: what was read and what it is about are left out, and what is said twice is said once.
fn form(words: &str) -> String {
    let mut plain = String::new();
    for (place, piece) in words.split('\'').enumerate() {
        plain.push_str(if place % 2 == 0 { piece } else { "'…'" });
    }
    let is_about = |word: &str| {
        const DAYS: [&str; 7] = ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"];
        let is_day = word.strip_suffix("day").is_some_and(|day| DAYS.contains(&day));
        let is_month = ["June", "July", "August", "October"].contains(&word);
        is_day || is_month || word.bytes().any(|byte| byte.is_ascii_digit()) || word == "#"
    };
    let mut parts: Vec<String> = Vec::new();
    for part in plain.split("; ") {
        let mut kept: Vec<&str> = Vec::new();
        for word in part.split_whitespace() {
            let word = if is_about(word) { "#" } else { word };
            if kept.last() != Some(&"#") || word != "#" {
                kept.push(word);
            }
        }
        let part = kept.join(" ");
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join("; ")
}

/// The files that scenarios expect, in the order of their paths.
fn expected(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            expected(&path, found);
        } else if path.components().any(|step| step.as_os_str() == "expected") {
            found.push(path);
        }
    }
}

/// What the program wrote to a terminal: lines such as `FI14 words`, `row 2: MA102 words` and `DO103 row 2: words`.
fn of_terminal(text: &str, messages: &mut Messages) {
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("Refused: ").and_then(|rest| Some(rest.split_once(": ")?.1)).unwrap_or(line);
        let line = without_row(line);
        let end = line.split_whitespace().take_while(|word| is_code(word)).map(|code| code.len() + 1).sum();
        let (codes, words) = line.split_at_checked(end).unwrap_or_default();
        // A table of figures has a code in a column.
        if !words.starts_with(' ') && !words.is_empty() {
            messages.take(codes.trim(), without_row(words));
        }
    }
}

fn without_row(line: &str) -> &str {
    let row = line.strip_prefix("row ").and_then(|rest| rest.split_once(": "));
    row.filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit())).map_or(line, |(_, rest)| rest)
}

/// The rows of a response: their last two fields are the codes and the words.
fn of_response(text: &str, messages: &mut Messages) {
    for line in text.lines() {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        for character in line.chars() {
            match character {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                other => fields.last_mut().unwrap().push(other),
            }
        }
        if let [.., codes, words] = fields.as_slice() {
            messages.take(codes, words);
        }
    }
}

fn messages() -> Messages {
    let (mut found, mut messages) = (Vec::new(), Messages::default());
    expected(&root().join("scenarios"), &mut found);
    for path in found {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if name.starts_with("output-") {
            of_terminal(&text, &mut messages);
        } else if name.starts_with("MAR_") {
            of_response(&text, &mut messages);
        }
    }
    messages
}

fn page() -> String {
    let mut page = "# Messages\n\nWhat is said with each code, each message with an example: what is wrong, where, what was read, what to do. The\n\
        name of the file, and of a row its number, stand before the words. Where a refused file may still be corrected (CAL-3), \"correct\n\
        it until …\" stands behind them. What the codes mean is in the files that they link to.\n\n\
        This page is made of what the scenarios expect, and a test holds it (`crates/sluice/tests/messages.rs`).\n\n\
        | Code | Message |\n|---|---|\n"
        .to_owned();
    for ((code, _), example) in &messages().0 {
        let file = match &code[..2] {
            "FI" => "file-codes.md",
            "MA" => "row-codes.md",
            _ => "dormant.md",
        };
        let example = example.replace('<', "\\<").replace('|', "\\|");
        writeln!(page, "| [{code}]({file}) | {example} |").unwrap();
    }
    page
}

#[test]
fn every_message_stands_in_the_manual_with_an_example() {
    let path = root().join("docs/rules/messages.md");
    let page = page();
    if std::env::var_os("SLUICE_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().find(|line| !found.lines().any(|other| other == *line));
    assert!(
        found == page,
        "docs/rules/messages.md is not what scenarios expect, first: {differs:?}; see the head of this test"
    );
}

#[test]
fn every_code_has_a_message() {
    let found = messages().0;
    let codes = FileCode::ALL.iter().map(|code| code.code()).chain(RowCode::ALL.iter().map(|code| code.code()));
    let without: Vec<&str> = codes.filter(|code| !found.keys().any(|(other, _)| other == code)).collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn messages_that_differ_in_what_was_read_are_one() {
    assert_eq!(form("row 2 has 'x'; row 3 has 'a; b'; and more"), form("row 7 has ''; and more"));
    assert_ne!(form("row 2 has 'x'"), form("row 2 repeats 'x'"));
}
