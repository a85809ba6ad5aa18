//! What keeps installations from being migrated: stop orders (STOP-1), exclusions and candidates for them (OUT-2, EXC-1).

use super::acts::{Nothing, Outcome, Waiting, act, ask, must_act_for_a_party};
use super::text::{moment, parsed, required};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::StopScope;
use sluice_service::bars::acknowledge::AcknowledgeStop;
use sluice_service::bars::exclusions::{DecideExclusion, ExclusionLine, LiftExclusion, lines};
use sluice_service::bars::stops::{ImposeStop, LiftStop};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::bars::{StopList, StopOrder, stop_lists, stops};
use utoipa::ToSchema;

/// The stop list of an order at an S1SP.
#[derive(Serialize, ToSchema)]
pub(super) struct StopListView {
    s1sp: String,
    /// Until when it is to be acknowledged.
    #[schema(format = DateTime)]
    due: String,
    /// When it was.
    #[schema(format = DateTime)]
    acknowledged_at: Option<String>,
    /// When it was escalated that it was not.
    #[schema(format = DateTime)]
    escalated_at: Option<String>,
}

impl From<&StopList> for StopListView {
    fn from(of: &StopList) -> Self {
        let (acknowledged_at, escalated_at) = (of.acknowledged.map(moment), of.escalated.map(moment));
        Self { s1sp: of.s1sp.to_string(), due: moment(of.due), acknowledged_at, escalated_at }
    }
}

/// A stop order.
#[derive(Serialize, ToSchema)]
pub(super) struct StopView {
    /// Its number.
    id: i64,
    /// What kind of things it covers, as it is asked for.
    scope: String,
    /// Which; empty for a list.
    value: String,
    reason: String,
    #[schema(format = DateTime)]
    imposed_at: String,
    imposed_by: String,
    /// When it was lifted; nothing while it is in force.
    #[schema(format = DateTime)]
    lifted_at: Option<String>,
    /// By which two.
    lifted_by: Option<String>,
    lists: Vec<StopListView>,
}

impl StopView {
    fn of(order: StopOrder, lists: &[StopList]) -> Self {
        let (lifted_at, lifted_by) = order.lifted.unzip();
        Self {
            id: order.id,
            scope: order.scope.word().to_owned(),
            value: order.value,
            reason: order.reason,
            imposed_at: moment(order.imposed_at),
            imposed_by: order.imposed_by,
            lifted_at: lifted_at.map(moment),
            lifted_by,
            lists: lists.iter().filter(|list| list.order == order.id).map(StopListView::from).collect(),
        }
    }
}

/// An authorisation that stands still.
#[derive(Serialize, ToSchema)]
pub(super) struct StoppedRow {
    chf: String,
    s1sp: String,
    /// The day of its migration.
    #[schema(format = Date)]
    date: String,
    /// Whose it is.
    party: String,
}

impl From<StoredAuthorisation> for StoppedRow {
    fn from(of: StoredAuthorisation) -> Self {
        let (chf, s1sp) = (of.chf.to_string(), of.s1sp.to_string());
        Self { chf, s1sp, date: of.row.date.to_string(), party: of.row.party.to_string() }
    }
}

/// All stop orders, and what is stopped now.
#[derive(Serialize, ToSchema)]
pub(super) struct Stops {
    stops: Vec<StopView>,
    stopped: Vec<StoppedRow>,
}

/// The stop orders, with their stop lists and the authorisations that stand still; for DCC and observers.
#[utoipa::path(get, path = "/stops", tag = "days", responses((status = 200, body = Stops), NothingDone))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Stops>, Problem> {
    let by = caller.overseer()?;
    let (orders, lists, rows) = app
        .read_much(move |service, now| {
            service.look(now, &by, |work| {
                let tx = &mut work.tx;
                Ok((stops(tx)?, stop_lists(tx)?, authorisations::stopped(tx)?))
            })
        })
        .await?;
    let stops = orders.into_iter().map(|order| StopView::of(order, &lists)).collect();
    Ok(Json(Stops { stops, stopped: rows.into_iter().map(StoppedRow::from).collect() }))
}

/// What is to be stopped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToStop {
    /// S1SP, DMC, MODEL, SUPPLIER or LIST.
    scope: String,
    /// The S1SP, Device Model Combination, device model or supplier; left out for a list.
    #[serde(default)]
    value: String,
    /// The CHF Device IDs of a list.
    #[serde(default)]
    chfs: Vec<String>,
    /// Why, which is recorded and told.
    reason: String,
}

