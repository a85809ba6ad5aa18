#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn told<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().unwrap().to_string()
}

#[test]
fn what_appears_while_a_file_is_made_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    let prepared = Prepared::new(&path, b"result").unwrap();
    fs::write(&path, "somebody's").unwrap();
    assert!(told(prepared.place(false)).contains("exists already; choose another name or add --force"));
    assert!(!write_new(&path, b"result").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's");
    write_file(&path, b"result", true).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "result");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_taken_back_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    Prepared::new(&path, b"new").unwrap().place(false).unwrap().take_back();
    assert!(!path.exists());
    fs::write(&path, "old").unwrap();
    Prepared::new(&path, b"new").unwrap().place(true).unwrap().take_back();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn a_folder_is_no_place_for_a_file_whether_forced_or_not() {
    let folder = tempfile::tempdir().unwrap();
    for force in [false, true] {
        assert!(told(write_file(folder.path(), b"x", force)).contains("is a folder; choose another name"));
    }
}
