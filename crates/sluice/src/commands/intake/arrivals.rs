//! What was handed in and waits, and receipts.

use crate::cli::database::Database;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::rfc3339;
use serde_json::json;
use sluice_rules::party::Party;
use sluice_service::books::calendar::in_words;
use sluice_service::files::signed::{Said, SignedReceipt};
use sluice_service::words::count;
use sluice_store::tables::intake::{Arrival, Live, SILENCE};
use sluice_store::tables::record::hexadecimal;
use sluice_wire::name::may_be_password;
use sluice_wire::text::shown;
use std::path::Path;

/// Nothing is taken over before it is shown.
pub(super) fn show(party: Option<Party>, at: &Database) -> Outcome {
    let mut session = Session::open_to_hand_in(at)?;
    let by = session.reader(party)?;
    let (arrivals, live, clock) = session.service.waiting(session.now, &by)?;
    let is_dead = |live: &Live| live.beat + SILENCE <= clock;
    if at.json {
        let waiting = |one: &Arrival| json!({ "arrival": one.id, "party": one.party.to_string(), "file": one.name, "size": one.size, "received": rfc3339(one.at), "why": one.why });
        let live: Vec<_> =
            live.iter().map(|one| json!({ "since": rfc3339(one.watermark), "dead": is_dead(one) })).collect();
        let waiting: Vec<_> = arrivals.iter().map(waiting).collect();
        return print_json(&json!({ "waiting": waiting, "about_to_hand_in": live })).map(|()| Done::Clean);
    }
    if arrivals.is_empty() {
        print_line("Nothing waits: all that was handed in is taken over.")?;
    }
    for one in &arrivals {
        let Arrival { id, party, name, size, at, why, .. } = one;
        let size = count(usize::try_from(*size).unwrap_or(usize::MAX), "byte");
        print_line(&format!("{id}: {party}, {}, {size}, since {}", shown(name), in_words(*at)))?;
        if let Some(why) = why {
            print_line(&format!("  cannot be taken over: {why}"))?;
        }
    }
    for one in &live {
        let what =
            if is_dead(one) { "was about to hand something in and is dead" } else { "is about to hand something in" };
        print_line(&format!("A process {what}, since {}.", in_words(one.watermark)))?;
    }
    Ok(Done::Clean)
}

pub(super) fn key(at: &Database) -> Outcome {
    let mut session = Session::open_to_hand_in(at)?;
    let keys: Vec<String> = session.service.receipt_keys()?.iter().map(|key| hexadecimal(key)).collect();
    if at.json {
        return print_json(&json!({ "keys": keys })).map(|()| Done::Clean);
    }
    if keys.is_empty() {
        return Err(Failure::Use("this database has no key of receipts; run sluice migrate".to_owned()));
    }
    for key in &keys {
        print_line(key)?;
    }
    Ok(Done::Clean)
}

/// What was kept of what a receipt is for, in words.
fn what(said: &Said) -> String {
    match &said.sha256 {
        Some(digest) => format!("SHA-256 {digest}"),
        None if may_be_password(&said.name) => "a password, of which nothing but this is kept".to_owned(),
        None => format!("{} bytes, more than is read, so nothing was kept", said.size),
    }
}

/// Reads a signed receipt.
///
/// # Errors
/// If it cannot be read, or is none.
pub fn read_receipt(path: &Path) -> Result<SignedReceipt, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::read(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::Use(format!("{} is no receipt: {error}", path.display())))
}

pub(super) fn verify(path: &Path, key: Option<String>, at: &Database) -> Outcome {
    let receipt = read_receipt(path)?;
    let keys = match key {
        Some(key) => vec![key.trim().to_ascii_lowercase()],
        None => {
            let without = "with --key KEY a receipt is verified without a database and without a token; DCC has the key \
                           (sluice intake key)";
            let mut session = Session::open_to_hand_in(at).map_err(|failure| failure.with(without))?;
            session.service.receipt_keys()?.iter().map(|key| hexadecimal(key)).collect()
        }
    };
    let (known, signed) = (keys.contains(&receipt.key), receipt.is_as_signed());
    if at.json {
        print_json(&json!({ "receipt": receipt.receipt, "key_is_known": known, "verifies": known && signed }))?;
        return Ok(Done::unless(!(known && signed)));
    }
    let said = &receipt.receipt;
    print_line(&match (known, signed) {
        (true, true) => format!(
            "The receipt verifies: {} handed in {} ({}), complete at {}.",
            shown(&said.party),
            shown(&said.name),
            what(said),
            shown(&said.arrived_at)
        ),
        (false, _) => {
            "The receipt does not verify: its key is not known here; sluice intake key shows which are".to_owned()
        }
        (true, false) => "The receipt does not verify: it was changed after it was signed".to_owned(),
    })?;
    Ok(Done::unless(!(known && signed)))
}
