//! One file.

use super::disk::{make_folder, parent, sync_folder};
use crate::failure::Failure;
use crate::staging::{Purpose, Staging};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes one file, with its folder, so that it appears complete or not at all.
///
/// # Errors
/// If it exists and `force` is not given, or the disk does not take it.
pub fn write_file(path: &Path, content: &[u8], force: bool) -> Result<(), Failure> {
    check_file(path, force)?;
    Prepared::new(path, content)?.place()
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

/// Refuses to replace a file, unless forced.
///
/// # Errors
/// If it exists and `force` is not given.
pub fn check_file(path: &Path, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::Use(format!("{} exists already; choose another name or add --force", path.display())));
    }
    Ok(())
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

    /// Moves the file into its place.
    ///
    /// # Errors
    /// If it cannot be moved; what was there is then still there.
    pub fn place(self) -> Result<(), Failure> {
        fs::rename(self.beside(), self.path)
            .and_then(|()| sync_folder(&self.folder))
            .map_err(|error| Failure::write(self.path, &error))
    }
}
