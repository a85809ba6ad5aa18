//! Who asks, and the tokens of its account.

use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::{Said, must_have_no_key};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sluice_service::people::tokens::{DAYS, RevokeToken, Secret};
use sluice_store::tables::tokens::Token;
use utoipa::ToSchema;

/// An account, as it acts.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// Its name.
    name: String,
    /// OPERATOR, APPROVER, SUPPLIER, S1SP or OBSERVER.
    role: String,
    /// The party for which it acts; nothing for DCC and observers.
    party: Option<String>,
    /// The moment of the answer: what is due by then was done or is being done.
    #[schema(format = DateTime)]
    now: String,
    /// Is all of it invented, with a clock that is moved by hand?
    simulated: bool,
}

/// Who asks.
#[utoipa::path(get, path = "/me", tag = "me", responses((status = 200, body = Me), NothingDone))]
pub(super) async fn me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let now = app.read(|_, now| Ok(now)).await?;
    let Caller(actor) = caller;
    let party = actor.party().map(|party| party.to_string());
    let (name, role) = (actor.name().to_owned(), actor.role().to_string());
    Ok(Json(Me { name, role, party, now: moment(now), simulated: app.simulated }))
}

/// A token, without what it is.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// Its public id.
    id: String,
    /// The account that it stands for.
    account: String,
    /// When it was made.
    #[schema(format = DateTime)]
    made_at: String,
    /// By whom.
    made_by: String,
    /// From when on it is taken no more.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was revoked.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    /// About when it was used last.
    #[schema(format = DateTime)]
    used_at: Option<String>,
}

impl From<Token> for TokenView {
    fn from(of: Token) -> Self {
        Self {
            id: of.id,
            account: of.account,
            made_at: moment(of.made_at),
            made_by: of.made_by,
            expires_at: moment(of.expires_at),
            revoked_at: of.revoked_at.map(moment),
            used_at: of.used_at.map(moment),
        }
    }
}

/// Tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<TokenView>,
}

/// The tokens that the caller may know of: DCC and observers all, others their own.
#[utoipa::path(get, path = "/tokens", tag = "me", responses((status = 200, body = Tokens), NothingDone))]
pub(super) async fn tokens(State(app): State<App>, Caller(by): Caller) -> Result<Json<Tokens>, Problem> {
    let tokens = app.read(move |service, now| service.tokens(now, &by, None)).await?;
    Ok(Json(Tokens { tokens: tokens.into_iter().map(TokenView::from).collect() }))
}

/// What token is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The days for which it is taken, 1 to 366; 90 where nothing is said.
    #[schema(minimum = 1, maximum = 366)]
    days: Option<u16>,
}

/// A new token, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct NewToken {
    /// Its public id.
    id: String,
    /// The token. It is nowhere else.
    token: String,
    /// From when on it is taken no more.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Makes another token of the caller's own account.
#[utoipa::path(post, path = "/tokens", tag = "me", request_body = Wanted,
    responses((status = 201, body = NewToken), NothingDone))]
pub(super) async fn make_token(
    State(app): State<App>,
    Caller(by): Caller,
    headers: HeaderMap,
    Said(Wanted { days }): Said<Wanted>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    must_have_no_key(&headers)?;
    let secret = Secret::new()?;
    let made = app.write(true, move |service, now| {
        let name = by.name().to_owned();
        let (id, expires_at) = service.make_token(now, &by, (&name, days.unwrap_or(DAYS)), &secret)?;
        Ok(NewToken { id, token: secret.shown_once(), expires_at: moment(expires_at) })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Revokes a token: one's own, or for an operator any.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "me", params(("id" = String, Path, description = "Its public id.")),
    responses((status = 204), NothingDone))]
pub(super) async fn revoke_token(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let own = id.clone();
    let reader = by.clone();
    let known = app.read(move |service, now| service.tokens(now, &reader, None)).await?;
    if !known.iter().any(|token| token.id == own && token.revoked_at.is_none()) {
        return Err(Problem::not_found());
    }
    app.act(by, RevokeToken { id, approve: None }).await?;
    Ok(StatusCode::NO_CONTENT)
}
