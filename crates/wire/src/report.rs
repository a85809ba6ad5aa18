//! Reports (REP-1): typed tables with their explanations and charts, written as CSV, workbook or page.
//!
//! A report holds no moment but that of its data, so the same data give the same bytes. Text in cells may come from
//! parties; every writer makes it harmless in its own way.

mod cards;
mod chart;
mod content;
mod drawn;
mod index;
mod json;
mod look;
mod native;
mod page;
mod plain;
mod workbook;

pub use cards::{labels, width_class};
pub use chart::{Bar, Chart, Form, Series, Tone};
pub use content::{Cell, Column, Kind, Report, Table, Totals, grouped};
pub use index::{Link, index};
pub use look::{PATTERNS, PageError, STYLE};

#[cfg(test)]
#[path = "report/tests.rs"]
mod tests;
