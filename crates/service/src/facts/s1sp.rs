//! The facts at one S1SP: the installations that somebody asks about, each with everything that decides on it.

use crate::act::work::{Reads, Work};
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::ahead::Ahead;
use crate::facts::dossier::Dossier;
use crate::facts::dossiers::Dossiers;
use crate::facts::found::{Found, Glance, Known};
use jiff::civil::Date;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::convert::{eui_keys, eui_number};
use sluice_store::tables::{attempts, outcomes};
use std::collections::HashSet;

/// Installations of one S1SP with everything that decides on them, each loaded once.
pub struct Facts {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The terms of the MAM.
    pub terms: MamTerms,
    /// The local date of the moment for which they are known.
    pub today: Date,
    known: Known,
    dossiers: Dossiers,
    started: HashSet<(Eui64, Date)>,
    /// Are dates settled once, as by the rules that decided before version 3?
    once: bool,
    /// Is of the places in line only standby kept, as by the rules that decided before version 8?
    forgets: bool,
}

impl Facts {
    /// No installation yet.
    ///
    /// # Errors
    /// If the database fails.
    pub fn open<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: S1sp, terms: MamTerms) -> Result<Self> {
        work.decided_under(&terms.rulebook);
        let (known, started) = (Known::load(&mut work.tx)?, outcomes::started(&mut work.tx)?);
        let (today, once, forgets) = (local_date(work.now), work.engine < 3, work.engine < 8);
        Ok(Self { s1sp, terms, today, known, dossiers: Dossiers::default(), started, once, forgets })
    }

    /// Loads installations that are not loaded yet; those that do not exist are left out.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load<'w>(
        &mut self,
        work: &mut Work<'w, impl Reads<'w>>,
        wanted: impl IntoIterator<Item = Eui64>,
    ) -> Result<()> {
        self.load_ahead(work, wanted, None)
    }

    /// The same of installations that may have been found before the act.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn load_ahead<'w>(
        &mut self,
        work: &mut Work<'w, impl Reads<'w>>,
        wanted: impl IntoIterator<Item = Eui64>,
        ahead: Option<&Ahead>,
    ) -> Result<()> {
        let missing: Vec<Eui64> = wanted.into_iter().filter(|chf| !self.dossiers.contains(*chf)).collect();
        if !missing.is_empty() {
            let lines = ahead.and_then(|ahead| ahead.lines(self.s1sp, &self.known.dictionary));
            let found = Found::load(&mut work.tx, &self.known, self.s1sp, &eui_keys(missing), lines)?;
            let dossiers: Vec<Dossier> = (0..found.len()).map(|place| found.dossier(&self.known, place)).collect();
            self.place(dossiers);
        }
        Ok(())
    }

    /// Loads installations with rows of theirs: also those that are in the inventory no more, with these rows alone.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load_rows(&mut self, work: &mut Work<'_>, rows: &[(Eui64, Vec<StoredAuthorisation>)]) -> Result<()> {
        self.load_rows_ahead(work, rows, None)
    }

    /// The same of installations that may have been found before the act.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn load_rows_ahead(
        &mut self,
        work: &mut Work<'_>,
        rows: &[(Eui64, Vec<StoredAuthorisation>)],
        ahead: Option<&Ahead>,
    ) -> Result<()> {
        self.load_ahead(work, rows.iter().map(|(chf, _)| *chf), ahead)?;
        let gone: Vec<_> = rows.iter().filter(|(chf, _)| !self.dossiers.contains(*chf)).collect();
        let mut keys: Vec<i64> = gone.iter().map(|(chf, _)| eui_number(*chf)).collect();
        keys.sort_unstable();
        let mut attempts = attempts::find(&mut work.tx, &keys)?;
        for (chf, rows) in gone {
            let attempts = attempts.remove(&eui_number(*chf)).unwrap_or_default();
            self.place(Dossier::of_gone(*chf, self.s1sp, rows.clone(), attempts));
        }
        Ok(())
    }

    /// Finds installations without loading them.
    ///
    /// # Errors
    /// If the database fails.
    pub fn find<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        wanted: impl IntoIterator<Item = Eui64>,
    ) -> Result<Found> {
        Found::load(&mut work.tx, &self.known, self.s1sp, &eui_keys(wanted), None)
    }

    /// The installations on the lists of stop orders in force (STOP-1), at whatever S1SP.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Eui64> {
        self.known.stops.listed()
    }

    /// An installation that was found, to look at it.
    #[must_use]
    pub fn glance<'a>(&'a self, found: &'a Found, place: usize) -> Glance<'a> {
        found.glance(&self.known, place)
    }

    /// Loads an installation that was found.
    pub fn take(&mut self, found: &Found, place: usize) {
        let dossier = found.dossier(&self.known, place);
        if !self.dossiers.contains(dossier.installation.chf) {
            self.place([dossier]);
        }
    }

    /// Places installations, with the days that are under way (OUT-1).
    fn place(&mut self, dossiers: impl IntoIterator<Item = Dossier>) {
        let (today, started, once, forgets) = (self.today, &self.started, self.once, self.forgets);
        self.dossiers.extend(dossiers.into_iter().map(|mut dossier| {
            let chf = dossier.installation.chf;
            let under_way = dossier.case.rows.iter().filter(|row| is_under_way(chf, row, today, started));
            dossier.case.under_way = under_way.map(|row| row.date).collect();
            (dossier.case.once, dossier.case.forgets) = (once, forgets);
            dossier
        }));
    }

    /// An installation that is loaded.
    #[must_use]
    pub fn dossier(&self, chf: Eui64) -> Option<&Dossier> {
        self.dossiers.get(chf)
    }

    /// The same, to change it.
    pub(crate) fn dossier_mut(&mut self, chf: Eui64) -> Option<&mut Dossier> {
        self.dossiers.get_mut(chf)
    }

    /// All that are loaded, in no order.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Dossier> {
        self.dossiers.each()
    }

    /// The same, to change them.
    pub(crate) fn each_mut(&mut self) -> impl Iterator<Item = &mut Dossier> {
        self.dossiers.each_mut()
    }

    /// Those that are loaded and for which a condition holds, in order.
    pub(crate) fn that(&self, holds: impl Fn(&Dossier) -> bool) -> Vec<Eui64> {
        self.dossiers.that(holds)
    }

    /// All that are loaded, in order.
    #[must_use]
    pub fn installations(&self) -> Vec<Eui64> {
        self.that(|_| true)
    }

    /// The installations that are loaded with their live rows, in order.
    #[must_use]
    pub fn live_rows(&self) -> Vec<(Eui64, Vec<Authorisation>)> {
        self.installations().into_iter().filter_map(|chf| Some((chf, self.dossier(chf)?.live_rows()))).collect()
    }

    /// OUT-1: is a row in the schedule of a day that is over, or has the S1SP reported that it has started? Then only its
    /// outcome changes it.
    #[must_use]
    pub fn is_under_way(&self, chf: Eui64, row: &Authorisation) -> bool {
        is_under_way(chf, row, self.today, &self.started)
    }

    /// OUT-1: has the S1SP reported that it has started with an installation on a day, and not yet how it ended?
    #[must_use]
    pub fn has_begun(&self, chf: Eui64, date: Date) -> bool {
        self.started.contains(&(chf, date))
    }
}

fn is_under_way(chf: Eui64, row: &Authorisation, today: Date, started: &HashSet<(Eui64, Date)>) -> bool {
    let scheduled = row.state == State::Scheduled;
    row.state == State::Unknown || (scheduled && (row.date < today || started.contains(&(chf, row.date))))
}
