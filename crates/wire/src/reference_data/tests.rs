use super::*;
use crate::layout::Layout;
use crate::limits::Reading;
use crate::sheet::{Cell, workbook};
use crate::source::Content;
use jiff::civil::date;
use sluice_rules::installation::{Cohort, Fuel, MeterStatus};
use sluice_rules::outcome::Stage;
use sluice_rules::outcome::WhoActs;
use sluice_rules::party::Eui64;
use sluice_rules::party::PartyRole;
use std::fmt;
use std::io::Cursor;

fn text(layout: &Layout, rows: &[&str]) -> String {
    format!("{}\n{}\n", layout.columns.join(","), rows.join("\n"))
}

type Reader<R> = fn(&str, &mut dyn Content, Reading) -> Result<Vec<R>, TableErrors>;

/// Reads rows as CSV and as a workbook, which must come to the same.
fn read<R: PartialEq + fmt::Debug>(reader: Reader<R>, layout: &Layout, rows: &[&str]) -> Result<Vec<R>, TableErrors> {
    let cells = |row: &&str| row.split(',').map(|cell| Cell::Text(cell.to_owned())).collect();
    let book = workbook(layout, &rows.iter().map(cells).collect::<Vec<Vec<Cell>>>()).unwrap();
    let from_book = reader("xlsx", &mut Cursor::new(book), Reading::Now);
    let from_csv = reader("csv", &mut Cursor::new(text(layout, rows)), Reading::Now);
    assert_eq!(from_book, from_csv);
    from_csv
}

fn errors<R: PartialEq + fmt::Debug>(reader: Reader<R>, layout: &Layout, rows: &[&str]) -> Vec<(u64, String)> {
    match read(reader, layout, rows) {
        Err(TableErrors::Rows(errors)) => {
            assert_eq!(errors.total, u64::try_from(errors.rows.len()).unwrap());
            errors.rows
        }
        other => panic!("expected row errors, not {other:?}"),
    }
}

/// Are these the lines, and the beginnings of the words?
#[track_caller]
fn assert_errors(found: &[(u64, String)], expected: &[(u64, &str)]) {
    let fits = |((line, message), (wanted, start)): (&(u64, String), &(u64, &str))| {
        line == wanted && message.starts_with(start)
    };
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(fits), "{found:#?}");
}

const A: &str = "70-B3-D5-1F-30-00-A0-08";
const B: &str = "70-B3-D5-1F-30-00-A0-09";

#[test]
fn parties_have_their_ids_and_contacts() {
    let rows = [
        &format!("aaa123,Alpha Ltd,supplier,{A}  70B3D51F3000A00A,ALPH ALP2,ALG,,ops@alpha.example,+44 1"),
        &format!("SP1,Provider,S1SP,{B},,,cgi,,"),
        "OBS,Panel,OBSERVER,70-B3-D5-1F-30-00-A0-0B,,,,,",
    ];
    let read = read_parties("csv", &mut Cursor::new(text(&crate::layout::PARTIES, &rows)), Reading::Now).unwrap();
    let alpha = PartyRow {
        line: 2,
        party: "AAA123".parse().unwrap(),
        name: "Alpha Ltd".to_owned(),
        role: PartyRole::Supplier,
        user_ids: vec![A.parse().unwrap(), Eui64(0x70B3_D51F_3000_A00A)],
        electricity_mpids: vec!["ALPH".parse().unwrap(), "ALP2".parse().unwrap()],
        gas_mpids: vec!["ALG".parse().unwrap()],
        s1sp: None,
        operations_contact: "ops@alpha.example".to_owned(),
        out_of_hours_contact: "+44 1".to_owned(),
    };
    assert_eq!(read[0], alpha);
    assert_eq!((read[1].role, read[1].s1sp), (PartyRole::S1sp, "CGI".parse().ok()));
    assert_eq!((read[2].role, read[2].s1sp), (PartyRole::Observer, None));
}

