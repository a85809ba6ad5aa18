//! The test of the plan finds what it is for, in small crates that are made up.

use crate::document::Plan;
use crate::graph::Graph;
use crate::modules::Sources;

fn graph(files: &[(&str, &str)]) -> Graph {
    let sources: Sources = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Graph::of(&sources).unwrap()
}

/// The names that one file uses of another.
fn named(graph: &Graph, from: &str, to: &str) -> Vec<String> {
    graph.named(from, to).into_iter().collect()
}

#[track_caller]
fn assert_circle(files: &[(&str, &str)], words: &str) {
    assert_eq!(graph(files).circles(), [format!("a circle: {words}")]);
}

#[track_caller]
fn assert_no_circle(files: &[(&str, &str)]) {
    assert_eq!(graph(files).circles(), [""; 0]);
}

#[test]
fn a_circle_is_told_with_every_arrow_and_its_names() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::{B, other}; struct A;"),
        ("b.rs", "use crate::c::C; struct B; fn other() {}"),
        ("c.rs", "use crate::a::A; struct C;"),
        ("d.rs", "use crate::a::A;"),
    ];
    assert_circle(&files, "a.rs uses b.rs (B, other); b.rs uses c.rs (C); c.rs uses a.rs (A)");
}

#[test]
fn a_circle_goes_through_the_argument_of_a_macro() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "fn f() { println!(\"{}\", g(&[crate::b::deep::B.0])); }"),
        ("b.rs", "macro_rules! m { ($x:ident) => { $crate::a::f::<$x>() }; }"),
    ];
    assert_circle(&files, "a.rs uses b.rs (deep::B); b.rs uses a.rs (f)");
}

#[test]
fn a_circle_goes_through_pub_use() {
    // The facade stands for what it hands on: a child that goes by way of it makes a circle.
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b; mod c; pub use b::B;"),
        ("a/b.rs", "pub struct B;"),
        ("a/c.rs", "use super::B;"),
    ];
    assert_no_circle(&files);
    let with_both = [files[0], ("a.rs", "mod b; mod c; pub use b::B; pub use c::C;"), files[2], files[3]];
    assert_circle(&with_both, "a.rs uses a/c.rs (C); a/c.rs uses a.rs (B)");
}

#[test]
fn the_root_of_the_crate_is_a_facade_too() {
    let files = [("main.rs", "mod a; fn main() { a::run(); }"), ("a.rs", "pub fn run() -> crate::Result { loop {} }")];
    assert_circle(&files, "a.rs uses main.rs (Result); main.rs uses a.rs (run)");
}

#[test]
fn a_circle_goes_through_super_super() {
    let files = [
        ("lib.rs", "mod a; mod d;"),
        ("a.rs", "mod b;"),
        ("a/b.rs", "mod c;"),
        ("a/b/c.rs", "fn f() -> super::super::super::d::D { loop {} } use self::super::super::b as above;"),
        ("d.rs", "use crate::a::b::c;"),
    ];
    assert_circle(&files, "a/b/c.rs uses d.rs (D); d.rs uses a/b/c.rs (itself)");
    assert_eq!(named(&graph(&files), "a/b/c.rs", "a/b.rs"), ["itself"]);
}

#[test]
fn nested_braces_name_each_file() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::{b::{self, B, inner::{X, Y as Z}}, c::*, d};"),
        ("b.rs", "pub mod inner;"),
        ("b/inner.rs", ""),
        ("c.rs", "m!(use crate::{a::{A, B}, d::D};);"),
        ("d.rs", ""),
    ];
    let graph = graph(&files);
    assert_eq!(named(&graph, "a.rs", "b.rs"), ["B", "itself"]);
    assert_eq!(named(&graph, "a.rs", "b/inner.rs"), ["X", "Y"]);
    assert_eq!(named(&graph, "a.rs", "d.rs"), ["itself"]);
    assert_eq!(named(&graph, "c.rs", "a.rs"), ["A", "B"]);
    assert_eq!(graph.circles(), ["a circle: a.rs uses c.rs (itself); c.rs uses a.rs (A, B)"]);
}

#[test]
fn renamed_imports_are_followed() {
    let files = [
        ("lib.rs", "mod a; mod b; mod other;"),
        ("a.rs", "use crate::b as renamed; fn f() -> renamed::deep::B { loop {} }"),
        ("b.rs", "pub mod deep;"),
        ("b/deep.rs", "use crate::other::*; fn f(_: a::A) {}"),
        ("other.rs", "pub use crate::a;"),
    ];
    assert_eq!(named(&graph(&files), "a.rs", "b/deep.rs"), ["B"]);
    assert_circle(&files, "a.rs uses b/deep.rs (B); b/deep.rs uses a.rs (A)");
}

#[test]
fn a_parent_and_a_child_are_a_circle_only_if_both_use_the_other() {
    let ground = [("lib.rs", "mod a;"), ("a.rs", "mod b; pub struct A;"), ("a/b.rs", "use super::A;")];
    assert_no_circle(&ground);
    let both = [ground[0], ("a.rs", "mod b; pub struct A(b::B);"), ground[2]];
    assert_circle(&both, "a.rs uses a/b.rs (B); a/b.rs uses a.rs (A)");
}

