//! Who asks (ACC-1).

use crate::app::App;
use crate::problem::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sluice_rules::party::Party;
use sluice_service::ServiceError;
use sluice_service::act::actor::Actor;
use sluice_service::people::tokens::Secret;
use std::sync::Arc;
use std::time::Instant;

/// Somebody who has shown a token.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Actor);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let secret = Arc::new(given(parts)?);
        // Before anything is looked up, and again for the account: it may have many tokens.
        counted(app, &secret.fingerprint().to_string())?;
        let shown = Arc::clone(&secret);
        let signed_in = app.door.read(move |service| {
            let now = service.moment(None)?;
            service.sign_in(now, &shown)
        });
        let actor = match signed_in.await? {
            Ok(actor) => actor,
            Err(ServiceError::Rule { rule, message }) => return Err(Problem::of(Kind::NotSignedIn, rule, message)),
            Err(error) => return Err(error.into()),
        };
        counted(app, actor.name())?;
        let caller = Self(actor);
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// Counts a request, and refuses it where too many were asked in this minute.
fn counted(app: &App, of: &str) -> Result<(), Problem> {
    let most = app.settings.requests_a_minute;
    let left = app.limits.request(of, most, Instant::now());
    if left.requests.is_some() {
        return Ok(());
    }
    let words = format!("an account may ask {most} times a minute; ask again in {} seconds", left.seconds);
    let seconds = i64::try_from(left.seconds).unwrap_or(i64::MAX);
    Err(Problem::of(Kind::TooMany, "LIMIT", words).again_after(seconds))
}

/// The token of a request.
fn given(parts: &Parts) -> Result<Secret, Problem> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let scheme = header.and_then(|value| value.split_once(' '));
    let token = scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    let words = "show who you are with the header Authorization: Bearer and your token; an operator makes one";
    let token = token.ok_or_else(|| Problem::of(Kind::NotSignedIn, "ACC-1", words))?;
    Secret::given(token).map_err(|error| Problem::of(Kind::NotSignedIn, "ACC-1", error.to_string()))
}

impl Caller {
    /// Who oversees: DCC or an observer. To parties there is nothing of it (MSM-14).
    ///
    /// # Errors
    /// If it acts for a party.
    pub(crate) fn overseer(self) -> Result<Actor, Problem> {
        if self.0.party().is_some() { Err(Problem::not_found()) } else { Ok(self.0) }
    }

    /// The party for which it asks: its own, or the one that DCC names; what is another's is not there (MSM-14).
    ///
    /// # Errors
    /// If it may not, or none is named.
    pub(crate) fn party(&self, named: Option<Party>) -> Result<Party, Problem> {
        match (self.0.party(), named) {
            (Some(own), None) => Ok(own),
            (Some(own), Some(named)) if own == named => Ok(own),
            (None, Some(named)) if self.0.is_dcc() => Ok(named),
            (None, None) if self.0.is_dcc() => Err(Problem::bad("say of which party with ?party=")),
            (Some(_) | None, Some(_)) => Err(Problem::not_found()),
            (None, None) => Err(Problem::of(Kind::NotAllowed, "ACC-1", "this account acts for no party")),
        }
    }
}