#[test]
fn msm_14_one_party_is_an_s1sp() {
    let rows = [
        &format!("SP1,Provider,S1SP,{A},,,CGI,,"),
        &format!("SP2,Another,S1SP,{B},,,cgi,,"),
        "SP3,A third,S1SP,70-B3-D5-1F-30-00-A0-0B,,,XSP,,",
    ];
    let rows = read_parties("csv", &mut Cursor::new(text(&crate::layout::PARTIES, &rows)), Reading::Now).unwrap();
    let wrong = unfit(&rows, |_| false);
    assert_eq!(wrong.total, 1);
    assert_eq!(wrong.rows[0].0, 3);
    assert!(wrong.rows[0].1.contains("the S1SP CGI stands in line 2 too"), "{:?}", wrong.rows);
    assert_eq!(unfit(&rows[1..], |_| false).total, 0);
}

#[test]
fn msm_1_no_party_and_no_s1sp_has_a_word_of_the_programs_for_a_code() {
    let rows = [
        &format!("dcc,Data and communications,OBSERVER,{A},,,,,"),
        &format!("SP2,Provider,S1SP,{B},,,Supplier,,"),
        "DCC1,Another,OBSERVER,70-B3-D5-1F-30-00-A0-0B,,,,,",
        "clock,A maker of clocks,OBSERVER,70-B3-D5-1F-30-00-A0-0C,,,,,",
    ];
    let rows = read_parties("csv", &mut Cursor::new(text(&crate::layout::PARTIES, &rows)), Reading::Now).unwrap();
    let wrong: Vec<(u64, String)> = unfit(&rows, |_| false).rows;
    assert_eq!(wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 5]);
    assert_eq!(wrong[0].1, "party DCC: the program writes DCC for DCC itself; choose another code for it (MSM-1)");
    assert!(wrong[1].1.starts_with("S1SP SUPPLIER: "), "{wrong:?}");
}

#[test]
fn every_wrong_row_of_the_parties_is_listed() {
    let rows = [
        &format!("AAA,Alpha,SUPPLIER,{A},ALPH,ALG,,,"),
        &format!("aaa,Again,SUPPLIER,{A} {B} {B},alph,ALPH,,,"),
        "B-B,,KING,,TOOLONG X,,,,",
        "SP1,Provider,S1SP,70-B3-D5-1F-30-00-A0-0C,ABCD,,,,",
        "OBS,Panel,OBSERVER,xyz,,,CGI,,",
    ];
    assert_errors(
        &errors(read_parties, &crate::layout::PARTIES, &rows),
        &[
            (3, "the party AAA stands in line 2 too"),
            (3, &format!("the User ID {A} stands in line 2 too")),
            (3, &format!("the User ID {B} stands twice in this line")),
            (3, "the MPID ALPH for ELECTRICITY stands in line 2 too"),
            (4, "Party 'B-B' is not a party"),
            (4, "Name must not be empty"),
            (4, "Role 'KING' is not SUPPLIER, S1SP or OBSERVER"),
            (4, "User IDs must not be empty"),
            (4, "Electricity MPIDs: 'TOOLONG' is not an MPID"),
            (4, "Electricity MPIDs: 'X' is not an MPID"),
            (5, "only a SUPPLIER has MPIDs"),
            (5, "S1SP must not be empty"),
            (6, "User IDs: 'xyz' is not an EUI-64"),
            (6, "only the role S1SP has an S1SP"),
        ],
    );
}

#[test]
fn combinations_are_models_of_three_parts() {
    let layout = &crate::layout::COMBINATIONS;
    let read = read(read_combinations, layout, &["DMC-1,Vodafone,a:b:1,c:d:2,e:f:3", "dmc-1,Telefonica,a:b:1,c:d:2,"]);
    let read = read.unwrap();
    assert_eq!(read[0].gsme.as_ref().map(ToString::to_string), Some("e:f:3".to_owned()));
    assert_eq!((read[1].dmc.as_str(), &read[1].gsme), ("dmc-1", &None));
    let rows = ["DMC-1,V,a:b:1,c:d:2,", "DMC-1,V,a:b:1,c:d:2,", "D 2,,a:b,c:d:,e:f:3:4"];
    assert_errors(
        &errors(read_combinations, layout, &rows),
        &[
            (3, "the Device Model Combination DMC-1 stands in line 2 too"),
            (4, "Device Model Combination 'D 2' is not"),
            (4, "Communications Provider must not be empty"),
            (4, "CHF Model 'a:b' is not"),
            (4, "ESME Model 'c:d:' is not"),
            (4, "GSME Model 'e:f:3:4' is not"),
        ],
    );
}

