//! Rules and codes in words.

use crate::caller::Caller;
use crate::problem::{Kind, NothingDone, Problem};
use axum::Json;
use axum::extract::Path;
use serde::Serialize;
use sluice_service::read::rule_words::{section, unknown};
use sluice_wire::text::shown;
use utoipa::ToSchema;

/// A rule or a code in words.
#[derive(Serialize, ToSchema)]
pub(super) struct RuleWords {
    /// What it says and what to do about it, in Markdown; its id and title first.
    words: &'static str,
}

/// What a rule or a code says, and what to do about it.
#[utoipa::path(get, path = "/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "Its id, as a problem or a verdict has it, such as MAM-3 or FI07.")),
    responses((status = 200, body = RuleWords), NothingDone))]
pub(super) async fn show(_: Caller, Path(id): Path<String>) -> Result<Json<RuleWords>, Problem> {
    let words = section(&id).ok_or_else(|| Problem::of(Kind::NotFound, "REQUEST", unknown(&shown(&id))))?;
    Ok(Json(RuleWords { words: words.trim_end() }))
}
