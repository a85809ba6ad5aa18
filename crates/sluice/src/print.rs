//! The one door to the terminal. Names, reasons, references, paths: much of what is printed was written by somebody, who may be
//! a rival of whoever reads it. So all that is printed is escaped here: nothing moves the cursor, turns the direction of
//! writing, or looks like another line.

use crate::failure::Failure;
use serde_json::Value;
use sluice_service::people::tokens::PREFIX as BEGIN_OF_TOKENS;
use sluice_wire::text::{escaped, is_unfit};
use std::fmt::{self, Write as _};
use std::io::{ErrorKind, IsTerminal, Write};

/// What is printed as a line, or as several.
pub trait Printed {
    /// It, fit for a terminal.
    fn fit(&self) -> String;
}

/// One line, whatever is in it.
impl Printed for str {
    fn fit(&self) -> String {
        escaped(self)
    }
}

impl Printed for String {
    fn fit(&self) -> String {
        escaped(self)
    }
}

/// Several lines, each fit for a terminal.
#[derive(Debug)]
pub struct Lines(String);

impl Lines {
    /// Lines, each of which stays one.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        Self(lines.into_iter().map(escaped).collect::<Vec<_>>().join("\n"))
    }

    /// More lines below these.
    pub fn and(self, more: &Self) -> Self {
        Self(format!("{self}\n{more}"))
    }
}

impl Printed for Lines {
    fn fit(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Prints a line, or several, to standard output. A reader that went away, such as `head`, is no failure.
///
/// # Errors
/// If standard output cannot be written for another reason.
pub fn print_line<P: Printed + ?Sized>(words: &P) -> Result<(), Failure> {
    print_file(&(words.fit() + "\n"))
}

/// Prints machine output. What is unfit for a terminal stands there as JSON escapes it.
///
/// # Errors
/// As [`print_line`].
pub fn print_json(value: &Value) -> Result<(), Failure> {
    print_file(&json_fit(&serde_json::to_string_pretty(value).map_err(Failure::internal)?))
}

/// Prints machine output in one line.
///
/// # Errors
/// As [`print_line`].
pub fn print_json_line(value: &Value) -> Result<(), Failure> {
    print_file(&json_fit(&value.to_string()))
}

/// Outside of its strings JSON has no character that is unfit, but for the ends of its lines.
fn json_fit(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        if character == '\n' || !is_unfit(character) {
            out.push(character);
        } else {
            // Writing to a string does not fail.
            write!(out, "\\u{:04x}", u32::from(character)).ok();
        }
    }
    out + "\n"
}

/// Prints the content of a file, as it is.
///
/// # Errors
/// As [`print_line`].
pub fn print_file(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::internal(error)),
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
pub fn complain(line: &str) {
    // Nobody can be told that this cannot be told.
    writeln!(std::io::stderr().lock(), "{}", escaped(&without_tokens(line))).ok();
}

/// ACC-1: words without the tokens that somebody gave in a wrong place, such as for a command or the name of a file. Half a token is
/// covered too.
fn without_tokens(words: &str) -> String {
    /// The shortest piece of a token that is covered; names such as `sluice_backup` are none.
    const LEAST: usize = 12;
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(BEGIN_OF_TOKENS) {
        let (before, from) = rest.split_at(at + BEGIN_OF_TOKENS.len());
        let end = from.bytes().take_while(u8::is_ascii_hexdigit).count();
        out.push_str(before);
        if end >= LEAST {
            out.push('…');
            rest = from.trim_start_matches(|character: char| character.is_ascii_alphanumeric());
        } else {
            rest = from;
        }
    }
    out + rest
}

/// Says what is about to be done; at a terminal, asks whether it is meant. Where nobody can be asked, it is.
pub fn confirm(words: &str, question: &str) -> bool {
    complain(words);
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return true;
    }
    complain(&format!("{question} Type yes to go on."));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("yes")
}

#[cfg(test)]
#[path = "print_tests.rs"]
mod tests;
