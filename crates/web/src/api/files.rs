//! Files: handed in, listed, with their verdicts and responses (MAM-9).

use super::text::moment;
use crate::app::App;
use crate::arrivals;
use crate::caller::Caller;
use crate::intake::{Arrived, Kept};
use crate::problem::{Kind, NothingDone, Problem};
use crate::request::{Asked, must_be_small, must_say_its_end};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sluice_rules::party::Party;
use sluice_service::files::signed::SignedReceipt;
use sluice_service::read::handed_in::HandedInFile;
use utoipa::{IntoParams, ToSchema};

/// What is wished of a file with handing it in.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wished {
    /// FI21: confirms demand that would be held.
    #[serde(default)]
    confirm: bool,
}

/// What a receipt says.
#[derive(Serialize, ToSchema)]
pub(super) struct Receipt {
    /// By what the file is known.
    id: String,
    /// Whose it is.
    party: String,
    /// Its name.
    name: String,
    /// Its size in bytes; 0 for what may be a password.
    size: u64,
    /// The SHA-256 of its content in hexadecimal; nothing for what may be a password (MAM-10).
    sha256: Option<String>,
    /// The moment of its last byte.
    #[schema(format = DateTime)]
    arrived_at: String,
}

/// A receipt that is signed: by it its sender can show what came and when.
#[derive(Serialize, ToSchema)]
pub(super) struct Signed {
    receipt: Receipt,
    /// The public key of Ed25519 by which it is verified, in hexadecimal.
    key: String,
    /// The signature, in hexadecimal, of "sluice receipt 1", a line feed, and the receipt as JSON without blanks.
    signature: String,
}

impl From<SignedReceipt> for Signed {
    fn from(of: SignedReceipt) -> Self {
        let said = of.receipt;
        let receipt = Receipt {
            id: said.id,
            party: said.party,
            name: said.name,
            size: said.size,
            sha256: said.sha256,
            arrived_at: said.arrived_at,
        };
        Self { receipt, key: of.key, signature: of.signature }
    }
}

/// Hands a file in. It is kept with the moment of its last byte before this is answered; the verdict comes when its turn does. The same
/// name and content again has the first receipt.
#[utoipa::path(post, path = "/files", tag = "files", params(Wished,
    ("content-disposition" = String, Header, description = "attachment; filename=\"NAME\"")),
    request_body(description = "The file as it is.", content(("application/octet-stream"))),
    responses((status = 202, description = "Kept; judged when its turn comes.", body = Signed),
        (status = 200, description = "The same came before: its receipt.", body = Signed),
        NothingDone))]
pub(super) async fn hand_in(
    State(app): State<App>,
    Caller(by): Caller,
    Asked(Wished { confirm }): Asked<Wished>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let nobody = || Problem::of(Kind::NotAllowed, "ACC-1", "files are handed in by who acts for a party");
    let party = by.party().ok_or_else(nobody)?.to_string();
    let name = arrivals::name(&headers)?;
    must_say_its_end(&headers)?;
    must_be_small(&headers, app.settings.file.min(app.largest))?;
    let most = app.settings.uploads;
    let too_many = || {
        let words = format!("{party} may have {most} files on their way at once; hand this one in when one is through");
        Problem::of(Kind::TooMany, "LIMIT", words).again_after(1)
    };
    let _upload = app.limits.upload(&party, most).ok_or_else(too_many)?;
    let body = arrivals::take(&app, &name, request.into_body()).await?;
    let arrived = Arrived { name, body, confirms: confirm, came: app.intake.came() };
    let Kept { receipt, before } = app.intake.keep(by, arrived).await?;
    let status = if before { StatusCode::OK } else { StatusCode::ACCEPTED };
    let place = format!("/api/v1/files/{}", receipt.receipt.id);
    Ok((status, [(LOCATION, place)], Json(Signed::from(receipt))).into_response())
}

/// A code with its words.
#[derive(Serialize, ToSchema)]
pub(super) struct Finding {
    /// The codes, separated by blanks.
    code: String,
    /// What they say.
    detail: String,
}

/// How often a verdict or state of rows stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Rows {
    /// The verdict or state.
    state: String,
    /// How many rows.
    rows: u64,
}

