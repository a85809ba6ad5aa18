//! One whole week on a simulated clock, from reference data to locked schedules, through the service's own doors.

mod authorising;
mod locking;

use super::inventory::{self, Home};
use super::programme::{self, DemandFile, Supplier, WEEK};
use crate::commands::print_line;
use crate::failure::Failure;
use crate::output::write_file;
use crate::session::Session;
use crate::show::{count, table};
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use sluice_rules::calendar::{days_of_week, local};
use sluice_rules::party::S1sp;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::scaling::PoolResult;
use sluice_service::actor::{Actor, Role};
use sluice_service::cases::accounts::AddUser;
use sluice_service::cases::questions::{AnswerQuery, Raise};
use sluice_service::cases::redistribute::HandBack;
use sluice_service::cases::scale::{Publish, ScaleWeek};
use sluice_service::service::{HandedIn, ImportFile};
use sluice_store::Scope;
use sluice_store::tables::{installations, results};
use sluice_wire::text::csv_line;
use std::path::{Path, PathBuf};

/// The programme on its simulated clock.
pub struct Week {
    session: Session,
    folder: PathBuf,
    installations: u64,
    suppliers: Vec<Supplier>,
    homes: Vec<Home>,
    random: fastrand::Rng,
    operator: Actor,
}

/// The operator and the second one.
const OPERATOR: &str = "alex";
const APPROVER: &str = "billie";

/// A moment of the year of the demonstration, UK time.
fn at(month: i8, day: i8, hour: i8, minute: i8) -> Result<Timestamp, Failure> {
    let moment = local(date(2021, month, day), time(hour, minute, 0, 0));
    moment.map(|at| at.timestamp()).ok_or_else(|| Failure::internal("a moment of the demonstration does not exist"))
}

impl Week {
    /// Prepares the programme: people and reference data.
    ///
    /// # Errors
    /// If the database or the folder fails.
    pub fn prepare(session: Session, folder: &Path, installations: u64) -> Result<Self, Failure> {
        let mut week = Self {
            session,
            folder: folder.to_owned(),
            installations,
            suppliers: programme::suppliers()?,
            homes: Vec::new(),
            random: fastrand::Rng::with_seed(20_210_726),
            operator: Actor::console(),
        };
        week.session.now = at(5, 24, 9, 0)?;
        for (name, role) in [(OPERATOR, Role::Operator), (APPROVER, Role::Approver)] {
            let act = AddUser { name: name.to_owned(), role, party: None };
            week.session.service.act(week.session.now, &Actor::console(), act)?;
        }
        week.operator = week.session.service.account(OPERATOR)?;
        week.import_all()?;
        Ok(week)
    }

    fn import_all(&mut self) -> Result<(), Failure> {
        print_line("1. Reference data are imported\n")?;
        let (inventory, homes) = inventory::inventory(self.installations, &mut self.random)?;
        self.homes = homes;
        let tables = [
            (ReferenceKind::Parties, inventory::parties()?),
            (ReferenceKind::Capacity, inventory::capacity(self.installations)?),
            (ReferenceKind::Dmc, inventory::combinations()),
            (ReferenceKind::Epcl, inventory::proven()),
            (ReferenceKind::Inventory, inventory),
        ];
        let mut rows = Vec::new();
        for (kind, text) in tables {
            let added = self.import(kind, &text, None)?;
            rows.push(vec![kind.to_string(), added.added.to_string()]);
        }
        print_line(&table(&["Table", "Rows"], rows))
    }

    /// Imports a table, and keeps it in the folder.
    fn import(
        &mut self,
        kind: ReferenceKind,
        text: &str,
        approve: Option<&str>,
    ) -> Result<sluice_service::cases::import::Imported, Failure> {
        let name = format!("{kind}.csv");
        write_file(&self.folder.join("reference").join(&name), text.as_bytes(), true)?;
        let bytes = text.as_bytes().to_vec();
        let file = ImportFile { kind, name: &name, bytes, as_at: None, approve, only_shown: false };
        Ok(self.session.service.import(self.session.now, &self.operator, file)?)
    }

    /// Sets the clock, and does what milestones ask for up to then.
    fn wait_until(&mut self, moment: Timestamp) -> Result<(), Failure> {
        self.session.now = moment;
        self.session.service.catch_up(moment)?;
        Ok(())
    }

