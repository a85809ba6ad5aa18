use super::*;
use crate::layout::DEMAND;
use crate::limits::Reading;
use sluice_rules::codes::FileCode;
use std::io::Cursor;

const LIMITS: Limits = Limits { rows: 10, inflated: 1 << 20, cell: 100, ..crate::reference::LIMITS };

fn rows(text: &str) -> Result<Vec<(u64, String, String)>, FileCode> {
    let mut rows = Vec::new();
    let result = read(&mut Cursor::new(text.as_bytes()), Format::Csv, &DEMAND, &LIMITS, &mut |record| {
        rows.push((record.number(), record.field(0).to_owned(), record.field(1).to_owned()));
        Ok(())
    });
    result.map(|_| rows).map_err(|finding| finding.code)
}

fn row(number: u64, date: &str, demand: &str) -> (u64, String, String) {
    (number, date.to_owned(), demand.to_owned())
}

#[test]
fn csv_is_read_in_every_usual_form() {
    let plain = vec![row(2, "2021-07-26", "5"), row(3, "2021-07-27", "6")];
    for text in [
        "Migration Date,Demand\n2021-07-26,5\n2021-07-27,6\n",
        "\u{feff}Migration Date,Demand\r\n2021-07-26,5\r\n2021-07-27,6",
        " demand , MIGRATION DATE \n5,2021-07-26\n 6 ,2021-07-27\n",
        "\"Migration Date\",\"Demand\"\n\"2021-07-26\",\"5\"\n\"2021-07-27\",6\n,\n,\n",
        "Migration Date,Demand,,\n2021-07-26,5,,\n2021-07-27,6,,\n",
    ] {
        assert_eq!(rows(text), Ok(plain.clone()), "{text}");
    }
}

#[test]
fn rows_are_numbered_as_a_person_sees_them() {
    let text = "\n\nMigration Date,Demand\r\n\r\n\"a\nb\",1\r\nc,2\n\nd,3";
    assert_eq!(rows(text), Ok(vec![row(5, "a\nb", "1"), row(7, "c", "2"), row(9, "d", "3")]));
}

#[test]
fn fi14_columns_must_be_told_apart() {
    for text in [
        "Migration Date\n2021-07-26\n",
        "Migration Date,Demand,Colour\n2021-07-26,5,red\n",
        "Migration Date,Demand,demand\n2021-07-26,5,5\n",
        "Migration Date,Demand\n2021-07-26,5,6\n",
        "Migration Date,Demand\n2021-07-26\n",
        "Migration Date,Demand\n2021-07-26,\"5\n2021-07-27,6\n",
        &",".repeat(300),
    ] {
        assert_eq!(rows(text), Err(FileCode::FI14), "{text}");
    }
}

#[test]
fn fi14_a_no_break_space_in_a_name_is_said_and_its_column_is_not_missing() {
    let words = |engine| {
        let (text, limits) = ("Migration\u{a0}Date,Demand\n2021-07-26,5\n", LIMITS.of_engine(engine));
        read(&mut Cursor::new(text), Format::Csv, &DEMAND, &limits, &mut |_| Ok(())).unwrap_err().message
    };
    let beginning = "column 'Migration\u{a0}Date' is unknown: a no-break space is in it, so write 'Migration Date'. Row 1 must name";
    assert!(words(8).starts_with(beginning), "{}", words(8));
    let beginning = "column 'Migration\u{a0}Date' is unknown; column 'Migration Date' is missing. Row 1 must name";
    assert!(words(7).starts_with(beginning), "{}", words(7));
}

#[test]
fn fi09_limits_hold() {
    let header = "Migration Date,Demand\n";
    assert_eq!(rows(&format!("{header}{}", "a,1\n".repeat(11))), Err(FileCode::FI09));
    assert_eq!(rows(&format!("{header}{}", "a,1\n".repeat(10))).map(|rows| rows.len()), Ok(10));
    assert_eq!(rows(&format!("{header}{},1\n", "é".repeat(101))), Err(FileCode::FI09));
    assert_eq!(rows(&format!("{header}{},1\n", "é".repeat(100))).map(|rows| rows.len()), Ok(1));
    assert_eq!(rows(&format!("{header}{}", "\n".repeat(2 << 20))), Err(FileCode::FI09));
}

#[test]
fn fi13_and_fi22_text_with_rows() {
    assert_eq!(rows("Migration Date,Demand\na\0,1\n"), Err(FileCode::FI13));
    assert_eq!(rows("Migration Date,Demand\n"), Err(FileCode::FI22));
    assert_eq!(rows(""), Err(FileCode::FI22));
    let latin = b"Migration Date,Demand\n\xe9,1\n";
    let refused = read(&mut Cursor::new(latin), Format::Csv, &DEMAND, &LIMITS, &mut |_| Ok(()));
    assert_eq!(refused.unwrap_err().code, FileCode::FI13);
}

