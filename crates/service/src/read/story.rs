//! The story of one installation: where it is, what happens next, who has to act, and everything that happened.

mod also;
mod dormant;
mod holders;
mod next;
mod passed;
mod past;
mod reader;
mod step;

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use crate::read::story::holders::held_rows;
use crate::read::story::reader::{Happening, Reader, word};
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::responsibility::Meter;
use sluice_rules::installation::Fuel;
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, MpanError, Mprn};
use sluice_store::Scope;
use sluice_store::tables::{bars, installations};

/// The story of an installation, as far as the reader may know it.
#[derive(Debug, Clone, Serialize)]
pub struct Story {
    /// CHF Device ID.
    pub chf: String,
    /// What it is: S1SP, cohort, devices, type, meters with their suppliers.
    pub what: Vec<String>,
    /// Where it is.
    pub now: String,
    /// What happens next.
    pub next: String,
    /// Who has to act: DCC, S1SP, SUPPLIER or NOBODY, with the name if the reader may know it; OTHERS for a supplier that
    /// supplies no meter of it.
    pub who_acts: String,
    /// What else bears on it: holds, stop orders, exclusions, changes of supplier that are coming.
    pub also: Vec<String>,
    /// What happened, oldest first.
    pub history: Vec<Happening>,
}

/// The story of the installation that a text names by CHF Device ID, MPAN or MPRN. Of one with which a supplier has and had
/// nothing to do it is told what it is told of one that does not exist (MSM-14).
///
/// # Errors
/// If there is none, or the database fails.
pub fn story(work: &mut Look<'_>, which: &str) -> Result<Story> {
    let which = which.trim();
    let found = match find(work, which)? {
        Some(chf) => told(work, chf)?,
        None => None,
    };
    // What was asked for, and nothing more: not the CHF Device ID of a stranger's meter point.
    found.ok_or_else(|| ServiceError::Use(format!("there is no installation with the number {which}")))
}

fn find(work: &mut Look<'_>, which: &str) -> Result<Option<Eui64>> {
    let mistyped = match which.parse::<Mpan>() {
        Ok(mpan) => return Ok(installations::by_point(&mut work.tx, Fuel::Electricity, mpan.number())?),
        Err(error) => error,
    };
    if let Ok(mprn) = which.parse::<Mprn>() {
        return Ok(installations::by_point(&mut work.tx, Fuel::Gas, mprn.number())?);
    }
    if mistyped != MpanError::Digits {
        return Err(ServiceError::Use(format!("'{which}' is no MPAN: {mistyped} (MA102)")));
    }
    which.parse().map(Some).map_err(|_| {
        ServiceError::Use(format!("'{which}' is no CHF Device ID, MPAN (13 digits) or MPRN (6 to 10 digits)"))
    })
}

/// The story of an installation; nothing if there is none for the reader.
fn told(work: &mut Look<'_>, chf: Eui64) -> Result<Option<Story>> {
    let Some(s1sp) = installations::s1sp_of(&mut work.tx, chf)? else { return Ok(None) };
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let attempts = terms.attempts;
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, [chf])?;
    let file = facts.dossier(chf).ok_or_else(|| ServiceError::defect("an installation is missing"))?;
    let scope = *work.tx.scope();
    let reader = match scope {
        Scope::S1sp(_) => Reader::S1sp,
        Scope::Party(party) => Reader::Supplier(party),
        Scope::Dcc | Scope::Observer => Reader::Dcc,
    };
    let rows = held_rows(work, chf, reader)?;
    let supplies = reader.supplies(file, today);
    if !supplies && rows.is_empty() && !reader.was_noticed(work, chf)? {
        return Ok(None);
    }
    let history = crate::read::story::past::history(work, file, reader, &rows, supplies)?;
    let next = if supplies {
        crate::read::story::next::next(work, file, reader, attempts)?
    } else {
        crate::read::story::next::of_others(reader, &rows)
    };
    Ok(Some(Story {
        chf: chf.to_string(),
        what: what(work, file, reader, supplies)?,
        now: next.now,
        next: next.next,
        who_acts: next.who,
        also: next.also,
        history,
    }))
}

/// What it is, with the meters that the reader supplies; of others a supplier learns only that they are there, and what they are
/// now while it supplies one itself.
fn what(work: &mut Look<'_>, file: &Dossier, reader: Reader, supplies: bool) -> Result<Vec<String>> {
    let today = local_date(work.now);
    let (installation, meters) = (&file.installation, &file.case.meters);
    let dmc = bars::combinations(&mut work.tx)?.into_iter().find(|(number, ..)| *number == installation.dmc);
    let dmc = dmc.map_or_else(|| "unknown devices".to_owned(), |(_, code, _)| code);
    let (s1sp, cohort) = (installation.s1sp, installation.cohort);
    let devices = format!("served by {s1sp}, cohort {cohort}, Device Model Combination {dmc}");
    if !supplies {
        let others = meters.each().map(|meter| format!("{} meter of another supplier", word(meter)));
        return Ok([devices].into_iter().chain(others).collect());
    }
    let mut lines = vec![format!("{devices}, {}", meters.type_on(today))];
    let mprn = installation.mprn.map(|mprn| format!("MPRN {mprn}"));
    let points = [Some(format!("MPAN {}", installation.mpan)), mprn];
    for (meter, point) in meters.each().zip(points.into_iter().flatten()) {
        lines.push(meter_in_words(meter, &point, reader, today));
    }
    Ok(lines)
}

fn meter_in_words(meter: &Meter, point: &str, reader: Reader, today: Date) -> String {
    let supplier = meter.supplier_on(today);
    let fuel = word(meter);
    let status = match (meter.counts_on(today), meter.is_active_on(today)) {
        (false, _) => "excluded",
        (true, true) => "Active",
        (true, false) => "Dormant",
    };
    match reader {
        Reader::Supplier(party) if supplier != Some(party) => format!("{fuel} meter of another supplier, {status}"),
        _ => {
            let supplier = supplier.map_or("no known party".to_owned(), |party| party.to_string());
            format!("{fuel} meter of {supplier}, {point}, {status}")
        }
    }
}
