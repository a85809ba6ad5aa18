//! What waits for a second person, whatever it is about (ACC-2).

use super::task::{Task, allowed};
use crate::act::work::Look;
use crate::books::calendar::in_words;
use crate::dispatch::proposals::list;
use crate::dispatch::two::{ByTwo, VisitTwo, of_two};
use crate::error::Result;
use sluice_rules::proposal::ProposalState;
use sluice_store::Scope;
use sluice_store::tables::proposals::Proposal;

/// The proposals that wait, for DCC; those whose deadline comes first, first.
///
/// # Errors
/// If the database fails.
pub fn proposed(work: &mut Look<'_>) -> Result<Vec<Task>> {
    if *work.tx.scope() != Scope::Dcc {
        return Ok(Vec::new());
    }
    let mut waiting = list(work)?;
    waiting.retain(|proposal| proposal.state == ProposalState::Waiting);
    waiting.sort_by_key(|proposal| (proposal.expires_at, proposal.id));
    waiting.iter().map(|proposal| task(work, proposal)).collect()
}

/// ACC-2: what was overtaken since it was proposed can only be declined.
fn task(work: &mut Look<'_>, proposal: &Proposal) -> Result<Task> {
    let (id, title, maker) = (proposal.id, &proposal.title, &proposal.maker);
    let who = format!("another than {maker}");
    Ok(match allowed(of_two(&proposal.kind, &proposal.details, Overtaken { work }))? {
        Ok(()) => {
            let until = in_words(proposal.expires_at);
            Task::new(who, format!("decide on proposal {id} of {maker} until {until}: {title} (ACC-2)"))
                .with(format!("sluice proposal show {id}"))
        }
        Err(why) => {
            let what =
                format!("decline proposal {id} of {maker}, which cannot be done any more: {title}; {why} (ACC-2)");
            Task::new(who, what).with(format!("sluice proposal decline {id} --why WHY"))
        }
    })
}

/// Asks a proposed act whether it is overtaken.
struct Overtaken<'a, 'w> {
    work: &'a mut Look<'w>,
}

impl VisitTwo for Overtaken<'_, '_> {
    type Out = ();

    fn visit<A: ByTwo>(self, act: A) -> Result<()> {
        act.must_not_be_overtaken(self.work)
    }
}
