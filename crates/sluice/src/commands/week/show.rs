//! `sluice week show`: milestones, what waits for whom, results.

use crate::cli::database::Database;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{moment, table};
use jiff::civil::Date;
use serde_json::{Value, json};
use sluice_rules::party::{Party, S1sp};
use sluice_service::read::overview::{Overview, PartyWeek, overview};

/// Shows a week, to the operator or as a party sees it (MSM-14).
///
/// # Errors
/// If it could not do its work.
pub fn run(at: &Database, week: Date, s1sp: Option<S1sp>, party: Option<Party>) -> Outcome {
    let mut session = Session::open(at)?;
    let viewer = session.reader(party)?;
    let s1sps = session.s1sps(s1sp)?;
    let now = session.now;
    let found = session.service.look(now, &viewer, |work| {
        let calendar = work.week(week)?;
        let milestones: Vec<_> = calendar.milestones.clone();
        let weeks: sluice_service::error::Result<Vec<Overview>> =
            s1sps.iter().map(|s1sp| overview(work, &calendar, *s1sp)).collect();
        Ok((calendar.rulebook.id.clone(), calendar.governed, milestones, weeks?))
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
        vec![moment(at), state.to_owned(), milestone.title().to_owned()]
    });
    print_line(&table(&["When", "", "What"], rows))?;
    weeks.iter().filter(|week| !week.days.is_empty()).try_for_each(|week| one(week, party.is_some()))?;
    Ok(Done::Clean)
}

/// One S1SP; to a party a figure that is missing is hidden, to DCC it is not there yet.
fn one(week: &Overview, to_party: bool) -> Result<(), Failure> {
    print_line("")?;
    print_line(&format!("{}: {}", week.s1sp, week.stage))?;
    for waiting in &week.waits {
        print_line(&format!("  {waiting}"))?;
    }
    let missing = if to_party { "hidden" } else { "not yet" };
    let figure = |figure: Option<u64>| figure.map_or_else(|| missing.to_owned(), |figure| figure.to_string());
    let rows = week.days.iter().map(|day| {
        let schedule = if day.schedule == 0 { "not locked".to_owned() } else { format!("version {}", day.schedule) };
        vec![day.date.clone(), figure(day.capacity), figure(day.demand), figure(day.allocated), schedule]
    });
    print_line(&table(&["Day", "Net capacity", "Counted demand", "Allocated", "Schedule"], rows))?;
    if !week.parties.is_empty() {
        let row = |line: &PartyWeek| {
            let PartyWeek { party, forecast, demand, allocation, in_use, standby } = line;
            let figures = [forecast, demand, allocation, in_use, standby];
            [vec![party.clone()], figures.iter().map(|figure| figure.to_string()).collect()].concat()
        };
        let header = ["Party", "Forecast", "Demand", "Allocation", "In use", "In line"];
        print_line(&table(&header, week.parties.iter().map(row)))?;
    }
    for question in &week.questions {
        print_line(&format!("  query {question}"))?;
    }
    Ok(())
}
