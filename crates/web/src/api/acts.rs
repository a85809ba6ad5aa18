//! What people do beside handing files in: each an act of the service, done once for each Idempotency-Key. What two people answer for
//! is proposed by the first (ACC-2).

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::HeaderName;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluice_rules::calendar::Milestone;
use sluice_rules::party::S1sp;
use sluice_service::ServiceError;
use sluice_service::act::actor::Actor;
use sluice_service::act::request::Request as Done;
use sluice_service::act::work::Act;
use sluice_service::days::cut::ChangeCapacity;
use sluice_service::days::lock::LockDay;
use sluice_service::dispatch::two::ByTwo;
use sluice_service::service::Service;
use sluice_service::service::by_two::Asked;
use sluice_service::weeks::close::CloseWeek;
use sluice_service::weeks::move_milestone::MoveMilestone;
use sluice_service::weeks::publish::Publish;
use sluice_service::weeks::questions::{AnswerQuery, Raise};
use sluice_service::weeks::redistribute::{HandBack, Refill};
use sluice_service::weeks::scale::ScaleWeek;
use sluice_store::StoreError;
use utoipa::ToSchema;

/// What came of an act.
#[derive(Serialize, ToSchema)]
pub(super) struct Outcome {
    /// What came of it: figures, or null where there is nothing to be told.
    #[schema(value_type = Object)]
    done: Value,
}

/// What waits for a second person.
#[derive(Serialize, ToSchema)]
pub(super) struct Waiting {
    /// The proposal, as its list has it.
    #[schema(value_type = Object)]
    proposed: Value,
}

/// The header that says that a request was done before, and not again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Does an act of one person.
pub(super) async fn act<T, A>(
    app: App,
    caller: Caller,
    acting: Acting<T>,
    of: impl FnOnce(T) -> A,
) -> Result<Response, Problem>
where
    A: Act + Send + 'static,
    A::Answer: Send + 'static,
{
    let Acting { said, request } = acting;
    let act = of(said);
    let (answer, before) =
        once(&app, caller, (request, true), move |service, now, by| Ok(json!(service.act(now, by, act)?))).await?;
    Ok(answered(StatusCode::OK, "done", &answer, before))
}

/// Does an act of two people, or proposes it.
pub(super) async fn ask<T, A>(
    app: App,
    caller: Caller,
    acting: Acting<T>,
    of: impl FnOnce(T) -> A,
) -> Result<Response, Problem>
where
    A: ByTwo + Send + 'static,
    A::Answer: Send + 'static,
{
    ask_at_its_turn(app, caller, acting, of, true).await
}

/// The same of what may move what is due: that waits for it.
pub(super) async fn ask_before_what_is_due<T, A>(
    app: App,
    caller: Caller,
    acting: Acting<T>,
    of: impl FnOnce(T) -> A,
) -> Result<Response, Problem>
where
    A: ByTwo + Send + 'static,
    A::Answer: Send + 'static,
{
    ask_at_its_turn(app, caller, acting, of, false).await
}

async fn ask_at_its_turn<T, A>(
    app: App,
    caller: Caller,
    Acting { said, request }: Acting<T>,
    of: impl FnOnce(T) -> A,
    due_first: bool,
) -> Result<Response, Problem>
where
    A: ByTwo + Send + 'static,
    A::Answer: Send + 'static,
{
    let act = of(said);
    let (answer, before) = once(&app, caller, (request, due_first), move |service, now, by| {
        Ok(match service.ask(now, by, act)? {
            Asked::Done(answer) => json!(answer),
            Asked::Waits(proposed) => json!(proposed),
        })
    })
    .await?;
    // What is kept of a request says by its form which it was.
    let proposed = answer.get("expires_at").is_some() && answer.get("title").is_some();
    let (status, word) = if proposed { (StatusCode::ACCEPTED, "proposed") } else { (StatusCode::OK, "done") };
    Ok(answered(status, word, &answer, before))
}

