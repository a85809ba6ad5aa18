//! `sluice`: the command line. What each command does is in `docs/guide.md`; exit statuses are in [`failure`].

mod cli;
mod commands;
mod failure;
mod offline;
mod output;
mod report;
mod session;
mod show;

use clap::Parser;
use std::process::ExitCode;

/// The words of a usage error without its hints.
fn in_one_line(error: &str) -> String {
    let words = error.strip_prefix("error: ").unwrap_or(error);
    let told =
        words.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<&str> = told.filter(|line| !line.is_empty()).collect();
    sluice_wire::text::escaped(&told.join(" "))
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
