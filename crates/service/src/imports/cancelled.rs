//! MAM-8: who was told of a change of supplier that is cancelled is told that it is.

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::imports::rows::by_s1sp;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations;
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::issued::{self, Notice};
use std::collections::{BTreeMap, BTreeSet};

/// How a notice begins that takes another one back.
pub(crate) const CANCELLED: &str = "the change of supplier is cancelled, so this holds no more";

/// MAM-8: tells who was told of a change, for a date that lies ahead, that it is cancelled: it has no meter of the installation on
/// that date any more, or what had lapsed is back. Once for what was told once.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_cancelled(work: &mut Work<'_>) -> Result<()> {
    let today = local_date(work.now);
    let told = if work.engine > 3 { issued::notices_under(&mut work.tx, "MAM-8")? } else { Vec::new() };
    let homes: BTreeSet<Eui64> = told.iter().filter_map(|notice| notice.chf).collect();
    let keys: Vec<i64> = homes.iter().copied().map(eui_number).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<_> = authorisations::live(&mut work.tx, &keys)?.into_values().flatten().collect();
    rows.extend(authorisations::lapsed_by_change(&mut work.tx, today)?);
    rows.retain(|stored| stored.row.date >= today && homes.contains(&stored.chf));
    for (s1sp, cases) in by_s1sp(rows.into_iter()) {
        let terms = MamTerms::on(work.books, today)?;
        let mut facts = Facts::open(work, s1sp, terms)?;
        facts.load(work, cases.iter().map(|(chf, _)| *chf))?;
        for (chf, rows) in cases {
            let Some(file) = facts.dossier(chf) else { continue };
            let dates: BTreeSet<Date> = rows.iter().map(|stored| stored.row.date).collect();
            for (party, notices) in standing(issued::notices_about(&mut work.tx, chf)?) {
                for notice in notices {
                    if has_a_meter(file, party, &dates) && !is_back(work, &notice, today)? {
                        continue;
                    }
                    tell(work, party, "MAM-8", Some(chf), &format!("{CANCELLED}: {}", notice.words))?;
                }
            }
        }
    }
    Ok(())
}

/// What parties were told under MAM-8 of an installation, but for what is taken back: that is quoted by a later notice.
fn standing(notices: Vec<Notice>) -> BTreeMap<Party, Vec<Notice>> {
    let mut standing: BTreeMap<Party, Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        let own = standing.entry(notice.party).or_default();
        let before = own.len();
        own.retain(|told| !notice.words.ends_with(&format!(": {}", told.words)));
        if own.len() == before && notice.rule == "MAM-8" {
            own.push(notice);
        }
    }
    standing
}

fn has_a_meter(file: &Dossier, party: Party, dates: &BTreeSet<Date>) -> bool {
    let mut meters = file.case.meters.each();
    meters.any(|meter| dates.iter().any(|date| meter.supplier_on(*date) == Some(party)))
}

/// Is everything for a date that lies ahead back, that lapsed when a party was told?
fn is_back(work: &mut Work<'_>, notice: &Notice, today: Date) -> Result<bool> {
    let Some(chf) = notice.chf else { return Ok(false) };
    let lapsed = authorisations::lapsed_at(&mut work.tx, chf, notice.at, today)?;
    Ok(!lapsed.is_empty() && lapsed.iter().all(|state| state.is_live()))
}
