//! How every page looks.

/// A page that could not be made: a defect.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be made: {0}")]
pub struct PageError(#[from] askama::Error);

/// The style of every page: one look for charts, tables and words.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// What some tones of charts are filled with: once on each page that has charts.
pub const PATTERNS: &str = include_str!("../../templates/patterns.html");
