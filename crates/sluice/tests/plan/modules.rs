//! The modules of a crate, and the files that they stand in.

use std::collections::BTreeMap;
use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta, Token, punctuated::Punctuated};

/// Files by their paths below `src`.
pub type Sources = BTreeMap<String, String>;

/// A module by its names from the root of the crate, which has none.
pub type Module = Vec<String>;

/// A file that is compiled when nothing is tested.
pub struct File {
    /// Its path below `src`.
    pub name: String,
    /// The module that it is.
    pub module: Module,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// All modules of a crate but those of tests.
#[derive(Default)]
pub struct Modules {
    /// The files in the order in which they are declared.
    pub files: Vec<File>,
    places: BTreeMap<Module, String>,
}

impl Modules {
    /// Follows the declarations from the root of the crate.
    pub fn of(sources: &Sources) -> Result<Self, String> {
        let mut modules = Self::default();
        let root = ["lib.rs", "main.rs"].into_iter().find(|root| sources.contains_key(*root));
        modules.file(sources, root.ok_or("there is no lib.rs or main.rs")?, Module::new(), "")?;
        Ok(modules)
    }

    /// Reads a file whose children stand in a folder.
    fn file(&mut self, sources: &Sources, name: &str, module: Module, folder: &str) -> Result<(), String> {
        let text = sources.get(name).ok_or_else(|| format!("{name} is declared and not there"))?;
        let parsed = syn::parse_file(text).map_err(|error| format!("{name}: {error}"))?;
        if !is_for_tests(&parsed.attrs) {
            self.places.insert(module.clone(), name.to_owned());
            self.children(sources, name, &parsed.items, &module, folder)?;
            self.files.push(File { name: name.to_owned(), module, items: parsed.items });
        }
        Ok(())
    }

    fn children(
        &mut self,
        sources: &Sources,
        file: &str,
        items: &[Item],
        module: &Module,
        folder: &str,
    ) -> Result<(), String> {
        for child in items.iter().filter_map(as_module).filter(|child| !is_for_tests(&child.attrs)) {
            let name = child.ident.to_string();
            let below = format!("{folder}{name}/");
            let module: Module = module.iter().cloned().chain([name.clone()]).collect();
            if let Some((_, items)) = &child.content {
                self.places.insert(module.clone(), file.to_owned());
                self.children(sources, file, items, &module, &below)?;
                continue;
            }
            let beside = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let path = match stated_path(&child.attrs) {
                Some(path) => format!("{beside}{path}"),
                None if sources.contains_key(&format!("{below}mod.rs")) => format!("{below}mod.rs"),
                None => format!("{folder}{name}.rs"),
            };
            self.file(sources, &path, module, &below)?;
        }
        Ok(())
    }

    /// Is there such a module?
    pub fn contains(&self, module: &[String]) -> bool {
        self.places.contains_key(module)
    }

    /// The file of the deepest module in a path from the root of the crate, and what is named in it.
    pub fn deepest<'a, 'b>(&'a self, path: &'b [String]) -> (&'a str, &'b [String]) {
        let length = (0..=path.len()).rev().find(|length| self.contains(&path[..*length])).unwrap();
        (&self.places[&path[..length]], &path[length..])
    }
}

fn as_module(item: &Item) -> Option<&ItemMod> {
    if let Item::Mod(module) = item { Some(module) } else { None }
}

/// The path in `#[path = "…"]`.
fn stated_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Is what has these attributes there only in tests?
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .any(|attribute| attribute.parse_args::<Meta>().is_ok_and(|condition| needs_test(&condition)))
}

fn needs_test(condition: &Meta) -> bool {
    let Meta::List(list) = condition else { return condition.path().is_ident("test") };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
    match () {
        () if list.path.is_ident("all") => parts.iter().any(needs_test),
        () if list.path.is_ident("any") => !parts.is_empty() && parts.iter().all(needs_test),
        () => false,
    }
}
