//! REF-2: what has expired since an import, as things stand before it is undone.

use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::imports::cases::by_s1sp;
use jiff::civil::Date;
use sluice_rules::party::Party;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::imports::ImportRecord;

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

/// Whose authorisations a date needs, in order.
pub(crate) fn required(file: &Dossier, date: Date) -> Vec<Party> {
    let mut required = file.case.meters.required_on(date);
    required.sort_unstable();
    required
}
