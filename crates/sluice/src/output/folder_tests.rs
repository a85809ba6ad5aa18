#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

/// A result with a report outside of it, on the way.
struct Case {
    parent: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        Self { parent: tempfile::tempdir().unwrap() }
    }

    fn out(&self) -> PathBuf {
        self.parent.path().join("out")
    }

    fn page(&self) -> PathBuf {
        self.parent.path().join("page.html")
    }

    fn staged(&self, force: bool) -> Staged {
        let staged = Staged::new(&self.out(), Some(&self.page()), force).unwrap();
        staged.write("bundle.json", b"new").unwrap();
        staged
    }

    /// An earlier result.
    fn fill(&self) {
        fs::create_dir(self.out()).unwrap();
        fs::write(self.out().join("bundle.json"), "old").unwrap();
    }

    fn bundle(&self) -> Option<String> {
        fs::read_to_string(self.out().join("bundle.json")).ok()
    }
}

#[test]
fn a_report_that_cannot_be_placed_keeps_the_result_from_being_placed() {
    let case = Case::new();
    let staged = case.staged(false);
    fs::write(case.page(), "somebody's").unwrap();
    let told = staged.finish(Some(b"report")).unwrap_err().to_string();
    assert!(told.contains("page.html exists already"), "{told}");
    assert_eq!(case.bundle(), None);
    // By force too, an earlier result stays.
    fs::remove_file(case.page()).unwrap();
    case.fill();
    let staged = case.staged(true);
    fs::create_dir(case.page()).unwrap();
    staged.finish(Some(b"report")).unwrap_err();
    assert_eq!(case.bundle().as_deref(), Some("old"));
}

#[test]
fn a_result_that_appears_meanwhile_stays_and_takes_back_the_report() {
    let case = Case::new();
    let staged = case.staged(false);
    let page = case.page();
    let report = Prepared::new(&page, b"report").unwrap().place(false).unwrap();
    // It was looked, and then another result appeared.
    case.fill();
    let told = staged.put().unwrap_err().to_string();
    assert!(told.contains("holds a result already"), "{told}");
    report.take_back();
    assert_eq!(case.bundle().as_deref(), Some("old"));
    assert!(!page.exists());
}

#[test]
fn an_empty_folder_and_by_force_an_earlier_result_are_replaced() {
    let case = Case::new();
    fs::create_dir(case.out()).unwrap();
    case.staged(false).finish(Some(b"report")).unwrap();
    assert_eq!(case.bundle().as_deref(), Some("new"));
    fs::write(case.out().join("bundle.json"), "old").unwrap();
    case.staged(true).finish(Some(b"again")).unwrap();
    assert_eq!(case.bundle().as_deref(), Some("new"));
    assert_eq!(fs::read_to_string(case.page()).unwrap(), "again");
    assert_eq!(fs::read_dir(case.parent.path()).unwrap().count(), 2);
}
