//! `sluice outbox`: what was issued to a party.

use crate::cli::database::Outbox;
use crate::failure::{Done, Failure, Outcome};
use crate::output::write_file;
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::count;
use serde_json::json;
use sluice_service::calendar::in_words;
use sluice_store::Scope;
use sluice_store::tables::issued;

/// Runs `sluice outbox`: writes the files that are not in the folder yet.
///
/// # Errors
/// If a file cannot be written.
pub fn run(args: &Outbox) -> Outcome {
    let mut session = Session::open(&args.at)?;
    session.supplier(args.party)?;
    std::fs::create_dir_all(&args.out).map_err(|error| Failure::write(&args.out, &error))?;
    let mut tx = session.service.store().read(Scope::Party(args.party))?;
    let mut written = Vec::new();
    for file in issued::list(&mut tx)? {
        let path = args.out.join(&file.name);
        if path.exists() {
            continue;
        }
        if let Some(bytes) = issued::content(&mut tx, file.id)? {
            write_file(&path, &bytes, false)?;
            written.push(file.name);
        }
    }
    let notices = issued::notices(&mut tx)?;
    if args.at.json {
        let notices = notices.iter().map(|notice| {
            json!({ "at": notice.at.to_string(), "rule": notice.rule, "chf": notice.chf.map(|chf| chf.to_string()), "words": notice.words })
        });
        print_json(&json!({ "written": written, "notices": notices.collect::<Vec<_>>() }))?;
        return Ok(Done::Clean);
    }
    print_line(&format!("{} written to {}", count(written.len(), "new file"), args.out.display()))?;
    for name in &written {
        print_line(&format!("  {name}"))?;
    }
    for notice in &notices {
        let chf = notice.chf.map(|chf| format!("{chf}: ")).unwrap_or_default();
        let words = sluice_wire::text::escaped(&notice.words);
        print_line(&format!("{}, {}: {chf}{words}", in_words(notice.at), notice.rule))?;
    }
    Ok(Done::Clean)
}
