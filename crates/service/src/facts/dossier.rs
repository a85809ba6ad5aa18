//! What is known of one installation.

use jiff::civil::Date;
use sluice_rules::authorisation::bars::{HoldEntry, Stop};
use sluice_rules::authorisation::judge::{Exclusion, Proven, Subject};
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::{Authorisation, Case, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::installation::{Cohort, Fuel, MeterStatus};
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::point::Mpan;
use sluice_store::tables::attempts::Attempts;
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::convert::number;
use sluice_store::tables::installations::{Registrations, StoredExclusion, StoredInstallation};
use sluice_store::tables::meters::StoredMeter;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One installation with its authorisations and everything that decides on them.
#[derive(Debug, Clone)]
pub struct Dossier {
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

impl Dossier {
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
                once: false,
                forgets: false,
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

    /// Its live rows.
    #[must_use]
    pub fn live_rows(&self) -> Vec<Authorisation> {
        self.case.rows.iter().filter(|row| row.state.is_live()).copied().collect()
    }

    /// Adds authorisations that have ended, to give them back.
    pub(crate) fn add_ended(&mut self, ended: &[StoredAuthorisation]) {
        self.case.rows.extend(ended.iter().map(|stored| stored.row));
        self.kept.extend_from_slice(ended);
        self.loaded = self.kept.len();
    }

    /// Notes the codes for which authorisations change.
    pub(crate) fn explain(&mut self, codes: &str, which: impl Fn(&StoredAuthorisation) -> bool) {
        for stored in self.kept.iter_mut().filter(|stored| which(stored)) {
            codes.clone_into(&mut stored.codes);
        }
    }

    /// Adds what is kept of a new authorisation beside its state.
    pub fn keep(&mut self, stored: StoredAuthorisation) {
        // Of a million installations most have one, and a list that grows takes four places at first.
        self.kept.reserve_exact(1);
        self.kept.push(stored);
    }
}

/// OUT-4: the date of a schedule whose outcome is not known.
pub(crate) fn scheduled<'a>(rows: impl IntoIterator<Item = &'a Authorisation>) -> Option<Date> {
    let mut rows = rows.into_iter();
    rows.find(|row| matches!(row.state, State::Scheduled | State::Unknown)).map(|row| row.date)
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

/// Rows in the groups of their installations, in order.
pub(crate) fn by_installation(
    rows: impl IntoIterator<Item = StoredAuthorisation>,
) -> Vec<(Eui64, Vec<StoredAuthorisation>)> {
    let mut groups: BTreeMap<Eui64, Vec<StoredAuthorisation>> = BTreeMap::new();
    for stored in rows {
        groups.entry(stored.chf).or_default().push(stored);
    }
    groups.into_iter().collect()
}
