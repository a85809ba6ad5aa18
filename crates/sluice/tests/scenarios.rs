//! Runs every folder of `scenarios/`: the given files are copied to an empty folder, the steps are run there, and exit
//! status, output and files are compared with what is expected. `SLUICE_BLESS=1` writes down what came out instead, and
//! `SLUICE_SCENARIO=word` runs only the folders with that word in their name. `scenarios/README.md` explains the folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod scenario;

use scenario::{Base, Database, Kind, Scenario, Step, folders, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Scenarios that run side by side: most of the time they wait for the disk.
const THREADS: usize = 4;

/// A folder in which steps were run, with its database if it has one.
struct Place {
    work: tempfile::TempDir,
    database: Option<Database>,
}

impl Place {
    /// Where steps start: a copy of a base, or nothing.
    fn on(base: Option<&Self>, kind: Option<Kind>) -> Self {
        let work = tempfile::tempdir().unwrap();
        if let Some(base) = base {
            copy(base.work.path(), work.path());
        }
        let of_base = base.and_then(|base| base.database.as_ref());
        let database = kind.map(|kind| of_base.map_or_else(|| Database::new(kind), |base| Database::copy(base, kind)));
        Self { work, database }
    }

    fn take(&self, given: &Path) {
        if given.exists() {
            copy(given, self.work.path());
        }
    }

    /// Runs a step; gives what it wrote to its terminal.
    fn run(&self, number: usize, step: &Step) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command
            .args(step.arguments())
            .current_dir(self.work.path())
            .env_remove("SLUICE_DATABASE")
            .env_remove("SLUICE_TOKEN");
        if let Some(database) = &self.database {
            command.env("SLUICE_DATABASE", &database.address);
        }
        let output = command.output().map_err(|error| error.to_string())?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        // A scenario goes from one deadline to the next; that its clock goes far is no part of what it shows.
        let said = String::from_utf8_lossy(&output.stderr);
        text.extend(said.split_inclusive('\n').filter(|line| !line.starts_with("sluice: the clock goes from ")));
        if let Some(database) = &self.database {
            text = database.hidden_in(&text);
        }
        if output.status.code() != Some(step.status) {
            return Err(format!("step {number}: status {:?}, expected {}\n{text}", output.status.code(), step.status));
        }
        match step.absent.iter().find(|path| self.work.path().join(path).exists()) {
            Some(path) => Err(format!("step {number}: {path} was written")),
            None => Ok(text),
        }
    }
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

fn files_below(folder: &Path, prefix: &Path, files: &mut BTreeSet<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let path = prefix.join(entry.file_name());
        if entry.path().is_dir() {
            files_below(&entry.path(), &path, files);
        } else {
            files.insert(path);
        }
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    files_below(folder, Path::new(""), &mut found);
    found
}

/// Bases, each built once for all scenarios of one kind of database.
struct Bases(BTreeMap<String, Place>);

impl Bases {
    fn build(names: impl Iterator<Item = String>, kind: Kind) -> Result<Self, String> {
        let mut bases = Self(BTreeMap::new());
        names.collect::<BTreeSet<_>>().iter().try_for_each(|name| bases.add(name, kind))?;
        Ok(bases)
    }

    fn add(&mut self, name: &str, kind: Kind) -> Result<(), String> {
        if self.0.contains_key(name) {
            return Ok(());
        }
        let folder = root().join("scenarios-base").join(name);
        let base = Base::load(&folder)?;
        if let Some(below) = &base.base {
            self.add(below, kind)?;
        }
        let place = Place::on(base.base.and_then(|below| self.0.get(&below)), Some(kind));
        place.take(&folder.join("given"));
        for (number, step) in (1..).zip(&base.step) {
            place.run(number, step).map_err(|error| format!("base {name}: {error}"))?;
        }
        self.0.insert(name.to_owned(), place);
        Ok(())
    }
}

fn run(folder: &Path, scenario: &Scenario, bases: &Bases, kind: Kind) -> Result<(), String> {
    let base = match &scenario.base {
        Some(name) => Some(bases.0.get(name).ok_or("a scenario with a base says database = true")?),
        None => None,
    };
    let place = Place::on(base, Some(kind).filter(|_| scenario.database));
    place.take(&folder.join("given"));
    let before = files(place.work.path());
    for (number, step) in (1..).zip(&scenario.step) {
        let text = place.run(number, step)?;
        fs::write(place.work.path().join(format!("output-{number}.txt")), text).unwrap();
    }
    compare(&folder.join("expected"), place.work.path(), &before, kind)
}

/// Every expected file must have come out byte for byte. What is blessed comes from SQLite; where nothing is expected yet
/// it is everything that was made.
fn compare(expected: &Path, work: &Path, before: &BTreeSet<PathBuf>, kind: Kind) -> Result<(), String> {
    let bless = std::env::var_os("SLUICE_BLESS").is_some() && kind.is_sqlite();
    let mut wanted = files(expected);
    if wanted.is_empty() && bless {
        wanted = files(work).difference(before).cloned().collect();
    }
    if wanted.is_empty() {
        return Err("nothing is expected, so nothing is tested".to_owned());
    }
    for path in wanted {
        let found = fs::read(work.join(&path)).map_err(|error| format!("{}: {error}", path.display()))?;
        let place = expected.join(&path);
        if bless {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(&place, &found).unwrap();
        }
        let wanted = fs::read(&place).unwrap();
        if found != wanted {
            let (found, wanted) = (String::from_utf8_lossy(&found), String::from_utf8_lossy(&wanted));
            let differing = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
            let (wanted, found) = differing.unwrap_or((wanted.trim_end(), found.trim_end()));
            return Err(format!("{}:\n  expected {wanted}\n  found    {found}", path.display()));
        }
    }
    Ok(())
}

/// Runs the scenarios of one kind of database, several side by side; gives what failed.
fn run_all(scenarios: &[(PathBuf, Scenario)], kind: Kind) -> Vec<String> {
    let names = scenarios.iter().filter_map(|(_, scenario)| scenario.base.clone());
    let bases = match Bases::build(names, kind) {
        Ok(bases) => bases,
        Err(error) => return vec![error],
    };
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((folder, scenario)) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = run(folder, scenario, &bases, kind) {
                        failed.lock().unwrap().push(format!("{} on {kind:?}: {error}", folder.display()));
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

#[test]
fn every_scenario_comes_out_as_expected() {
    let word = std::env::var("SLUICE_SCENARIO").unwrap_or_default();
    let load = |folder: PathBuf| (folder.clone(), Scenario::load(&folder).unwrap());
    let scenarios: Vec<_> = folders().into_iter().map(load).collect();
    assert!(scenarios.len() >= 15, "{} scenarios", scenarios.len());
    let named = |folder: &Path| folder.file_name().unwrap().to_string_lossy().contains(&word);
    let scenarios: Vec<_> = scenarios.into_iter().filter(|(folder, _)| named(folder)).collect();
    let mut failed = run_all(&scenarios, Kind::Sqlite);
    let on_database: Vec<_> = scenarios.into_iter().filter(|(_, scenario)| scenario.database).collect();
    for kind in Kind::all().into_iter().filter(|kind| !kind.is_sqlite()) {
        failed.extend(run_all(&on_database, kind));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
