//! The plan of the house: in each crate no circle of files, folders that use only those before them, and crates that use
//! only those that `docs/architecture.md` lets them use.
//!
//! A file uses another if it names something in it: in a `use`, a path, the tokens of a macro or of an attribute. A path
//! counts for the deepest file that it names, so what is named by way of a facade counts for the facade. `mod x;` is no
//! use; code under `#[cfg(test)]` does not count. Neither do methods and macros that are called by name alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod document;
mod graph;
mod modules;
mod names;
mod self_tests;
mod uses;

use document::Plan;
use graph::Graph;
use modules::Sources;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates that still have circles or use a later folder. One that has none any more must be taken out.
const NOT_YET: &[&str] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn plan() -> Plan {
    Plan::read(&fs::read_to_string(root().join("docs/architecture.md")).unwrap()).unwrap()
}

/// The crates that are there, by their folders.
fn crates() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap());
    folders.map(|folder| folder.file_name().into_string().unwrap()).collect()
}

/// The files of a crate by their paths below `src`.
fn sources(name: &str) -> Sources {
    let top = root().join("crates").join(name).join("src");
    let (mut sources, mut folders) = (Sources::new(), vec![top.clone()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
                sources.insert(below, fs::read_to_string(path).unwrap());
            }
        }
    }
    sources
}

/// The crates of ours that a manifest names, also for its tests.
fn used_crates(name: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"].map(|table| manifest.get(table));
    let names = tables.into_iter().flatten().flat_map(|table| table.as_table().unwrap().keys());
    names.filter_map(|name| name.strip_prefix("sluice-")).map(str::to_owned).collect()
}

#[test]
fn no_file_is_in_a_circle_and_no_folder_uses_a_later_one() {
    let plan = plan();
    for name in crates() {
        let graph = Graph::of(&sources(&name)).unwrap();
        let faults: Vec<String> =
            graph.circles().into_iter().chain(graph.against(&plan.folders(&name).unwrap_or_default())).collect();
        if NOT_YET.contains(&name.as_str()) {
            assert!(!faults.is_empty(), "{name} is clean now: take it out of NOT_YET");
        } else {
            assert!(faults.is_empty(), "in the crate {name}:\n{}", faults.join("\n"));
        }
    }
}

#[test]
fn the_folders_of_the_service_are_those_in_the_plan() {
    let listed = plan().folders("service").expect("docs/architecture.md lists the folders of `service` in order");
    let there = Graph::of(&sources("service")).unwrap().folders();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there, "listed, and there");
    assert_eq!(listed.len(), there.len(), "each is listed once");
}

#[test]
fn crates_use_the_crates_that_the_plan_lets_them_use() {
    let plan = plan();
    assert_eq!(
        plan.crates().collect::<BTreeSet<_>>(),
        crates().iter().map(String::as_str).collect(),
        "listed, and there"
    );
    for (place, name) in plan.crates().enumerate() {
        let (mut used, allowed) = (used_crates(name), plan.uses(name));
        // A crate names itself to have a feature in its own tests.
        used.remove(name);
        assert_eq!(used, allowed, "{name} uses, and may use");
        for other in used {
            let before = plan.crates().take(place).any(|before| before == other);
            assert!(before, "{name} uses {other}, which does not stand above it");
        }
    }
}
