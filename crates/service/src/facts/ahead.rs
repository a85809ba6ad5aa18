//! Installations with live rows are found before an act that looks at all of them, so that others go on meanwhile.

use crate::act::work::Work;
use crate::error::Result;
use crate::facts::dossier::by_installation;
use crate::facts::found::Lines;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::eui_keys;
use sluice_store::tables::parties::{self, Dictionary};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows with their installations, in order.
pub(crate) type Rows = Vec<(Eui64, Vec<StoredAuthorisation>)>;

/// What was found before an act of the installations that have live rows at each S1SP. An act takes it for what it asks for in the same
/// words; what it may have changed before it asks is no part of it.
pub(crate) struct Ahead {
    since: Date,
    dictionary: Dictionary,
    at: BTreeMap<S1sp, (Arc<Rows>, Arc<Lines>)>,
}

impl Ahead {
    /// What stands from a date on, with the suppliers as the act will have them.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn find(work: &mut Work<'_>, since: Date, dictionary: Dictionary) -> Result<Self> {
        let mut at = BTreeMap::new();
        for s1sp in parties::s1sps(&mut work.tx)? {
            let rows = rows_now(work, s1sp, since)?;
            let keys = eui_keys(rows.iter().map(|(chf, _)| *chf));
            let lines = Arc::new(Lines::load(&mut work.tx, &dictionary, &keys)?);
            at.insert(s1sp, (Arc::new(rows), lines));
        }
        Ok(Self { since, dictionary, at })
    }

    /// The lines of an S1SP, for who has the same numbers stand for the same parties.
    pub(crate) fn lines(&self, s1sp: S1sp, dictionary: &Dictionary) -> Option<Arc<Lines>> {
        let at = self.at.get(&s1sp).filter(|_| self.dictionary == *dictionary);
        at.map(|(_, lines)| Arc::clone(lines))
    }
}

/// The live rows of an S1SP for a date and later: found before the act, or now.
///
/// # Errors
/// If the database fails.
pub(crate) fn rows_since(work: &mut Work<'_>, ahead: Option<&Ahead>, s1sp: S1sp, since: Date) -> Result<Arc<Rows>> {
    let Some((rows, _)) = ahead.filter(|ahead| ahead.since == since).and_then(|ahead| ahead.at.get(&s1sp)) else {
        return rows_now(work, s1sp, since).map(Arc::new);
    };
    debug_assert_eq!(**rows, rows_now(work, s1sp, since)?);
    Ok(Arc::clone(rows))
}

fn rows_now(work: &mut Work<'_>, s1sp: S1sp, since: Date) -> Result<Rows> {
    Ok(by_installation(authorisations::from_day(&mut work.tx, &s1sp, since)?))
}
