//! Proposals: what two people answer for is proposed by one and approved by another (ACC-2).

use crate::act::actor::{Actor, must_have_a_name};
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::prepared::Prepared;
use crate::act::second::both;
use crate::act::work::{Act, Look, Reads, Second, Work, audit};
use crate::books::calendar::in_words;
use crate::dispatch::tried::{Tried, TryOut, changed, digest, is_own, is_same, moments, preview, same_then, standing};
use crate::dispatch::two::{ByTwo, VisitTwo, of_two};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_rules::proposal::ProposalState;
use sluice_store::tables::log::Input;
use sluice_store::tables::proposals::{self, Proposal};
use sluice_store::tables::record::{self, Received};
use sluice_store::{Alike, View};

/// An act of two people is proposed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Propose {
    /// The kind of the act.
    kind: String,
    /// The act, as it would be recorded.
    details: Value,
    /// The files that it takes over, which are kept with the proposal.
    #[serde(skip)]
    inputs: Vec<Input>,
}

/// A proposal that waits for a second operator.
#[derive(Debug, Clone, Serialize)]
pub struct Proposed {
    /// Its number.
    pub id: i64,
    /// What is asked for, in words.
    pub title: String,
    /// What would come of it, in figures.
    pub figures: Vec<String>,
    /// From when on it can be approved no more.
    #[serde(with = "crate::words")]
    pub expires_at: Timestamp,
    /// Proposals that ask for the same and wait already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<i64>,
}

impl Propose {
    /// The proposal of an act.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn of<A: ByTwo>(act: &A) -> Result<Self> {
        let details = serde_json::to_value(act).map_err(ServiceError::defect)?;
        Ok(Self { kind: A::KIND.to_owned(), details, inputs: act.inputs() })
    }
}

impl Act for Propose {
    const KIND: &'static str = "propose";
    type Answer = Proposed;

    fn authorise(&self, by: &Actor) -> Result<()> {
        // What is proposed says whether an approver may: only to give up their own token.
        by.must_sign("proposing")
    }

    fn inputs(&self) -> Vec<Input> {
        self.inputs.clone()
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Proposed> {
        must_have_a_name(&work.by, "ACC-2", "a proposal has two people by name; name the first")?;
        let details = self.details.to_string();
        work.tx.mark()?;
        let try_out = TryOut { work: &mut *work, since: None };
        let tried = of_two(&self.kind, &details, try_out)?;
        work.tx.back_to_mark()?;
        let Tried { title, figures, digest, expires_at } = tried;
        let asked = Proposal {
            id: 0,
            kind: self.kind.clone(),
            details,
            title: title.clone(),
            figures: figures.join("\n"),
            digest: Some(digest),
            maker: work.by.name().to_owned(),
            made_at: work.now,
            expires_at,
            state: ProposalState::Waiting,
            decided_by: None,
            decided_at: None,
            why: None,
        };
        let beside = beside(work, &asked)?;
        let id = proposals::add(&mut work.tx, &asked)?;
        Ok(Proposed { id, title, figures, expires_at, beside })
    }
}

/// ACC-2: the proposals that wait and ask for the same, whatever their reason. Programs before version 4 did not tell of them.
fn beside(work: &mut Work<'_>, asked: &Proposal) -> Result<Vec<i64>> {
    let mut waiting = if work.engine > 3 { proposals::all(&mut work.tx)? } else { Vec::new() };
    waiting.retain(|other| other.state == ProposalState::Waiting && other.kind == asked.kind);
    let but_the_reason = |details: &str| -> Result<Value> {
        let mut value: Value = serde_json::from_str(details).map_err(ServiceError::defect)?;
        value.as_object_mut().and_then(|fields| fields.remove("reason"));
        Ok(value)
    };
    let wanted = but_the_reason(&asked.details)?;
    let mut same = Vec::new();
    for other in waiting {
        if but_the_reason(&other.details)? == wanted {
            same.push(other.id);
        }
    }
    Ok(same)
}

/// The proposals that wait, which are DCC's own (MSM-14), and then those that are decided, newest first.
///
/// # Errors
/// If somebody asks who acts for a party, or the database fails.
pub fn list(work: &mut Look<'_>) -> Result<Vec<Proposal>> {
    must_oversee(&work.by)?;
    let mut all = proposals::all(&mut work.tx)?;
    all.sort_by_key(|proposal| (proposal.state != ProposalState::Waiting, std::cmp::Reverse(proposal.id)));
    Ok(all)
}

/// Proposals tell what DCC is about to do, so they are not for parties.
fn must_oversee(by: &Actor) -> Result<()> {
    match by.party() {
        None => Ok(()),
        Some(party) => {
            let message = format!("proposals are for DCC and observers; '{}' acts for {party}", by.name());
            Err(ServiceError::rule("ACC-2", message))
        }
    }
}

/// A proposal with what would come of it now.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The proposal.
    pub proposal: Proposal,
    /// The files that it takes over: whoever has one can compare name, size and digest (REF-2).
    pub files: Vec<Received>,
    /// What would come of it now, in figures, and whether that is what was proposed; or why it can no longer be done. Nothing
    /// where it is decided.
    pub now: Option<std::result::Result<(Vec<String>, bool), String>>,
}

