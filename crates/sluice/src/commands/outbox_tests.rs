#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

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
fn mam_9_what_was_told_grows_in_one_file_and_only_its_end_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let party: Party = "AAA123".parse().unwrap();
    let notice = |words: &str| {
        let (at, rule) = (Timestamp::UNIX_EPOCH, "MAM-1".to_owned());
        Notice { party, at, rule, chf: None, words: words.to_owned() }
    };
    let mut files = Files::default();
    let told = ["one", "two, with a comma", "=three"].map(notice);
    let mut known = |told: &[Notice]| files.write_notices(folder.path(), party, told).unwrap();
    assert_eq!((known(&[]), folder.path().join("NOTICES_AAA123.csv").exists()), (0, false));
    assert_eq!([known(&told[..1]), known(&told[..1]), known(&told), known(&told)], [0, 1, 1, 3]);
    let path = folder.path().join("NOTICES_AAA123.csv");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().last(), Some("1970-01-01T01:00:00+01:00,MAM-1,,'=three"));
    // A copy that broke off within a notice: that one is new.
    fs::write(&path, &text[..text.len() - 3]).unwrap();
    assert_eq!(known(&told), 2);
    // What somebody altered stays, and nothing can be said of it.
    fs::write(&path, "mine").unwrap();
    assert_eq!(known(&told), 0);
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), files.altered.len()), ("mine", 1));
}
