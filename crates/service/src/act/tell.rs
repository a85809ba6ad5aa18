//! Whom an act tells of what it did.

use crate::act::work::Work;
use crate::error::Result;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::issued::{self, Notice};

/// Tells a party something about an installation.
///
/// # Errors
/// If the database fails.
pub fn tell(work: &mut Work<'_>, party: Party, rule: &str, chf: Option<Eui64>, words: &str) -> Result<()> {
    let notice = Notice { party, at: work.now, rule: rule.to_owned(), chf, words: words.to_owned() };
    Ok(issued::tell(&mut work.tx, &[notice])?)
}
