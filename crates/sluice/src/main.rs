//! `sluice`: the command line. What each command does is in `docs/guide.md`; exit statuses are in [`failure`].

#![warn(clippy::print_stdout, clippy::print_stderr)] // All that is printed goes through `print`.

mod cli;
mod commands;
mod database_copy;
mod failure;
mod interrupt;
mod new_database;
mod offline;
mod output;
mod print;
mod report;
mod session;
mod show;
mod staging;
mod token;

use clap::{CommandFactory, Parser};
use std::process::ExitCode;

/// The words of a usage error with its suggestions, but without the usage itself.
fn in_one_line(error: &str) -> String {
    let words = error.strip_prefix("error: ").unwrap_or(error);
    let told =
        words.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let mut line = String::new();
    for words in told.filter(|words| !words.is_empty()) {
        match words.strip_prefix("tip: ") {
            // No command takes values that begin with a hyphen.
            Some(tip) if tip.starts_with("to pass ") => {}
            Some(tip) => line.extend(["; ", tip]),
            None if line.is_empty() => line.push_str(words),
            None => line.extend([" ", words]),
        }
    }
    line
}

/// The words of a usage error without the arguments that may hold a password: addresses of databases, however mistyped, which
/// are repeated where no argument or a command is expected.
fn without_secrets(words: &str, arguments: impl Iterator<Item = String>) -> String {
    let secret = |argument: &str| {
        let known = argument.to_ascii_lowercase();
        let address = known.contains(':') && known.contains('@') || known.contains("postgres");
        address || known.contains("://") || known.contains("password")
    };
    let mut hidden: Vec<String> = arguments.filter(|argument| secret(argument)).collect();
    // Of --option=VALUE the value alone may be repeated.
    let values: Vec<_> = hidden.iter().filter_map(|argument| Some(argument.split_once('=')?.1.to_owned())).collect();
    hidden.extend(values.into_iter().filter(|value| secret(value)));
    // The longest first: one may be a part of another.
    hidden.sort_by_key(|argument| std::cmp::Reverse(argument.len()));
    hidden.iter().fold(words.to_owned(), |words, hidden| words.replace(hidden, "…"))
}

/// Where the help of the command that was meant stands.
fn help_of(arguments: impl Iterator<Item = String>) -> String {
    let (mut command, mut path) = (cli::command::Cli::command(), String::new());
    for word in arguments {
        if let Some(found) = command.find_subcommand(&word).cloned() {
            path.extend([" ", &word]);
            command = found;
        }
    }
    if path.is_empty() { "sluice help".to_owned() } else { format!("sluice{path} --help") }
}

/// Says how much work the database had, if that is asked for: to find out what grows with a programme (P8).
fn tell_work() {
    if std::env::var_os("SLUICE_WORK").is_some() {
        let work = sluice_store::Work::so_far();
        print::complain(&format!("sluice: work of the database: {} statements, {} steps", work.statements, work.steps));
    }
}

fn main() -> ExitCode {
    let cli = match cli::command::Cli::try_parse_from(cli::anywhere::behind(std::env::args_os())) {
        Ok(cli) => cli,
        // Help and version go to standard output; wrong use is one line.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let arguments = || std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
            let words = without_secrets(&error.to_string(), arguments());
            print::complain(&format!("sluice: {}; see {}", in_one_line(&words), help_of(arguments())));
            return ExitCode::from(2);
        }
    };
    let done = commands::run(cli.command);
    tell_work();
    match done {
        Ok(done) => ExitCode::from(done.status()),
        Err(failure) => {
            show::progress("");
            // Wrong rows of a table are told one a line.
            format!("sluice: {failure}").lines().for_each(print::complain);
            ExitCode::from(failure.status())
        }
    }
}
