//! The limits on what is read (FI09); rulebook data.

use crate::finding::FileFinding;
use sluice_rules::codes::FileCode;
use sluice_rules::rulebook::{Rulebook, RulebookError};

/// How much of a stranger's file is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows below the header.
    pub rows: u64,
    /// Bytes of content, after inflating everything that is packed.
    pub inflated: u64,
    /// Characters in one cell.
    pub cell: usize,
    /// Members of an archive; a workbook is one too.
    pub members: u64,
}

impl Limits {
    /// FI09: the content is over the limit of inflated bytes.
    pub(crate) fn over_size(&self) -> FileFinding {
        FileFinding::new(FileCode::FI09, format!("its content is larger than {} MiB", self.inflated >> 20))
    }

    /// The limits of a rulebook.
    ///
    /// # Errors
    /// If the rulebook lacks one of them.
    pub fn of(rulebook: &Rulebook) -> Result<Self, RulebookError> {
        Ok(Self {
            rows: rulebook.number("limit_rows")?,
            inflated: rulebook.number("limit_inflated_mib")? << 20,
            cell: usize::try_from(rulebook.number("limit_cell_characters")?).unwrap_or(usize::MAX),
            members: rulebook.number("limit_members")?,
        })
    }
}
