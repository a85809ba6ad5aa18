//! Folders for what is being made, beside the place where it shall be. They go at every ending that the program sees. One
//! that was killed leaves its folder; the next command that makes something there takes it away.
//!
//! A folder that is in use is held by a lock, which ends with the program, however it ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::{Builder, TempDir};

/// What is made in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A result, which is moved out of it or becomes what it is.
    Result,
    /// A copy of a database, for its owner only.
    Copy,
}

impl Purpose {
    /// How the names begin.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Result => ".sluice-new-",
            Self::Copy => ".sluice-replay-",
        }
    }

    #[cfg(unix)]
    fn builder(self) -> Builder<'static, 'static> {
        use std::os::unix::fs::PermissionsExt;
        let mode = match self {
            Self::Result => 0o777,
            Self::Copy => 0o700,
        };
        let mut builder = Builder::new();
        // The umask is taken off when the folder is made.
        builder.prefix(self.prefix()).rand_bytes(RANDOM).permissions(fs::Permissions::from_mode(mode));
        builder
    }

    #[cfg(not(unix))]
    fn builder(self) -> Builder<'static, 'static> {
        let mut builder = Builder::new();
        builder.prefix(self.prefix()).rand_bytes(RANDOM);
        builder
    }

    /// Is this the name of such a folder?
    fn is_name(self, name: &str) -> bool {
        let rest = name.strip_prefix(self.prefix());
        rest.is_some_and(|rest| rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }
}

/// How many letters a name ends with.
const RANDOM: usize = 10;

/// More attempts than this to make a folder that nobody takes away are a defect.
const ATTEMPTS: usize = 100;

/// A folder that only this program uses.
#[derive(Debug)]
pub struct Staging {
    folder: TempDir,
    /// The lock; a file system without locks has none, and nothing is taken away there.
    _held: Option<File>,
}

impl Staging {
    /// Makes a folder within `parent`, and takes away those that killed programs left there.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn new(parent: &Path, purpose: Purpose) -> io::Result<Self> {
        sweep_once(parent, purpose);
        for _ in 0..ATTEMPTS {
            let folder = purpose.builder().tempdir_in(parent)?;
            match hold(folder.path()) {
                Lock::Held(file) => return Ok(Self { folder, _held: Some(file) }),
                Lock::Unknown => return Ok(Self { folder, _held: None }),
                // Another command took it for a leftover in the moment before it was held.
                Lock::Taken => {}
            }
        }
        Err(io::Error::other("other programs take away what is being made"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

enum Lock {
    Held(File),
    /// By another program, or the folder is gone.
    Taken,
    /// There are no locks here.
    Unknown,
}

fn hold(path: &Path) -> Lock {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Lock::Taken,
        Err(_) => return Lock::Unknown,
    };
    match file.try_lock() {
        // Its name is random: what has it now is what was opened.
        Ok(()) if path.exists() => Lock::Held(file),
        Ok(()) | Err(fs::TryLockError::WouldBlock) => Lock::Taken,
        Err(fs::TryLockError::Error(_)) => Lock::Unknown,
    }
}

/// Takes away what killed programs left, once for each folder and command.
fn sweep_once(parent: &Path, purpose: Purpose) {
    static SWEPT: Mutex<BTreeSet<(PathBuf, &str)>> = Mutex::new(BTreeSet::new());
    let mut swept = SWEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if swept.insert((parent.to_owned(), purpose.prefix())) {
        sweep(parent, purpose);
    }
}

/// Takes away the folders that nobody holds. What cannot be taken away stays: it is in nobody's way.
fn sweep(parent: &Path, purpose: Purpose) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let known = entry.file_name().to_str().is_some_and(|name| purpose.is_name(name));
        if known
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Lock::Held(_held) = hold(&entry.path())
        {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

#[cfg(test)]
#[path = "staging_tests.rs"]
mod tests;
