//! `sluice init`.

use crate::cli::database::Init;
use crate::failure::{Done, Outcome};
use crate::print::print_line;
use crate::session::Session;

/// Runs `sluice init`.
///
/// # Errors
/// If there is a database already, or it cannot be made.
pub fn run(args: &Init) -> Outcome {
    let session = Session::create(&args.at, args.simulated)?;
    let kind = if args.simulated { "simulated database, its clock is given with --now," } else { "database" };
    print_line(&format!("A {kind} is ready at {}.", session.service.url()))?;
    print_line("Next: sluice import parties FILE, then capacity, dmc, epcl and inventory.")?;
    Ok(Done::Clean)
}
