//! Dormant installations: the plan of a week, its notices, and what is decided on objections (DMT-1 to DMT-4).

use super::acts::{Nothing, Outcome, act, week_of};
use super::text::required;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluice_service::dormant::decide::DecideObjection;
use sluice_service::dormant::notify::NotifyDormant;
use sluice_service::dormant::plan::PlanDormant;
use sluice_service::read::dormant::show as plan_of;
use utoipa::ToSchema;

/// The Dormant installations of a week at an S1SP.
#[derive(Serialize, ToSchema)]
pub(super) struct DormantPlan {
    /// Its stage, days, installations with their states and answers, and what is next.
    #[schema(value_type = Object)]
    plan: Value,
}

/// The Dormant installations of a week: all for DCC and observers, to suppliers those of which they were told (MSM-14).
#[utoipa::path(get, path = "/weeks/{monday}/{s1sp}/dormant", tag = "dormant",
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path)),
    responses((status = 200, body = DormantPlan), NothingDone))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(by): Caller,
    Path((monday, s1sp)): Path<(String, String)>,
) -> Result<Json<DormantPlan>, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    let plan = app.read_much(move |service, now| {
        service.look(now, &by, |work| {
            let calendar = work.week(week)?;
            Ok(json!(plan_of(work, &calendar, s1sp)?))
        })
    });
    Ok(Json(DormantPlan { plan: plan.await? }))
}

/// Plans the Dormant installations of a week, for operators (DMT-1).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/dormant/plan", tag = "dormant", request_body = Nothing,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn plan(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    act(app, caller, acting, |_| PlanDormant { s1sp, week }).await
}

/// Tells the suppliers of the Dormant installations of a week, for operators (DMT-2).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/dormant/notify", tag = "dormant", request_body = Nothing,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn notify(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<Nothing>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    act(app, caller, acting, |_| NotifyDormant { s1sp, week }).await
}

/// What is decided on an objection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnObjection {
    /// CHF Device ID of the installation.
    chf: String,
    /// Whose objection it is.
    party: String,
    /// Is it upheld? Then the installation leaves the week.
    upheld: bool,
    /// The category in which the installation is excluded with it, if it is.
    exclude: Option<String>,
    /// Why, which is recorded and told.
    why: String,
}

/// Decides on an objection, for operators; what the line of the installation is then is told (DMT-4).
#[utoipa::path(post, path = "/weeks/{monday}/{s1sp}/dormant/decide", tag = "dormant", request_body = OnObjection,
    params(("monday" = String, Path, format = Date), ("s1sp" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), NothingDone))]
pub(super) async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path((monday, s1sp)): Path<(String, String)>,
    acting: Acting<OnObjection>,
) -> Result<Response, Problem> {
    let (week, s1sp) = week_of(monday, s1sp)?;
    let of = |OnObjection { chf, party, upheld, exclude, why }| {
        let (chf, party) = (required("chf", chf)?, required("party", party)?);
        Ok(DecideObjection { s1sp, week, chf, party, upheld, exclude, why })
    };
    act(app, caller, acting.read_as(of)?, |decision| decision).await
}
