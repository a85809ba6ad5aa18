//! A new folder in the place of an old one. Whenever it is interrupted, one of them stands whole in the place; only where
//! the file system cannot exchange two names, the old one may be left beside it, and the next run puts it back.

use super::disk::{lacks, sync_folder};
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What is asked of the disk; the tests have one that stops anywhere.
pub trait Disk {
    /// Exchanges two names at once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] or [`ErrorKind::Unsupported`] where that cannot be done.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Gives another name.
    ///
    /// # Errors
    /// If it cannot, or something is there that is no empty folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a folder away with all in it.
    ///
    /// # Errors
    /// If it cannot.
    fn remove(&self, folder: &Path) -> io::Result<()>;
    /// Brings the names in a folder to the disk.
    ///
    /// # Errors
    /// If it cannot.
    fn sync(&self, folder: &Path) -> io::Result<()>;
}

/// The disk itself.
pub struct RealDisk;

impl Disk for RealDisk {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn exchange(&self, _one: &Path, _other: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }

    fn sync(&self, folder: &Path) -> io::Result<()> {
        sync_folder(folder)
    }
}

/// Puts a folder that is on the disk into its place, where nothing is, or an empty folder. `place` is absolute.
///
/// # Errors
/// If it cannot, or something else is there, which stays.
pub fn put_new(disk: &impl Disk, fresh: &Path, place: &Path) -> io::Result<()> {
    disk.rename(fresh, place)?;
    disk.sync(folder(place))
}

/// Puts a folder that is on the disk into its place, and what was there, if anything, where it was. `place` is absolute.
///
/// # Errors
/// If it cannot; then the old one is in its place, or [`mend`] puts it back.
pub fn put(disk: &impl Disk, fresh: &Path, place: &Path) -> io::Result<()> {
    match disk.exchange(fresh, place) {
        Err(error) if error.kind() == ErrorKind::NotFound => disk.rename(fresh, place)?,
        Err(error) if lacks(&error) => {
            return put_by_names(disk, fresh, place);
        }
        other => other?,
    }
    disk.sync(folder(place))
}

/// As [`put`], by two names one after the other.
fn put_by_names(disk: &impl Disk, fresh: &Path, place: &Path) -> io::Result<()> {
    let earlier = earlier(place);
    let replaces = place.exists();
    if replaces {
        disk.rename(place, &earlier)?;
    }
    if let Err(error) = disk.rename(fresh, place) {
        if replaces {
            // If this fails too, it is put back by the next run; the error that is told is the first one.
            disk.rename(&earlier, place).ok();
        }
        return Err(error);
    }
    disk.sync(folder(place))?;
    // What is left of it is taken away by the next run.
    if replaces {
        disk.remove(&earlier).ok();
    }
    Ok(())
}

/// Mends what an interrupted [`put`] left: an earlier folder goes back into its empty place, or goes, if a later one is there.
///
/// # Errors
/// If the disk fails.
pub fn mend(disk: &impl Disk, place: &Path) -> io::Result<()> {
    let earlier = earlier(place);
    if !earlier.exists() {
        return Ok(());
    }
    if place.exists() {
        return disk.remove(&earlier);
    }
    disk.rename(&earlier, place)?;
    disk.sync(folder(place))
}

/// The name of a folder while another takes its place.
fn earlier(place: &Path) -> PathBuf {
    let mut name = OsString::from(".sluice-earlier-");
    name.push(place.file_name().unwrap_or_default());
    place.with_file_name(name)
}

fn folder(place: &Path) -> &Path {
    place.parent().unwrap_or(place)
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
