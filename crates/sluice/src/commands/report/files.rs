//! Reports as files: pages, workbooks, CSV.

use crate::failure::Failure;
use crate::output::write_file;
use sluice_wire::report::{Link, Report, Table};
use std::path::{Path, PathBuf};

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Workbook,
    Page,
}

impl Form {
    /// By the end of a name.
    ///
    /// # Errors
    /// If it is none of the three.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Workbook),
            Some("html") => Ok(Self::Page),
            _ => Err(Failure::Use(format!("name the file .csv, .xlsx or .html, not {}", path.display()))),
        }
    }
}

/// Writes a report; gives each file and what is in it. As CSV each table is a file: the main one has the given name, the others
/// their own behind it.
pub fn write<'a>(
    report: &'a Report,
    form: Form,
    links: &[Link],
    path: &Path,
    force: bool,
) -> Result<Vec<(PathBuf, &'a str)>, Failure> {
    let files: Vec<(PathBuf, &str, Vec<u8>)> = match form {
        Form::Csv => {
            let title = |table: &'a Table| if report.tables.len() > 1 { table.title } else { report.title };
            let file = |table| (csv_path(path, table, report.main), title(table), table.csv().into_bytes());
            report.tables.iter().map(file).collect()
        }
        Form::Workbook => vec![(path.to_owned(), report.title, report.workbook().map_err(Failure::internal)?)],
        Form::Page => {
            let page = report.page(links).map_err(Failure::internal)?;
            vec![(path.to_owned(), report.title, page.into_bytes())]
        }
    };
    // None is written where one of them would be in the way.
    if let Some((taken, ..)) = files.iter().find(|(path, ..)| path.exists() && !force) {
        return Err(Failure::Use(format!("{} exists already; choose another name or add --force", taken.display())));
    }
    files.iter().try_for_each(|(path, _, bytes)| write_file(path, bytes, force))?;
    Ok(files.into_iter().map(|(path, title, _)| (path, title)).collect())
}

fn csv_path(path: &Path, table: &Table, main: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    if table.id == main { path.to_owned() } else { path.with_file_name(format!("{stem}-{}.{extension}", table.id)) }
}
