//! Tables, streamed row by row from CSV or a workbook, with every cell as text.

mod csv;
mod rows;
mod workbook;

use crate::finding::FileFinding;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::source::{Content, Format};
use rows::Sink;

pub(crate) use rows::OnRecord;
pub use rows::Record;

/// Streams the rows of a table. Empty rows are passed over.
pub(crate) fn read(
    content: &mut dyn Content,
    format: Format,
    layout: &Layout,
    limits: &Limits,
    on_record: OnRecord<'_>,
) -> Result<(), FileFinding> {
    let mut sink = Sink::new(layout, limits, on_record);
    content.rewind().map_err(|error| crate::source::unreadable(&error))?;
    match format {
        Format::Workbook { macros } => workbook::read(content, layout, limits, macros, &mut sink)?,
        Format::Csv | Format::Archive => csv::read(content, limits, &mut sink)?,
    }
    sink.finish()
}

/// Streams the rows of CSV text from a stream that cannot be turned back, such as a member of an archive.
pub(crate) fn read_csv(
    content: &mut dyn std::io::Read,
    layout: &Layout,
    limits: &Limits,
    on_record: OnRecord<'_>,
) -> Result<(), FileFinding> {
    let mut sink = Sink::new(layout, limits, on_record);
    csv::read(content, limits, &mut sink)?;
    sink.finish()
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
