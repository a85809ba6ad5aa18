//! Which installations a supplier can have migrated (MAM-13).

use crate::act::actor::{Actor, must_supply};
use crate::act::work::{Look, Reads, Work};
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::found::Found;
use crate::facts::s1sp::Facts;
use crate::facts::who;
use crate::rows::asked::{reasons_on, takes_until};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::{Subject, ground};
use sluice_rules::authorisation::missing::Missing;
use sluice_rules::authorisation::responsibility::Meters;
use sluice_rules::calendar::LONDON;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, Party, PartyRole, S1sp};
use sluice_store::tables::counts::open::{self, Open};
use sluice_store::tables::installations;
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::results;
use sluice_wire::written::EligibleRow;
use std::collections::{BTreeMap, BTreeSet};

/// How many installations are looked at at a time, so that memory does not grow with the inventory.
const BATCH: usize = 20_000;

/// Looks at some installations of an S1SP with all that is known of them, batch by batch.
pub(crate) fn each_of<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    terms: &MamTerms,
    keys: &[Eui64],
    on: &mut dyn FnMut(&Dossier),
) -> Result<()> {
    for batch in keys.chunks(BATCH) {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load(work, batch.iter().copied())?;
        batch.iter().filter_map(|chf| facts.dossier(*chf)).for_each(&mut *on);
    }
    Ok(())
}

/// MSM-2a: the eligible installations of every supplier that leads them on a day (of the cut-off) and could have them migrated
/// on the Monday of a week: Active or Mixed, on the EPCL, not excluded, migrated or authorised.
///
/// # Errors
/// If the database fails.
pub fn counts<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    week: Date,
    today: Date,
) -> Result<BTreeMap<Party, u64>> {
    let terms = work.mam_terms_on(today)?;
    let suppliers = parties::all(&mut work.tx)?.into_iter().filter(|party| party.role == PartyRole::Supplier);
    let mut counts: BTreeMap<Party, u64> = suppliers.map(|party| (party.code, 0)).collect();
    let mut count = |meters: &Meters, subject: &Subject<'_>, homes: u64| {
        let lead = meters.lead_on(today).filter(|_| ground(subject, week, terms.attempts).is_empty());
        if let Some(lead) = lead {
            *counts.entry(lead).or_default() += homes;
        }
    };
    let facts = Facts::open(work, s1sp, terms.clone())?;
    let dictionary = Dictionary::load(&mut work.tx)?;
    let (alike, alone) = kinds(work, &facts, &dictionary, week)?;
    let found = Found::kinds(s1sp, &dictionary, alike.keys())?;
    for (place, homes) in alike.into_values().enumerate() {
        let one = facts.glance(&found, place);
        count(&one.meters, &one.subject(), homes);
    }
    each_of(work, s1sp, &terms, &alone, &mut |file| count(&file.case.meters, &file.subject(), 1))?;
    Ok(counts)
}

/// The open installations of an S1SP that are not excluded on a day: how many there are of each kind, and those that are to be looked at
/// alone, which have something that decides from day to day, or that a stop order lists.
fn kinds<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    facts: &Facts,
    dictionary: &Dictionary,
    on: Date,
) -> Result<(BTreeMap<Open, u64>, Vec<Eui64>)> {
    let (mut alike, mut alone) = (BTreeMap::new(), BTreeSet::new());
    for (kind, homes) in open::of_s1sp(&mut work.tx, dictionary, &facts.s1sp)? {
        // MA114: whatever else is known of it.
        if kind.excluded()?.is_some_and(|from| from <= on) {
            continue;
        }
        match kind.alone() {
            Some(home) => drop(alone.insert(home)),
            None => drop(alike.insert(kind, homes)),
        }
    }
    for (home, kind) in open::of_homes(&mut work.tx, dictionary, &facts.s1sp, facts.listed())? {
        if let Some(homes) = alike.get_mut(&kind) {
            *homes = homes.saturating_sub(1);
            alone.insert(home);
        }
    }
    Ok((alike, alone.into_iter().collect()))
}

