//! One file.

use super::disk::{make_folder, parent, rename_new, sync_folder};
use crate::failure::Failure;
use crate::staging::{Purpose, Staging};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes one file, with its folder, so that it appears complete or not at all.
///
/// # Errors
/// If it exists and `force` is not given, or the disk does not take it.
pub fn write_file(path: &Path, content: &[u8], force: bool) -> Result<(), Failure> {
    check_file(path, force)?;
    Prepared::new(path, content)?.place(force).map(drop)
}

/// Writes one file as [`write_file`] does, unless something has its name. Says whether it did.
///
/// # Errors
/// If the disk does not take it.
pub fn write_new(path: &Path, content: &[u8]) -> Result<bool, Failure> {
    let prepared = Prepared::new(path, content)?;
    match prepared.move_to_place(false) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        done => done.map(|()| true).map_err(|error| Failure::write(path, &error)),
    }
}

/// Writes a file where nobody looks for it yet; it is on the disk then.
///
/// # Errors
/// If the disk does not take it.
pub fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Refuses to replace a file, unless forced. Whoever writes it refuses once more: what is not there now may appear.
///
/// # Errors
/// If something has its name and `force` is not given, or a folder has it.
pub fn check_file(path: &Path, force: bool) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::Use(format!("{} is a folder; choose another name", path.display())));
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    Ok(())
}

fn exists(path: &Path) -> Failure {
    Failure::Use(format!("{} exists already; choose another name or add --force", path.display()))
}

/// A file that is on the disk beside its place.
pub struct Prepared<'a> {
    path: &'a Path,
    folder: PathBuf,
    staging: Staging,
}

impl<'a> Prepared<'a> {
    /// Writes the file beside its place.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn new(path: &'a Path, content: &[u8]) -> Result<Self, Failure> {
        let folder = parent(path)?;
        make_folder(&folder)?;
        let staging = Staging::new(&folder, Purpose::Result).map_err(|error| Failure::write(path, &error))?;
        let prepared = Self { path, folder, staging };
        write_synced(&prepared.beside(), content).map_err(|error| Failure::write(path, &error))?;
        Ok(prepared)
    }

    fn beside(&self) -> PathBuf {
        self.staging.path().join("file")
    }

    fn earlier(&self) -> PathBuf {
        self.staging.path().join("earlier")
    }

    /// Moves the file into its place. Gives it, so that it can be taken back.
    ///
    /// # Errors
    /// If it cannot be moved, or something is there and `force` is not given; what was there is then still there.
    pub fn place(self, force: bool) -> Result<Self, Failure> {
        match self.move_to_place(force) {
            Ok(()) => Ok(self),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(self.path)),
            Err(error) => Err(Failure::write(self.path, &error)),
        }
    }

    fn move_to_place(&self, force: bool) -> io::Result<()> {
        if force {
            // Kept to be put back; where a file has one name only it cannot be.
            fs::hard_link(self.path, self.earlier()).ok();
            fs::rename(self.beside(), self.path)?;
        } else {
            rename_new(&self.beside(), self.path)?;
        }
        sync_folder(&self.folder)
    }

    /// Takes the file out of its place again; what was there before is there again.
    pub fn take_back(self) {
        // It is done because of an error, which is what is told.
        fs::rename(self.earlier(), self.path).or_else(|_| fs::rename(self.path, self.beside())).ok();
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
