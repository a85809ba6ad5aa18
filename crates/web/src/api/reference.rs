//! Reference data: what was imported, how old it is, and the last import undone (REF-1, REF-2).

use super::acts::{Nothing, Outcome, Waiting, ask};
use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Acting;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use sluice_rules::reference::ReferenceKind;
use sluice_service::imports::import::UndoImport;
use sluice_store::tables::imports::{ImportRecord, all};
use utoipa::ToSchema;

/// An import that was applied.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportView {
    /// Its number.
    id: i64,
    /// The table.
    kind: String,
    /// The moment that the data describe.
    #[schema(format = DateTime)]
    as_at: String,
    #[schema(format = DateTime)]
    applied_at: String,
    /// Rows before.
    before: u64,
    added: u64,
    changed: u64,
    gone: u64,
    /// Did two sign for it, since it needed two?
    by_two: bool,
    #[schema(format = DateTime)]
    undone_at: Option<String>,
}

impl From<&ImportRecord> for ImportView {
    fn from(of: &ImportRecord) -> Self {
        Self {
            id: of.id,
            kind: of.kind.to_string(),
            as_at: moment(of.as_at),
            applied_at: moment(of.applied_at),
            before: of.difference.before,
            added: of.difference.added,
            changed: of.difference.changed,
            gone: of.difference.gone,
            by_two: of.by_two,
            undone_at: of.undone_at.map(moment),
        }
    }
}

/// How old a table is.
#[derive(Serialize, ToSchema)]
pub(super) struct TableAge {
    kind: String,
    /// The moment that its data describe; nothing where none were imported.
    #[schema(format = DateTime)]
    as_at: Option<String>,
}

/// What was imported.
#[derive(Serialize, ToSchema)]
pub(super) struct Imports {
    tables: Vec<TableAge>,
    /// The latest first.
    imports: Vec<ImportView>,
}

impl Imports {
    fn of(imports: &[ImportRecord]) -> Self {
        let age = |kind: ReferenceKind| {
            let standing = imports.iter().find(|import| import.kind == kind && import.undone_at.is_none());
            TableAge { kind: kind.to_string(), as_at: standing.map(|import| moment(import.as_at)) }
        };
        let tables = ReferenceKind::FIRST_ORDER.into_iter().map(age).collect();
        Self { tables, imports: imports.iter().map(ImportView::from).collect() }
    }
}

/// The imports, and the moment that each table describes; for DCC and observers (REF-1).
#[utoipa::path(get, path = "/imports", tag = "reference", responses((status = 200, body = Imports), NothingDone))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Imports>, Problem> {
    let by = caller.overseer()?;
    let found = app.read(move |service, now| service.look(now, &by, |work| Ok(all(&mut work.tx)?)));
    Ok(Json(Imports::of(&found.await?)))
}

/// Undoes the last import; where it is large two people answer for it (REF-2, ACC-2).
#[utoipa::path(post, path = "/imports/undo", tag = "reference", request_body = Nothing,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Outcome), (status = 202, body = Waiting), NothingDone))]
pub(super) async fn undo(State(app): State<App>, caller: Caller, acting: Acting<Nothing>) -> Result<Response, Problem> {
    ask(app, caller, acting, |_| UndoImport { approve: None }).await
}
