//! The days: judged again and locked, carried out and reported.

use super::authorising::in_words;
use crate::commands::demo::stage::Stage;
use crate::failure::Failure;
use crate::show::count;
use jiff::civil::{Date, Time, time};
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_service::days::lock::LockDay;
use sluice_store::tables::{outcomes, parties, schedules};
use sluice_wire::layout;
use sluice_wire::name::FileName;
use sluice_wire::text::csv_line;
use std::collections::BTreeMap;

/// How many homes of a day are left without an outcome in time.
const FORGOTTEN: usize = 3;

impl Stage {
    /// SCH-1: with fresh reference data every row of a day is judged again, and its schedule is issued.
    pub(in super::super) fn lock(&mut self, week: Date, day: usize) -> Result<(), Failure> {
        self.refresh(day)?;
        let date = Self::migration_days(week)?[day];
        let (mut lines, mut changed) = (0, BTreeMap::new());
        for s1sp in self.s1sps()? {
            let locked = self.act(LockDay { s1sp, date, waiver: None })?;
            lines += locked.lines;
            for (state, rows) in locked.changed.into_iter().filter(|(state, _)| state != "SCHEDULED") {
                *changed.entry(state).or_default() += rows;
            }
        }
        let fell = if changed.is_empty() { String::new() } else { format!("; {}", in_words(&changed)) };
        self.tell(week, format!("{date} is locked: {lines} in the schedules{fell}."));
        Ok(())
    }

    /// REF-1: the same tables again, as they stand now; nothing differs. The inventory may be older than the others.
    fn refresh(&mut self, day: usize) -> Result<(), Failure> {
        let mut kinds = vec![ReferenceKind::Epcl, ReferenceKind::Registrations];
        if day == 0 {
            kinds.push(ReferenceKind::Inventory);
        }
        for kind in kinds {
            let path = self.folder.join("reference").join(format!("{kind}.csv"));
            let text = std::fs::read_to_string(&path).map_err(|error| Failure::read(&path, &error))?;
            self.import(kind, &text, None)?;
        }
        Ok(())
    }

    /// What is in the latest schedule of a day and has no outcome yet.
    fn open_homes(&mut self, s1sp: S1sp, date: Date) -> Result<Vec<Eui64>, Failure> {
        self.look(|work| {
            let version = schedules::version(&mut work.tx, &s1sp, date)?;
            let lines = schedules::lines(&mut work.tx, &s1sp, date, version)?;
            let known = outcomes::of_day(&mut work.tx, &s1sp, date)?;
            let open = |chf: &Eui64| known.get(chf).is_none_or(|known| known.outcome.is_none());
            Ok(lines.into_iter().map(|line| line.chf).filter(open).collect())
        })
    }

    /// OUT-1: each S1SP says what it has begun with.
    pub(in super::super) fn begin(&mut self, week: Date, day: usize) -> Result<(), Failure> {
        let date = Self::migration_days(week)?[day];
        for s1sp in self.s1sps()? {
            let homes = self.open_homes(s1sp, date)?;
            let rows = homes
                .iter()
                .take(homes.len() / 4)
                .map(|chf| [chf.to_string(), "STARTED".to_owned(), String::new(), String::new()]);
            self.report_rows(week, s1sp, date, time(9, 0, 0, 0), rows.collect())?;
        }
        Ok(())
    }

    /// OUT-1: what became of each home. One S1SP forgets a few in the middle of the week.
    pub(in super::super) fn report(&mut self, week: Date, day: usize) -> Result<(), Failure> {
        let date = Self::migration_days(week)?[day];
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (place, s1sp) in self.s1sps()?.into_iter().enumerate() {
            let mut homes = self.open_homes(s1sp, date)?;
            if (place, day) == (1, 2) {
                homes.truncate(homes.len().saturating_sub(FORGOTTEN));
            }
            let started = self.look(|work| Ok(outcomes::of_day(&mut work.tx, &s1sp, date)?))?;
            let mut rows = Vec::new();
            for chf in homes {
                let (outcome, stage, code) = self.outcome(started.contains_key(&chf));
                *counts.entry(outcome.to_owned()).or_default() += 1;
                rows.push([chf.to_string(), outcome.to_owned(), stage.to_owned(), code.to_owned()]);
            }
            self.report_rows(week, s1sp, date, time(18, 15, 0, 0), rows)?;
        }
        let forgotten = if day == 2 { "; one S1SP forgets a few" } else { "" };
        self.tell(week, format!("{date} is over: {}{forgotten}.", in_words(&counts)));
        Ok(())
    }

    /// What becomes of a home: outcome, stage and code.
    fn outcome(&mut self, started: bool) -> (&'static str, &'static str, &'static str) {
        match self.random.u8(..100) {
            0..88 => ("MIGRATED", "", ""),
            88..91 => ("FAILED", "VALIDATION", "KEYS"),
            91..94 => ("FAILED", "DEVICE_TEST", "WAN"),
            94..96 => ("FAILED", "COMMISSIONING", "HAN"),
            96 => ("FAILED", "COMMISSIONING", "GT01"),
            _ if started => ("FAILED", "COMMISSIONING", "WAN"),
            _ => ("NOT_ATTEMPTED", "", ""),
        }
    }

    /// OUT-4: what was UNKNOWN is settled.
    pub(in super::super) fn late_outcomes(&mut self, week: Date, day: usize) -> Result<(), Failure> {
        let date = Self::migration_days(week)?[day];
        let s1sp = self.s1sps()?[1];
        let unknown = self.look(|work| {
            let known = outcomes::of_day(&mut work.tx, &s1sp, date)?;
            let missing = known
                .into_values()
                .filter(|known| known.outcome == Some(sluice_rules::authorisation::state::State::Unknown));
            Ok(missing.map(|known| known.chf).collect::<Vec<_>>())
        })?;
        let number = unknown.len();
        let rows = unknown.iter().map(|chf| [chf.to_string(), "MIGRATED".to_owned(), String::new(), String::new()]);
        self.report_rows(week, s1sp, date, time(23, 0, 0, 0), rows.collect())?;
        let homes = count(number, "outcome");
        self.tell(
            week,
            format!(
                "{homes} of {date} at {s1sp} had not come in time and were UNKNOWN; a late file settles them (OUT-4)."
            ),
        );
        Ok(())
    }

    /// Hands an outcome file in as the S1SP.
    fn report_rows(
        &mut self,
        week: Date,
        s1sp: S1sp,
        date: Date,
        stamp: Time,
        rows: Vec<[String; 4]>,
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut text = csv_line(layout::OUTCOME.columns.iter().copied());
        for [chf, outcome, stage, code] in rows {
            text.push_str(&csv_line([&chf, &outcome, &stage, &code, ""].map(|cell| cell as &str)));
        }
        let kind = FileKind::Outcomes;
        let name = FileName { kind, party: None, user_id: None, s1sp, date, time: Some(stamp), version: None };
        let party = self.look(|work| Ok(parties::of_s1sp(&mut work.tx, &s1sp)?))?;
        let party = party.ok_or_else(|| Failure::internal("an S1SP of the demonstration has no party"))?;
        self.hand_in(week, party, &format!("{name}.csv"), text.as_bytes()).map(drop)
    }
}
