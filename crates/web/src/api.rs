//! The API, `/api/v1`: each operation authenticates, reads its request, asks the service and answers.

mod acts;
mod bars;
mod dormant;
mod events;
mod files;
mod inbox;
mod installations;
mod me;
mod proposals;
mod reference;
mod reports;
mod rules;
mod state;
mod text;
mod weeks;

use crate::app::App;
use crate::request::{answered, known_query, nowhere};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the API is, for its description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sluice",
        description = "The control centre for capacity-limited, multi-party migrations. Moments are RFC 3339 in UTC, dates ISO 8601, \
                       codes and states the words of the rules. What is not known in a request is refused. What a caller may not \
                       see answers as what is not there.",
        version = "1",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(crate::problem::Told)),
    modifiers(&Bearer),
    security(("token" = []))
)]
struct Described;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of an account, as sluice user token makes it."));
        api.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme.build()));
    }
}

fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(me::me))
        .routes(routes!(me::tokens, me::make_token))
        .routes(routes!(me::revoke_token))
        .routes(routes!(files::list, files::hand_in))
        .routes(routes!(files::show))
        .routes(routes!(files::response))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::content))
        .routes(routes!(weeks::show))
        .routes(routes!(weeks::eligible))
        .routes(routes!(weeks::proposed))
        .routes(routes!(installations::show))
        .routes(routes!(reports::list))
        .routes(routes!(reports::make))
        .routes(routes!(rules::show))
}

/// What people do beside handing files in.
fn acts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(acts::scale))
        .routes(routes!(acts::publish))
        .routes(routes!(acts::refill))
        .routes(routes!(acts::close))
        .routes(routes!(acts::move_milestone))
        .routes(routes!(acts::capacity))
        .routes(routes!(acts::lock))
        .routes(routes!(acts::hand_back))
        .routes(routes!(acts::raise))
        .routes(routes!(acts::answer))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::show))
        .routes(routes!(proposals::approve))
        .routes(routes!(proposals::decline))
        .routes(routes!(proposals::withdraw))
}

/// What keeps installations from being migrated, the Dormant ones, what comes upon the programme, and reference data.
fn beside() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(bars::list, bars::impose))
        .routes(routes!(bars::lift))
        .routes(routes!(bars::acknowledge))
        .routes(routes!(bars::exclusions))
        .routes(routes!(bars::decide))
        .routes(routes!(bars::lift_exclusion))
        .routes(routes!(dormant::show))
        .routes(routes!(dormant::plan))
        .routes(routes!(dormant::notify))
        .routes(routes!(dormant::decide))
        .routes(routes!(events::list, events::record))
        .routes(routes!(events::cancel))
        .routes(routes!(events::outage))
        .routes(routes!(reference::list))
        .routes(routes!(reference::undo))
}

/// All of them, where they stand.
fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest("/api/v1", operations().merge(acts()).merge(beside()))
}

/// The description of the API by OpenAPI 3.1, as it is committed in `docs/openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    all().into_openapi()
}

/// Everything that the server answers.
pub(crate) fn router(app: App) -> Router {
    let (api, described) = all().split_for_parts();
    let described = serde_json::to_value(&described).unwrap_or_default();
    let told = Json(described.clone());
    let described = Arc::new(described);
    api.route_layer(from_fn_with_state(described, known_query))
        .route("/api/v1/openapi.json", get(move || std::future::ready(told.clone())))
        .merge(state::routes(&app))
        .fallback(nowhere)
        .with_state(app)
        .layer(from_fn(answered))
}
