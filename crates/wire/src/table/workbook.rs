//! Workbooks (`.xlsx`, `.xlsm`), streamed cell by cell.
//!
//! The parts of a workbook come from strangers: each is inflated through a [`guard::Guard`], no size that the file
//! states is believed, shared texts are kept in one string, and rows are handed on as they come. Macros, formulas and
//! everything else that is not a cell's value are never read.

mod guard;
mod parts;
mod sheet;
mod strings;

use super::{Row, Sink};
use crate::archive::open;
use crate::finding::FileFinding;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::source::Content;
use crate::text::shown;
use guard::{Budget, Xml};
use sluice_rules::codes::FileCode;
use std::borrow::Cow;
use zip::ZipArchive;

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

/// An opened workbook, and what may still be inflated of it.
struct Package<'a> {
    zip: ZipArchive<&'a mut dyn Content>,
    budget: Budget,
    limits: &'a Limits,
}

impl Package<'_> {
    /// A part as a stream of XML.
    fn part(&mut self, path: &str) -> Result<Xml<'_>, FileFinding> {
        let path = path.trim_start_matches('/');
        let name = self.zip.file_names().flatten().find(|name| name.eq_ignore_ascii_case(path)).map(Cow::into_owned);
        let Some(name) = name else {
            return Err(broken(&format!("its part {} is missing", shown(path))));
        };
        let index = self.zip.index_for_name(&name).unwrap_or(usize::MAX);
        let part = self.zip.by_index(index).map_err(|error| broken(&error.to_string()))?;
        let stated = part.size();
        // FI09: a member that says it is over the limit is not read at all, whether it says so truly or not.
        if stated > self.limits.inflated || part.compressed_size() > self.limits.inflated {
            return Err(self.limits.over_size());
        }
        Ok(Xml::new(part, stated, &self.budget))
    }
}

/// FI15: what was sent is no workbook that can be read.
fn broken(message: &str) -> FileFinding {
    FileFinding::new(FileCode::FI15, format!("the workbook cannot be used: {message}"))
}

#[cfg(test)]
#[path = "workbook/tests.rs"]
mod tests;
