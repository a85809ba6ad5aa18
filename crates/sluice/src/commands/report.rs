//! `sluice report`: the reports of REP-1 on the terminal, as CSV, workbook, page or JSON.

pub mod all;
mod files;

use crate::cli::days::Report as Args;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{folded, table, tables};
use files::{Form, write};
use serde_json::json;
use sluice_service::read::reports::REPORTS;
use sluice_service::read::reports::parts::{Asked, Days, Readers};
use sluice_wire::report::{Cell, Report};

/// The name that asks for the list, and the one that asks for all reports.
const LIST: &str = "list";
const ALL: &str = "all";

/// Runs `sluice report`.
///
/// # Errors
/// If there is no such report, it is not for the reader, or it cannot be written.
pub fn run(args: &Args) -> Outcome {
    if args.name == LIST {
        list(args.at.json)?;
        return Ok(Done::Clean);
    }
    let form = args.out.as_deref().filter(|_| args.name != ALL).map(Form::of).transpose()?;
    let mut session = Session::open_to_read(&args.at)?;
    let reader = session.reader(args.party)?;
    let asked = Asked { s1sp: args.s1sp, week: args.week, from: args.from, to: args.to };
    if args.name == ALL {
        let Some(folder) = &args.out else {
            return Err(Failure::Use("all reports are written to a folder: name it with --out DIR".to_owned()));
        };
        let wanted = all::Wanted { reader, asked, force: args.force, beside: Vec::new() };
        let count = all::write_all(&mut session, &wanted, folder)?;
        print_line(&format!("{}: the page that leads to {count} reports", folder.join(all::INDEX).display()))?;
        return Ok(Done::Clean);
    }
    let made = session.service.report(session.now, &reader, &args.name, &asked)?;
    match (form, &args.out) {
        (Some(form), Some(path)) => {
            for (written, what) in write(&made, form, &[], path, args.force)? {
                print_line(&format!("{}: {what}", written.display()))?;
            }
        }
        _ if args.at.json => print_json(&made.json())?,
        _ => show(&made)?,
    }
    Ok(Done::Clean)
}

fn list(as_json: bool) -> Result<(), Failure> {
    let days = |days: Days| match days {
        Days::Period => "a period: --week, or --from and --to",
        Days::Week => "one week: --week",
        Days::Standing => "how things stand",
    };
    let readers = |readers: Readers| match readers {
        Readers::Everyone => "everyone",
        Readers::Suppliers => "DCC, observers, suppliers",
    };
    if as_json {
        let entries = REPORTS.iter().map(|entry| {
            json!({ "name": entry.name, "title": entry.title, "about": entry.about.join(" "), "days": days(entry.days),
                    "readers": readers(entry.readers) })
        });
        return print_json(&json!({ "reports": entries.collect::<Vec<_>>() }));
    }
    let rows = REPORTS
        .iter()
        .map(|entry| [entry.name, entry.title, days(entry.days), readers(entry.readers)].map(str::to_owned).to_vec());
    print_line(&table(&["Name", "Title", "About", "Who reads it"], rows))?;
    print_line("")?;
    print_line(&folded(
        "",
        "Everyone sees what is theirs. sluice report NAME --out FILE writes .csv, .xlsx or .html; sluice report all --out DIR writes all.",
    ))
}

/// The report on the terminal.
fn show(report: &Report) -> Result<(), Failure> {
    print_line(report.title)?;
    print_line(&folded("", &report.frame()))?;
    report.remark.iter().try_for_each(|remark| print_line(&folded("", remark)))?;
    print_line("")?;
    print_line(&folded("", &report.verdict))?;
    report.notes.iter().try_for_each(|note| print_line(&folded("  ", note)))?;
    for one in &report.tables {
        print_line("")?;
        print_line(one.title)?;
        if one.rows.is_empty() {
            print_line(&format!("  {}", one.empty))?;
            continue;
        }
        let words = |row: &Vec<Cell>| row.iter().map(Cell::shown).collect();
        let header: Vec<&str> = one.columns.iter().map(|column| column.name).collect();
        let keys = one.columns.iter().take_while(|column| !column.kind.is_figure()).count();
        let rows: Vec<Vec<String>> = one.total_row().iter().chain(&one.rows).map(words).collect();
        for (place, part) in tables(&header, &rows, keys).iter().enumerate() {
            if place > 0 {
                print_line("")?;
            }
            print_line(part)?;
        }
    }
    Ok(())
}
