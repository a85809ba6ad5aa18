//! What a report holds: columns, cells, charts, tables.

use super::chart::Chart;
use jiff::Timestamp;
use jiff::civil::Date;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// A share of something, in percent with one decimal.
    Share,
    /// A number with a fixed count of decimals.
    Decimal,
    /// A date.
    Date,
    /// A moment, in UK time.
    Moment,
}

impl Kind {
    /// The word in machine output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Share => "percent",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Moment => "moment",
        }
    }

    /// Does it stand at the right, as figures do?
    #[must_use]
    pub fn is_figure(self) -> bool {
        matches!(self, Self::Number | Self::Share | Self::Decimal)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in machine output.
    pub id: &'static str,
    /// Its heading.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What its figures count, in a sentence or two.
    pub about: &'static str,
    /// Does the line of totals add it up?
    pub summed: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn text(id: &'static str, name: &'static str, about: &'static str) -> Self {
        Self { id, name, kind: Kind::Text, about, summed: false }
    }

    /// A column of whole numbers that are added up.
    #[must_use]
    pub const fn number(id: &'static str, name: &'static str, about: &'static str) -> Self {
        Self { id, name, kind: Kind::Number, about, summed: true }
    }

    /// A column of another kind, which is not added up; shares are of their sums.
    #[must_use]
    pub const fn of(kind: Kind, id: &'static str, name: &'static str, about: &'static str) -> Self {
        Self { id, name, kind, about, summed: matches!(kind, Kind::Share) }
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: not known, not there yet, or not for the reader.
    Empty,
    /// Words; perhaps a stranger's.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A part of a whole; of nothing there is no share.
    Share {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
    /// A number with decimals: 1,234 with 3 places is 1.234.
    Decimal {
        /// The digits.
        value: i64,
        /// How many of them are decimals.
        places: u32,
    },
    /// A date.
    Date(Date),
    /// A moment.
    Moment(Timestamp),
}

impl Cell {
    /// Words.
    pub fn text(words: impl ToString) -> Self {
        Self::Text(words.to_string())
    }

    /// A whole number, or nothing.
    #[must_use]
    pub fn opt(number: Option<u64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }

    /// MSM-8: a rounding balance, given in nano-installations, in installations with all nine decimals.
    #[must_use]
    pub fn balance(nano: i64) -> Self {
        Self::Decimal { value: nano, places: 9 }
    }

    /// A moment, or nothing.
    #[must_use]
    pub fn opt_moment(moment: Option<Timestamp>) -> Self {
        moment.map_or(Self::Empty, Self::Moment)
    }

    /// A date, or nothing.
    #[must_use]
    pub fn opt_date(date: Option<Date>) -> Self {
        date.map_or(Self::Empty, Self::Date)
    }

    /// The number of tenths of a percent of a share, rounded to the nearest; nothing of nothing.
    pub(crate) fn per_mille(part: u64, whole: u64) -> Option<u64> {
        let (part, whole) = (u128::from(part), u128::from(whole));
        let nearest = (part * 2000 + whole).checked_div(whole * 2)?;
        u64::try_from(nearest).ok()
    }

    /// A figure or date as plain text that every program reads; words as they are.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Share { part, whole } => {
                Self::per_mille(*part, *whole).map_or_else(String::new, |share| tenths(share, ""))
            }
            Self::Decimal { value, places } => decimal(*value, *places),
            Self::Date(date) => date.to_string(),
            Self::Moment(moment) => local(*moment, "%FT%T%:z"),
        }
    }

    /// As people read it: thousands apart, decimals by threes (`−0.333 333 334`), shares with their sign. Words are not made
    /// harmless.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Number(number) => grouped(*number),
            Self::Share { part, whole } => {
                Self::per_mille(*part, *whole).map_or_else(String::new, |share| tenths(share, " %"))
            }
            Self::Decimal { value, places } => {
                let sign = if *value < 0 { "−" } else { "" };
                let plain = decimal(*value, *places);
                let (whole, rest) = plain.trim_start_matches('-').split_once('.').unwrap_or((&plain, ""));
                let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
                let decimals = if rest.is_empty() { String::new() } else { format!(".{}", by_threes(rest)) };
                format!("{sign}{whole}{decimals}")
            }
            Self::Date(date) => date.strftime("%a %-d %b %Y").to_string(),
            Self::Moment(moment) => local(*moment, "%H:%M on %a %-d %b %Y"),
            Self::Empty | Self::Text(_) => self.plain(),
        }
    }
}