/// A line of an inventory with numbers made of one number.
fn installation(number: u64, gas: bool) -> String {
    let twelve = 120_000_000_000 + number;
    let mpan = twelve * 10 + sluice_rules::point::Mpan::check_digit(twelve);
    let [chf, esme, gsme] = [1, 2, 3].map(|device| Eui64(0x70B3_D51F_3100_0000 + number * 16 + device));
    let gas = if gas { format!("{gsme},{},GASS,DORMANT", 2_000_000 + number) } else { ",,,".to_owned() };
    format!("{chf},CGI,MOC (Secure),DMC-0001,{esme},{mpan},ELEC,ACTIVE,{gas}")
}

const INVENTORY: &Layout = &crate::layout::INVENTORY;

#[test]
fn an_inventory_is_read_with_and_without_gas() {
    let (one, two) = (installation(1, true), installation(2, false));
    let read = read(read_whole_inventory, INVENTORY, &[&one, &two]).unwrap();
    assert_eq!(read[0].chf, Eui64(0x70B3_D51F_3100_0011));
    assert_eq!((read[0].cohort, read[0].dmc.as_str()), (Cohort::MocSecure, "DMC-0001"));
    let gas = read[0].gas.unwrap();
    assert_eq!((gas.mprn.number(), gas.status), (2_000_001, MeterStatus::Dormant));
    assert_eq!(read[1].gas, None);
}

#[test]
fn gas_columns_are_filled_all_or_none() {
    let good = installation(1, false);
    let start = good.strip_suffix(",,,").unwrap();
    let rows = [format!("{start},,,ACTIVE"), format!("{start}{A},2000000,GASS,"), format!("{start}{A},12345,GA,ON")];
    assert_errors(
        &errors(read_whole_inventory, INVENTORY, &[&rows[0], &rows[1], &rows[2]]),
        &[
            (2, "the gas columns are filled all or none, but GSME Device ID, MPRN, Gas MPID is empty"),
            (3, "the gas columns are filled all or none, but Gas Status is empty"),
            (4, "MPRN '12345' is not an MPRN"),
            (4, "Gas MPID 'GA' is not an MPID"),
            (4, "Gas Status 'ON' is not ACTIVE or DORMANT"),
        ],
    );
}

#[test]
fn ma102_a_rounded_number_in_an_inventory_is_named_as_one() {
    let cells = |number, place: usize, text: &'static str| {
        let row = installation(number, true);
        let cells: Vec<&str> =
            row.split(',').enumerate().map(|(at, cell)| if at == place { text } else { cell }).collect();
        cells.join(",")
    };
    let rows = [cells(1, 5, "1.20006E+12"), cells(2, 0, "9.07012E+15"), cells(3, 9, "2 000 001")];
    assert_errors(
        &errors(read_whole_inventory, INVENTORY, &[&rows[0], &rows[1], &rows[2]]),
        &[
            (
                2,
                "Import MPAN '1.20006E+12' is not an MPAN of 13 digits with a right check digit: this is a spreadsheet's rounding",
            ),
            (
                3,
                "CHF Device ID '9.07012E+15' is not an EUI-64 such as 70-B3-D5-1F-30-00-A0-08; this is a number in a spreadsheet",
            ),
            (4, "MPRN '2 000 001' is not an MPRN of 6 to 10 digits; there are blanks in it: write 2000001"),
        ],
    );
    let registrations =
        errors(read_registrations, &crate::layout::REGISTRATIONS, &["1.20006E+12,ELECTRICITY,ELEC,2021-07-01"]);
    assert!(registrations[0].1.contains("this is a spreadsheet's rounding"), "{registrations:?}");
}

