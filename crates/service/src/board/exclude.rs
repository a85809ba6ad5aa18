//! EXC-1: an installation is excluded by a decision.

use crate::act::work::Work;
use crate::board::ground::lapse_unfounded;
use crate::board::open::Board;
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use sluice_rules::authorisation::judge::Exclusion;
use sluice_rules::party::Eui64;
use sluice_rules::reference::category_on;
use sluice_store::tables::installations::{self, StoredExclusion};

/// EXC-1: a category that exists and is in effect, as the table writes it.
///
/// # Errors
/// If there is none; the message lists those there are.
pub fn checked(work: &Work<'_>, category: &str, date: Date) -> Result<String> {
    if let Some(found) = category_on(&work.books.categories, category.trim(), date) {
        return Ok(found.name.clone());
    }
    let known = work.books.categories.iter().filter(|category| category.from <= date);
    let known: Vec<&str> = known.map(|category| category.name.as_str()).collect();
    let message =
        format!("'{}' is no category of exclusions on {date}; there are {}", category.trim(), known.join(", "));
    Err(ServiceError::rule("EXC-1", message))
}

/// EXC-1: excludes an installation on a board as a whole from a date on; its authorisations from then on lapse.
///
/// # Errors
/// If the database fails.
pub fn exclude(
    work: &mut Work<'_>,
    board: &mut Board,
    chf: Eui64,
    category: &str,
    from: Date,
    origin: &str,
) -> Result<()> {
    let exclusion = StoredExclusion { fuel: None, category: category.to_owned(), from, origin: origin.to_owned() };
    installations::add_exclusion(&mut work.tx, chf, &exclusion)?;
    let Some((file, _)) = board.change(chf) else { return Ok(()) };
    let earlier = file.exclusion.take().filter(|earlier| earlier.from <= from);
    let new = Exclusion { category: exclusion.category, from };
    file.exclusion = Some(earlier.unwrap_or(new));
    let rows = file.live_rows();
    lapse_unfounded(work, board, &[(chf, rows)], None).map(drop)
}