fn to_stop(said: ToStop) -> Result<ImposeStop, Problem> {
    let listed = said.chfs.iter().map(|chf| required("chfs", chf.clone()));
    let listed = listed.collect::<Result<_, Problem>>()?;
    let scope: StopScope = required("scope", said.scope)?;
    // One who means some homes of a model would stop all of them.
    match (scope, said.value.is_empty(), said.chfs.is_empty()) {
        (StopScope::List, false, _) => Err(Problem::bad("a LIST has chfs and no value; leave value out")),
        (StopScope::List, ..) | (_, _, true) => {
            Ok(ImposeStop { scope, value: said.value, listed, reason: said.reason })
        }
        _ => Err(Problem::bad(format!(
            "a stop of scope {scope} covers all of its value, and takes no chfs; to stop some homes say LIST"
        ))),
    }
}

/// Imposes a stop order, for operators: what it covers stands still at once (STOP-1).
#[utoipa::path(post, path = "/stops", tag = "days", request_body = ToStop,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn impose(
    State(app): State<App>,
    caller: Caller,
    acting: Acting<ToStop>,
) -> Result<Response, Problem> {
    act(app, caller, acting.read_as(to_stop)?, |stop| stop).await
}

/// Lifts a stop order; two people answer for it (STOP-1, ACC-2).
#[utoipa::path(post, path = "/stops/{id}/lift", tag = "days", request_body = Nothing,
    params(("id" = i64, Path, description = "Its number."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn lift(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let id: i64 = required("the number of a stop order", id)?;
    ask(app, caller, acting, |_| LiftStop { id, approve: None }).await
}

/// Acknowledges the stop list of an order, for its S1SP; whether it was in time is told (STOP-1).
#[utoipa::path(post, path = "/stops/{id}/acknowledge", tag = "days", request_body = Nothing,
    params(("id" = i64, Path, description = "Its number, as the stop list has it."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let id: i64 = required("the number of a stop order", id)?;
    must_act_for_a_party(&caller)?;
    act(app, caller, acting, |_| AcknowledgeStop { id }).await
}

/// An exclusion, or a candidate for one.
#[derive(Serialize, ToSchema)]
pub(super) struct ExclusionView {
    chf: String,
    /// The meter, where it is one of them.
    fuel: String,
    /// The category; that it is a candidate else.
    category: String,
    /// From when on.
    from: String,
    /// Where it comes from.
    origin: String,
}

impl From<ExclusionLine> for ExclusionView {
    fn from(of: ExclusionLine) -> Self {
        Self { chf: of.chf, fuel: of.fuel, category: of.category, from: of.from, origin: of.origin }
    }
}

/// What is excluded, and what may be.
#[derive(Serialize, ToSchema)]
pub(super) struct Exclusions {
    exclusions: Vec<ExclusionView>,
}

/// What is excluded, and the candidates on which a decision waits; for DCC and observers (OUT-2, EXC-1).
#[utoipa::path(get, path = "/exclusions", tag = "days", responses((status = 200, body = Exclusions), NothingDone))]
pub(super) async fn exclusions(State(app): State<App>, caller: Caller) -> Result<Json<Exclusions>, Problem> {
    let by = caller.overseer()?;
    let found = app.read_much(move |service, now| service.look(now, &by, lines)).await?;
    Ok(Json(Exclusions { exclusions: found.into_iter().map(ExclusionView::from).collect() }))
}

/// What is decided on a candidate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decided {
    /// The category in which it is excluded; left out where it is not, and its count of attempts restarts.
    exclude: Option<String>,
    /// Why, which is recorded and told.
    why: String,
}

/// Decides on a candidate for exclusion, for operators; how many failed attempts it had is told (OUT-2).
#[utoipa::path(post, path = "/exclusions/{chf}/decide", tag = "days", request_body = Decided,
    params(("chf" = String, Path, description = "CHF Device ID."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(chf): Path<String>,
    acting: Acting<Decided>,
) -> Result<Response, Problem> {
    let chf = required("the CHF Device ID", chf)?;
    act(app, caller, acting, |Decided { exclude, why }| DecideExclusion { chf, exclude, why }).await
}

/// Which exclusion is lifted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifted {
    /// The meter that is excluded by itself; left out for the installation.
    fuel: Option<String>,
    /// Why, which is recorded and told.
    why: String,
}

/// Lifts an exclusion that was decided here, for operators; how many were lifted is told (EXC-1).
#[utoipa::path(post, path = "/exclusions/{chf}/lift", tag = "days", request_body = Lifted,
    params(("chf" = String, Path, description = "CHF Device ID."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn lift_exclusion(
    State(app): State<App>,
    caller: Caller,
    Path(chf): Path<String>,
    acting: Acting<Lifted>,
) -> Result<Response, Problem> {
    let chf = required("the CHF Device ID", chf)?;
    let of = |Lifted { fuel, why }| Ok(LiftExclusion { chf, fuel: parsed("fuel", fuel)?, why });
    act(app, caller, acting.read_as(of)?, |lift| lift).await
}