#[test]
fn what_stands_twice_in_an_inventory_is_named_with_both_lines() {
    let rows: Vec<String> = (1..=4).map(|number| installation(number, true)).collect();
    let cell = |row: &str, place: usize| row.split(',').nth(place).unwrap().to_owned();
    let with = |row: &str, place: usize, text: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[place] = text;
        cells.join(",")
    };
    let (chf, mpan, mprn) = (cell(&rows[0], 0), cell(&rows[0], 5), cell(&rows[0], 9));
    let gsme = cell(&rows[3], 8);
    let wrong =
        [rows[0].clone(), with(&rows[1], 0, &chf), with(&with(&rows[2], 5, &mpan), 9, &mprn), with(&rows[3], 4, &gsme)];
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    assert_errors(
        &errors(read_whole_inventory, INVENTORY, &wrong),
        &[
            (3, &format!("the CHF Device ID {chf} stands in line 2 too")),
            (4, &format!("the Import MPAN {mpan} stands in line 2 too")),
            (4, "the MPRN 2000001 stands in line 2 too"),
            (5, &format!("the GSME Device ID {gsme} stands twice in this line")),
        ],
    );
}

#[test]
fn the_caller_may_find_rows_wrong_or_stop() {
    let text = text(INVENTORY, &[&installation(1, true), ",,,,,,,,,,,", &installation(2, false)]);
    let mut seen = Vec::new();
    let count = read_inventory("csv", &mut Cursor::new(&text), Reading::Now, &mut |line, row| {
        seen.push((line, row.gas.is_some()));
        Ok(())
    });
    assert_eq!((count, seen), (Ok(2), vec![(2, true), (4, false)]));
    let wrong = read_inventory("csv", &mut Cursor::new(&text), Reading::Now, &mut |_, row| {
        if row.gas.is_none() { Err(RowProblem::Wrong("unknown MPID".to_owned())) } else { Ok(()) }
    });
    let listed = RowErrors { rows: vec![(4, "unknown MPID".to_owned())], total: 1 };
    assert_eq!(wrong, Err(TableErrors::Rows(listed)));
    let stopped = read_inventory("csv", &mut Cursor::new(&text), Reading::Now, &mut |_, _| {
        Err(RowProblem::Stop("disk full".to_owned()))
    });
    assert_eq!(stopped, Err(TableErrors::Whole("disk full".to_owned())));
}

#[test]
fn errors_beyond_the_first_thousand_are_counted() {
    let rows = vec!["x,,,,,,,,,,,"; 1_500];
    let Err(TableErrors::Rows(errors)) =
        read_whole_inventory("csv", &mut Cursor::new(text(INVENTORY, &rows)), Reading::Now)
    else {
        panic!("the rows are wrong");
    };
    assert_eq!((errors.rows.len(), errors.total), (LISTED, 1_500 * 8));
    assert!(errors.to_string().starts_with("line 2: CHF Device ID 'x'"), "{errors}");
}

#[test]
fn a_file_that_is_no_such_table_is_refused_whole() {
    for (extension, text) in [("csv", "Party,Name\nA,B\n"), ("pdf", "x"), ("csv", ""), ("xlsx", "x")] {
        let refused = read_parties(extension, &mut Cursor::new(text), Reading::Now);
        assert!(matches!(refused, Err(TableErrors::Whole(_))), "{refused:?}");
    }
}

#[test]
fn a_registration_fits_its_fuel_and_stands_once() {
    let layout = &crate::layout::REGISTRATIONS;
    let good = ["1200000000002,electricity,ELEC,2021-07-01", "1200000000002,ELECTRICITY,ELEC,02/07/2021"];
    let read = read(read_registrations, layout, &good).unwrap();
    assert_eq!((read[0].point.fuel(), read[1].from), (Fuel::Electricity, date(2021, 7, 2)));
    let rows = [
        "1234567,GAS,GASS,2021-07-01",
        "1234567,ELECTRICITY,ELEC,2021-07-01",
        "1200000000002,GAS,GASS,2021-07-01",
        "1234567,GAS,OTHR,2021-07-01",
        "1234567,WATER,,2021-02-30",
    ];
    assert_errors(
        &errors(read_registrations, layout, &rows),
        &[
            (3, "MPxN '1234567' is not an MPAN"),
            (4, "MPxN '1200000000002' is not an MPRN"),
            (5, "the registration of 1234567 from 2021-07-01 stands in line 2 too"),
            (6, "Fuel 'WATER' is not ELECTRICITY or GAS"),
            (6, "MPID must not be empty"),
            (6, "Effective From '2021-02-30' is not a date"),
        ],
    );
}

