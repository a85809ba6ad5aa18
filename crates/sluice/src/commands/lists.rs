//! `sluice eligible` and `sluice propose` (MAM-13).

use crate::cli::database::{Eligible, Propose};
use crate::failure::{Done, Failure, Outcome};
use crate::output::write_file;
use crate::print::print_line;
use crate::session::Session;
use crate::show::count;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::local_date;
use sluice_service::rows::eligible;
use sluice_wire::written::{WriteRow, write_csv, write_workbook};
use std::path::Path;

/// Runs `sluice eligible`.
///
/// # Errors
/// If it could not do its work.
pub fn eligible(args: &Eligible) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    let (now, by) = (session.now, Actor::console());
    let date = args.date.unwrap_or_else(|| local_date(now));
    let lines = session.service.look(now, &by, |work| eligible::list(work, &reader, args.party, args.s1sp, date))?;
    let reasons: Vec<String> = lines.iter().map(eligible::EligibleLine::reasons).collect();
    let rows = lines.iter().zip(&reasons).map(|(line, reasons)| line.row(reasons));
    write_rows(&args.out, rows.collect(), args.force)?;
    let good = lines.iter().filter(|line| line.reasons.is_empty()).count();
    print_line(&format!(
        "{} of {}, {good} of them eligible on {date}: {}",
        count(lines.len(), "installation"),
        args.party,
        args.out.display()
    ))?;
    Ok(Done::Clean)
}

/// Runs `sluice propose`.
///
/// # Errors
/// If it could not do its work.
pub fn propose(args: &Propose) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    let (now, by) = (session.now, Actor::console());
    let rows =
        session.service.look(now, &by, |work| eligible::propose(work, &reader, args.party, args.s1sp, args.week))?;
    let number = rows.len();
    write_rows(&args.out, rows, args.force)?;
    print_line(&format!("{} proposed for the week of {}: {}", count(number, "row"), args.week, args.out.display()))?;
    print_line(&format!(
        "Edit it as you like, name it MA_{}_<user id>_<yyyymmdd>_<hhmmss> and hand it in with sluice submit.",
        args.s1sp
    ))?;
    Ok(Done::Clean)
}

/// Writes rows in the form that the extension asks for.
fn write_rows<R: WriteRow>(path: &Path, rows: Vec<R>, force: bool) -> Result<(), Failure> {
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => write_workbook(rows).map_err(Failure::internal)?,
        Some("csv") => {
            let mut bytes = Vec::new();
            write_csv(rows, &mut bytes).map_err(Failure::internal)?;
            bytes
        }
        _ => return Err(Failure::Use(format!("{} is neither .csv nor .xlsx", path.display()))),
    };
    write_file(path, &bytes, force)
}