#[test]
fn a_record_may_run_over_any_number_of_chunks() {
    let limits = Limits { rows: 100_000, inflated: 64 << 20, cell: 32_767, ..crate::reference::LIMITS };
    let long = "x".repeat(32_000);
    let mut text = "Migration Date,Demand\n".to_owned();
    for number in 0..200 {
        text.push_str(&format!("\"{long}\n\",{number}\n"));
    }
    let mut seen = Vec::new();
    read(&mut Cursor::new(text.as_bytes()), Format::Csv, &DEMAND, &limits, &mut |record| {
        assert_eq!(record.field(0), long);
        seen.push((record.number(), record.field(1).to_owned()));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen.len(), 200);
    assert_eq!(seen[199], (2 + 2 * 199, "199".to_owned()));
}

/// However the bytes are cut into chunks, and whatever stands in quotes, the rows and the findings are the same.
#[test]
fn plain_lines_and_quoted_ones_are_read_alike() {
    struct Slow<'a>(&'a [u8], usize);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(length);
            buffer[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }
    let outcome = |text: &[u8], chunk: usize| {
        let mut rows = Vec::new();
        let read = read_csv(&mut Slow(text, chunk), &DEMAND, &LIMITS, &mut |record| {
            rows.push((record.number(), record.field(0).to_owned(), record.field(1).to_owned()));
            Ok(())
        });
        (rows, read.map_err(|finding| (finding.code, finding.message)))
    };
    let header = b"\xef\xbb\xbfMigration Date,Demand\r\n".as_slice();
    for tail in [
        b"a,1\nb,2\n".as_slice(),
        b"a,1\r\nb,2\r\n\r\n,\r\n  \nc,3",
        b"a,1\n\"b\nb\",2\nc,3\n\n\"d\",\"4\"\ne,5\n",
        b"a,1\rb,2\rc,3\n\rd,4\r\n",
        b"a,1\nb 5\" pipe,2\nc,3\n",
        b"a,1\nb\n",
        b"a,1\nb,2,3\n",
        b"a,1\nb,2,\nc,3,,,\n",
        b"a,1\nb,\xff\nc,3\n",
        "é,1\n \u{a0}b ,2\nü\u{2003},3\n".as_bytes(),
        b"a,1\n\"b,2\nc,3\n",
    ] {
        let text = [header, tail].concat();
        let whole = outcome(&text, usize::MAX);
        for chunk in 1..text.len() {
            assert_eq!(outcome(&text, chunk), whole, "{chunk} {:?}", String::from_utf8_lossy(tail));
        }
    }
    let wide = [header, &b",".repeat(300), b"\n"].concat();
    assert_eq!(outcome(&wide, 7), outcome(&wide, 4096));
    assert!(outcome(&wide, 4096).1.is_err());
}

#[test]
fn fi14_and_fi13_a_table_of_another_form_is_named() {
    let words = |text: &[u8]| {
        let refused = read(&mut Cursor::new(text), Format::Csv, &DEMAND, &LIMITS, &mut |_| Ok(()));
        let earlier = Limits { reading: Reading::Earlier, ..LIMITS };
        let before = read(&mut Cursor::new(text), Format::Csv, &DEMAND, &earlier, &mut |_| Ok(())).unwrap_err();
        let refused = refused.unwrap_err();
        // What was said before version 3 is said still, and more.
        assert!(refused.code == before.code && refused.message.starts_with(&before.message));
        assert!(refused.message.len() > before.message.len());
        refused.message
    };
    assert!(words(b"Migration Date;Demand\n2021-07-26;5\n").contains("between semicolons"));
    assert!(words(b"Migration Date\tDemand\n2021-07-26\t5\n").contains("between tabs"));
    assert!(words(b"sep=,\nMigration Date,Demand\n").contains("take it out"));
    assert!(words(b"Migration Date,Demand\n2021-07-26,5,new\n").ends_with("(its field 3 is 'new')"));
    let text = "Migration Date,Demand\n";
    let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    for bytes in
        [units(u16::to_le_bytes), units(u16::to_be_bytes), [&[0xff, 0xfe][..], &units(u16::to_le_bytes)].concat()]
    {
        assert!(words(&bytes).contains("this is UTF-16"));
    }
}

#[test]
fn fi14_a_note_in_a_column_without_a_name_is_not_passed_over() {
    assert_eq!(rows("Migration Date,,Demand\na,,1\nb, ,2\n").map(|rows| rows.len()), Ok(2));
    assert_eq!(rows("Migration Date,,Demand\na,,1\nb,twice,2\n"), Err(FileCode::FI14));
    let earlier = Limits { reading: Reading::Earlier, ..LIMITS };
    let text = "Migration Date,,Demand\nb,twice,2\n";
    assert!(read(&mut Cursor::new(text), Format::Csv, &DEMAND, &earlier, &mut |_| Ok(())).is_ok());
}
