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
    let mut session = Session::open_as_holder(&args.at)?;
    let replayed = in_copy(&mut session.service)?;
    if args.at.json {
        let Replayed { acts, tables, rows, difference, erased } = &replayed;
        let erased: Vec<i64> = erased.iter().map(|(seq, _)| *seq).collect();
        print_json(&json!({
            "acts": acts, "tables": tables, "rows": rows, "difference": difference, "erased": erased,
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
    let Replayed { acts, tables, rows, difference, erased } = replayed;
    match difference {
        None if !erased.is_empty() => {
            let list: Vec<String> = erased.iter().map(|(seq, kind)| format!("{seq} ({kind})")).collect();
            print_line(&format!("{acts} acts done again; there the replay ends, and no table is compared."))?;
            print_line(&format!(
                "What can no longer be done again, since its details are erased: act {}.",
                list.join(", act ")
            ))
        }
        None => print_line(&format!(
            "{acts} acts done again: {tables} tables with {rows} rows are the same, byte for byte."
        )),
        Some(difference) => print_line(&format!("After {acts} acts it differs: {difference}")),
    }
}