/// Does something once for its request, and gives what came of it and whether that was before.
pub(super) async fn once(
    app: &App,
    Caller(by): Caller,
    (request, due_first): (Option<Done>, bool),
    act: impl FnOnce(&mut Service, Timestamp, &Actor) -> Result<Value, ServiceError> + Send + 'static,
) -> Result<(Value, bool), Problem> {
    let by = request.map_or_else(|| by.clone(), |request| by.clone().asking(request));
    app.write(due_first, move |service, now| {
        let before = |service: &mut Service| match request {
            Some(request) => service.answered_before(&request),
            None => Ok(None),
        };
        if let Some(answer) = before(service)? {
            return Ok((serde_json::from_str(&answer).unwrap_or_default(), true));
        }
        match act(service, now, &by) {
            // Another server did it meanwhile, or its answer was lost.
            Err(error @ ServiceError::Store(StoreError::Constraint { .. } | StoreError::InDoubt(_))) => {
                let answer = before(service)?.ok_or(error)?;
                Ok((serde_json::from_str(&answer).unwrap_or_default(), true))
            }
            done => Ok((done?, false)),
        }
    })
    .await
}

pub(super) fn answered(status: StatusCode, word: &str, answer: &Value, before: bool) -> Response {
    let mut response = (status, Json(json!({ word: answer }))).into_response();
    if before {
        response.headers_mut().insert(REPLAYED, axum::http::HeaderValue::from_static("true"));
    }
    response
}

/// Where an act is done: an S1SP and the Monday of a week, in its address.
pub(super) fn week_of(monday: String, s1sp: String) -> Result<(Date, S1sp), Problem> {
    Ok((super::text::required("the Monday", monday)?, super::text::required("the S1SP", s1sp)?))
}

/// The same of a day.
fn day_of(date: String, s1sp: String) -> Result<(Date, S1sp), Problem> {
    Ok((super::text::required("the date", date)?, super::text::required("the S1SP", s1sp)?))
}

/// What is a party's own act nobody does for it.
pub(super) fn must_act_for_a_party(Caller(by): &Caller) -> Result<(), Problem> {
    let words = "this is done by who acts for a supplier";
    by.party().map(drop).ok_or_else(|| Problem::of(Kind::NotAllowed, "ACC-1", words))
}

/// Nothing more to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Scales a week at an S1SP: a new version of its result, for operators (MSM-11).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/scale", tag = "acts", request_body = Nothing,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn scale(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    act(app, caller, acting, |_| ScaleWeek { s1sp, week }).await
}

/// How a result is published.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    /// As firm; as provisional without it.
    #[serde(default)]
    firm: bool,
}

/// Publishes the last version of a result; two people answer for it (MSM-11, ACC-2).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/publish", tag = "acts", request_body = Published,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn publish(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Published>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    ask(app, caller, acting, |Published { firm }| Publish { s1sp, week, firm, approve: None }).await
}

/// Shares units that nobody uses, for operators (MSM-13).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/refill", tag = "acts", request_body = Nothing,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn refill(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    act(app, caller, acting, |_| Refill { s1sp, week }).await
}

/// A reason, which is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    reason: String,
}

/// Closes a week without a result; two people answer for it (CAL-5, ACC-2).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/close", tag = "acts", request_body = Why,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn close(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Why>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    ask(app, caller, acting, |Why { reason }| CloseWeek { s1sp, week, reason, approve: None }).await
}

/// Where a milestone goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MovedTo {
    /// Its id, as the week lists it.
    milestone: String,
    /// To which moment.
    #[schema(format = DateTime)]
    to: String,
    /// Why, which is recorded and told.
    reason: String,
}

/// Moves a milestone of a week; two people answer for it (CAL-4, ACC-2).
#[utoipa::path(post, path = "/weeks/{monday}/milestones", tag = "acts", request_body = MovedTo,
    params(("monday" = String, Path, format = Date), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn move_milestone(
    State(app): State<App>,
    caller: Caller,
    Path(monday): Path<String>,
    acting: Acting<MovedTo>,
) -> Result<Response, Problem> {
    let week: Date = super::text::required("the Monday", monday)?;
    let milestone: Milestone = super::text::required("milestone", acting.said.milestone.clone())?;
    let to: Timestamp = super::text::required("to", acting.said.to.clone())?;
    ask(app, caller, acting, |said| MoveMilestone { week, milestone, to, reason: said.reason, approve: None }).await
}

/// The capacity of a day, in installations a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCapacity {
    capacity: u64,
}

