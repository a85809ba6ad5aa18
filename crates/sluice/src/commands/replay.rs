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
    let (mut session, caught_up) = Session::open_to_check(&args.at)?;
    let replayed = in_copy(&mut session.service)?;
    if replayed.difference.is_none() {
        caught_up?;
    }
    if args.at.json {
        let Replayed { acts, tables, rows, difference, erased, ended, open } = &replayed;
        let erased: Vec<i64> = erased.iter().map(|(seq, _)| *seq).collect();
        print_json(&json!({
            "acts": acts, "tables": tables, "rows": rows, "difference": difference, "erased": erased,
            "ended": ended, "open": open,
        }))?;
    } else {
        tell(&replayed)?;
    }
    Ok(Done::unless(replayed.difference.is_some() || !replayed.erased.is_empty()))
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
    let Replayed { acts, tables, rows, difference, erased, .. } = replayed;
    match difference {
        None if !erased.is_empty() => tell_what_is_left(replayed),
        None => print_line(&format!(
            "{acts} acts done again: {tables} tables with {rows} rows are the same, byte for byte."
        )),
        Some(difference) => print_line(&format!("After {acts} acts it differs: {difference}")),
    }
}

/// Shows what could be compared where acts can no longer be done again, and what could not.
fn tell_what_is_left(replayed: &Replayed) -> Result<(), Failure> {
    let Replayed { acts, tables, rows, erased, ended, open, .. } = replayed;
    let list: Vec<String> = erased.iter().map(|(seq, kind)| format!("{seq} ({kind})")).collect();
    let list = list.join(", act ");
    print_line(&format!("What can no longer be done again, since its details are erased: act {list}."))?;
    print_line(&format!("{acts} acts done again; {tables} tables with {rows} rows are the same, byte for byte."))?;
    if let Some(ended) = ended {
        print_line(&format!(
            "There the replay ends, since what follows may rest on what is erased, or was changed: {ended}"
        ))?;
    }
    if open.is_empty() {
        Ok(())
    } else {
        print_line(&format!("Nothing can be said of the tables {}.", open.join(", ")))
    }
}
