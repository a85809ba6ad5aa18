//! Installations that are found in the tables, with the facts about them side by side.

use crate::error::{Result, ServiceError};
use crate::facts::dossier::{Dossier, meters, scheduled, whole};
use crate::facts::stop_table::StopTable;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::{HoldEntry, Stop};
use sluice_rules::authorisation::judge::{Exclusion, Proven, Subject};
use sluice_rules::authorisation::responsibility::Meters;
use sluice_rules::authorisation::settle::Case;
use sluice_rules::installation::Cohort;
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::View;
use sluice_store::tables::attempts::{self, Attempts};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::{eui_number, number};
use sluice_store::tables::counts::open::Open;
use sluice_store::tables::installations::{self, Registrations, StoredExclusion, StoredInstallation};
use sluice_store::tables::parties::Dictionary;
use std::collections::HashMap;
use std::sync::Arc;

/// What a row is judged by, beside the tables that it stands in: most rows of a file may be refused, and then nothing else is
/// asked of their installations.
pub struct Glance<'a> {
    /// The inventory's line.
    pub installation: &'a StoredInstallation,
    pub(crate) meters: Meters,
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
    pub(crate) fn load(tx: &mut View<'_>) -> Result<Self> {
        let proven = installations::proven(tx)?.into_iter().map(|(key, list)| (key, Arc::from(list))).collect();
        Ok(Self { dictionary: Dictionary::load(tx)?, proven, stops: StopTable::load(tx)?, none: Arc::from([]) })
    }
}

/// Installations that were found, with the facts about them side by side. Most rows of a file may be refused: only what a
/// decision is made on becomes a [`Dossier`].
pub struct Found {
    s1sp: S1sp,
    lines: Arc<Lines>,
    holds: HashMap<i64, Vec<HoldEntry>>,
    dormant: HashMap<i64, Date>,
}

/// The larger part of it, which no act changes before it looks at it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Lines {
    /// The keys that were asked for.
    asked: Vec<i64>,
    /// The keys of the installations, beside them: they are searched for every row.
    keys: Vec<i64>,
    installations: Vec<StoredInstallation>,
    registrations: Registrations,
    exclusions: HashMap<i64, Vec<StoredExclusion>>,
    attempts: HashMap<i64, Attempts>,
    live: HashMap<i64, Vec<StoredAuthorisation>>,
}

impl Lines {
    /// Those of sorted keys.
    pub(crate) fn load(tx: &mut View<'_>, dictionary: &Dictionary, keys: &[i64]) -> Result<Self> {
        let found = installations::find(tx, dictionary, keys)?;
        let mut points: Vec<i64> = found.iter().map(|one| number(one.mpan.number())).collect();
        points.extend(found.iter().filter_map(|one| one.mprn).map(|mprn| number(mprn.number())));
        points.sort_unstable();
        points.dedup();
        Ok(Self {
            asked: keys.to_vec(),
            keys: found.iter().map(|installation| eui_number(installation.chf)).collect(),
            installations: found,
            registrations: installations::registrations(tx, dictionary, &points)?,
            exclusions: installations::exclusions(tx, keys)?,
            attempts: attempts::find(tx, keys)?,
            live: authorisations::live(tx, keys)?,
        })
    }
}

impl Found {
    /// The installations of sorted keys with all their facts; of which the lines may have been found before the act.
    pub(crate) fn load(
        tx: &mut View<'_>,
        known: &Known,
        s1sp: S1sp,
        keys: &[i64],
        ahead: Option<Arc<Lines>>,
    ) -> Result<Self> {
        let lines = match ahead.filter(|lines| lines.asked == keys) {
            Some(lines) => {
                debug_assert_eq!(*lines, Lines::load(tx, &known.dictionary, keys)?);
                lines
            }
            None => Arc::new(Lines::load(tx, &known.dictionary, keys)?),
        };
        let holds = sluice_store::tables::bars::holds(tx, keys)?;
        Ok(Self { s1sp, lines, holds, dormant: sluice_store::tables::dormant::in_schedule(tx, keys)? })
    }

    /// One installation of each of several kinds, of which nothing is known but what is counted by, under numbers that no device has.
    pub(crate) fn kinds<'o>(
        s1sp: S1sp,
        dictionary: &Dictionary,
        kinds: impl IntoIterator<Item = &'o Open>,
    ) -> Result<Self> {
        let none = || ServiceError::defect("no meter point is numbered 0");
        let mut lines = Lines::default();
        for (kind, chf) in kinds.into_iter().zip((0..=u64::MAX).rev().map(Eui64)) {
            let (electricity, gas) = kind.meters(dictionary);
            let mprn = gas.map(|_| Mprn::from_number(0).ok_or_else(none)).transpose()?;
            let mpan = Mpan::from_number(0).ok_or_else(none)?;
            let (cohort, dmc) = (Cohort::Ioc, kind.dmc());
            lines.installations.push(StoredInstallation { chf, s1sp, cohort, dmc, mpan, electricity, mprn, gas });
            let attempts = Attempts { failed: kind.failed(), retry_from: kind.retry_from()?, ..Attempts::default() };
            lines.attempts.insert(eui_number(chf), attempts);
        }
        Ok(Self { s1sp, lines: Arc::new(lines), holds: HashMap::new(), dormant: HashMap::new() })
    }

    /// The place of an installation among those found.
    #[must_use]
    pub fn place(&self, chf: Eui64) -> Option<usize> {
        self.lines.keys.binary_search(&eui_number(chf)).ok()
    }

    /// How many were found.
    pub(crate) fn len(&self) -> usize {
        self.lines.installations.len()
    }

    /// One of them with everything that decides on it.
    pub(crate) fn dossier(&self, known: &Known, place: usize) -> Dossier {
        let Glance { installation, meters, exclusion, attempts, proven, stops, holds, dormant, .. } =
            self.glance(known, place);
        let kept: Vec<StoredAuthorisation> = self.live_of(installation).cloned().collect();
        Dossier {
            case: Case {
                meters,
                rows: kept.iter().map(|stored| stored.row).collect(),
                under_way: Vec::new(),
                once: false,
                forgets: false,
            },
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
        let (lines, installation) = (&self.lines, &self.lines.installations[place]);
        let key = eui_number(installation.chf);
        let excluded = lines.exclusions.get(&key).map_or(&[][..], Vec::as_slice);
        Glance {
            installation,
            meters: meters(installation, &lines.registrations, excluded),
            exclusion: whole(excluded),
            attempts: lines.attempts.get(&key),
            stops: known.stops.of(installation),
            holds: self.holds.get(&key).map_or(&[][..], Vec::as_slice),
            proven: known.proven.get(&(installation.s1sp, installation.dmc)).unwrap_or(&known.none),
            dormant: self.dormant.get(&key).copied(),
            scheduled: scheduled(self.live_of(installation).map(|stored| &stored.row)),
        }
    }

    /// Its live authorisations. The units of rows at another S1SP, which served it before, are on another board.
    fn live_of(&self, installation: &StoredInstallation) -> impl Iterator<Item = &StoredAuthorisation> {
        let live = self.lines.live.get(&eui_number(installation.chf)).into_iter().flatten();
        live.filter(|stored| stored.s1sp == self.s1sp)
    }
}
