//! MAM-8: who gains a meter by a change of supplier is told so, and that it is cancelled.

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::ground::{concerned, lapsed_before};
use crate::board::save::{AUTHORISED, narrowing_told, narrowing_words};
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::imports::cases::by_s1sp;
use crate::rows::asked::{asked_date, asks};
use jiff::civil::Date;
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::eui_keys;
use sluice_store::tables::issued::{self, Notice};
use sluice_store::tables::state_changes;
use std::collections::{BTreeMap, BTreeSet};

/// How a notice begins that takes another one back.
pub(crate) const CANCELLED: &str = "the change of supplier is cancelled, so this holds no more";

/// MAM-8: tells of each home that a change of supplier touches, for a date that lies ahead, who gains what was not told so: an import
/// may name another supplier while the authorisation stays as it is. Then who was told of a change is told that it is cancelled. Once
/// for what was told once. It is looked at the sorted installations that are touched, or at all.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_changes(work: &mut Work<'_>, touched: Option<&[i64]>) -> Result<()> {
    if work.engine < 4 {
        return Ok(());
    }
    let today = local_date(work.now);
    let mut lapsed = authorisations::touched_by_change(&mut work.tx, today, touched)?;
    let keys: Vec<i64> = match touched {
        Some(touched) => touched.to_vec(),
        None => {
            let told = issued::notices_under(&mut work.tx, "MAM-8")?;
            let mut homes: BTreeSet<Eui64> = told.iter().filter_map(|notice| notice.chf).collect();
            homes.extend(lapsed.iter().map(|stored| stored.chf));
            if work.engine > 4 {
                let asked = issued::notices_under(&mut work.tx, "MAM-1")?;
                homes.extend(asked.iter().filter(|notice| asks(notice)).filter_map(|notice| notice.chf));
            }
            eui_keys(homes)
        }
    };
    lapsed.retain(|stored| stored.row.state == State::Lapsed);
    if work.engine > 4 {
        lapsed.extend(authorisations::lapsed_by_imports(&mut work.tx, today, touched)?);
    }
    if keys.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<_> = authorisations::live(&mut work.tx, &keys)?.into_values().flatten().collect();
    rows.extend(lapsed);
    rows.retain(|stored| stored.row.date >= today);
    for (s1sp, cases) in by_s1sp(rows.into_iter()) {
        let terms = MamTerms::on(work.books, today)?;
        let mut facts = Facts::open(work, s1sp, terms)?;
        facts.load(work, cases.iter().map(|(chf, _)| *chf))?;
        for (chf, rows) in cases {
            if let Some(file) = facts.dossier(chf) {
                tell_of_home(work, file, &rows, today)?;
            }
        }
    }
    Ok(())
}

fn tell_of_home(work: &mut Work<'_>, file: &Dossier, rows: &[StoredAuthorisation], today: Date) -> Result<()> {
    let (chf, meters) = (file.installation.chf, &file.case.meters);
    let dates: BTreeSet<Date> = rows.iter().map(|stored| stored.row.date).collect();
    let mut known = Vec::new();
    for notice in standing(issued::notices_about(&mut work.tx, chf)?).into_values().flatten() {
        if asks(&notice) {
            take_back_asked(work, meters, &notice, today)?;
        } else if notice.rule == "MAM-1" || holds(work, meters, &notice, &dates, today)? {
            known.push(notice);
        } else {
            tell(work, notice.party, "MAM-8", Some(chf), &format!("{CANCELLED}: {}", notice.words))?;
        }
    }
    // Of what lapsed since the inventory named another supplier, that one was told then.
    let by_registration = |stored: &&StoredAuthorisation| {
        stored.row.state != State::Lapsed || stored.codes.contains(RowCode::MA119.code())
    };
    for StoredAuthorisation { row, .. } in rows.iter().filter(by_registration) {
        // MAM-1: of what was authorised since, its supplier was told with that.
        let authorised = format!("{AUTHORISED}{} ", row.date);
        for (party, words) in due(meters, row) {
            let own = known.iter().filter(|notice| notice.party == party);
            if !own.map(|notice| &notice.words).any(|told| *told == words || told.starts_with(&authorised)) {
                tell(work, party, "MAM-8", Some(chf), &words)?;
                known.push(Notice { party, at: work.now, rule: "MAM-8".to_owned(), chf: Some(chf), words });
            }
        }
    }
    Ok(())
}

