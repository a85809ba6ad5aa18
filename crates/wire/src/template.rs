//! Templates: workbooks (or CSV) that a supplier fills in and sends back.
//!
//! The same inputs give the same bytes. Nothing in a template is a macro.

use crate::dormant::Reasons;
use crate::layout::{ANSWER, AUTHORISATION, DEMAND, Layout};
use crate::name::FileName;
use crate::sheet::{excel_date, new_workbook, printable, table};
use crate::text::{csv_line, harmless};
use crate::written::ProposedRow;
use jiff::civil::Date;
use rust_xlsxwriter::{DataValidation, DataValidationRule, Format, FormatBorder, Worksheet};
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};

pub use crate::sheet::{Cell, TemplateError};

/// Whom a template is for.
#[derive(Debug, Clone, Copy)]
pub struct For {
    /// The party.
    pub party: Party,
    /// The User ID under which it will send the file.
    pub user_id: Eui64,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The days of the week, Monday first.
    pub week: [Date; 7],
}

/// A line of the supplier's allowance: a day, its allocation, and what it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The day.
    pub date: Date,
    /// The demand that was sent.
    pub demand: u64,
    /// The allocation.
    pub allocation: u64,
    /// Is it of a provisional result, so that it may be another when the result is firm (MSM-11)?
    pub provisional: bool,
}

impl Allowance {
    /// What is said of an allowance that may change.
    pub const PROVISIONAL: &'static str = "Your allowance is provisional and may change: what you may authorise is in the Demand Response of the firm result (MSM-11).";
}

/// A template before it is written: its table, its rules for each column, and the words of its second sheet.
#[derive(Debug)]
pub struct Template {
    layout: Layout,
    rows: Vec<Vec<Cell>>,
    columns: Vec<Entry>,
    help: Vec<String>,
    allowance: Vec<Allowance>,
}

/// What may be entered in a column.
#[derive(Debug)]
enum Entry {
    /// Given; not to be changed.
    Fixed,
    /// Any text.
    Text,
    /// A whole number in a range.
    Number(i32, i32),
    /// One of a list.
    OneOf(Vec<String>),
    /// One of the days of the week.
    Day([Date; 7]),
}

/// The rows for which a template without given rows has its drop-downs.
const OPEN_ROWS: u32 = 10_000;

/// How many of them have a border.
const BORDERED_ROWS: u32 = 1_000;

const HELP_SHEET: &str = "How to fill this in";

/// The template of a Demand Commitment. `limit` is the largest demand of a day.
#[must_use]
pub fn demand(to: &For, limit: u64, allowance: Vec<Allowance>) -> Template {
    let name = FileName::of_week(FileKind::DemandCommitment, Some(to.party), to.user_id, to.s1sp, to.week[0]);
    let help = vec![
        format!("Demand of {} for S1SP {} in the week of {}.", to.party, to.s1sp, to.week[0]),
        format!("Enter for each day how many installations you want migrated: a whole number from 0 to {limit}."),
        "The numbers are the new total of the week, not a change: a later file replaces this one.".to_owned(),
        "All seven days must stay, each once. Enter 0 for a day on which you want nothing.".to_owned(),
        format!("Save the file as {name}.xlsx and send it before the demand cut-off."),
    ];
    let rows = to.week.iter().map(|&date| vec![Cell::Date(date), Cell::Empty]).collect();
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    Template { layout: DEMAND, rows, columns: vec![Entry::Fixed, Entry::Number(0, limit)], help, allowance }
}

