//! What can be seen of a table.

/// The rows and columns of a table that a kind of reader sees. The SQL is what both databases understand; `t` is the table,
/// and [`Words`](super::Words) says what stands in braces.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen {
    /// No row.
    Nothing,
    /// Every row with all its columns.
    All,
    /// The rows for which it holds, with all their columns.
    Rows(&'static str),
    /// The rows for which it holds, with some columns in other words.
    Masked {
        /// Which rows.
        rows: &'static str,
        /// Columns, and what stands in their place.
        masks: &'static [(&'static str, &'static str)],
    },
}