/// MAM-1: who was asked for an authorisation that is needed of it no more, and has sent none, is told so.
fn take_back_asked(work: &mut Work<'_>, meters: &Meters, asked: &Notice, today: Date) -> Result<()> {
    let (Some(chf), Some(date)) = (asked.chf, asked_date(asked)) else { return Ok(()) };
    if work.engine < 5 || date < today || meters.requires(asked.party, date) {
        return Ok(());
    }
    let sent = authorisations::of_installation(&mut work.tx, chf)?;
    if sent.iter().any(|stored| stored.row.party == asked.party && stored.row.date == date) {
        return Ok(());
    }
    let words = format!("it needs yours no more, so this holds no more: {}", asked.words);
    tell(work, asked.party, "MAM-1", Some(chf), &words)
}

/// MAM-8: what each that gains a meter is to know of an authorisation: that it stands for the other meter, or has lapsed.
fn due(meters: &Meters, row: &Authorisation) -> Vec<(Party, String)> {
    match row.state {
        State::Accepted | State::Scheduled if row.narrowed => narrowing_told(meters, row).into_iter().collect(),
        State::Lapsed => {
            let gains = |(_, words): &(Party, String)| *words == lapsed_before(row.date);
            concerned(meters, meters, row, false).into_iter().filter(gains).collect()
        }
        _ => Vec::new(),
    }
}

/// What parties were told under MAM-8 of an installation, or of its authorisation (MAM-1), but for what is taken back: that is quoted
/// by a later notice.
fn standing(notices: Vec<Notice>) -> BTreeMap<Party, Vec<Notice>> {
    let mut standing: BTreeMap<Party, Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        let own = standing.entry(notice.party).or_default();
        let before = own.len();
        own.retain(|told| !notice.words.ends_with(&format!(": {}", told.words)));
        let is_one =
            notice.rule == "MAM-8" || notice.rule == "MAM-1" && (notice.words.starts_with(AUTHORISED) || asks(&notice));
        if own.len() == before && is_one {
            own.push(notice);
        }
    }
    standing
}

/// Does a change still stand of which a party was told? Its meter of two is told by its fuel, whatever became of the other one. Of what
/// lapsed: while it gains any meter, or what lapsed is not back, and it has a meter at all.
fn holds(work: &mut Work<'_>, meters: &Meters, notice: &Notice, dates: &BTreeSet<Date>, today: Date) -> Result<bool> {
    let has = |meter: &Meter, date: &Date| meter.supplier_on(*date) == Some(notice.party);
    let told_of = |meter: &Meter, date: &&Date| notice.words == narrowing_words(meter.fuel, **date);
    if let Some((meter, date)) =
        meters.each().find_map(|meter| Some((meter, dates.iter().find(|date| told_of(meter, date))?)))
    {
        return Ok(has(meter, date));
    }
    let gained = |meter: &Meter, date: &Date| {
        has(meter, date) && meter.supplier != Some(notice.party) && notice.words == lapsed_before(*date)
    };
    let any = |of: &dyn Fn(&Meter, &Date) -> bool| meters.each().any(|meter| dates.iter().any(|date| of(meter, date)));
    Ok(any(&has) && (any(&gained) || !is_back(work, notice, today)?))
}

/// Is everything for a date that lies ahead back, that lapsed when a party was told?
fn is_back(work: &mut Work<'_>, notice: &Notice, today: Date) -> Result<bool> {
    let Some(chf) = notice.chf else { return Ok(false) };
    let lapsed = state_changes::lapsed_at(&mut work.tx, chf, notice.at, today)?;
    Ok(!lapsed.is_empty() && lapsed.iter().all(|state| state.is_live()))
}
