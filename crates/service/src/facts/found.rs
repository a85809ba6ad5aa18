//! What is known of an installation, put together from the tables.

use crate::error::Result;
use crate::facts::stop_table::StopTable;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::{HoldEntry, Stop};
use sluice_rules::authorisation::judge::{Exclusion, Proven, Subject};
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::{Authorisation, Case, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::installation::{Cohort, Fuel, MeterStatus};
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::point::Mpan;
use sluice_store::Tx;
use sluice_store::tables::attempts::{self, Attempts};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::{eui_number, number};
use sluice_store::tables::installations::{self, Registrations, StoredExclusion, StoredInstallation, StoredMeter};
use sluice_store::tables::parties::Dictionary;
use std::collections::HashMap;
use std::sync::Arc;

/// One installation with its authorisations and everything that decides on them.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The inventory's line.
    pub installation: StoredInstallation,
    /// Its meters and its live authorisations.
    pub case: Case,
    /// Its exclusion as a whole.
    pub exclusion: Option<Exclusion>,
    /// The attempts on it.
    pub attempts: Attempts,
    /// When its Device Model Combination was on the EPCL.
    pub proven: Arc<[Proven]>,
    /// Stop orders in force that may cover it.
    pub stops: Vec<Stop>,
    /// Holds that suppliers set and cleared.
    pub holds: Vec<HoldEntry>,
    /// The date of the schedule that has it as a Dormant installation, without an outcome.
    pub dormant: Option<Date>,
    /// Is it in the inventory no more?
    pub gone: bool,
    /// Its authorisations as they were loaded, and those that were added since.
    pub(crate) kept: Vec<StoredAuthorisation>,
    /// How many of them were loaded.
    pub(crate) loaded: usize,
}

impl CaseFile {
    /// What the rules judge it by.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            s1sp: self.installation.s1sp,
            mpan: self.installation.mpan,
            mprn: self.installation.mprn,
            meters: &self.case.meters,
            proven: &self.proven,
            exclusion: self.exclusion.as_ref(),
            migrated: self.attempts.migrated.is_some(),
            failed: self.attempts.failed,
            retry_from: self.attempts.retry_from,
            stops: &self.stops,
            holds: &self.holds,
            scheduled: scheduled(&self.case.rows).or(self.dormant),
        }
    }

    /// The priority of an authorisation; the last where it is not known.
    #[must_use]
    pub fn priority(&self, id: RowId) -> u16 {
        self.kept.iter().find(|stored| stored.row.id == id).map_or(u16::MAX, |stored| stored.priority)
    }

    /// An installation that is in the inventory no more, with the authorisations that it still has.
    pub(crate) fn of_gone(chf: Eui64, s1sp: S1sp, kept: Vec<StoredAuthorisation>, attempts: Attempts) -> Option<Self> {
        let nobody = StoredMeter { supplier: None, status: MeterStatus::Dormant };
        let installation = StoredInstallation {
            chf,
            s1sp,
            cohort: Cohort::Ioc,
            dmc: 0,
            mpan: Mpan::from_number(0)?,
            electricity: nobody,
            mprn: None,
            gas: None,
        };
        Some(Self {
            case: Case {
                meters: meters(&installation, &Registrations::new(), &[]),
                rows: kept.iter().map(|stored| stored.row).collect(),
                under_way: Vec::new(),
            },
            exclusion: None,
            attempts,
            proven: Arc::from([]),
            stops: Vec::new(),
            holds: Vec::new(),
            dormant: None,
            gone: true,
            loaded: kept.len(),
            kept,
            installation,
        })
    }

    /// Adds authorisations that have ended, to give them back.
    pub(crate) fn add_ended(&mut self, ended: &[StoredAuthorisation]) {
        self.case.rows.extend(ended.iter().map(|stored| stored.row));
        self.kept.extend_from_slice(ended);
        self.loaded = self.kept.len();
    }

    /// Adds what is kept of a new authorisation beside its state.
    pub fn keep(&mut self, stored: StoredAuthorisation) {
        self.kept.push(stored);
    }
}

/// OUT-4: the date of a schedule whose outcome is not known.
fn scheduled<'a>(rows: impl IntoIterator<Item = &'a Authorisation>) -> Option<Date> {
    let mut rows = rows.into_iter();
    rows.find(|row| matches!(row.state, State::Scheduled | State::Unknown)).map(|row| row.date)
}

/// What a row is judged by, beside the tables that it stands in: most rows of a file may be refused, and then nothing else is
/// asked of their installations.
pub struct Glance<'a> {
    /// The inventory's line.
    pub installation: &'a StoredInstallation,
    meters: Meters,
    exclusion: Option<Exclusion>,
    attempts: Option<&'a Attempts>,
    proven: &'a Arc<[Proven]>,
    stops: Vec<Stop>,
    holds: &'a [HoldEntry],
    dormant: Option<Date>,
    scheduled: Option<Date>,
}

impl Glance<'_> {
    /// What the rules judge it by.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            s1sp: self.installation.s1sp,
            mpan: self.installation.mpan,
            mprn: self.installation.mprn,
            meters: &self.meters,
            proven: self.proven,
            exclusion: self.exclusion.as_ref(),
            migrated: self.attempts.is_some_and(|attempts| attempts.migrated.is_some()),
            failed: self.attempts.map_or(0, |attempts| attempts.failed),
            retry_from: self.attempts.and_then(|attempts| attempts.retry_from),
            stops: &self.stops,
            holds: self.holds,
            scheduled: self.scheduled.or(self.dormant),
        }
    }
}

