//! The names of files: which kind of file it is, whose, and for when.

mod align;
mod differs;
mod grammar;

use crate::finding::FileFinding;
use crate::limits::Reading;
use crate::text::{digits, shown};
use grammar::{Part, grammar};
use jiff::civil::{Date, Time, Weekday};
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::fmt;

pub use grammar::form;

/// A name that follows the grammar. Two names that differ only in separator, case or extension are equal here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileName {
    /// The kind.
    pub kind: FileKind,
    /// The party, where the name has one.
    pub party: Option<Party>,
    /// The User ID, where the name has one.
    pub user_id: Option<Eui64>,
    /// The S1SP.
    pub s1sp: S1sp,
    /// The week's Monday, the day, or the date of the stamp.
    pub date: Date,
    /// The time of the stamp; local time.
    pub time: Option<Time>,
    /// The version, where the name has one.
    pub version: Option<u32>,
}

/// MAM-10: is what has this name treated as a password? Whatever begins like one, however the rest is spelt: browsers name a second
/// download `MAPASSWORD_… (1).txt`.
#[must_use]
pub fn may_be_password(name: &str) -> bool {
    let word = FileKind::Password.word();
    name.trim_start().get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
}

/// Is it the name of a file that an operating system or an office program keeps for itself beside those of people: lock files
/// (`~$…`, `.~lock…`), `Thumbs.db`, `desktop.ini`, and whatever begins with a dot? They are passed over.
#[must_use]
pub fn is_helper(name: &str) -> bool {
    const NAMES: [&str; 3] = ["thumbs.db", "ehthumbs.db", "desktop.ini"];
    name.starts_with(['.']) || name.starts_with("~$") || NAMES.iter().any(|helper| name.eq_ignore_ascii_case(helper))
}

/// A name and its extension in lower case.
pub type Parsed<'a> = (FileName, String);

impl FileName {
    /// Reads a name with its extension. The name is one step of a path, never a path.
    ///
    /// # Errors
    /// FI01 if it does not follow the grammar, FI05 if its date is not valid or not the Monday that is due.
    pub fn parse(name: &str) -> Result<Parsed<'_>, FileFinding> {
        Self::parse_as(Reading::Now, name)
    }

    /// The same, with the words of a version of the rules that decide.
    ///
    /// # Errors
    /// As [`FileName::parse`].
    pub fn parse_as(reading: Reading, name: &str) -> Result<Parsed<'_>, FileFinding> {
        // FI01: the name says kind, sender and time; nothing is guessed.
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let (word, rest) = stem.split_once(['-', '_']).unwrap_or((stem, ""));
        let kind = FileKind::ALL.iter().copied().find(|kind| kind.word().eq_ignore_ascii_case(word));
        let Some(kind) = kind else {
            if reading.says_all() {
                return Err(FileFinding::new(FileCode::FI01, differs::kind(name, word)));
            }
            let words: Vec<_> = FileKind::ALL.iter().map(|kind| kind.word()).collect();
            let message = format!("'{}' does not begin with one of {}", shown(name), words.join(", "));
            return Err(FileFinding::new(FileCode::FI01, message));
        };
        let parts: Vec<&str> = rest.split('_').collect();
        let file = read(kind, &parts, name, reading)?;
        Ok((file, extension.to_ascii_lowercase()))
    }

    /// The name of a file about a week; `party` where its kind has one in the name.
    #[must_use]
    pub fn of_week(kind: FileKind, party: Option<Party>, user_id: Eui64, s1sp: S1sp, monday: Date) -> Self {
        Self { kind, party, user_id: Some(user_id), s1sp, date: monday, time: None, version: None }
    }

    /// The same name with a version, for the kinds that DCC writes again when something changes.
    #[must_use]
    pub fn with_version(self, version: u32) -> Self {
        Self { version: Some(version), ..self }
    }

    /// The name of a stop list, with the moment at which it is issued.
    #[must_use]
    pub fn stop_list(s1sp: S1sp, date: Date, time: Time) -> Self {
        let kind = FileKind::StopList;
        Self { kind, party: None, user_id: None, s1sp, date, time: Some(time), version: None }
    }

    /// The name of a version of the schedule of a day.
    #[must_use]
    pub fn schedule(s1sp: S1sp, date: Date, version: u32) -> Self {
        let kind = FileKind::Schedule;
        Self { kind, party: None, user_id: None, s1sp, date, time: None, version: Some(version) }
    }

    /// The same key under another kind, such as the response to a file.
    #[must_use]
    pub fn of_kind(self, kind: FileKind) -> Self {
        Self { kind, ..self }
    }
}

