//! Demand Commitments: a supplier's demand for the seven days of a week.

mod causes;

use crate::finding::FileFinding;
use crate::hints;
use crate::layout::DEMAND;
use crate::limits::{Limits, Reading};
use crate::name::FileName;
use crate::source::{Content, format};
use crate::table::{Record, read};
use crate::text::shown;
use causes::Causes;
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::codes::FileCode;

/// What a Demand Commitment says: the new total of each day, Monday to Sunday, in installations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandCommitment {
    /// Its name.
    pub name: FileName,
    /// The demand of the seven days, Monday first, each from 0 to the rulebook's largest.
    pub days: [u64; 7],
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    pub unseen: Option<String>,
}

/// How many wrong rows a message of before version 8 names.
const NAMED: usize = 5;

/// MSM-2: reads the seven whole numbers of a Demand Commitment. `demand_limit` is the largest demand of a day.
///
/// # Errors
/// All file codes that apply to the content.
pub fn read_demand(
    name: FileName,
    extension: &str,
    content: &mut dyn Content,
    limits: &Limits,
    demand_limit: u64,
) -> Result<DemandCommitment, Vec<FileFinding>> {
    let mut days = Days {
        monday: name.date,
        limit: demand_limit,
        found: [None; 7],
        dates: Causes::default(),
        units: Causes::default(),
        each: Each::default(),
        unreadable: false,
        no_digits: false,
        reading: limits.reading,
    };
    let unseen = format(extension, false, limits.reading, content)
        .and_then(|format| read(content, format, &DEMAND, limits, &mut |record| days.take(record)))
        .map_err(|finding| vec![finding])?;
    let days = days.finish()?;
    Ok(DemandCommitment { name, days, unseen })
}

/// What is wrong with rows, each of the first few by itself.
#[derive(Default)]
struct Each {
    dates: Vec<String>,
    units: Vec<String>,
}

/// The days as they are found.
struct Days {
    monday: Date,
    limit: u64,
    found: [Option<u64>; 7],
    /// Rows with no day of the week, or with one that stood before.
    dates: Causes,
    /// Rows with no demand.
    units: Causes,
    /// The same row by row, as before version 8.
    each: Each,
    /// Is there a text that is no date?
    unreadable: bool,
    /// Is there a demand that is not of digits alone?
    no_digits: bool,
    reading: Reading,
}

impl Days {
    fn take(&mut self, record: &Record<'_>) -> Result<(), FileFinding> {
        let (day, units) = (record.field(0), record.field(1));
        // FI20: a whole number within the range, written as digits.
        let number = units.parse().ok().filter(|&number: &u64| number <= self.limit && !units.starts_with('+'));
        if number.is_none() {
            self.no_number(record, units);
            self.no_digits |= units.is_empty() || !units.bytes().all(|byte| byte.is_ascii_digit());
        }
        // FI19: a day of this week, and each once.
        let week = days_of_week(self.monday).unwrap_or([self.monday; 7]);
        let date = record.date(day);
        match date.and_then(|date| week.iter().position(|other| *other == date)) {
            None => {
                self.no_day(record, day);
                self.unreadable |= date.is_none();
            }
            Some(place) if self.found[place].is_some() => self.repeated(record, week[place]),
            Some(place) => self.found[place] = Some(number.unwrap_or(0)),
        }
        Ok(())
    }

    fn no_number(&mut self, record: &Record<'_>, units: &str) {
        let (place, text) = (record.place(), shown(units));
        note(&mut self.each.units, format!("{place} has '{text}'"));
        self.units.note(format!("have '{text}'"), || format!("{place} has '{text}'"), || place.clone());
    }

    fn no_day(&mut self, record: &Record<'_>, day: &str) {
        let (place, text) = (record.place(), shown(day));
        let hint = record.reading().hint(|| hints::of_date(day, record.reading()));
        let sentence = || format!("{place} has '{text}', no day of the week of {}{hint}", self.monday);
        note(&mut self.each.dates, sentence());
        let common = record.reading().hint(|| hints::of_dates(day, record.reading()));
        let what = format!("have no day of the week of {}{common}", self.monday);
        self.dates.note(what, sentence, || format!("{place} has '{text}'"));
    }

    fn repeated(&mut self, record: &Record<'_>, day: Date) {
        let sentence = || format!("{} repeats {day}", record.place());
        note(&mut self.each.dates, sentence());
        self.dates.note("repeat a day".to_owned(), sentence, || format!("{} ({day})", record.place()));
    }

