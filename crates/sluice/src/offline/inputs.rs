//! The files that a run was given.

use crate::failure::Failure;
use sha2::{Digest, Sha256};
use sluice_rules::scaling::Again;
use sluice_service::books::rulebooks::Settings;
use sluice_store::tables::record::hexadecimal;
use sluice_wire::Content;
use sluice_wire::name::is_helper;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// A file larger than this is judged where it lies and kept only if it is accepted.
const KEPT: u64 = 1 << 20;

/// A file larger than this has no digest taken; no rulebook takes one so large.
const DIGESTED: u64 = 256 << 20;

/// A received file: its name, and its bytes where they are kept.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// The name without folders.
    pub name: String,
    /// Where the bytes are.
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// In memory.
    Kept(Vec<u8>),
    /// On disk.
    Lies(PathBuf),
    /// Nowhere any more; known by size and digest.
    Gone { size: u64, sha256: Option<String> },
}

impl InputFile {
    /// A file on disk; a small one is read at once.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let size = fs::metadata(path).map_err(|error| Failure::read(path, &error))?.len();
        let mut file = Self { name, place: Place::Lies(path.to_owned()) };
        if size <= KEPT {
            file.keep()?;
        }
        Ok(file)
    }

    /// From bytes.
    pub fn from_bytes(name: String, bytes: Vec<u8>) -> Self {
        Self { name, place: Place::Kept(bytes) }
    }

    /// A file of which only size and digest are known.
    pub fn gone(name: String, size: u64, sha256: Option<String>) -> Self {
        Self { name, place: Place::Gone { size, sha256 } }
    }

    /// Keeps the bytes in memory.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn keep(&mut self) -> Result<(), Failure> {
        if let Place::Lies(path) = &self.place {
            self.place = Place::Kept(fs::read(path).map_err(|error| Failure::read(path, &error))?);
        }
        Ok(())
    }

    /// The bytes, if they are kept.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.place {
            Place::Kept(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The bytes as a stream; nothing if they are gone.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn stream(&self) -> Result<Option<Box<dyn Content + '_>>, Failure> {
        match &self.place {
            Place::Kept(bytes) => Ok(Some(Box::new(Cursor::new(bytes.as_slice())))),
            Place::Lies(path) => {
                let file = File::open(path).map_err(|error| Failure::read(path, &error))?;
                Ok(Some(Box::new(file)))
            }
            Place::Gone { .. } => Ok(None),
        }
    }

    /// The extension in lower case.
    pub fn extension(&self) -> String {
        self.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
    }

    /// Size in bytes and SHA-256 in hexadecimal; no digest of a file so large that it is refused for it, so that it does
    /// not delay the others.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn digest(&self) -> Result<(u64, Option<String>), Failure> {
        if let Place::Gone { size, sha256 } = &self.place {
            return Ok((*size, sha256.clone()));
        }
        if let Place::Lies(path) = &self.place {
            let size = fs::metadata(path).map_err(|error| Failure::read(path, &error))?.len();
            if size > DIGESTED {
                return Ok((size, None));
            }
        }
        let mut hasher = Sha256::new();
        let mut size = 0_u64;
        let mut buffer = vec![0; 64 << 10];
        if let Some(mut stream) = self.stream()? {
            loop {
                let length = stream.read(&mut buffer).map_err(|error| Failure::read(Path::new(&self.name), &error))?;
                if length == 0 {
                    break;
                }
                hasher.update(&buffer[..length]);
                size += u64::try_from(length).unwrap_or(u64::MAX);
            }
        }
        Ok((size, Some(hexadecimal(&hasher.finalize()))))
    }
}

/// The files in some paths: files themselves, and of folders all files with those of their sub-folders, in the order of
/// their paths. In folders helper files of operating systems and office programs are passed over. A path that does not exist
/// is given on, so that who reads it says so.
///
/// # Errors
/// If a folder cannot be read.
pub fn files_in(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut found, mut entered) = (Vec::new(), BTreeSet::new());
    for path in paths {
        add_files(path, &mut entered, &mut found)?;
    }
    Ok(found)
}

/// Adds a file, or the files of a folder that was not entered before: a link may lead back to it.
fn add_files(path: &Path, entered: &mut BTreeSet<PathBuf>, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let failed = |error: std::io::Error| Failure::read(path, &error);
    if !entered.insert(fs::canonicalize(path).map_err(failed)?) {
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<Result<Vec<PathBuf>, _>>().map_err(failed)?;
    entries.sort();
    // A folder that is hidden, or that one system packs beside the files, holds none of a person's.
    let passed_over = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        is_helper(&name) || name == "__MACOSX"
    };
    entries.iter().filter(|path| !passed_over(path)).try_for_each(|path| add_files(path, entered, found))
}

/// Where demand comes from.
#[derive(Debug, Clone)]
pub enum DemandInput {
    /// Demand Commitments as suppliers sent them.
    Files(Vec<InputFile>),
    /// One table of everyone's demand.
    Table(InputFile),
    /// A table of what stands, where pools are shared again after the firm result.
    Standings(Again, InputFile),
}

/// Everything that a result depends on.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Capacity.
    pub capacity: InputFile,
    /// Demand.
    pub demand: DemandInput,
    /// Eligible counts.
    pub eligible: Option<InputFile>,
    /// Opening balances.
    pub balances: Option<InputFile>,
    /// Settings.
    pub settings: Settings,
}

impl DemandInput {
    /// The Demand Commitments in some paths, as [`files_in`] finds them, in the order of their names. A file that is named
    /// twice is one file.
    ///
    /// # Errors
    /// If a path cannot be read.
    pub fn from_paths(paths: &[PathBuf]) -> Result<Self, Failure> {
        for path in paths {
            fs::metadata(path).map_err(|error| Failure::read(path, &error))?;
        }
        let mut found = files_in(paths)?;
        found.sort_by_key(|path| (path.file_name().map(ToOwned::to_owned), path.clone()));
        let mut seen = BTreeSet::new();
        found.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
        Ok(Self::Files(found.iter().map(|path| InputFile::open(path)).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_with_their_sub_folders_once_and_helper_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        let files = ["b.csv", "one/a.csv", "one/two/c.csv"];
        let helpers = ["one/Thumbs.DB", "one/desktop.ini", "~$b.xlsx", ".~lock.b.csv#", ".DS_Store"];
        let hidden = ["__MACOSX/b.csv", "one/.git/d.csv"];
        for name in files.iter().chain(&helpers).chain(&hidden) {
            make(name);
        }
        std::os::unix::fs::symlink("..", folder.path().join("one/up")).unwrap();
        let found = files_in(&[folder.path().to_owned()]).unwrap();
        let wanted: Vec<PathBuf> = files.iter().map(|name| folder.path().join(name)).collect();
        assert_eq!(found, wanted);
        // Who names a file means it.
        let named = [folder.path().join("~$b.xlsx"), folder.path().join("none.csv")];
        assert_eq!(files_in(&named).unwrap(), named);
    }
}
