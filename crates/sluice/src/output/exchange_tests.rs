#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use std::cell::Cell;

/// A disk that stops after some steps, as when the program is killed: nothing is done from then on. The last step of taking
/// a folder away is done in part. One that fails goes on after the step that it refuses.
struct Stopping {
    left: Cell<usize>,
    exchanges: bool,
    fails_once: bool,
}

impl Stopping {
    fn after(steps: usize, exchanges: bool) -> Self {
        Self { left: Cell::new(steps), exchanges, fails_once: false }
    }

    fn step(&self) -> io::Result<()> {
        let left = self.left.get();
        if left == 0 {
            self.left.set(if self.fails_once { usize::MAX } else { 0 });
            return Err(io::Error::other("stopped"));
        }
        self.left.set(left - 1);
        Ok(())
    }
}

impl Disk for Stopping {
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.step()?;
        if self.exchanges { RealDisk.exchange(one, other) } else { Err(ErrorKind::Unsupported.into()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        if let Err(stopped) = self.step() {
            fs::remove_file(folder.join("first")).ok();
            return Err(stopped);
        }
        RealDisk.remove(folder)
    }

    fn sync(&self, folder: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync(folder)
    }
}

/// More steps than anything here takes.
const STEPS: usize = 8;

struct Case {
    parent: tempfile::TempDir,
}

impl Case {
    /// An old folder, if asked for, and a new one beside it.
    fn new(old: bool) -> Self {
        let case = Self { parent: tempfile::tempdir().unwrap() };
        if old {
            fill(&case.place(), "old");
        }
        fill(&case.fresh(), "new");
        case
    }

    fn place(&self) -> PathBuf {
        self.parent.path().join("result")
    }

    fn fresh(&self) -> PathBuf {
        self.parent.path().join(".sluice-new-aB3dE6gH9j")
    }

    fn put(&self, disk: &Stopping) -> io::Result<()> {
        put(disk, &self.fresh(), &self.place())
    }

    /// What stands in the place; nothing in between.
    fn stands(&self) -> Option<String> {
        whole(&self.place())
    }
}

fn fill(folder: &Path, word: &str) {
    fs::create_dir(folder).unwrap();
    ["first", "second"].iter().for_each(|name| fs::write(folder.join(name), word).unwrap());
}

/// The word that a folder was filled with; it holds both files.
fn whole(folder: &Path) -> Option<String> {
    if !folder.exists() {
        return None;
    }
    let [first, second] = ["first", "second"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    assert_eq!(first, second);
    Some(first)
}

#[test]
fn wherever_it_is_stopped_one_result_stands_whole() {
    for exchanges in [true, false] {
        let mut words = Vec::new();
        for steps in 0..STEPS {
            let case = Case::new(true);
            let ended = case.put(&Stopping::after(steps, exchanges));
            if exchanges {
                // There is no moment without one.
                assert!(case.stands().is_some(), "after {steps}");
            }
            // The next run is stopped anywhere, and so is the one after it.
            for mended in 0..3 {
                mend(&Stopping::after(mended, exchanges), &case.place()).ok();
            }
            mend(&RealDisk, &case.place()).unwrap();
            let word = case.stands().unwrap();
            assert!(ended.is_err() || word == "new", "after {steps}");
            assert!(!earlier(&case.place()).exists());
            words.push(word);
        }
        // Both were seen, in this order.
        assert_eq!((words[0].as_str(), words[STEPS - 1].as_str()), ("old", "new"));
        assert!(words.is_sorted_by(|one, next| one >= next), "{words:?}");
    }
}

#[test]
fn a_step_that_fails_leaves_one_result_whole() {
    for exchanges in [true, false] {
        for steps in 0..STEPS {
            let case = Case::new(true);
            let disk = Stopping { fails_once: true, ..Stopping::after(steps, exchanges) };
            case.put(&disk).ok();
            assert!(case.stands().is_some(), "after {steps}");
        }
    }
}

#[test]
fn the_first_result_appears_whole_or_not_at_all() {
    for exchanges in [true, false] {
        for steps in 0..STEPS {
            let case = Case::new(false);
            let ended = case.put(&Stopping::after(steps, exchanges));
            assert!(matches!((ended, case.stands()), (Err(_), None) | (_, Some(_))), "after {steps}");
        }
    }
}
