//! How much a change of reference data weighs, and so who signs for it (REF-2).

use crate::act::second::second_operator;
use crate::act::work::Work;
use crate::error::{Result, ServiceError};
use crate::words::count;
use jiff::{SignedDuration, Timestamp};
use sluice_rules::reference::{ImportDifference, ReferenceKind, needs_second_operator, needs_second_with_earlier};
use sluice_rules::rulebook::Rulebook;
use sluice_store::tables::imports::{self, ImportRecord};

/// The hours in which imports of one kind count as one change.
const TOGETHER: SignedDuration = SignedDuration::from_hours(24);

/// From when on what was imported or undone counts with it.
fn since(work: &Work<'_>) -> Result<Timestamp> {
    work.now.checked_sub(TOGETHER).map_err(ServiceError::defect)
}

/// REF-2: what an import of a kind comes on top of.
///
/// # Errors
/// If the database fails.
pub(crate) fn before_import(work: &mut Work<'_>, kind: ReferenceKind) -> Result<Vec<ImportDifference>> {
    let since = since(work)?;
    let mut imports = imports::all(&mut work.tx)?;
    imports.retain(|import| import.kind == kind);
    if work.engine > 3 {
        return Ok(in_these_hours(&imports, since));
    }
    imports.retain(|import| import.undone_at.is_none() && import.applied_at > since);
    Ok(imports.iter().map(|import| import.difference).collect())
}

/// REF-2: what the undoing of an import comes on top of.
///
/// # Errors
/// If the database fails.
pub(crate) fn before_undoing(work: &mut Work<'_>, undone: &ImportRecord) -> Result<Vec<ImportDifference>> {
    let since = since(work)?;
    let mut imports = imports::all(&mut work.tx)?;
    imports.retain(|import| import.kind == undone.kind && import.id != undone.id);
    if work.engine > 3 {
        return Ok(in_these_hours(&imports, since));
    }
    imports.retain(|import| import.applied_at > since || import.undone_at.is_some_and(|at| at > since));
    Ok(imports.iter().map(|import| import.difference).collect())
}

/// What was imported since then, and what was taken back since then. What came and went in these hours changes nothing, and what two
/// signed for is taken back by two.
fn in_these_hours(imports: &[ImportRecord], since: Timestamp) -> Vec<ImportDifference> {
    let change = |import: &ImportRecord| {
        let (came, went) = (import.applied_at > since, import.undone_at.is_some_and(|at| at > since));
        match (came, went) {
            (true, false) => Some(import.difference),
            (false, true) => Some(import.difference.undone()).filter(|_| !import.by_two),
            _ => None,
        }
    };
    imports.iter().filter_map(change).collect()
}

/// REF-2: did an import need two? Then it is not taken back by one. What programs before version 4 kept of it are its figures.
///
/// # Errors
/// If the rulebook lacks the percentage.
pub(crate) fn was_signed_by_two(work: &mut Work<'_>, import: &ImportRecord) -> Result<bool> {
    let percent = second_signature(work)?.number("second_signature_percent")?;
    let much = || needs_second_operator(&weighed(work, import.kind, &import.difference), percent);
    Ok(work.engine > 3 && (import.by_two || much()))
}

/// REF-2: does a change of a kind of data, that is small by itself, change much together with the ones before it?
///
/// # Errors
/// If the rulebook lacks the percentage.
pub(crate) fn is_a_slice(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    difference: &ImportDifference,
    earlier: &[ImportDifference],
) -> Result<bool> {
    let percent = second_signature(work)?.number("second_signature_percent")?;
    let weighed = |difference: &ImportDifference| weighed(work, kind, difference);
    let whole = weighed(difference);
    if needs_second_operator(&whole, percent) {
        return Ok(false);
    }
    // Rows that came without counting as a change are no more than that: else whoever adds many can change a few alone.
    let uncounted = |earlier: &ImportDifference| earlier.added - weighed(earlier).added;
    let new: u64 = earlier.iter().filter(|_| work.engine > 2).map(uncounted).sum();
    let before = whole.before.saturating_sub(new).max(whole.before.min(1));
    let earlier: Vec<ImportDifference> = earlier.iter().map(weighed).collect();
    Ok(needs_second_with_earlier(&ImportDifference { before, ..whole }, &earlier, percent))
}

/// What of a difference counts for that: new days of capacity change nothing that was there.
fn weighed(work: &Work<'_>, kind: ReferenceKind, difference: &ImportDifference) -> ImportDifference {
    let only_new = kind == ReferenceKind::Capacity && (work.engine > 1 || difference.changed == 0);
    ImportDifference { added: if only_new { 0 } else { difference.added }, ..*difference }
}

/// The rulebook that says when a second operator signs.
fn second_signature<'a>(work: &Work<'a>) -> Result<&'a Rulebook> {
    work.mam_rulebook()
}

/// REF-2: a second operator signs for what changes much, or anything that was accepted. What leaves a locked schedule was
/// accepted, too, and what is so for a reason `beside` its figures. Gives whether one is needed; what is only shown needs none yet.
///
/// # Errors
/// If one is needed and missing.
pub(crate) fn must_be_approved(
    work: &mut Work<'_>,
    approve: Option<&str>,
    (what, kind): (&str, ReferenceKind),
    difference: &ImportDifference,
    beside: bool,
) -> Result<bool> {
    let weighed = weighed(work, kind, difference);
    let book = second_signature(work)?;
    work.rulebook.clone_from(&book.id);
    let needed = needs_second_operator(&weighed, book.number("second_signature_percent")?) || beside;
    if needed {
        second_operator(work, approve, "REF-2", &in_figures(what, difference))?;
    }
    Ok(needed)
}

/// A change of reference data in figures, as a person signs for it.
fn in_figures(what: &str, difference: &ImportDifference) -> String {
    let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
    let ended = match accepted_rows {
        0 => String::new(),
        rows => format!(" and changes or ends {},", count(*rows, "authorisation")),
    };
    let rows = count(*before, "row");
    format!("{what} that adds {added}, changes {changed} and takes away {gone} of {rows},{ended}")
}
