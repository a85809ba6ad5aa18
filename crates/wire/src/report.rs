//! Reports (REP-1): typed tables with their explanations and charts, written as CSV, workbook or page.
//!
//! A report holds no moment but that of its data, so the same data give the same bytes. Text in cells may come from
//! parties; every writer makes it harmless in its own way.

mod chart;
mod content;
mod page;
mod plain;
mod workbook;

pub use content::{Cell, Chart, Column, Kind, Report, Table, grouped};
pub use page::PageError;

#[cfg(test)]
#[path = "report/tests.rs"]
mod tests;
