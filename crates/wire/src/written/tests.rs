use super::*;
use crate::authorisation::{Action, EchoRow, read_authorisation};
use crate::dormant::read_notice;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::source::{Content, Format};
use crate::table::read;
use crate::template::{self, For};
use jiff::ToSpan;
use jiff::civil::date;
use jiff::tz::TimeZone;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::Eui64;
use std::io::Cursor;

const LIMITS: Limits = Limits { rows: 100, inflated: 1 << 20, cell: 32_767, ..crate::reference::LIMITS };
const CHF: Eui64 = Eui64(0x70B3_D51F_3100_0001);

fn csv<R: WriteRow + Clone>(rows: &[R]) -> String {
    let mut out = Vec::new();
    write_csv(rows.iter().cloned(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Every cell of a table as it is read back.
fn cells(layout: &Layout, format: Format, content: &mut dyn Content) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    read(content, format, layout, &LIMITS, &mut |record| {
        rows.push((0..layout.columns.len()).map(|column| record.field(column).to_owned()).collect());
        Ok(())
    })
    .unwrap();
    rows
}

/// The workbook of some rows must read like their CSV, and be the same when it is made again.
fn same_in_both_forms<R: WriteRow + Clone>(rows: &[R]) -> Vec<u8> {
    let book = write_workbook(rows.iter().cloned(), LastRow::Fitted).unwrap();
    assert_eq!(book, write_workbook(rows.iter().cloned(), LastRow::Fitted).unwrap());
    let from_book = cells(&R::LAYOUT, Format::Workbook { macros: false }, &mut Cursor::new(&book));
    assert_eq!(from_book, cells(&R::LAYOUT, Format::Csv, &mut Cursor::new(csv(rows))));
    assert_eq!(from_book.len(), rows.len());
    book
}

fn response() -> ResponseRow<'static> {
    let echo = EchoRow {
        row: 7,
        mpan: "1200000000002",
        mprn: "",
        chf: "70-B3-D5-1F-31-00-00-01",
        date: "26/07/2021",
        action: "authorise",
        reference: "=cmd|' /C calc'!A0",
    };
    ResponseRow::to(echo, "REFUSED", "MA106 MA117", "the day is not open; \"used up\", so")
}

#[test]
fn a_response_echoes_what_was_sent_and_makes_it_harmless() {
    let rows = [response(), ResponseRow { row: None, reference: "@x", mpan: "+1", message: "", ..response() }];
    assert_eq!(
        csv(&rows),
        "Row,Import MPAN,MPRN,CHF Device ID,Migration Date,Action,Supplier Reference,Verdict,Codes,Message\n\
         7,1200000000002,,70-B3-D5-1F-31-00-00-01,26/07/2021,authorise,'=cmd|' /C calc'!A0,REFUSED,MA106 MA117,\
         \"the day is not open; \"\"used up\"\", so\"\n\
         ,'+1,,70-B3-D5-1F-31-00-00-01,26/07/2021,authorise,'@x,REFUSED,MA106 MA117,\n"
    );
    same_in_both_forms(&rows);
}

#[test]
fn a_last_row_with_a_long_text_stands_in_a_workbook_once() {
    let message =
        "so many words that they need a second line in a cell of this width, since nobody reads beyond its end";
    let rows = [response(), ResponseRow { row: Some(8), message, ..response() }];
    same_in_both_forms(&rows);
    // What was issued once is made again as it was, wrong as it is.
    let twice = write_workbook(rows.iter().cloned(), LastRow::Twice).unwrap();
    let format = Format::Workbook { macros: false };
    let refused = read(&mut Cursor::new(&twice), format, &ResponseRow::LAYOUT, &LIMITS, &mut |_| Ok(())).unwrap_err();
    assert!(refused.message.contains("its rows are not in order"), "{refused:?}");
}

#[test]
fn what_is_gathered_is_written_once_and_in_order() {
    let rows: Vec<_> = (2..5_002).map(|row| ResponseRow { row: Some(row), ..response() }).collect();
    let text = csv(&rows);
    assert!(text.len() > 4 * GATHERED);
    let numbers: Vec<_> =
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse::<u64>().unwrap()).collect();
    assert_eq!(numbers, (2..5_002).collect::<Vec<_>>());
}

