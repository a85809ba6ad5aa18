//! Which days a file may name, at the moment that counts for it.

use crate::act::work::Work;
use crate::books::calendar::{local_date, week_of};
use crate::error::Result;
use crate::files::grace;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use sluice_rules::authorisation::judge::DayStatus;
use sluice_rules::calendar::Milestone;

use sluice_store::tables::files::FileRecord;
use sluice_store::tables::{results, schedules, weeks};
use std::collections::{BTreeMap, HashSet};

/// The days of an S1SP as a file finds them.
pub struct Days {
    /// The local date for which responsibility is judged.
    pub today: Date,
    received: Timestamp,
    moment: Timestamp,
    /// The firm weeks; is each open at the moment that counts?
    open: BTreeMap<Date, bool>,
    /// The firm weeks whose cut-off has passed, with that moment.
    over: BTreeMap<Date, Timestamp>,
    /// CAL-7: the days that were to be locked before the cut-off of their week, with that moment.
    closed: BTreeMap<Date, Timestamp>,
    withdrawal: BTreeMap<Date, Timestamp>,
    capacity: HashSet<Date>,
    locked: HashSet<Date>,
}

impl Days {
    /// The days of a file's S1SP at the moment that counts for it: its receipt, or where its password came later, that. Of weeks that
    /// are over those are known that the file has `named`, by their Mondays: nothing of the others can be withdrawn any more.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load(
        work: &mut Work<'_>,
        file: &FileRecord,
        (received, moment): (Timestamp, Timestamp),
        named: &HashSet<Date>,
    ) -> Result<Self> {
        let mut days = Self {
            today: local_date(moment),
            received,
            moment,
            open: BTreeMap::new(),
            over: BTreeMap::new(),
            closed: BTreeMap::new(),
            withdrawal: BTreeMap::new(),
            capacity: HashSet::new(),
            locked: HashSet::new(),
        };
        let firm = results::firm_weeks(&mut work.tx, &file.s1sp)?;
        // RB-2: an act that decides nothing else is logged with the rulebook of the first of them.
        firm.first().map(|first| work.week(*first)).transpose()?;
        // Programs before version 4 used up the grace of every open week.
        let (today, all) = (days.today, work.engine < 4);
        let counts = |monday: &Date| all || today <= monday.saturating_add(6.days()) || named.contains(monday);
        for monday in firm.into_iter().filter(counts) {
            days.add_week(work, file, monday)?;
        }
        if let Some(first) = days.open.keys().min() {
            days.locked.extend(schedules::locked_days(&mut work.tx, &file.s1sp, *first)?);
        }
        Ok(days)
    }

    fn add_week(&mut self, work: &mut Work<'_>, file: &FileRecord, monday: Date) -> Result<()> {
        let calendar = work.week(monday)?;
        let cutoff = calendar.at(Milestone::AuthorisationCutoff);
        let grace = grace::standing(work, file, monday)?;
        let by_grace = cutoff <= self.moment && grace.is_some_and(|until| self.moment < until);
        // MSM-11: authorisation opens with the firm result, whenever that is.
        let versions = results::versions(&mut work.tx, &file.s1sp, monday)?;
        let firm = versions.iter().filter_map(|result| result.firm_at).min();
        let open = firm.is_some_and(|firm| firm <= self.received) && (self.moment < cutoff || by_grace);
        self.open.insert(monday, open);
        // Programs before version 4 did not tell when.
        if cutoff <= self.moment && work.engine > 3 {
            self.over.insert(monday, cutoff);
        }
        if work.engine > 6 {
            let locks =
                calendar.days.iter().filter_map(|day| Some((day.date, calendar.closes_with_its_lock(day.date)?)));
            self.closed.extend(locks.filter(|(_, lock)| *lock <= self.moment));
        }
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
        let week = week_of(date)?;
        let is_open = self.open.get(&week).copied().unwrap_or(false);
        if let Some(lock) = self.closed.get(&date).filter(|_| is_open) {
            return Ok(DayStatus::Locked(*lock));
        }
        let open = is_open && !self.locked.contains(&date);
        Ok(match (open, self.capacity.contains(&date)) {
            (false, _) => self.over.get(&week).map_or(DayStatus::Closed, |at| DayStatus::Over(*at)),
            (true, false) => DayStatus::NoMigrationDay,
            (true, true) => DayStatus::Open,
        })
    }

    /// MAM-6: may an authorisation for a date still be withdrawn?
    #[must_use]
    pub fn takes_withdrawal(&self, date: Date) -> bool {
        self.withdrawal.get(&date).is_some_and(|cutoff| self.moment < *cutoff)
    }

    /// CAL-3: a file that is taken uses up the grace of the weeks that its rows name dates of.
    ///
    /// # Errors
    /// If the database fails.
    pub fn use_grace(&self, work: &mut Work<'_>, file: &FileRecord, dates: impl Iterator<Item = Date>) -> Result<()> {
        let named: HashSet<Date> = dates.filter_map(|date| week_of(date).ok()).collect();
        // Before version 4 it used up that of every open week.
        let uses = |week: &Date| work.engine < 4 || named.contains(week);
        let used: Vec<Date> =
            self.open.iter().filter(|(week, open)| **open && uses(week)).map(|(week, _)| *week).collect();
        used.into_iter().try_for_each(|week| grace::use_up(work, file, week, self.moment))
    }
}
