//! Authorisation files: which installations to migrate, and when.

mod echo;

use crate::archive::{Member, Opened, is_encrypted, member, opened};
use crate::fields::Fields;
use crate::finding::{FileFinding, RowFinding, Words};
use crate::layout::AUTHORISATION;
use crate::limits::Limits;
use crate::name::FileName;
use crate::password::Password;
use crate::source::{Content, Format, format, unreadable};
use crate::table::{OnRecord, Record, Unseen, read, read_csv};

use jiff::Zoned;
use jiff::civil::Date;
use sluice_rules::calendar::local;
use sluice_rules::codes::{FileCode, RowCode};
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, Mprn};

pub use echo::{Echo, EchoRow};

/// What a row asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Migrate the installation on the date.
    Authorise,
    /// Take an authorisation back.
    Withdraw,
}

impl Action {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorise => "AUTHORISE",
            Self::Withdraw => "WITHDRAW",
        }
    }
}

/// The priority of a row that gives none.
pub const LAST_PRIORITY: u16 = 9999;

/// A row with what of it could be read. The supplier's own words to it are in the [`Echo`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// The line number that a person sees.
    pub row: u64,
    /// Import MPAN.
    pub mpan: Option<Mpan>,
    /// MPRN.
    pub mprn: Option<Mprn>,
    /// CHF Device ID: the installation.
    pub chf: Option<Eui64>,
    /// The migration date.
    pub date: Option<Date>,
    /// What is asked for.
    pub action: Option<Action>,
    /// The Notified Critical Supplier ID.
    pub critical_supplier: Option<Eui64>,
    /// 1 (first) to 9999.
    pub priority: u16,
    /// All format codes that apply, each with its words, in ascending order; none for a row of good form.
    pub findings: Vec<(RowCode, String)>,
}

/// A file that was accepted, in the order of its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorisations {
    /// Its rows.
    pub rows: Vec<ReadRow>,
    /// What the supplier wrote in them.
    pub echo: Echo,
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    pub unseen: Option<String>,
}

impl Authorisations {
    /// The rows of bad form, with all their codes.
    #[must_use]
    pub fn refused(&self) -> Vec<RowFinding> {
        let bad = self.rows.iter().filter(|row| !row.findings.is_empty());
        bad.map(|row| RowFinding { row: row.row, findings: row.findings.clone() }).collect()
    }
}

/// FI05: a stamp must not lie more than 24 hours ahead of the moment of judging.
///
/// # Errors
/// FI05 with both moments.
pub fn check_stamp(name: &FileName, now: &Zoned) -> Result<(), FileFinding> {
    let stamp = name.time.and_then(|time| local(name.date, time));
    match stamp {
        Some(stamp) if stamp.timestamp().as_second() - now.timestamp().as_second() > 24 * 60 * 60 => {
            let message = format!(
                "its stamp, {}, lies more than 24 hours ahead; send it with a new stamp",
                stamp.strftime("%F %T")
            );
            Err(FileFinding::new(FileCode::FI05, message))
        }
        _ => Ok(()),
    }
}

