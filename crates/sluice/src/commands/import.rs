//! `sluice import` (REF-1, REF-2).

use super::{print_json, print_line};
use crate::cli::database::{Import, ImportWhat};
use crate::failure::{Done, Failure, Outcome};
use crate::session::Session;
use serde_json::json;
use sluice_rules::reference::ReferenceKind;
use sluice_service::ServiceError;
use sluice_service::cases::import::{Imported, UndoImport};
use sluice_service::service::ImportFile;
use sluice_wire::text::escaped;

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
    let by = session.operator(args.by.as_deref())?;
    let file = ImportFile {
        kind,
        name: &name,
        bytes,
        as_at: args.as_at,
        approve: args.approve.as_deref(),
        only_shown: args.dry_run,
    };
    match session.service.import(session.now, &by, file) {
        Ok(imported) => tell(args, &format!("{kind} from {name}"), &imported),
        Err(ServiceError::Table(words)) => Err(wrong_rows(&words)),
        Err(error) => Err(error.into()),
    }
}

/// Lists the wrong rows, one a line; the last line says what to do.
fn wrong_rows(words: &str) -> Failure {
    let (rows, advice) = words.rsplit_once('\n').unwrap_or(("", words));
    for row in rows.lines() {
        eprintln!("{}", escaped(row));
    }
    Failure::Use(advice.to_owned())
}

/// A count of Dormant installations.
fn count(number: u64) -> String {
    crate::show::count(usize::try_from(number).unwrap_or(usize::MAX), "Dormant installation")
}

fn tell(args: &Import, what: &str, imported: &Imported) -> Outcome {
    let Imported { before, added, changed, gone, accepted_rows, dormant, needs_approval, .. } = imported;
    if args.at.json {
        print_json(&json!({
            "what": what, "applied": !args.dry_run, "before": before, "added": added, "changed": changed, "gone": gone,
            "accepted_rows": accepted_rows, "dormant": dormant, "needs_approval": needs_approval,
        }))?;
        return Ok(Done::Clean);
    }
    let would = if args.dry_run { "would be " } else { "" };
    print_line(&format!(
        "{what}: {before} rows before; {added} {would}added, {changed} {would}changed, {gone} {would}gone."
    ))?;
    if *accepted_rows > 0 {
        let changed_or_ended = if args.dry_run { "would change or end" } else { "changed or ended" };
        print_line(&format!("{accepted_rows} authorisations that stood {changed_or_ended} (MAM-8)."))?;
    }
    if *dormant > 0 {
        let (number, word) = (count(*dormant), if args.dry_run { "would change" } else { "changed" });
        print_line(&format!("{number} {word} in the plan of a week (DMT-5)."))?;
    }
    if args.dry_run {
        let second =
            if *needs_approval { " It needs a second operator (REF-2): --by USER --approve USER." } else { "" };
        print_line(&format!("Nothing was changed; import without --dry-run to apply it.{second}"))?;
    }
    Ok(Done::Clean)
}

fn undo(args: &Import) -> Outcome {
    if args.dry_run {
        return Err(Failure::Use("undo has no --dry-run".to_owned()));
    }
    let mut session = Session::open(&args.at)?;
    let by = session.operator(args.by.as_deref())?;
    let undone = session.service.act(session.now, &by, UndoImport {})?;
    let Imported { id, added, changed, gone, accepted_rows, dormant, .. } = &undone;
    if args.at.json {
        print_json(
            &json!({ "undone": id, "added": added, "changed": changed, "gone": gone, "restored": accepted_rows, "dormant": dormant }),
        )?;
        return Ok(Done::Clean);
    }
    print_line(&format!("Import {id} is undone: {added} rows added, {changed} changed, {gone} gone."))?;
    if *accepted_rows > 0 {
        print_line(&format!("{accepted_rows} authorisations changed with it; those that had ended are back."))?;
    }
    if *dormant > 0 {
        print_line(&format!("{} changed with it; those that had left their week are back.", count(*dormant)))?;
    }
    Ok(Done::Clean)
}
