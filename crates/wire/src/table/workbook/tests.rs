use crate::finding::FileFinding;
use crate::layout::DEMAND;
use crate::limits::{Limits, Reading};
use crate::source::Format;
use crate::table::read;
use sluice_rules::codes::FileCode;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIMITS: Limits = Limits {
    rows: 1_000,
    inflated: 16 << 20,
    cell: 1_000,
    members: 64,
    workbook_members: 4_096,
    reading: Reading::Now,
};

const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK_RELS: &str = r#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="s3" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

/// A workbook with the given rows of its sheet and the given shared texts.
fn workbook(book: &str, sheet: &str, strings: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", STYLES),
    ] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
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
