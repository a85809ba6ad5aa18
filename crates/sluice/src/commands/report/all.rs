//! Every report in every form, with a page that leads to them.

use super::files::{Form, write};
use crate::failure::Failure;
use crate::output::{make_folder, write_file};
use crate::session::Session;
use jiff::civil::Date;
use sluice_service::act::actor::Actor;
use sluice_service::error::ServiceError;
use sluice_service::read::reports::REPORTS;
use sluice_service::read::reports::parts::{Asked, Days, Entry};
use sluice_wire::report::{Cell, Link, Report, index};
use std::path::Path;

/// The name of the page that leads to the others.
pub const INDEX: &str = "index.html";

/// Whose reports, of what, and what is beside them.
pub struct Wanted {
    /// Who reads them.
    pub reader: Actor,
    /// Of which S1SP and days.
    pub asked: Asked,
    /// Is what is there replaced?
    pub force: bool,
    /// Other pages that the first one leads to.
    pub beside: Vec<Link>,
}

/// Writes every report that the reader may see to a folder, each as page, workbook and CSV; gives how many there are.
///
/// # Errors
/// If one cannot be made or written.
pub fn write_all(session: &mut Session, wanted: &Wanted, folder: &Path) -> Result<usize, Failure> {
    let mut made: Vec<(String, Report)> = Vec::new();
    for entry in REPORTS {
        for (name, asked) in asked_of(session, wanted, entry)? {
            match session.service.report(session.now, &wanted.reader, entry.name, &asked) {
                Ok(report) => made.push((name, report)),
                // It is not for this reader.
                Err(ServiceError::Rule { rule: "MSM-14", .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    make_folder(folder)?;
    let links: Vec<Link> = made.iter().map(|(name, report)| link(name, report)).collect();
    let own =
        Link { href: INDEX.to_owned(), title: "All reports".to_owned(), words: String::new(), others: Vec::new() };
    for (place, (name, report)) in made.iter().enumerate() {
        let others = links.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, link)| link);
        let beside: Vec<Link> = std::iter::once(&own).chain(others).cloned().collect();
        for (form, extension) in [(Form::Page, "html"), (Form::Workbook, "xlsx"), (Form::Csv, "csv")] {
            write(report, form, &beside, &folder.join(format!("{name}.{extension}")), wanted.force)?;
        }
    }
    if let Some((_, first)) = made.first() {
        let lead = format!("For {}, data of {}", first.reader, first.as_of_words());
        let links: Vec<Link> = wanted.beside.iter().chain(&links).cloned().collect();
        let page = index("All reports", first.remark.as_deref(), &lead, &links).map_err(Failure::internal)?;
        write_file(&folder.join(INDEX), page.as_bytes(), wanted.force)?;
    }
    Ok(made.len())
}

/// The names of a report's files, and what they are asked for: one for each week where it is about one.
fn asked_of(session: &mut Session, wanted: &Wanted, entry: &Entry) -> Result<Vec<(String, Asked)>, Failure> {
    let Asked { s1sp, week, .. } = wanted.asked;
    Ok(match entry.days {
        Days::Period => vec![(entry.name.to_owned(), wanted.asked)],
        Days::Standing => vec![(entry.name.to_owned(), Asked { s1sp, ..Asked::default() })],
        Days::Week => {
            let weeks = match week {
                Some(week) => vec![week],
                None => with_result(session, wanted)?,
            };
            let named =
                |week: Date| (format!("{}-{week}", entry.name), Asked { s1sp, week: Some(week), ..Asked::default() });
            weeks.into_iter().map(named).collect()
        }
    })
}

/// The weeks in which something is allocated, by the report of planned against actual.
fn with_result(session: &mut Session, wanted: &Wanted) -> Result<Vec<Date>, Failure> {
    let made = session.service.report(session.now, &wanted.reader, "weeks", &wanted.asked);
    let report = match made {
        Err(ServiceError::Rule { rule: "MSM-14", .. }) => return Ok(Vec::new()),
        made => made?,
    };
    let Some(table) = report.tables.iter().find(|table| table.id == "together") else { return Ok(Vec::new()) };
    let allocated = table.columns.iter().position(|column| column.id == "allocation");
    let week = |row: &Vec<Cell>| match (row.first(), allocated.and_then(|place| row.get(place))) {
        (Some(Cell::Date(week)), Some(Cell::Number(_))) => Some(*week),
        _ => None,
    };
    Ok(table.rows.iter().filter_map(week).collect())
}

fn link(name: &str, report: &Report) -> Link {
    let main = |table: &sluice_wire::report::Table| {
        if table.id == report.main { format!("{name}.csv") } else { format!("{name}-{}.csv", table.id) }
    };
    let named = |table: &sluice_wire::report::Table| format!("CSV of “{}”", table.title);
    let csv = report.tables.iter().map(|table| (main(table), named(table)));
    Link {
        href: format!("{name}.html"),
        title: if report.period.starts_with("Week of") {
            format!("{}, {}", report.title, report.period)
        } else {
            report.title.to_owned()
        },
        words: report.verdict.clone(),
        others: std::iter::once((format!("{name}.xlsx"), "workbook".to_owned())).chain(csv).collect(),
    }
}
