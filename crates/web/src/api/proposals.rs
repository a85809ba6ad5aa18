//! What two people answer for: proposed by one, decided by another (ACC-2).

use super::acts::{Nothing, Outcome, act, answered, once};
use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sluice_service::ServiceError;
use sluice_service::act::digests::hexadecimal;
use sluice_service::dispatch::proposals::{DecideProposal, WithdrawProposal, list as all};
use sluice_store::tables::proposals::Proposal;
use sluice_store::tables::record::Received;
use utoipa::ToSchema;

/// Something that one person proposed.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalView {
    /// Its number.
    id: i64,
    /// The kind of act.
    kind: String,
    /// What is asked for, in words.
    title: String,
    /// Who proposed it.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    made_at: String,
    /// Until when it waits.
    #[schema(format = DateTime)]
    expires_at: String,
    /// What would come of it as it was proposed; a line each.
    figures: Vec<String>,
    /// WAITING, APPROVED, DECLINED, WITHDRAWN or EXPIRED.
    state: String,
    /// Who decided.
    decided_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    /// Why it was declined.
    why: Option<String>,
}

impl From<Proposal> for ProposalView {
    fn from(of: Proposal) -> Self {
        Self {
            id: of.id,
            kind: of.kind,
            title: of.title,
            by: of.maker,
            made_at: moment(of.made_at),
            expires_at: moment(of.expires_at),
            figures: of.figures.lines().map(str::to_owned).collect(),
            state: of.state.word().to_owned(),
            decided_by: of.decided_by,
            decided_at: of.decided_at.map(moment),
            why: of.why,
        }
    }
}

/// Proposals: those that wait, then those that are decided, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Proposals {
    proposals: Vec<ProposalView>,
}

/// The proposals; for DCC and observers.
#[utoipa::path(get, path = "/proposals", tag = "proposals",
    responses((status = 200, body = Proposals), NothingDone))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Proposals>, Problem> {
    let by = caller.overseer()?;
    let found = app.read(move |service, now| service.look(now, &by, all)).await?;
    Ok(Json(Proposals { proposals: found.into_iter().map(ProposalView::from).collect() }))
}

/// A file that a proposal takes over.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenFile {
    name: String,
    size: u64,
    sha256: Option<String>,
}

impl From<Received> for TakenFile {
    fn from(of: Received) -> Self {
        let sha256 = of.digest.map(|digest| hexadecimal(&digest));
        Self { name: of.name, size: of.size, sha256 }
    }
}

/// A proposal with what would come of it now.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownProposal {
    proposal: ProposalView,
    /// The files that it takes over.
    files: Vec<TakenFile>,
    /// What would come of it now; a line each. Nothing where it is decided, or cannot be done.
    now: Option<Vec<String>>,
    /// Is that what was proposed? Only then it can be approved.
    same: Option<bool>,
    /// Why it cannot be done now.
    cannot: Option<String>,
}

/// A proposal with its preview made anew.
#[utoipa::path(get, path = "/proposals/{id}", tag = "proposals", params(("id" = i64, Path, description = "Its number.")),
    responses((status = 200, body = ShownProposal), NothingDone))]
pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ShownProposal>, Problem> {
    let (by, id) = (caller.overseer()?, number(&id)?);
    // It is tried out on a connection that writes nothing that is kept.
    let shown = app.read_much(move |service, now| match service.proposal(now, &by, id) {
        Err(ServiceError::Use(_)) => Ok(None),
        shown => shown.map(Some),
    });
    let shown = shown.await?.ok_or_else(Problem::not_found)?;
    let (now, same, cannot) = match shown.now {
        Some(Ok((figures, same))) => (Some(figures), Some(same), None),
        Some(Err(words)) => (None, None, Some(words)),
        None => (None, None, None),
    };
    let files = shown.files.into_iter().map(TakenFile::from).collect();
    Ok(Json(ShownProposal { proposal: shown.proposal.into(), files, now, same, cannot }))
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// The number of a proposal that is there, for who may decide on it.
async fn to_decide(app: &App, caller: &Caller, id: &str) -> Result<i64, Problem> {
    let by = caller.clone().overseer()?;
    if !by.is_dcc() {
        return Err(Problem::of(Kind::NotAllowed, "ACC-2", "proposals are decided by DCC's operators and approvers"));
    }
    let id = number(id)?;
    let found = app.read(move |service, now| service.look(now, &by, all)).await?;
    if found.iter().any(|proposal| proposal.id == id) { Ok(id) } else { Err(Problem::not_found()) }
}

/// Approves a proposal as the second, which does it. What came of it is in its figures.
#[utoipa::path(post, path = "/proposals/{id}/approve", tag = "proposals", request_body = Nothing,
    params(("id" = i64, Path, description = "Its number."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Acting { request, .. }: Acting<Nothing>,
) -> Result<Response, Problem> {
    let id = to_decide(&app, &caller, &id).await?;
    // CAL-7: what an outage moves is not due before it is decided.
    let due = app.read(move |service, now| service.is_of_an_outage(now, id)).await?;
    let by = caller.0.clone();
    let (answer, before) = once(&app, caller, (request, !due), move |service, now, by| {
        Ok(json!({ "figures": service.approve(now, by, id)?.figures }))
    })
    .await?;
    let answer = match before {
        false => answer,
        // They are what was proposed, else it had not been done.
        true => {
            let all = app.read(move |service, now| service.look(now, &by, all)).await?;
            let figures = all.into_iter().find(|proposal| proposal.id == id).map(|proposal| proposal.figures);
            json!({ "figures": figures.unwrap_or_default().lines().collect::<Vec<_>>() })
        }
    };
    Ok(answered(StatusCode::OK, "done", &answer, before))
}

/// Why a proposal is declined.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Declined {
    /// The reason, which is recorded.
    why: String,
}

/// Declines a proposal; nothing of it is done.
#[utoipa::path(post, path = "/proposals/{id}/decline", tag = "proposals", request_body = Declined,
    params(("id" = i64, Path, description = "Its number."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn decline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<Declined>,
) -> Result<Response, Problem> {
    let id = to_decide(&app, &caller, &id).await?;
    act(app, caller, acting, |Declined { why }| DecideProposal::decline(id, why)).await
}

/// Takes one's own proposal back.
#[utoipa::path(post, path = "/proposals/{id}/withdraw", tag = "proposals", request_body = Nothing,
    params(("id" = i64, Path, description = "Its number."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let id = to_decide(&app, &caller, &id).await?;
    act(app, caller, acting, |_| WithdrawProposal { id }).await
}
