//! Writing results so that they appear complete or not at all.

use crate::failure::Failure;
use sluice_rules::file::FileKind;
use sluice_wire::name::FileName;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that is filled beside its place and moved into it at the end, with the report of the result, which may
/// stand in the folder or elsewhere.
pub struct Staged {
    /// The folder as it was named; for messages.
    given: PathBuf,
    /// The folder itself.
    target: PathBuf,
    staging: tempfile::TempDir,
    report: Option<PathBuf>,
    force: bool,
}

impl Staged {
    /// Prepares a folder.
    ///
    /// # Errors
    /// If it holds something already: an earlier result (unless `force`), or files that are not a result; or if the
    /// report would stand where it cannot.
    pub fn new(target: &Path, report: Option<&Path>, force: bool) -> Result<Self, Failure> {
        if target.is_symlink() && !target.exists() {
            let message = format!("{} is a link to nothing; choose a folder for --out", target.display());
            return Err(Failure::Use(message));
        }
        // A link stays a link: what it points to is replaced.
        let given = target.to_owned();
        let target = resolved(&given).map_err(|error| Failure::write(&given, &error))?;
        if std::env::current_dir().is_ok_and(|current| current.starts_with(&target)) {
            let message = format!("{} is where you are; choose a folder of its own for --out", given.display());
            return Err(Failure::Use(message));
        }
        let report = report.map(|path| check_report(path, &target, force)).transpose()?;
        let parent = parent(&target)?;
        fs::create_dir_all(&parent).map_err(|error| Failure::write(&parent, &error))?;
        let staging = tempfile::Builder::new().prefix(".sluice-").tempdir_in(&parent);
        let staging = staging.map_err(|error| Failure::write(&parent, &error))?;
        let staged = Self { given, target, staging, report, force };
        staged.check_target()?;
        Ok(staged)
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
        fs::write(&path, content).map_err(|error| Failure::write(&self.given.join(name), &error))
    }

    /// Moves the folder into its place, and the report into its own.
    ///
    /// # Errors
    /// If it cannot be moved; an earlier result is then still there, and nothing of this one.
    pub fn finish(self, report: Option<&[u8]>) -> Result<(), Failure> {
        let mut outside = None;
        if let (Some(path), Some(page)) = (&self.report, report) {
            match self.own_name(path) {
                Some(name) => self.write(name, page)?,
                None => outside = Some((prepare_file(path, page)?, path)),
            }
        }
        self.check_target()?;
        let failed = |error: std::io::Error| Failure::write(&self.given, &error);
        // A temporary folder is closed to others; the result is a folder like any other.
        open_to_others(self.staging.path()).map_err(failed)?;
        self.swap().map_err(failed)?;
        outside.map_or(Ok(()), |(file, path)| persist(file, path))
    }

    /// Puts the new folder into the place of the old one. What is left in the staging folder's place is removed with it.
    fn swap(&self) -> std::io::Result<()> {
        let fresh = self.staging.path();
        if !self.target.exists() {
            return fs::rename(fresh, &self.target);
        }
        let old = fresh.with_extension("old");
        fs::rename(&self.target, &old)?;
        if let Err(error) = fs::rename(fresh, &self.target) {
            // Put the earlier result back; the error that is told is the first one.
            fs::rename(&old, &self.target).ok();
            return Err(error);
        }
        fs::remove_dir_all(&old)
    }

    /// The name of a path that lies directly in this folder.
    fn own_name<'a>(&self, path: &'a Path) -> Option<&'a str> {
        path.strip_prefix(&self.target).ok()?.to_str()
    }

    /// What stands in the folder must be an earlier result and nothing else, and may be replaced only by force.
    fn check_target(&self) -> Result<(), Failure> {
        let entries = match fs::read_dir(&self.target) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::write(&self.given, &error)),
        };
        let mut found = false;
        for entry in entries.flatten() {
            found = true;
            let name = entry.file_name();
            if !entry.file_type().is_ok_and(|kind| kind.is_file()) || !self.is_result(&name.to_string_lossy()) {
                let message = format!(
                    "{} holds {}, which is not part of this result; choose a folder of its own for --out",
                    self.given.display(),
                    name.display()
                );
                return Err(Failure::Use(message));
            }
        }
        if found && !self.force {
            let place = self.given.display();
            return Err(Failure::Use(format!("{place} holds a result already; choose another folder or add --force")));
        }
        Ok(())
    }

    /// The names of the files that a result is made of; a folder that holds others is not replaced.
    fn is_result(&self, name: &str) -> bool {
        matches!(name, "allocation.csv" | "balances.csv" | "bundle.json")
            || FileName::parse(name).is_ok_and(|(name, _)| name.kind == FileKind::DemandResponse)
            || self.report.as_deref().and_then(|path| self.own_name(path)) == Some(name)
    }
}

/// A report is a page of its own: `.html`, in the result's folder or outside it, and no other file's place.
fn check_report(path: &Path, target: &Path, force: bool) -> Result<PathBuf, Failure> {
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html")) {
        return Err(Failure::Use(format!("name the report .html, not {}", path.display())));
    }
    let resolved = resolved(path).map_err(|error| Failure::write(path, &error))?;
    let within = resolved.strip_prefix(target).is_ok_and(|rest| rest.components().count() > 1);
    if within {
        let message = format!("{} lies in a sub-folder of --out; put the report beside the result", path.display());
        return Err(Failure::Use(message));
    }
    if resolved.parent() != Some(target) {
        check_file(path, force)?;
    }
    Ok(resolved)
}

/// The path with everything that exists of it resolved, so that two ways to one place are seen as one.
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    if let Ok(real) = fs::canonicalize(&absolute) {
        return Ok(real);
    }
    match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => Ok(resolved(parent)?.join(name)),
        _ => Ok(absolute),
    }
}

/// Gives others the right to read what was made as a temporary file or folder.
#[cfg(unix)]
fn open_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> std::io::Result<()> {
    Ok(())
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
    persist(prepare_file(path, content)?, path)
}

/// Writes a file beside its place.
fn prepare_file(path: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile, Failure> {
    let failed = |error: std::io::Error| Failure::write(path, &error);
    let parent = parent(path)?;
    fs::create_dir_all(&parent).map_err(failed)?;
    let mut file = tempfile::Builder::new().prefix(".sluice-").tempfile_in(&parent).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    open_to_others(file.path()).map_err(failed)?;
    Ok(file)
}

/// Moves a file that was written beside its place into it.
fn persist(file: tempfile::NamedTempFile, path: &Path) -> Result<(), Failure> {
    file.persist(path).map(drop).map_err(|error| Failure::write(path, &error.error))
}

/// Refuses to replace a file, unless forced.
///
/// # Errors
/// If it exists and `force` is not given.
fn check_file(path: &Path, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::Use(format!("{} exists already; choose another name or add --force", path.display())));
    }
    Ok(())
}
