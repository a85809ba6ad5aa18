#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

#[test]
fn neither_way_to_a_new_name_replaces_what_has_it() {
    for rename in [rename_new, linked] {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        assert_eq!(rename(&from, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!([&from, &to].map(|path| fs::read_to_string(path).unwrap()), ["new", "old"]);
        fs::remove_file(&to).unwrap();
        rename(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
        assert!(!from.exists());
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_has_its_name_too() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    fs::write(&from, "new").unwrap();
    std::os::unix::fs::symlink("nowhere", &to).unwrap();
    assert_eq!(rename_new(&from, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(from.exists() && to.is_symlink());
}
