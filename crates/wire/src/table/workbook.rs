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

use super::rows::{Row, Sink};
use crate::archive::open;
use crate::finding::FileFinding;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::source::Content;
use crate::text::shown;
use guard::{Budget, broken};
use package::Package;
use sluice_rules::codes::FileCode;

/// Streams the rows of the expected sheet into the sink.
pub(super) fn read(
    content: &mut dyn Content,
    layout: &Layout,
    limits: &Limits,
    macros: bool,
    sink: &mut Sink<'_, '_>,
) -> Result<(), FileFinding> {
    let mut package = Package { zip: open(content, limits, FileCode::FI15)?, budget: Budget::new(limits), limits };
    if !macros && package.zip.file_names().flatten().any(|name| name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        let message = "it carries macros but is named .xlsx; save it as .xlsx without macros, or name it .xlsm";
        return Err(FileFinding::new(FileCode::FI02, message));
    }
    let book = parts::workbook(&mut package)?;
    let wanted = book.sheets.iter().find(|sheet| sheet.name.trim().eq_ignore_ascii_case(layout.sheet));
    let Some(sheet) = wanted else {
        let names: Vec<_> = book.sheets.iter().take(5).map(|sheet| format!("'{}'", shown(&sheet.name))).collect();
        let message = format!("it has no sheet '{}'; its sheets are {}", layout.sheet, names.join(", "));
        return Err(broken(&message));
    };
    let strings = match &book.strings {
        Some(path) => strings::read(&mut package, path, layout.columns.len())?,
        None => strings::Strings::default(),
    };
    let styles = match &book.styles {
        Some(path) => parts::date_styles(&mut package, path)?,
        None => Vec::new(),
    };
    let path = sheet.path.clone();
    let cells = sheet::Cells { strings: &strings, date_styles: &styles, from_1904: book.from_1904, limits };
    cells.read(package.part(&path)?, &mut Row::default(), sink)
}

#[cfg(test)]
#[path = "workbook/tests.rs"]
mod tests;