/// A proposal with its files, as its reader may see it.
///
/// # Errors
/// If there is no such proposal, or the database fails.
pub(crate) fn show(work: &mut Look<'_>, id: i64) -> Result<Shown> {
    must_oversee(&work.by)?;
    let proposal = found(&mut work.tx, id)?;
    let mut files = Vec::new();
    for input in of_two(&proposal.kind, &proposal.details, Inputs)? {
        if let Input::Received(id) = input {
            files.push(record::received(&mut work.tx, id)?);
        }
    }
    Ok(Shown { proposal, files, now: None })
}

/// ACC-2: makes the preview of a proposal anew where it waits. The work is not to be kept.
///
/// # Errors
/// If the database fails.
pub(crate) fn show_now(work: &mut Work<'_>, shown: Shown) -> Result<Shown> {
    let now = match preview(work, &shown.proposal) {
        Ok((tried, same)) => Ok((tried.figures, same)),
        Err(error) if is_own(&error) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    Ok(Shown { now: Some(now), ..shown })
}

/// What takes long of the act of a proposal that waits, found out before the transaction in which it is done or tried out.
///
/// # Errors
/// If the act cannot be done as everything stands.
pub(crate) fn prepare(work: &mut Work<'_>, id: i64) -> Result<Option<Prepared>> {
    let waiting = proposals::find(&mut work.tx, id)?.filter(|found| found.state == ProposalState::Waiting);
    let Some(proposal) = waiting else { return Ok(None) };
    of_two(&proposal.kind, &proposal.details, Prepare { work, id })
}

/// The same before it is approved; nothing for who may not approve it, which is said then.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn prepare_approval(work: &mut Work<'_>, id: i64) -> Result<Option<Prepared>> {
    let decide = DecideProposal { id, approved: true, why: None };
    match decide.authorise(&work.by).and_then(|()| decide.may_decide(work)) {
        Ok(_) => prepare(work, id),
        Err(_) => Ok(None),
    }
}

struct Prepare<'a, 'b> {
    work: &'a mut Work<'b>,
    id: i64,
}

impl VisitTwo for Prepare<'_, '_> {
    type Out = Option<Prepared>;

    fn visit<A: ByTwo>(self, act: A) -> Result<Option<Prepared>> {
        act.prepare(self.work).map_err(|error| no_longer(self.id, error))
    }
}

/// The files that a proposed act takes over.
struct Inputs;

impl VisitTwo for Inputs {
    type Out = Vec<Input>;

