//! What happens when: the acts of the weeks at about the moments at which people do them, with much that comes too early, too
//! late, twice or never.

use crate::error::{Result, SimError};
use crate::world::World;
use fastrand::Rng;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sluice_rules::calendar::Milestone;
use sluice_service::books::calendar::WeekCalendar;
use sluice_service::books::rulebooks::Books;

/// Something that somebody tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A supplier sends a demand file for a week.
    Demand { week: usize },
    /// A supplier confirms what is held, or an operator takes what was refused.
    Confirm,
    /// An S1SP's week is scaled.
    Scale { s1sp: usize, week: usize },
    /// Its result is published.
    Publish { s1sp: usize, week: usize, firm: bool },
    /// The week is closed without a result.
    Close { s1sp: usize, week: usize },
    /// A supplier asks about a day.
    Ask { s1sp: usize, week: usize },
    /// The open queries are answered.
    Answer,
    /// A supplier gives units back.
    HandBack { s1sp: usize, week: usize },
    /// What is free is shared.
    Refill { s1sp: usize, week: usize },
    /// A day's capacity changes.
    Capacity { s1sp: usize, week: usize },
    /// A milestone is moved.
    Move { week: usize },
    /// Intake was down over a cut-off of a week, and is back.
    Outage { week: usize, milestone: Milestone },
    /// A supplier sends an authorisation file.
    Authorise { s1sp: usize, week: usize },
    /// A supplier takes authorisations back.
    Withdraw { s1sp: usize },
    /// A password comes.
    Password,
    /// Reference data are imported.
    Import,
    /// The same data once more, so that they are fresh.
    Freshen,
    /// An import is undone.
    Undo,
    /// A day is locked.
    Lock { s1sp: usize, date: Date },
    /// The S1SP reports about a day.
    Report { s1sp: usize, date: Date },
    /// A stop order is imposed.
    Stop,
    /// A stop order is lifted.
    Lift,
    /// A supplier holds an installation, or lets it go.
    Hold,
    /// An operator decides on an exclusion.
    Decide,
    /// A second operator signs what is not signed yet.
    Sign,
    /// The Dormant installations of a week are planned.
    PlanDormant { s1sp: usize, week: usize },
    /// Their suppliers are told.
    NotifyDormant { s1sp: usize, week: usize },
    /// A supplier answers.
    AnswerDormant { s1sp: usize, week: usize },
    /// An operator decides on an objection.
    DecideDormant,
    /// Market participant ids pass to another supplier.
    PassOn,
    /// A supplier that was appointed adopts what is suspended.
    Adopt,
    /// Something that no honest program sends.
    Hostile,
    /// Something that the to-do list of a week offers is done.
    Offered { s1sp: usize, week: usize },
    /// A supplier sends what is proposed to it.
    Proposed { s1sp: usize, week: usize },
    /// Nothing but time passes.
    Wait,
}

/// An agenda in the making.
struct Agenda<'a> {
    random: &'a mut Rng,
    entries: Vec<(Timestamp, Event)>,
}

/// The agenda of all weeks, in the order of time.
///
/// # Errors
/// If a week cannot be placed in the calendar: a defect.
pub fn agenda(world: &World, books: &Books, random: &mut Rng) -> Result<Vec<(Timestamp, Event)>> {
    let mut agenda = Agenda { random, entries: Vec::new() };
    for (week, monday) in world.weeks.iter().enumerate() {
        let calendar = WeekCalendar::of(books, *monday).map_err(SimError::defect)?;
        agenda.demand(world, week, &calendar);
        for s1sp in 0..world.s1sps.len() {
            agenda.result(s1sp, week, &calendar);
            agenda.authorisation(world, s1sp, week, &calendar);
            agenda.dormant(s1sp, week, &calendar);
        }
        agenda.days(world, &calendar);
        agenda.outages(week, &calendar);
        agenda.responsibility(&calendar);
        agenda.offered(world, week, &calendar);
    }
    agenda.afterwards(world, books)?;
    // A stable order: of two at one moment the one that was planned first.
    agenda.entries.sort_by_key(|(at, _)| *at);
    Ok(agenda.entries)
}

