//! `sluice week`: the operator's week.

mod bundle;
mod show;

use super::each::{Span, each, each_by};
use super::proposal::tell_proposed;
use crate::cli::database::Database;
use crate::cli::signatures::Signatures;
use crate::cli::week::{PublishStage, WeekAction};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, table};
use jiff::civil::Date;
use serde_json::json;
use sluice_rules::party::S1sp;
use sluice_service::ServiceError;
use sluice_service::act::work::Act;
use sluice_service::books::calendar::in_words;
use sluice_service::days::cut::ChangeCapacity;
use sluice_service::days::signatures::Sign;
use sluice_service::dispatch::two::ByTwo;
use sluice_service::service::by_two::Asked;
use sluice_service::weeks::close::CloseWeek;
use sluice_service::weeks::move_milestone::MoveMilestone;
use sluice_service::weeks::publish::{Publish, standing};
use sluice_service::weeks::redistribute::Refill;
use sluice_service::weeks::scale::{ScaleWeek, Version};

/// What is said of a refill that gave somebody something.
const REFILLED: &str = "refilled";

/// Runs `sluice week`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: WeekAction) -> Outcome {
    match action {
        WeekAction::Show { week, s1sp, party, at } => show::run(&at, week, s1sp, party),
        WeekAction::Scale { week, s1sp, by, at } => scale(&at, week, s1sp, by.as_deref()),
        WeekAction::Publish { week, s1sp, stage, signatures, at } => {
            let firm = stage == PublishStage::Firm;
            let word = if firm { "published as firm" } else { "published as provisional" };
            let act = |s1sp, approve| Publish { s1sp, week, firm, approve };
            make_by_two(&at, week, s1sp, &signatures, word, act)
        }
        WeekAction::Refill { week, s1sp, by, at } => {
            make(&at, week, s1sp, by.as_deref(), REFILLED, |s1sp| Refill { s1sp, week })
        }
        WeekAction::Cut { week, s1sp, date, capacity, signatures, at } => {
            if sluice_service::books::calendar::week_of(date)? != week {
                return Err(Failure::Use(format!("{date} is not in the week of {week}")));
            }
            let act = |s1sp, approve| ChangeCapacity { s1sp, date, capacity, approve };
            make_by_two(&at, week, Some(s1sp), &signatures, "changed", act)
        }
        WeekAction::Sign { number, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            let signed = session.service.act(session.now, &by, Sign { id: number })?;
            let late = if signed.in_time { "" } else { ", after its time" };
            print_line(&format!("Signed{late}: {}, done by {}.", signed.what, signed.first))?;
            Ok(Done::Clean)
        }
        WeekAction::Close { week, s1sp, reason, signatures, at } => close(&at, &signatures, s1sp, week, reason),
        WeekAction::MoveMilestone { week, milestone, to, reason, signatures, at } => {
            let mut session = Session::open(&at)?;
            let (by, approve) = session.signed(&signatures)?;
            let asked = milestone.parse().map_err(ServiceError::wrong)?;
            let act = MoveMilestone { week, milestone: asked, to, reason, approve };
            if let Asked::Waits(proposed) = session.by_two(&signatures, &by, act)? {
                return tell_proposed(&proposed, at.json);
            }
            print_line(&format!(
                "{milestone} of the week of {week} is moved to {}; every party is told.",
                in_words(to)
            ))?;
            Ok(Done::Clean)
        }
        WeekAction::Bundle { week, s1sp, number, out, force, at } => {
            bundle::run(&at, week, s1sp, number, (&out, force))
        }
        WeekAction::TakeFile { file, reason, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            session.service.take_refused(session.now, &by, file, &reason)?;
            print_line(&format!("File {file} is taken; scale the week again for a new version."))?;
            Ok(Done::Clean)
        }
    }
}