    fn visit<A: ByTwo>(self, act: A) -> Result<Vec<Input>> {
        Ok(act.inputs())
    }
}

/// What was approved, and what came of it.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The proposal.
    pub proposal: Proposal,
    /// What came of it, in figures.
    pub figures: Vec<String>,
}

/// ACC-2: does what was proposed, with both names, if it still does what the first one saw. The act has its own row in the
/// record, as if both had signed it at once, and the approval the next one.
///
/// # Errors
/// If the proposal does not wait, the second is no second one, or what the act does is another thing by now.
pub(crate) fn approve(work: &mut Work<'_>, id: i64) -> Result<Approved> {
    let decide = DecideProposal { id, approved: true, why: None };
    decide.authorise(&work.by)?;
    let proposal = decide.may_decide(work)?;
    let second = work.by.clone();
    work.by = Actor::account(&mut work.tx, &proposal.maker)?.by_proposal();
    let same_then = same_then(work, &proposal)?;
    let carry_out = CarryOut { work: &mut *work, proposal: &proposal, second: second.name(), same_then };
    let figures = of_two(&proposal.kind, &proposal.details, carry_out)?;
    work.by = second;
    work.rulebook.clear();
    decide.run(work)?;
    audit(work, &decide, &())?;
    Ok(Approved { proposal, figures })
}

/// Does an act as its maker, with the name of the second, and adds its row to the record.
struct CarryOut<'a, 'b> {
    work: &'a mut Work<'b>,
    proposal: &'a Proposal,
    second: &'a str,
    /// Would it write the same at the moment of the proposal?
    same_then: bool,
}

impl VisitTwo for CarryOut<'_, '_> {
    type Out = Vec<String>;

    fn visit<A: ByTwo>(self, act: A) -> Result<Vec<String>> {
        let Self { work, proposal, second, same_then } = self;
        let act = act.signed(second);
        act.authorise(&work.by)?;
        let standing = standing(&act, work)?;
        let texts = vec![both(work.by.name(), Some(second))];
        work.tx.keep_journal(Alike { moments: moments(work, Some(proposal.made_at)), texts });
        let before = std::mem::replace(&mut work.second, Second::Named);
        let answer = act.run(work).map_err(|error| no_longer(proposal.id, error))?;
        work.second = before;
        let digest = digest(&mut work.tx, &standing)?;
        let figures = [standing, act.figures_of(work.engine, &answer)].concat();
        if !is_same(proposal, same_then, &digest, &figures) {
            return Err(changed(&mut work.tx, proposal, &figures)?);
        }
        audit(work, &act, &answer)?;
        Ok(figures)
    }
}

/// What was proposed cannot be done by now: the second can only end it.
fn no_longer(id: i64, error: ServiceError) -> ServiceError {
    match error {
        error @ (ServiceError::Store(_) | ServiceError::Internal(_) | ServiceError::Panic(_)) => error,
        error => ServiceError::rule("ACC-2", format!("proposal {id} cannot be done; decline it. The reason: {error}")),
    }
}

/// A second operator decides on a proposal. From outside it can only be [declined](Self::decline): what is approved is done in
/// the same transaction, or a proposal would be approved and nothing done.
#[derive(Debug, Serialize, Deserialize)]
pub struct DecideProposal {
    id: i64,
    /// Is it approved? Then the act that was proposed is the row before this one.
    approved: bool,
    /// Why it is declined.
    why: Option<String>,
}

impl Act for DecideProposal {
    const KIND: &'static str = "proposal-decide";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_sign("deciding on a proposal")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        self.may_decide(work)?;
        let why = self.why.as_deref().map(str::trim);
        if !self.approved {
            let missing = "a proposal is declined with a reason; give one with --why";
            work.must_say(why.unwrap_or_default(), "ACC-2", missing)?;
        }
        let state = if self.approved { ProposalState::Approved } else { ProposalState::Declined };
        let by = work.by.name().to_owned();
        Ok(proposals::decide(&mut work.tx, self.id, state, (Some(&by), work.now, why))?)
    }
}

