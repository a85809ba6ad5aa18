//! What went wrong, as RFC 9457 says it: for programs by status and code, for people in words that say what to do.

use crate::lane::Busy;
use crate::log;
use crate::settings::AGAIN;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sluice_service::ServiceError;
use sluice_store::StoreError;
use utoipa::ToSchema;

/// Why a request was not done; nothing of it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    kind: Kind,
    code: &'static str,
    detail: String,
    retry_after: Option<i64>,
    /// What is not told, but logged.
    why: Option<Box<str>>,
}

/// A problem as it is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Told<'a> {
    /// What kind of problem it is, as an address that need not be there.
    #[serde(rename = "type")]
    #[schema(example = "urn:sluice:problem:not-found")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// The rule or the error.
    #[schema(example = "ACC-1")]
    code: &'static str,
    /// What is wrong and what to do.
    detail: &'a str,
    /// By what an operator finds the request in the log.
    request_id: &'a str,
    /// In how many seconds it is worth another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<i64>,
}

/// Every answer that says that nothing was done, for the description of an operation.
#[derive(utoipa::IntoResponses)]
#[response(status = "default", description = "Nothing was done.", content_type = "application/problem+json")]
#[allow(dead_code, reason = "it is described, never made")]
pub(crate) struct NothingDone(Told<'static>);

/// The kinds of problems, with their status, code and title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BadRequest,
    NotSignedIn,
    NotAllowed,
    NotFound,
    WrongMethod,
    NoLength,
    Conflict,
    OtherRequest,
    TooLarge,
    WrongMedia,
    TooMany,
    Slow,
    Defect,
    Busy,
    Unavailable,
}

impl Kind {
    const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoLength => StatusCode::LENGTH_REQUIRED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::OtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Its name in addresses, and its title.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BadRequest => ("bad-request", "It cannot be done as it is asked"),
            Self::NotSignedIn => ("not-signed-in", "Nobody is known to ask"),
            Self::NotAllowed => ("not-allowed", "This account may not do it"),
            Self::NotFound => ("not-found", "There is nothing here"),
            Self::WrongMethod => ("wrong-method", "This cannot be done here"),
            Self::NoLength => ("no-length", "The body has no length"),
            Self::Conflict => ("rule", "A rule does not allow it"),
            Self::OtherRequest => ("other-request", "Another request has this key"),
            Self::TooLarge => ("too-large", "The request is too large"),
            Self::WrongMedia => ("wrong-media", "The body is of another kind"),
            Self::TooMany => ("too-many", "Too many requests"),
            Self::Slow => ("slow", "The request took too long"),
            Self::Defect => ("defect", "The program has a defect"),
            Self::Busy => ("busy", "Too much waits already"),
            Self::Unavailable => ("unavailable", "It cannot be done now"),
        }
    }
}

impl Problem {
    /// A problem of a kind, with the rule or the error and words.
    pub(crate) fn of(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        let retry_after = matches!(kind, Kind::Busy | Kind::Unavailable).then(|| AGAIN.as_secs());
        Self { kind, code, detail: detail.into(), retry_after, why: None }
    }

    /// What is not there, or is not the caller's: both get the same bytes (MSM-14).
    pub(crate) fn not_found() -> Self {
        let detail = "there is nothing of yours under this address; see the lists for what there is";
        Self::of(Kind::NotFound, "MSM-14", detail)
    }

    /// The request cannot be read.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::of(Kind::BadRequest, "REQUEST", detail)
    }

    /// The same that is worth another try after some seconds.
    pub(crate) fn again_after(self, seconds: i64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same with what is logged of it.
    fn because(self, why: &str) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// The answer, with the id of its request.
    pub(crate) fn answer(&self, request_id: &str) -> Response {
        if let Some(why) = &self.why {
            log::request(request_id, self.code, why);
        }
        let (status, (name, title)) = (self.kind.status(), self.kind.words());
        let told = Told {
            kind: format!("urn:sluice:problem:{name}"),
            title,
            status: status.as_u16(),
            code: self.code,
            detail: &self.detail,
            request_id,
            retry_after: self.retry_after,
        };
        let mut response = (status, serde_json::to_vec(&told).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"sluice\""));
        }
        response
    }
}

/// A problem goes through the router as it is; the outermost layer knows the id of the request and writes it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        Self::of(Kind::Busy, "BUSY", "more is asked for than can be done now; nothing was done: ask again in a moment")
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Rule { rule: "ACC-1", message } => Self::of(Kind::NotAllowed, "ACC-1", message),
            ServiceError::Rule { rule: "REQUEST-KEY", message } => Self::of(Kind::OtherRequest, "REQUEST-KEY", message),
            ServiceError::Rule { rule, message } => Self::of(Kind::Conflict, rule, message),
            ServiceError::Role(words) => Self::of(Kind::NotAllowed, "ACC-1", words),
            ServiceError::Use(words) | ServiceError::Table(words) | ServiceError::Budget(words) => Self::bad(words),
            ServiceError::Store(error) => of_store(&error).because(&error.to_string()),
            error @ (ServiceError::Panic(_) | ServiceError::Unread(_) | ServiceError::Internal(_)) => {
                let words = "it could not be done, by no fault of yours; tell DCC the request_id";
                Self::of(Kind::Defect, "DEFECT", words).because(&error.to_string())
            }
        }
    }
}

/// What the database did not do. What it says itself is about the machine, and is for the log.
fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::InDoubt(_) => Problem::of(
            Kind::Unavailable,
            "IN-DOUBT",
            "the database was lost while it was kept, and it is not known whether it was: ask again under the same Idempotency-Key, or look first",
        ),
        StoreError::Clock { .. } => Problem::of(
            Kind::Unavailable,
            "CLOCK",
            "the clock of this server was set while it ran; nothing is done before it is right, but files are received and keep their \
             moments: ask again later. Who runs the server sets the clock right, or says that it is right now: sluice clock accept",
        ),
        error if error.passes() => {
            Problem::of(Kind::Unavailable, "DATABASE", "the database cannot be used now; nothing was done: ask again")
        }
        _ => Problem::of(Kind::Defect, "DATABASE", "the database does not work as it must; tell DCC the request_id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn cal_3_a_clock_that_was_set_is_told_as_what_it_is() {
        let error = StoreError::Clock { expected: Timestamp::UNIX_EPOCH, says: Timestamp::UNIX_EPOCH };
        let problem = Problem::from(ServiceError::Store(error));
        assert_eq!((problem.kind, problem.code, problem.retry_after), (Kind::Unavailable, "CLOCK", Some(2)));
        assert!(problem.detail.contains("sluice clock accept"), "{}", problem.detail);
        let busy = Problem::from(ServiceError::Store(StoreError::Locked));
        assert_eq!(busy.code, "DATABASE", "what is the database's stays so");
    }
}
