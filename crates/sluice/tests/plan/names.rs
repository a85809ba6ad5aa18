//! What a written path means: its names from the root of the crate.

use crate::modules::{Module, Modules};
use crate::uses::Import;

/// A name that leads to itself is followed no further.
const MOST_STEPS: usize = 16;

/// The modules of a crate and what is imported into them.
pub struct Names<'a> {
    /// The modules.
    pub modules: &'a Modules,
    /// All imports.
    pub imports: Vec<&'a Import>,
}

impl Names<'_> {
    /// The path from the root of the crate; nothing for what is not the crate's own.
    pub fn absolute(&self, module: &[String], path: &[String]) -> Option<Module> {
        self.follow(module, path, MOST_STEPS)
    }

    fn follow(&self, module: &[String], path: &[String], steps: usize) -> Option<Module> {
        let steps = steps.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => return Some(rest.to_vec()),
            "self" => return self.below(module, rest),
            "super" => return self.below(module.split_last()?.1, rest),
            _ => {}
        }
        if self.modules.contains(&joined(module, std::slice::from_ref(first))) {
            return Some(joined(module, path));
        }
        let here = || self.imports.iter().filter(|import| import.from.module == module);
        let imported = here().filter(|import| import.name == *first).find_map(|import| {
            let target = self.follow(module, &import.from.path, steps)?;
            Some(joined(&target, rest))
        });
        imported.or_else(|| {
            here().filter(|import| import.name == "*").find_map(|import| {
                let target = self.follow(module, &import.from.path, steps)?;
                self.modules.contains(&target).then(|| self.follow(&target, path, steps))?
            })
        })
    }

    /// `super` may follow on `self` and `super`.
    fn below(&self, module: &[String], rest: &[String]) -> Option<Module> {
        match rest.first() {
            Some(first) if first == "super" => self.below(module.split_last()?.1, &rest[1..]),
            _ => Some(joined(module, rest)),
        }
    }
}

fn joined(module: &[String], path: &[String]) -> Module {
    module.iter().chain(path).cloned().collect()
}
