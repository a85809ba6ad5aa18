//! Which file uses which, and what is wrong with that.

use crate::modules::{Modules, Sources};
use crate::names::Names;
use crate::uses::Uses;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The names of one file that another uses.
type Named = BTreeSet<String>;

/// Which file uses which.
pub struct Graph {
    arrows: BTreeMap<String, BTreeMap<String, Named>>,
}

impl Graph {
    /// Reads the files of a crate.
    pub fn of(sources: &Sources) -> Result<Self, String> {
        let modules = Modules::of(sources)?;
        let uses: Vec<Uses> = modules.files.iter().map(Uses::of).collect();
        let names = Names { modules: &modules, imports: uses.iter().flat_map(|uses| &uses.imports).collect() };
        let mut arrows: BTreeMap<String, BTreeMap<String, Named>> = BTreeMap::new();
        for (file, uses) in modules.files.iter().zip(&uses) {
            let targets = arrows.entry(file.name.clone()).or_default();
            for written in &uses.written {
                let Some(path) = names.absolute(&written.module, &written.path) else { continue };
                let (target, named) = modules.deepest(&path);
                if target != file.name {
                    let named = if named.is_empty() { "itself".to_owned() } else { named.join("::") };
                    targets.entry(target.to_owned()).or_default().insert(named);
                }
            }
        }
        Ok(Self { arrows })
    }

    /// The names that a file uses of another; none if it does not use it.
    pub fn named(&self, from: &str, to: &str) -> Named {
        self.arrows.get(from).and_then(|targets| targets.get(to)).cloned().unwrap_or_default()
    }

    /// The folders, or files beside them, that stand at the top; the root of the crate is none of them.
    pub fn folders(&self) -> BTreeSet<String> {
        self.arrows.keys().filter_map(|file| folder(file)).map(str::to_owned).collect()
    }

    /// Circles in words, the shortest first; none that shares a file with one before it.
    pub fn circles(&self) -> Vec<String> {
        let mut circles: Vec<Vec<&str>> = self.arrows.keys().filter_map(|file| self.circle(file)).collect();
        circles.sort_by_key(Vec::len);
        let mut named = BTreeSet::new();
        circles.retain(|circle| {
            let apart = circle.iter().all(|file| !named.contains(file));
            named.extend(circle.iter().copied().filter(|_| apart));
            apart
        });
        circles.iter().map(|circle| self.in_words(circle)).collect()
    }

    /// The shortest way from a file back to itself.
    fn circle<'a>(&'a self, start: &'a str) -> Option<Vec<&'a str>> {
        let (mut came_from, mut waiting) = (BTreeMap::new(), VecDeque::from([start]));
        while let Some(file) = waiting.pop_front() {
            for target in self.arrows[file].keys().map(String::as_str) {
                if target == start {
                    let back = std::iter::successors(Some(file), |file| came_from.get(file).copied());
                    let mut circle: Vec<&str> = back.collect();
                    circle.reverse();
                    return Some(circle);
                }
                if !came_from.contains_key(target) {
                    came_from.insert(target, file);
                    waiting.push_back(target);
                }
            }
        }
        None
    }

    fn in_words(&self, circle: &[&str]) -> String {
        let arrows = circle.iter().zip(circle.iter().cycle().skip(1)).map(|(from, to)| self.arrow(from, to));
        format!("a circle: {}", arrows.collect::<Vec<_>>().join("; "))
    }

    fn arrow(&self, from: &str, to: &str) -> String {
        let named: Vec<String> = self.named(from, to).into_iter().collect();
        format!("{from} uses {to} ({})", named.join(", "))
    }

    /// The arrows from a folder to one that stands later in an order; what is not in the order may use everything.
    pub fn against(&self, order: &[String]) -> Vec<String> {
        let place = |file: &str| folder(file).and_then(|folder| order.iter().position(|other| other == folder));
        let mut against = Vec::new();
        for (from, targets) in &self.arrows {
            for to in targets.keys() {
                if place(from).zip(place(to)).is_some_and(|(from, to)| from < to) {
                    against.push(format!("a later folder: {}", self.arrow(from, to)));
                }
            }
        }
        against
    }
}

/// The folder at the top in which a file stands, or that it is the module of; none for the root of the crate.
fn folder(file: &str) -> Option<&str> {
    let first = file.split('/').next()?;
    match first.strip_suffix(".rs") {
        Some("lib" | "main") => None,
        Some(name) => Some(name),
        None => Some(first),
    }
}
