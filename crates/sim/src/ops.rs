//! What happens, played: each event of the agenda by chance and by what the database holds.

mod authorise;
mod bars;
mod days;
mod demand;
mod dormant;
mod hostile;
mod import;
mod offered;
mod responsibility;
mod weeks;

use crate::agenda::Event;
use crate::error::Result;
use crate::run::Simulation;
use sluice_rules::party::S1sp;
use sluice_rules::role::Role;
use sluice_service::act::actor::Actor;
use sluice_service::people::accounts::AddUser;

impl Simulation<'_> {
    /// People and reference data, before the first event.
    pub(crate) fn begin(&mut self) -> Result<()> {
        for (name, role) in [("alex", Role::Operator), ("billie", Role::Operator), ("casey", Role::Approver)] {
            let act = AddUser { name: name.to_owned(), role, party: None, approve: None };
            self.act("adds user", &Actor::console(), act)?;
            self.operators.push(self.service.account(name)?);
        }
        self.import_everything()
    }

    /// Plays an event.
    pub(crate) fn play(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Demand { week } => self.send_demand(week),
            Event::Confirm => self.confirm(),
            Event::Scale { s1sp, week } => self.scale(s1sp, week),
            Event::Publish { s1sp, week, firm } => self.publish(s1sp, week, firm),
            Event::Close { s1sp, week } => self.close(s1sp, week),
            Event::Ask { s1sp, week } => self.ask(s1sp, week),
            Event::Answer => self.answer(),
            Event::HandBack { s1sp, week } => self.hand_back(s1sp, week),
            Event::Refill { s1sp, week } => self.refill(s1sp, week),
            Event::Capacity { s1sp, week } => self.change_capacity(s1sp, week),
            Event::Move { week } => self.move_milestone(week),
            Event::Outage { week, milestone } => self.outage(week, milestone),
            Event::Authorise { s1sp, week } => self.authorise(s1sp, week),
            Event::Withdraw { s1sp } => self.withdraw(s1sp),
            Event::Password => self.password(),
            Event::Import => self.import_change(),
            Event::Freshen => self.freshen(),
            Event::Undo => self.undo(),
            Event::Lock { s1sp, date } => self.lock(s1sp, date),
            Event::Report { s1sp, date } => self.report_outcomes(s1sp, date),
            Event::Stop => self.stop(),
            Event::Lift => self.lift(),
            Event::Hold => self.hold(),
            Event::Decide => self.decide_exclusion(),
            Event::Sign => self.sign(),
            Event::PlanDormant { s1sp, week } => self.plan_dormant(s1sp, week),
            Event::NotifyDormant { s1sp, week } => self.notify_dormant(s1sp, week),
            Event::AnswerDormant { s1sp, week } => self.answer_dormant(s1sp, week),
            Event::DecideDormant => self.decide_dormant(),
            Event::PassOn => self.pass_on(),
            Event::Adopt => self.adopt(),
            Event::Hostile => self.hostile(),
            Event::Offered { s1sp, week } => self.offered(s1sp, week),
            Event::Proposed { s1sp, week } => self.proposed(s1sp, week),
            // Nobody does anything: what should have ended by the clock shows now.
            Event::Wait => self.checked(true),
        }
    }

    /// An S1SP by its place.
    pub(crate) fn s1sp(&self, place: usize) -> S1sp {
        self.world.s1sps[place]
    }
}
