//! Many installations, each once.

use crate::facts::dossier::Dossier;
use sluice_rules::party::Eui64;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Many installations, each once. A file can name a million of them, so what is known of them stands in one
/// list, and only its places are looked up.
#[derive(Default)]
pub(crate) struct Dossiers {
    files: Vec<Dossier>,
    places: HashMap<Eui64, usize>,
}

impl Dossiers {
    pub(crate) fn contains(&self, chf: Eui64) -> bool {
        self.places.contains_key(&chf)
    }

    pub(crate) fn get(&self, chf: Eui64) -> Option<&Dossier> {
        self.places.get(&chf).map(|&place| &self.files[place])
    }

    pub(crate) fn get_mut(&mut self, chf: Eui64) -> Option<&mut Dossier> {
        self.places.get(&chf).map(|&place| &mut self.files[place])
    }

    /// Adds installations; those that are there already stay as they are.
    pub(crate) fn extend(&mut self, files: impl IntoIterator<Item = Dossier>) {
        let files = files.into_iter();
        self.files.reserve(files.size_hint().0);
        self.places.reserve(files.size_hint().0);
        for file in files {
            if let Entry::Vacant(entry) = self.places.entry(file.installation.chf) {
                entry.insert(self.files.len());
                self.files.push(file);
            }
        }
    }

    /// All of them, in no order.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Dossier> {
        self.files.iter()
    }

    /// The same, to change them.
    pub(crate) fn each_mut(&mut self) -> impl Iterator<Item = &mut Dossier> {
        self.files.iter_mut()
    }

    /// Those that a condition holds for, in order.
    pub(crate) fn that(&self, holds: impl Fn(&Dossier) -> bool) -> Vec<Eui64> {
        let mut found: Vec<Eui64> =
            self.files.iter().filter(|file| holds(file)).map(|file| file.installation.chf).collect();
        found.sort_unstable();
        found
    }
}