#[test]
fn types_patterns_attributes_and_inline_modules_count() {
    let a = "use serde as b;
        #[derive(crate::b::Derive)] #[serde(with = \"crate::c\")] struct A<T: self::super::d::Bound>(T);
        mod inline { fn f(x: u8) -> u8 { match x { super::super::e::E => 1, _ => <u8 as crate::f::F>::f() } } }";
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e; mod f;"),
        ("a.rs", a),
        ("b.rs", "use crate::a::inline::f;"),
        ("c.rs", ""),
        ("d.rs", ""),
        ("e.rs", ""),
        ("f.rs", ""),
    ];
    let graph = graph(&files);
    let all = ["b.rs", "c.rs", "d.rs", "e.rs", "f.rs"].map(|to| named(&graph, "a.rs", to).join(" "));
    assert_eq!(all, ["Derive", "itself", "Bound", "E", "F::f"]);
    assert_eq!(named(&graph, "b.rs", "a.rs"), ["f"]);
}

#[test]
fn what_is_there_only_in_tests_does_not_count() {
    let a = "
        #[cfg(test)] mod tests { use crate::b::B; }
        #[cfg(all(unix, test))] use crate::b::B;
        struct A { #[cfg(test)] b: crate::b::B }
        impl A { #[cfg(test)] fn f() -> crate::b::B { loop {} } fn g() { #[cfg(test)] let _ = crate::b::f(); } }";
    let files = [
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod more_tests;"),
        ("a.rs", a),
        ("b.rs", "use crate::a::A;"),
        ("more_tests.rs", "this is not read at all"),
    ];
    assert_no_circle(&files);
    for condition in ["not(test)", "any(test, unix)", "unix"] {
        let counted = format!("#[cfg({condition})] use crate::b::B;");
        assert_circle(&[files[0], ("a.rs", &counted), files[2]], "a.rs uses b.rs (B); b.rs uses a.rs (A)");
    }
}

#[test]
fn neither_declaring_nor_showing_is_using() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "pub mod b; #[path = \"elsewhere/odd.rs\"] mod c; fn f(b: u8) -> u8 { b }"),
        ("a/b.rs", "pub(in crate::a) struct B; pub(super) fn f() { ::a::f(); std::fmt::f(); crate::a::g(); }"),
        ("elsewhere/odd.rs", "pub(crate) use super::g;"),
    ];
    assert_no_circle(&files);
    assert_eq!(named(&graph(&files), "a/b.rs", "a.rs"), ["g"]);
    assert_eq!(named(&graph(&files), "elsewhere/odd.rs", "a.rs"), ["g"]);
}

#[test]
fn a_file_that_is_missing_or_no_rust_is_told() {
    let of = |text: &str| Graph::of(&Sources::from([("lib.rs".to_owned(), text.to_owned())])).map(drop);
    assert_eq!(of("mod a;"), Err("a.rs is declared and not there".to_owned()));
    assert!(of("mod a {").unwrap_err().starts_with("lib.rs: "));
    assert_eq!(Graph::of(&Sources::new()).map(drop), Err("there is no lib.rs or main.rs".to_owned()));
}

#[test]
fn a_later_folder_must_not_be_used() {
    let files = [
        ("lib.rs", "mod first; mod second; pub use second::S;"),
        ("first.rs", "mod deep;"),
        ("first/deep.rs", "fn f() { crate::second::part::g(); }"),
        ("second/mod.rs", "mod part; pub struct S;"),
        ("second/part.rs", "use crate::first::F;"),
    ];
    let graph = graph(&files);
    let order = ["first", "second"].map(str::to_owned);
    assert_eq!(graph.folders(), order.clone().into());
    assert_eq!(graph.against(&order), ["a later folder: first/deep.rs uses second/part.rs (g)"]);
    let turned = ["second", "first"].map(str::to_owned);
    assert_eq!(graph.against(&turned), ["a later folder: second/part.rs uses first.rs (F)"]);
}

#[test]
fn the_plan_is_read_from_tables() {
    let document = "# Architecture\n\n| Crate | Uses |\n|---|---|\n| [`one`](x) | nothing |\n| `two` | `one` |\n\n\
                    ## The folders of `two`\n\n| Folder | What |\n|---|---|\n| `a/` | uses `x` |\n| `b/` | y |\n\n\
                    ## Other\n\n| `c` | d |\n";
    let plan = Plan::read(document).unwrap();
    assert_eq!(plan.crates().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!((plan.uses("one").len(), plan.uses("two")), (0, ["one".to_owned()].into()));
    assert_eq!(plan.folders("two"), Some(["a", "b"].map(str::to_owned).to_vec()));
    assert_eq!(plan.folders("one"), None);
    assert!(Plan::read("# Architecture\n").is_err());
}