#[test]
fn mam_13_an_eligible_list_says_why_not_who_acts_and_what_is_authorised() {
    let row = EligibleRow {
        chf: CHF,
        mpan: "1200000000002".parse().ok(),
        mprn: None,
        dmc: "DMC-0001",
        kind: InstallationType::Mixed,
        eligible: false,
        reasons: "MA110 MA114",
        who_acts: "DCC",
        attempts: 3,
        reference: "-1",
        asked_by: "BBB456",
        asked_for: "2021-07-27",
        asked_until: "2021-07-21 17:00",
        authorised_for: Some(jiff::civil::date(2021, 7, 28)),
    };
    assert_eq!(
        csv(&[row]).lines().nth(1),
        Some(
            "70-B3-D5-1F-31-00-00-01,1200000000002,,DMC-0001,MIXED,NO,MA110 MA114,DCC,3,'-1,BBB456,2021-07-27,2021-07-21 17:00,2021-07-28"
        )
    );
    same_in_both_forms(&[
        row,
        EligibleRow { eligible: true, reasons: "", who_acts: "", reference: "", asked_by: "", ..row },
    ]);
}

#[test]
fn a_schedule_and_a_stop_list_have_the_same_columns() {
    let row = ScheduleRow {
        chf: CHF,
        mpan: "1200000000002".parse().ok(),
        mprn: "1234567".parse().ok(),
        kind: InstallationType::Active,
        electricity: "AAA123".parse().ok(),
        gas: None,
        attempt: 1,
    };
    let line = "70-B3-D5-1F-31-00-00-01,1200000000002,1234567,ACTIVE,AAA123,,1";
    assert_eq!(csv(&[row]).lines().nth(1), Some(line));
    assert_eq!(csv(&[row]), csv(&[StopRow(row)]));
    same_in_both_forms(&[row]);
    same_in_both_forms(&[StopRow(row)]);
}

#[test]
fn a_notice_is_read_for_the_template_of_its_answers() {
    let respond_by = date(2021, 7, 12).at(17, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    let row = NoticeRow {
        chf: CHF,
        mpan: None,
        mprn: "1234567".parse().ok(),
        dmc: "DMC-0001",
        line: sluice_rules::dormant::Line::Planned,
        date: Some(date(2021, 7, 26)),
        respond_by: &respond_by,
    };
    let standby = NoticeRow { line: sluice_rules::dormant::Line::Standby, date: None, ..row.clone() };
    let text = csv(&[row.clone(), standby.clone()]);
    assert!(text.ends_with("1234567,DMC-0001,STANDBY,,2021-07-12 17:00\n"), "{text}");
    let book = same_in_both_forms(&[row, standby]);
    assert_eq!(read_notice("xlsx", &mut Cursor::new(book), &LIMITS), Ok(vec![CHF, CHF]));
}

#[test]
fn a_proposed_authorisation_is_read_as_it_was_meant() {
    let row = ProposedRow {
        mpan: "1200000000002".parse().ok(),
        mprn: None,
        chf: CHF,
        date: date(2021, 7, 26),
        action: Action::Authorise,
        critical_supplier: Eui64(0x70B3_D51F_3000_A008),
        priority: Some(2),
        reference: "=1",
    };
    let book = same_in_both_forms(&[row]);
    let from_csv = read_authorisation("csv", &mut Cursor::new(csv(&[row])), &LIMITS, None).unwrap();
    assert_eq!(read_authorisation("xlsx", &mut Cursor::new(book), &LIMITS, None), Ok(from_csv.clone()));
    assert!(from_csv.refused().is_empty());
    assert_eq!(
        (from_csv.rows[0].chf, from_csv.rows[0].date, from_csv.rows[0].priority),
        (Some(CHF), Some(row.date), 2)
    );
    assert_eq!(from_csv.echo.find(2).unwrap().reference, "'=1");
    // In a template that can be edited the same rows stand, and are read as the same.
    let week = [26, 27, 28, 29, 30, 31, 32].map(|day| date(2021, 7, 1).checked_add((day - 1).days()).unwrap());
    let (party, s1sp) = ("AAA123".parse().unwrap(), "CGI".parse().unwrap());
    let to = For { party, user_id: row.critical_supplier, s1sp, week };
    let template = template::authorisation(&to, Vec::new()).with_proposal([row, ProposedRow { priority: None, ..row }]);
    let book = template.workbook().unwrap();
    assert_eq!(book, template.workbook().unwrap());
    let read = |extension: &str, content: &mut dyn Content| read_authorisation(extension, content, &LIMITS, None);
    let from_book = read("xlsx", &mut Cursor::new(book)).unwrap();
    assert_eq!(read("csv", &mut Cursor::new(template.csv())), Ok(from_book.clone()));
    assert_eq!(from_book.refused().len(), 2, "the installation stands in it twice");
    assert_eq!(from_book.echo.rows().next(), from_csv.echo.rows().next());
}

#[test]
fn more_rows_than_a_workbook_can_have_are_an_error() {
    let rows = (0..1_048_576).map(|_| Short);
    assert!(write_workbook(rows, LastRow::Fitted).is_err());
}

#[derive(Clone)]
struct Short;

impl WriteRow for Short {
    const LAYOUT: Layout = crate::layout::DEMAND;

    fn cells(&self, line: &mut Line<'_>) {
        line.number(Some(1));
    }
}
