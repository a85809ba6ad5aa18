//! `sluice report`: the reports of REP-1 on the terminal, as CSV, workbook, page or JSON.

use crate::cli::days::Report as Args;
use crate::failure::{Done, Failure, Outcome};
use crate::output::write_file;
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{folded, table};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use sluice_service::act::actor::Actor;
use sluice_service::read::reports::REPORTS;
use sluice_service::read::reports::parts::{Asked, Days, Readers};
use sluice_wire::report::{Cell, Report, Table};
use std::path::{Path, PathBuf};

/// The name that asks for the list.
const LIST: &str = "list";

/// Runs `sluice report`.
///
/// # Errors
/// If there is no such report, it is not for the reader, or it cannot be written.
pub fn run(args: &Args) -> Outcome {
    if args.name == LIST {
        list(args.at.json)?;
        return Ok(Done::Clean);
    }
    let form = args.out.as_deref().map(Form::of).transpose()?;
    let mut session = Session::open(&args.at)?;
    let reader = session.reader(args.party)?;
    let asked = Asked { s1sp: args.s1sp, week: args.week, from: args.from, to: args.to };
    let made = session.service.report(session.now, &reader, &args.name, &asked)?;
    match (form, &args.out) {
        (Some(form), Some(path)) => {
            for (written, what) in write(&made, form, path, args.force)? {
                print_line(&format!("{}: {what}", written.display()))?;
            }
        }
        _ if args.at.json => print_json(&as_json(&made))?,
        _ => show(&made)?,
    }
    Ok(Done::Clean)
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Workbook,
    Page,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Workbook),
            Some("html") => Ok(Self::Page),
            _ => Err(Failure::Use(format!("name the file .csv, .xlsx or .html, not {}", path.display()))),
        }
    }
}

/// Writes every report of the weeks in each form to a folder; gives how many there are.
///
/// # Errors
/// If one cannot be made or written.
pub fn write_all(session: &mut Session, weeks: &[Date], folder: &Path) -> Result<usize, Failure> {
    let mut made = Vec::new();
    for entry in REPORTS {
        let asked: Vec<(String, Asked)> = match entry.days {
            Days::Week => weeks
                .iter()
                .map(|week| (format!("{}-{week}", entry.name), Asked { week: Some(*week), ..Asked::default() }))
                .collect(),
            Days::Period | Days::Standing => vec![(entry.name.to_owned(), Asked::default())],
        };
        for (name, asked) in asked {
            let reader = Actor::console();
            made.push((name, session.service.report(session.now, &reader, entry.name, &asked)?));
        }
    }
    for (name, report) in &made {
        for (form, extension) in [(Form::Page, "html"), (Form::Workbook, "xlsx"), (Form::Csv, "csv")] {
            write(report, form, &folder.join(format!("{name}.{extension}")), true)?;
        }
    }
    Ok(made.len())
}

/// Writes a report; gives each file and what is in it. As CSV each table is a file: the first has the given name, the others
/// their own behind it.
fn write<'a>(report: &'a Report, form: Form, path: &Path, force: bool) -> Result<Vec<(PathBuf, &'a str)>, Failure> {
    let files: Vec<(PathBuf, &str, Vec<u8>)> = match form {
        Form::Csv => {
            let title = |table: &'a Table| if report.tables.len() > 1 { table.title } else { report.title };
            let file = |(index, table)| (csv_path(path, table, index), title(table), table.csv().into_bytes());
            report.tables.iter().enumerate().map(file).collect()
        }
        Form::Workbook => vec![(path.to_owned(), report.title, report.workbook().map_err(Failure::internal)?)],
        Form::Page => vec![(path.to_owned(), report.title, report.page().map_err(Failure::internal)?.into_bytes())],
    };
    // None is written where one of them would be in the way.
    if let Some((taken, ..)) = files.iter().find(|(path, ..)| path.exists() && !force) {
        return Err(Failure::Use(format!("{} exists already; choose another name or add --force", taken.display())));
    }
    files.iter().try_for_each(|(path, _, bytes)| write_file(path, bytes, force))?;
    Ok(files.into_iter().map(|(path, title, _)| (path, title)).collect())
}

fn csv_path(path: &Path, table: &Table, index: usize) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    if index == 0 { path.to_owned() } else { path.with_file_name(format!("{stem}-{}.{extension}", table.id)) }
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
    print_line("Everyone sees what is theirs. sluice report NAME --out FILE writes .csv, .xlsx or .html.")
}

/// The report on the terminal.
fn show(report: &Report) -> Result<(), Failure> {
    let Report { title, period, s1sps, reader, .. } = report;
    print_line(*title)?;
    let of = format!("{period}; {s1sps}; as {reader} may see it; data of {}", report.as_of_words());
    print_line(&folded("", &of))?;
    report.notes.iter().try_for_each(|note| print_line(&folded("  ", note)))?;
    for one in &report.tables {
        print_line("")?;
        print_line(one.title)?;
        if one.rows.is_empty() {
            print_line(&format!("  {}", one.empty))?;
            continue;
        }
        let words = |row: &Vec<Cell>| row.iter().map(words).collect();
        let header: Vec<&str> = one.columns.iter().map(|column| column.name).collect();
        let total = one.total_row();
        print_line(&table(&header, one.rows.iter().chain(&total).map(words)))?;
    }
    Ok(())
}

/// A cell on the terminal.
fn words(cell: &Cell) -> String {
    match cell {
        Cell::Decimal { .. } => cell.plain(),
        other => other.shown(),
    }
}

/// The report for programs: every figure under the id of its column.
fn as_json(report: &Report) -> Value {
    let tables: Vec<Value> = report.tables.iter().map(table_json).collect();
    json!({
        "report": report.name,
        "title": report.title,
        "period": report.period,
        "reader": report.reader,
        "as_of": Cell::Moment(report.as_of).plain(),
        "notes": report.notes,
        "tables": tables,
    })
}

fn table_json(table: &Table) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(
            |column| json!({ "id": column.id, "name": column.name, "kind": column.kind.word(), "about": column.about }),
        )
        .collect();
    let row = |cells: &Vec<Cell>| -> Value {
        let fields = table.columns.iter().zip(cells).map(|(column, cell)| (column.id.to_owned(), cell_json(cell)));
        Value::Object(fields.collect::<Map<String, Value>>())
    };
    let totals = table.total_row().map(|cells| {
        // The word that begins the line is for people.
        let sums =
            cells.into_iter().map(|cell| if matches!(cell, Cell::Text(_)) { Cell::Empty } else { cell }).collect();
        row(&sums)
    });
    json!({
        "id": table.id,
        "title": table.title,
        "columns": columns,
        "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
        "totals": totals,
    })
}

/// Whole numbers as numbers; shares and decimals as the digits that are shown, so that no reader rounds them again.
fn cell_json(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Number(number) => json!(number),
        Cell::Share { whole: 0, .. } => Value::Null,
        other => json!(other.plain()),
    }
}
