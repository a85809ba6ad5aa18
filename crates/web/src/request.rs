//! What comes with a request: its id, its query, its body as JSON. What cannot be read is a problem in words.

use crate::app::App;
use crate::caller::Caller;
use crate::fields;
use crate::problem::{Kind, Problem};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Query, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use sluice_service::act::request::Request as Done;
use std::fmt::Write;
use std::sync::Arc;
use tokio::time::timeout;

/// The header with the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer says beside itself: that it is what it says it is, for its reader alone, and shows in no frame.
const ALWAYS: [(HeaderName, &str); 4] = [
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("cache-control"), "no-store"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("content-security-policy"), "default-src 'none'; frame-ancestors 'none'"),
];

/// What a request says once. Two lengths that differ are refused before, and two that are the same are one.
const ONCE: [HeaderName; 4] =
    [AUTHORIZATION, HeaderName::from_static(IDEMPOTENCY_KEY), CONTENT_TYPE, CONTENT_DISPOSITION];

/// The outermost layer: every request has an id, and every problem is written with it.
pub(crate) async fn answered(request: Request, next: Next) -> Response {
    let id = new_id();
    let uri = request.uri();
    let mut response = if has_control(uri.path()) || uri.query().is_some_and(has_control) {
        // No name and no number has one, and no database takes it.
        Problem::bad("there is a control character in the address").into_response()
    } else if let Some(twice) = ONCE.iter().find(|name| request.headers().get_all(*name).iter().nth(1).is_some()) {
        // Which of them is meant nobody knows, and those on the way may have read the other.
        Problem::bad(format!("the header {twice} came twice; send it once")).into_response()
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
pub(crate) fn new_id() -> String {
    let mut bytes = [0; 8];
    // Without random numbers requests cannot be told apart, and are answered all the same.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// So many characters of a name that is not known are said back.
const LONGEST_NAME: usize = 60;

/// A query that the description of the API does not have is refused, also where an operation reads none.
pub(crate) async fn known_query(
    State(described): State<Arc<serde_json::Value>>,
    address: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let method = match request.method() {
        &Method::HEAD => "get".to_owned(),
        method => method.as_str().to_ascii_lowercase(),
    };
    let parameters = &described["paths"][address.as_str()][&method]["parameters"];
    let parameters = parameters.as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    let known: Vec<&str> = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
    let asked = Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    // What cannot be read is refused by who reads it, and who brings no token learns nothing else.
    let asked = asked.ok().filter(|_| request.headers().contains_key(AUTHORIZATION));
    let unknown = asked.and_then(|Query(asked)| asked.into_iter().find(|(name, _)| !known.contains(&name.as_str())));
    match unknown {
        None => next.run(request).await,
        Some((name, _)) => {
            let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let name: String = name.chars().take(LONGEST_NAME).collect();
            let words = format!("in the query, {name:?} is not known; this address takes {takes}");
            Problem::bad(words).into_response()
        }
    }
}

/// The query of a request; what is not known in it is refused.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let Query(asked) = query.map_err(|_| Problem::bad("the query is no text of the form name=value&name=value"))?;
        fields::of_query(asked).map(Self).map_err(|words| Problem::bad(format!("in the query, {words}")))
    }
}

/// The body of a request as JSON; what is not known in it is refused.
pub(crate) struct Said<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Said<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        said(&parts, &whole(&parts, body, app).await?).map(Self)
    }
}

/// What is asked for with a body as JSON, and the request by which it is done once, where its sender gave it a key.
pub(crate) struct Acting<T> {
    pub(crate) said: T,
    pub(crate) request: Option<Done>,
}

impl<T> Acting<T> {
    /// The same, read as what is meant by it.
    ///
    /// # Errors
    /// If it means nothing.
    pub(crate) fn read_as<U>(self, of: impl FnOnce(T) -> Result<U, Problem>) -> Result<Acting<U>, Problem> {
        Ok(Acting { said: of(self.said)?, request: self.request })
    }
}

/// The longest key of a request, in bytes.
const LONGEST_KEY: usize = 255;

impl<T: DeserializeOwned> FromRequest<App> for Acting<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = parts.headers.get(IDEMPOTENCY_KEY).map(key_of).transpose()?;
        // A key is the account's own.
        let Caller(by) = Caller::from_request_parts(&mut parts, app).await?;
        let bytes = whole(&parts, body, app).await?;
        let asked = |key: String| {
            let (method, address) = (parts.method.as_str(), parts.uri.to_string());
            let asked = [method.as_bytes(), b" ", address.as_bytes(), b"\n", &bytes[..]].concat();
            Done::of(by.name(), &key, &asked)
        };
        Ok(Self { said: said(&parts, &bytes)?, request: key.map(asked) })
    }
}

/// The header with the key under which a request is done once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What cannot be answered twice takes no key.
///
/// # Errors
/// If there is one.
pub(crate) fn must_have_no_key(parts: &HeaderMap) -> Result<(), Problem> {
    if parts.contains_key(IDEMPOTENCY_KEY) {
        return Err(Problem::bad("what this answers is shown once, so it takes no Idempotency-Key; leave it out"));
    }
    Ok(())
}

/// All of a body, with an end to its size and to its time.
async fn whole(parts: &Parts, body: Body, app: &App) -> Result<Bytes, Problem> {
    let (most, patience) = (app.settings.json, app.settings.patience);
    must_be_small(&parts.headers, most as u64)?;
    match timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(too_large(most as u64)),
        Ok(Err(_)) => Err(Problem::bad("the body ended before its end; nothing was done: send it again")),
        Err(_) => {
            let words =
                format!("the body took longer than {} seconds; nothing was done: send it again", patience.as_secs());
            Err(Problem::of(Kind::Slow, "SLOW", words))
        }
    }
}

fn said<T: DeserializeOwned>(parts: &Parts, bytes: &[u8]) -> Result<T, Problem> {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let words = "the body is JSON, sent with Content-Type: application/json; where nothing is to be said it is {}";
        return Err(Problem::of(Kind::WrongMedia, "REQUEST", words));
    }
    fields::of_body(bytes).map_err(|words| Problem::bad(format!("in the body, {words}")))
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
pub(crate) fn must_be_small(headers: &HeaderMap, most: u64) -> Result<(), Problem> {
    let said = headers.get(CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|size| size > most) { Err(too_large(most)) } else { Ok(()) }
}

/// A body that says in no way where it ends would be taken as one of no bytes.
///
/// # Errors
/// If it does not.
pub(crate) fn must_say_its_end(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING) {
        return Ok(());
    }
    let words = "say how many bytes the file has with the header Content-Length; nothing was kept: send it again";
    Err(Problem::of(Kind::NoLength, "REQUEST", words))
}

/// A body has more bytes than it may.
pub(crate) fn too_large(most: u64) -> Problem {
    Problem::of(Kind::TooLarge, "FI09", format!("the body may have {most} bytes and has more; nothing of it was kept"))
}

/// What is at no address.
pub(crate) async fn nowhere() -> Problem {
    Problem::not_found()
}