/// A file as its sender sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct FileView {
    /// By what it is known.
    id: String,
    /// Whose it is.
    party: String,
    /// Its name as it was sent.
    name: String,
    /// Its size in bytes; 0 for what may be a password.
    size: u64,
    /// The SHA-256 of its content in hexadecimal.
    sha256: Option<String>,
    /// The moment of its last byte.
    #[schema(format = DateTime)]
    arrived_at: String,
    /// PENDING before it is taken over, REMEMBERED for a password, REPEATED for the same once more; else RECEIVED, WAITING, ACCEPTED,
    /// HELD, REFUSED, LAPSED, REPLACED or ASIDE.
    state: String,
    /// When it had its verdict.
    #[schema(format = DateTime)]
    verdict_at: Option<String>,
    /// What its name says that it is.
    kind: Option<String>,
    /// The S1SP in its name.
    s1sp: Option<String>,
    /// The Monday of the Migration Week of the date in its name.
    #[schema(format = Date)]
    week: Option<String>,
    /// Its codes, and those of its first refused rows.
    findings: Vec<Finding>,
    /// Its rows by verdict or state.
    rows: Vec<Rows>,
    /// The names of the responses to it, oldest first.
    responses: Vec<String>,
}

impl From<HandedInFile> for FileView {
    fn from(of: HandedInFile) -> Self {
        Self {
            id: of.id,
            party: of.party,
            name: of.name,
            size: of.size,
            sha256: of.sha256,
            arrived_at: moment(of.arrived_at),
            state: of.state,
            verdict_at: of.verdict_at.map(moment),
            kind: of.kind,
            s1sp: of.s1sp,
            week: of.week.map(|week| week.to_string()),
            findings: of.findings.into_iter().map(|(code, detail)| Finding { code, detail }).collect(),
            rows: of.rows.into_iter().map(|(state, rows)| Rows { state, rows }).collect(),
            responses: of.responses,
        }
    }
}

/// Which files are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The party; only DCC names one.
    #[param(value_type = Option<String>)]
    party: Option<String>,
    /// The id of the last file of the page before.
    cursor: Option<String>,
    /// At most so many, 1 to 200; 50 where nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Files, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct FilePage {
    files: Vec<FileView>,
    /// The cursor of the next page; nothing on the last.
    next: Option<String>,
}

/// The files that a party handed in, the newest first.
#[utoipa::path(get, path = "/files", tag = "files", params(Which),
    responses((status = 200, body = FilePage), NothingDone))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(Which { party, cursor, limit }): Asked<Which>,
) -> Result<Json<FilePage>, Problem> {
    let party = caller.party(super::text::parsed::<Party>("party", party)?)?;
    let limit = super::text::limit(limit)?;
    let Caller(by) = caller;
    let files = app.read(move |service, now| service.files_of(now, &by, party, cursor.as_deref(), limit + 1)).await?;
    let mut files: Vec<FileView> = files.into_iter().map(FileView::from).collect();
    let more = files.len() > usize::from(limit);
    files.truncate(usize::from(limit));
    let next = files.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(FilePage { files, next }))
}

/// A file with its verdict.
#[utoipa::path(get, path = "/files/{id}", tag = "files", params(("id" = String, Path, description = "The id in its receipt.")),
    responses((status = 200, body = FileView), NothingDone))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<FileView>, Problem> {
    let found = app.read(move |service, now| service.handed_in(now, &by, &id)).await?;
    found.map(|found| Json(found.into())).ok_or_else(Problem::not_found)
}

/// A response to a file, as it was issued.
#[utoipa::path(get, path = "/files/{id}/responses/{name}", tag = "files",
    params(("id" = String, Path, description = "The id in its receipt."),
        ("name" = String, Path, description = "The name of the response, as the file lists it.")),
    responses((status = 200, description = "The document as it was issued.", content(("application/octet-stream"))), NothingDone))]
pub(super) async fn response(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let asked = name.clone();
    let found = app.read(move |service, now| service.response(now, &by, &id, &asked)).await?;
    found.map(|bytes| document(&name, bytes)).ok_or_else(Problem::not_found)
}

/// A document as it is, to be kept and not shown.
pub(super) fn document(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    };
    let mut response = bytes.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // Names of documents are made by the program: letters, digits, hyphens, dots and underscores.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}
