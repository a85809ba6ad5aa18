//! Reports as pages: one HTML file with nothing from outside and no script.

use super::chart::Drawn;
use super::content::{Cell, Chart, Column, Report, Table};
use askama::Template as _;

/// A page that could not be made: a defect.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be made: {0}")]
pub struct PageError(#[from] askama::Error);

#[derive(askama::Template)]
#[template(path = "report-page.html")]
struct Page<'a> {
    report: &'a Report,
    as_of: String,
    tables: Vec<Section<'a>>,
    program: &'static str,
}

struct Section<'a> {
    table: &'a Table,
    /// The class of a table with so many columns that they must be narrow.
    width: &'static str,
    charts: Vec<Drawn>,
    total: Vec<Shown>,
    rows: Vec<Vec<Shown>>,
}

/// A cell as the page shows it.
struct Shown {
    text: String,
    class: &'static str,
}

impl Report {
    /// The report as a page.
    ///
    /// # Errors
    /// If it cannot be made: a defect.
    pub fn page(&self) -> Result<String, PageError> {
        let page = Page {
            report: self,
            as_of: self.as_of_words(),
            tables: self.tables.iter().map(section).collect(),
            program: concat!("Sluice ", env!("CARGO_PKG_VERSION")),
        };
        Ok(page.render()?)
    }
}

/// From so many columns on they are narrow, or narrower.
const WIDE: usize = 12;
const WIDEST: usize = 18;

fn section(table: &Table) -> Section<'_> {
    let wide = table.columns.len() >= WIDE;
    let row =
        |row: &Vec<Cell>| row.iter().zip(&table.columns).map(|(cell, column)| shown(cell, column, wide)).collect();
    Section {
        table,
        width: match table.columns.len() {
            WIDEST.. => "widest",
            WIDE.. => "wide",
            _ => "",
        },
        charts: table.charts.iter().filter(|chart| !chart.bars.is_empty()).map(Chart::draw).collect(),
        total: table.total_row().as_ref().map(row).unwrap_or_default(),
        rows: table.rows.iter().map(row).collect(),
    }
}

fn shown(cell: &Cell, column: &Column, wide: bool) -> Shown {
    let text = match cell {
        Cell::Date(date) if wide => date.strftime("%-d %b %Y").to_string(),
        Cell::Text(text) => crate::text::escaped(text),
        other => other.shown(),
    };
    let class = match () {
        () if column.kind.is_figure() => "n",
        () if text.chars().count() > 24 => "words",
        () => "",
    };
    let text = if text.is_empty() { "–".to_owned() } else { text };
    Shown { text, class }
}
