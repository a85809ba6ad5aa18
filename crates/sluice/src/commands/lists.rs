//! `sluice eligible` and `sluice propose` (MAM-13).

use crate::cli::database::{Eligible, Propose};
use crate::failure::{Done, Failure, Outcome};
use crate::output::write_file;
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded};
use serde_json::json;
use sluice_service::books::calendar::local_date;
use sluice_service::rows::{eligible, propose};
use sluice_wire::written::{LastRow, WriteRow, write_csv, write_workbook};
use std::path::Path;

/// Runs `sluice eligible`.
///
/// # Errors
/// If it could not do its work.
pub fn eligible(args: &Eligible) -> Outcome {
    let mut session = Session::open_to_read(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    let now = session.now;
    let date = args.date.unwrap_or_else(|| local_date(now));
    let lines = session.service.eligible(now, &reader, (args.party, args.s1sp), date)?;
    let words: Vec<eligible::EligibleWords> = lines.iter().map(eligible::EligibleLine::words).collect();
    let rows = lines.iter().zip(&words).map(|(line, words)| line.row(words));
    write_rows(&args.out, rows.collect(), args.force)?;
    let good = lines.iter().filter(|line| line.reasons.is_empty()).count();
    let authorised = lines.iter().filter(|line| line.is_authorised()).count();
    let asked = lines.iter().filter(|line| line.is_asked_for()).count();
    if args.at.json {
        let (on, out) = (date.to_string(), args.out.display().to_string());
        let counts =
            json!({ "installations": lines.len(), "eligible": good, "authorised": authorised, "asked_for": asked });
        print_json(&json!({ "party": args.party.to_string(), "date": on, "counts": counts, "file": out }))?;
        return Ok(Done::Clean);
    }
    print_line(&format!(
        "{} of {}, {good} of them eligible on {date}: {}",
        count(lines.len(), "installation"),
        args.party,
        args.out.display()
    ))?;
    if authorised > 0 {
        print_line(&format!("{} authorised already; see Authorised For (MAM-7)", count(authorised, "installation")))?;
    }
    if asked > 0 {
        let (wait, them) = if asked == 1 { ("waits", "it") } else { ("wait", "them") };
        print_line(&format!(
            "{} {wait} for {}: another supplier has authorised {them}; see Asked By, Asked For, Asked Until (MAM-1)",
            count(asked, "installation"),
            args.party
        ))?;
    }
    Ok(Done::Clean)
}

/// Runs `sluice propose`.
///
/// # Errors
/// If it could not do its work.
pub fn propose(args: &Propose) -> Outcome {
    let mut session = Session::open_to_read(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    let proposal = session.service.propose(session.now, &reader, (args.party, args.s1sp), args.week)?;
    write_rows(&args.out, proposal.rows.iter().map(propose::Proposed::row).collect(), args.force)?;
    let (week, out) = (args.week, args.out.display());
    if args.at.json {
        let days = serde_json::to_value(&proposal.days).map_err(Failure::internal)?;
        let (differing, authorised) = (proposal.differing, proposal.authorised);
        let left_out = json!({ "differing": differing, "authorised": authorised });
        let (rows, file) = (proposal.rows.len(), out.to_string());
        print_json(
            &json!({ "week": week.to_string(), "rows": rows, "days": days, "left_out": left_out, "file": file }),
        )?;
        return Ok(Done::Clean);
    }
    print_line(&format!("{} proposed for the week of {week}: {out}", count(proposal.rows.len(), "row")))?;
    proposal.days.iter().try_for_each(|day| print_line(&format!("  {}: {}", day.date, in_words(day))))?;
    if proposal.differing > 0 {
        let homes = count(proposal.differing, "installation");
        print_line(&format!(
            "{homes} left out: you and the other supplier name different dates; agree on one (MA121)"
        ))?;
    }
    if proposal.rows.is_empty() {
        let authorised = match proposal.authorised {
            0 => String::new(),
            homes => format!("; {homes} of yours have an authorisation: name another date to move one (MAM-7)"),
        };
        print_line(&folded(
            "",
            &format!("There is nothing to hand in; sluice eligible says of each installation why{authorised}."),
        ))?;
        return Ok(Done::Clean);
    }
    print_line(&format!(
        "Edit it as you like, name it MA_{}_<user id>_<yyyymmdd>_<hhmmss> and hand it in with sluice submit.",
        args.s1sp
    ))?;
    Ok(Done::Clean)
}

/// What is proposed for a day: "4 proposed and 1 on standby".
fn in_words(day: &propose::ProposedDay) -> String {
    let standby = if day.standby > 0 { format!(" and {} on standby", day.standby) } else { String::new() };
    let awaited =
        if day.awaited > 0 { format!("; another supplier waits for {} of them", day.awaited) } else { String::new() };
    format!("{} proposed{standby}{awaited}", day.asked)
}

/// Writes rows in the form that the extension asks for.
fn write_rows<R: WriteRow>(path: &Path, rows: Vec<R>, force: bool) -> Result<(), Failure> {
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => write_workbook(rows, LastRow::Fitted).map_err(Failure::internal)?,
        Some("csv") => {
            let mut bytes = Vec::new();
            write_csv(rows, &mut bytes).map_err(Failure::internal)?;
            bytes
        }
        _ => return Err(Failure::Use(format!("{} is neither .csv nor .xlsx", path.display()))),
    };
    write_file(path, &bytes, force)
}
