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

/// How far the clock of this process may be from that of the database.
const OFF: SignedDuration = SignedDuration::from_secs(1);

/// Is the moment that the database said between these two, but for what a clock may be off?
fn is_off(before: Timestamp, said: Timestamp, after: Timestamp) -> bool {
    before.duration_since(said) > OFF || said.duration_since(after) > OFF
}

/// Does the database answer, is this process's clock near its own, and is what is due done?
async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let before = Timestamp::now();
    let said = app.read(|_, now| Ok(now)).await?;
    if !app.simulated && is_off(before, said, Timestamp::now()) {
        let (here, there) = (moment(before), moment(said));
        let words = format!(
            "the clock of this server says {here}, that of the database {there}; set the wrong one right, then ask again"
        );
        return Err(Problem::of(Kind::Unavailable, "CLOCK", words));
    }
    if Timestamp::now().duration_since(app.writer.caught_up()) > LATE {
        let words = "what is due was not done for too long; the log of the server says why";
        return Err(Problem::of(Kind::Unavailable, "LATE", words));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_off_by_a_second() {
        let at = |seconds: f64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(seconds);
        for (said, off) in [(9.0, false), (8.9, true), (10.5, false), (13.0, false), (13.1, true)] {
            assert_eq!(is_off(at(10.0), at(said), at(12.0)), off, "{said}");
        }
    }
}