/// Reads an authorisation file, protected or not. Rows are judged one by one: a wrong row harms no other (MAM-4).
///
/// # Errors
/// The file code that refuses it whole.
pub fn read_authorisation(
    extension: &str,
    content: &mut dyn Content,
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Authorisations, FileFinding> {
    let format = format(extension, true, limits.reading, content)?;
    // FI09: a file with too many rows is refused before any of them is kept.
    if may_have_too_many_rows(format, content, limits)? {
        each_row(format, content, limits, password, &mut |_| Ok(()))?;
    }
    let mut reading = Reading { words: Words::of(limits), result: Authorisations::default(), seen: Vec::new() };
    let unseen = each_row(format, content, limits, password, &mut |record| reading.take(record, limits))?;
    Ok(Authorisations { unseen, ..reading.finish() })
}

/// Does a file need a password before it can be read? Only an archive can.
///
/// # Errors
/// The file code that refuses it whole, with or without a password.
pub fn needs_password(extension: &str, content: &mut dyn Content, limits: &Limits) -> Result<bool, FileFinding> {
    match format(extension, true, limits.reading, content)? {
        Format::Archive => is_encrypted(content, limits),
        _ => Ok(false),
    }
}

/// Opens the member of an archive, protected or not, so that it can be kept and read as if it had been sent plain.
///
/// # Errors
/// FI09 to FI12 where it cannot be opened, FI02 where it is no archive or its member is not what its name says.
pub fn open_protected(
    extension: &str,
    content: &mut dyn Content,
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Opened, FileFinding> {
    match format(extension, true, limits.reading, content)? {
        Format::Archive => opened(content, limits, password),
        _ => Err(FileFinding::new(FileCode::FI02, "it is no archive that could be opened")),
    }
}

fn each_row(
    format: Format,
    content: &mut dyn Content,
    limits: &Limits,
    password: Option<&Password>,
    take: OnRecord<'_>,
) -> Result<Unseen, FileFinding> {
    match format {
        Format::Archive => member(content, limits, password, |member| match member {
            Member::Csv(text) => read_csv(text, &AUTHORISATION, limits, take),
            Member::Workbook(content, format) => read(content, format, &AUTHORISATION, limits, take),
        }),
        format => read(content, format, &AUTHORISATION, limits, take),
    }
}

/// Plain text with fewer line breaks than the limit has no more rows than it; what is packed may have any number.
fn may_have_too_many_rows(format: Format, content: &mut dyn Content, limits: &Limits) -> Result<bool, FileFinding> {
    if format != Format::Csv {
        return Ok(format == Format::Archive);
    }
    let mut breaks = 0;
    let mut chunk = vec![0; 256 << 10];
    while breaks <= limits.rows {
        match content.read(&mut chunk).map_err(|error| unreadable(&error))? {
            0 => break,
            length => breaks += u64::try_from(memchr::memchr_iter(b'\n', &chunk[..length]).count()).unwrap_or(u64::MAX),
        }
    }
    content.rewind().map_err(|error| unreadable(&error))?;
    Ok(breaks > limits.rows)
}

struct Reading {
    words: Words,
    result: Authorisations,
    /// The installation that each row names, and the row. Strangers choose the installations: what is sorted cannot be
    /// filled with collisions.
    seen: Vec<(Eui64, u64)>,
}

impl Reading {
    fn take(&mut self, record: &Record<'_>, limits: &Limits) -> Result<(), FileFinding> {
        self.result.echo.push(record, limits)?;
        let mut fields = Fields::of(record, &AUTHORISATION);
        let chf = fields.eui64(2);
        let mut row = fields.row(chf);
        self.words.shorten(&mut row.findings);
        if let Some(chf) = chf {
            self.seen.push((chf, record.number()));
        }
        self.result.rows.push(row);
        Ok(())
    }

    /// MA107: an installation that stands twice is refused on every occurrence.
    fn finish(mut self) -> Authorisations {
        if !self.seen.is_sorted() {
            self.seen.sort_unstable();
        }
        for rows in self.seen.chunk_by(|(one, _), (other, _)| one == other).filter(|rows| rows.len() > 1) {
            for &(_, row) in rows {
                let others = rows.iter().filter(|(_, other)| *other != row).take(5).map(|(_, other)| other.to_string());
                let others = others.collect::<Vec<_>>().join(", ");
                let Ok(place) = self.result.rows.binary_search_by_key(&row, |row| row.row) else { continue };
                let findings = &mut self.result.rows[place].findings;
                let mut twice =
                    [(RowCode::MA107, format!("the installation stands in row {others} too; send it once"))];
                self.words.shorten(&mut twice);
                findings.extend(twice);
                findings.sort_by_key(|(code, _)| *code);
            }
        }
        self.result
    }
}

impl Fields<'_> {
    fn row(mut self, chf: Option<Eui64>) -> ReadRow {
        let [mpan_text, mprn_text] = [0, 1].map(|column| self.record.field(column));
        // MA101: the columns that may not be empty, and at least one meter point.
        let empty: Vec<&str> = [2, 3, 4, 5]
            .into_iter()
            .filter(|&place| self.record.field(place).is_empty())
            .map(|place| self.column(place))
            .collect();
        if !empty.is_empty() {
            self.find(RowCode::MA101, format!("{} must not be empty", empty.join(", ")));
        }
        if mpan_text.is_empty() && mprn_text.is_empty() {
            self.find(RowCode::MA101, "give an Import MPAN, an MPRN or both".to_owned());
        }
        let mpan = self.mpan(0);
        let mprn = self.mprn(1);
        let critical_supplier = self.eui64(5);
        // MA105: dates in two forms, actions in two words, priorities in digits.
        let date = self.date(3);
        let action = self.optional(4, RowCode::MA105, action);
        let priority = self.optional(6, RowCode::MA105, priority);
        self.findings.sort_by_key(|(code, _)| *code);
        ReadRow {
            row: self.record.number(),
            mpan,
            mprn,
            chf,
            date,
            action,
            critical_supplier,
            priority: priority.unwrap_or(LAST_PRIORITY),
            findings: self.findings,
        }
    }
}

fn action(text: &str) -> Result<Action, &'static str> {
    match text {
        _ if text.eq_ignore_ascii_case("AUTHORISE") => Ok(Action::Authorise),
        _ if text.eq_ignore_ascii_case("WITHDRAW") => Ok(Action::Withdraw),
        _ => Err("the action is AUTHORISE or WITHDRAW"),
    }
}

fn priority(text: &str) -> Result<u16, &'static str> {
    let number = text.parse().ok().filter(|number| (1..=LAST_PRIORITY).contains(number) && !text.starts_with('+'));
    number.ok_or("the priority is a whole number from 1 to 9999")
}
