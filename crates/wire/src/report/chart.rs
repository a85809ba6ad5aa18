//! Charts: what is drawn, in one grammar for pages and workbooks.

/// What a series shows: its look, which is the same in every chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What was asked for: light, with an outline.
    Demand,
    /// What was given: a mid tone.
    Allocated,
    /// What suppliers authorised.
    Authorised,
    /// What is in a schedule.
    Scheduled,
    /// What was migrated: the full tone.
    Migrated,
    /// What failed, or was refused: the warning tone, with a mark.
    Failed,
    /// What is still open: an outline.
    Open,
    /// What weighs most among greys.
    Heavy,
    /// What came to nothing, from the heaviest of three greys to the lightest.
    Lost1,
    /// The second.
    Lost2,
    /// The third.
    Lost3,
}

impl Tone {
    /// The class of its shapes.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Allocated => "allocated",
            Self::Authorised => "authorised",
            Self::Scheduled => "scheduled",
            Self::Migrated => "migrated",
            Self::Failed => "failed",
            Self::Open => "open",
            Self::Heavy => "heavy",
            Self::Lost1 => "lost1",
            Self::Lost2 => "lost2",
            Self::Lost3 => "lost3",
        }
    }

    /// Its colour in a workbook.
    pub(super) const fn colour(self) -> u32 {
        match self {
            Self::Demand => 0xE3_EAF5,
            Self::Allocated => 0x7F_A6D8,
            Self::Authorised => 0x5F_8CC6,
            Self::Scheduled => 0x3F_6FAF,
            Self::Migrated => 0x1D_4F91,
            Self::Failed => 0xC2_410C,
            Self::Open => 0xFF_FFFF,
            Self::Heavy => 0x14_213D,
            Self::Lost1 => 0x5B_6472,
            Self::Lost2 => 0x9A_A3B2,
            Self::Lost3 => 0xD5_DAE2,
        }
    }
}

/// A series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: &'static str,
    /// Its look.
    pub tone: Tone,
}

/// How the figures of a bar are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A piece for each series, one behind the other.
    Stacked,
    /// The same, each bar as long as the others: shares of its sum.
    Shares,
    /// A bar for each series, below each other.
    Grouped,
    /// All series begin at 0 and lie on each other, each narrower than the one before: for parts of parts.
    Nested,
}

/// A bar, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is named.
    pub label: String,
    /// A figure for each series.
    pub values: Vec<u64>,
    /// The capacity that stands against them: a line.
    pub capacity: Option<u64>,
    /// What is said at its end; the sum of the figures, where nothing is given.
    pub figure: Option<String>,
}

impl Bar {
    /// A bar without a capacity.
    pub fn new(label: impl Into<String>, values: Vec<u64>) -> Self {
        Self { label: label.into(), values, capacity: None, figure: None }
    }
}

/// A chart of horizontal bars. Each figure in it stands in the table beside it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it shows: the finding.
    pub title: String,
    /// What is measured.
    pub measure: &'static str,
    /// What is counted, such as "installations".
    pub unit: &'static str,
    /// How it is laid out.
    pub form: Form,
    /// The series; up to seven.
    pub series: Vec<Series>,
    /// The bars.
    pub bars: Vec<Bar>,
}
