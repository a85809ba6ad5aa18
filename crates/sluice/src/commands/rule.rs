//! `sluice rule`: what a rule or a code says, and what to do about it, as the documents have it.

use crate::cli::Rule;
use crate::failure::{Done, Failure, Outcome};
use crate::print::print_line;
use crate::show;

/// The documents of the rules, in the order of their index.
const DOCUMENTS: [&str; 14] = [
    include_str!("../../../../docs/rules/rulebooks.md"),
    include_str!("../../../../docs/rules/calendar.md"),
    include_str!("../../../../docs/rules/scaling.md"),
    include_str!("../../../../docs/rules/weeks.md"),
    include_str!("../../../../docs/rules/authorisation.md"),
    include_str!("../../../../docs/rules/row-codes.md"),
    include_str!("../../../../docs/rules/file-codes.md"),
    include_str!("../../../../docs/rules/dormant.md"),
    include_str!("../../../../docs/rules/schedules.md"),
    include_str!("../../../../docs/rules/stop-orders.md"),
    include_str!("../../../../docs/rules/reference-data.md"),
    include_str!("../../../../docs/rules/people.md"),
    include_str!("../../../../docs/rules/reports.md"),
    include_str!("../../../../docs/rules/states.md"),
];

/// Runs `sluice rule`.
///
/// # Errors
/// If there is no such rule.
pub fn run(args: &Rule) -> Outcome {
    for id in &args.ids {
        let section = section(id).ok_or_else(|| Failure::Use(unknown(id)))?;
        for paragraph in paragraphs(section) {
            match paragraph {
                Paragraph::Words(words) => print_line(&show::paragraph(&words))?,
                Paragraph::AsItIs(line) => print_line(line)?,
            }
        }
    }
    Ok(Done::Clean)
}

/// The sections of all rules: the heading begins with the id.
fn sections() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().flat_map(|document| document.split("\n## ").skip(1))
}

fn id_of(section: &str) -> &str {
    section.split_whitespace().next().unwrap_or_default()
}

fn section(id: &str) -> Option<&'static str> {
    sections().find(|section| id_of(section).eq_ignore_ascii_case(id))
}

fn unknown(id: &str) -> String {
    let family: String = id.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let of_family = |known: &&str| known.trim_end_matches(|c: char| !c.is_ascii_alphabetic()) == family;
    let alike: Vec<&str> = sections().map(id_of).filter(of_family).collect();
    match (alike.first(), alike.last()) {
        (Some(first), Some(last)) => format!("there is no rule or code {id}; {family} goes from {first} to {last}"),
        _ => format!("there is no rule or code {id}; name one as a message has it in brackets, such as MAM-3 or FI07"),
    }
}

/// A part of a section, as a terminal has it.
enum Paragraph<'a> {
    Words(String),
    AsItIs(&'a str),
}

/// Words are folded anew; tables, lists and what is set in stand line by line. Of a link its words are left.
fn paragraphs(section: &str) -> Vec<Paragraph<'_>> {
    let mut found = Vec::new();
    let mut words = String::new();
    for line in section.lines().chain([""]) {
        let as_it_is = line.is_empty() || line.starts_with(['|', '-', ' ']);
        if as_it_is || found.is_empty() {
            if !words.is_empty() {
                found.push(Paragraph::Words(std::mem::take(&mut words)));
            }
            found.push(Paragraph::AsItIs(line));
        } else {
            let blank = if words.is_empty() { "" } else { " " };
            words.extend([blank, &without_links(line)]);
        }
    }
    // One blank line between two rules is enough.
    let is_blank = |paragraph: &Paragraph<'_>| matches!(paragraph, Paragraph::AsItIs(""));
    while found.len() > 1 && found.iter().rev().take(2).all(is_blank) {
        found.pop();
    }
    found
}

fn without_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        match link.split_once("](").and_then(|(words, behind)| Some((words, behind.split_once(')')?.1))) {
            Some((words, behind)) if !words.contains(['[', ']']) => {
                out.push_str(words);
                rest = behind;
            }
            _ => {
                out.push('[');
                rest = link;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_rules::codes::{FileCode, RowCode};

    #[test]
    fn every_code_says_what_to_do() {
        let codes = RowCode::ALL.iter().map(|code| code.code()).chain(FileCode::ALL.iter().map(|code| code.code()));
        for code in codes {
            let section = section(code).unwrap_or_else(|| panic!("{code} has no section"));
            assert!(section.contains("\nWhat to do: "), "{code}");
        }
        assert!(section("mam-11").is_some_and(|section| section.starts_with("MAM-11 ")));
    }

    #[test]
    fn what_is_no_rule_is_answered_by_what_there_is() {
        assert_eq!(unknown("STOP-9"), "there is no rule or code STOP-9; STOP goes from STOP-1 to STOP-1");
        assert!(unknown("x").contains("such as MAM-3"));
    }

    #[test]
    fn of_links_the_words_are_left() {
        assert_eq!(without_links("see [MAM-3](a.md#b) and [S], [R] at [x"), "see MAM-3 and [S], [R] at [x");
    }
}
