#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use jiff::Timestamp;

#[test]
fn runs_at_the_same_time_write_each_file_once_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut files = Files::default();
        (0..200).for_each(|number| files.write(folder.path(), format!("file-{number}"), b"issued").unwrap());
        files
    };
    let runs: Vec<Files> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(runs.iter().map(|files| files.written.len()).sum::<usize>(), 200);
    assert!(runs.iter().all(|files| files.completed.is_empty() && files.altered.is_empty()));
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_stays_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("file")).unwrap();
    let mut files = Files::default();
    files.write(folder.path(), "file".to_owned(), b"issued").unwrap();
    assert_eq!(files.altered, ["file"]);
    assert!(folder.path().join("file").is_symlink());
}

#[test]
fn mam_9_what_was_told_is_a_file_a_second_and_only_what_is_not_there_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let party: Party = "AAA123".parse().unwrap();
    let notice = |second: i64, words: &str| {
        let (at, rule) = (Timestamp::from_second(second).unwrap(), "MAM-1".to_owned());
        Notice { party, at, rule, chf: None, words: words.to_owned() }
    };
    let told = [notice(0, "one"), notice(0, "two, with a comma"), notice(0, "=three"), notice(61, "four")];
    let mut files = Files::default();
    let mut new = |told: &[Notice]| {
        let new = files.write_notices(folder.path(), party, told.to_vec()).unwrap();
        new.into_iter().map(|notice| notice.words).collect::<Vec<_>>()
    };
    assert_eq!(new(&[]), Vec::<String>::new());
    assert_eq!([new(&told[..1]), new(&told[..1])], [vec!["one".to_owned()], Vec::new()]);
    assert_eq!(new(&told), ["two, with a comma", "=three", "four"]);
    assert_eq!(new(&told), Vec::<String>::new());
    let path = folder.path().join("NOTICE_AAA123_19700101_010000.csv");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().last(), Some("1970-01-01T01:00:00+01:00,MAM-1,,'=three"));
    assert!(folder.path().join("NOTICE_AAA123_19700101_010101.csv").exists());
    // A copy that broke off within a notice: that one is new.
    fs::write(&path, &text[..text.len() - 3]).unwrap();
    assert_eq!(new(&told), ["=three"]);
    // What somebody altered stays, and nothing can be said of it.
    fs::write(&path, "mine").unwrap();
    assert_eq!(new(&told).len(), 3);
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), files.altered.len()), ("mine", 1));
    assert_eq!(files.written, ["NOTICE_AAA123_19700101_010000.csv", "NOTICE_AAA123_19700101_010101.csv"]);
}