/// Reads the parts of a name behind its kind.
fn read(kind: FileKind, parts: &[&str], name: &str, reading: Reading) -> Result<FileName, FileFinding> {
    let wrong = || {
        if reading.says_all() {
            return FileFinding::new(FileCode::FI01, differs::parts(name, kind, parts));
        }
        let message = format!("'{}' is not of the form {}", shown(name), form(kind));
        FileFinding::new(FileCode::FI01, message)
    };
    let (wanted, has_versions) = grammar(kind);
    let version = match parts.len().checked_sub(wanted.len()) {
        Some(0) => None,
        Some(1) if has_versions => {
            let number = parts[wanted.len()].strip_prefix(['v', 'V']).and_then(|text| text.parse().ok());
            Some(number.ok_or_else(wrong)?)
        }
        _ => return Err(wrong()),
    };
    let (mut party, mut user_id, mut s1sp, mut date, mut time) = (None, None, None, None, None);
    for (part, text) in wanted.iter().zip(parts) {
        match part {
            Part::Party => party = Some(text.parse().map_err(|_| wrong())?),
            // With its hyphens the User ID has a fixed width and anchors the name.
            Part::UserId if text.contains('-') => user_id = Some(text.parse().map_err(|_| wrong())?),
            Part::UserId => return Err(wrong()),
            Part::S1sp => s1sp = Some(text.parse().map_err(|_| wrong())?),
            Part::Week => date = Some(week(text, name, wrong)?),
            Part::Day => date = Some(day(text, name, wrong)?),
            Part::Time => time = Some(stamp_time(text, name, wrong)?),
        }
    }
    let (s1sp, date) = (s1sp.ok_or_else(wrong)?, date.ok_or_else(wrong)?);
    Ok(FileName { kind, party, user_id, s1sp, date, time, version })
}

/// FI05: a date that exists.
fn day(text: &str, name: &str, grammar: impl Fn() -> FileFinding) -> Result<Date, FileFinding> {
    let bytes = text.as_bytes();
    if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(grammar());
    }
    let two = |range| digits(&bytes[range]).and_then(|value| i8::try_from(value).ok());
    let date = digits(&bytes[..4]).zip(two(4..6)).zip(two(6..8));
    let date = date.and_then(|((year, month), day)| Date::new(year, month, day).ok());
    date.ok_or_else(|| {
        FileFinding::new(FileCode::FI05, format!("'{}' names the date {text}, which does not exist", shown(name)))
    })
}

/// FI05: the Monday of a week.
fn week(text: &str, name: &str, grammar: impl Fn() -> FileFinding) -> Result<Date, FileFinding> {
    let date = day(text, name, grammar)?;
    if date.weekday() == Weekday::Monday {
        return Ok(date);
    }
    let message =
        format!("'{}' names {date}, which is not a Monday; a Migration Week is named by its Monday", shown(name));
    Err(FileFinding::new(FileCode::FI05, message))
}

fn stamp_time(text: &str, name: &str, grammar: impl Fn() -> FileFinding) -> Result<Time, FileFinding> {
    let bytes = text.as_bytes();
    if bytes.len() != 6 || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(grammar());
    }
    let two = |range| digits(&bytes[range]).and_then(|value| i8::try_from(value).ok());
    let time = two(0..2).zip(two(2..4)).zip(two(4..6));
    let time = time.and_then(|((hour, minute), second)| Time::new(hour, minute, second, 0).ok());
    time.ok_or_else(|| {
        FileFinding::new(FileCode::FI05, format!("'{}' names the time {text}, which does not exist", shown(name)))
    })
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        for part in grammar(self.kind).0 {
            match part {
                Part::Party => write!(f, "_{}", self.party.as_ref().map_or("", Party::as_str))?,
                Part::UserId => write!(f, "_{}", self.user_id.unwrap_or(Eui64(0)))?,
                Part::S1sp => write!(f, "_{}", self.s1sp)?,
                Part::Week | Part::Day => write!(f, "_{}", self.date.strftime("%Y%m%d"))?,
                Part::Time => write!(f, "_{}", self.time.unwrap_or_default().strftime("%H%M%S"))?,
            }
        }
        self.version.map_or(Ok(()), |version| write!(f, "_v{version}"))
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
