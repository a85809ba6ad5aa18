//! An act of two people tried out: what it would write, and whether that is what was proposed (ACC-2).

use crate::act::actor::Actor;
use crate::act::digests::sha256;
use crate::act::second::both;
use crate::act::work::{Second, Work};
use crate::books::calendar::local_date;
use crate::dispatch::two::{ByTwo, VisitTwo, expires_at, of_two};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use sluice_store::tables::log;
use sluice_store::tables::proposals::Proposal;
use sluice_store::tables::record::Digest;
use sluice_store::{Alike, Tx};

/// What an act of two people would do now.
pub(super) struct Tried {
    pub(super) title: String,
    pub(super) figures: Vec<String>,
    pub(super) digest: Digest,
    pub(super) expires_at: Timestamp,
}

/// Does an act as its maker, with the second operator still to come. What it changes is not to be kept.
pub(super) struct TryOut<'a, 'b> {
    pub(super) work: &'a mut Work<'b>,
    /// The moment of the proposal, where there is one.
    pub(super) since: Option<Timestamp>,
}

impl VisitTwo for TryOut<'_, '_> {
    type Out = Tried;

    fn visit<A: ByTwo>(self, act: A) -> Result<Tried> {
        let Self { work, since } = self;
        if !work.is_again() {
            act.authorise(&work.by)?;
        }
        // Nothing is decided yet, so the row of what tries it out names no rulebook.
        let rulebook = std::mem::take(&mut work.rulebook);
        let (title, expires_at) = (act.title(), expires_at(&act, work)?);
        let standing = standing(&act, work)?;
        let texts = vec![both(work.by.name(), None)];
        work.tx.keep_journal(Alike { moments: moments(work, since), texts });
        let before = std::mem::replace(&mut work.second, Second::ToCome);
        let done = act.run(work);
        (work.second, work.rulebook, work.boards) = (before, rulebook, 0);
        let digest = digest(&mut work.tx, &standing)?;
        Ok(Tried { title, figures: [standing, act.figures_of(work.engine, &done?)].concat(), digest, expires_at })
    }
}

/// What stands in the place of what an act sets. Proposals of earlier programs did not tell it.
pub(super) fn standing(act: &impl ByTwo, work: &mut Work<'_>) -> Result<Vec<String>> {
    if work.engine > 2 { act.standing(work) } else { Ok(Vec::new()) }
}

/// The moments that make no difference: that of the proposal and that of now.
pub(super) fn moments(work: &Work<'_>, since: Option<Timestamp>) -> Vec<i64> {
    since.into_iter().chain([work.now]).map(Timestamp::as_millisecond).collect()
}

/// The digest of what an act wrote, and of what stands in its place in words.
pub(super) fn digest(tx: &mut Tx<'_>, standing: &[String]) -> Result<Digest> {
    let written = tx.end_journal().ok_or_else(|| ServiceError::defect("nobody noted what an act wrote"))?;
    Ok(if standing.is_empty() { written } else { sha256(&[&written[..], standing.join("\n").as_bytes()].concat()) })
}

/// Is an error one of the program or the database, and not what a rule says of the act?
pub(super) fn is_own(error: &ServiceError) -> bool {
    use ServiceError::{Budget, Internal, Panic, Store, Unread};
    matches!(error, Store(_) | Internal(_) | Panic(_) | Budget(_) | Unread(_))
}

/// What a proposal would do now, and whether that is what was proposed.
pub(super) fn preview(work: &mut Work<'_>, proposal: &Proposal) -> Result<(Tried, bool)> {
    work.by = Actor::account(&mut work.tx, &proposal.maker)?;
    let same_then = same_then(work, proposal)?;
    let try_out = TryOut { work, since: Some(proposal.made_at) };
    let tried = of_two(&proposal.kind, &proposal.details, try_out)?;
    let same = is_same(proposal, same_then, &tried.digest, &tried.figures);
    Ok((tried, same))
}

