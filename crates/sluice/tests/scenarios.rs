//! Runs every folder of `scenarios/`: the given files are copied to an empty folder, the steps are run there, and exit
//! status, output and files are compared with what is expected. `SLUICE_BLESS=1` writes down what came out instead.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, for people.
    #[allow(dead_code)]
    about: String,
    /// The rules it is a case of; read by the test of rule coverage.
    #[allow(dead_code)]
    rules: Vec<String>,
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// The arguments of the program.
    run: Vec<String>,
    /// The exit status.
    status: i32,
    /// Paths that must not exist afterwards.
    #[serde(default)]
    absent: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files_below(folder: &Path, prefix: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let path = prefix.join(entry.file_name());
        if entry.path().is_dir() {
            files_below(&entry.path(), &path, files);
        } else {
            files.push(path);
        }
    }
}

fn run(folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("scenario.toml")).map_err(|error| error.to_string())?;
    let scenario: Scenario = toml::from_str(&text).map_err(|error| error.to_string())?;
    let work = tempfile::tempdir().unwrap();
    if folder.join("given").exists() {
        copy(&folder.join("given"), work.path());
    }
    for (number, step) in (1..).zip(&scenario.step) {
        let output = Command::new(env!("CARGO_BIN_EXE_sluice")).args(&step.run).current_dir(work.path()).output();
        let output = output.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(step.status) {
            return Err(format!("step {number}: status {:?}, expected {}\n{text}", output.status.code(), step.status));
        }
        fs::write(work.path().join(format!("output-{number}.txt")), text).unwrap();
        if let Some(path) = step.absent.iter().find(|path| work.path().join(path).exists()) {
            return Err(format!("step {number}: {path} was written"));
        }
    }
    compare(&folder.join("expected"), work.path())
}

/// Every expected file must have come out byte for byte.
fn compare(expected: &Path, work: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    files_below(expected, Path::new(""), &mut files);
    if files.is_empty() {
        return Err("nothing is expected, so nothing is tested".to_owned());
    }
    for path in files {
        let found = fs::read(work.join(&path)).map_err(|error| format!("{}: {error}", path.display()))?;
        if std::env::var_os("SLUICE_BLESS").is_some() {
            fs::write(expected.join(&path), &found).unwrap();
        }
        let wanted = fs::read(expected.join(&path)).unwrap();
        if found != wanted {
            let (found, wanted) = (String::from_utf8_lossy(&found), String::from_utf8_lossy(&wanted));
            let differing = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
            let (wanted, found) = differing.unwrap_or((wanted.trim_end(), found.trim_end()));
            return Err(format!("{}:\n  expected {wanted}\n  found    {found}", path.display()));
        }
    }
    Ok(())
}

#[test]
fn every_scenario_comes_out_as_expected() {
    let mut folders: Vec<PathBuf> = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(folders.len() >= 15, "{} scenarios", folders.len());
    let failed: Vec<String> = folders
        .iter()
        .filter_map(|folder| run(folder).err().map(|error| format!("{}: {error}", folder.display())))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
