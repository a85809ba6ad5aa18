//! The weeks: scaling, publishing, queries, hand-back, refill, changes of capacity, moved milestones.

use crate::error::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::WeekCalendar;
use sluice_service::days::cut::ChangeCapacity;
use sluice_service::files::outage::RecordOutage;
use sluice_service::weeks::close::CloseWeek;
use sluice_service::weeks::move_milestone::MoveMilestone;
use sluice_service::weeks::publish::Publish;
use sluice_service::weeks::questions::{AnswerQuery, Raise};
use sluice_service::weeks::redistribute::{HandBack, Refill};
use sluice_service::weeks::scale::ScaleWeek;
use sluice_store::tables::convert::date_number;

impl Simulation<'_> {
    /// Is the result of a week firm?
    pub(crate) fn is_firm(&self, s1sp: usize, week: usize) -> bool {
        self.look.firm.contains(&(self.s1sp(s1sp).to_string(), date_number(self.world.weeks[week])))
    }

    pub(crate) fn scale(&mut self, s1sp: usize, week: usize) -> Result<()> {
        // When it is firm already there is nothing left to try, most of the time.
        if self.is_firm(s1sp, week) && self.chance(80) {
            return Ok(());
        }
        let (by, _) = self.operator();
        let act = ScaleWeek { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        self.act(&format!("scales {} {}", act.s1sp, act.week), &by, act).map(drop)
    }

    pub(crate) fn publish(&mut self, s1sp: usize, week: usize, firm: bool) -> Result<()> {
        if self.is_firm(s1sp, week) && self.chance(80) {
            return Ok(());
        }
        let (by, approve) = self.operator();
        let act = Publish { s1sp: self.s1sp(s1sp), week: self.world.weeks[week], firm, approve };
        let word = if firm { "as firm" } else { "as provisional" };
        self.act(&format!("publishes {} {} {word}", act.s1sp, act.week), &by, act).map(drop)
    }

    /// CAL-5: a week that is not firm.
    pub(crate) fn close(&mut self, s1sp: usize, week: usize) -> Result<()> {
        if self.is_firm(s1sp, week) && self.chance(80) {
            return Ok(());
        }
        let (by, approve) = self.operator();
        let (s1sp, week) = (self.s1sp(s1sp), self.world.weeks[week]);
        let act = CloseWeek { s1sp, week, reason: "nobody could scale it".to_owned(), approve };
        self.act(&format!("closes {s1sp} {week}"), &by, act).map(drop)
    }

    fn a_day(&mut self, week: usize) -> Date {
        let days = if self.chance(90) { 5 } else { 7 };
        let day = self.random.usize(..days);
        days_of_week(self.world.weeks[week]).map_or(self.world.weeks[week], |days| days[day])
    }

    fn a_supplier(&mut self) -> Actor {
        let place = self.random.usize(..self.world.suppliers.len());
        Actor::supplier(self.world.suppliers[place].party)
    }

    pub(crate) fn ask(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, date) = (self.a_supplier(), self.a_day(week));
        let act = Raise { s1sp: self.s1sp(s1sp), date, question: "Why is it less than we asked for?".to_owned() };
        self.act(&format!("{} asks about {} {date}", by.name(), act.s1sp), &by, act).map(drop)
    }

    pub(crate) fn answer(&mut self) -> Result<()> {
        for query in self.look.questions.clone() {
            let (by, _) = self.operator();
            self.act(&format!("answers query {query}"), &by, AnswerQuery { query, answer: "As scaled.".to_owned() })?;
        }
        Ok(())
    }

    /// Most of the time of units that are there to give.
    pub(crate) fn hand_back(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (mut by, mut date) = (self.a_supplier(), self.a_day(week));
        let s1sp = self.s1sp(s1sp);
        let days = days_of_week(self.world.weeks[week]).unwrap_or([date; 7]);
        let has: Vec<(Date, String)> = self
            .look
            .allocations
            .iter()
            .filter(|((pool, _), units)| pool.0 == s1sp.as_str() && **units > 0)
            .filter_map(|((pool, party), _)| {
                Some((*days.iter().find(|day| date_number(**day) == pool.1)?, party.clone()))
            })
            .collect();
        if self.chance(85)
            && let Some((day, party)) = self.one(&has)
            && let Ok(party) = party.parse()
        {
            (by, date) = (Actor::supplier(party), day);
        }
        let units = self.random.u64(0..=3);
        self.act(&format!("{} hands back {units} of {s1sp} {date}", by.name()), &by, HandBack { s1sp, date, units })
            .map(drop)
    }

    pub(crate) fn refill(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, _) = self.operator();
        let act = Refill { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        self.act(&format!("refills {} {}", act.s1sp, act.week), &by, act).map(drop)
    }

    /// A cut or a rise, of any size; on the day too.
    pub(crate) fn change_capacity(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, approve) = self.operator();
        let date = if self.chance(25) { self.today() } else { self.a_day(week) };
        let s1sp = self.s1sp(s1sp);
        let before = self.look.capacity.get(&(s1sp.to_string(), date_number(date))).map_or(0, |(total, _)| *total);
        let before = before.cast_unsigned();
        let capacity = match self.random.u8(..100) {
            0..55 => before.saturating_sub(self.random.u64(1..=4)),
            55..60 => 0,
            60..65 => before,
            _ => before + self.random.u64(1..=3),
        };
        let act = ChangeCapacity { s1sp, date, capacity, approve };
        self.act(&format!("changes the capacity of {s1sp} {date} from {before} to {capacity}"), &by, act).map(drop)
    }

    /// CAL-7: most of the time over the cut-off; now and then over nothing, or one that is known.
    pub(crate) fn outage(&mut self, week: usize, milestone: Milestone) -> Result<()> {
        let (by, approve) = self.operator();
        let cutoff = WeekCalendar::of(self.service.books(), self.world.weeks[week])?.at(milestone);
        let from = cutoff.saturating_sub(self.random.i64(0..150).minutes()).unwrap_or(cutoff);
        let to = from.saturating_add(self.random.i64(5..240).minutes()).unwrap_or(from).min(self.now);
        let act = RecordOutage { from, to, reason: "a cable".to_owned(), approve };
        // What it makes timely again is judged before anything else.
        let done = self.service.act(self.now, &by, act);
        let done = done.and_then(|outaged| self.service.catch_up(self.now).map(|_| outaged.moved.len()));
        self.after(&format!("records that intake was down from {from} to {to}"), done).map(drop)
    }

    /// CAL-4: by some hours or days, in both directions.
    pub(crate) fn move_milestone(&mut self, week: usize) -> Result<()> {
        let (by, approve) = self.operator();
        let week = self.world.weeks[week];
        let milestones = [
            Milestone::DemandCutoff,
            Milestone::QueryCloses,
            Milestone::HandbackCutoff,
            Milestone::AuthorisationCutoff,
        ];
        let milestone = milestones[self.random.usize(..milestones.len())];
        let calendar = WeekCalendar::of(self.service.books(), week)?;
        let to = calendar.at(milestone).saturating_add(self.random.i64(-30..30).hours()).unwrap_or(self.now);
        let act = MoveMilestone { week, milestone, to, reason: "a holiday".to_owned(), approve };
        self.act(&format!("moves {} of {week} to {to}", milestone.id()), &by, act).map(drop)
    }
}