/// A line of an eligible list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibleLine {
    pub(super) file: EligibleFacts,
    dmc: String,
    kind: InstallationType,
    /// The codes that say why not; none if it is eligible.
    pub reasons: Vec<RowCode>,
    who_acts: String,
    pub(super) attempts: u64,
    pub(super) last_failed: Option<Date>,
    /// On which of the dates asked for nothing speaks against it: holds, retries and the EPCL may differ from day to day.
    pub(super) open_on: Vec<Date>,
    /// Does the supplier lead it, so that it uses up its allocation?
    pub(super) leads: bool,
    /// The date of the supplier's live authorisation of it.
    pub(super) own: Option<Date>,
    /// Has it a live authorisation?
    pub(super) authorised: bool,
    /// MAM-1: the other suppliers' authorisations that wait for one of this supplier.
    pub(super) asked: Vec<Asked>,
}

/// MAM-1: another supplier's authorisation that waits for one of the supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) by: Party,
    pub(super) date: Date,
    /// MAM-11: is a unit of the supplier's kept for it?
    pub(super) kept: bool,
    /// Until when the supplier can answer it.
    until: Timestamp,
}

impl Asked {
    pub(super) fn until(&self) -> String {
        self.until.to_zoned(LONDON).strftime("%F %H:%M").to_string()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EligibleFacts {
    pub(super) chf: Eui64,
    pub(super) mpan: Option<sluice_rules::point::Mpan>,
    pub(super) mprn: Option<sluice_rules::point::Mprn>,
}

impl EligibleLine {
    /// As a row of the file, with what is said of it in [words](Self::words).
    #[must_use]
    pub fn row<'a>(&'a self, words: &'a EligibleWords) -> EligibleRow<'a> {
        EligibleRow {
            chf: self.file.chf,
            mpan: self.file.mpan,
            mprn: self.file.mprn,
            dmc: &self.dmc,
            kind: self.kind,
            eligible: self.reasons.is_empty(),
            reasons: &words.reasons,
            who_acts: &self.who_acts,
            attempts: self.attempts,
            reference: "",
            asked_by: &words.asked_by,
            asked_for: &words.asked_for,
            asked_until: &words.asked_until,
            authorised_for: self.own,
        }
    }

    /// What is said of it in words, each separated by blanks.
    #[must_use]
    pub fn words(&self) -> EligibleWords {
        let each = |of: &dyn Fn(&Asked) -> String| {
            let mut words: Vec<String> = self.asked.iter().map(of).collect();
            words.dedup();
            words.join(" ")
        };
        EligibleWords {
            reasons: self.reasons.iter().map(|code| code.code()).collect::<Vec<_>>().join(" "),
            asked_by: each(&|asked| asked.by.to_string()),
            asked_for: each(&|asked| asked.date.to_string()),
            asked_until: each(&Asked::until),
        }
    }

    /// Has the supplier an authorisation of it? A row for another date moves it (MAM-7).
    #[must_use]
    pub fn is_authorised(&self) -> bool {
        self.own.is_some()
    }

    /// Does another supplier's authorisation of it wait for one of this supplier (MAM-1)?
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        !self.asked.is_empty()
    }
}

/// What a line of an eligible list says in words.
#[derive(Debug, Clone)]
pub struct EligibleWords {
    reasons: String,
    asked_by: String,
    asked_for: String,
    asked_until: String,
}

/// MAM-13: the installations of a supplier at an S1SP, in the order of their key: eligible on a date, or why not and who
/// acts. A supplier's installations are those with a meter that it supplies. What decides on them is also others', so it is
/// read with DCC's scope, for a reader who may have the party's list.
///
/// # Errors
/// If the party is no supplier, its list is not for the reader, or the database fails.
pub fn list(work: &mut Look<'_>, reader: &Actor, party: Party, s1sp: S1sp, on: Date) -> Result<Vec<EligibleLine>> {
    must_supply(&mut work.tx, party, "MAM-13", "the eligible list")?;
    reader.must_read_for(party, "the eligible list")?;
    list_for(work, party, s1sp, on, &[on])
}

pub(super) fn list_for(
    work: &mut Look<'_>,
    party: Party,
    s1sp: S1sp,
    on: Date,
    days: &[Date],
) -> Result<Vec<EligibleLine>> {
    let today = local_date(work.now);
    let terms = MamTerms::on(work.books, today)?;
    let mut lines = Vec::new();
    // A supplier has what the inventory or a registration names it for; the rest need not be loaded.
    let dictionary = Dictionary::load(&mut work.tx)?;
    let may_concern = installations::may_concern(&mut work.tx, &dictionary, &s1sp, party)?;
    let untils = untils(work, party, s1sp)?;
    each_of(work, s1sp, &terms, &may_concern, &mut |file| {
        if file.case.meters.concerns(party, today) {
            let asking = Asking { party, today, on, days, attempts: terms.attempts, untils: &untils };
            lines.push(line(file, &dictionary, &asking));
        }
    })?;
    lines.sort_by_key(|line| line.file.chf);
    Ok(lines)
}

/// Until when rows of a party are taken for each open day.
fn untils(work: &mut Look<'_>, party: Party, s1sp: S1sp) -> Result<BTreeMap<Date, Timestamp>> {
    let mut untils = BTreeMap::new();
    for monday in results::firm_weeks(&mut work.tx, &s1sp)? {
        let calendar = work.week(monday)?;
        if let Some(until) = takes_until(work, party, s1sp, &calendar)? {
            // CAL-7: a day may be closed before its week.
            let of_day = |date: Date| Some((date, calendar.takes_until(date, until, work.now)?));
            untils.extend(calendar.days.iter().filter_map(|day| of_day(day.date)));
        }
    }
    Ok(untils)
}

/// Who asks, and for which dates.
struct Asking<'a> {
    party: Party,
    today: Date,
    on: Date,
    days: &'a [Date],
    attempts: u64,
    /// Until when rows of the party are taken, by day.
    untils: &'a BTreeMap<Date, Timestamp>,
}

