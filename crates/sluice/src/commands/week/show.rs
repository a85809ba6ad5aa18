//! `sluice week show`: milestones, what waits for whom, results.

use crate::cli::database::Database;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{folded, local, table};
use jiff::civil::Date;
use serde_json::{Value, json};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_service::books::calendar::in_words;
use sluice_service::error::ServiceError;
use sluice_service::read::overview::{DayOverview, Overview, PartyWeek, QueryOverview, ResultState, overview};
use sluice_service::read::todo::{Task, proposed};
use sluice_store::tables::weeks::moved;
use std::collections::BTreeMap;

/// Shows a week, to the operator or as a party sees it (MSM-14).
///
/// # Errors
/// If it could not do its work.
pub fn run(at: &Database, week: Date, s1sp: Option<S1sp>, party: Option<Party>) -> Outcome {
    let mut session = Session::open_to_read(at)?;
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
        let moved: BTreeMap<_, _> =
            moved(&mut work.tx, week)?.into_iter().map(|one| (one.milestone, one.outage)).collect();
        Ok((calendar.rulebook.id.clone(), calendar.governed, (milestones, moved), weeks, proposed(work)?))
    });
    let (rulebook, governed, (milestones, moved), weeks, proposed) = found?;
    if at.json {
        let milestones = milestones
            .iter()
            .map(|(milestone, at)| json!({ "id": milestone.id(), "at": at.strftime("%FT%T%:z").to_string(), "moved": moved.contains_key(milestone) }));
        let weeks: Vec<Value> = weeks.iter().map(|week| serde_json::to_value(week).unwrap_or_default()).collect();
        print_json(
            &json!({ "week": week.to_string(), "rulebook": rulebook, "milestones": milestones.collect::<Vec<_>>(), "proposals": proposed, "s1sps": weeks }),
        )?;
        return Ok(Done::Clean);
    }
    let by = if governed { "rulebook" } else { "no rulebook governs it, so it is not scaled; shown by" };
    print_line(&format!("Migration Week of {week} ({by} {rulebook})"))?;
    print_line("")?;
    let rows = milestones.iter().map(|(milestone, at)| {
        let state = if at.timestamp() <= now { "over" } else { "ahead" };
        // CAL-4, CAL-7: who knows the usual moment sees that it is another one.
        let mark = match moved.get(milestone) {
            Some(Some(_)) => " (moved by an outage, CAL-7)",
            Some(None) => " (moved, CAL-4)",
            None => "",
        };
        vec![local(at), state.to_owned(), format!("{}{mark}", milestone.title())]
    });
    print_line(&table(&["When (UK time)", "", "What"], rows))?;
    if !proposed.is_empty() {
        print_line("")?;
        print_line("Proposals that wait for a second, of this week or any:")?;
        proposed.iter().try_for_each(tell)?;
    }
    if weeks.iter().all(|week| week.days.is_empty()) {
        print_line("")?;
        let whose = s1sp.map_or_else(|| "No S1SP has".to_owned(), |s1sp| format!("{s1sp} has no"));
        let what = if s1sp.is_some() { "capacity" } else { "any capacity" };
        print_line(&format!("{whose} {what} in this week yet."))?;
    }
    weeks.iter().filter(|week| !week.days.is_empty()).try_for_each(one)?;
    Ok(Done::Clean)
}

/// One S1SP: what waits for whom, its days, and what each party has that the reader may see.
fn one(week: &Overview) -> Result<(), Failure> {
    print_line("")?;
    print_line(&folded("", &format!("{}: {}", week.s1sp, stage(week))))?;
    print_line(if week.waits.is_empty() { "To do: nothing" } else { "To do:" })?;
    week.waits.iter().try_for_each(tell)?;
    days(week)?;
    if let Some(hidden) = &week.hidden {
        print_line(&folded("", hidden))?;
    }
    if !week.parties.is_empty() {
        let keeps = week.parties.iter().any(|line| line.kept > 0);
        let row = |line: &PartyWeek| {
            let PartyWeek { party, forecast, demand, allocation, in_use, kept, standby } = line;
            let figures = [*forecast, Some(*demand), *allocation, Some(*in_use), Some(*kept), Some(*standby)];
            let mut cells = [vec![party.clone()], figures.map(|one| figure(week, one)).to_vec()].concat();
            if !keeps {
                cells.remove(5);
            }
            cells
        };
        let mut header = vec!["Party", "Forecast", "Demand", "Allocation", "In use", "Kept", "In line"];
        header.retain(|title| keeps || *title != "Kept");
        print_line(&table(&header, week.parties.iter().map(row)))?;
        if keeps {
            print_line(&folded("", KEPT))?;
        }
    }
    week.questions.iter().try_for_each(|query| {
        let QueryOverview { id, party, date, question, answer } = query;
        let answer = answer.as_deref().unwrap_or("not answered yet");
        print_line(&folded("  ", &format!("query {id} of {party} about {date}: {question} - {answer}")))
    })
}