impl DecideProposal {
    /// Declines a proposal, with the reason.
    #[must_use]
    pub const fn decline(id: i64, why: String) -> Self {
        Self { id, approved: false, why: Some(why) }
    }

    /// ACC-2: the first can never decide.
    fn may_decide(&self, work: &mut Work<'_>) -> Result<Proposal> {
        must_have_a_name(&work.by, "ACC-2", "a proposal has two people by name; name the second")?;
        let proposal = waiting(work, self.id)?;
        if proposal.maker == work.by.name() {
            let (id, maker) = (proposal.id, &proposal.maker);
            let message = format!("proposal {id} needs two people, and '{maker}' made it; who made it can withdraw it");
            return Err(ServiceError::rule("ACC-2", message));
        }
        Ok(proposal)
    }
}

/// Who made a proposal withdraws it.
#[derive(Debug, Serialize, Deserialize)]
pub struct WithdrawProposal {
    /// Its number.
    pub id: i64,
}

impl Act for WithdrawProposal {
    const KIND: &'static str = "proposal-withdraw";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_sign("withdrawing a proposal")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let proposal = waiting(work, self.id)?;
        if proposal.maker != work.by.name() {
            let (id, maker) = (proposal.id, &proposal.maker);
            let message = format!("proposal {id} was made by '{maker}', who alone can withdraw it; others decline it");
            return Err(ServiceError::rule("ACC-2", message));
        }
        let decided = (Some(proposal.maker.as_str()), work.now, None);
        Ok(proposals::decide(&mut work.tx, self.id, ProposalState::Withdrawn, decided)?)
    }
}

/// The deadline of a proposal has come, and nobody has decided on it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireProposal {
    /// Its number.
    pub id: i64,
}

impl Act for ExpireProposal {
    const KIND: &'static str = "proposal-expire";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("letting a proposal expire")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        Ok(proposals::decide(&mut work.tx, self.id, ProposalState::Expired, (None, work.now, None))?)
    }
}

impl ClockAct for ExpireProposal {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let proposal = proposals::find(&mut work.tx, self.id)?;
        let waiting = proposal.filter(|proposal| proposal.state == ProposalState::Waiting);
        Ok(waiting.map(|proposal| proposal.expires_at))
    }
}

/// The next proposal that has expired at the moment of the work.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let expired = proposals::expired(&mut work.tx, work.now)?.into_iter();
    let mut acts = expired.map(|(id, at)| (at, ExpireProposal { id }));
    Ok(acts.find(|(_, act)| !aside.has(act)).map(|(at, act)| Due::at(at, act)))
}

fn found(tx: &mut View<'_>, id: i64) -> Result<Proposal> {
    let found = proposals::find(tx, id)?;
    found.ok_or_else(|| no_proposal(id))
}

fn no_proposal(id: i64) -> ServiceError {
    ServiceError::Use(format!("there is no proposal {id}; see sluice proposal list"))
}

/// A proposal that still waits.
fn waiting(work: &mut Work<'_>, id: i64) -> Result<Proposal> {
    let proposal = found(&mut work.tx, id)?;
    let done = |at: Timestamp| {
        let (word, at) = (proposal.state.word().to_lowercase(), in_words(at));
        let by = proposal.decided_by.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
        format!("proposal {id} is {word} since {at}{by}; what is still wanted is proposed again")
    };
    match (proposal.state, proposal.decided_at) {
        (ProposalState::Waiting, _) if work.now < proposal.expires_at => Ok(proposal),
        (ProposalState::Waiting, _) => {
            let at = in_words(proposal.expires_at);
            Err(ServiceError::rule("ACC-2", format!("proposal {id} expired at {at}; propose it again")))
        }
        (_, at) => Err(ServiceError::rule("ACC-2", done(at.unwrap_or(work.now)))),
    }
}
