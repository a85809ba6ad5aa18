//! A result of many files in a folder of its own.

use super::disk::{make_folder, parent, resolved, sync_folder};
use super::exchange::{RealDisk, mend, put, put_new};
use super::file::{Prepared, check_file, write_synced};
use super::flow::flow;
use crate::failure::Failure;
use crate::staging::{Purpose, Staging};
use sluice_rules::file::FileKind;
use sluice_wire::name::FileName;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that is filled beside its place and moved into it at the end, with the report of the result, which may
/// stand in the folder or elsewhere.
pub struct Staged {
    /// The folder as it was named; for messages.
    given: PathBuf,
    /// The folder itself.
    target: PathBuf,
    staging: Staging,
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
        make_folder(&parent)?;
        let failed = |error: std::io::Error| Failure::write(&given, &error);
        mend(&RealDisk, &target).map_err(failed)?;
        let staging = Staging::new(&parent, Purpose::Result).map_err(failed)?;
        let staged = Self { given, target, staging, report, force };
        staged.check_target()?;
        Ok(staged)
    }

    /// Writes a file of the result.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        write_synced(&self.staging.path().join(name), content).map_err(|error| self.failed(name, &error))
    }

    /// Writes a long file of the result as its content comes; gives what `write` gives.
    ///
    /// # Errors
    /// If the disk does not take it, or `write` fails.
    pub fn write_with<T>(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let failed = |error: &std::io::Error| self.failed(name, error);
        let file = File::create(self.staging.path().join(name)).map_err(|error| failed(&error))?;
        flow(&file, failed, |flow| write(flow))
    }

    /// The failure of a file, under the name that it will have.
    pub fn failed(&self, name: &str, error: &std::io::Error) -> Failure {
        Failure::write(&self.given.join(name), error)
    }

    /// Moves the report into its place, if that is outside of the folder, and then the folder into its own. What stood there
    /// before stands there until then, and goes.
    ///
    /// # Errors
    /// If one of them cannot be moved; what was there is then still there, and nothing of this result. Only an earlier report
    /// is gone, where the folder fails after it and the file system can give a file but one name.
    pub fn finish(self, report: Option<&[u8]>) -> Result<(), Failure> {
        let mut outside = None;
        if let (Some(path), Some(page)) = (&self.report, report) {
            match self.own_name(path) {
                Some(name) => self.write(name, page)?,
                None => outside = Some(Prepared::new(path, page)?),
            }
        }
        self.check_target()?;
        sync_folder(self.staging.path()).map_err(|error| Failure::write(&self.given, &error))?;
        let placed = outside.map(|report| report.place(self.force)).transpose()?;
        let done = self.put();
        if let (Err(_), Some(report)) = (&done, placed) {
            report.take_back();
        }
        done
    }

    fn put(&self) -> Result<(), Failure> {
        let put = if self.force { put } else { put_new };
        put(&RealDisk, self.staging.path(), &self.target).map_err(|error| {
            // What appeared meanwhile is told as it is told at the beginning.
            self.check_target().err().unwrap_or_else(|| Failure::write(&self.given, &error))
        })
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

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
