//! Which days a file may name, at the moment that counts for it.

use crate::act::work::Work;
use crate::books::calendar::{WeekCalendar, local_date, week_of};
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::DayStatus;
use sluice_rules::calendar::Milestone;
use sluice_rules::intake::grace_until;

use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::{results, schedules, weeks};
use std::collections::{BTreeMap, HashSet};

/// The days of an S1SP as a file finds them.
pub struct Days {
    /// The local date for which responsibility is judged.
    pub today: Date,
    received: Timestamp,
    moment: Timestamp,
    open: BTreeMap<Date, OpenWeek>,
    withdrawal: BTreeMap<Date, Timestamp>,
    capacity: HashSet<Date>,
    locked: HashSet<Date>,
}

/// A week whose result is firm.
struct OpenWeek {
    cutoff: Timestamp,
    minutes: u64,
    /// Is it open at the moment that counts?
    open: bool,
}

impl Days {
    /// The days of a file's S1SP at the moment that counts for it: its receipt, or where its password came later, that.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load(work: &mut Work<'_>, file: &FileRecord, received: Timestamp, moment: Timestamp) -> Result<Self> {
        let mut days = Self {
            today: local_date(moment),
            received,
            moment,
            open: BTreeMap::new(),
            withdrawal: BTreeMap::new(),
            capacity: HashSet::new(),
            locked: HashSet::new(),
        };
        for monday in results::firm_weeks(&mut work.tx, &file.s1sp)? {
            days.add_week(work, file, monday)?;
        }
        for (s1sp, date, ..) in schedules::locked(&mut work.tx)? {
            if s1sp == file.s1sp {
                days.locked.insert(date);
            }
        }
        Ok(days)
    }

    fn add_week(&mut self, work: &mut Work<'_>, file: &FileRecord, monday: Date) -> Result<()> {
        let calendar = WeekCalendar::load(&mut work.tx, work.books, monday)?;
        let milestone = Milestone::AuthorisationCutoff;
        let cutoff = calendar.at(milestone);
        let grace = files::grace(&mut work.tx, &file.sender, &file.s1sp, milestone.id(), monday)?;
        let by_grace = cutoff <= self.moment && grace.is_some_and(|grace| !grace.used && self.moment < grace.until);
        // MSM-11: authorisation opens with the firm result, whenever that is.
        let versions = results::versions(&mut work.tx, &file.s1sp, monday)?;
        let firm = versions.iter().filter_map(|result| result.firm_at).min();
        let open = firm.is_some_and(|firm| firm <= self.received) && (self.moment < cutoff || by_grace);
        let minutes = calendar.rulebook.number("grace_minutes")?;
        self.open.insert(monday, OpenWeek { cutoff, minutes, open });
        self.withdrawal.extend(calendar.days.iter().map(|day| (day.date, day.withdrawal_cutoff.timestamp())));
        let capacity = weeks::capacity(&mut work.tx, &file.s1sp, monday, calendar.sunday())?;
        self.capacity.extend(capacity.iter().filter(|(_, capacity)| capacity.total() > 0).map(|(date, _)| *date));
        Ok(())
    }

    /// MA106: what a date is for this file.
    ///
    /// # Errors
    /// If the date has no week.
    pub fn status(&self, date: Date) -> Result<DayStatus> {
        let open = self.open.get(&week_of(date)?).is_some_and(|week| week.open) && !self.locked.contains(&date);
        Ok(match (open, self.capacity.contains(&date)) {
            (false, _) => DayStatus::Closed,
            (true, false) => DayStatus::NoMigrationDay,
            (true, true) => DayStatus::Open,
        })
    }

    /// MAM-6: may an authorisation for a date still be withdrawn?
    #[must_use]
    pub fn takes_withdrawal(&self, date: Date) -> bool {
        self.withdrawal.get(&date).is_some_and(|cutoff| self.moment < *cutoff)
    }

    /// CAL-3: grace for a file that was refused whole in the last hour before a cut-off.
    ///
    /// # Errors
    /// If the database fails.
    pub fn grant_grace(&self, work: &mut Work<'_>, file: &FileRecord, received: Timestamp) -> Result<()> {
        for (monday, week) in &self.open {
            if let Some(until) = grace_until(received, work.now, week.cutoff, week.minutes) {
                let milestone = Milestone::AuthorisationCutoff.id();
                files::grant_grace(&mut work.tx, &file.sender, &file.s1sp, milestone, *monday, until)?;
            }
        }
        Ok(())
    }

    /// CAL-3: once per party, S1SP and cut-off; a file that is taken uses the grace up, before the cut-off too.
    ///
    /// # Errors
    /// If the database fails.
    pub fn use_grace(&self, work: &mut Work<'_>, file: &FileRecord) -> Result<()> {
        for (monday, _) in self.open.iter().filter(|(_, week)| week.open) {
            let milestone = Milestone::AuthorisationCutoff.id();
            files::use_grace(&mut work.tx, &file.sender, &file.s1sp, milestone, *monday)?;
        }
        Ok(())
    }
}
