//! Files as other programs write them: the right ones are read, of the wrong ones it is said what is wrong (FI02 to FI20,
//! MA102 to MA105, DO106, MAM-10). `tests/files/others` has the files, what is expected of each, and how they were made.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use sluice_wire::limits::{Limits, Reading};
use sluice_wire::name::FileName;
use sluice_wire::{FileFinding, Password, RowFinding, authorisation, demand, outcome, read_password};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const LIMITS: Limits = Limits {
    rows: 1_000,
    inflated: 16 << 20,
    cell: 32_767,
    members: 64,
    workbook_members: 4_096,
    entries: u64::MAX,
    texts: usize::MAX,
    shown: u64::MAX,
    words: usize::MAX,
    reading: Reading::Now,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/others")
}

/// What became of a file: its refused rows with what nobody sees of it, or why it is refused whole.
type Read = Result<(Vec<RowFinding>, Option<String>), FileFinding>;

fn read(file: &str) -> Read {
    let path = folder().join(file);
    let extension = path.extension().unwrap().to_str().unwrap();
    let mut content = File::open(&path).unwrap();
    match path.file_name().unwrap().to_str().unwrap().split('-').next().unwrap() {
        "DC" => {
            let (name, _) = FileName::parse("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv").unwrap();
            let read = demand::read_demand(name, extension, &mut content, &LIMITS, 1_000_000);
            let read = read.map_err(|findings| findings.into_iter().next().unwrap())?;
            // All right files of the folder ask for the same.
            assert_eq!(read.days, [10, 20, 30, 40, 50, 0, 0], "{file}");
            Ok((Vec::new(), read.unseen))
        }
        "MA" => {
            let read = authorisation::read_authorisation(extension, &mut content, &LIMITS, password(&path).as_ref())?;
            for row in read.rows.iter().filter(|row| row.findings.is_empty()) {
                let mpan = row.mpan.map(|mpan| mpan.to_string());
                assert_eq!(mpan.as_deref(), Some("1200061234560"), "{file}");
                assert_eq!(row.date.map(|date| date.to_string()).as_deref(), Some("2021-07-27"), "{file}");
                assert_eq!(read.echo.find(row.row).unwrap().reference, "a_b", "{file}");
            }
            Ok((read.refused(), read.unseen))
        }
        _ => {
            let read = outcome::read_outcomes(extension, &mut content, &LIMITS)?;
            Ok((read.refused, read.unseen))
        }
    }
}

/// The password that lies beside a file.
fn password(path: &Path) -> Option<Password> {
    let mut beside = File::open(path.with_extension("txt")).ok()?;
    Some(read_password("txt", &mut beside).unwrap())
}

/// The lines of the cases: a file, what becomes of it, and words that are said.
fn cases() -> Vec<[String; 3]> {
    let text = fs::read_to_string(folder().join("cases.txt")).unwrap();
    let parts = |line: &str| {
        let mut parts = line.splitn(3, " | ").map(str::to_owned);
        [parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or_default()]
    };
    text.lines().map(parts).collect()
}

#[test]
fn what_other_programs_write_is_read_or_named() {
    let mut wrong = Vec::new();
    for [file, expected, words] in cases() {
        let (found, said) = match read(&file) {
            Err(finding) => (vec![finding.code.to_string()], finding.message),
            Ok((rows, unseen)) if rows.is_empty() => (vec!["taken".to_owned()], unseen.unwrap_or_default()),
            Ok((rows, _)) => {
                let found = rows.iter().map(|row| format!("row {}: {}", row.row, row.codes().join(" ")));
                let row = rows.iter().find(|row| expected.starts_with(&format!("row {}:", row.row)));
                (found.collect(), row.map_or_else(String::new, RowFinding::message))
            }
        };
        if !found.contains(&expected) || !said.contains(&words) || words.is_empty() && !said.is_empty() {
            wrong.push(format!("{file}: expected {expected} with '{words}', found {found:?}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_folder_is_a_case() {
    let cases: Vec<String> = cases().into_iter().map(|[file, _, _]| file).collect();
    let mut writers = 0;
    for writer in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        writers += 1;
        for file in fs::read_dir(&writer).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned();
            let is_password = file.extension().is_some_and(|extension| extension == "txt");
            assert!(is_password || cases.contains(&name), "{name}");
        }
    }
    assert!(writers >= 8 && cases.len() >= 50, "{writers} programs, {} cases", cases.len());
}

/// Acts of an older program are done again as it did them.
#[test]
fn fi15_before_version_3_a_formula_counted_by_what_stood_in_its_cell() {
    let read = |reading| {
        let (name, _) = FileName::parse("DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv").unwrap();
        let mut content = File::open(folder().join("xlsxwriter/DC-stale-formulas.xlsx")).unwrap();
        demand::read_demand(name, "xlsx", &mut content, &Limits { reading, ..LIMITS }, 1_000_000)
    };
    assert_eq!(read(Reading::of_engine(2)).unwrap().days, [0; 7]);
    assert!(read(Reading::of_engine(3)).is_err());
}
