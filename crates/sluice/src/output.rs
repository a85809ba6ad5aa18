//! Writing results so that they appear complete or not at all.

use crate::failure::Failure;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that is filled beside its place and moved into it at the end.
pub struct Staged {
    target: PathBuf,
    staging: tempfile::TempDir,
    force: bool,
}

/// The names of the files that a result is made of; a folder that holds others is not replaced.
fn is_result(name: &str) -> bool {
    matches!(name, "allocation.csv" | "balances.csv" | "bundle.json")
        || name.starts_with("DR_")
        || Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"))
}

impl Staged {
    /// Prepares a folder.
    ///
    /// # Errors
    /// If it holds something already: an earlier result (unless `force`), or files that are not a result.
    pub fn new(target: &Path, force: bool) -> Result<Self, Failure> {
        check_target(target, force)?;
        let parent = parent(target)?;
        fs::create_dir_all(&parent).map_err(|error| Failure::write(&parent, &error))?;
        let staging = tempfile::Builder::new().prefix(".sluice-").tempdir_in(&parent);
        let staging = staging.map_err(|error| Failure::write(&parent, &error))?;
        Ok(Self { target: target.to_owned(), staging, force })
    }

    /// Where a file of the result is written for now.
    pub fn path(&self, name: &str) -> PathBuf {
        self.staging.path().join(name)
    }

    /// Writes a file of the result.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        fs::write(&path, content).map_err(|error| Failure::write(&self.target.join(name), &error))
    }

    /// Is a path in this folder? Then its name.
    pub fn holds<'a>(&self, path: &'a Path) -> Option<&'a str> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let same = absolute(folder).ok()? == absolute(&self.target).ok()?;
        path.file_name()?.to_str().filter(|_| same)
    }

    /// Moves the folder into its place.
    ///
    /// # Errors
    /// If it cannot be moved; an earlier result is then still there.
    pub fn finish(self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::write(&self.target, &error);
        check_target(&self.target, self.force)?;
        // A temporary folder is closed to others; the result is a folder like any other.
        open_to_others(self.staging.path()).map_err(failed)?;
        let fresh = self.staging.keep();
        if !self.target.exists() {
            return fs::rename(&fresh, &self.target).map_err(failed);
        }
        let old = fresh.with_extension("old");
        let swapped = fs::rename(&self.target, &old).and_then(|()| {
            fs::rename(&fresh, &self.target).inspect_err(|_| {
                // Put the earlier result back; the error that is told is the first one.
                fs::rename(&old, &self.target).ok();
            })
        });
        swapped.map_err(failed)?;
        fs::remove_dir_all(&old).map_err(failed)
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

fn check_target(target: &Path, force: bool) -> Result<(), Failure> {
    let entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::write(target, &error)),
    };
    let mut found = false;
    for entry in entries.flatten() {
        found = true;
        let name = entry.file_name();
        if !is_result(&name.to_string_lossy()) {
            let message = format!(
                "{} holds {}, which is not part of a result; choose a folder of its own for --out",
                target.display(),
                name.display()
            );
            return Err(Failure::Use(message));
        }
    }
    if found && !force {
        let message = format!("{} holds a result already; choose another folder or add --force", target.display());
        return Err(Failure::Use(message));
    }
    Ok(())
}

fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    fs::canonicalize(path).or_else(|_| std::path::absolute(path))
}

fn parent(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::write(path, &error))?;
    absolute.parent().map(Path::to_owned).ok_or_else(|| Failure::Use(format!("{} cannot be a result", path.display())))
}

/// Writes one file so that it appears complete or not at all.
///
/// # Errors
/// If it exists and `force` is not given, or the disk does not take it.
pub fn write_file(path: &Path, content: &[u8], force: bool) -> Result<(), Failure> {
    check_file(path, force)?;
    let failed = |error: std::io::Error| Failure::write(path, &error);
    let parent = parent(path)?;
    fs::create_dir_all(&parent).map_err(failed)?;
    let mut file = tempfile::Builder::new().prefix(".sluice-").tempfile_in(&parent).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    open_file_to_others(file.path()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn open_file_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_file_to_others(_path: &Path) -> std::io::Result<()> {
    Ok(())
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
