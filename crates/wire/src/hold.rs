//! Holds: a supplier keeps an installation from being migrated on some dates (MAM-12).

use crate::fields::Fields;
use crate::finding::{FileFinding, RowFinding, Words};
use crate::layout::HOLD;
use crate::limits::Limits;
use crate::source::{Content, format};
use crate::table::read;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::Weekdays;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, Mprn};

/// How an installation is named: by its hub, by a meter point, or by several that must agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named {
    /// CHF Device ID.
    pub chf: Option<Eui64>,
    /// Import MPAN.
    pub mpan: Option<Mpan>,
    /// MPRN.
    pub mprn: Option<Mprn>,
}

/// A row of good form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRow {
    /// The line number that a person sees.
    pub row: u64,
    /// The installation.
    pub named: Named,
    /// The first date.
    pub from: Date,
    /// The last date; nothing if there is none.
    pub to: Option<Date>,
    /// On which days of the week.
    pub weekdays: Weekdays,
    /// Does it set a hold? Else it clears one.
    pub sets: bool,
}

/// Holds of a file: those without findings, in their order, and the findings on the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Rows of good form.
    pub rows: Vec<HoldRow>,
    /// Rows with findings.
    pub refused: Vec<RowFinding>,
    /// What was read of a workbook although nobody who looks at it sees it, in words.
    pub unseen: Option<String>,
}

/// MAM-12: reads the holds of a file. An installation may stand in it more than once: rows are taken in their order.
///
/// # Errors
/// The file code that refuses it whole.
pub fn read_holds(extension: &str, content: &mut dyn Content, limits: &Limits) -> Result<Holds, FileFinding> {
    let (mut holds, mut words) = (Holds::default(), Words::most(limits.words));
    let format = format(extension, false, limits.reading, content)?;
    holds.unseen = read(content, format, &HOLD, limits, &mut |record| {
        match judge(Fields::of(record, &HOLD)) {
            Ok(row) => holds.rows.push(row),
            Err(mut findings) => {
                words.shorten(&mut findings);
                holds.refused.push(RowFinding::new(record.number(), findings));
            }
        }
        Ok(())
    })?;
    Ok(holds)
}

fn judge(mut fields: Fields<'_>) -> Result<HoldRow, Vec<(RowCode, String)>> {
    // MA101: an installation has to be named, and a hold begins and does something.
    if [0, 1, 2].iter().all(|&place| fields.record.field(place).is_empty()) {
        fields.find(RowCode::MA101, "give a CHF Device ID, an Import MPAN or an MPRN".to_owned());
    }
    for place in [3, 6] {
        if fields.record.field(place).is_empty() {
            fields.find(RowCode::MA101, format!("{} must not be empty", fields.column(place)));
        }
    }
    let named = Named { chf: fields.eui64(0), mpan: fields.mpan(1), mprn: fields.mprn(2) };
    let (from, to) = (fields.date(3), fields.date(4));
    // MA105: dates in their order, days of the week by their names, and two actions.
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        fields.find(RowCode::MA105, "To lies before From".to_owned());
    }
    let weekdays = fields.optional(5, RowCode::MA105, str::parse::<Weekdays>);
    let sets = fields.optional(6, RowCode::MA105, |text| match text {
        _ if text.eq_ignore_ascii_case("SET") => Ok(true),
        _ if text.eq_ignore_ascii_case("CLEAR") => Ok(false),
        _ => Err("the action is SET or CLEAR"),
    });
    fields.findings.sort_by_key(|(code, _)| *code);
    match (from, sets) {
        (Some(from), Some(sets)) if fields.findings.is_empty() => Ok(HoldRow {
            row: fields.record.number(),
            named,
            from,
            to,
            weekdays: weekdays.unwrap_or(Weekdays::ALL),
            sets,
        }),
        _ => Err(fields.findings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Reading;
    use jiff::civil::date;
    use std::io::Cursor;

    #[test]
    fn mam_12_holds_are_read_row_by_row_with_all_codes() {
        let text = "CHF Device ID,Import MPAN,MPRN,From,To,Weekdays,Action\n\
                    70-B3-D5-1F-31-00-00-00,,,2021-07-26,30/07/2021,Mon wed,set\n\
                    ,,2000000007,2021-07-26,,,CLEAR\n\
                    ,,,,,,\n\
                    ,,2000000007,2021-07-26,2021-07-25,someday,KEEP\n\
                    x,1,2,soon,,,SET\n";
        let limits = Limits {
            rows: 100,
            inflated: 1 << 20,
            cell: 100,
            members: 4,
            workbook_members: 4_096,
            entries: u64::MAX,
            texts: usize::MAX,
            shown: u64::MAX,
            words: usize::MAX,
            reading: Reading::Now,
        };
        let holds = read_holds("csv", &mut Cursor::new(text), &limits).unwrap();
        assert_eq!(holds.rows.len(), 2);
        let first = holds.rows[0];
        assert_eq!((first.from, first.to, first.sets), (date(2021, 7, 26), Some(date(2021, 7, 30)), true));
        assert_eq!(first.weekdays.to_string(), "MON WED");
        assert_eq!((holds.rows[1].weekdays, holds.rows[1].to, holds.rows[1].sets), (Weekdays::ALL, None, false));
        let codes: Vec<_> = holds.refused.iter().map(|finding| (finding.row, finding.codes().join(" "))).collect();
        let expected = [(5, "MA105"), (6, "MA102 MA103 MA104 MA105")];
        assert_eq!(codes, expected.map(|(row, codes)| (row, codes.to_owned())));
    }
}
