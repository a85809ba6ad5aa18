//! `sluice dormant`: Dormant Meters (DMT-1 to DMT-5).

use super::each::{Span, each};
use crate::cli::database::Database;
use crate::cli::dormant::{Decide, DormantAction};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, table};
use jiff::civil::Date;
use serde_json::json;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Party, S1sp};
use sluice_service::dormant::decide::DecideObjection;
use sluice_service::dormant::notify::{Notified, NotifyDormant};
use sluice_service::dormant::plan::{PlanDormant, PlannedWeek};
use sluice_service::read::dormant::{DormantDay, DormantLine, DormantWeek, show};

/// Runs `sluice dormant`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: DormantAction) -> Outcome {
    match action {
        DormantAction::Plan { week, s1sp, by, at } => each(
            &at,
            Span::Week(week),
            s1sp,
            |session| session.operator(by.as_deref()),
            |s1sp| PlanDormant { s1sp, week },
            |s1sp, planned| {
                if at.json {
                    return print_json(&json!({ "s1sp": s1sp.to_string(), "plan": planned }));
                }
                tell_planned(s1sp, week, planned)
            },
        ),
        DormantAction::Notify { week, s1sp, by, at } => each(
            &at,
            Span::Week(week),
            s1sp,
            |session| session.named(by.as_deref()),
            |s1sp| NotifyDormant { s1sp, week },
            |s1sp, notified| {
                if at.json {
                    return print_json(&json!({ "s1sp": s1sp.to_string(), "notices": notified }));
                }
                tell_notified(s1sp, week, notified)
            },
        ),
        DormantAction::Show { week, s1sp, party, at } => show_week(&at, week, s1sp, party),
        DormantAction::Decide(decide) => decided(decide),
    }
}

/// A count of installations.
fn installations(number: u64) -> String {
    count(number, "installation")
}

fn tell_planned(s1sp: S1sp, week: Date, planned: &PlannedWeek) -> Result<(), Failure> {
    let (on_days, standby) = (installations(planned.planned), planned.standby);
    print_line(&format!("{s1sp}, week of {week}: {on_days} planned, {standby} on standby"))?;
    let rows = planned
        .days
        .iter()
        .map(|day| vec![day.date.clone(), day.total.to_string(), day.places.to_string(), day.planned.to_string()]);
    print_line(&table(&["Day", "Total capacity", "Places for Dormant", "Planned"], rows))?;
    let are = |number: u64| if number == 1 { "is" } else { "are" };
    if planned.left_over > 0 {
        print_line(&format!("{} more could be migrated; there is no place for them.", planned.left_over))?;
    }
    if planned.taken > 0 {
        let (number, are) = (installations(planned.taken), are(planned.taken));
        print_line(&format!("{number} {are} in the plan of another week, or in a schedule."))?;
    }
    for (codes, number) in &planned.barred {
        print_line(&format!("{} cannot be migrated in this week: {}.", installations(*number), barred(codes)))?;
    }
    if planned.planned == 0 {
        return print_line("There is nobody to tell.");
    }
    print_line(&format!("Next: tell the suppliers by {} with sluice dormant notify {week}.", planned.notice_by))
}

/// Why installations cannot be migrated: codes with their words.
fn barred(codes: &str) -> String {
    let one = |code: &str| match code.parse::<RowCode>() {
        Ok(known) => format!("{known}, {}", known.meaning()),
        Err(_) if code == "authorised" => "a supplier has authorised it".to_owned(),
        Err(_) if code == "DMT-3" => {
            "DMT-3, a supplier says that it is Active; the next inventory will show".to_owned()
        }
        Err(_) => code.to_owned(),
    };
    codes.split_ascii_whitespace().map(one).collect::<Vec<_>>().join("; ")
}

fn tell_notified(s1sp: S1sp, week: Date, notified: &Notified) -> Result<(), Failure> {
    if notified.files.is_empty() {
        let again = "if data change, plan again first (sluice dormant plan)";
        return print_line(&format!("{s1sp}, week of {week}: nothing is planned, so nobody is told; {again}"));
    }
    print_line(&format!("{s1sp}, week of {week}: {}", count(notified.files.len(), "notice")))?;
    let rows =
        notified.files.iter().map(|file| vec![file.party.clone(), file.installations.to_string(), file.name.clone()]);
    print_line(&table(&["Supplier", "Installations", "File"], rows))?;
    print_line(&format!("Next: the suppliers answer (DMMSR) until {}; no answer is no objection.", notified.respond_by))
}

