//! The programme on its simulated clock: people, reference data, files, and what is told of each week.

use super::inventory::{self, Home};
use super::programme::{self, Supplier, WEEKS};
use crate::failure::Failure;
use crate::output::write_file;
use crate::print::{Lines, print_line};
use crate::session::Session;
use crate::show::{progress, table};
use jiff::Timestamp;
use jiff::civil::{Date, time};
use sluice_rules::calendar::{days_of_week, local};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Act;
use sluice_service::imports::import::Imported;
use sluice_service::people::accounts::AddUser;
use sluice_service::service::{HandedIn, ImportFile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The operator.
const OPERATOR: &str = "alex";
/// The second one, who signs.
pub const APPROVER: &str = "billie";

/// The programme on its simulated clock.
pub struct Stage {
    pub session: Session,
    pub folder: PathBuf,
    pub installations: u64,
    pub suppliers: Vec<Supplier>,
    pub homes: Vec<Home>,
    pub random: fastrand::Rng,
    pub operator: Actor,
    /// The demand files of each week.
    pub demands: BTreeMap<Date, Vec<programme::DemandFile>>,
    /// What is told of each week, in its order.
    pub told: BTreeMap<Date, Vec<String>>,
    /// The responsibility event of the supplier that fails.
    pub event: Option<i64>,
    /// One supplier's day of the first week in words.
    pub explained: Option<Lines>,
    /// The inventory as it was imported last.
    pub inventory: String,
}

/// A moment, UK time.
///
/// # Errors
/// If it does not exist.
pub fn at(date: Date, hour: i8, minute: i8) -> Result<Timestamp, Failure> {
    let moment = local(date, time(hour, minute, 0, 0));
    moment.map(|at| at.timestamp()).ok_or_else(|| Failure::internal("a moment of the demonstration does not exist"))
}

/// Where what was sent of a week is kept.
fn week_folder(folder: &Path, week: Date) -> PathBuf {
    folder.join("inbound").join(week.to_string())
}

/// Where the demand files of a week are kept.
pub fn demand_folder(folder: &Path, week: Date) -> PathBuf {
    week_folder(folder, week).join("demand")
}

impl Stage {
    /// Prepares the programme: people and reference data.
    ///
    /// # Errors
    /// If the database or the folder fails.
    pub fn prepare(session: Session, folder: &Path, installations: u64) -> Result<Self, Failure> {
        let mut stage = Self {
            session,
            folder: folder.to_owned(),
            installations,
            suppliers: programme::suppliers()?,
            homes: Vec::new(),
            random: fastrand::Rng::with_seed(20_210_726),
            operator: Actor::console(),
            demands: BTreeMap::new(),
            told: BTreeMap::new(),
            event: None,
            explained: None,
            inventory: String::new(),
        };
        stage.session.now = at(jiff::civil::date(2021, 5, 24), 9, 0)?;
        for (name, role) in [(OPERATOR, Role::Operator), (APPROVER, Role::Approver)] {
            stage.act_as(&Actor::console(), AddUser { name: name.to_owned(), role, party: None, approve: None })?;
        }
        stage.operator = stage.session.service.account(OPERATOR)?;
        stage.import_all()?;
        Ok(stage)
    }

    fn import_all(&mut self) -> Result<(), Failure> {
        print_line("1. Reference data are imported")?;
        print_line("")?;
        let (inventory, homes) = inventory::inventory(self.installations, &mut self.random)?;
        self.homes = homes;
        self.inventory.clone_from(&inventory);
        let tables = [
            (ReferenceKind::Parties, inventory::parties()?),
            (ReferenceKind::Capacity, inventory::capacity(self.installations, &WEEKS)?),
            (ReferenceKind::Dmc, inventory::combinations()),
            (ReferenceKind::Epcl, inventory::proven()),
            (ReferenceKind::OutcomeCodes, inventory::outcome_codes()),
            (ReferenceKind::Inventory, inventory),
        ];
        let mut rows = Vec::new();
        for (kind, text) in tables {
            let added = self.import(kind, &text, None)?;
            rows.push(vec![kind.to_string(), added.added.to_string()]);
        }
        print_line(&table(&["Table", "Rows"], rows))?;
        let week = inventory::capacity(self.installations, &WEEKS[..1])?;
        write_file(&self.folder.join("reference").join("capacity-of-the-first-week.csv"), week.as_bytes(), false)
    }

    /// Imports a table, and keeps it in the folder.
    ///
    /// # Errors
    /// If it is refused, or the database fails.
    pub fn import(&mut self, kind: ReferenceKind, text: &str, approve: Option<&str>) -> Result<Imported, Failure> {
        let name = format!("{kind}.csv");
        write_file(&self.folder.join("reference").join(&name), text.as_bytes(), true)?;
        let bytes = text.as_bytes().to_vec();
        let file = ImportFile { kind, name: &name, bytes, as_at: None, approve, only_shown: false };
        Ok(self.session.service.import(self.session.now, &self.operator, file)?)
    }

    /// Sets the clock, and does what milestones ask for up to then.
    ///
    /// # Errors
    /// If the database fails.
    pub fn wait_until(&mut self, moment: Timestamp) -> Result<(), Failure> {
        self.session.now = self.session.now.max(moment);
        progress(&self.session.now.to_zoned(sluice_rules::calendar::LONDON).strftime("%A %-d %B %Y").to_string());
        self.session.service.catch_up(self.session.now)?;
        Ok(())
    }

    /// Does an act as the operator.
    ///
    /// # Errors
    /// If it is refused, or the database fails.
    pub fn act<U: Act>(&mut self, act: U) -> Result<U::Answer, Failure> {
        Ok(self.session.service.act(self.session.now, &self.operator, act)?)
    }

    /// Does an act as somebody.
    ///
    /// # Errors
    /// If it is refused, or the database fails.
    pub fn act_as<U: Act>(&mut self, by: &Actor, act: U) -> Result<U::Answer, Failure> {
        Ok(self.session.service.act(self.session.now, by, act)?)
    }

    /// Reads with the eyes of DCC.
    ///
    /// # Errors
    /// If the database fails.
    pub fn look<T>(
        &mut self,
        read: impl FnOnce(&mut sluice_service::act::work::Look<'_>) -> sluice_service::error::Result<T>,
    ) -> Result<T, Failure> {
        Ok(self.session.service.look(self.session.now, &Actor::console(), read)?)
    }

    /// Hands a file in as a party, and keeps it in the folder of its week: demand by itself, to be shared without a database.
    ///
    /// # Errors
    /// If the folder or the database fails.
    pub fn hand_in(&mut self, week: Date, party: Party, name: &str, bytes: &[u8]) -> Result<HandedIn, Failure> {
        let folder =
            if name.starts_with("DC_") { demand_folder(&self.folder, week) } else { week_folder(&self.folder, week) };
        write_file(&folder.join(name), bytes, true)?;
        Ok(self.session.service.hand_in(self.session.now, &Actor::supplier(party), name, bytes)?)
    }

    /// The S1SPs.
    ///
    /// # Errors
    /// If a code is none: a defect.
    pub fn s1sps(&self) -> Result<Vec<S1sp>, Failure> {
        Ok(programme::s1sps(self.installations)?.into_iter().map(|(s1sp, ..)| s1sp).collect())
    }

    /// A number of installations that is meant for a programme of the usual size.
    #[must_use]
    pub fn scaled(&self, units: u64) -> u64 {
        (units * self.installations / programme::SIZE).max(1)
    }

    /// The Migration Days of a week.
    ///
    /// # Errors
    /// If it is none: a defect.
    pub fn migration_days(week: Date) -> Result<Vec<Date>, Failure> {
        Ok(days_of_week(week).map_err(Failure::internal)?[..5].to_vec())
    }

    /// Tells something of a week, with its day.
    pub fn tell(&mut self, week: Date, words: impl Into<String>) {
        let day = self.session.now.to_zoned(sluice_rules::calendar::LONDON).strftime("%a %-d %b").to_string();
        self.told.entry(week).or_default().push(format!("{day:<10} {}", words.into()));
    }
}