/// What is small and known before any installation is.
pub(crate) struct Known {
    pub(crate) dictionary: Dictionary,
    pub(crate) proven: HashMap<(S1sp, i64), Arc<[Proven]>>,
    pub(crate) stops: StopTable,
    none: Arc<[Proven]>,
}

impl Known {
    pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Self> {
        let proven = installations::proven(tx)?.into_iter().map(|(key, list)| (key, Arc::from(list))).collect();
        Ok(Self { dictionary: Dictionary::load(tx)?, proven, stops: StopTable::load(tx)?, none: Arc::from([]) })
    }
}

/// Installations that were found, with the facts about them side by side. Most rows of a file may be refused: only what a
/// decision is made on becomes a [`CaseFile`].
pub struct Found {
    s1sp: S1sp,
    /// The keys of the installations, beside them: they are searched for every row.
    keys: Vec<i64>,
    installations: Vec<StoredInstallation>,
    registrations: Registrations,
    exclusions: HashMap<i64, Vec<StoredExclusion>>,
    attempts: HashMap<i64, Attempts>,
    holds: HashMap<i64, Vec<HoldEntry>>,
    dormant: HashMap<i64, Date>,
    live: HashMap<i64, Vec<StoredAuthorisation>>,
}

impl Found {
    /// The installations of sorted keys with all their facts.
    pub(crate) fn load(tx: &mut Tx<'_>, known: &Known, s1sp: S1sp, keys: &[i64]) -> Result<Self> {
        let found = installations::find(tx, &known.dictionary, keys)?;
        let mut points: Vec<i64> = found.iter().map(|one| number(one.mpan.number())).collect();
        points.extend(found.iter().filter_map(|one| one.mprn).map(|mprn| number(mprn.number())));
        points.sort_unstable();
        points.dedup();
        Ok(Self {
            s1sp,
            keys: found.iter().map(|installation| eui_number(installation.chf)).collect(),
            installations: found,
            registrations: installations::registrations(tx, &known.dictionary, &points)?,
            exclusions: installations::exclusions(tx, keys)?,
            attempts: attempts::find(tx, keys)?,
            holds: sluice_store::tables::bars::holds(tx, keys)?,
            dormant: sluice_store::tables::dormant::in_schedule(tx, keys)?,
            live: authorisations::live(tx, keys)?,
        })
    }

    /// The place of an installation among those found.
    #[must_use]
    pub fn place(&self, chf: Eui64) -> Option<usize> {
        self.keys.binary_search(&eui_number(chf)).ok()
    }

    /// How many were found.
    pub(crate) fn len(&self) -> usize {
        self.installations.len()
    }

    /// One of them with everything that decides on it.
    pub(crate) fn file(&self, known: &Known, place: usize) -> CaseFile {
        let Glance { installation, meters, exclusion, attempts, proven, stops, holds, dormant, .. } =
            self.glance(known, place);
        let kept: Vec<StoredAuthorisation> = self.live_of(installation).cloned().collect();
        CaseFile {
            case: Case { meters, rows: kept.iter().map(|stored| stored.row).collect(), under_way: Vec::new() },
            exclusion,
            attempts: attempts.cloned().unwrap_or_default(),
            stops,
            holds: holds.to_vec(),
            proven: proven.clone(),
            dormant,
            gone: false,
            loaded: kept.len(),
            kept,
            installation: *installation,
        }
    }

    /// One of them as far as a row is judged by it; next to nothing is copied.
    pub(crate) fn glance<'a>(&'a self, known: &'a Known, place: usize) -> Glance<'a> {
        let installation = &self.installations[place];
        let key = eui_number(installation.chf);
        let excluded = self.exclusions.get(&key).map_or(&[][..], Vec::as_slice);
        Glance {
            installation,
            meters: meters(installation, &self.registrations, excluded),
            exclusion: whole(excluded),
            attempts: self.attempts.get(&key),
            stops: known.stops.of(installation),
            holds: self.holds.get(&key).map_or(&[][..], Vec::as_slice),
            proven: known.proven.get(&(installation.s1sp, installation.dmc)).unwrap_or(&known.none),
            dormant: self.dormant.get(&key).copied(),
            scheduled: scheduled(self.live_of(installation).map(|stored| &stored.row)),
        }
    }

    /// Its live authorisations. The units of rows at another S1SP, which served it before, are on another desk.
    fn live_of(&self, installation: &StoredInstallation) -> impl Iterator<Item = &StoredAuthorisation> {
        let live = self.live.get(&eui_number(installation.chf)).into_iter().flatten();
        live.filter(|stored| stored.s1sp == self.s1sp)
    }
}

/// EXC-1: the exclusion of the installation as a whole.
pub fn whole(excluded: &[StoredExclusion]) -> Option<Exclusion> {
    let whole = excluded.iter().find(|exclusion| exclusion.fuel.is_none())?;
    Some(Exclusion { category: whole.category.clone(), from: whole.from })
}

/// The meters of an installation with their registrations and exclusions.
pub fn meters(
    installation: &StoredInstallation,
    registrations: &Registrations,
    excluded: &[StoredExclusion],
) -> Meters {
    let meter = |fuel: Fuel, point: u64, stored: StoredMeter| Meter {
        fuel,
        supplier: stored.supplier,
        status: stored.status,
        registrations: registrations.get(&(number(point), fuel)).cloned().unwrap_or_default(),
        excluded: excluded.iter().find(|exclusion| exclusion.fuel == Some(fuel)).map(|exclusion| exclusion.from),
    };
    Meters {
        electricity: meter(Fuel::Electricity, installation.mpan.number(), installation.electricity),
        gas: installation.mprn.zip(installation.gas).map(|(mprn, gas)| meter(Fuel::Gas, mprn.number(), gas)),
    }
}
