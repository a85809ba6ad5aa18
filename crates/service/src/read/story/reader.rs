//! Who reads the story of an installation, and what it may know (MSM-14).

use crate::act::work::Look;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::responsibility::{Meter, Meters, Registration};
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::dormant;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Happening {
    /// When.
    #[serde(serialize_with = "crate::words::local")]
    pub at: jiff::Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// Who reads the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// DCC or an observer: everything.
    Dcc,
    /// The S1SP that serves it: what it carries out.
    S1sp,
    /// A supplier: its own.
    Supplier(Party),
}

impl Reader {
    /// Does it read what this party sent?
    pub(crate) fn reads(self, party: Party) -> bool {
        match self {
            Self::Dcc => true,
            Self::S1sp => false,
            Self::Supplier(reader) => reader == party,
        }
    }

    /// MSM-14: is what the installation is and will be its business? A supplier's if it supplies a meter or is registered for
    /// one from a later date on.
    pub(crate) fn supplies(self, file: &Dossier, today: Date) -> bool {
        let Self::Supplier(party) = self else { return true };
        let registered = |meter: &Meter| {
            let to_come = |registration: &Registration| registration.from > today && registration.party == Some(party);
            meter.supplier_on(today) == Some(party) || meter.registrations.iter().any(to_come)
        };
        file.case.meters.each().any(registered)
    }

    /// MSM-14: how it is told of a version of a schedule. A supplier is told none: the number counts what others changed as well.
    pub(crate) fn version(self, before: &str, version: i64) -> String {
        match self {
            Self::Supplier(_) => String::new(),
            Self::Dcc | Self::S1sp => format!("{before} version {version}"),
        }
    }

    /// Was it told of its Dormant migration?
    pub(crate) fn was_noticed(self, work: &mut Look<'_>, chf: Eui64) -> Result<bool> {
        let notices = dormant::notices_of(&mut work.tx, chf)?;
        Ok(notices.iter().any(|(_, noticed, _)| self.reads(*noticed)))
    }

    /// May it know which party another supplier of the installation is?
    pub(crate) fn knows(self, party: Party) -> bool {
        !matches!(self, Self::Supplier(reader) if reader != party)
    }

    /// How it is told of the supplier of a meter: by its code where it may know it, else by the meter.
    pub(crate) fn name(self, party: Party, meters: &Meters, date: Date) -> String {
        match meter_of(party, meters, date) {
            _ if self.knows(party) => party.to_string(),
            Some(meter) => format!("the supplier of the {} meter", word(meter)),
            None => "another supplier".to_owned(),
        }
    }

    /// The suppliers that have to act: first those whose code it may know, then the others by their meters.
    pub(crate) fn who(self, parties: &[Party], meters: &Meters, date: Date) -> String {
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
pub(crate) fn meter_of(party: Party, meters: &Meters, date: Date) -> Option<&Meter> {
    meters.each().find(|meter| meter.supplier_on(date) == Some(party))
}

/// The fuel of a meter within a sentence.
pub(crate) fn word(meter: &Meter) -> String {
    meter.fuel.word().to_ascii_lowercase()
}
