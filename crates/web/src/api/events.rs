//! What comes upon the programme: meters pass from one supplier to another (MAM-11), and outages of intake (CAL-7).

use super::acts::{Nothing, Outcome, Waiting, ask, ask_before_what_is_due};
use super::text::{moment, parsed, required};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sluice_service::events::event::{CancelEvent, RecordEvent};
use sluice_service::files::outage::RecordOutage;
use sluice_store::tables::responsibility::{ResponsibilityEvent, all};
use utoipa::ToSchema;

/// A responsibility event.
#[derive(Serialize, ToSchema)]
pub(super) struct EventView {
    /// Its number.
    id: i64,
    /// TRANSFER or APPOINTMENT.
    kind: String,
    from: String,
    to: String,
    /// The market participant ids that pass.
    mpids: Vec<String>,
    /// From when on it holds.
    #[schema(format = DateTime)]
    effective: String,
    reason: String,
    recorded_by: String,
    #[schema(format = DateTime)]
    recorded_at: String,
    #[schema(format = DateTime)]
    done_at: Option<String>,
    #[schema(format = DateTime)]
    cancelled_at: Option<String>,
    /// Did it leave the party without any?
    whole: bool,
}

impl From<ResponsibilityEvent> for EventView {
    fn from(of: ResponsibilityEvent) -> Self {
        Self {
            id: of.id,
            kind: of.kind.word().to_owned(),
            from: of.from.to_string(),
            to: of.to.to_string(),
            mpids: of.mpids.iter().map(|(_, mpid)| mpid.to_string()).collect(),
            effective: moment(of.effective),
            reason: of.reason,
            recorded_by: of.recorded_by,
            recorded_at: moment(of.recorded_at),
            done_at: of.done_at.map(moment),
            cancelled_at: of.cancelled_at.map(moment),
            whole: of.whole,
        }
    }
}

/// Responsibility events, in the order of their numbers.
#[derive(Serialize, ToSchema)]
pub(super) struct Events {
    events: Vec<EventView>,
}

/// The responsibility events; for DCC and observers.
#[utoipa::path(get, path = "/responsibility", tag = "events", responses((status = 200, body = Events), NothingDone))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Events>, Problem> {
    let by = caller.overseer()?;
    let found = app.read(move |service, now| service.look(now, &by, |work| Ok(all(&mut work.tx)?))).await?;
    Ok(Json(Events { events: found.into_iter().map(EventView::from).collect() }))
}

/// Market participant ids that pass from one supplier to another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Passing {
    /// TRANSFER; APPOINTMENT where the supplier before failed.
    kind: String,
    from: String,
    to: String,
    /// The ids that pass; all that the party has where none is named.
    #[serde(default)]
    mpids: Vec<String>,
    /// From when on; from now on where nothing is said.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Why, which is recorded.
    reason: String,
}

fn passing(said: Passing) -> Result<RecordEvent, Problem> {
    let mpids = said.mpids.into_iter().map(|mpid| required("mpids", mpid));
    Ok(RecordEvent {
        kind: required("kind", said.kind)?,
        from: required("from", said.from)?,
        to: required("to", said.to)?,
        mpids: mpids.collect::<Result<_, Problem>>()?,
        at: parsed("at", said.at)?,
        reason: said.reason,
        approve: None,
    })
}

/// Records a responsibility event, as the failure of a supplier; two people answer for it (MAM-11, ACC-2).
#[utoipa::path(post, path = "/responsibility", tag = "events", request_body = Passing,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn record(
    State(app): State<App>,
    caller: Caller,
    acting: Acting<Passing>,
) -> Result<Response, Problem> {
    ask(app, caller, acting.read_as(passing)?, |event| event).await
}

/// Cancels a responsibility event before its moment; two people answer for it (MAM-11, ACC-2).
#[utoipa::path(post, path = "/responsibility/{id}/cancel", tag = "events", request_body = Nothing,
    params(("id" = i64, Path, description = "Its number."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let event: i64 = required("the number of an event", id)?;
    ask(app, caller, acting, |_| CancelEvent { event, approve: None }).await
}

/// When nothing could be handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Out {
    /// Since when.
    #[schema(format = DateTime)]
    from: String,
    /// When it was back.
    #[schema(format = DateTime)]
    to: String,
    /// Why; everybody is told.
    reason: String,
}

/// Records an outage of intake, which moves the milestones that it hit; two people answer for it (CAL-7, ACC-2).
#[utoipa::path(post, path = "/outages", tag = "events", request_body = Out,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn outage(State(app): State<App>, caller: Caller, acting: Acting<Out>) -> Result<Response, Problem> {
    let of = |Out { from, to, reason }| {
        Ok(RecordOutage { from: required("from", from)?, to: required("to", to)?, reason, approve: None })
    };
    ask_before_what_is_due(app, caller, acting.read_as(of)?, |outage| outage).await
}
