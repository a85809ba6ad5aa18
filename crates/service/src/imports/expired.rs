//! What has expired since an import, as things stand before it is undone (REF-2), or before a change of supplier is cancelled (MAM-8).

use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::imports::cases::by_s1sp;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::imports::ImportRecord;
use sluice_store::tables::state_changes::{self, StateChange};
use std::collections::BTreeSet;

/// A row that has expired since an import.
#[derive(Debug)]
pub(crate) struct Expired {
    pub(crate) stored: StoredAuthorisation,
    /// Whose authorisations its date needs with the import (MAM-1).
    pub(crate) required: Vec<Party>,
}

/// The rows that have expired since an import, of some installations or of all; programs of before looked for none.
///
/// # Errors
/// If the database fails.
pub(crate) fn since(work: &mut Work<'_>, import: &ImportRecord, touched: Option<&[i64]>) -> Result<Vec<Expired>> {
    let Ok(terms) = MamTerms::on(work.books, local_date(work.now)) else { return Ok(Vec::new()) };
    if work.engine < 6 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let rows = authorisations::expired_since(&mut work.tx, import.applied_at, local_date(import.applied_at), touched)?;
    for (s1sp, cases) in by_s1sp(rows.into_iter()) {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load_rows(work, &cases)?;
        for (chf, rows) in cases {
            let file = facts.dossier(chf);
            found.extend(rows.into_iter().map(|stored| {
                let required = file.map(|file| required(file, stored.row.date)).unwrap_or_default();
                Expired { stored, required }
            }));
        }
    }
    Ok(found)
}

/// MAM-8: the rows of an installation that have expired beside those that lapsed with a change of supplier, for their dates and since
/// then. They return where with those nothing is missing; programs of before left them out.
///
/// # Errors
/// If the database fails.
pub(crate) fn beside(
    work: &mut Work<'_>,
    chf: Eui64,
    lapsed: &[StoredAuthorisation],
) -> Result<Vec<StoredAuthorisation>> {
    let dates: BTreeSet<Date> = lapsed.iter().map(|stored| stored.row.date).collect();
    let Some(first) = dates.first().copied().filter(|_| work.engine > 6) else { return Ok(Vec::new()) };
    let ended = |change: &StateChange| {
        change.became == State::Lapsed
            && lapsed.iter().any(|stored| (stored.row.id.file, stored.row.date) == (change.file, change.date))
    };
    let changes = state_changes::changes(&mut work.tx, chf)?;
    let Some(since) = changes.iter().filter(|change| ended(change)).map(|change| change.at).max() else {
        return Ok(Vec::new());
    };
    let mut rows = authorisations::expired_since(&mut work.tx, since, first, Some(&[eui_number(chf)]))?;
    let same_s1sp = |stored: &StoredAuthorisation| lapsed.iter().any(|other| other.s1sp == stored.s1sp);
    rows.retain(|stored| dates.contains(&stored.row.date) && same_s1sp(stored));
    Ok(rows)
}

/// Whose authorisations a date needs, in order.
pub(crate) fn required(file: &Dossier, date: Date) -> Vec<Party> {
    let mut required = file.case.meters.required_on(date);
    required.sort_unstable();
    required
}