impl Agenda<'_> {
    fn add(&mut self, at: Timestamp, event: Event) {
        self.entries.push((at, event));
    }

    /// Some of an event, anywhere in a time.
    fn scatter(&mut self, count: usize, from: Timestamp, to: Timestamp, event: Event) {
        let (from, to) = (from.as_second(), to.as_second().max(from.as_second() + 1));
        for _ in 0..count {
            let at = self.random.i64(from..to);
            self.add(Timestamp::from_second(at).unwrap_or(Timestamp::MAX), event);
        }
    }

    /// At about so many minutes after a moment.
    fn around(&mut self, moment: Timestamp, minutes: i64, event: Event) {
        let at = moment.saturating_add((minutes * 60 + self.random.i64(-900..900)).seconds());
        self.add(at.unwrap_or(moment), event);
    }

    fn demand(&mut self, world: &World, week: usize, calendar: &WeekCalendar<'_>) {
        let (opens, cutoff) = (calendar.at(Milestone::DemandOpens), calendar.at(Milestone::DemandCutoff));
        let sendings = world.suppliers.len() * world.s1sps.len();
        self.scatter(sendings + 2, opens, cutoff, Event::Demand { week });
        self.scatter(2, opens.saturating_sub(48.hours()).unwrap_or(opens), opens, Event::Demand { week });
        let (hour, after) = (cutoff.saturating_sub(1.hour()), cutoff.saturating_add(70.minutes()));
        let (hour, after) = (hour.unwrap_or(cutoff), after.unwrap_or(cutoff));
        self.scatter(sendings / 2, hour, after, Event::Demand { week });
        self.scatter(2, hour, after, Event::Confirm);
        self.scatter(2, opens, cutoff, Event::Confirm);
        self.scatter(1, opens, cutoff, Event::Import);
        self.scatter(1, opens, cutoff, Event::Hostile);
        if self.random.u8(..4) == 0 {
            self.scatter(1, opens, cutoff, Event::Move { week });
        }
    }

    fn result(&mut self, s1sp: usize, week: usize, calendar: &WeekCalendar<'_>) {
        let cutoff = calendar.at(Milestone::DemandCutoff);
        let closes = calendar.at(Milestone::QueryCloses);
        let firm = calendar.at(Milestone::FirmDue);
        self.scatter(1, calendar.at(Milestone::ForecastTaken), closes, Event::Scale { s1sp, week });
        self.around(cutoff, 130, Event::Scale { s1sp, week });
        self.around(cutoff, 180, Event::Publish { s1sp, week, firm: false });
        self.scatter(2, cutoff, closes, Event::Ask { s1sp, week });
        self.scatter(1, cutoff, closes, Event::Confirm);
        if self.random.u8(..3) == 0 {
            self.scatter(1, cutoff, closes, Event::Scale { s1sp, week });
        }
        self.scatter(1, cutoff, firm, Event::Publish { s1sp, week, firm: true });
        // The last version is published and its queries are answered before it becomes firm.
        self.around(closes, 60, Event::Publish { s1sp, week, firm: false });
        self.around(closes, 95, Event::Answer);
        self.around(closes, 130, Event::Publish { s1sp, week, firm: true });
        // A week that waits for the one before it is late (CAL-5).
        self.around(firm, 30, Event::Scale { s1sp, week });
        self.around(firm, 65, Event::Publish { s1sp, week, firm: false });
        self.around(firm, 100, Event::Publish { s1sp, week, firm: true });
        // MSM-11: what was published first then can be asked about until the next evening; the week after it is late too.
        self.scatter(1, firm, firm.saturating_add(24.hours()).unwrap_or(firm), Event::Ask { s1sp, week });
        self.around(firm, 24 * 60 - 30, Event::Answer);
        self.around(firm, 24 * 60 + 30, Event::Publish { s1sp, week, firm: true });
        self.around(cutoff, 26 * 60, Event::Scale { s1sp, week });
        self.around(cutoff, 27 * 60, Event::Publish { s1sp, week, firm: false });
        // CAL-5: some weeks nobody can make firm, and now and then one is closed by mistake.
        self.around(firm, 25 * 60, Event::Close { s1sp, week });
        if self.random.u8(..100) < 5 {
            self.scatter(1, cutoff, firm, Event::Close { s1sp, week });
        }
    }

    fn authorisation(&mut self, world: &World, s1sp: usize, week: usize, calendar: &WeekCalendar<'_>) {
        let opens = calendar.at(Milestone::FirmDue);
        let cutoff = calendar.at(Milestone::AuthorisationCutoff);
        let handback = calendar.at(Milestone::HandbackCutoff);
        let after = cutoff.saturating_add(70.minutes()).unwrap_or(cutoff);
        let hour = cutoff.saturating_sub(1.hour()).unwrap_or(cutoff);
        let last = calendar.days.last().map_or(after, |day| day.outcomes_due.timestamp());
        let suppliers = world.suppliers.len();
        self.scatter(suppliers * 2, opens, cutoff, Event::Authorise { s1sp, week });
        self.scatter(2, hour, after, Event::Authorise { s1sp, week });
        self.scatter(2, opens, cutoff, Event::Password);
        self.scatter(1, hour, after, Event::Password);
        self.scatter(3, opens, last, Event::Withdraw { s1sp });
        self.scatter(2, opens, handback, Event::HandBack { s1sp, week });
        self.scatter(1, opens, cutoff, Event::Refill { s1sp, week });
        self.scatter(1, handback, cutoff, Event::Refill { s1sp, week });
        self.scatter(2, opens, last, Event::Capacity { s1sp, week });
        self.scatter(1, cutoff, last, Event::Capacity { s1sp, week });
        self.scatter(2, opens, last, Event::Import);
        let stops = usize::from(self.random.u8(..100) < 60);
        self.scatter(stops, opens, last, Event::Stop);
        self.scatter(stops, opens, last, Event::Lift);
        self.scatter(2, opens, last, Event::Hold);
        self.scatter(1, opens, last, Event::Sign);
        self.scatter(1, cutoff, last, Event::Decide);
        self.scatter(1, opens, last, Event::Undo);
        self.scatter(1, opens, last, Event::Hostile);
        self.scatter(1, opens, last, Event::Wait);
    }

    fn dormant(&mut self, s1sp: usize, week: usize, calendar: &WeekCalendar<'_>) {
        let (opens, notice) = (calendar.at(Milestone::DemandOpens), calendar.at(Milestone::DmmsNotice));
        let answers = calendar.at(Milestone::DmmsResponse);
        let late = answers.saturating_add(3.hours()).unwrap_or(answers);
        let last = calendar.days.last().map_or(late, |day| day.schedule_lock.timestamp());
        self.scatter(1, opens, notice, Event::PlanDormant { s1sp, week });
        self.around(notice, -120, Event::NotifyDormant { s1sp, week });
        self.scatter(2, notice, late, Event::AnswerDormant { s1sp, week });
        self.scatter(2, notice, last, Event::DecideDormant);
    }

    /// What the list of a week offers, from the opening of its demand to its last outcome, and what is proposed.
    fn offered(&mut self, world: &World, week: usize, calendar: &WeekCalendar<'_>) {
        let (opens, cutoff) = (calendar.at(Milestone::DemandOpens), calendar.at(Milestone::DemandCutoff));
        let (firm, closes) = (calendar.at(Milestone::FirmDue), calendar.at(Milestone::AuthorisationCutoff));
        let last = calendar.days.last().map_or(closes, |day| day.outcomes_due.timestamp());
        let after = closes.saturating_add(70.minutes()).unwrap_or(closes);
        for s1sp in 0..world.s1sps.len() {
            self.scatter(1, opens, cutoff, Event::Offered { s1sp, week });
            self.scatter(3, cutoff, firm, Event::Offered { s1sp, week });
            self.scatter(5, firm, last, Event::Offered { s1sp, week });
            self.scatter(2, firm, closes, Event::Proposed { s1sp, week });
            self.scatter(1, closes, after, Event::Proposed { s1sp, week });
        }
    }

    /// CAL-7: now and then intake is down over a cut-off; it is recorded when intake is back, or later.
    fn outages(&mut self, week: usize, calendar: &WeekCalendar<'_>) {
        for milestone in [Milestone::DemandCutoff, Milestone::DmmsResponse, Milestone::AuthorisationCutoff] {
            if self.random.u8(..100) < 12 {
                let (cutoff, late) = (calendar.at(milestone), self.random.i64(0..90));
                self.around(cutoff, late, Event::Outage { week, milestone });
            }
        }
    }

    /// MAM-11: now and then a supplier passes its ids on, and back, or fails.
    fn responsibility(&mut self, calendar: &WeekCalendar<'_>) {
        if self.random.u8(..100) >= 30 {
            return;
        }
        let opens = calendar.at(Milestone::DemandCutoff);
        let last = calendar.days.last().map_or(opens, |day| day.outcomes_due.timestamp());
        self.scatter(3, opens, last, Event::PassOn);
        self.scatter(4, opens, last, Event::Adopt);
    }

    /// MSM-12: time goes on when the last week is over, until nothing is first in line any more.
    fn afterwards(&mut self, world: &World, books: &Books) -> Result<()> {
        let Some(monday) = world.weeks.last() else { return Ok(()) };
        for weeks in 1..=4 {
            let calendar = WeekCalendar::of(books, monday.saturating_add(weeks.weeks())).map_err(SimError::defect)?;
            calendar.days.iter().for_each(|day| self.add(day.outcomes_due.timestamp(), Event::Wait));
        }
        Ok(())
    }

    fn days(&mut self, world: &World, calendar: &WeekCalendar<'_>) {
        for day in &calendar.days {
            let (lock, due) = (day.schedule_lock.timestamp(), day.outcomes_due.timestamp());
            let begins = sluice_rules::calendar::local(day.date, jiff::civil::time(8, 0, 0, 0));
            let begins = begins.map_or(due, |begins| begins.timestamp());
            let open = (0..world.s1sps.len())
                .filter(|s1sp| world.capacity.get(&(*s1sp, day.date)).is_some_and(|(total, _)| *total > 0));
            for s1sp in open.collect::<Vec<_>>() {
                let (date, early) = (day.date, lock.saturating_sub(3.hours()).unwrap_or(lock));
                if self.random.u8(..5) == 0 {
                    self.around(early, 0, Event::Lock { s1sp, date });
                }
                self.around(lock, 40, Event::Lock { s1sp, date });
                if self.random.u8(..4) == 0 {
                    self.scatter(1, lock, due, Event::Lock { s1sp, date });
                }
                self.scatter(2, begins, due, Event::Report { s1sp, date });
                if self.random.u8(..5) == 0 {
                    self.scatter(1, begins, due, Event::Import);
                }
                if self.random.u8(..3) == 0 {
                    self.around(due, 60, Event::Report { s1sp, date });
                }
            }
            if self.random.u8(..100) < 60 {
                self.around(lock, 0, Event::Freshen);
            }
            self.around(due, 16, Event::Wait);
        }
    }
}
