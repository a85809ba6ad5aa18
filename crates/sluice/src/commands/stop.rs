//! `sluice stop`: stop orders (STOP-1).

use super::proposal::tell_proposed;
use crate::cli::days::{StopAction, StopWhat};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, rfc3339, table};
use serde_json::json;
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::party::Eui64;
use sluice_service::bars::acknowledge::AcknowledgeStop;
use sluice_service::bars::stops::{ImposeStop, IssuedDay, LiftStop, StoppedAt, Stopping};
use sluice_service::books::calendar::in_words;
use sluice_service::service::by_two::Asked;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::bars::{self, StopList, StopOrder};
use std::path::Path;

/// Runs `sluice stop`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: StopAction) -> Outcome {
    match action {
        StopAction::Impose { what, reason, by, at } => {
            let act = imposed(what, reason)?;
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            let stopping = session.service.act(session.now, &by, act)?;
            if at.json { print_json(&json!({ "stop": stopping }))? } else { tell_imposed(&stopping)? }
        }
        StopAction::Lift { order, signatures, at } => {
            let mut session = Session::open(&at)?;
            let (by, approve) = session.signed(&signatures)?;
            let stopping = match session.by_two(&signatures, &by, LiftStop { id: order, approve })? {
                Asked::Done(stopping) => stopping,
                Asked::Waits(proposed) => return tell_proposed(&proposed, at.json),
            };
            if at.json { print_json(&json!({ "stop": stopping }))? } else { tell_lifted(&stopping)? }
        }
        StopAction::Acknowledge { order, party, at } => {
            let mut session = Session::open(&at)?;
            let by = session.supplier(party)?;
            let in_time = session.service.act(session.now, &by, AcknowledgeStop { id: order })?;
            let late = if in_time { "" } else { ", after its time" };
            print_line(&format!("{party} has acknowledged the stop list of order {order}{late}."))?;
        }
        StopAction::List { at } => {
            let mut session = Session::open_to_read(&at)?;
            let reader = session.overseer("the list of stop orders")?;
            let (orders, lists, rows) = session.service.look(session.now, &reader, |work| {
                let tx = &mut work.tx;
                Ok((bars::stops(tx)?, bars::stop_lists(tx)?, authorisations::stopped(tx)?))
            })?;
            return list(&orders, &lists, &rows, at.json);
        }
    }
    Ok(Done::Clean)
}

fn imposed(what: StopWhat, reason: String) -> Result<ImposeStop, Failure> {
    let act = |scope, value: String| ImposeStop { scope, value, listed: Vec::new(), reason: reason.clone() };
    Ok(match what {
        StopWhat { s1sp: Some(s1sp), .. } => act(StopScope::S1sp, s1sp.to_string()),
        StopWhat { dmc: Some(dmc), .. } => act(StopScope::Combination, dmc),
        StopWhat { model: Some(model), .. } => act(StopScope::Model, model),
        StopWhat { supplier: Some(supplier), .. } => act(StopScope::Supplier, supplier.to_string()),
        StopWhat { list, .. } => {
            let path = list.ok_or_else(|| Failure::Use("say what the stop order covers".to_owned()))?;
            ImposeStop { listed: listed(&path)?, ..act(StopScope::List, String::new()) }
        }
    })
}

/// The CHF Device IDs of a file: one a line, or in the column of that name.
fn listed(path: &Path) -> Result<Vec<Eui64>, Failure> {
    let rows = fields(path, ["CHF Device ID"])?.into_iter();
    rows.map(|(line, [chf])| device(path, line, &chf)).collect()
}

/// The CHF Device ID of a line of a file.
pub(super) fn device(path: &Path, line: usize, field: &str) -> Result<Eui64, Failure> {
    field.parse().map_err(|error| {
        Failure::Use(format!("{}: line {line}: '{field}' is no CHF Device ID: {error}", path.display()))
    })
}

/// The fields of a file in the columns of some names, with the number of the line. A file without the first of them has no
/// header, and only that column; a field that is missing is empty.
pub(super) fn fields<const N: usize>(path: &Path, names: [&str; N]) -> Result<Vec<(usize, [String; N])>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::read(path, &error))?;
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..).peekable();
    let field = |field: &str| field.trim().trim_matches('"').to_owned();
    let header: Vec<String> = lines.peek().map(|(line, _)| line.split(',').map(field).collect()).unwrap_or_default();
    let mut places = names.map(|name| header.iter().position(|column| column.eq_ignore_ascii_case(name)));
    if places[0].is_some() {
        lines.next();
    } else {
        places = std::array::from_fn(|column| (column == 0).then_some(0));
    }
    let rows = lines.filter(|(line, _)| !line.trim().is_empty()).map(|(line, number)| {
        let cells: Vec<String> = line.split(',').map(field).collect();
        (number, places.map(|place| place.and_then(|place| cells.get(place)).cloned().unwrap_or_default()))
    });
    Ok(rows.collect())
}

fn tell_imposed(stopping: &Stopping) -> Result<(), Failure> {
    print_line(&format!("Stop order {} stands.", stopping.id))?;
    if stopping.at.iter().all(|at| at.rows == 0 && at.dormant == 0) {
        print_line(
            "No authorisation is stopped by it that was not before; new rows in its scope are refused with MA124.",
        )?;
    }
    let list = |at: &StoppedAt| match at.list.as_str() {
        "" => "no party is this S1SP: to be escalated".to_owned(),
        name => name.to_owned(),
    };
    let rows =
        stopping.at.iter().map(|at| vec![at.s1sp.to_string(), at.rows.to_string(), issued_again(&at.days), list(at)]);
    print_line(&table(&["S1SP", "Authorisations", "Schedules issued again", "Stop list"], rows))?;
    tell_dormant(stopping, "stopped too.")?;
    print_line(&format!("Each S1SP acknowledges the order until {}; else it is escalated.", stopping.acknowledge_by))
}