/// Decimals in groups of three, with spaces at which no line breaks.
fn by_threes(decimals: &str) -> String {
    let mut out = String::with_capacity(decimals.len() + 4);
    for (place, digit) in decimals.chars().enumerate() {
        if place > 0 && place.is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

fn tenths(number: u64, sign: &str) -> String {
    format!("{}.{}{sign}", number / 10, number % 10)
}

fn decimal(value: i64, places: u32) -> String {
    let scale = 10_u64.checked_pow(places).unwrap_or(u64::MAX);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:0width$}", width = places as usize)
    }
}

fn local(moment: Timestamp, format: &str) -> String {
    moment.to_zoned(sluice_rules::calendar::LONDON).strftime(format).to_string()
}

/// A number with its thousands apart, as people read it.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The line of totals of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Totals {
    /// None: there is nothing that could be added up.
    None,
    /// The sums of what can be added up.
    Sums,
    /// These cells, where some of them are no sums, such as a rate.
    Given(Vec<Cell>),
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name in machine output, and the end of the name of its CSV where a report has several tables.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// The line of totals, which stands before the rows.
    pub totals: Totals,
    /// What is said where there are no rows.
    pub empty: &'static str,
    /// The charts.
    pub charts: Vec<Chart>,
}

impl Table {
    /// The line of totals: sums of what can be added up; nothing if there are no rows or no totals.
    #[must_use]
    pub fn total_row(&self) -> Option<Vec<Cell>> {
        match &self.totals {
            _ if self.rows.is_empty() => return None,
            Totals::None => return None,
            Totals::Given(cells) => return Some(cells.clone()),
            Totals::Sums => {}
        }
        let sum = |(place, column): (usize, &Column)| match column.kind {
            _ if place == 0 => Cell::text("Total"),
            Kind::Number | Kind::Share if column.summed => added(self.rows.iter().filter_map(|row| row.get(place))),
            _ => Cell::Empty,
        };
        Some(self.columns.iter().enumerate().map(sum).collect())
    }
}

/// The sum of cells of one kind; empty ones are left out.
fn added<'a>(cells: impl Iterator<Item = &'a Cell>) -> Cell {
    cells.fold(Cell::Empty, |sum, cell| match (sum, cell) {
        (Cell::Empty, cell) => cell.clone(),
        (Cell::Number(one), Cell::Number(other)) => Cell::Number(one + other),
        (Cell::Share { part, whole }, Cell::Share { part: other, whole: all }) => {
            Cell::Share { part: part + other, whole: whole + all }
        }
        (sum, _) => sum,
    })
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What was found, in a sentence or two: what is read first.
    pub verdict: String,
    /// What a reader must know of all data, such as that they are invented.
    pub remark: Option<String>,
    /// What it shows and for whom, in paragraphs.
    pub about: &'static [&'static str],
    /// The days that it covers, in words.
    pub period: String,
    /// Which S1SPs, in words.
    pub s1sps: String,
    /// Who reads it, in words: what is not for them is left out.
    pub reader: String,
    /// The moment of its data.
    pub as_of: Timestamp,
    /// What a reader should know of these figures.
    pub notes: Vec<String>,
    /// The tables, those that sum up before those that they are made of.
    pub tables: Vec<Table>,
    /// The id of the table that has every detail, which a CSV of the report's name holds.
    pub main: &'static str,
}

impl Report {
    /// Which days, which S1SPs, for whom and of what moment, in one line.
    #[must_use]
    pub fn frame(&self) -> String {
        format!("{} · {} · for {} · data of {}", self.period, self.s1sps, self.reader, self.as_of_words())
    }

    /// The moment of its data in words.
    #[must_use]
    pub fn as_of_words(&self) -> String {
        local(self.as_of, "%H:%M on %A %-d %B %Y (UK time)")
    }
}
