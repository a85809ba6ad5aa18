//! How the server is, for what watches it; and the clock of a simulated database.

use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::request::Said;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long ago what is due may have been done last.
const LATE: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn routes(app: &App) -> Router<App> {
    let routes = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready));
    if app.settings.moves_clock { routes.route("/api/v1/clock", post(move_clock)) } else { routes }
}

async fn alive() -> &'static str {
    "alive\n"
}

/// Does the database answer, and is what is due done?
async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.read(|_, _| Ok(())).await?;
    if Timestamp::now().duration_since(app.writer.caught_up()) > LATE {
        let words = "what is due was not done for too long; the log of the server says why";
        return Err(Problem::of(Kind::Unavailable, "CLOCK", words));
    }
    Ok("ready\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    /// To which moment.
    to: String,
}

#[derive(Serialize)]
struct Clock {
    now: String,
}

/// Moves the clock of a simulated database, and does what is due until then.
async fn move_clock(
    State(app): State<App>,
    Caller(by): Caller,
    Said(Moved { to }): Said<Moved>,
) -> Result<(StatusCode, Json<Clock>), Problem> {
    if !by.is_dcc() || !app.simulated {
        return Err(Problem::not_found());
    }
    let to: Timestamp =
        to.parse().map_err(|_| Problem::bad(format!("'{to}' is no moment such as 2021-07-12T17:00:00+01:00")))?;
    let moved = app.writer.run(move |service| {
        let now = service.moment(Some(to))?;
        service.catch_up(now)?;
        Ok::<_, sluice_service::ServiceError>(now)
    });
    Ok((StatusCode::OK, Json(Clock { now: moment(moved.await??) })))
}
