use super::*;
use crate::authorisation::{needs_password, open_protected, read_authorisation};
use crate::layout::AUTHORISATION;
use crate::limits::Reading;
use crate::password::read_password;
use std::io::Cursor;
use zip::write::FileOptions;
use zip::{AesMode, ZipWriter};

const LIMITS: Limits = Limits { rows: 1_000, inflated: 4 << 20, cell: 32_767, ..crate::reference::LIMITS };
const USER: &str = "70-B3-D5-1F-30-00-A0-08";

fn csv() -> Vec<u8> {
    let row = format!("1200000000002,,70-B3-D5-1F-31-00-00-01,2021-07-26,AUTHORISE,{USER},,\n");
    format!("{}\n{row}", AUTHORISATION.columns.join(",")).into_bytes()
}

type Options = FileOptions<'static, 'static, ()>;

fn aes(mode: AesMode) -> Options {
    Options::default().with_aes_encryption(mode, "a right password")
}

fn archive(members: &[(&str, &[u8], Options)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, options) in members {
        writer.start_file(*name, *options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read(bytes: &[u8], password: Option<&str>) -> Result<usize, FileCode> {
    let password = password.map(|text| Password::from_file(text).unwrap());
    let result = read_authorisation("zip", &mut Cursor::new(bytes), &LIMITS, password.as_ref());
    result.map(|file| file.rows.len()).map_err(|finding| finding.code)
}

const RIGHT: Option<&str> = Some("a right password\r\n");

#[test]
fn fi11_and_fi12_the_password_opens_it_or_not() {
    let bytes = archive(&[("demand.csv", &csv(), aes(AesMode::Aes256))]);
    assert_eq!(read(&bytes, RIGHT), Ok(1));
    assert_eq!(read(&bytes, None), Err(FileCode::FI11));
    assert_eq!(read(&bytes, Some("a wrong password")), Err(FileCode::FI12));
}

#[test]
fn fi12_what_was_altered_on_the_way_is_not_read() {
    let rows = csv().repeat(50);
    let mut bytes = archive(&[("a.csv", &rows, aes(AesMode::Aes256))]);
    // A byte of the encrypted content: the authentication code at its end no longer fits.
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    assert_eq!(read(&bytes, RIGHT), Err(FileCode::FI12));
}

#[test]
fn fi12_a_password_is_one_line() {
    assert!(Password::from_file("secret\n").is_ok());
    for text in ["", "\n", "two\nlines\n"] {
        assert_eq!(Password::from_file(text).unwrap_err().code, FileCode::FI12);
    }
    assert_eq!(format!("{:?}", Password::from_file("secret").unwrap()), "Password(…)");
}

#[test]
fn a_password_file_is_read_and_never_shown() {
    let read = |extension: &str, bytes: &[u8]| read_password(extension, &mut Cursor::new(bytes));
    let bytes = archive(&[("demand.csv", &csv(), aes(AesMode::Aes256))]);
    let password = read("txt", b"\xef\xbb\xbfa right password\r\n").unwrap();
    assert!(read_authorisation("zip", &mut Cursor::new(&bytes), &LIMITS, Some(&password)).is_ok());
    for (extension, text, code) in [
        ("pdf", b"secret".as_slice(), FileCode::FI02),
        ("txt", b"", FileCode::FI12),
        ("csv", b"two\nlines", FileCode::FI12),
        ("csv", &[b'x'; 4097], FileCode::FI12),
        ("txt", b"\xff", FileCode::FI13),
    ] {
        let finding = read(extension, text).unwrap_err();
        assert_eq!(finding.code, code);
        assert!(!finding.message.contains("secret"));
    }
}

#[test]
fn an_opened_member_reads_like_the_archive() {
    let template = |text: &[u8]| {
        let rows = read_authorisation("csv", &mut Cursor::new(text), &LIMITS, None).unwrap().rows;
        let proposed = rows.iter().map(|row| crate::written::ProposedRow {
            mpan: row.mpan,
            mprn: row.mprn,
            chf: row.chf.unwrap(),
            date: row.date.unwrap(),
            action: row.action.unwrap(),
            critical_supplier: row.critical_supplier.unwrap(),
            priority: None,
            reference: "",
        });
        crate::written::write_workbook(proposed, crate::written::LastRow::Fitted).unwrap()
    };
    let book = template(&csv());
    for (name, content) in [("a.csv", &csv()), ("A.XLSX", &book), ("a.xlsm", &book)] {
        for options in [aes(AesMode::Aes256), Options::default()] {
            let bytes = archive(&[(name, content, options)]);
            let password = Password::from_file("a right password").unwrap();
            let direct = read_authorisation("zip", &mut Cursor::new(&bytes), &LIMITS, Some(&password)).unwrap();
            let mut opened = open_protected("zip", &mut Cursor::new(&bytes), &LIMITS, Some(&password)).unwrap();
            assert!(name.to_ascii_lowercase().ends_with(opened.extension));
            let mut plain = Vec::new();
            opened.read_to_end(&mut plain).unwrap();
            assert_eq!(&plain, content);
            let extension = opened.extension;
            assert_eq!(read_authorisation(extension, &mut opened, &LIMITS, None), Ok(direct));
        }
    }
}

#[test]
fn fi12_damage_is_told_in_words_of_our_own() {
    let mut damaged = archive(&[("a.csv", &csv().repeat(50), aes(AesMode::Aes256))]);
    let middle = damaged.len() / 3;
    damaged[middle] ^= 1;
    let password = Password::from_file("a right password").unwrap();
    let said = |reading| {
        let limits = Limits { reading, ..LIMITS };
        read_authorisation("zip", &mut Cursor::new(&damaged), &limits, Some(&password)).unwrap_err().message
    };
    let words = "it cannot be read to its end, since it is cut short or damaged: make it again";
    assert_eq!(said(Reading::Now), words);
    assert_ne!(said(Reading::Brief), words, "as programs of before had it");
}

#[test]
fn what_cannot_be_opened_has_the_code_of_reading_it() {
    let mut damaged = archive(&[("a.csv", &csv().repeat(50), aes(AesMode::Aes256))]);
    let middle = damaged.len() / 3;
    damaged[middle] ^= 1;
    let protected = archive(&[("a.csv", &csv(), aes(AesMode::Aes256))]);
    let bomb = archive(&[("a.csv", &vec![b'x'; 8 << 20], aes(AesMode::Aes256))]);
    for (bytes, password, code) in [
        (&damaged, RIGHT, FileCode::FI12),
        (&protected, None, FileCode::FI11),
        (&protected, Some("wrong"), FileCode::FI12),
        (&bomb, RIGHT, FileCode::FI09),
        (&archive(&[("a.xlsx", &csv(), Options::default())]), None, FileCode::FI02),
        (&csv(), None, FileCode::FI02),
    ] {
        let password = password.map(|text| Password::from_file(text).unwrap());
        let opened = open_protected("zip", &mut Cursor::new(bytes), &LIMITS, password.as_ref());
        assert_eq!(opened.unwrap_err().code, code);
    }
}

#[test]
fn whether_a_password_is_needed_is_known_before_it_is_there() {
    let needs = |extension: &str, bytes: &[u8]| {
        needs_password(extension, &mut Cursor::new(bytes), &LIMITS).map_err(|finding| finding.code)
    };
    assert_eq!(needs("zip", &archive(&[("a.csv", &csv(), aes(AesMode::Aes256))])), Ok(true));
    assert_eq!(needs("zip", &archive(&[("a.csv", &csv(), Options::default())])), Ok(false));
    assert_eq!(needs("csv", &csv()), Ok(false));
    assert_eq!(needs("zip", &archive(&[("a.csv", &csv(), aes(AesMode::Aes128))])), Err(FileCode::FI10));
    assert_eq!(needs("zip", &archive(&[])), Err(FileCode::FI10));
    assert_eq!(needs("zip", &csv()), Err(FileCode::FI02));
}

#[test]
fn fi10_exactly_one_member_of_a_supported_kind() {
    let plain = Options::default;
    let zipped = archive(&[("a.csv", &csv(), plain())]);
    assert_eq!(read(&zipped, None), Ok(1));
    for members in [
        vec![],
        vec![("a.csv", csv(), plain()), ("b.csv", csv(), plain())],
        vec![("folder/a.csv", csv(), plain())],
        vec![("../a.csv", csv(), plain())],
        vec![("inner.zip", zipped.clone(), plain())],
        vec![("a.txt", csv(), plain())],
        vec![("a.csv", csv(), aes(AesMode::Aes128))],
        vec![("a.csv", csv(), aes(AesMode::Aes192))],
    ] {
        let members: Vec<_> = members.iter().map(|(name, content, options)| (*name, &content[..], *options)).collect();
        assert_eq!(
            read(&archive(&members), RIGHT),
            Err(FileCode::FI10),
            "{:?}",
            members.first().map(|member| member.0)
        );
    }
    assert_eq!(read(&zipped[..zipped.len() - 30], None), Err(FileCode::FI10));
}

#[test]
fn fi09_a_bomb_and_a_long_list_of_members_are_not_opened() {
    let mut bomb = csv();
    bomb.resize(8 << 20, b'x');
    assert_eq!(read(&archive(&[("a.csv", &bomb, aes(AesMode::Aes256))]), RIGHT), Err(FileCode::FI09));
    let names: Vec<String> = (0..65).map(|number| format!("{number}.csv")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b"x"[..], Options::default())).collect();
    assert_eq!(read(&archive(&many), None), Err(FileCode::FI09));
}

#[test]
fn fi02_a_member_must_be_what_its_name_says() {
    assert_eq!(read(&archive(&[("a.xlsx", &csv(), Options::default())]), None), Err(FileCode::FI02));
}

/// The message of a refusal.
fn words(bytes: &[u8]) -> String {
    let finding = read_authorisation("zip", &mut Cursor::new(bytes), &LIMITS, None).unwrap_err();
    assert_eq!(finding.code, FileCode::FI10, "{finding:?}");
    finding.message
}

#[test]
fn fi10_files_that_systems_leave_are_passed_over() {
    let plain = Options::default;
    let helpers =
        ["__MACOSX/._a.csv", "__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini", "~$a.xlsx", ".~lock.a.csv#"];
    for place in 0..=helpers.len() {
        let mut members: Vec<_> = helpers.iter().map(|name| (*name, &b"x"[..], plain())).collect();
        let content = csv();
        members.insert(place, ("a.csv", &content, plain()));
        assert_eq!(read(&archive(&members), None), Ok(1), "{place}");
        members.insert(place, ("b.csv", &content, plain()));
        assert!(words(&archive(&members)).ends_with("In it are 'b.csv', 'a.csv'"));
    }
    let alone: Vec<_> = helpers.iter().map(|name| (*name, &b"x"[..], plain())).collect();
    assert!(words(&archive(&alone)).starts_with("it has 0 members"));
    let book = archive(&[("[Content_Types].xml", b"x", plain()), ("xl/workbook.xml", b"x", plain())]);
    assert!(words(&book).ends_with("this is a workbook, so name it .xlsx"));
}

#[test]
fn fi10_a_member_that_is_packed_otherwise_is_named_before_a_password_is_asked_for() {
    for options in [Options::default(), aes(AesMode::Aes256)] {
        let mut bytes = archive(&[("a.csv", &csv(), options)]);
        // The method stands before the moment in the header and in the list; of a protected member at the end of a field.
        let deflate: Vec<usize> = (0..bytes.len() - 2).filter(|&at| bytes[at..].starts_with(&[8, 0])).collect();
        for at in deflate {
            let header = |back: usize| at.checked_sub(back).is_some_and(|start| bytes[start..].starts_with(b"PK"));
            if header(8) || header(10) || at > 3 && bytes[at - 3..at - 1] == *b"AE" {
                bytes[at] = 14;
            }
        }
        assert!(words(&bytes).contains("packed by Lzma, which is not supported; pack it with the method Deflate"));
        assert_eq!(read(&bytes, RIGHT), Err(FileCode::FI10));
    }
}

#[test]
fn mam_10_a_password_opens_in_each_of_its_spellings() {
    let password = Password::from_bytes(&[b'P', 0xc2, 0xa3, b'7']).unwrap();
    for spelt in [&b"P\xc2\xa37"[..], b"P\xa37", b"P\x9c7"] {
        let options = FileOptions::<()>::default().with_aes_encryption_bytes(AesMode::Aes256, spelt);
        let bytes = archive(&[("a.csv", &csv(), options)]);
        let read = read_authorisation("zip", &mut Cursor::new(&bytes), &LIMITS, Some(&password)).unwrap();
        assert_eq!(read.rows.len(), 1);
    }
}

/// What the end of an archive says of how many members it has is a stranger's word, in either form of the format.
#[test]
fn fi09_more_members_than_the_end_says_are_counted() {
    let name = |number: usize| format!("{number}.txt");
    let names: Vec<String> = (0..20).map(name).collect();
    let members: Vec<(&str, &[u8], Options)> =
        names.iter().map(|name| (name.as_str(), &b"x"[..], Options::default())).collect();
    let mut bytes = archive(&members);
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    for (entries, refused) in [(19, true), (20, false)] {
        let limits = Limits { entries, ..LIMITS };
        let opened = open(&mut Cursor::new(&bytes), Kind::Archive, &limits, FileCode::FI10).map(drop);
        let too_many = opened.as_ref().err().is_some_and(|finding| finding.code == FileCode::FI09);
        assert_eq!(too_many, refused, "{entries}: {opened:?}");
    }
    // One that lies across the pieces in which the archive is read is found too.
    let mut padded = vec![0; (256 << 10) - 2];
    padded.extend(bytes);
    assert_eq!(super::entries(&mut Cursor::new(&padded), 100).unwrap(), 20);
    assert_eq!(super::entries(&mut Cursor::new([b"PK\x01\x02".repeat(3), vec![0; 9]].concat()), 100).unwrap(), 3);
}

#[test]
fn fi10_and_fi12_older_acts_have_the_words_of_their_time() {
    let words = |engine, bytes: &[u8]| {
        let limits = LIMITS.of_engine(engine);
        let password = Password::from_file("a right password").unwrap();
        read_authorisation("zip", &mut Cursor::new(bytes), &limits, Some(&password)).unwrap_err().message
    };
    let packed = archive(&[("July/a.csv", &csv(), Options::default())]);
    assert_eq!(words(7, &packed), "its member 'July/a.csv' has a path; pack the file itself, without folders");
    assert_eq!(words(8, &packed), "its file 'July/a.csv' lies in a folder; open the folder and pack the file itself");
    let cut = &packed[..60];
    assert!(words(7, cut).starts_with("it cannot be opened: invalid Zip archive"), "{}", words(7, cut));
    assert_eq!(words(8, cut), "it cannot be opened, since it is cut short or damaged: make it again");
}
