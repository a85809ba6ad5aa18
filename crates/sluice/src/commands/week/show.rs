//! `sluice week show`: milestones, what waits for whom, results.

use crate::cli::database::Database;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{folded, local, table};
use jiff::civil::Date;
use serde_json::{Value, json};
use sluice_rules::party::{Party, S1sp};
use sluice_service::error::ServiceError;
use sluice_service::read::overview::{DayOverview, Overview, PartyWeek, overview};

/// Shows a week, to the operator or as a party sees it (MSM-14).
///
/// # Errors
/// If it could not do its work.
pub fn run(at: &Database, week: Date, s1sp: Option<S1sp>, party: Option<Party>) -> Outcome {
    let mut session = Session::open(at)?;
    let viewer = session.reader(party)?;
    let s1sps = session.s1sps(s1sp)?;
    let now = session.now;
    let reserves = s1sps.iter().map(|s1sp| session.service.published_reserve(now, week, *s1sp));
    let reserves = reserves.collect::<Result<Vec<_>, ServiceError>>()?;
    let found = session.service.look(now, &viewer, |work| {
        let calendar = work.week(week)?;
        let milestones: Vec<_> = calendar.milestones.clone();
        let weeks = s1sps.iter().zip(&reserves).map(|(s1sp, reserve)| overview(work, &calendar, *s1sp, reserve));
        let weeks = weeks.collect::<Result<Vec<Overview>, ServiceError>>()?;
        Ok((calendar.rulebook.id.clone(), calendar.governed, milestones, weeks))
    });
    let (rulebook, governed, milestones, weeks) = found?;
    if at.json {
        let milestones = milestones
            .iter()
            .map(|(milestone, at)| json!({ "id": milestone.id(), "at": at.strftime("%FT%T%:z").to_string() }));
        let weeks: Vec<Value> = weeks.iter().map(|week| serde_json::to_value(week).unwrap_or_default()).collect();
        print_json(
            &json!({ "week": week.to_string(), "rulebook": rulebook, "milestones": milestones.collect::<Vec<_>>(), "s1sps": weeks }),
        )?;
        return Ok(Done::Clean);
    }
    let by = if governed { "rulebook" } else { "no rulebook governs it, so it is not scaled; shown by" };
    print_line(&format!("Migration Week of {week} ({by} {rulebook})"))?;
    print_line("")?;
    let rows = milestones.iter().map(|(milestone, at)| {
        let state = if at.timestamp() <= now { "over" } else { "ahead" };
        vec![local(at), state.to_owned(), milestone.title().to_owned()]
    });
    print_line(&table(&["When (UK time)", "", "What"], rows))?;
    weeks.iter().filter(|week| !week.days.is_empty()).try_for_each(one)?;
    Ok(Done::Clean)
}

/// One S1SP: what waits for whom, its days, and what each party has that the reader may see.
fn one(week: &Overview) -> Result<(), Failure> {
    print_line("")?;
    print_line(&folded("", &format!("{}: {}", week.s1sp, week.stage)))?;
    print_line(if week.waits.is_empty() { "To do: nothing" } else { "To do:" })?;
    for task in &week.waits {
        print_line(&folded("  ", &format!("{}: {}", task.who, task.what)))?;
        // A command stays in one line, to be copied.
        task.commands.iter().try_for_each(|command| print_line(&format!("      {command}")))?;
    }
    days(week)?;
    if let Some(hidden) = &week.hidden {
        print_line(&folded("", hidden))?;
    }
    if !week.parties.is_empty() {
        let row = |line: &PartyWeek| {
            let PartyWeek { party, forecast, demand, allocation, in_use, standby } = line;
            let figures = [Some(*forecast), Some(*demand), *allocation, Some(*in_use), Some(*standby)];
            [vec![party.clone()], figures.map(figure).to_vec()].concat()
        };
        let header = ["Party", "Forecast", "Demand", "Allocation", "In use", "In line"];
        print_line(&table(&header, week.parties.iter().map(row)))?;
    }
    week.questions.iter().try_for_each(|question| print_line(&folded("  ", &format!("query {question}"))))
}

/// A column with what it shows of a day: nothing where that is hidden, and no figure where there is none yet.
type Column = (&'static str, &'static dyn Fn(&DayOverview) -> Option<Option<u64>>);

/// The days: for a supplier what it asked for and has, then the pool. A column in which nothing is told is left out.
fn days(week: &Overview) -> Result<(), Failure> {
    let columns: [Column; 8] = [
        ("Asked", &|day| day.own.map(|own| Some(own.asked))),
        ("Got", &|day| day.own.map(|own| own.got)),
        ("In use", &|day| day.own.map(|own| Some(own.in_use))),
        ("In line", &|day| day.own.map(|own| Some(own.in_line))),
        ("Net capacity", &|day| day.capacity.map(Some)),
        ("Reserve", &|day| day.reserve.map(Some)),
        ("Counted demand", &|day| day.demand.map(Some)),
        ("Allocated", &|day| day.allocated.map(Some)),
    ];
    let told: Vec<_> = columns.iter().filter(|(_, of)| week.days.iter().any(|day| of(day).is_some())).collect();
    let header = ["Day"].into_iter().chain(told.iter().map(|(title, _)| *title)).chain(["Schedule"]);
    let rows = week.days.iter().map(|day| {
        let schedule = if day.schedule == 0 { "not locked".to_owned() } else { format!("version {}", day.schedule) };
        let cells = told.iter().map(|(_, of)| of(day).map_or_else(|| "–".to_owned(), figure));
        [day.date.clone()].into_iter().chain(cells).chain([schedule]).collect()
    });
    print_line(&table(&header.collect::<Vec<_>>(), rows))
}

/// A figure, or that it is not there yet.
fn figure(figure: Option<u64>) -> String {
    figure.map_or_else(|| "not yet".to_owned(), |figure| figure.to_string())
}