#[test]
fn an_entry_of_the_epcl_may_come_again_but_not_twice_at_once() {
    let layout = &crate::layout::EPCL;
    let good =
        ["CGI,D1,2021-01-01,2021-02-01", "CGI,D1,2021-02-01,", "CGI,D2,2021-01-01,2021-01-01", "DXC,D1,2021-01-01,"];
    let read = read(read_epcl, layout, &good).unwrap();
    assert_eq!((read[0].removed, read[1].removed), (Some(date(2021, 2, 1)), None));
    let rows = [
        "CGI,D1,2021-03-01,",
        "CGI,D1,2021-01-01,",
        "CGI,D2,2021-02-01,2021-01-01",
        "CGI,D3,2021-01-01,soon",
        "CGI,D4,2021-01-01,2021-03-01",
        "CGI,D4,2021-01-01,2021-01-01",
    ];
    assert_errors(
        &errors(read_epcl, layout, &rows),
        &[
            (2, "D1 for CGI is in the list on 2021-03-01 by line 3 too"),
            (4, "Date Removed is earlier than Date Added"),
            (5, "Date Removed 'soon' is not a date"),
            (6, "D4 for CGI is in the list on 2021-01-01 by line 7 too"),
        ],
    );
}

#[test]
fn an_exclusion_is_of_an_installation_or_a_meter() {
    let layout = &crate::layout::EXCLUSIONS;
    let good = [format!("{A},,NO_WAN,2021-11-01"), format!("{A},gas,GT01,2021-11-01")];
    let good = good.each_ref().map(String::as_str);
    let read = read(read_exclusions, layout, &good).unwrap();
    assert_eq!((read[0].fuel, read[1].fuel), (None, Some(Fuel::Gas)));
    let rows = [good[0], &format!("{A},,no_wan,2021-12-01"), "x,OIL,,"];
    assert_errors(
        &errors(read_exclusions, layout, &rows),
        &[
            (3, &format!("the exclusion of {A} in this category stands in line 2 too")),
            (4, "CHF Device ID 'x' is not"),
            (4, "Fuel 'OIL' is not"),
            (4, "Category must not be empty"),
            (4, "Effective From must not be empty"),
        ],
    );
}

#[test]
fn outcome_codes_say_who_acts_and_when_again() {
    let layout = &crate::layout::OUTCOME_CODES;
    let read = read(read_outcome_codes, layout, &["gt01,commissioning,S1SP,yes,14", "GT01,,DCC,NO,0"]).unwrap();
    let first = OutcomeCodeRow {
        code: "GT01".to_owned(),
        stage: Some(Stage::Commissioning),
        who_acts: WhoActs::S1sp,
        attempt: true,
        retry_after_days: 14,
    };
    assert_eq!((&read[0], read[1].attempt), (&first, false));
    let rows = ["A,device test,DCC,YES,1", "a,DEVICE_TEST,DCC,YES,1", "B C,on site,ME,MAYBE,1.5"];
    assert_errors(
        &errors(read_outcome_codes, layout, &rows),
        &[
            (3, "the code A at this stage stands in line 2 too"),
            (4, "Code 'B C' is not"),
            (4, "Stage 'on site' is not VALIDATION, DEVICE_TEST or COMMISSIONING"),
            (4, "Who Acts 'ME' is not"),
            (4, "Attempt 'MAYBE' is not"),
            (4, "Retry After Days '1.5' is not"),
        ],
    );
}