/// Changes the capacity of a day of a firm week; two people answer for it (MSM-12, ACC-2).
#[utoipa::path(post, path = "/days/{date}/{s1sp}/capacity", tag = "acts", request_body = NewCapacity,
    params(("date" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn capacity(
    State(app): State<App>,
    caller: Caller,
    Path((date, s1sp)): Path<(String, String)>,
    acting: Acting<NewCapacity>,
) -> Result<Response, Problem> {
    let (date, s1sp) = day_of(date, s1sp)?;
    ask(app, caller, acting, |NewCapacity { capacity }| ChangeCapacity { s1sp, date, capacity, approve: None }).await
}

/// Why a day is locked on reference data that are too old.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Waived {
    /// REF-1: the reason, where any are.
    waiver: Option<String>,
}

/// Locks the schedule of a day, for operators (SCH-1).
#[utoipa::path(post, path = "/days/{date}/{s1sp}/lock", tag = "acts", request_body = Waived,
    params(("date" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn lock(
    State(app): State<App>,
    caller: Caller,
    Path((date, s1sp)): Path<(String, String)>,
    acting: Acting<Waived>,
) -> Result<Response, Problem> {
    let (date, s1sp) = day_of(date, s1sp)?;
    act(app, caller, acting, |Waived { waiver }| LockDay { s1sp, date, waiver }).await
}

/// Units of a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Units {
    /// How many installations.
    units: u64,
}

/// Gives units of a day back that no row uses, for suppliers; what is left is told (MSM-13).
#[utoipa::path(post, path = "/days/{date}/{s1sp}/hand-back", tag = "acts", request_body = Units,
    params(("date" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn hand_back(
    State(app): State<App>,
    caller: Caller,
    Path((date, s1sp)): Path<(String, String)>,
    acting: Acting<Units>,
) -> Result<Response, Problem> {
    let (date, s1sp) = day_of(date, s1sp)?;
    must_act_for_a_party(&caller)?;
    act(app, caller, acting, |Units { units }| HandBack { s1sp, date, units }).await
}

/// A question about a provisional result.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    question: String,
}

/// Raises a query about a day of a provisional result, for suppliers; by what it is known is told (MSM-11).
#[utoipa::path(post, path = "/days/{date}/{s1sp}/queries", tag = "acts", request_body = Question,
    params(("date" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn raise(
    State(app): State<App>,
    caller: Caller,
    Path((date, s1sp)): Path<(String, String)>,
    acting: Acting<Question>,
) -> Result<Response, Problem> {
    let (date, s1sp) = day_of(date, s1sp)?;
    must_act_for_a_party(&caller)?;
    let Acting { said: Question { question }, request } = acting;
    let raise = Raise { s1sp, date, question };
    let (answer, before) =
        once(&app, caller, (request, true), move |service, now, by| Ok(json!(service.act(now, by, raise)?))).await?;
    // Its number counts the queries of all (MSM-14).
    let id = answer.as_i64().map(|number| app.veil.over(number));
    Ok(answered(StatusCode::OK, "done", &json!(id), before))
}

/// The answer to a query.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerGiven {
    answer: String,
}

/// Answers a query, for operators (MSM-11).
#[utoipa::path(post, path = "/queries/{id}/answer", tag = "acts", request_body = AnswerGiven,
    params(("id" = String, Path, description = "By what the week lists it."), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    acting: Acting<AnswerGiven>,
) -> Result<Response, Problem> {
    let query = app.veil.behind(&id).ok_or_else(Problem::not_found)?;
    act(app, caller, acting, |AnswerGiven { answer }| AnswerQuery { query, answer }).await
}