/// The template of an authorisation file.
#[must_use]
pub fn authorisation(to: &For, allowance: Vec<Allowance>) -> Template {
    let help = vec![
        format!("Migration authorisations of {} for S1SP {} in the week of {}.", to.party, to.s1sp, to.week[0]),
        "One row an installation. Give its CHF Device ID and each meter point you are responsible for.".to_owned(),
        "Enter MPANs as text with all 13 digits; a spreadsheet that rounds them makes the row useless.".to_owned(),
        format!("Notified Critical Supplier ID: one of your User IDs, such as {}.", to.user_id),
        "Priority: 1 is taken first; leave it empty for last. Supplier Reference: your own words.".to_owned(),
        format!("Save it as MA_{}_{}_<yyyymmdd>_<hhmmss>.xlsx with the date and time of now.", to.s1sp, to.user_id),
        "To protect it, pack it into a ZIP of the same name with AES-256 and send the password by another route."
            .to_owned(),
    ];
    let actions = ["AUTHORISE", "WITHDRAW"].map(str::to_owned).to_vec();
    let columns = vec![
        Entry::Text,
        Entry::Text,
        Entry::Text,
        Entry::Day(to.week),
        Entry::OneOf(actions),
        Entry::OneOf(vec![to.user_id.to_string()]),
        Entry::Number(1, 9999),
        Entry::Text,
    ];
    Template { layout: AUTHORISATION, rows: Vec::new(), columns, help, allowance }
}

/// The template of the answers to a Dormant notice, with the installations of the notice.
#[must_use]
pub fn dormant_answer(to: &For, reasons: Reasons<'_>, installations: &[Eui64]) -> Template {
    let name = FileName::of_week(FileKind::DormantAnswer, None, to.user_id, to.s1sp, to.week[0]);
    let help = vec![
        format!("Answers of {} to the Dormant notice of S1SP {} for the week of {}.", to.party, to.s1sp, to.week[0]),
        "NO_OBJECTION: it may be migrated. No answer means the same: clear the rows you do not answer.".to_owned(),
        "ACTIVE: the meter has become Active.".to_owned(),
        format!("OBJECT: it should not be migrated; the reason is one of {}.", reasons.known.join(", ")),
        format!("A statement is needed with {}.", reasons.with_statement.join(", ")),
        format!("Save the file as {name}.xlsx and send it before answers are due."),
    ];
    let answers = ["NO_OBJECTION", "ACTIVE", "OBJECT"].map(str::to_owned).to_vec();
    let row = |chf: &Eui64| vec![Cell::Text(chf.to_string()), Cell::Empty, Cell::Empty, Cell::Empty];
    let columns = vec![Entry::Text, Entry::OneOf(answers), Entry::OneOf(reasons.known.to_vec()), Entry::Text];
    Template { layout: ANSWER, rows: installations.iter().map(row).collect(), columns, help, allowance: Vec::new() }
}

impl Template {
    /// A demand template with the seven figures entered, as a supplier sends it.
    #[must_use]
    pub fn with_demand(mut self, units: [u64; 7]) -> Self {
        for (row, units) in self.rows.iter_mut().zip(units) {
            row[1] = Cell::Number(i64::try_from(units).unwrap_or(i64::MAX));
        }
        self
    }

