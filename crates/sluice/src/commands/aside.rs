//! `sluice aside` and `sluice retry`: what failed by a fault of the program, and keeps nobody waiting (FI24).

use crate::cli::aside::{Aside, Retry};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{rfc3339, table};
use serde_json::{Value, json};
use sluice_service::books::calendar::in_words;
use sluice_service::read::aside::{Listed, list};
use sluice_service::service::aside::TriedAgain;
use sluice_store::tables::intake::Arrival;
use sluice_wire::text::shown;

/// Runs `sluice aside`.
///
/// # Errors
/// If the reader is not DCC's, or the database fails.
pub fn run(Aside { at }: &Aside) -> Outcome {
    let (mut session, all) = listed(Session::open_to_read(at)?)?;
    let reader = session.operator(None)?;
    let (mut arrivals, ..) = session.service.waiting(session.now, &reader)?;
    arrivals.retain(|arrival| arrival.why.is_some());
    if at.json {
        let arrivals: Vec<_> = arrivals.iter().map(arrival_as_json).collect();
        print_json(&json!({ "aside": all.iter().map(as_json).collect::<Vec<_>>(), "arrivals": arrivals }))?;
        return Ok(Done::Clean);
    }
    if all.is_empty() && arrivals.is_empty() {
        print_line("Nothing is set aside.")?;
    }
    if !all.is_empty() {
        let rows = all.iter().map(|listed| {
            let aside = &listed.aside;
            let next = aside.next.map_or_else(|| "not by itself".to_owned(), in_words);
            vec![aside.id.to_string(), listed.what.clone(), aside.tries.to_string(), next, aside.reason.clone()]
        });
        print_line(&table(&["Number", "What", "Tried", "Again", "Why"], rows))?;
        let commands = all.iter().flat_map(|listed| &listed.commands);
        commands.map(|command| format!("  {command}")).try_for_each(|line| print_line(&line))?;
    }
    if !arrivals.is_empty() {
        print_line("Arrived, and cannot be taken over; every command tries it again:")?;
    }
    for arrival in &arrivals {
        let why = arrival.why.as_deref().unwrap_or_default();
        let (id, party, since) = (&arrival.id, arrival.party, in_words(arrival.at));
        print_line(&format!("  {id}: {party}, {}, since {since}: {why}", shown(&arrival.name)))?;
    }
    Ok(Done::Clean)
}

fn arrival_as_json(Arrival { id, party, name, at, why, .. }: &Arrival) -> Value {
    json!({ "arrival": id, "party": party.to_string(), "file": name, "since": rfc3339(*at), "reason": why })
}

fn listed(mut session: Session) -> Result<(Session, Vec<Listed>), Failure> {
    let reader = session.operator(None)?;
    let all = session.service.look(session.now, &reader, list)?;
    Ok((session, all))
}

fn as_json(Listed { aside, what, s1sp, week, commands }: &Listed) -> Value {
    json!({
        "number": aside.id, "what": what, "kind": aside.kind, "file": aside.file, "class": aside.class,
        "reason": aside.reason, "tries": aside.tries, "since": rfc3339(aside.since), "tried": rfc3339(aside.tried),
        "next": aside.next.map(rfc3339), "s1sp": s1sp.map(|s1sp| s1sp.to_string()), "week": week.map(|week| week.to_string()),
        "commands": commands,
    })
}

/// Runs `sluice retry`.
///
/// # Errors
/// If there is nothing under a number, the rule does not allow it any more, or the database fails.
pub fn retry(args: &Retry) -> Outcome {
    let (mut session, all) = listed(Session::open(&args.at)?)?;
    let by = session.named(args.by.as_deref())?;
    let mut numbers = args.numbers.clone();
    for file in &args.files {
        let found = all.iter().find(|listed| listed.aside.file == Some(*file));
        let none = || Failure::Use(format!("file {file} is not set aside; see sluice aside"));
        numbers.push(found.ok_or_else(none)?.aside.id);
    }
    if numbers.is_empty() {
        // What a cut-off has overtaken is not tried again.
        let tried =
            all.iter().filter(|listed| listed.commands.iter().any(|command| command.starts_with("sluice retry")));
        numbers.extend(tried.map(|listed| listed.aside.id));
    }
    let (mut told, mut failed) = (Vec::new(), false);
    for number in numbers {
        let tried = session.service.try_again(session.now, &by, number)?;
        failed |= matches!(tried, TriedAgain::Failed(_));
        told.push((number, tried));
    }
    tell(&told, args.at.json)?;
    Ok(Done::unless(failed))
}

fn tell(told: &[(i64, TriedAgain)], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let line = |(number, tried): &(i64, TriedAgain)| {
            let (word, why) = match tried {
                TriedAgain::Done => ("done", None),
                TriedAgain::Over => ("over", None),
                TriedAgain::NotYet => ("waits", None),
                TriedAgain::Failed(why) => ("failed", Some(why)),
            };
            json!({ "number": number, "result": word, "why": why })
        };
        return print_json(&json!({ "tried": told.iter().map(line).collect::<Vec<_>>() }));
    }
    if told.is_empty() {
        return print_line("Nothing that is set aside can be tried again.");
    }
    told.iter().try_for_each(|(number, tried)| {
        print_line(&match tried {
            TriedAgain::Done => format!("{number}: done"),
            TriedAgain::Over => format!("{number}: not to be done any more"),
            TriedAgain::NotYet => format!("{number}: not to be done yet"),
            TriedAgain::Failed(why) => format!("{number}: {why}"),
        })
    })
}