fn line(file: &Dossier, dictionary: &Dictionary, asking: &Asking<'_>) -> EligibleLine {
    let Asking { party, today, on, .. } = *asking;
    let meters = &file.case.meters;
    let reasons_on = |date: Date| reasons_on(file, party, today, date, asking.attempts);
    let reasons = reasons_on(on);
    let mut who: Vec<&str> = reasons.iter().map(|code| who::on_code(*code)).collect();
    who.dedup();
    let own = |supplier: Option<Party>| supplier == Some(party);
    let waits = file.case.missing().into_iter().filter(|missing| missing.of == party);
    let asked = |missing: Missing| {
        let until = *asking.untils.get(&missing.date)?;
        let kept = file.case.has_kept((party, missing.date));
        Some(Asked { by: missing.by, date: missing.date, kept, until })
    };
    let gas = meters.gas.as_ref().and_then(|gas| gas.supplier_on(today));
    EligibleLine {
        file: EligibleFacts {
            chf: file.installation.chf,
            mpan: own(meters.electricity.supplier_on(today)).then_some(file.installation.mpan),
            mprn: file.installation.mprn.filter(|_| own(gas)),
        },
        dmc: dictionary.dmcs.get(&file.installation.dmc).cloned().unwrap_or_default(),
        kind: meters.type_on(today),
        reasons,
        who_acts: who.join(" "),
        attempts: file.attempts.failed,
        last_failed: file.attempts.last_failed,
        open_on: asking.days.iter().copied().filter(|day| reasons_on(*day).is_empty()).collect(),
        leads: meters.lead_on(today) == Some(party),
        own: file.case.rows.iter().find(|row| row.party == party && row.state.is_live()).map(|row| row.date),
        authorised: file.case.rows.iter().any(|row| row.state.is_live()),
        asked: waits.filter_map(asked).collect(),
    }
}

#[cfg(test)]
#[path = "eligible_tests.rs"]
mod tests;
