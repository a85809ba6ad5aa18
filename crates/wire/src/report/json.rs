//! A report as JSON.

use super::content::{Cell, Report, Table};
use serde_json::{Map, Value, json};

impl Report {
    /// The report for programs: every figure under the id of its column.
    #[must_use]
    pub fn json(&self) -> Value {
        let tables: Vec<Value> = self.tables.iter().map(table_json).collect();
        json!({
            "report": self.name,
            "title": self.title,
            "period": self.period,
            "reader": self.reader,
            "verdict": self.verdict,
            "remark": self.remark,
            "as_of": Cell::Moment(self.as_of).plain(),
            "notes": self.notes,
            "tables": tables,
        })
    }
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
