//! Which installations a supplier can have migrated, and a proposal for a week (MAM-13).

use crate::act::actor::{Actor, must_supply};
use crate::act::work::{Look, Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::facts::who;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::{Finding, ground, responsibility};
use sluice_rules::authorisation::standby::Allowance;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::{Fuel, InstallationType};
use sluice_rules::party::{Eui64, Party, PartyRole, S1sp};
use sluice_store::tables::convert::number;
use sluice_store::tables::installations::{self, StoredInstallation, StoredMeter};
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::{authorisations, files, results, weeks};
use sluice_wire::authorisation::Action;
use sluice_wire::written::{EligibleRow, ProposedRow};
use std::collections::BTreeMap;

/// How many installations are looked at at a time, so that memory does not grow with the inventory.
const BATCH: usize = 20_000;

/// Looks at every installation of an S1SP with all that is known of it, batch by batch.
pub(crate) fn each_case<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    terms: &MamTerms,
    on: impl FnMut(&Dossier, &Dictionary),
) -> Result<()> {
    each_case_that(work, s1sp, terms, &|_| true, on)
}

/// The same for those that a look at the inventory's line leaves.
fn each_case_that<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    terms: &MamTerms,
    wanted: &dyn Fn(&StoredInstallation) -> bool,
    mut on: impl FnMut(&Dossier, &Dictionary),
) -> Result<()> {
    let dictionary = Dictionary::load(&mut work.tx)?;
    let mut keys: Vec<Eui64> = Vec::new();
    installations::each_of(&mut work.tx, &dictionary, &s1sp, |installation: StoredInstallation| {
        if wanted(&installation) {
            keys.push(installation.chf);
        }
    })?;
    for batch in keys.chunks(BATCH) {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load(work, batch.iter().copied())?;
        for chf in batch {
            if let Some(file) = facts.dossier(*chf) {
                on(file, &dictionary);
            }
        }
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
    let terms = MamTerms::on(work.books, today).or_else(|_| MamTerms::latest(work.books))?;
    let suppliers = parties::all(&mut work.tx)?.into_iter().filter(|party| party.role == PartyRole::Supplier);
    let mut counts: BTreeMap<Party, u64> = suppliers.map(|party| (party.code, 0)).collect();
    each_case(work, s1sp, &terms, |file, _| {
        let authorised = file.case.rows.iter().any(|row| row.state.is_live());
        let lead = file.case.meters.lead_on(today);
        let Some(lead) = lead.filter(|_| !authorised && ground(&file.subject(), week, terms.attempts).is_empty())
        else {
            return;
        };
        *counts.entry(lead).or_default() += 1;
    })?;
    Ok(counts)
}

/// A line of an eligible list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibleLine {
    file: EligibleFacts,
    dmc: String,
    kind: InstallationType,
    /// The codes that say why not; none if it is eligible.
    pub reasons: Vec<RowCode>,
    who_acts: String,
    attempts: u64,
    last_failed: Option<Date>,
    /// On which of the dates asked for nothing speaks against it: holds, retries and the EPCL may differ from day to day.
    open_on: Vec<Date>,
    /// Does the supplier lead it, so that it uses up its allocation?
    leads: bool,
    /// Has it a live authorisation?
    authorised: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EligibleFacts {
    chf: Eui64,
    mpan: Option<sluice_rules::point::Mpan>,
    mprn: Option<sluice_rules::point::Mprn>,
}

impl EligibleLine {
    /// As a row of the file.
    #[must_use]
    pub fn row<'a>(&'a self, reasons: &'a str) -> EligibleRow<'a> {
        EligibleRow {
            chf: self.file.chf,
            mpan: self.file.mpan,
            mprn: self.file.mprn,
            dmc: &self.dmc,
            kind: self.kind,
            eligible: self.reasons.is_empty(),
            reasons,
            who_acts: &self.who_acts,
            attempts: self.attempts,
            reference: "",
        }
    }

    /// Its reasons, separated by blanks.
    #[must_use]
    pub fn reasons(&self) -> String {
        self.reasons.iter().map(|code| code.code()).collect::<Vec<_>>().join(" ")
    }
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

fn list_for(work: &mut Look<'_>, party: Party, s1sp: S1sp, on: Date, days: &[Date]) -> Result<Vec<EligibleLine>> {
    let today = local_date(work.now);
    let terms = MamTerms::on(work.books, today)?;
    let mut lines = Vec::new();
    // A supplier has what the inventory or a registration names it for; the rest need not be loaded.
    let dictionary = Dictionary::load(&mut work.tx)?;
    let registered = installations::registered_to(&mut work.tx, &dictionary, party)?;
    let may_concern = |installation: &StoredInstallation| {
        let own = |meter: &StoredMeter| meter.supplier == Some(party);
        let taken = |fuel, point| registered.contains(&(number(point), fuel));
        own(&installation.electricity)
            || installation.gas.as_ref().is_some_and(own)
            || taken(Fuel::Electricity, installation.mpan.number())
            || installation.mprn.is_some_and(|mprn| taken(Fuel::Gas, mprn.number()))
    };
    each_case_that(work, s1sp, &terms, &may_concern, |file, dictionary| {
        if file.case.meters.concerns(party, today) {
            let asked = Asked { party, today, on, days, attempts: terms.attempts };
            lines.push(line(file, dictionary, &asked));
        }
    })?;
    lines.sort_by_key(|line| line.file.chf);
    Ok(lines)
}

/// Who asks, and for which dates.
struct Asked<'a> {
    party: Party,
    today: Date,
    on: Date,
    days: &'a [Date],
    attempts: u64,
}

/// Why an installation cannot be authorised by a supplier for a date; no codes if it can.
fn reasons_on(file: &Dossier, asked: &Asked<'_>, date: Date) -> Vec<RowCode> {
    let mut findings: Vec<Finding> = ground(&file.subject(), date, asked.attempts);
    // No row is taken for a day that has come: who is not needed from tomorrow on (OUT-3) cannot authorise.
    let earliest = asked.today.tomorrow().unwrap_or(asked.today).max(date);
    findings.extend(responsibility(&file.case.meters, asked.party, asked.today, Some(earliest)));
    let mut reasons: Vec<RowCode> = findings.into_iter().map(|(code, _)| code).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn line(file: &Dossier, dictionary: &Dictionary, asked: &Asked<'_>) -> EligibleLine {
    let Asked { party, today, on, .. } = *asked;
    let meters = &file.case.meters;
    let reasons = reasons_on(file, asked, on);
    let mut who: Vec<&str> = reasons.iter().map(|code| who::on_code(*code)).collect();
    who.dedup();
    let own = |supplier: Option<Party>| supplier == Some(party);
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
        open_on: asked.days.iter().copied().filter(|day| reasons_on(file, asked, *day).is_empty()).collect(),
        leads: meters.lead_on(today) == Some(party),
        authorised: file.case.rows.iter().any(|row| row.state.is_live()),
    }
}

/// MAM-13: a proposed authorisation file for a week: filled up to the allocation and its standby of each day, never
/// attempted installations first, then by the oldest failed attempt, then by CHF Device ID. Read as [`list`] is.
///
/// # Errors
/// If the party is no supplier, its proposal is not for the reader, the week is not firm or the database fails.
pub fn propose(
    work: &mut Look<'_>,
    reader: &Actor,
    party: Party,
    s1sp: S1sp,
    week: Date,
) -> Result<Vec<ProposedRow<'static>>> {
    must_supply(&mut work.tx, party, "MAM-13", "a proposed authorisation file")?;
    reader.must_read_for(party, "the proposed authorisation file")?;
    let calendar = work.week(week)?;
    if !results::firm_weeks(&mut work.tx, &s1sp)?.contains(&week) {
        let message = format!("the week of {week} at {s1sp} is not firm yet; there is no allocation to fill");
        return Err(ServiceError::rule("MAM-13", message));
    }
    let milestone = Milestone::AuthorisationCutoff;
    let cutoff = calendar.at(milestone);
    let grace = files::grace(&mut work.tx, &party, &s1sp, milestone.id(), week)?;
    if work.now >= cutoff && !grace.is_some_and(|grace| !grace.used && work.now < grace.until) {
        let message =
            format!("authorisation of the week of {week} closed at {}; propose for a later week", in_words(cutoff));
        return Err(ServiceError::rule("MAM-13", message));
    }
    let ids = parties::user_ids(&mut work.tx, &party)?;
    let critical_supplier =
        *ids.first().ok_or_else(|| ServiceError::Use(format!("{party} has no registered User ID")))?;
    let today = local_date(work.now);
    let terms = MamTerms::on(work.books, today)?;
    let days = room(work, party, s1sp, &calendar, &terms)?;
    let dates: Vec<Date> = days.iter().map(|(date, ..)| *date).collect();
    let mut candidates = list_for(work, party, s1sp, calendar.sunday(), &dates)?;
    candidates.retain(|line| line.leads && !line.authorised);
    candidates.sort_by_key(|line| (line.attempts > 0, line.last_failed, line.file.chf));
    let mut rows = Vec::new();
    // The allocations of all days first: nobody waits in line on one day while another has units left.
    let units = days.iter().map(|(date, open, _)| (*date, *open));
    for (date, mut room) in units.chain(days.iter().map(|(date, _, standby)| (*date, *standby))) {
        candidates.retain(|line| {
            if room == 0 || !line.open_on.contains(&date) {
                return true;
            }
            room -= 1;
            rows.push(ProposedRow {
                mpan: line.file.mpan,
                mprn: line.file.mprn,
                chf: line.file.chf,
                date,
                action: Action::Authorise,
                critical_supplier,
                priority: None,
                reference: "",
            });
            false
        });
    }
    Ok(rows)
}

/// The Migration Days of a week, each with how many more rows of a party can have a unit, and how many more can wait.
fn room(
    work: &mut Look<'_>,
    party: Party,
    s1sp: S1sp,
    calendar: &WeekCalendar<'_>,
    terms: &MamTerms,
) -> Result<Vec<(Date, u64, u64)>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let allowances = authorisations::allowances(&mut work.tx, &s1sp, from, to)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, from, to)?;
    let days = capacity.iter().filter(|(_, capacity)| capacity.total() > 0).map(|(&date, _)| {
        let allowance: Allowance = allowances.get(&(party, date)).copied().unwrap_or_default();
        let standby = (allowance.allocation * terms.standby.percent / 100).max(terms.standby.minimum);
        (date, allowance.open(), standby.saturating_sub(allowance.standby))
    });
    Ok(days.collect())
}

#[cfg(test)]
#[path = "eligible_tests.rs"]
mod tests;
