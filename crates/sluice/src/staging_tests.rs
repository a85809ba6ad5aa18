#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_program_left_is_taken_away_and_nothing_else() {
    let parent = tempfile::tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    for name in [".sluice-new-aB3dE6gH9j", ".sluice-new-", ".sluice-new-mine", ".sluice-replay-aB3dE6gH9j"] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("file"), "content").unwrap();
    }
    fs::write(at(".sluice-new-file567890"), "a file of somebody").unwrap();
    sweep(parent.path(), Purpose::Result);
    let left = [".sluice-new-", ".sluice-new-file567890", ".sluice-new-mine", ".sluice-replay-aB3dE6gH9j"];
    assert_eq!(names(parent.path()), left);
}

#[test]
fn what_another_uses_stays_until_it_ends() {
    let parent = tempfile::tempdir().unwrap();
    let used = Staging::new(parent.path(), Purpose::Copy).unwrap();
    fs::write(used.path().join("file"), "content").unwrap();
    sweep(parent.path(), Purpose::Copy);
    assert!(used.path().join("file").exists());
    drop(used);
    assert_eq!(names(parent.path()), [""; 0]);
}

#[test]
fn a_folder_that_was_taken_for_a_leftover_is_not_used() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("new");
    fs::create_dir(&path).unwrap();
    let other = File::open(&path).unwrap();
    other.lock().unwrap();
    assert!(matches!(hold(&path), Lock::Taken));
    fs::remove_dir(&path).unwrap();
    assert!(matches!(hold(&path), Lock::Taken));
}