/// STOP-1: Dormant installations are stopped like authorised ones.
fn tell_dormant(stopping: &Stopping, word: &str) -> Result<(), Failure> {
    let dormant: u64 = stopping.at.iter().map(|at| at.dormant).sum();
    if dormant == 0 {
        return Ok(());
    }
    print_line(&folded("", &format!("{} {word}", count(dormant, "Dormant installation"))))
}

/// The days whose schedule was issued again, with their versions.
fn issued_again(days: &[IssuedDay]) -> String {
    let day = |day: &IssuedDay| format!("{} version {}", day.date, day.version);
    days.iter().map(day).collect::<Vec<_>>().join(", ")
}

fn tell_lifted(stopping: &Stopping) -> Result<(), Failure> {
    print_line(&format!("Stop order {} is lifted.", stopping.id))?;
    let later: u64 = stopping.at.iter().map(|at| at.dormant_later).sum();
    tell_dormant(
        stopping,
        &match later {
            0 => "in the plan of the week again.".to_owned(),
            _ => format!(
                "in the plan of the week again; not on their day any more, which is locked or over, and waiting for a later \
                 one: {later} (DMT-1)."
            ),
        },
    )?;
    if stopping.at.iter().all(|at| at.rows == 0) {
        print_line("No authorisation is stopped by it alone.")?;
    }
    for at in &stopping.at {
        if at.rows > 0 {
            let became = at.lifted().into_iter().map(|(number, what)| format!("{what}: {number}"));
            let (rows, lifted) = (count(at.rows, "authorisation"), became.collect::<Vec<_>>().join(", "));
            print_line(&folded("", &format!("{}: {rows} that it had stopped; {lifted}", at.s1sp)))?;
            if at.in_line() > 0 {
                print_line(
                    "  What waits gets the next unit that is free; to a day that has begun nothing is added (STOP-1, SCH-1).",
                )?;
            }
        }
        if !at.days.is_empty() {
            print_line(&format!("{}: schedules issued again: {}", at.s1sp, issued_again(&at.days)))?;
        }
    }
    Ok(())
}

fn list(orders: &[StopOrder], lists: &[StopList], rows: &[StoredAuthorisation], as_json: bool) -> Outcome {
    let of = |id: i64| lists.iter().filter(move |list| list.order == id);
    if as_json {
        let orders: Vec<_> = orders
            .iter()
            .map(|order| {
                json!({
                    "id": order.id, "scope": order.scope.word(), "value": order.value, "reason": order.reason,
                    "imposed_at": rfc3339(order.imposed_at), "imposed_by": order.imposed_by,
                    "lifted_at": order.lifted.as_ref().map(|(at, _)| rfc3339(*at)),
                    "lifted_by": order.lifted.as_ref().map(|(_, by)| by),
                    "lists": of(order.id).map(|list| json!({
                        "s1sp": list.s1sp.to_string(), "due": rfc3339(list.due),
                        "acknowledged_at": list.acknowledged.map(rfc3339),
                        "escalated_at": list.escalated.map(rfc3339),
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        let stopped = rows.iter().map(|stored| {
            let (row, chf, s1sp) = (&stored.row, stored.chf.to_string(), stored.s1sp.to_string());
            json!({ "chf": chf, "s1sp": s1sp, "date": row.date.to_string(), "party": row.party.to_string() })
        });
        print_json(&json!({ "stops": orders, "stopped": stopped.collect::<Vec<_>>() }))?;
        return Ok(Done::Clean);
    }
    if orders.is_empty() {
        print_line("There is no stop order.")?;
        return Ok(Done::Clean);
    }
    for order in orders {
        let about = if order.value.is_empty() { "a list of installations".to_owned() } else { order.value.clone() };
        print_line(&format!("{}  {} {about}: {}", order.id, order.scope.word(), order.reason))?;
        print_line(&format!("   imposed at {} by {}", in_words(order.imposed_at), order.imposed_by))?;
        for list in of(order.id) {
            let state = match (list.acknowledged, list.escalated) {
                (Some(at), _) => format!("acknowledged at {}", in_words(at)),
                (None, Some(at)) => format!("not acknowledged; escalated at {}", in_words(at)),
                (None, None) if !list.in_force => "not acknowledged before the order was lifted".to_owned(),
                (None, None) => format!("to be acknowledged until {}", in_words(list.due)),
            };
            print_line(&format!("   {}: {state}", list.s1sp))?;
        }
        match &order.lifted {
            Some((at, by)) => print_line(&format!("   lifted at {} by {by}", in_words(*at)))?,
            None => print_line("   in force")?,
        }
    }
    tell_stopped(rows)?;
    Ok(Done::Clean)
}

/// STOP-1: every row that stands still.
fn tell_stopped(rows: &[StoredAuthorisation]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    print_line(&format!("{} stopped:", count(rows.len(), "row")))?;
    let line = |stored: &StoredAuthorisation| {
        let (row, chf, s1sp) = (&stored.row, stored.chf.to_string(), stored.s1sp.to_string());
        vec![s1sp, row.date.to_string(), chf, row.party.to_string()]
    };
    print_line(&table(&["S1SP", "Day", "CHF Device ID", "Party"], rows.iter().map(line)))
}
