//! Workbooks (`.xlsx`, `.xlsm`), streamed cell by cell.
//!
//! The parts of a workbook come from strangers: each is inflated through a [`guard::Guard`], no size that the file
//! states is believed, shared texts are kept in one string, and rows are handed on as they come. Macros, formulas and
//! everything else that is not a cell's value are never read.

mod guard;
mod package;
mod parts;
mod sheet;
mod strings;
mod value;

use super::rows::{Row, Sink};
use crate::archive::{Kind, open};
use crate::finding::FileFinding;
use crate::layout::Layout;
use crate::limits::{Limits, Reading};
use crate::source::Content;
use crate::text::shown;
use guard::{Budget, broken};
use package::Package;
use parts::Sheet;
use sluice_rules::codes::FileCode;
use zip::ZipArchive;

/// Streams the rows of the expected sheet into the sink. Says whether the sheet is hidden, and how many of its rows are.
pub(super) fn read(
    content: &mut dyn Content,
    layout: &Layout,
    limits: &Limits,
    macros: bool,
    mut sink: Sink<'_, '_>,
) -> Result<(bool, u64), FileFinding> {
    let zip = open(content, Kind::Workbook, limits, FileCode::FI15)?;
    let mut package = Package { zip, budget: Budget::new(limits), limits };
    if !macros && package.zip.file_names().flatten().any(|name| name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        let message = "it carries macros but is named .xlsx; save it as .xlsx without macros, or name it .xlsm";
        return Err(FileFinding::new(FileCode::FI02, message));
    }
    if let Some(message) = other_kind(&package.zip).filter(|_| !limits.reading.is_earlier()) {
        return Err(broken(message));
    }
    let book = parts::workbook(&mut package)?;
    let sheet = expected_sheet(&book.sheets, layout, limits.reading)?;
    let strings = match &book.strings {
        Some(path) => strings::read(&mut package, path, layout.columns.len())?,
        None => strings::Strings::default(),
    };
    let styles = match &book.styles {
        Some(path) => parts::date_styles(&mut package, path)?,
        None => Vec::new(),
    };
    let days = value::Days { from_1904: book.from_1904 };
    let cells = sheet::Cells { strings: &strings, date_styles: &styles, days, calculates: book.calculates, limits };
    let part = package.part(&sheet.path)?;
    let rows = cells.read(part, &mut Row::default(), &mut sink).and_then(|()| sink.finish());
    let hidden_rows = rows.map_err(|finding| in_sheet(&sheet.name, finding, limits.reading))?;
    Ok((sheet.hidden, hidden_rows))
}

/// Rows and cells are those of one sheet, which is named with them.
fn in_sheet(name: &str, finding: FileFinding, reading: Reading) -> FileFinding {
    if !reading.says_all() {
        return finding;
    }
    let message = format!("in sheet '{}': {}", shown(name), finding.message);
    FileFinding { message, ..finding }
}

/// FI15: a workbook of another kind, by the members that only it has.
fn other_kind(zip: &ZipArchive<&mut dyn Content>) -> Option<&'static str> {
    let has =
        |wanted: &str| zip.file_names().flatten().any(|name| name.replace('\\', "/").eq_ignore_ascii_case(wanted));
    if has("xl/workbook.bin") {
        Some("it is a binary workbook (.xlsb); save it as .xlsx")
    } else if has("content.xml") && has("mimetype") {
        Some("it is an OpenDocument spreadsheet (.ods); save it as .xlsx")
    } else {
        None
    }
}

/// Sheets that a message names.
const LISTED: usize = 5;

/// FI15: the sheet with exactly the expected name; else the only one whose name is the same without regard to case and outer
/// blanks. Of two such nobody knows which is meant.
fn expected_sheet<'a>(sheets: &'a [Sheet], layout: &Layout, reading: Reading) -> Result<&'a Sheet, FileFinding> {
    let listed = |sheets: &[&Sheet]| {
        let name = |sheet: &&Sheet| {
            let hidden = if sheet.hidden && !reading.is_earlier() { " (hidden)" } else { "" };
            format!("'{}'{hidden}", shown(&sheet.name))
        };
        let more = match sheets.len().saturating_sub(LISTED) {
            more @ 1.. if reading.says_all() => format!(" and {more} more"),
            _ => String::new(),
        };
        sheets.iter().take(LISTED).map(name).collect::<Vec<_>>().join(", ") + &more
    };
    let alike: Vec<&Sheet> =
        sheets.iter().filter(|sheet| sheet.name.trim().eq_ignore_ascii_case(layout.sheet)).collect();
    let exact = alike.iter().find(|sheet| sheet.name == layout.sheet && !reading.is_earlier());
    match (exact, &alike[..]) {
        (Some(sheet), _) => Ok(sheet),
        (None, [first, ..]) if alike.len() == 1 || reading.is_earlier() => Ok(first),
        (None, []) => {
            let all: Vec<&Sheet> = sheets.iter().collect();
            Err(broken(&format!("it has no sheet '{}'; its sheets are {}", layout.sheet, listed(&all))))
        }
        (None, _) => Err(broken(&format!(
            "it has no sheet '{}', but {} that could be meant: {}; name one of them exactly so, and take out the others",
            layout.sheet,
            alike.len(),
            listed(&alike)
        ))),
    }
}

#[cfg(test)]
#[path = "workbook/tests.rs"]
mod tests;
