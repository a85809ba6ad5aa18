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

/// What was read although a person who looks at a sheet does not see it, in words; nothing for most files.
pub(crate) type Unseen = Option<String>;

/// Streams the rows of a table. Empty rows are passed over.
pub(crate) fn read(
    content: &mut dyn Content,
    format: Format,
    layout: &Layout,
    limits: &Limits,
    on_record: OnRecord<'_>,
) -> Result<Unseen, FileFinding> {
    content.rewind().map_err(|error| crate::source::unreadable(&error))?;
    let Format::Workbook { macros } = format else { return read_csv(content, layout, limits, on_record) };
    let sink = Sink::new(layout, limits, true, on_record);
    let (hidden_sheet, hidden_rows) = workbook::read(content, layout, limits, macros, sink)?;
    Ok(if limits.reading.is_earlier() { None } else { unseen(layout, hidden_sheet, hidden_rows) })
}

/// What of a workbook a person does not see.
fn unseen(layout: &Layout, hidden_sheet: bool, hidden_rows: u64) -> Unseen {
    let sheet = hidden_sheet.then(|| format!("the sheet '{}' is hidden, and was read", layout.sheet));
    let rows = match hidden_rows {
        0 => None,
        1 => Some("1 row is hidden or filtered out, and counts".to_owned()),
        rows => Some(format!("{rows} rows are hidden or filtered out, and count")),
    };
    let parts: Vec<String> = sheet.into_iter().chain(rows).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Streams the rows of CSV text from a stream that cannot be turned back, such as a member of an archive.
pub(crate) fn read_csv(
    content: &mut dyn std::io::Read,
    layout: &Layout,
    limits: &Limits,
    on_record: OnRecord<'_>,
) -> Result<Unseen, FileFinding> {
    let mut sink = Sink::new(layout, limits, false, on_record);
    csv::read(content, limits, &mut sink)?;
    sink.finish().map(|_| None)
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
