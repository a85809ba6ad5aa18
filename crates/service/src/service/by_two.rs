//! What two people answer for: done, proposed, approved (ACC-2).

use crate::act::actor::Actor;
use crate::act::work::{Second, audit, begin, by_the_record, perform};
use crate::books::rulebooks::Books;
use crate::dispatch::proposals::{self, Approved, DecideProposal, Propose, Proposed, Shown};
use crate::dispatch::two::ByTwo;
use crate::error::{Result, ServiceError};
use crate::imports::import::{Import, Imported};
use crate::service::{ImportFile, Service, of_file};
use jiff::Timestamp;
use sluice_rules::proposal::ProposalState;
use sluice_store::{Store, Tx};

/// What came of asking for what two people answer for.
#[derive(Debug, Clone)]
pub enum Asked<A> {
    /// It is done.
    Done(A),
    /// It waits for a second operator.
    Waits(Proposed),
}

impl Service {
    /// Proposes what two people answer for; what needs no second one is done at once (ACC-2).
    ///
    /// # Errors
    /// If it could not be done; then nothing is kept.
    pub fn ask<A: ByTwo>(&mut self, now: Timestamp, by: &Actor, act: A) -> Result<Asked<A::Answer>> {
        self.admit::<A>(now, by)?;
        match ask(&mut self.store, &self.books, now, by, |_| Ok(act))? {
            Tried::Done(answer) => Ok(Asked::Done(answer)),
            Tried::Waits(act) => {
                perform(&mut self.store, &self.books, now, by, |_| Propose::of(&act)).map(Asked::Waits)
            }
        }
    }

    /// The same of an import. The file is kept with the proposal, and is what is imported when that is approved.
    ///
    /// # Errors
    /// As [`Service::import`].
    pub fn ask_import(&mut self, now: Timestamp, by: &Actor, import: ImportFile<'_>) -> Result<Asked<Imported>> {
        self.admit::<Import>(now, by)?;
        let now = Timestamp::from_millisecond(now.as_millisecond()).map_err(ServiceError::defect)?;
        let mut act = match ask(&mut self.store, &self.books, now, by, |tx| of_file(tx, now, import))? {
            Tried::Done(imported) => return Ok(Asked::Done(imported)),
            Tried::Waits(act) => act,
        };
        let file = act.at_hand.take().ok_or_else(|| ServiceError::defect("an import has no file"))?;
        let proposed = perform(&mut self.store, &self.books, now, by, |tx| {
            let at = by_the_record(tx, now)?;
            act.received = file.keep(tx, at)?;
            Propose::of(&act)
        });
        proposed.map(Asked::Waits)
    }

    /// A proposal, with its preview made anew on the state of now (ACC-2).
    ///
    /// # Errors
    /// If there is no such proposal.
    pub fn proposal(&mut self, now: Timestamp, by: &Actor, id: i64) -> Result<Shown> {
        let shown = self.look(now, by, |work| proposals::show(work, id))?;
        if shown.proposal.state != ProposalState::Waiting {
            return Ok(shown);
        }
        // It is tried out as an act is, on everything: what waits is read by DCC alone.
        proposals::show_now(&mut begin(&mut self.store, &self.books, now, by)?, shown)
    }

    /// A second operator approves a proposal: it is done, with both names (ACC-2).
    ///
    /// # Errors
    /// If it does not wait, the second is no second one, or what it does is another thing by now; then nothing is done.
    pub fn approve(&mut self, now: Timestamp, by: &Actor, id: i64) -> Result<Approved> {
        self.admit::<DecideProposal>(now, by)?;
        let mut work = begin(&mut self.store, &self.books, now, by)?;
        let approved = proposals::approve(&mut work, id)?;
        work.tx.commit()?;
        Ok(approved)
    }
}

/// What came of trying an act of two people.
enum Tried<A: ByTwo> {
    /// It needs no second one, and is done.
    Done(A::Answer),
    /// It can be done, and needs one; nothing is kept.
    Waits(A),
}

/// Does an act of two people if it needs no second one.
fn ask<A: ByTwo>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl FnOnce(&mut Tx<'_>) -> Result<A>,
) -> Result<Tried<A>> {
    let mut work = begin(store, books, now, by)?;
    let act = prepare(&mut work.tx)?;
    work.second = Second::Asked;
    act.authorise(by)?;
    let answer = act.run(&mut work)?;
    if work.second == Second::Needed {
        return Ok(Tried::Waits(act));
    }
    audit(&mut work, &act, &answer)?;
    work.tx.commit()?;
    Ok(Tried::Done(answer))
}
