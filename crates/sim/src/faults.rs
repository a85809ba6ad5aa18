//! What goes wrong in random weeks by nobody's doing: acts of the clock that fail, files that cannot be judged, processes that end
//! between a file's arrival and what becomes of it (FI24, MAM-9).

use crate::check::Sending;
use crate::error::Result;
use crate::run::{Simulation, books};
use sluice_rules::party::Party;
use sluice_service::act::actor::Actor;
use sluice_service::act::fault::{Fault, clear, put};
use sluice_service::act::work::Act;
use sluice_service::days::deferred::ExpireDeferred;
use sluice_service::error::ServiceError;
use sluice_service::read::aside::list;
use sluice_service::service::aside::TriedAgain;
use sluice_service::service::{Content, Handed, HandedIn, Service};
use sluice_store::Scope;
use sluice_store::raw::Queries;

/// Acts of the clock that can fail: those that random weeks have often.
const CLOCK_KINDS: [&str; 7] = [
    "milestone",
    "outcomes-due",
    "deferred-over",
    "stop-escalate",
    "responsibility-done",
    "password-missing",
    "password-lost",
];

impl Simulation<'_> {
    /// What milestones and waiting files ask for is done.
    pub(crate) fn catch_up(&mut self) -> Result<()> {
        let faulty = self.faults.u8(..4) == 0;
        for kind in CLOCK_KINDS.into_iter().filter(|_| faulty) {
            put(kind, self.fault());
        }
        let done = self.service.catch_up(self.now)?;
        if faulty {
            clear();
            self.try_again()?;
        } else if let Some(words) = self.service.stuck().first() {
            return self.found(std::slice::from_ref(words));
        }
        if done == 0 {
            return Ok(());
        }
        self.tell("the clock", Ok(()));
        self.checked(false)
    }

    /// Hands a file in, which cannot be judged at first, or whose process ends when it has arrived, sometimes or if it is to; then
    /// nothing.
    pub(crate) fn with_faults(
        &mut self,
        party: Party,
        name: &str,
        bytes: &[u8],
        ends: bool,
    ) -> std::result::Result<Option<HandedIn>, ServiceError> {
        let drawn = self.faults.u8(..32);
        match if ends { 0 } else { drawn } {
            0 => put("receive", Fault::Busy),
            1 | 2 => put("judge", self.fault()),
            _ => {}
        }
        let handed = self.service.submit(self.now, &Actor::supplier(party), name, Content::Whole(bytes), true);
        clear();
        match handed? {
            Handed::Taken(handed) => {
                self.try_again().map_err(ServiceError::defect)?;
                Ok(Some(handed))
            }
            Handed::Pending(_, ServiceError::Store(error)) if error.passes() => Ok(None),
            Handed::Pending(_, why) => Err(why),
        }
    }

    /// Another process takes the place of the one that ended, which knows nothing but the database, and goes on with the file that
    /// had arrived.
    pub(crate) fn killed(&mut self, id: i64, mut sending: Sending) -> Result<()> {
        self.tell(&format!("{} arrives, and its process ends", sending.name), Ok(()));
        self.service = Service::with_books(self.place.again()?, books(self.seed)?);
        self.service.catch_up(self.now)?;
        let answered = "SELECT 1 FROM file WHERE id = $1 UNION ALL SELECT 1 FROM misnamed WHERE id = $1";
        let answered =
            self.service.store().view(Scope::Dcc)?.query_optional(answered, &[id.into()], |row| row.int(0))?;
        let same = |other: &Sending| {
            (&other.party, &other.name, &other.digest) == (&sending.party, &sending.name, &sending.digest)
        };
        let before = self.sent.0.iter().find(|(_, other)| same(other)).map(|(first, _)| *first);
        sending.repeats = before.filter(|_| answered.is_none());
        self.sent.0.insert(id, sending);
        self.checked(false)
    }

    fn fault(&mut self) -> Fault {
        if self.faults.bool() { Fault::Defect } else { Fault::Panic }
    }

    /// FI24: what a fault has set aside is done now that nothing is wrong.
    fn try_again(&mut self) -> Result<()> {
        let console = Actor::console();
        let all = self.service.look(self.now, &console, list)?;
        for aside in &all {
            let tried = self.service.try_again(self.now, &console, aside.aside.id)?;
            // What ended for a later day has ended for an earlier one as well.
            let ended = aside.aside.kind == ExpireDeferred::KIND && tried == TriedAgain::Over;
            if tried != TriedAgain::Done && !ended {
                return self.found(&[format!("{} is set aside, and tried again: {tried:?}", aside.what)]);
            }
            self.tell(&format!("again, after a fault: {}", aside.what), Ok(()));
        }
        Ok(())
    }
}
