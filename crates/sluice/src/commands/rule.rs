//! `sluice rule`: what a rule or a code says, and what to do about it, as the documents have it.

use crate::cli::Rule;
use crate::failure::{Done, Failure, Outcome};
use crate::print::print_line;
use crate::show;
use sluice_service::read::rule_words::{section, unknown};

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

    #[test]
    fn of_links_the_words_are_left() {
        assert_eq!(without_links("see [MAM-3](a.md#b) and [S], [R] at [x"), "see MAM-3 and [S], [R] at [x");
    }
}
