//! `sluice`: the command line. What each command does is in `docs/guide.md`; exit statuses are in [`failure`].

mod cli;
mod commands;
mod failure;
mod offline;
mod output;
mod report;
mod session;
mod show;
mod token;

use clap::Parser;
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
    sluice_wire::text::escaped(&line)
}

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version go to standard output; wrong use is one line.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            eprintln!("sluice: {}; see sluice help", in_one_line(&error.to_string()));
            return ExitCode::from(2);
        }
    };
    match commands::run(cli.command) {
        Ok(done) => ExitCode::from(done.status()),
        Err(failure) => {
            show::progress("");
            // A path is what somebody typed or sent; its control characters stay out of the terminal.
            eprintln!("sluice: {}", sluice_wire::text::escaped(&failure.to_string()));
            ExitCode::from(failure.status())
        }
    }
}
