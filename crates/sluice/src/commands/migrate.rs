//! `sluice migrate`.

use crate::cli::database::Migrate;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use serde_json::json;
use sluice_service::service::receipts::make_receipt_key;
use sluice_store::schema::MIGRATIONS;
use sluice_store::{Migration, Store};

/// Runs `sluice migrate`.
///
/// # Errors
/// If the database is not there, is newer than the program, or cannot be changed; then nothing of it is.
pub fn run(args: &Migrate) -> Outcome {
    if args.at.now.is_some() {
        return Err(Failure::Use("migrate needs no moment; leave --now out".to_owned()));
    }
    let mut store = Store::open(&args.at.database.url()?)?;
    let (from, protected) = (store.version()?, store.is_protected()?);
    let steps = if args.dry_run { store.rehearse(MIGRATIONS)? } else { store.migrate(MIGRATIONS)? };
    let to = store.version()?;
    if !args.dry_run {
        make_receipt_key(&mut store)?;
    }
    if args.at.json {
        let listed: Vec<_> = steps.iter().map(|step| json!({ "version": step.version, "name": step.name })).collect();
        print_json(&json!({ "from": from, "to": to, "steps": listed, "rights": !protected, "dry_run": args.dry_run }))?;
        return Ok(Done::Clean);
    }
    let url = store.url();
    match (steps, args.dry_run) {
        ([], true) if !protected => {
            print_line(&format!("{url} has schema version {to}. Its rights would be made anew."))?
        }
        ([], false) if !protected => print_line(&format!("{url} has schema version {to}. Its rights were made anew."))?,
        ([], _) => print_line(&format!("{url} is up to date: schema version {to}. Nothing was changed."))?,
        (_, true) => print_line(&format!("{url} has schema version {from}. To be applied:"))?,
        (_, false) => print_line(&format!("{url} went from schema version {from} to {to}. Applied in one change:"))?,
    }
    steps.iter().try_for_each(|Migration { version, name, .. }| print_line(&format!("  {version}  {name}")))?;
    Ok(Done::Clean)
}
