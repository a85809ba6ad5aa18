//! What two people answer for: done, proposed, approved (ACC-2).

use crate::act::actor::Actor;
use crate::act::perform::{Before, found_before, in_act, in_preview, perform_prepared};
use crate::act::work::{Act, Second, Work, audit, by_the_record};
use crate::books::rulebooks::Books;
use crate::dispatch::proposals::{self, Approved, DecideProposal, Propose, Proposed, Shown};
use crate::dispatch::two::ByTwo;
use crate::error::{Result, ServiceError};
use crate::files::outage::RecordOutage;
use crate::imports::import::{Import, Imported};
use crate::service::{AtDoor, ImportFile, Service};
use jiff::Timestamp;
use sluice_rules::proposal::ProposalState;
use sluice_store::tables::proposals as proposed;
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
        let before = |work: &mut Work<'_>| found_before(&act, work);
        let before: Before<'_> = if A::PREPARES { Some(&before) } else { None };
        match ask::<A, _>(&mut self.store, &self.books, (now, by), before, |_| Ok(&act))? {
            Tried::Done(answer) => Ok(Asked::Done(answer)),
            Tried::Waits(act) => self.put_forward((now, by), before, |_| Propose::of(act)).map(Asked::Waits),
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
        let before = |work: &mut Work<'_>| import.prepare(work);
        let (store, books) = (&mut self.store, &self.books);
        let asked = ask::<Import, Import>(store, books, (now, by), Some(&before), |tx| import.act(tx))?;
        let mut act = match asked {
            Tried::Done(imported) => return Ok(Asked::Done(imported)),
            Tried::Waits(act) => act,
        };
        let file = act.at_hand.take().ok_or_else(|| ServiceError::defect("an import has no file"))?;
        let proposed = self.put_forward((now, by), Some(&before), |tx| {
            let at = by_the_record(tx, now)?;
            act.received = file.keep(tx, at)?;
            Propose::of(&act)
        });
        proposed.map(Asked::Waits)
    }

    /// Proposes what needs a second one, with what was found out before for its preview.
    fn put_forward(
        &mut self,
        asked: (Timestamp, &Actor),
        before: Before<'_>,
        mut act: impl FnMut(&mut Tx<'_>) -> Result<Propose>,
    ) -> Result<Proposed> {
        let (store, books) = (&mut self.store, &self.books);
        let prepare = |work: &mut Work<'_>| act(&mut work.tx).map(Some);
        let proposed = perform_prepared::<Propose, Propose>(store, books, asked, before, prepare)?;
        proposed.ok_or_else(|| ServiceError::defect("a proposal was not made"))
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
        let before = |work: &mut Work<'_>| proposals::prepare(work, id).or(Ok(None));
        let tried = in_preview(&mut self.store, &self.books, (now, by), Some(&before), |mut work| {
            proposals::show_now(&mut work, shown.clone())
        });
        match tried {
            // What was proposed can be read all the same while others write, or nobody can.
            Err(ServiceError::Store(error)) if error.passes() => {
                Ok(Shown { now: Some(Err(format!("it cannot be tried out: {error}"))), ..shown })
            }
            tried => tried,
        }
    }

    /// CAL-7: is it an outage that a proposal would record? What that moves is not due before it is decided.
    ///
    /// # Errors
    /// If the database fails.
    pub fn is_of_an_outage(&mut self, now: Timestamp, id: i64) -> Result<bool> {
        let found = self.look_at_all(now, |work| Ok(proposed::find(&mut work.tx, id)?))?;
        Ok(found.is_some_and(|proposal| proposal.kind == RecordOutage::KIND))
    }

    /// A second operator approves a proposal: it is done, with both names (ACC-2).
    ///
    /// # Errors
    /// If it does not wait, the second is no second one, or what it does is another thing by now; then nothing is done.
    pub fn approve(&mut self, now: Timestamp, by: &Actor, id: i64) -> Result<Approved> {
        self.admit::<DecideProposal>(now, by)?;
        self.store.must_have_the_time()?;
        let before = |work: &mut Work<'_>| proposals::prepare_approval(work, id);
        in_act(&mut self.store, &self.books, (now, by), Some(&before), |mut work| {
            let approved = proposals::approve(&mut work, id)?;
            Ok((Some(work.tx), approved))
        })
    }
}

/// What came of trying an act of two people.
enum Tried<A: ByTwo, B: Borrow<A>> {
    /// It needs no second one, and is done.
    Done(A::Answer),
    /// It needs one; whether it can be done is not known yet. Nothing is kept.
    Waits(B),
}

/// Does an act of two people if it needs no second one.
fn ask<A: ByTwo, B: Borrow<A>>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    before: Before<'_>,
    mut prepare: impl FnMut(&mut Tx<'_>) -> Result<B>,
) -> Result<Tried<A, B>> {
    store.must_have_the_time()?;
    in_act(store, books, asked, before, |mut work| {
        let prepared = prepare(&mut work.tx)?;
        let act = prepared.borrow();
        work.second = Second::Asked;
        act.authorise(asked.1)?;
        let done = act.run(&mut work);
        if work.second == Second::Needed {
            return Ok((None, Tried::Waits(prepared)));
        }
        let answer = done?;
        audit(&mut work, act, &answer)?;
        Ok((Some(work.tx), Tried::Done(answer)))
    })
}