/// How far the result of a week has come, in words.
fn stage(week: &Overview) -> String {
    match &week.result {
        _ if week.closed => "closed without a result".to_owned(),
        None => "no result yet".to_owned(),
        Some(ResultState { version, stage, rulebook, published_at }) => {
            let published = published_at.map_or("not published".to_owned(), |at| format!("published {}", in_words(at)));
            // MSM-12: of a fall or a rise.
            let stage = match stage {
                ResultStage::Cut => "capacity changed".to_owned(),
                stage => stage.word().to_ascii_lowercase(),
            };
            format!("version {version}, {stage}, {published} ({rulebook})")
        }
    }
}

/// A task: who, what, and the commands.
fn tell(task: &Task) -> Result<(), Failure> {
    print_line(&folded("  ", &format!("{}: {}", task.who, task.what)))?;
    // A command stays in one line, to be copied.
    task.commands.iter().try_for_each(|command| print_line(&format!("      {command}")))
}

/// What is kept of a party's units.
const KEPT: &str = "Kept are units for homes that another supplier authorised before the lead passed to the party: each waits until the \
                    authorisation cut-off for the party's own authorisation, and is nobody else's until then (MAM-11).";

/// A column with what it shows of a day: nothing where that is hidden, and no figure where there is none yet.
type Column<'a> = (&'static str, &'a dyn Fn(&DayOverview) -> Option<Option<u64>>);

/// The days: for a supplier what it asked for and has, then the pool. A column in which nothing is told is left out.
fn days(week: &Overview) -> Result<(), Failure> {
    let keeps = week.days.iter().any(|day| day.own.is_some_and(|own| own.kept > 0));
    let columns: [Column<'_>; 9] = [
        ("Asked", &|day| day.own.map(|own| Some(own.asked))),
        ("Got", &|day| day.own.map(|own| own.got)),
        ("In use", &|day| day.own.map(|own| Some(own.in_use))),
        ("Kept", &|day| day.own.filter(|_| keeps).map(|own| Some(own.kept))),
        ("In line", &|day| day.own.map(|own| Some(own.in_line))),
        ("Net capacity", &|day| day.capacity.map(Some)),
        ("Reserve", &|day| day.reserve.map(Some)),
        ("Counted demand", &|day| day.demand.map(Some)),
        ("Allocated", &|day| day.allocated.map(Some)),
    ];
    let told: Vec<_> = columns.iter().filter(|(_, of)| week.days.iter().any(|day| of(day).is_some())).collect();
    let header = ["Day"].into_iter().chain(told.iter().map(|(title, _)| *title)).chain(["Schedule"]);
    let rows = week.days.iter().map(|day| {
        let schedule = match day.schedule {
            _ if !day.locked && !day.migrates => "no capacity".to_owned(),
            _ if !day.locked => "not locked".to_owned(),
            Some(version) => format!("version {version}"),
            None => "locked".to_owned(),
        };
        let cells = told.iter().map(|(_, of)| of(day).map_or_else(|| "–".to_owned(), |one| figure(week, one)));
        [day.date.clone()].into_iter().chain(cells).chain([schedule]).collect()
    });
    print_line(&table(&header.collect::<Vec<_>>(), rows))
}

/// A figure, or that it is not there yet; of a week that was closed there will be none.
fn figure(week: &Overview, figure: Option<u64>) -> String {
    let missing = if week.closed { "none" } else { "not yet" };
    figure.map_or_else(|| missing.to_owned(), |figure| figure.to_string())
}
