//! What is set aside, as those see it who look for what is due: it stands in nobody's way.

use crate::act::work::{Act, Look, key};
use crate::error::Result;
use sluice_store::tables::aside;
use std::collections::BTreeSet;

/// The kind under which a file is set aside: that of the act that gives its verdict.
pub const JUDGE: &str = "judge";

/// The details under which a file is set aside.
#[must_use]
pub fn of_file(file: i64) -> String {
    format!("{{\"file\":{file}}}")
}

/// What is set aside and not to be tried yet at the moment of the work.
#[derive(Debug, Default)]
pub struct Aside(BTreeSet<(String, String)>);

impl Aside {
    /// All of it.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load(work: &mut Look<'_>) -> Result<Self> {
        let all = aside::all(&mut work.tx)?.into_iter();
        let later = all.filter(|aside| aside.next.is_none_or(|next| work.now < next));
        Ok(Self(later.map(|aside| (aside.kind, aside.details)).collect()))
    }

    /// Is an act one of it?
    pub fn has<A: Act>(&self, act: &A) -> bool {
        !self.0.is_empty() && key(act).is_ok_and(|(kind, details)| self.0.contains(&(kind.to_owned(), details)))
    }
}