/// MSM-11: scales a week: at the S1SP that is named, or wherever that gives another result than stands. A version that says the same
/// as the one before would have to be published all the same, before the week can be firm.
fn scale(at: &Database, week: Date, one: Option<S1sp>, by: Option<&str>) -> Outcome {
    let mut session = Session::open(at)?;
    let by = session.operator(by)?;
    let perform = |session: &mut Session, s1sp| {
        let stands = match one {
            None => session.service.look(session.now, &by, |work| standing(work, s1sp, week))?,
            Some(_) => None,
        };
        match stands {
            Some(version) => Ok(Err(version)),
            None => session.service.act(session.now, &by, ScaleWeek { s1sp, week }).map(Ok),
        }
    };
    each_by(&mut session, Span::Week(week), one, perform, |s1sp, scaled| match scaled {
        Ok(version) => tell(at, s1sp, week, "scaled", version),
        Err(version) if at.json => {
            print_json(&json!({ "s1sp": s1sp.to_string(), "week": week.to_string(), "stands": version }))
        }
        Err(version) => print_line(&format!(
            "{s1sp}, week of {week}: left as it is; capacity, demand and balances are those of version {version}"
        )),
    })
}

/// CAL-5: closes a week without a result.
fn close(at: &Database, signatures: &Signatures, s1sp: S1sp, week: Date, reason: String) -> Outcome {
    let mut session = Session::open(at)?;
    let (by, approve) = session.signed(signatures)?;
    match session.by_two(signatures, &by, CloseWeek { s1sp, week, reason, approve })? {
        Asked::Waits(proposed) => tell_proposed(&proposed, at.json),
        Asked::Done(()) if at.json => {
            print_json(&json!({ "s1sp": s1sp.to_string(), "week": week.to_string(), "closed": true }))?;
            Ok(Done::Clean)
        }
        Asked::Done(()) => {
            print_line(&format!("{s1sp}, week of {week}: closed without a result; the suppliers are told."))?;
            Ok(Done::Clean)
        }
    }
}

/// Makes versions of results, and tells them.
fn make<U: Act<Answer = Version>>(
    at: &Database,
    week: Date,
    one: Option<S1sp>,
    by: Option<&str>,
    word: &str,
    act: impl Fn(S1sp) -> U,
) -> Outcome {
    each(
        at,
        Span::Week(week),
        one,
        |session| session.operator(by),
        act,
        |s1sp, version| tell(at, s1sp, week, word, version),
    )
}

/// The same by two people: at once, or as proposals.
fn make_by_two<U: ByTwo<Answer = Version>>(
    at: &Database,
    week: Date,
    one: Option<S1sp>,
    signatures: &Signatures,
    word: &str,
    act: impl Fn(S1sp, Option<String>) -> U,
) -> Outcome {
    let mut session = Session::open(at)?;
    let (by, approve) = session.signed(signatures)?;
    let perform = |session: &mut Session, s1sp| session.by_two(signatures, &by, act(s1sp, approve.clone()));
    each_by(&mut session, Span::Week(week), one, perform, |s1sp, asked| match asked {
        Asked::Done(version) => tell(at, s1sp, week, word, version),
        Asked::Waits(proposed) => tell_proposed(proposed, at.json).map(drop),
    })
}

fn tell(at: &Database, s1sp: S1sp, week: Date, word: &str, version: &Version) -> Result<(), Failure> {
    if at.json {
        return print_json(&json!({ "s1sp": s1sp.to_string(), "week": week.to_string(), "version": version }));
    }
    if version.days.is_empty() {
        let word = if word == REFILLED { "nothing is free that anybody lacks, so nothing is refilled" } else { word };
        print_line(&format!("{s1sp}, week of {week}: {word}; the allocations of version {} stand", version.version))?;
    } else {
        print_line(&format!("{s1sp}, week of {week}: version {} {word}", version.version))?;
        let rows = version.days.iter().map(|(date, capacity, demand, allocated)| {
            vec![date.clone(), capacity.to_string(), demand.to_string(), allocated.to_string()]
        });
        print_line(&table(&["Day", "Net capacity", "Counted demand", "Allocated"], rows))?;
    }
    if version.added > 0 {
        print_line(&format!("Added to what parties have: {}", count(version.added, "unit")))?;
    }
    version.touched.iter().try_for_each(|line| print_line(&folded("  ", line)))?;
    if let Some((number, due)) = &version.sign {
        print_line(&format!(
            "A second operator signs it until {due}: sluice week sign {number} --by USER; else it is flagged."
        ))?;
    }
    match version.responses.len() {
        0 => Ok(()),
        responses => print_line(&format!("{} issued", count(responses, "Demand Response"))),
    }
}
