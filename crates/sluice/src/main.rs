//! `sluice`: the command line. What each command does is in `docs/guide.md`; exit statuses are in [`failure`].

mod cli;
mod commands;
mod failure;
mod offline;
mod output;
mod report;
mod show;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli.command) {
        Ok(done) => ExitCode::from(done.status()),
        Err(failure) => {
            // A path is what somebody typed or sent; its control characters stay out of the terminal.
            eprintln!("sluice: {}", sluice_wire::text::escaped(&failure.to_string()));
            ExitCode::from(failure.status())
        }
    }
}
