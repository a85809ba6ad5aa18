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
