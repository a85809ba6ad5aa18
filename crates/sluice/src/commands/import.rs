//! `sluice import` (REF-1, REF-2).

use super::proposal::tell_proposed;
use crate::cli::database::{Import, ImportWhat};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{complain, print_json, print_line};
use crate::session::Session;
use crate::show::{count, rfc3339};
use serde_json::json;
use sluice_rules::reference::ReferenceKind;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::error::ServiceError;
use sluice_service::imports::import::{Imported, UndoImport, Undone};
use sluice_service::service::ImportFile;
use sluice_service::service::by_two::Asked;
use sluice_store::tables::imports::as_at;

/// Runs `sluice import`.
///
/// # Errors
/// If rows are wrong, or a second operator is missing; then nothing is changed.
pub fn run(args: &Import) -> Outcome {
    match (args.what, &args.file) {
        (ImportWhat::Undo, None) => undo(args),
        (ImportWhat::Undo, Some(_)) => Err(Failure::Use("undo takes no file: it undoes the last import".to_owned())),
        (ImportWhat::Table(_), None) => Err(Failure::Use("name the file to import".to_owned())),
        (ImportWhat::Table(kind), Some(_)) => table(args, kind),
    }
}

fn table(args: &Import, kind: ReferenceKind) -> Outcome {
    let Some(path) = &args.file else { return Err(Failure::Use("name the file to import".to_owned())) };
    let bytes = std::fs::read(path).map_err(|error| Failure::read(path, &error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut session = Session::open(&args.at)?;
    let by = session.operator(args.signatures.by.as_deref())?;
    let approve = session.second(args.signatures.approve.clone())?;
    older(&mut session, &by, args, kind)?;
    let file = ImportFile {
        kind,
        name: &name,
        bytes,
        as_at: args.as_at,
        approve: approve.as_deref(),
        only_shown: args.dry_run,
    };
    let asked = if session.proposes(&args.signatures) && !args.dry_run {
        session.service.ask_import(session.now, &by, file)
    } else {
        session.service.import(session.now, &by, file).map(Asked::Done)
    };
    match asked {
        Ok(Asked::Done(imported)) => tell(&session, args, &format!("{kind} from {name}"), &imported),
        Ok(Asked::Waits(proposed)) => tell_proposed(&proposed, args.at.json),
        Err(ServiceError::Table(words)) => Err(wrong_rows(&name, &words)),
        Err(error) => Err(error.into()),
    }
}

/// REF-1: data that describe an earlier moment than those that stand are taken, but rarely meant.
fn older(session: &mut Session, by: &Actor, args: &Import, kind: ReferenceKind) -> Result<(), Failure> {
    let standing = session.service.look(session.now, by, |work| Ok(as_at(&mut work.tx, kind)?))?;
    if let Some((given, standing)) = args.as_at.zip(standing).filter(|(given, standing)| given < standing) {
        complain(&format!(
            "sluice: note: these {kind} are of {}, and those that stand of a later moment, {} (REF-1)",
            in_words(given),
            in_words(standing)
        ));
    }
    Ok(())
}

/// Lists the wrong rows, one a line; the last line says what to do.
fn wrong_rows(name: &str, words: &str) -> Failure {
    let Some((rows, advice)) = words.rsplit_once('\n') else {
        return Failure::Use(format!("{name}: {words}; nothing was imported (REF-2)"));
    };
    rows.lines().for_each(complain);
    Failure::Use(format!("{name}: {advice}"))
}

fn tell(session: &Session, args: &Import, what: &str, imported: &Imported) -> Outcome {
    let Imported { before, added, changed, gone, accepted_rows, dormant, returned, notices, needs_approval, first } =
        imported;
    if args.at.json {
        print_json(&json!({
            "what": what, "applied": !args.dry_run, "before": before, "added": added, "changed": changed, "gone": gone,
            "accepted_rows": accepted_rows, "dormant": dormant, "returned": returned, "notices": notices,
            "needs_approval": needs_approval, "first": first,
        }))?;
        return Ok(Done::Clean);
    }
    let would = if args.dry_run { "would be " } else { "" };
    print_line(&format!(
        "{what}: {} before; {added} {would}added, {changed} {would}changed, {gone} {would}gone.",
        count(*before, "row")
    ))?;
    tell_effect(args.dry_run, imported)?;
    tell_dry_run(session, args.dry_run, "import", *needs_approval)?;
    Ok(Done::Clean)
}

/// What becomes of authorisations and of Dormant installations.
fn tell_effect(dry_run: bool, imported: &Imported) -> Result<(), Failure> {
    let Imported { accepted_rows, dormant, returned, notices, first, .. } = imported;
    if dry_run {
        first.iter().try_for_each(|line| print_line(&format!("  {line}")))?;
    }
    if *accepted_rows > 0 {
        let rows = count(*accepted_rows, "authorisation");
        let word = if dry_run { "would change or end" } else { "changed or ended" };
        print_line(&format!("{rows} that stood {word} (MAM-8)."))?;
    }
    if *returned > 0 {
        let (rows, word) = (count(*returned, "authorisation"), if dry_run { "would be back" } else { "back" });
        print_line(&format!("{rows} {word}, since a change of supplier is cancelled (MAM-8)."))?;
    }
    if *dormant > 0 {
        let number = count(*dormant, "Dormant installation");
        let word = if dry_run { "would change" } else { "changed" };
        print_line(&format!("{number} {word} in the plan of a week (DMT-5)."))?;
    }
    if *notices > 0 {
        let (number, word) = (count(*notices, "Dormant notice"), if dry_run { "would be issued" } else { "issued" });
        print_line(&format!("{number} {word} for suppliers that have come (DMT-5)."))?;
    }
    Ok(())
}

/// REF-2: what to do after the difference was only shown.
fn tell_dry_run(session: &Session, dry_run: bool, command: &str, needs_approval: bool) -> Result<(), Failure> {
    if !dry_run {
        return Ok(());
    }
    let second = match (needs_approval, session.is_simulated()) {
        (false, _) => "",
        (true, true) => " It needs a second operator (REF-2): --by USER --approve USER.",
        (true, false) => " It needs a second operator (REF-2), so it becomes a proposal.",
    };
    print_line(&format!("Nothing was changed; {command} without --dry-run to apply it.{second}"))
}

/// REF-2: the last import is undone like another import: its difference shown, and a second operator where one is needed.
fn undo(args: &Import) -> Outcome {
    if args.as_at.is_some() {
        return Err(Failure::Use("undo takes no --as-at: what stood before is as old as it was".to_owned()));
    }
    let mut session = Session::open(&args.at)?;
    let by = session.operator(args.signatures.by.as_deref())?;
    let act = UndoImport { approve: session.second(args.signatures.approve.clone())? };
    let undone = if args.dry_run {
        session.service.preview(session.now, &by, act)?
    } else {
        match session.by_two(&args.signatures, &by, act)? {
            Asked::Done(undone) => undone,
            Asked::Waits(proposed) => return tell_proposed(&proposed, args.at.json),
        }
    };
    let Undone { id, kind, file, applied_at, imported, restored } = &undone;
    let Imported { before, added, changed, gone, accepted_rows, dormant, notices, needs_approval, first, .. } =
        imported;
    if args.at.json {
        print_json(&json!({
            "undone": id, "kind": kind.to_string(), "file": file, "imported_at": rfc3339(*applied_at),
            "applied": !args.dry_run, "before": before, "added": added, "changed": changed, "gone": gone,
            "restored": restored, "accepted_rows": accepted_rows, "dormant": dormant, "notices": notices,
            "needs_approval": needs_approval, "first": first,
        }))?;
        return Ok(Done::Clean);
    }
    let (word, would) = if args.dry_run { ("would be", "would be ") } else { ("is", "") };
    print_line(&format!(
        "Import {id}, of {kind} from {file} at {}, {word} undone: {} before; {added} {would}added, {changed} {would}changed, {gone} {would}gone.",
        in_words(*applied_at),
        count(*before, "row")
    ))?;
    if *restored > 0 {
        let word = if args.dry_run { "Would be back" } else { "Back" };
        print_line(&format!(
            "{word}, with a unit or in line for one: {} that it had ended.",
            count(*restored, "authorisation")
        ))?;
    }
    tell_effect(args.dry_run, imported)?;
    tell_dry_run(&session, args.dry_run, "import undo", *needs_approval)?;
    Ok(Done::Clean)
}
