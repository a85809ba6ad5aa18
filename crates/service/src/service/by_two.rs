//! What two people answer for: done, proposed, approved (ACC-2).

use crate::act::actor::Actor;
use crate::act::again::in_one;
use crate::act::work::{Second, audit, begin, by_the_record, perform};
use crate::books::rulebooks::Books;
use crate::dispatch::proposals::{self, Approved, DecideProposal, Propose, Proposed, Shown};
use crate::dispatch::two::ByTwo;
use crate::error::{Result, ServiceError};
use crate::imports::import::{Import, Imported};
use crate::service::{AtDoor, ImportFile, Service};
use jiff::Timestamp;
use sluice_rules::proposal::ProposalState;
use sluice_store::{Store, Tx};
use std::borrow::Borrow;

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
        match ask::<A, _>(&mut self.store, &self.books, now, by, |_| Ok(&act))? {
            Tried::Done(answer) => Ok(Asked::Done(answer)),
            Tried::Waits(act) => perform(&mut self.store, &self.books, now, by, |_| Propose::of(act)).map(Asked::Waits),
        }
    }

    /// The same of an import. The file is kept with the proposal, and is what is imported when that is approved.
    ///
    /// # Errors
    /// As [`Service::import`].
    pub fn ask_import(&mut self, now: Timestamp, by: &Actor, import: ImportFile<'_>) -> Result<Asked<Imported>> {
        self.admit::<Import>(now, by)?;
        let now = Timestamp::from_millisecond(now.as_millisecond()).map_err(ServiceError::defect)?;
        let import = AtDoor::of(import, now);
        let mut act = match ask::<Import, Import>(&mut self.store, &self.books, now, by, |tx| import.act(tx))? {
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
        in_one(&mut self.store, &self.books, |store, books, key| {
            store.must_have_the_time()?;
            let mut work = begin(store, books, now, by)?;
            work.key = Some(key);
            let approved = proposals::approve(&mut work, id)?;
            Ok((Some(work.tx), approved))
        })
    }
}

/// What came of trying an act of two people.
enum Tried<A: ByTwo, B: Borrow<A>> {
    /// It needs no second one, and is done.
    Done(A::Answer),
    /// It can be done, and needs one; nothing is kept.
    Waits(B),
}

/// Does an act of two people if it needs no second one.
fn ask<A: ByTwo, B: Borrow<A>>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    mut prepare: impl FnMut(&mut Tx<'_>) -> Result<B>,
) -> Result<Tried<A, B>> {
    in_one(store, books, |store, books, key| {
        store.must_have_the_time()?;
        let mut work = begin(store, books, now, by)?;
        work.key = Some(key);
        let prepared = prepare(&mut work.tx)?;
        let act = prepared.borrow();
        work.second = Second::Asked;
        act.authorise(by)?;
        let answer = act.run(&mut work)?;
        if work.second == Second::Needed {
            return Ok((None, Tried::Waits(prepared)));
        }
        audit(&mut work, act, &answer)?;
        Ok((Some(work.tx), Tried::Done(answer)))
    })
}
