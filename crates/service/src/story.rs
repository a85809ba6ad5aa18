//! The story of one installation: where it is, what happens next, who has to act, and everything that happened.

mod dormant;
mod next;
mod past;

use crate::actor::s1sp_of as s1sp_of_party;
use crate::calendar::local_date;
use crate::cases::exclusions::s1sp_of;
use crate::desk::{CaseFile, Desk, MamTerms};
use crate::error::{Result, ServiceError};
use crate::work::Work;
use serde::Serialize;
use sluice_rules::authorisation::responsibility::Meter;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::Scope;
use sluice_store::tables::bars;
use sluice_store::tables::installations;

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
    /// Who has to act: DCC, S1SP, SUPPLIER or NOBODY, with a name where there is one.
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

/// The installation that a text names: by CHF Device ID, MPAN or MPRN.
///
/// # Errors
/// If it names none that is known.
pub fn find(work: &mut Work<'_>, which: &str) -> Result<Eui64> {
    let which = which.trim();
    let unknown = || ServiceError::Use(format!("there is no installation with the number {which}"));
    if let Ok(mpan) = which.parse::<Mpan>() {
        return installations::by_point(&mut work.tx, Fuel::Electricity, mpan.number())?.ok_or_else(unknown);
    }
    if let Ok(mprn) = which.parse::<Mprn>() {
        return installations::by_point(&mut work.tx, Fuel::Gas, mprn.number())?.ok_or_else(unknown);
    }
    which.parse().map_err(|_| {
        ServiceError::Use(format!("'{which}' is no CHF Device ID, MPAN (13 digits) or MPRN (6 to 10 digits)"))
    })
}

/// The story of an installation. A supplier that has and had nothing to do with it is told that there is none.
///
/// # Errors
/// If there is none, or the database fails.
pub fn story(work: &mut Work<'_>, chf: Eui64) -> Result<Story> {
    let today = local_date(work.now);
    let s1sp = s1sp_of(work, chf)?;
    let terms = MamTerms::on(work.books, today).or_else(|_| MamTerms::latest(work.books))?;
    let attempts = terms.attempts;
    let mut desk = Desk::open(work, s1sp, terms)?;
    desk.load(work, [chf])?;
    let file = desk.case(chf).ok_or_else(|| ServiceError::defect("an installation is missing"))?;
    let scope = *work.tx.scope();
    let reader = match scope {
        Scope::Party(party) if s1sp_of_party(&mut work.tx, party)? == Some(s1sp) => Reader::S1sp,
        Scope::Party(party) => Reader::Supplier(party),
        _ => Reader::Dcc,
    };
    let history = past::history(work, file, reader)?;
    if !reader.is_concerned(file, today) && history.is_empty() {
        return Err(ServiceError::Use(format!("there is no installation with the number {chf}")));
    }
    let next = next::next(work, file, attempts)?;
    Ok(Story {
        chf: chf.to_string(),
        what: what(work, file, reader)?,
        now: next.now,
        next: next.next,
        who_acts: next.who,
        also: next.also,
        history,
    })
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

    /// Has it to do with the installation today?
    fn is_concerned(self, file: &CaseFile, today: jiff::civil::Date) -> bool {
        match self {
            Self::Dcc | Self::S1sp => true,
            Self::Supplier(party) => file.case.meters.concerns(party, today),
        }
    }
}

/// What it is, with the meters that the reader supplies; of others a supplier learns only that they are there.
fn what(work: &mut Work<'_>, file: &CaseFile, reader: Reader) -> Result<Vec<String>> {
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

fn meter_in_words(meter: &Meter, point: &str, reader: Reader, today: jiff::civil::Date) -> String {
    let supplier = meter.supplier_on(today);
    let fuel = meter.fuel.word().to_ascii_lowercase();
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
