//! What waits for a second person, whatever it is about (ACC-2).

use super::task::Task;
use crate::act::work::Look;
use crate::books::calendar::in_words;
use crate::dispatch::proposals::list;
use crate::error::Result;
use sluice_rules::proposal::ProposalState;
use sluice_store::Scope;

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
    let task = |proposal: &sluice_store::tables::proposals::Proposal| {
        let (id, title, maker) = (proposal.id, &proposal.title, &proposal.maker);
        let until = in_words(proposal.expires_at);
        Task::new(
            format!("another than {maker}"),
            format!("decide on proposal {id} of {maker} until {until}: {title} (ACC-2)"),
        )
        .with(format!("sluice proposal show {id}"))
    };
    Ok(waiting.iter().map(task).collect())
}
