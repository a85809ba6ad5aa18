//! What suppliers have asked for: their queries and their holds. A supplier reads its own, DCC and observers read all (MSM-14).

use crate::act::actor::must_supply;
use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::HoldEntry;
use sluice_rules::authorisation::held::deciding;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::bars;
use sluice_store::tables::questions::{self, Question};

/// MSM-11: queries, oldest first: of one week or of all, and only those that wait for an answer where `open` says so.
///
/// # Errors
/// If the reader acts for another than a supplier, the date is no Monday, or the database fails.
pub fn queries(work: &mut Look<'_>, week: Option<Date>, open: bool) -> Result<Vec<Question>> {
    whose(work, "MSM-11", "the list of queries")?;
    let (from, to) = match week.map(days_of_week).transpose()? {
        Some(days) => (days[0], days[6]),
        None => (Date::MIN, Date::MAX),
    };
    let mut found = questions::all(&mut work.tx, from, to)?;
    found.retain(|query| !open || query.answered_at.is_none());
    Ok(found)
}

/// An entry of a supplier that says on which dates an installation is on hold, or is not any more.
#[derive(Debug, Clone, Copy)]
pub struct StandingHold {
    /// The installation.
    pub chf: Eui64,
    /// What it says.
    pub entry: HoldEntry,
    /// Since when.
    pub since: Timestamp,
}

/// MAM-12: the holds that count from today on, by installation and supplier, of one installation or of all. Where a part of one was
/// cleared, the entry that did so stands behind it.
///
/// # Errors
/// If the reader acts for another than a supplier, or the database fails.
pub fn holds(work: &mut Look<'_>, chf: Option<Eui64>) -> Result<Vec<StandingHold>> {
    let whose = whose(work, "MAM-12", "the list of holds")?;
    let today = local_date(work.now);
    let mut standing = Vec::new();
    let found = bars::holds_from(&mut work.tx, today, chf, whose)?;
    for of_one in found.chunk_by(|(one, first, _), (other, second, _)| (one, first.party) == (other, second.party)) {
        let entries: Vec<HoldEntry> = of_one.iter().map(|(_, entry, _)| *entry).collect();
        let decide = deciding(&entries, today);
        let stands = of_one.iter().zip(decide).filter(|(_, decides)| *decides).map(|(one, _)| *one);
        // What was cleared means nothing where nothing is left of what was held.
        let of_one: Vec<_> = stands.skip_while(|(_, entry, _)| !entry.sets).collect();
        standing.extend(of_one.into_iter().map(|(chf, entry, since)| StandingHold { chf, entry, since }));
    }
    Ok(standing)
}

/// Whose are read: a supplier's own; nothing stands for all.
fn whose(work: &mut Look<'_>, rule: &'static str, what: &str) -> Result<Option<Party>> {
    let party = work.by.party();
    if let Some(party) = party {
        must_supply(&mut work.tx, party, rule, what)?;
    }
    Ok(party)
}
