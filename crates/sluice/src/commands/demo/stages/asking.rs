//! A week up to its firm result: demand, scaling, a query, units given back.

use super::files_alone::without_the_database;
use crate::commands::demo::programme::{self, DemandFile};
use crate::commands::demo::stage::{APPROVER, Stage, at};
use crate::failure::Failure;
use crate::output::write_file;
use crate::show::count;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_service::act::actor::Actor;
use sluice_service::service::HandedIn;
use sluice_service::weeks::publish::Publish;
use sluice_service::weeks::questions::{AnswerQuery, Raise};
use sluice_service::weeks::redistribute::HandBack;
use sluice_service::weeks::scale::ScaleWeek;
use sluice_store::tables::installations;
use sluice_wire::text::csv_line;

impl Stage {
    /// Suppliers send their demand; who leaves a figure open sends it later.
    pub(in super::super) fn demand(&mut self, week: Date) -> Result<(), Failure> {
        let files = programme::demand_files(self.installations, week, &mut self.random)?;
        let workbooks = files.iter().filter(|file| file.as_workbook).count();
        for file in files.iter().filter(|file| !file.careless) {
            let (name, bytes) = file.content()?;
            self.hand_in(week, file.supplier.party, &name, &bytes)?;
        }
        let suppliers = self.suppliers.len();
        self.tell(
            week,
            format!("{suppliers} suppliers send {}, {workbooks} of them workbooks.", count(files.len(), "demand file")),
        );
        self.demands.insert(week, files);
        Ok(())
    }

    fn demand_file(&self, week: Date, which: impl Fn(&&DemandFile) -> bool) -> Option<DemandFile> {
        self.demands.get(&week).and_then(|files| files.iter().find(which)).cloned()
    }

    /// FI21: a slip of the pen is held, and a corrected file takes its place. MSM-2: the same again is one receipt.
    pub(in super::super) fn slip(&mut self, week: Date) -> Result<(), Failure> {
        let Some(file) = self.demand_file(week, |file| !file.as_workbook && !file.careless) else { return Ok(()) };
        let (name, bytes) = file.content()?;
        let slip = DemandFile { units: file.units.map(|units| units * 10 + 40), ..file.clone() };
        let held = self.hand_in(week, file.supplier.party, &name, &slip.content()?.1)?;
        self.tell_verdict(&file, "a zero too many", &held);
        let again = self.hand_in(week, file.supplier.party, &name, &bytes)?;
        self.tell_verdict(&file, "sent again as it was meant", &again);
        let twice = self.hand_in(week, file.supplier.party, &name, &bytes)?;
        self.tell_verdict(&file, "and once more by mistake", &twice);
        Ok(())
    }

    /// CAL-3: a file refused in the last hour is corrected within grace.
    pub(in super::super) fn correct_in_grace(&mut self, week: Date) -> Result<(), Failure> {
        let Some(file) = self.demand_file(week, |file| file.careless) else { return Ok(()) };
        let (name, bytes) = file.content()?;
        let refused = self.hand_in(week, file.supplier.party, &name, &bytes)?;
        self.tell_verdict(&file, "twenty minutes before the cut-off", &refused);
        self.wait_until(at(week.saturating_add((-21).days()), 17, 20)?)?;
        let corrected = DemandFile { careless: false, ..file.clone() };
        let taken = self.hand_in(week, file.supplier.party, &name, &corrected.content()?.1)?;
        self.tell_verdict(&file, "corrected within grace", &taken);
        Ok(())
    }

    /// FI16: a file that comes too late is kept, answered and not counted.
    pub(in super::super) fn late(&mut self, week: Date) -> Result<(), Failure> {
        let Some(file) = self.demand_file(week, |file| !file.as_workbook) else { return Ok(()) };
        let late = DemandFile { units: file.units.map(|units| units + 7), ..file.clone() };
        let (name, bytes) = late.content()?;
        // Not into the folder of what counts.
        let handed =
            self.session.service.hand_in(self.session.now, &Actor::supplier(file.supplier.party), &name, &bytes)?;
        self.tell_verdict(&file, "half an hour after the cut-off", &handed);
        Ok(())
    }

