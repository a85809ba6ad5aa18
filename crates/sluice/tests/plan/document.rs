//! What `docs/architecture.md` says of the plan.

use std::collections::{BTreeMap, BTreeSet};

/// The crates in their order, and the folders of those whose folders have an order.
pub struct Plan {
    crates: Vec<(String, BTreeSet<String>)>,
    folders: BTreeMap<String, Vec<String>>,
}

impl Plan {
    /// Reads the table of crates (`Crate`, `Uses`, …), and below each heading ``The folders of `x` `` a table of
    /// folders (`Folder`, …).
    pub fn read(document: &str) -> Result<Self, String> {
        let mut plan = Self { crates: Vec::new(), folders: BTreeMap::new() };
        let mut heading = "";
        for line in document.lines() {
            heading = line.strip_prefix('#').unwrap_or(heading);
            let Some(cells) = line.strip_prefix('|') else { continue };
            let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
            let Some(name) = code(cells[0]).next() else { continue };
            match heading.split_once("The folders of ") {
                Some((_, of)) => {
                    let of = code(of).next().ok_or_else(|| format!("a heading names no crate: {heading}"))?;
                    plan.folders.entry(of).or_default().push(name.trim_end_matches('/').to_owned());
                }
                None if heading.trim() == "Architecture" => {
                    plan.crates.push((name, cells.get(1).into_iter().flat_map(|uses| code(uses)).collect()));
                }
                None => {}
            }
        }
        if plan.crates.is_empty() { Err("there is no table of crates".to_owned()) } else { Ok(plan) }
    }

    /// The crates, from the one that uses none.
    pub fn crates(&self) -> impl Iterator<Item = &str> {
        self.crates.iter().map(|(name, _)| name.as_str())
    }

    /// The crates that one may use.
    pub fn uses(&self, name: &str) -> BTreeSet<String> {
        self.crates.iter().find(|(other, _)| other == name).map(|(_, uses)| uses.clone()).unwrap_or_default()
    }

    /// The folders of a crate, from the one that uses none; nothing if they have no order.
    pub fn folders(&self, name: &str) -> Option<Vec<String>> {
        self.folders.get(name).cloned()
    }
}

/// The words between backticks.
fn code(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}
