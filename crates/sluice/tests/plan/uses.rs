//! The paths that stand in a file.

use crate::modules::{File, Module, is_for_tests};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Field, FieldValue, ImplItem, Item, ItemMod, ItemUse, Local, Meta, TraitItem, UseTree, Variant};

/// A path as it is written, and the module in which it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// The module in which it stands.
    pub module: Module,
    /// Its segments.
    pub path: Vec<String>,
}

/// What a `use` brings into a module.
pub struct Import {
    /// The name under which it is known; `*` for all that is there.
    pub name: String,
    /// Where it comes from.
    pub from: Written,
}

/// What a file names.
#[derive(Default)]
pub struct Uses {
    /// All paths of more than one segment, and what is imported.
    pub written: Vec<Written>,
    /// What is imported.
    pub imports: Vec<Import>,
    module: Module,
}

impl Uses {
    /// Reads a file.
    pub fn of(file: &File) -> Self {
        let mut uses = Self { module: file.module.clone(), ..Self::default() };
        file.items.iter().for_each(|item| uses.visit_item(item));
        uses
    }

    fn write(&mut self, mut path: Vec<String>) -> Written {
        // `use a::{self}` is `use a`.
        if path.len() > 1 {
            path.pop_if(|last| last == "self");
        }
        self.written.push(Written { module: self.module.clone(), path: path.clone() });
        Written { module: self.module.clone(), path }
    }

    fn import(&mut self, before: &[String], tree: &UseTree) {
        let joined = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.import(&joined(&path.ident), &path.tree),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Name(name) => (joined(&name.ident), name.ident.to_string()),
            UseTree::Rename(rename) => (joined(&rename.ident), rename.rename.to_string()),
            UseTree::Glob(_) => (before.to_vec(), "*".to_owned()),
        };
        let name = if name == "self" { before.last().cloned().unwrap_or_default() } else { name };
        let from = self.write(path);
        self.imports.push(Import { name, from });
    }

    /// Finds paths in what the compiler has not parsed: `a::b`, and `a::{b, c::d}` as two paths that begin with `a`.
    fn scan(&mut self, tokens: TokenStream, before: &[String]) {
        // The colons before the next token, and the path so far; one that begins with colons is another crate's.
        let (mut colons, mut path, mut ours) = (0, Vec::new(), true);
        for token in tokens {
            match token {
                TokenTree::Punct(colon) if colon.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) if colons == 2 => {
                    ours &= !path.is_empty();
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Group(group) if colons == 2 && group.delimiter() == Delimiter::Brace && !path.is_empty() => {
                    let before: Vec<String> = before.iter().cloned().chain(path.drain(..)).collect();
                    self.scan(group.stream(), &before);
                    colons = 0;
                }
                other => {
                    self.end(before, &mut path, ours);
                    (colons, ours) = (0, true);
                    match other {
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        TokenTree::Group(group) => self.scan(group.stream(), &[]),
                        TokenTree::Literal(literal) => self.text(&literal.to_string()),
                        TokenTree::Punct(_) => {}
                    }
                }
            }
        }
        self.end(before, &mut path, ours);
    }

    /// Takes down a path that was found, if it is one.
    fn end(&mut self, before: &[String], path: &mut Vec<String>, ours: bool) {
        let whole: Vec<String> = before.iter().cloned().chain(path.iter().cloned()).collect();
        if ours && !path.is_empty() && whole.len() > 1 {
            self.write(whole);
        }
        path.clear();
    }

    /// A path in a text, as some attributes have it.
    fn text(&mut self, literal: &str) {
        let path: Vec<String> = literal.trim_matches('"').split("::").map(str::to_owned).collect();
        let first = ["crate", "self", "super"].contains(&path[0].as_str());
        if first && path.len() > 1 && path.iter().all(|name| syn::parse_str::<syn::Path>(name).is_ok()) {
            self.write(path);
        }
    }
}

/// Passes over what is there only in tests.
macro_rules! without_tests {
    ($($visit:ident, $node:ty, |$it:ident| $attributes:expr;)*) => {
        $(fn $visit(&mut self, $it: &'ast $node) {
            if !is_for_tests($attributes) {
                visit::$visit(self, $it);
            }
        })*
    };
}

impl<'ast> Visit<'ast> for Uses {
    without_tests! {
        visit_item, Item, |item| attributes(item);
        visit_impl_item, ImplItem, |item| of_impl_item(item);
        visit_trait_item, TraitItem, |item| of_trait_item(item);
        visit_field, Field, |field| &field.attrs;
        visit_field_value, FieldValue, |field| &field.attrs;
        visit_variant, Variant, |variant| &variant.attrs;
        visit_local, Local, |local| &local.attrs;
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.import(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.write(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.scan(call.tokens.clone(), &[]);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.scan(list.tokens.clone(), &[]);
        }
    }

    /// Who may see it is no use of them.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn of_impl_item(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

fn of_trait_item(item: &TraitItem) -> &[Attribute] {
    match item {
        TraitItem::Const(item) => &item.attrs,
        TraitItem::Fn(item) => &item.attrs,
        TraitItem::Type(item) => &item.attrs,
        TraitItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}
