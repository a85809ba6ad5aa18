//! Folders on the disk: made, resolved, brought to it.

use crate::failure::Failure;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Makes a folder with those above it; all are on the disk then.
///
/// # Errors
/// If the disk does not take them.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    std::path::absolute(path).and_then(|absolute| made(&absolute)).map_err(|error| Failure::write(path, &error))
}

fn made(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let Some(parent) = path.parent() else { return fs::create_dir(path) };
    made(parent)?;
    match fs::create_dir(path) {
        // Another command made it meanwhile.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
        other => other?,
    }
    sync_folder(parent)
}

/// Brings the names in a folder to the disk.
///
/// # Errors
/// If the disk does not take them.
#[cfg(unix)]
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some file systems keep nothing that could be brought to the disk.
        Err(error) if lacks(&error) => Ok(()),
        other => other,
    }
}

/// Brings the names in a folder to the disk: the file system's own affair here.
#[cfg(not(unix))]
pub fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives a file another name, which nothing has yet: the step itself refuses what appeared there meanwhile.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if something has the name, or what the disk says; the file has its old name then.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rename_noreplace(from, to) {
        Err(error) if lacks(&error) => linked(from, to),
        other => other,
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_noreplace(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_noreplace(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// As [`rename_new`] where the file system cannot do so by renaming: a second name replaces nothing either. Where a file has
/// one name only, it is looked first; what appears between the look and the step is replaced there.
fn linked(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if lacks(&error) || error.kind() == ErrorKind::PermissionDenied => {
            if fs::symlink_metadata(to).is_ok() { Err(ErrorKind::AlreadyExists.into()) } else { fs::rename(from, to) }
        }
        other => other,
    }
}

/// Does an error say that the file system, or the system, cannot do what was asked?
pub fn lacks(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported)
}

/// The folder of a path.
///
/// # Errors
/// If it has none, and so cannot be a result.
pub fn parent(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::write(path, &error))?;
    absolute.parent().map(Path::to_owned).ok_or_else(|| Failure::Use(format!("{} cannot be a result", path.display())))
}

/// The path with everything that exists of it resolved, so that two ways to one place are seen as one.
///
/// # Errors
/// If the current folder is gone.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    if let Ok(real) = fs::canonicalize(&absolute) {
        return Ok(real);
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => Ok(resolved(parent)?.join(name)),
        _ => Ok(absolute),
    }
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
