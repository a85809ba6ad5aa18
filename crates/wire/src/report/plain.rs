//! Reports as CSV.

use super::content::{Cell, Kind, Table};
use crate::text::{csv_line, harmless};

impl Table {
    /// The table as CSV: a header, the rows, no totals, so that what reads it can add up. Shares are percent without a
    /// sign, which their heading has.
    #[must_use]
    pub fn csv(&self) -> String {
        let heading =
            |kind: Kind, name: &str| if kind == Kind::Share { format!("{name} (%)") } else { name.to_owned() };
        let header: Vec<String> = self.columns.iter().map(|column| heading(column.kind, column.name)).collect();
        let mut out = csv_line(header.iter().map(String::as_str));
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(cell).collect();
            out.push_str(&csv_line(cells.iter().map(String::as_str)));
        }
        out
    }
}

/// Only words can be a stranger's; a figure may begin with a minus.
fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => harmless(text).into_owned(),
        other => other.plain(),
    }
}
