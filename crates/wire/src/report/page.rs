//! Reports as pages: one HTML file with nothing from outside and no script.

use super::cards::{is_too_wide, labels, width_class, widths};
use super::content::{Cell, Column, Report, Table};
use super::index::Link;
use super::look::{PageError, STYLE};
use askama::Template as _;

#[derive(askama::Template)]
#[template(path = "report-page.html")]
struct Page<'a> {
    report: &'a Report,
    /// What is beside it: first the page that leads to all, then the other reports.
    links: &'a [Link],
    style: &'static str,
    verdict: String,
    frame: String,
    labels: String,
    tables: Vec<Section<'a>>,
    program: &'static str,
}

struct Section<'a> {
    table: &'a Table,
    /// The classes of a table by its width.
    classes: String,
    charts: Vec<String>,
    total: Vec<Shown>,
    rows: Vec<Vec<Shown>>,
}

/// A cell as the page shows it.
struct Shown {
    text: String,
    class: &'static str,
    /// Of a date or moment, the form that programs read.
    time: String,
}

impl Shown {
    /// The same in the line of totals: what has no total there says nothing.
    fn of_total(self) -> Self {
        if self.text == "–" { Self { text: String::new(), class: "blank", ..self } } else { self }
    }
}

impl Report {
    /// The report as a page, with links to what is beside it: first the page that leads to all.
    ///
    /// # Errors
    /// If it cannot be made: a defect.
    pub fn page(&self, links: &[Link]) -> Result<String, PageError> {
        let named = |table: &Table| {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            labels(table.id, &columns)
        };
        let page = Page {
            report: self,
            links,
            style: STYLE,
            // A figure and its sign stay on one line.
            verdict: self.verdict.replace(" %", "\u{a0}%"),
            frame: self.frame(),
            labels: self.tables.iter().map(named).collect(),
            tables: self.tables.iter().map(section).collect::<Result<_, _>>()?,
            program: concat!("Sluice ", env!("CARGO_PKG_VERSION")),
        };
        Ok(page.render()?)
    }
}

/// From so many columns on they are narrow, or narrower.
const WIDE: usize = 12;
const WIDEST: usize = 18;

fn section(table: &Table) -> Result<Section<'_>, PageError> {
    let wide = table.columns.len() >= WIDE;
    let row = |row: &Vec<Cell>| {
        row.iter().zip(&table.columns).map(|(cell, column)| shown(cell, column, wide)).collect::<Vec<_>>()
    };
    let total = table.total_row();
    let widths = widths(table, total.as_ref());
    let print = match table.columns.len() {
        WIDEST.. => "widest",
        WIDE.. => "wide",
        _ if is_too_wide(&widths) => "wide",
        _ => "",
    };
    let cards = width_class(&widths);
    let charts = table.charts.iter().filter(|chart| !chart.bars.is_empty()).enumerate();
    Ok(Section {
        table,
        classes: format!("{print} {cards}").trim().to_owned(),
        charts: charts
            .map(|(place, chart)| chart.html(&format!("c-{}-{place}", table.id)))
            .collect::<Result<_, _>>()?,
        total: total.as_ref().map(row).unwrap_or_default().into_iter().map(Shown::of_total).collect(),
        rows: table.rows.iter().map(row).collect(),
    })
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
    let time = if matches!(cell, Cell::Date(_) | Cell::Moment(_)) { cell.plain() } else { String::new() };
    let text = if text.is_empty() { "–".to_owned() } else { text };
    Shown { text, class, time }
}
