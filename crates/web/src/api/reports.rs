//! Reports (REP-1), each as its reader may see it.

use super::files::document;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Asked;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sluice_service::ServiceError;
use sluice_service::read::reports::REPORTS;
use sluice_service::read::reports::parts;
use sluice_wire::report::Report;
use utoipa::{IntoParams, ToSchema};

/// A report that can be asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportEntry {
    /// Its name.
    name: &'static str,
    /// Its title.
    title: &'static str,
    /// What it shows, in paragraphs.
    about: Vec<&'static str>,
}

/// Reports.
#[derive(Serialize, ToSchema)]
pub(super) struct Reports {
    reports: Vec<ReportEntry>,
}

/// The reports that can be asked for.
#[utoipa::path(get, path = "/reports", tag = "reports", responses((status = 200, body = Reports), NothingDone))]
pub(super) async fn list(_: Caller) -> Json<Reports> {
    let entry =
        |entry: &&parts::Entry| ReportEntry { name: entry.name, title: entry.title, about: entry.about.to_vec() };
    Json(Reports { reports: REPORTS.iter().map(entry).collect() })
}

/// How a report is written.
#[derive(Deserialize, ToSchema, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    #[default]
    Json,
    /// Its main table.
    Csv,
    Xlsx,
    Html,
}

/// Of which S1SP and days a report is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// One S1SP; all without it.
    s1sp: Option<String>,
    /// The Monday of a week.
    #[param(format = Date)]
    week: Option<String>,
    /// The first day.
    #[param(format = Date)]
    from: Option<String>,
    /// The last day.
    #[param(format = Date)]
    to: Option<String>,
    /// How it is written; JSON where nothing is said.
    #[param(inline)]
    form: Option<Form>,
}

/// A report, as the caller may see it.
#[utoipa::path(get, path = "/reports/{name}", tag = "reports", params(("name" = String, Path, description = "Its name, as the list has it."), Of),
    responses((status = 200, description = "The report; every figure under the id of its column.", body = Object),
        NothingDone))]
pub(super) async fn make(
    State(app): State<App>,
    Caller(by): Caller,
    Path(name): Path<String>,
    Asked(Of { s1sp, week, from, to, form }): Asked<Of>,
) -> Result<Response, Problem> {
    if !REPORTS.iter().any(|entry| entry.name == name) {
        return Err(Problem::not_found());
    }
    let asked = parts::Asked {
        s1sp: super::text::parsed("s1sp", s1sp)?,
        week: super::text::parsed("week", week)?,
        from: super::text::parsed("from", from)?,
        to: super::text::parsed("to", to)?,
    };
    let days = [asked.week, asked.from, asked.to].into_iter().flatten();
    if days.into_iter().any(|day| !(1970..3000).contains(&day.year())) {
        return Err(Problem::bad("the days of a report are from 1970 to 2999"));
    }
    let made = app.read_much(move |service, now| {
        let report = service.report(now, &by, &name, &asked)?;
        written(&report, form.unwrap_or_default())
    });
    made.await
}

fn written(report: &Report, form: Form) -> Result<Response, ServiceError> {
    let name = |extension| format!("{}.{extension}", report.name);
    Ok(match form {
        Form::Json => Json(report.json()).into_response(),
        Form::Csv => {
            let main = report.tables.iter().find(|table| table.id == report.main);
            document(&name("csv"), main.map(|table| table.csv().into_bytes()).unwrap_or_default())
        }
        Form::Xlsx => document(&name("xlsx"), report.workbook().map_err(ServiceError::defect)?),
        Form::Html => document(&name("html"), report.page(&[]).map_err(ServiceError::defect)?.into_bytes()),
    })
}