fn decided(decide: Decide) -> Outcome {
    let Decide { week, chf, s1sp, party, upheld, exclude, why, by, at, .. } = decide;
    let mut session = Session::open(&at)?;
    let by = session.named(by.as_deref())?;
    let act = DecideObjection { s1sp, week, chf, party, upheld, exclude: exclude.clone(), why };
    let state = session.service.act(session.now, &by, act)?;
    if at.json {
        print_json(&json!({ "chf": chf.to_string(), "upheld": upheld, "exclude": exclude, "state": state }))?;
        return Ok(Done::Clean);
    }
    let what = match (upheld, &exclude) {
        (true, Some(category)) => format!("is upheld; {chf} leaves the week and is excluded: {category}"),
        (true, None) => format!("is upheld; {chf} leaves the week"),
        (false, _) => format!("is not upheld; {chf} stays in the week"),
    };
    print_line(&format!("The objection of {party} {what}. {party} is told why."))?;
    Ok(Done::Clean)
}

fn show_week(at: &Database, week: Date, s1sp: Option<S1sp>, party: Option<Party>) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let viewer = session.reader(party)?;
    let mut found = Vec::new();
    for one in session.s1sps(s1sp)? {
        if s1sp.is_some() || Span::Week(week).has_capacity(&mut session, one)? {
            let now = session.now;
            found.push(session.service.look(now, &viewer, |work| {
                let calendar = work.week(week)?;
                show(work, &calendar, one)
            })?);
        }
    }
    if at.json {
        print_json(&json!({ "week": week.to_string(), "s1sps": found }))?;
        return Ok(Done::Clean);
    }
    if found.is_empty() {
        print_line(&format!("No S1SP has capacity in the week of {week}."))?;
    }
    for one in &found {
        print_week(one, week, party)?;
    }
    Ok(Done::Clean)
}

fn print_week(found: &DormantWeek, week: Date, party: Option<Party>) -> Result<(), Failure> {
    let whose = party.map(|party| format!(", as {party} sees it")).unwrap_or_default();
    let title = format!("Dormant installations at {}, week of {week}{whose}: {}", found.s1sp, found.stage);
    print_line(&folded("", &title))?;
    if !found.days.is_empty() {
        let on = |day: &DormantDay, states: &[&str]| {
            let here = |line: &&DormantLine| line.date == day.date && states.contains(&line.state.as_str());
            found.lines.iter().filter(here).count()
        };
        let wait = |day: &DormantDay| on(day, &["PLANNED", "NOTICED", "STOPPED"]);
        let rows = found.days.iter().map(|day| {
            let scheduled = on(day, &["SCHEDULED", "MIGRATED", "FAILED", "NOT_ATTEMPTED", "UNKNOWN"]);
            let waiting = if day.open { wait(day) } else { 0 };
            let numbers = [day.total, day.places].map(|number| number.to_string());
            [day.date.clone()].into_iter().chain(numbers).chain([waiting, scheduled].map(|n| n.to_string())).collect()
        });
        print_line(&table(&["Day", "Total capacity", "Places for Dormant", "Waiting", "Scheduled"], rows))?;
        let left: usize = found.days.iter().filter(|day| !day.open).map(wait).sum();
        if left > 0 {
            print_line(&format!(
                "Planned for a day that is locked or over, and waiting for another of the week: {left}"
            ))?;
        }
    }
    if !found.lines.is_empty() {
        let rows = found.lines.iter().map(|line| {
            let mut cells = vec![line.chf.clone(), line.line.clone(), line.date.clone(), line.state.clone()];
            if party.is_none() {
                cells.push(line.told.join(" "));
            }
            cells
        });
        let all = ["CHF Device ID", "Line", "Day", "State", "Suppliers told"];
        print_line(&table(if party.is_none() { &all } else { &all[..4] }, rows))?;
    }
    for line in &found.lines {
        // STOP-1: the days, with what waits for another, are DCC's to see.
        if line.later && found.days.is_empty() {
            let words = "it is not migrated on that day, which is locked or over; it waits for a later day of the week";
            print_line(&folded("", &format!("{}, {}: {words} (DMT-1)", line.chf, line.date)))?;
        }
        if !line.codes.is_empty() {
            print_line(&folded("", &format!("{}: {} ({})", line.chf, line.why, line.codes)))?;
        }
        for answer in &line.answers {
            print_line(&folded("", &format!("{}: {}", line.chf, answer)))?;
        }
    }
    for next in &found.next {
        print_line(&folded("", &format!("Next: {next}.")))?;
    }
    Ok(())
}
