//! A Migration Week: its milestones, what waits for whom, its days and figures, as far as the caller may see them (MSM-14).

use super::files::document;
use super::text::moment;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{NothingDone, Problem};
use crate::request::Asked;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::party::{Party, S1sp};
use sluice_service::ServiceError;
use sluice_service::books::calendar::local_date;
use sluice_service::people::veil::Veil;
use sluice_service::read::overview::{DayOverview, Overview, overview};
use sluice_service::rows::{eligible as lists, propose};
use sluice_store::tables::weeks::moved;
use sluice_wire::written::{WriteRow, write_csv};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A milestone of a week.
#[derive(Serialize, ToSchema)]
pub(super) struct MilestoneView {
    /// Its id.
    id: &'static str,
    /// Its title.
    title: &'static str,
    /// When it is.
    #[schema(format = DateTime)]
    at: String,
    /// Is that another moment than the rulebook gives (CAL-4, CAL-7)?
    moved: bool,
}

/// What somebody has to do.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskView {
    /// Who.
    who: String,
    /// What, until when and by which rule.
    what: String,
}

/// A day; figures are installations, and null where they are hidden or not there yet.
#[derive(Serialize, ToSchema)]
pub(super) struct DayView {
    #[schema(format = Date)]
    date: String,
    /// Capacity without the Dormant reserve.
    capacity: Option<u64>,
    /// The Dormant reserve.
    reserve: Option<u64>,
    /// The sum of counted demand.
    demand: Option<u64>,
    /// The sum of the allocations.
    allocated: Option<u64>,
    /// Has it any capacity?
    migrates: bool,
    /// Is its schedule locked?
    locked: bool,
    /// What the supplier that reads has of it.
    own: Option<OwnView>,
}

/// A supplier's day, in installations.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnView {
    /// The demand standing.
    asked: u64,
    /// What it has now.
    got: Option<u64>,
    /// Units in use, or used up by an attempt.
    in_use: u64,
    /// Rows in line.
    in_line: u64,
}

impl From<DayOverview> for DayView {
    fn from(of: DayOverview) -> Self {
        let own =
            of.own.map(|own| OwnView { asked: own.asked, got: own.got, in_use: own.in_use, in_line: own.in_line });
        Self {
            date: of.date,
            capacity: of.capacity,
            reserve: of.reserve,
            demand: of.demand,
            allocated: of.allocated,
            migrates: of.migrates,
            locked: of.locked,
            own,
        }
    }
}

/// What a party has of a week, in installations.
#[derive(Serialize, ToSchema)]
pub(super) struct PartyView {
    party: String,
    forecast: Option<u64>,
    demand: u64,
    allocation: Option<u64>,
    in_use: u64,
    standby: u64,
}

/// The last version of a result.
#[derive(Serialize, ToSchema)]
pub(super) struct ResultView {
    version: i64,
    /// PROVISIONAL, FIRM or another stage of MSM-11.
    stage: String,
    rulebook: String,
    #[schema(format = DateTime)]
    published_at: Option<String>,
}

/// A query about a day (MSM-11).
#[derive(Serialize, ToSchema)]
pub(super) struct QueryView {
    /// By what it is known.
    id: String,
    party: String,
    #[schema(format = Date)]
    date: String,
    question: String,
    answer: Option<String>,
}

/// A week at an S1SP.
#[derive(Serialize, ToSchema)]
pub(super) struct PoolView {
    s1sp: String,
    result: Option<ResultView>,
    /// Was the week closed without a result (CAL-5)?
    closed: bool,
    /// What waits for whom.
    waits: Vec<TaskView>,
    days: Vec<DayView>,
    /// Why figures are missing, if they are hidden from the caller (MSM-14).
    hidden: Option<String>,
    /// The parties that the caller may see.
    parties: Vec<PartyView>,
    queries: Vec<QueryView>,
}

impl PoolView {
    fn of(of: Overview, veil: &Veil) -> Self {
        let result = of.result.map(|result| ResultView {
            version: result.version,
            stage: result.stage.word().to_owned(),
            rulebook: result.rulebook,
            published_at: result.published_at.map(moment),
        });
        let parties = of.parties.into_iter().map(|one| PartyView {
            party: one.party,
            forecast: one.forecast,
            demand: one.demand,
            allocation: one.allocation,
            in_use: one.in_use,
            standby: one.standby,
        });
        let queries = of.questions.into_iter().map(|one| QueryView {
            id: veil.over(one.id),
            party: one.party,
            date: one.date,
            question: one.question,
            answer: one.answer,
        });
        Self {
            s1sp: of.s1sp,
            result,
            closed: of.closed,
            waits: of.waits.into_iter().map(|task| TaskView { who: task.who, what: task.what }).collect(),
            days: of.days.into_iter().map(DayView::from).collect(),
            hidden: of.hidden,
            parties: parties.collect(),
            queries: queries.collect(),
        }
    }
}

