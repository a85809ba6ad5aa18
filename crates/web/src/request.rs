//! What comes with a request: its id, its query, its body as JSON. What cannot be read is a problem in words.

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use axum::body::to_bytes;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Query, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use sluice_service::act::request::Request as Done;
use std::fmt::Write;

/// The header with the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer says beside itself: that it is what it says it is, for its reader alone, and shows in no frame.
const ALWAYS: [(HeaderName, &str); 4] = [
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("cache-control"), "no-store"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("content-security-policy"), "default-src 'none'; frame-ancestors 'none'"),
];

/// The outermost layer: every request has an id, and every problem is written with it.
pub(crate) async fn answered(request: Request, next: Next) -> Response {
    let id = new_id();
    let uri = request.uri();
    let mut response = if has_control(uri.path()) || uri.query().is_some_and(has_control) {
        // No name and no number has one, and no database takes it.
        Problem::bad("there is a control character in the address").into_response()
    } else {
        next.run(request).await
    };
    let problem = response.extensions_mut().remove::<Problem>();
    let mut response = match (problem, response.status()) {
        (Some(problem), _) => problem.answer(&id),
        // The router's own answers have no body.
        (None, StatusCode::METHOD_NOT_ALLOWED) => {
            let allow = response.headers_mut().remove("allow");
            let words = "this address does not take this method; see the header Allow";
            let mut response = Problem::of(Kind::WrongMethod, "REQUEST", words).answer(&id);
            allow.map(|allow| response.headers_mut().insert("allow", allow));
            response
        }
        (None, _) => response,
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// Is a control character in a text, coded in per cent?
fn has_control(text: &str) -> bool {
    let coded = |at: usize| text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    text.match_indices('%').filter_map(|(at, _)| coded(at)).any(|byte| byte.is_ascii_control())
}

/// 64 random bits in hexadecimal.
fn new_id() -> String {
    let mut bytes = [0; 8];
    // Without random numbers requests cannot be told apart, and are answered all the same.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The query of a request; what is not known in it is refused.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        let Query(asked) =
            query.map_err(|error: QueryRejection| Problem::bad(format!("in the query, {}", error.body_text())))?;
        Ok(Self(asked))
    }
}

/// The body of a request as JSON; what is not known in it is refused.
pub(crate) struct Said<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Said<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        must_be_small(&request, app.settings.json as u64)?;
        let body = Json::<T>::from_request(request, app).await;
        let Json(said) = body.map_err(|error| match error {
            JsonRejection::MissingJsonContentType(_) => {
                Problem::of(Kind::WrongMedia, "REQUEST", "the body is sent with Content-Type: application/json")
            }
            JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                too_large(app.settings.json as u64)
            }
            error => Problem::bad(format!("in the body, {}", error.body_text())),
        })?;
        Ok(Self(said))
    }
}

/// What is asked for with a body as JSON, and the request by which it is done once, where its sender gave it a key.
pub(crate) struct Acting<T> {
    pub(crate) said: T,
    pub(crate) request: Option<Done>,
}

/// The longest key of a request, in bytes.
const LONGEST_KEY: usize = 255;

impl<T: DeserializeOwned> FromRequest<App> for Acting<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = parts.headers.get("idempotency-key").map(key_of).transpose()?;
        let Some(key) = key else {
            let Said(said) = Said::from_request(Request::from_parts(parts, body), app).await?;
            return Ok(Self { said, request: None });
        };
        // A key is the account's own.
        let Caller(by) = Caller::from_request_parts(&mut parts, app).await?;
        let most = app.settings.json;
        let bytes = to_bytes(body, most).await.map_err(|_| too_large(most as u64))?;
        let asked =
            [parts.method.as_str().as_bytes(), b" ", parts.uri.to_string().as_bytes(), b"\n", &bytes[..]].concat();
        let Said(said) = Said::from_request(Request::from_parts(parts, bytes.into()), app).await?;
        Ok(Self { said, request: Some(Done::of(by.name(), &key, &asked)) })
    }
}

fn key_of(value: &HeaderValue) -> Result<String, Problem> {
    let key = value.to_str().ok().filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let words = || Problem::bad(format!("an Idempotency-Key has 1 to {LONGEST_KEY} printable characters"));
    key.map(str::to_owned).ok_or_else(words)
}

/// What says that it is larger than may be is refused before it is read.
///
/// # Errors
/// If it does.
pub(crate) fn must_be_small(request: &Request, most: u64) -> Result<(), Problem> {
    let said = request.headers().get(CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|size| size > most) { Err(too_large(most)) } else { Ok(()) }
}

/// A body has more bytes than it may.
pub(crate) fn too_large(most: u64) -> Problem {
    Problem::of(Kind::TooLarge, "FI09", format!("the body may have {most} bytes and has more; nothing of it was kept"))
}

/// What is at no address.
pub(crate) async fn nowhere() -> Problem {
    Problem::not_found()
}