    /// Hands a file in as its supplier, and keeps it in the folder.
    fn hand_in(&mut self, supplier: &Supplier, name: &str, bytes: &[u8]) -> Result<HandedIn, Failure> {
        write_file(&self.folder.join("inbound").join(name), bytes, true)?;
        Ok(self.session.service.hand_in(self.session.now, supplier.party, name, bytes)?)
    }

    fn s1sps(&self) -> Result<Vec<S1sp>, Failure> {
        Ok(programme::s1sps(self.installations)?.into_iter().map(|(s1sp, ..)| s1sp).collect())
    }

    /// Suppliers send their demand: one leaves a figure open and is corrected within grace, one slips and is held.
    ///
    /// # Errors
    /// If the database fails.
    pub fn demand(&mut self) -> Result<(), Failure> {
        let files = programme::demand_files(self.installations, &mut self.random)?;
        let workbooks = files.iter().filter(|file| file.as_workbook).count();
        print_line(&format!(
            "\n2. {} suppliers send {} for the week of {WEEK}, {workbooks} of them workbooks\n",
            self.suppliers.len(),
            count(files.len(), "demand file")
        ))?;
        self.wait_until(at(6, 8, 10, 0)?)?;
        for file in files.iter().filter(|file| !file.careless) {
            let (name, bytes) = file.content()?;
            self.hand_in(&file.supplier, &name, &bytes)?;
        }
        self.slip(&files)?;
        self.correct_in_grace(&files)
    }

    /// FI21: a slip of the pen is held, and a corrected file takes its place.
    fn slip(&mut self, files: &[DemandFile]) -> Result<(), Failure> {
        self.wait_until(at(6, 30, 11, 0)?)?;
        let Some(file) = files.iter().find(|file| !file.as_workbook && !file.careless) else { return Ok(()) };
        let (name, bytes) = file.content()?;
        let slip = DemandFile { units: file.units.map(|units| units * 10 + 40), ..file.clone() };
        let held = self.hand_in(&file.supplier, &name, &slip.content()?.1)?;
        self.tell_verdict(file, "a zero too many", &held)?;
        let again = self.hand_in(&file.supplier, &name, &bytes)?;
        self.tell_verdict(file, "sent again as it was meant", &again)
    }

    /// CAL-3: a file refused in the last hour is corrected within grace.
    fn correct_in_grace(&mut self, files: &[DemandFile]) -> Result<(), Failure> {
        self.wait_until(at(7, 5, 16, 40)?)?;
        for file in files.iter().filter(|file| file.careless) {
            let (name, bytes) = file.content()?;
            let refused = self.hand_in(&file.supplier, &name, &bytes)?;
            self.tell_verdict(file, "twenty minutes before the cut-off", &refused)?;
            self.wait_until(at(7, 5, 17, 20)?)?;
            let corrected = DemandFile { careless: false, ..file.clone() };
            let taken = self.hand_in(&file.supplier, &name, &corrected.content()?.1)?;
            self.tell_verdict(file, "corrected within grace", &taken)?;
        }
        Ok(())
    }

    fn tell_verdict(&self, file: &DemandFile, when: &str, handed: &HandedIn) -> Result<(), Failure> {
        let status = handed.verdict.as_ref().map_or("repeat".to_owned(), |verdict| verdict.status.to_ascii_lowercase());
        let findings = handed.verdict.iter().flat_map(|verdict| &verdict.findings);
        let why: Vec<String> = findings.map(|(code, message)| format!("{code} {message}")).collect();
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        print_line(&format!("   {} at {}, {when}: {status}{why}", file.supplier.party, file.s1sp))
    }

