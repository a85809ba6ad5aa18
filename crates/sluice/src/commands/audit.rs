//! `sluice audit`.

use crate::cli::database::AuditAction;
use crate::failure::{Done, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use serde_json::json;

/// Runs `sluice audit`.
///
/// # Errors
/// If the database fails.
pub fn run(action: AuditAction) -> Outcome {
    let AuditAction::Verify { at } = action;
    let mut session = Session::open(&at)?;
    let verified = session.service.verify()?;
    if at.json {
        print_json(&json!({ "rows": verified.rows, "bad": verified.bad }))?;
    } else if let Some(bad) = &verified.bad {
        print_line(bad)?;
    } else {
        print_line(&format!("{} rows of the record: no gap, every leaf as it was written.", verified.rows))?;
    }
    Ok(Done::unless(verified.bad.is_some()))
}