/// On a later day, of an act that writes from its day on: would it, at the moment at which it was proposed, still write the same
/// on the state of now?
pub(super) fn same_then(work: &mut Work<'_>, proposal: &Proposal) -> Result<bool> {
    let from_its_day_on = of_two(&proposal.kind, &proposal.details, FromItsDayOn)?;
    if !from_its_day_on || local_date(proposal.made_at) == local_date(work.now) {
        return Ok(false);
    }
    let now = std::mem::replace(&mut work.now, proposal.made_at);
    let tried = taken_back(work, |work| {
        let tried = of_two(&proposal.kind, &proposal.details, TryOut { work: &mut *work, since: None });
        work.tx.end_journal();
        tried
    })?;
    work.now = now;
    Ok(tried.is_ok_and(|tried| Some(tried.digest) == proposal.digest))
}

/// Does something and takes it back; gives what came of it. Where the database or the program fails, the transaction may have ended
/// with it, and that failure is what is told.
fn taken_back<T>(work: &mut Work<'_>, run: impl FnOnce(&mut Work<'_>) -> Result<T>) -> Result<Result<T>> {
    work.tx.mark()?;
    match run(work) {
        Err(error) if is_own(&error) => Err(error),
        done => {
            work.tx.back_to_mark()?;
            Ok(done)
        }
    }
}

struct FromItsDayOn;

impl VisitTwo for FromItsDayOn {
    type Out = bool;

    fn visit<A: ByTwo>(self, _: A) -> Result<bool> {
        Ok(A::FROM_ITS_DAY_ON)
    }
}

/// ACC-2: does an act do what was proposed? It writes the same rows; or it would have at the moment of the proposal, and its
/// figures are the same still: then nothing but the day is another.
pub(super) fn is_same(proposal: &Proposal, same_then: bool, digest: &Digest, figures: &[String]) -> bool {
    Some(*digest) == proposal.digest || (same_then && figures.join("\n") == proposal.figures)
}

/// Acts that are named where a proposal has changed since.
const NAMED: usize = 10;

/// What would be done is not what was proposed.
pub(super) fn changed(tx: &mut Tx<'_>, proposal: &Proposal, now: &[String]) -> Result<ServiceError> {
    let (then, now) = (proposal.figures.replace('\n', "; "), now.join("; "));
    let differs = if proposal.digest.is_none() {
        "cannot be compared with what it did when an earlier program made it"
    } else if then == now {
        "has changed since it was made: the figures are the same, but rows that it would write are others, since what they stand on is"
    } else {
        "has changed since it was made: the figures differ"
    };
    let done = log::since_proposal(tx, proposal.id)?;
    let last = done.iter().skip(done.len().saturating_sub(NAMED));
    let since = match done.len() {
        0 => "nothing but time".to_owned(),
        _ => last.map(|(seq, kind)| format!("act {seq} ({kind})")).collect::<Vec<_>>().join(", "),
    };
    let id = proposal.id;
    let message = format!(
        "what proposal {id} does {differs}. Then: {then}. Now: {now}. Between them: {since}. Nothing is done; look at it with sluice proposal show {id}, and propose it again"
    );
    Ok(ServiceError::rule("ACC-2", message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::act::work::begin;
    use crate::service::Service;
    use sluice_rules::role::Role;
    use sluice_store::tables::accounts::{self, Account};

    #[test]
    fn acc_2_where_trying_out_ends_the_transaction_the_cause_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
        let mut service = Service::create(&url, true).unwrap();
        let books = crate::books::rulebooks::Books::load().unwrap();
        let mut work = begin(&mut service.store, &books, Timestamp::UNIX_EPOCH, &Actor::console()).unwrap();
        let add = |work: &mut Work<'_>| {
            let account = Account { name: "ruth".to_owned(), role: Role::Operator, party: None, disabled: false };
            Ok(accounts::add(&mut work.tx, &account)?)
        };
        taken_back(&mut work, add).unwrap().unwrap();
        let refused = taken_back(&mut work, |_| Err::<(), _>(ServiceError::rule("ACC-2", "no"))).unwrap();
        assert!(refused.unwrap_err().to_string().contains("no (ACC-2)"));
        let error = taken_back(&mut work, |work| add(work).and_then(|()| add(work))).unwrap_err().to_string();
        assert!(error.contains("account"), "{error}");
    }
}