    /// The week is scaled and published; a query is raised and answered; two operators make it firm.
    ///
    /// # Errors
    /// If the database fails.
    pub fn scale(&mut self) -> Result<(), Failure> {
        self.wait_until(at(7, 5, 18, 0)?)?;
        print_line("\n3. The capacity of each S1SP and day is shared, published, and made firm by two operators\n")?;
        let s1sps = self.s1sps()?;
        let mut rows = Vec::new();
        for &s1sp in &s1sps {
            let version = self.session.service.act(self.session.now, &self.operator, ScaleWeek { s1sp, week: WEEK })?;
            let sum = |of: fn(&(String, u64, u64, u64)) -> u64| version.days.iter().map(of).sum::<u64>().to_string();
            rows.push(vec![s1sp.to_string(), sum(|day| day.1), sum(|day| day.2), sum(|day| day.3)]);
            self.publish(s1sp, false)?;
        }
        print_line(&table(&["S1SP", "Capacity", "Counted demand", "Allocated"], rows))?;
        self.query()?;
        self.wait_until(at(7, 12, 10, 0)?)?;
        for s1sp in s1sps {
            self.publish(s1sp, true)?;
        }
        self.hand_back()
    }

    fn publish(&mut self, s1sp: S1sp, firm: bool) -> Result<(), Failure> {
        let approve = firm.then(|| APPROVER.to_owned());
        self.session.service.act(self.session.now, &self.operator, Publish { s1sp, week: WEEK, firm, approve })?;
        Ok(())
    }

    fn query(&mut self) -> Result<(), Failure> {
        self.wait_until(at(7, 7, 9, 0)?)?;
        let (supplier, s1sp, date) = (self.suppliers[6], self.s1sps()?[0], WEEK);
        let question = "Why is Monday less than we asked for?".to_owned();
        let by = Actor::supplier(supplier.party);
        let query = self.session.service.act(self.session.now, &by, Raise { s1sp, date, question })?;
        let answer = "Demand was above capacity; your line shows how the day was shared.".to_owned();
        self.session.service.act(self.session.now, &self.operator, AnswerQuery { query, answer })?;
        print_line(&format!("   {} raised a query about {date} at {s1sp}; it is answered.", supplier.party))
    }

    /// MSM-13: a supplier gives units back early, so that others can have them.
    fn hand_back(&mut self) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[2], self.s1sps()?[1]);
        let date = days_of_week(WEEK).map_err(Failure::internal)?[2];
        let by = Actor::supplier(supplier.party);
        let units = (10 * self.installations / programme::SIZE).max(1);
        let left = self.session.service.act(self.session.now, &by, HandBack { s1sp, date, units })?;
        print_line(&format!("   {} gives {units} units of {date} at {s1sp} back and keeps {left}.", supplier.party))
    }

    /// The eligible installations that were counted at the cut-off, for the same scaling without a database.
    ///
    /// # Errors
    /// If the database fails.
    pub fn write_eligible(&mut self) -> Result<(), Failure> {
        let mut text = csv_line(["Party", "S1SP", "Eligible"]);
        for s1sp in self.s1sps()? {
            let mut tx = self.session.service.store().read(Scope::Dcc)?;
            for (party, units) in installations::eligible_counts(&mut tx, &s1sp, WEEK)? {
                text.push_str(&csv_line([party.as_str(), s1sp.as_str(), &units.to_string()]));
            }
        }
        write_file(&self.folder.join("eligible.csv"), text.as_bytes(), false)
    }

    /// Is a result that was computed without the database the one in it?
    ///
    /// # Errors
    /// If it is not: a defect.
    pub fn compare(&mut self, pools: &[PoolResult]) -> Result<usize, Failure> {
        let mut lines = 0;
        for pool in pools {
            let mut tx = self.session.service.store().read(Scope::Dcc)?;
            let stored = results::lines(&mut tx, &pool.s1sp, pool.date, pool.date, 1)?;
            let same = stored.len() == pool.lines.len()
                && pool.lines.iter().zip(&stored).all(|(line, stored)| {
                    let figures = (line.party, line.allocation, line.opening, line.closing);
                    figures == (stored.party, stored.allocation, stored.opening, stored.closing)
                });
            if !same {
                let message =
                    format!("{} on {} differs between database and files; this is a defect", pool.s1sp, pool.date);
                return Err(Failure::Internal(message));
            }
            lines += stored.len();
        }
        Ok(lines)
    }

    /// The Migration Days of the week.
    fn migration_days() -> Result<Vec<Date>, Failure> {
        Ok(days_of_week(WEEK).map_err(Failure::internal)?[..5].to_vec())
    }

    /// The database, for what comes after the week.
    pub fn into_session(self) -> Session {
        self.session
    }
}
