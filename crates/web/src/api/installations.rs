//! One installation.

use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use sluice_service::ServiceError;
use sluice_service::read::story::{Story, story};
use utoipa::ToSchema;

/// Something that happened to an installation.
#[derive(Serialize, ToSchema)]
pub(super) struct Event {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who did it, as far as the reader may know.
    who: String,
    /// What happened, in words.
    what: String,
}

/// An installation, as far as its reader may know it.
#[derive(Serialize, ToSchema)]
pub(super) struct Installation {
    /// CHF Device ID.
    chf: String,
    /// What it is: S1SP, cohort, devices, type, meters with their suppliers; a sentence each.
    what: Vec<String>,
    /// Where it is.
    now: String,
    /// What happens next.
    next: String,
    /// Who has to act: DCC, S1SP, SUPPLIER, NOBODY or OTHERS, with the name where the reader may know it.
    who_acts: String,
    /// What else bears on it; a sentence each.
    also: Vec<String>,
    /// What happened, oldest first.
    history: Vec<Event>,
}

impl From<Story> for Installation {
    fn from(of: Story) -> Self {
        let history = of.history.into_iter().map(|one| Event { at: moment(one.at), who: one.who, what: one.what });
        Self {
            chf: of.chf,
            what: of.what,
            now: of.now,
            next: of.next,
            who_acts: of.who_acts,
            also: of.also,
            history: history.collect(),
        }
    }
}

/// An installation by its CHF Device ID, or by an MPAN or MPRN of it. One of which the caller has and had no meter is not there.
#[utoipa::path(get, path = "/installations/{number}", tag = "installations",
    params(("number" = String, Path, description = "CHF Device ID, MPAN or MPRN.")),
    responses((status = 200, body = Installation), NothingDone))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(by): Caller,
    Path(number): Path<String>,
) -> Result<Json<Installation>, Problem> {
    let told = app.read(move |service, now| match service.look(now, &by, |work| story(work, &number)) {
        // Who has nothing to do with it is told what is told of none (MSM-14).
        Err(ServiceError::Use(_)) => Ok(None),
        told => told.map(Some),
    });
    told.await?.map(|told| Json(told.into())).ok_or_else(Problem::not_found)
}
