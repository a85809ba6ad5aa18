//! What DCC sent and told a party.

use super::files::document;
use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Asked;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sluice_rules::party::Party;
use sluice_service::read::inbox::{self, What};
use utoipa::{IntoParams, ToSchema};

/// From where on the inbox is read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Place {
    /// The party; only DCC names one.
    party: Option<String>,
    /// What `next` of the page before said; from the first on without it.
    after: Option<String>,
    /// At most so many, 1 to 200; 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Something that a party was sent or told.
#[derive(Serialize, ToSchema)]
pub(super) struct Item {
    /// By what it is known.
    id: String,
    /// When it was issued.
    #[schema(format = DateTime)]
    at: String,
    /// DOCUMENT or NOTICE.
    kind: &'static str,
    /// The name of a document.
    name: Option<String>,
    /// The rule under which a notice is given.
    rule: Option<String>,
    /// The CHF Device ID of the installation that a notice is about.
    chf: Option<String>,
    /// What a notice says.
    words: Option<String>,
}

/// A page of the inbox.
#[derive(Serialize, ToSchema)]
pub(super) struct InboxPage {
    /// Oldest first.
    items: Vec<Item>,
    /// Where the next page begins; it is given also where there is none yet, to be asked for later.
    next: String,
    /// Is there more already?
    more: bool,
}

/// What DCC sent and told a party, oldest first, documents and notices in one order.
#[utoipa::path(get, path = "/inbox", tag = "inbox", params(Place),
    responses((status = 200, body = InboxPage), NothingDone))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(Place { party, after, limit }): Asked<Place>,
) -> Result<Json<InboxPage>, Problem> {
    let party = caller.party(super::text::parsed::<Party>("party", party)?)?;
    let (limit, Caller(by), shared) = (super::text::limit(limit)?, caller, App::clone(&app));
    let page = app.read(move |service, now| {
        service.look(now, &by, |work| inbox::page(work, &shared.veil, party, after.as_deref(), limit))
    });
    let page = page.await?;
    let items = page.items.into_iter().map(|item| {
        let (id, at) = (item.id, moment(item.at));
        let bare = Item { id, at, kind: "DOCUMENT", name: None, rule: None, chf: None, words: None };
        match item.what {
            What::Document { name } => Item { name: Some(name), ..bare },
            What::Notice { rule, chf, words } => {
                let chf = chf.map(|chf| chf.to_string());
                Item { kind: "NOTICE", rule: Some(rule), chf, words: Some(words), ..bare }
            }
        }
    });
    Ok(Json(InboxPage { items: items.collect(), next: page.next, more: page.more }))
}

/// Whose inbox it is.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// The party; only DCC names one.
    party: Option<String>,
}

/// A document of the inbox, as it was issued.
#[utoipa::path(get, path = "/inbox/{id}/content", tag = "inbox",
    params(("id" = String, Path, description = "The id of the document."), Whose),
    responses((status = 200, description = "The document as it was issued.", content(("application/octet-stream"))), NothingDone))]
pub(super) async fn content(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(Whose { party }): Asked<Whose>,
) -> Result<Response, Problem> {
    let party = caller.party(super::text::parsed::<Party>("party", party)?)?;
    let (Caller(by), shared) = (caller, App::clone(&app));
    let found =
        app.read(move |service, now| service.look(now, &by, |work| inbox::document(work, &shared.veil, party, &id)));
    found.await?.map(|(name, bytes)| document(&name, bytes)).ok_or_else(Problem::not_found)
}
