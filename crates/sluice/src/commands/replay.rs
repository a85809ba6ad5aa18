//! `sluice replay`.

use crate::cli::database::Replay;
use crate::database_copy::CopyPlace;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use serde_json::json;
use sluice_service::record::replay::Replayed;
use sluice_service::service::Service;

/// Runs `sluice replay`.
///
/// # Errors
/// If the database fails, or there is no room for the copy.
pub fn run(args: &Replay) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let replayed = in_copy(&mut session.service)?;
    if args.at.json {
        let Replayed { acts, tables, rows, difference } = &replayed;
        print_json(&json!({ "acts": acts, "tables": tables, "rows": rows, "difference": difference }))?;
    } else {
        tell(&replayed)?;
    }
    Ok(Done::unless(replayed.difference.is_some()))
}

/// Replays a database in a copy beside it, which is gone afterwards.
///
/// # Errors
/// If the database fails, or there is no room for the copy.
pub fn in_copy(service: &mut Service) -> Result<Replayed, Failure> {
    let place = CopyPlace::beside(service.url())?;
    Ok(service.replay(place.url())?)
}

/// Shows what a replay found.
///
/// # Errors
/// If standard output cannot be written.
pub fn tell(replayed: &Replayed) -> Result<(), Failure> {
    let Replayed { acts, tables, rows, difference } = replayed;
    match difference {
        None => print_line(&format!(
            "{acts} acts done again: {tables} tables with {rows} rows are the same, byte for byte."
        )),
        Some(difference) => print_line(&format!("After {acts} acts it differs: {difference}")),
    }
}