/// A Migration Week.
#[derive(Serialize, ToSchema)]
pub(super) struct Week {
    /// Its Monday.
    #[schema(format = Date)]
    monday: String,
    /// The rulebook by which its milestones are.
    rulebook: String,
    /// Does a rulebook govern it? Else it is not scaled.
    governed: bool,
    milestones: Vec<MilestoneView>,
    pools: Vec<PoolView>,
}

/// A Migration Week by its Monday, as far as the caller may see it.
#[utoipa::path(get, path = "/weeks/{monday}", tag = "weeks", params(("monday" = String, Path, format = Date, description = "Its Monday.")),
    responses((status = 200, body = Week), NothingDone))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(by): Caller,
    Path(monday): Path<String>,
) -> Result<Json<Week>, Problem> {
    let monday: Date = super::text::parsed("the Monday", Some(monday))?.ok_or_else(Problem::not_found)?;
    let shared = App::clone(&app);
    let week = app.read(move |service, now| {
        let s1sps = service.s1sps(now)?;
        let reserves = s1sps.iter().map(|s1sp| service.published_reserve(now, monday, *s1sp));
        let reserves = reserves.collect::<Result<Vec<_>, ServiceError>>()?;
        service.look(now, &by, |work| {
            let calendar = work.week(monday)?;
            let moved: BTreeMap<_, _> =
                moved(&mut work.tx, monday)?.into_iter().map(|one| (one.milestone, ())).collect();
            let milestones = calendar.milestones.iter().map(|(milestone, at)| MilestoneView {
                id: milestone.id(),
                title: milestone.title(),
                at: moment(at.timestamp()),
                moved: moved.contains_key(milestone),
            });
            let milestones = milestones.collect();
            let pools = s1sps.iter().zip(&reserves);
            let pools = pools.map(|(s1sp, reserve)| {
                overview(work, &calendar, *s1sp, reserve).map(|of| PoolView::of(of, &shared.veil))
            });
            Ok(Week {
                monday: monday.to_string(),
                rulebook: calendar.rulebook.id.clone(),
                governed: calendar.governed,
                milestones,
                pools: pools.collect::<Result<_, ServiceError>>()?,
            })
        })
    });
    Ok(Json(week.await?))
}

/// For whom, where and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct List {
    /// The party; only DCC names one.
    party: Option<String>,
    /// The S1SP.
    s1sp: String,
    /// The day of migration; today where nothing is said.
    #[param(format = Date)]
    date: Option<String>,
}

/// MAM-13: the installations of a supplier at an S1SP as CSV, eligible on a day, or why not and who acts.
#[utoipa::path(get, path = "/eligible", tag = "weeks", params(List),
    responses((status = 200, body = String, content_type = "text/csv"), NothingDone))]
pub(super) async fn eligible(
    State(app): State<App>,
    caller: Caller,
    Asked(List { party, s1sp, date }): Asked<List>,
) -> Result<Response, Problem> {
    let party = caller.party(super::text::parsed::<Party>("party", party)?)?;
    let s1sp = super::text::required::<S1sp>("s1sp", s1sp)?;
    let (date, Caller(by)) = (super::text::parsed::<Date>("date", date)?, caller);
    let bytes = app.read_much(move |service, now| {
        let lines = service.eligible(now, &by, (party, s1sp), date.unwrap_or_else(|| local_date(now)))?;
        let words: Vec<lists::EligibleWords> = lines.iter().map(lists::EligibleLine::words).collect();
        as_csv(lines.iter().zip(&words).map(|(line, words)| line.row(words)).collect())
    });
    Ok(document(&format!("eligible-{s1sp}.csv"), bytes.await?))
}

/// For whom and where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfSupplier {
    /// The party; only DCC names one.
    party: Option<String>,
    /// The S1SP.
    s1sp: String,
}

/// MAM-13: a proposed authorisation file of a supplier for a week, as CSV: edited and named, it is handed in as it is.
#[utoipa::path(get, path = "/weeks/{monday}/proposed", tag = "weeks",
    params(("monday" = String, Path, format = Date, description = "Its Monday."), OfSupplier),
    responses((status = 200, body = String, content_type = "text/csv"), NothingDone))]
pub(super) async fn proposed(
    State(app): State<App>,
    caller: Caller,
    Path(monday): Path<String>,
    Asked(OfSupplier { party, s1sp }): Asked<OfSupplier>,
) -> Result<Response, Problem> {
    let party = caller.party(super::text::parsed::<Party>("party", party)?)?;
    let monday = super::text::required::<Date>("the Monday", monday)?;
    let (s1sp, Caller(by)) = (super::text::required::<S1sp>("s1sp", s1sp)?, caller);
    let bytes = app.read_much(move |service, now| {
        let proposal = service.propose(now, &by, (party, s1sp), monday)?;
        as_csv(proposal.rows.iter().map(propose::Proposed::row).collect())
    });
    Ok(document(&format!("proposed-{s1sp}-{monday}.csv"), bytes.await?))
}

fn as_csv<R: WriteRow>(rows: Vec<R>) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::new();
    write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
    Ok(bytes)
}