    /// What is wrong with the dates, and with the demand.
    fn problems(&mut self) -> (Vec<String>, Vec<String>) {
        let week = days_of_week(self.monday).unwrap_or([self.monday; 7]);
        let missing: Vec<Date> =
            week.into_iter().zip(self.found).filter(|(_, found)| found.is_none()).map(|(day, _)| day).collect();
        if self.reading.says_all() {
            let mut dates = self.dates.words();
            dates.extend(missing_in_words(&missing));
            return (dates, self.units.words());
        }
        missing.iter().for_each(|day| note(&mut self.each.dates, format!("{day} is missing")));
        (std::mem::take(&mut self.each.dates), std::mem::take(&mut self.each.units))
    }

    fn finish(mut self) -> Result<[u64; 7], Vec<FileFinding>> {
        let (dates, units) = self.problems();
        let mut findings = Vec::new();
        if !dates.is_empty() {
            let write = || self.unreadable.then(|| ". Write dates as yyyy-mm-dd or dd/mm/yyyy".to_owned());
            let forms = self.reading.hint(write);
            let message = format!("give all seven days of the week exactly once: {}{forms}", dates.join("; "));
            findings.push(FileFinding::new(FileCode::FI19, message));
        }
        if !units.is_empty() {
            let write = || self.no_digits.then(|| ". Write digits alone, and 0 where you want nothing".to_owned());
            let digits = self.reading.hint(write);
            let units = units.join("; ");
            let message = format!("demand must be a whole number from 0 to {}: {units}{digits}", self.limit);
            findings.push(FileFinding::new(FileCode::FI20, message));
        }
        if findings.is_empty() { Ok(self.found.map(Option::unwrap_or_default)) } else { Err(findings) }
    }
}

/// The days that no row has; nothing if there are none.
fn missing_in_words(missing: &[Date]) -> Option<String> {
    let listed: Vec<String> = missing.iter().map(Date::to_string).collect();
    match &listed[..] {
        [] => None,
        [day] => Some(format!("{day} is missing")),
        all if all.len() == 7 => Some("none of the seven is there".to_owned()),
        days => Some(format!("{} are missing", days.join(", "))),
    }
}

/// Keeps the first few notes; a file with a million wrong rows must not make a million words.
fn note(notes: &mut Vec<String>, words: String) {
    match notes.len() {
        length if length < NAMED => notes.push(words),
        NAMED => notes.push("and more".to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::LIMITS;
    use std::io::Cursor;

    #[test]
    fn fi19_and_fi20_a_fault_of_all_rows_is_said_once_and_older_acts_say_it_row_by_row() {
        let rows: String = (44403..44410).map(|day| format!("{day},ten\n")).collect();
        let text = format!("Migration Date,Demand\n{rows}");
        let words = |engine| {
            let (name, _) = FileName::parse("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv").unwrap();
            let limits = LIMITS.of_engine(engine);
            let read = read_demand(name, "csv", &mut Cursor::new(&text), &limits, 100).unwrap_err();
            read.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        let [dates, units] = &words(8)[..] else { panic!("two findings") };
        assert!(
            dates.contains("7 rows have no day of the week of 2021-07-26 (a number without a date format"),
            "{dates}"
        );
        assert!(dates.contains("row 2 has '44403', row 3 has '44404', row 4 has '44405' and 4 more"), "{dates}");
        assert!(units.contains("7 rows have 'ten': row 2, row 3, row 4 and 4 more"), "{units}");
        let [dates, units] = &words(7)[..] else { panic!("two findings") };
        assert!(dates.contains("row 2 has '44403', no day of the week of 2021-07-26"), "{dates}");
        assert!(dates.contains("row 6 has '44407'") && dates.contains("; and more"), "{dates}");
        assert!(units.contains("row 6 has 'ten'; and more"), "{units}");
    }

    #[test]
    fn fi19_dates_without_separators_are_one_cause_and_one_alone_is_given_as_it_should_be() {
        let words = |rows: &[&str]| {
            let (name, _) = FileName::parse("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv").unwrap();
            let text = format!("Migration Date,Demand\n{},5\n", rows.join(",5\n"));
            let read = read_demand(name, "csv", &mut Cursor::new(&text), &LIMITS, 100).unwrap_err();
            read[0].message.clone()
        };
        let many = words(&["20210726", "20210727", "20210728"]);
        let said =
            "3 rows have no day of the week of 2021-07-26 (a date without separators): row 2 has '20210726', row 3";
        assert!(many.contains(said), "{many}");
        assert!(many.ends_with("Write dates as yyyy-mm-dd or dd/mm/yyyy"), "{many}");
        let one = words(&["2021/07/26"]);
        assert!(one.contains("(with slashes the day comes first: write it as 26/07/2021 or 2021-07-26)"), "{one}");
    }
}