    fn tell_verdict(&mut self, file: &DemandFile, when: &str, handed: &HandedIn) {
        let refused = handed.receipt.refused.iter().map(|(code, message)| format!("{code} {message}"));
        let findings = handed.verdict.iter().flat_map(|verdict| &verdict.findings);
        let why: Vec<String> = refused.chain(findings.map(|(code, message)| format!("{code} {message}"))).collect();
        let status = match &handed.verdict {
            Some(verdict) => verdict.status.word().to_ascii_lowercase(),
            None if handed.receipt.repeat => "the first receipt again".to_owned(),
            None => "refused".to_owned(),
        };
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        self.tell(file.week, format!("{} at {}, {when}: {status}{why}", file.supplier.party, file.s1sp));
    }

    /// The week is scaled and published as provisional.
    pub(in super::super) fn scale(&mut self, week: Date) -> Result<(), Failure> {
        let (mut capacity, mut demand, mut allocated) = (0, 0, 0);
        for s1sp in self.s1sps()? {
            let version = self.act(ScaleWeek { s1sp, week })?;
            for (_, of, asked, given) in &version.days {
                (capacity, demand, allocated) = (capacity + of, demand + asked, allocated + given);
            }
            self.act(Publish { s1sp, week, firm: false, approve: None })?;
        }
        self.tell(
            week,
            format!("Scaled and published: capacity {capacity}, counted demand {demand}, allocated {allocated}."),
        );
        if week == programme::WEEKS[0] {
            self.write_eligible(week)?;
            without_the_database(self)?;
        }
        Ok(())
    }

    /// MSM-11: a query is raised and answered.
    pub(in super::super) fn query(&mut self, week: Date) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[6], self.s1sps()?[0]);
        let question = "Why is Monday less than we asked for?".to_owned();
        let query = self.act_as(&Actor::supplier(supplier.party), Raise { s1sp, date: week, question })?;
        let answer = "Demand was above capacity; your line shows how the day was shared.".to_owned();
        self.act(AnswerQuery { query, answer })?;
        self.tell(week, format!("{} raises a query about {week} at {s1sp}; it is answered.", supplier.party));
        Ok(())
    }

    /// MSM-11: two operators make the result firm.
    pub(in super::super) fn firm(&mut self, week: Date) -> Result<(), Failure> {
        for s1sp in self.s1sps()? {
            self.act(Publish { s1sp, week, firm: true, approve: Some(APPROVER.to_owned()) })?;
        }
        self.tell(week, "Two operators make the result firm; authorisation opens.");
        Ok(())
    }

    /// MSM-13: a supplier gives units back early, so that others can have them.
    pub(in super::super) fn hand_back(&mut self, week: Date) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[2], self.s1sps()?[1]);
        let (date, units) = (Self::migration_days(week)?[2], self.scaled(10));
        let left = self.act_as(&Actor::supplier(supplier.party), HandBack { s1sp, date, units })?;
        self.tell(
            week,
            format!("{} gives {} of {date} at {s1sp} back and keeps {left}.", supplier.party, count(units, "unit")),
        );
        Ok(())
    }

    /// The eligible installations that were counted at the cut-off, for the same scaling without a database.
    fn write_eligible(&mut self, week: Date) -> Result<(), Failure> {
        let mut text = csv_line(["Party", "S1SP", "Eligible"]);
        for s1sp in self.s1sps()? {
            let counts = self.look(|work| Ok(installations::eligible_counts(&mut work.tx, &s1sp, week)?))?;
            for (party, units) in counts {
                text.push_str(&csv_line([party.as_str(), s1sp.as_str(), &units.to_string()]));
            }
        }
        write_file(&self.folder.join("eligible.csv"), text.as_bytes(), false)
    }
}
