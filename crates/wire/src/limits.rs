//! The limits on what is read (FI09), which are rulebook data, and how it is read.

use crate::finding::FileFinding;
use sluice_rules::codes::FileCode;
use sluice_rules::rulebook::{Rulebook, RulebookError};

/// How a file is understood. What it says and what is said of it may not change for acts that were done by an older program:
/// in a replay they are done again as they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// As before version 3 of the rules that decide.
    Earlier,
    /// As in versions 3 to 7: files are read as now, and refusals say less.
    Brief,
    /// As [files.md](../../../docs/files.md) has it.
    #[default]
    Now,
}

/// The version of the rules that decide with which reading became what it is now, and that with which refusals came to say as much.
const SINCE: i64 = 3;
const SAYS_SINCE: i64 = 8;

impl Reading {
    /// How a file was read by a version of the rules that decide.
    #[must_use]
    pub fn of_engine(engine: i64) -> Self {
        match engine {
            ..SINCE => Self::Earlier,
            SINCE..SAYS_SINCE => Self::Brief,
            _ => Self::Now,
        }
    }

    /// The first version that read so; none for the one before versions were told apart.
    #[must_use]
    pub fn engine(self) -> Option<i64> {
        match self {
            Self::Earlier => None,
            Self::Brief => Some(SINCE),
            Self::Now => Some(SAYS_SINCE),
        }
    }

    /// Is it read as before version 3?
    pub(crate) fn is_earlier(self) -> bool {
        self == Self::Earlier
    }

    /// Do refusals say as much as since version 8?
    pub(crate) fn says_all(self) -> bool {
        self == Self::Now
    }

    /// What is said beyond the words of before version 3: nothing where a file is read as it was then.
    pub(crate) fn hint(self, words: impl FnOnce() -> Option<String>) -> String {
        if self.is_earlier() { String::new() } else { words().unwrap_or_default() }
    }
}

/// How much of a stranger's file is read before it is refused, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows below the header.
    pub rows: u64,
    /// Bytes of content, after inflating everything that is packed.
    pub inflated: u64,
    /// Characters in one cell.
    pub cell: usize,
    /// Members of an archive.
    pub members: u64,
    /// Members of a workbook, which is an archive too.
    pub workbook_members: u64,
    /// Members that all lists of an archive together name, those of an archive in it included. What its end says can be another
    /// number than there are.
    pub entries: u64,
    /// Bytes that are kept of a workbook's shared texts.
    pub texts: usize,
    /// Bytes of all cells together: a workbook can show one text in any number of them.
    pub shown: u64,
    /// Bytes that are kept of the words on refused rows. Of later rows their codes are, and what these mean.
    pub words: usize,
    /// How it is read.
    pub reading: Reading,
}

/// Members of a workbook where the rulebook does not say: those in use did not tell workbooks from other archives, and are
/// not edited (RB-4).
const WORKBOOK_MEMBERS: u64 = 4_096;

/// Bytes of shared texts: a million rows of identifiers with words of their own have fewer.
const TEXTS: usize = 56 << 20;

/// Bytes of words on refused rows: those of 100,000 rows and more. A million of them would cost a multiple of the file itself.
const WORDS: usize = 32 << 20;

/// The version of the rules that decide since which less is kept than there is.
const KEEPS_LESS_SINCE: i64 = 4;

impl Limits {
    /// FI09: the content is over the limit of inflated bytes.
    #[must_use]
    pub fn over_size(&self) -> FileFinding {
        FileFinding::new(FileCode::FI09, format!("its content is larger than {} MiB", self.inflated >> 20))
    }

    /// The limits of a rulebook.
    ///
    /// # Errors
    /// If the rulebook lacks one of them.
    pub fn of(rulebook: &Rulebook) -> Result<Self, RulebookError> {
        let members = rulebook.number("limit_members")?;
        let inflated = rulebook.number("limit_inflated_mib")? << 20;
        let workbook_members = rulebook.number("limit_workbook_members").unwrap_or(WORKBOOK_MEMBERS);
        Ok(Self {
            rows: rulebook.number("limit_rows")?,
            inflated,
            cell: usize::try_from(rulebook.number("limit_cell_characters")?).unwrap_or(usize::MAX),
            members,
            workbook_members,
            entries: members.saturating_add(workbook_members),
            texts: TEXTS,
            shown: inflated,
            words: WORDS,
            reading: Reading::Now,
        })
    }

    /// The same for a file that is read as a version of the rules that decide read it.
    #[must_use]
    pub fn of_engine(self, engine: i64) -> Self {
        let reading = Reading::of_engine(engine);
        if engine < KEEPS_LESS_SINCE {
            let (texts, words) = (usize::MAX, usize::MAX);
            return Self { reading, entries: u64::MAX, texts, shown: u64::MAX, words, ..self };
        }
        Self { reading, ..self }
    }
}
