//! The story of one installation: where it is, what happens next, who has to act, and everything that happened.

mod also;
mod dormant;
mod holders;
mod next;
mod past;

use crate::act::actor::s1sp_of as s1sp_of_party;
use crate::act::work::Work;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::read::story::holders::held_rows;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::responsibility::{Meter, Meters, Registration};
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, MpanError, Mprn};
use sluice_store::Scope;
use sluice_store::tables::{bars, dormant as dormant_notices, installations};

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
    pub history: Vec<Event>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// When.
    #[serde(with = "crate::words")]
    pub at: jiff::Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// The story of the installation that a text names by CHF Device ID, MPAN or MPRN. Of one with which a supplier has and had
/// nothing to do it is told what it is told of one that does not exist (MSM-14).
///
/// # Errors
/// If there is none, or the database fails.
pub fn story(work: &mut Work<'_>, which: &str) -> Result<Story> {
    let which = which.trim();
    let found = match find(work, which)? {
        Some(chf) => told(work, chf)?,
        None => None,
    };
    // What was asked for, and nothing more: not the CHF Device ID of a stranger's meter point.
    found.ok_or_else(|| ServiceError::Use(format!("there is no installation with the number {which}")))
}

fn find(work: &mut Work<'_>, which: &str) -> Result<Option<Eui64>> {
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
fn told(work: &mut Work<'_>, chf: Eui64) -> Result<Option<Story>> {
    let Some(s1sp) = installations::s1sp_of(&mut work.tx, chf)? else { return Ok(None) };
    let today = local_date(work.now);
    let terms = MamTerms::on(work.books, today).or_else(|_| MamTerms::latest(work.books))?;
    let attempts = terms.attempts;
    let mut board = Board::open(work, s1sp, terms)?;
    board.facts.load(work, [chf])?;
    let file = board.facts.dossier(chf).ok_or_else(|| ServiceError::defect("an installation is missing"))?;
    let scope = *work.tx.scope();
    let reader = match scope {
        Scope::Party(party) if s1sp_of_party(&mut work.tx, party)? == Some(s1sp) => Reader::S1sp,
        Scope::Party(party) => Reader::Supplier(party),
        _ => Reader::Dcc,
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
        what: what(work, file, reader)?,
        now: next.now,
        next: next.next,
        who_acts: next.who,
        also: next.also,
        history,
    }))
}

/// Who reads the story.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// DCC or an observer: everything.
    Dcc,
    /// The S1SP that serves it: what it carries out.
    S1sp,
    /// A supplier: its own.
    Supplier(Party),
}

impl Reader {
    /// Does it read what this party sent?
    fn reads(self, party: Party) -> bool {
        match self {
            Self::Dcc => true,
            Self::S1sp => false,
            Self::Supplier(reader) => reader == party,
        }
    }

    /// MSM-14: is what the installation is and will be its business? A supplier's if it supplies a meter or is registered for
    /// one from a later date on.
    fn supplies(self, file: &Dossier, today: Date) -> bool {
        let Self::Supplier(party) = self else { return true };
        let registered = |meter: &Meter| {
            let to_come = |registration: &Registration| registration.from > today && registration.party == Some(party);
            meter.supplier_on(today) == Some(party) || meter.registrations.iter().any(to_come)
        };
        file.case.meters.each().any(registered)
    }

    /// Was it told of its Dormant migration?
    fn was_noticed(self, work: &mut Work<'_>, chf: Eui64) -> Result<bool> {
        let notices = dormant_notices::notices_of(&mut work.tx, chf)?;
        Ok(notices.iter().any(|(_, noticed, _)| self.reads(*noticed)))
    }

    /// May it know which party another supplier of the installation is?
    fn knows(self, party: Party) -> bool {
        !matches!(self, Self::Supplier(reader) if reader != party)
    }

    /// How it is told of the supplier of a meter: by its code where it may know it, else by the meter.
    fn name(self, party: Party, meters: &Meters, date: Date) -> String {
        match meter_of(party, meters, date) {
            _ if self.knows(party) => party.to_string(),
            Some(meter) => format!("the supplier of the {} meter", word(meter)),
            None => "another supplier".to_owned(),
        }
    }

    /// The suppliers that have to act: first those whose code it may know, then the others by their meters.
    fn who(self, parties: &[Party], meters: &Meters, date: Date) -> String {
        let (known, others): (Vec<Party>, Vec<Party>) = parties.iter().partition(|party| self.knows(**party));
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        let mut who = Vec::new();
        if !known.is_empty() {
            who.push(format!("SUPPLIER {}", known.join(", ")));
        }
        let meters = others.iter().filter_map(|party| meter_of(*party, meters, date));
        who.extend(meters.map(|meter| format!("SUPPLIER of the {} meter", word(meter))));
        if who.is_empty() { "SUPPLIER".to_owned() } else { who.join(", ") }
    }
}

/// The first meter that a party supplies on a date.
fn meter_of(party: Party, meters: &Meters, date: Date) -> Option<&Meter> {
    meters.each().find(|meter| meter.supplier_on(date) == Some(party))
}

/// The fuel of a meter within a sentence.
fn word(meter: &Meter) -> String {
    meter.fuel.word().to_ascii_lowercase()
}

/// What it is, with the meters that the reader supplies; of others a supplier learns only that they are there.
fn what(work: &mut Work<'_>, file: &Dossier, reader: Reader) -> Result<Vec<String>> {
    let today = local_date(work.now);
    let (installation, meters) = (&file.installation, &file.case.meters);
    let dmc = bars::combinations(&mut work.tx)?.into_iter().find(|(number, ..)| *number == installation.dmc);
    let dmc = dmc.map_or_else(|| "unknown devices".to_owned(), |(_, code, _)| code);
    let mut lines = vec![format!(
        "served by {}, cohort {}, Device Model Combination {dmc}, {}",
        installation.s1sp,
        installation.cohort,
        meters.type_on(today)
    )];
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