    /// An authorisation template with proposed rows, for the supplier to edit and send.
    #[must_use]
    pub fn with_proposal<'a>(mut self, proposed: impl IntoIterator<Item = ProposedRow<'a>>) -> Self {
        self.rows.extend(proposed.into_iter().map(|row| row.template_cells()));
        self
    }

    /// Does it show an allowance that may change?
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.allowance.iter().any(|line| line.provisional)
    }

    /// As CSV: the header and the given rows.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = csv_line(self.layout.columns.iter().copied());
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(Cell::text).collect();
            out.push_str(&csv_line(cells.iter().map(String::as_str)));
        }
        out
    }

    /// As a workbook: the table with its header locked, drop-downs and limits, and a sheet that says how to fill it in.
    ///
    /// # Errors
    /// If the workbook cannot be made.
    pub fn workbook(&self) -> Result<Vec<u8>, TemplateError> {
        let mut book = new_workbook()?;
        let sheet = book.add_worksheet();
        table(sheet, &self.layout, &self.rows)?;
        let last = self.last_row();
        // Given rows must all be open, so that they can be cleared; of the empty ones the first few show the way.
        let bordered = if self.rows.is_empty() { BORDERED_ROWS } else { last };
        for (column, entry) in (0_u16..).zip(&self.columns) {
            let Some(format) = entry.format() else { continue };
            for row in 1..=bordered {
                self.unlock(sheet, row, column, &format)?;
            }
            sheet.set_column_format(column, &format)?;
            if let Some(rule) = entry.validation()? {
                sheet.add_data_validation(1, column, last, column, &rule)?;
            }
        }
        sheet.protect();
        self.help(book.add_worksheet())?;
        Ok(book.save_to_buffer()?)
    }

    fn last_row(&self) -> u32 {
        if self.rows.is_empty() { OPEN_ROWS } else { u32::try_from(self.rows.len()).unwrap_or(OPEN_ROWS) }
    }

    /// An empty cell that may be filled in; given text in it stays.
    fn unlock(&self, sheet: &mut Worksheet, row: u32, column: u16, format: &Format) -> Result<(), TemplateError> {
        let given = self.rows.get(usize::try_from(row - 1).unwrap_or(usize::MAX));
        let bordered = format.clone().set_border(FormatBorder::Thin).set_border_color("#BFC7CF");
        match given.and_then(|cells| cells.get(usize::from(column))) {
            Some(Cell::Text(text)) => sheet.write_string_with_format(row, column, &*harmless(text), &bordered)?,
            Some(Cell::Number(number)) => {
                let number = i32::try_from(*number).unwrap_or(i32::MAX);
                sheet.write_number_with_format(row, column, number, &bordered)?
            }
            Some(Cell::Date(date)) => sheet.write_datetime_with_format(row, column, excel_date(*date)?, &bordered)?,
            _ => sheet.write_blank(row, column, &bordered)?,
        };
        Ok(())
    }

    fn help(&self, sheet: &mut Worksheet) -> Result<(), TemplateError> {
        sheet.set_name(HELP_SHEET)?;
        printable(sheet);
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, 16)?;
        sheet.set_column_width(2, 16)?;
        let title = Format::new().set_bold().set_font_size(14);
        sheet.write_string_with_format(0, 0, HELP_SHEET, &title)?;
        let mut row = 2;
        for line in &self.help {
            sheet.write_string(row, 0, line)?;
            row += 1;
        }
        if self.allowance.is_empty() {
            return Ok(());
        }
        row += 1;
        let mut head = "Your allowance";
        if self.is_provisional() {
            head = "Provisional allowance";
            sheet.write_string(row, 0, Allowance::PROVISIONAL)?;
            row += 1;
        }
        let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
        for (column, head) in (0_u16..).zip([head, "Demand", "Allocation"]) {
            sheet.write_string_with_format(row, column, head, &bold)?;
        }
        for allowance in &self.allowance {
            row += 1;
            sheet.write_string(row, 0, allowance.date.to_string())?;
            sheet.write_string(row, 1, allowance.demand.to_string())?;
            sheet.write_string(row, 2, allowance.allocation.to_string())?;
        }
        Ok(())
    }
}

impl Entry {
    /// How a cell that may be filled in is shown; nothing for one that may not.
    fn format(&self) -> Option<Format> {
        let open = Format::new().set_unlocked();
        match self {
            Self::Fixed => None,
            Self::Text => Some(open.set_num_format("@")),
            Self::Day(_) => Some(open.set_num_format("yyyy-mm-dd")),
            Self::Number(..) | Self::OneOf(_) => Some(open),
        }
    }

    fn validation(&self) -> Result<Option<DataValidation>, TemplateError> {
        let rule = match self {
            Self::Fixed | Self::Text => return Ok(None),
            Self::Number(low, high) => DataValidation::new()
                .allow_whole_number(DataValidationRule::Between(*low, *high))
                .set_error_message(format!("Enter a whole number from {low} to {high}."))?,
            Self::OneOf(words) => {
                DataValidation::new().allow_list_strings(words)?.set_error_message("Choose one of the list.")?
            }
            Self::Day(week) => DataValidation::new()
                .allow_date(DataValidationRule::Between(excel_date(week[0])?, excel_date(week[6])?))
                .set_input_message(format!("A day from {} to {}", week[0], week[6]))?
                .set_error_message(format!("Enter a date from {} to {}.", week[0], week[6]))?,
        };
        Ok(Some(rule))
    }
}
