use crate::finding::FileFinding;
use crate::layout::DEMAND;
use crate::limits::{Limits, Reading};
use crate::source::Format;
use crate::table::read;
use sluice_rules::codes::FileCode;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIMITS: Limits = Limits { rows: 1_000, inflated: 16 << 20, cell: 1_000, ..crate::reference::LIMITS };

const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK_RELS: &str = r#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="s3" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

/// A workbook with the given rows of its sheet and the given shared texts.
fn workbook(book: &str, sheet: &str, strings: &str) -> Vec<u8> {
    pack(&[
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", STYLES),
    ])
}

/// An archive with members.
fn pack(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const BOOK: &str = r#"<workbook><sheets><sheet name=" demand" r:id="s1"/></sheets></workbook>"#;
const STRINGS: &str = "<sst uniqueCount=\"4000000000\"><si><t>Migration Date</t></si><si><r><t>De</t></r><rPh><t>no</t></rPh><r><t>mand</t></r></si></sst>";

fn sheet(rows: &str) -> String {
    let header = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>"#;
    format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{header}{rows}</sheetData></worksheet>")
}

fn cells(bytes: Vec<u8>) -> Result<Vec<(u64, String, String)>, FileFinding> {
    let mut rows = Vec::new();
    let format = Format::Workbook { macros: false };
    read(&mut Cursor::new(bytes), format, &DEMAND, &LIMITS, &mut |record| {
        rows.push((record.number(), record.field(0).to_owned(), record.field(1).to_owned()));
        Ok(())
    })?;
    Ok(rows)
}

fn refused(sheet: &str) -> FileCode {
    cells(workbook(BOOK, sheet, STRINGS)).unwrap_err().code
}

#[test]
fn every_kind_of_cell_is_read_as_its_text() {
    let rows = r#"
        <row r="2"><c r="A2" s="1"><v>44389</v></c><c r="B2"><v>1.200000000002E12</v></c></row>
        <row><c t="inlineStr"><is><t>a &amp; b &#65;</t></is></c><c t="str"><f>1+1</f><v>two</v></c></row>
        <row r="9"><c r="A9" t="d"><v>2021-07-12T00:00:00</v></c><c r="B9"><v>12.5</v></c></row>
        <row r="10"><c r="A10"/><c r="B10" s="1"/></row>
        <row r="11"><c r="B11" t="b"><v>1</v></c></row>"#;
    let found = cells(workbook(BOOK, &sheet(rows), STRINGS)).unwrap();
    let row = |number, left: &str, right: &str| (number, left.to_owned(), right.to_owned());
    assert_eq!(
        found,
        [
            row(2, "2021-07-12", "1200000000002"),
            row(3, "a & b A", "two"),
            row(9, "2021-07-12", "12.5"),
            row(11, "", "TRUE"),
        ]
    );
}

#[test]
fn dates_may_count_from_1904() {
    let book = BOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let rows = r#"<row r="2"><c r="A2" s="1"><v>42927</v></c></row>"#;
    assert_eq!(cells(workbook(&book, &sheet(rows), STRINGS)).unwrap()[0].1, "2021-07-12");
}

#[test]
fn fi19_a_number_that_is_no_day_stays_a_number_whatever_the_format_of_its_cell() {
    let last = i64::from(i32::MAX);
    for number in [20_210_726, 7_304_485, 2_999_999, 3_000_000, last, last + 1, 999_999_999_999_999] {
        let rows = format!(r#"<row r="2"><c r="A2" s="1"><v>{number}</v></c></row>"#);
        assert_eq!(cells(workbook(BOOK, &sheet(&rows), STRINGS)).unwrap()[0].1, number.to_string());
    }
}

#[test]
fn fi15_what_is_no_workbook_of_ours() {
    let other = BOOK.replace(" demand", "Wishes");
    let finding = cells(workbook(&other, &sheet(""), STRINGS)).unwrap_err();
    assert_eq!(finding.code, FileCode::FI15);
    assert!(finding.message.contains("it has no sheet 'Demand'; its sheets are 'Wishes'"), "{}", finding.message);
    let entity =
        sheet("").replace("<worksheet>", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><worksheet>");
    assert_eq!(refused(&entity), FileCode::FI15);
    assert_eq!(refused(&sheet(r#"<row r="2"><c t="inlineStr"><is><t>&e;</t></is></c></row>"#)), FileCode::FI15);
    assert_eq!(refused(&sheet(r#"<row r="3"/><row r="2"/>"#)), FileCode::FI15);
    assert_eq!(refused(&sheet(r#"<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>"#)), FileCode::FI15);
    assert_eq!(refused(&sheet(r#"<row r="2"><c r="A2" t="s"><v>7</v></c></row>"#)), FileCode::FI15);
    assert_eq!(refused(&sheet(&"<a>".repeat(1_000))), FileCode::FI15);
    assert_eq!(refused("<worksheet><sheetData>"), FileCode::FI15);
    let finding = cells(workbook(BOOK, &sheet("</row>"), STRINGS)).unwrap_err();
    let words = "in sheet ' demand': the workbook cannot be used: it is damaged, or was not written by a spreadsheet program; open and save it in one";
    assert_eq!((finding.code, &*finding.message), (FileCode::FI15, words));
}

#[test]
fn fi14_a_cell_far_away_makes_no_cells_between() {
    assert_eq!(refused(&sheet(r#"<row r="200000"><c r="ALL200000"><v>1</v></c></row>"#)), FileCode::FI14);
}

#[test]
fn fi09_long_cells_are_not_held() {
    let text = "x".repeat(4 << 20);
    assert_eq!(
        refused(&sheet(&format!(r#"<row r="2"><c t="inlineStr"><is><t>{text}</t></is></c></row>"#))),
        FileCode::FI09
    );
    let runs = "<r><t>0123456789</t></r>".repeat(200);
    let strings = format!("<sst><si>{runs}</si></sst>");
    assert_eq!(cells(workbook(BOOK, &sheet(""), &strings)).unwrap_err().code, FileCode::FI09);
    let rows: String = (2..1_500).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
    assert_eq!(refused(&sheet(&rows)), FileCode::FI09);
    assert_eq!(refused(&sheet(&" ".repeat(17 << 20).replace("  ", "<a/>"))), FileCode::FI09);
}

#[test]
fn fi02_macros_do_not_hide_behind_xlsx() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("xl/vbaProject.bin", SimpleFileOptions::default()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(cells(bytes).unwrap_err().code, FileCode::FI02);
}

/// The words of the refusal of a workbook with other sheets or settings.
fn words(book: &str, rows: &str) -> String {
    let finding = cells(workbook(book, &sheet(rows), STRINGS)).unwrap_err();
    assert!(matches!(finding.code, FileCode::FI15 | FileCode::FI14), "{finding:?}");
    finding.message
}

#[test]
fn fi15_a_formula_counts_by_a_result_that_can_be_relied_on() {
    let row = |cell: &str| format!(r#"<row r="2"><c r="A2"><v>1</v></c>{cell}</row>"#);
    for (cell, value) in [
        (r#"<c r="B2"><f>2+3</f><v>5</v></c>"#, "5"),
        (r#"<c r="B2" t="str"><f>IF(A2=1,"","x")</f><v></v></c>"#, ""),
        (r#"<c r="B2" t="str"><f>"a"</f><v>a</v></c>"#, "a"),
        (r#"<c r="B2" t="b"><f>TRUE()</f><v>1</v></c>"#, "TRUE"),
        (r#"<c r="B2"><f t="shared" si="0"/><v>0</v></c>"#, "0"),
    ] {
        assert_eq!(cells(workbook(BOOK, &sheet(&row(cell)), STRINGS)).unwrap()[0].2, value, "{cell}");
        // What the workbook says its formulas give is not what they give.
        let asks = BOOK.replace("</sheets>", "</sheets><calcPr fullCalcOnLoad=\"1\"/>");
        assert!(words(&asks, &row(cell)).contains("cell B2 holds a formula, and the workbook asks"), "{cell}");
        let asks_not = BOOK.replace("</sheets>", "</sheets><calcPr fullCalcOnLoad=\"0\"/>");
        assert!(cells(workbook(&asks_not, &sheet(&row(cell)), STRINGS)).is_ok());
    }
    for cell in [
        r#"<c r="B2"><f>2+3</f></c>"#,
        r#"<c r="B2"><f>2+3</f><v/></c>"#,
        r#"<c r="B2"><f>2+3</f><v> </v></c>"#,
        r#"<c r="B2" t="str"><f>"a"</f></c>"#,
        r#"<c r="B2" t="b"><f>TRUE()</f></c>"#,
        r#"<c r="B2"><f t="shared" si="0"/></c>"#,
    ] {
        assert!(words(BOOK, &row(cell)).contains("cell B2 holds a formula without a result"), "{cell}");
    }
}

#[test]
fn fi15_the_sheet_with_exactly_the_name_counts() {
    let book = |names: &[&str]| {
        let sheets = names.iter().zip(["s1", "s9"]).map(|(name, id)| format!(r#"<sheet name="{name}" r:id="{id}"/>"#));
        let relations = BOOK_RELS.replace(
            "</Relationships>",
            r#"<Relationship Id="s9" Type="http://x/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#,
        );
        let book = format!("<workbook><sheets>{}</sheets></workbook>", sheets.collect::<String>());
        let other = sheet(r#"<row r="2"><c r="B2"><v>9</v></c></row>"#);
        let one = sheet(r#"<row r="2"><c r="B2"><v>1</v></c></row>"#);
        pack(&[
            ("_rels/.rels", RELS),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", &relations),
            ("xl/worksheets/sheet1.xml", &one),
            ("xl/worksheets/sheet2.xml", &other),
            ("xl/sharedStrings.xml", STRINGS),
            ("xl/styles.xml", STYLES),
        ])
    };
    let read = |names: &[&str]| cells(book(names)).map(|rows| rows[0].2.clone());
    assert_eq!(read(&["Demand ", "Demand"]).as_deref(), Ok("9"));
    assert_eq!(read(&["Demand", "DEMAND"]).as_deref(), Ok("1"));
    assert_eq!(read(&["Notes", "demand"]).as_deref(), Ok("9"));
    let finding = read(&["DEMAND", " demand"]).unwrap_err();
    assert_eq!(finding.code, FileCode::FI15);
    assert!(finding.message.contains("2 that could be meant: 'DEMAND', ' demand'"), "{}", finding.message);
}

#[test]
fn fi09_a_workbook_may_have_more_members_than_an_archive() {
    let parts = |more: usize| {
        let names: Vec<String> = (0..more).map(|number| format!("xl/media/{number}.png")).collect();
        let one = sheet(r#"<row r="2"><c r="B2"><v>1</v></c></row>"#);
        let mut parts = vec![
            ("_rels/.rels", RELS),
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", BOOK_RELS),
            ("xl/worksheets/sheet1.xml", &one),
            ("xl/sharedStrings.xml", STRINGS),
            ("xl/styles.xml", STYLES),
        ];
        parts.extend(names.iter().map(|name| (name.as_str(), "")));
        cells(pack(&parts))
    };
    assert_eq!(parts(4_090).unwrap().len(), 1);
    let finding = parts(4_091).unwrap_err();
    assert_eq!(finding.code, FileCode::FI09);
    assert!(finding.message.contains("4097 members, more than the 4096 that a workbook may have"), "{finding:?}");
}

#[test]
fn names_of_parts_may_have_backslashes() {
    let one = sheet(r#"<row r="2"><c r="B2"><v>1</v></c></row>"#);
    let parts = [
        ("_rels\\.rels", RELS),
        ("XL\\workbook.xml", BOOK),
        ("xl\\_rels\\workbook.xml.rels", BOOK_RELS),
        ("/xl/worksheets\\sheet1.xml", &one),
        ("xl\\sharedStrings.xml", STRINGS),
        ("xl\\styles.xml", STYLES),
    ];
    assert_eq!(cells(pack(&parts)).unwrap().len(), 1);
}

#[test]
fn fi14_what_stands_beside_the_table_is_named_by_its_cell() {
    let row = r#"<row r="2"><c r="B2"><v>1</v></c><c r="AB2" t="str"><v>a note</v></c></row>"#;
    assert!(words(BOOK, row).starts_with("in sheet ' demand': cell AB2 holds 'a note', in no column"));
    let brief = Limits { reading: Reading::of_engine(7), ..LIMITS };
    let bytes = workbook(BOOK, &sheet(row), STRINGS);
    let read = read(&mut Cursor::new(bytes), Format::Workbook { macros: false }, &DEMAND, &brief, &mut |_| Ok(()));
    assert!(read.unwrap_err().message.starts_with("cell AB2 holds 'a note'"));
}

#[test]
fn hidden_rows_and_sheets_are_told() {
    let read = |book: &str, rows: &str| {
        let bytes = workbook(book, &sheet(rows), STRINGS);
        let format = Format::Workbook { macros: false };
        read(&mut Cursor::new(bytes), format, &DEMAND, &LIMITS, &mut |_| Ok(())).unwrap()
    };
    let rows = r#"<row r="2" hidden="1"><c r="B2"><v>1</v></c></row><row r="3"><c r="B3"><v>1</v></c></row>"#;
    assert_eq!(read(BOOK, rows).as_deref(), Some("1 row is hidden or filtered out, and counts"));
    let shown = rows.replace(" hidden=\"1\"", "");
    assert_eq!(read(BOOK, &shown), None);
    let hidden = BOOK.replace("<sheet ", "<sheet state=\"veryHidden\" ");
    assert_eq!(read(&hidden, &shown).as_deref(), Some("the sheet 'Demand' is hidden, and was read"));
}

/// What an older program read is read as it did, and no word more is said.
#[test]
fn before_version_3_workbooks_were_read_as_they_were() {
    let earlier = Limits { reading: Reading::Earlier, ..LIMITS };
    let old = |book: &str, rows: &str| {
        let mut found = Vec::new();
        let format = Format::Workbook { macros: false };
        let bytes = workbook(book, &sheet(rows), STRINGS);
        let told = read(&mut Cursor::new(bytes), format, &DEMAND, &earlier, &mut |record| {
            found.push((record.field(0).to_owned(), record.field(1).to_owned()));
            Ok(())
        });
        told.map(|unseen| (found, unseen))
    };
    let rows = r#"<row r="2" hidden="1"><c r="A2" s="1"><v>44402.99999999999</v></c><c r="B2"><f>1</f></c></row>
        <row r="3"><c r="A3" t="d"><v>2021-07-26T00:00:00Z</v></c><c r="B3" t="str"><v>a_x005F_b</v></c></row>"#;
    let (found, unseen) = old(BOOK, rows).unwrap();
    let row = |left: &str, right: &str| (left.to_owned(), right.to_owned());
    assert_eq!(found, [row("44402.99999999999", ""), row("2021-07-26T00:00:00Z", "a_x005F_b")]);
    assert_eq!(unseen, None);
    let beside = r#"<row r="2"><c r="B2"><v>1</v></c><c r="C2"><v>2</v></c></row>"#;
    let words = "row 2 has more fields than the header; a field with a comma needs quotes";
    assert_eq!(old(BOOK, beside).unwrap_err().message, words);
}

#[test]
fn fi09_no_more_shared_texts_are_kept_than_the_limit() {
    let texts: String = (0..100).map(|text| format!("<si><t>{text:0100}</t></si>")).collect();
    let bytes = workbook(
        BOOK,
        &sheet(r#"<row r="2"><c r="A2" t="s"><v>0</v></c></row>"#),
        &format!("<sst><si><t>Migration Date</t></si><si><t>Demand</t></si>{texts}</sst>"),
    );
    for (most, code) in [(10_020, None), (10_019, Some(FileCode::FI09))] {
        let limits = Limits { texts: most, ..LIMITS };
        let format = Format::Workbook { macros: false };
        let read = read(&mut Cursor::new(&bytes), format, &DEMAND, &limits, &mut |_| Ok(()));
        assert_eq!(read.err().map(|finding| finding.code), code, "{most}");
    }
}

/// Relations and formats are looked up by an id that a stranger chooses; of two with one id the first counts.
#[test]
fn the_first_of_an_id_counts() {
    let relations = BOOK_RELS.replace(
        "</Relationships>",
        r#"<Relationship Id="s1" Type="http://x/worksheet" Target="no.xml"/></Relationships>"#,
    );
    let styles = STYLES.replace("</numFmts>", r#"<numFmt numFmtId="164" formatCode="0"/></numFmts>"#);
    let rows = r#"<row r="2"><c r="A2" s="1"><v>44403</v></c><c r="B2"><v>7</v></c></row>"#;
    let bytes = pack(&[
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/worksheets/sheet1.xml", &sheet(rows)),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/styles.xml", &styles),
    ]);
    assert_eq!(cells(bytes).unwrap(), [(2, "2021-07-26".to_owned(), "7".to_owned())]);
}

#[test]
fn fi09_a_text_is_not_shown_again_and_again_without_end() {
    let text = "x".repeat(900);
    let strings = STRINGS.replace("</sst>", &format!("<si><t>{text}</t></si></sst>"));
    let row = |row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>2</v></c><c r="B{row}" t="s"><v>2</v></c></row>"#);
    let rows: String = (2..900).map(row).collect();
    let bytes = workbook(BOOK, &sheet(&rows), &strings);
    let read = |shown| {
        let (limits, mut count) = (Limits { shown, ..LIMITS }, 0);
        let format = Format::Workbook { macros: false };
        let read = read(&mut Cursor::new(&bytes), format, &DEMAND, &limits, &mut |_| {
            count += 1;
            Ok(())
        });
        (read.map_err(|finding| finding.code).err(), count)
    };
    assert_eq!(read(898 * 1_800), (None, 898));
    // It ends where there is too much of it, not where the file ends.
    assert_eq!(read(100 * 1_800), (Some(FileCode::FI09), 100));
}

#[test]
fn ma102_a_long_number_is_told_as_it_is_written() {
    let row = r#"<row r="2"><c r="A2"><v>1200000000000123</v></c><c r="B2"><v>9.07012345678901E+15</v></c></row>"#;
    let told = |engine| {
        let bytes = workbook(BOOK, &sheet(row), STRINGS);
        let (format, limits) = (Format::Workbook { macros: false }, LIMITS.of_engine(engine));
        let mut found = Vec::new();
        read(&mut Cursor::new(bytes), format, &DEMAND, &limits, &mut |record| {
            found.extend([0, 1].map(|column| (record.field(column).to_owned(), record.written(column).to_owned())));
            Ok(())
        })
        .unwrap();
        found
    };
    let pair = |read: &str, written: &str| (read.to_owned(), written.to_owned());
    let same = pair("9.07012345678901E+15", "9.07012345678901E+15");
    assert_eq!(told(8), [pair("1.20000000000012E+15", "1200000000000123"), same.clone()]);
    assert_eq!(told(7), [pair("1.20000000000012E+15", "1.20000000000012E+15"), same]);
}

#[test]
fn fi15_sheets_that_are_not_named_are_counted() {
    let (sheets, limits) = (r#"<sheet name="Other" r:id="s1"/>"#, |engine| LIMITS.of_engine(engine));
    let words = |count: usize, engine| {
        let begin = BOOK.find("<sheet ").unwrap();
        let end = BOOK.find("</sheets>").unwrap();
        let book = format!("{}{}{}", &BOOK[..begin], sheets.repeat(count), &BOOK[end..]);
        let bytes = workbook(&book, &sheet(""), STRINGS);
        let format = Format::Workbook { macros: false };
        read(&mut Cursor::new(bytes), format, &DEMAND, &limits(engine), &mut |_| Ok(())).unwrap_err().message
    };
    assert!(words(41, 8).ends_with("'Other', 'Other' and 36 more"), "{}", words(41, 8));
    assert!(words(5, 8).ends_with("'Other', 'Other'"), "{}", words(5, 8));
    assert!(words(41, 7).ends_with("'Other', 'Other'"), "{}", words(41, 7));
}
