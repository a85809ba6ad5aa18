//! The Dormant installations of a week at a glance, as far as the viewer may see them (DMT-2).

use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::dormant::plan::must_be_before_notice;
use crate::dormant::roster::{Answered, answered, book, in_words as why};
use crate::error::Result;
use crate::words::count;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::calendar::Milestone;
use sluice_rules::dormant::{DormantState, places};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_store::Scope;
use sluice_store::tables::dormant::{self, AnswerRecord, DormantLineRecord, Noticed, Plan};
use sluice_store::tables::{parties, schedules, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// The Dormant installations of a week at an S1SP.
#[derive(Debug, Clone, Serialize)]
pub struct DormantWeek {
    /// The S1SP.
    pub s1sp: String,
    /// Its Migration Days; empty for a supplier.
    pub days: Vec<DormantDay>,
    /// When it was planned last, if the viewer may see it.
    #[serde(serialize_with = "crate::words::opt_local")]
    pub planned_at: Option<Timestamp>,
    /// When the suppliers were told.
    #[serde(serialize_with = "crate::words::opt_local")]
    pub noticed_at: Option<Timestamp>,
    /// How far the plan has come, in words.
    #[serde(skip)]
    pub stage: String,
    /// What happens next and who acts, in words.
    pub next: Vec<String>,
    /// The installations that the viewer may see, in the order of the plan.
    pub lines: Vec<DormantLine>,
}

/// A Migration Day, in installations.
#[derive(Debug, Clone, Serialize)]
pub struct DormantDay {
    /// The day.
    pub date: String,
    /// Its total capacity.
    pub total: u64,
    /// What is reserved for Dormant installations.
    pub reserve: u64,
    /// How many of them may be planned for it (DMT-1).
    pub places: u64,
    /// Can it still take any: is it neither locked nor over?
    pub open: bool,
}

/// One installation of it.
#[derive(Debug, Clone, Serialize)]
pub struct DormantLine {
    /// The installation.
    pub chf: String,
    /// PLANNED or STANDBY.
    pub line: String,
    /// Its day; empty for one that stands by.
    pub date: String,
    /// Its state.
    pub state: String,
    /// Does it wait for a later day of the week, since its own is locked or over?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub later: bool,
    /// Why it left the week, in codes; else empty.
    pub codes: String,
    /// The same in words.
    pub why: String,
    /// The suppliers that were told; for a supplier only itself.
    pub told: Vec<String>,
    /// Answers with what was decided on them; for a supplier only its own.
    pub answers: Vec<String>,
}

/// The Dormant installations of a week; nothing if it has none that the viewer may see.
///
/// # Errors
/// If the database fails.
pub fn show(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<DormantWeek> {
    let week = calendar.monday;
    let own = parties::reader(&mut work.tx)?;
    let noticed = dormant::notices(&mut work.tx, &s1sp, week)?;
    let answers = answered(work, s1sp, week)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?;
    let mut lines = dormant::of_week(&mut work.tx, &s1sp, week)?;
    let told =
        |line: &DormantLineRecord, party: Party| noticed.get(&line.chf).is_some_and(|told| told.contains(&party));
    lines.retain(|line| own.is_none_or(|party| told(line, party)));
    // MSM-14: to a party that was told of none the plan says nothing.
    let plan = dormant::plan(&mut work.tx, &s1sp, week)?.filter(|_| own.is_none() || !lines.is_empty());
    let gone = gone(work, calendar, s1sp)?;
    let days = if own.is_none() { days(work, &gone, &capacity)? } else { Vec::new() };
    let stage = match (plan, own) {
        (None, Some(_)) if *work.tx.scope() == Scope::S1sp(s1sp) => {
            "an S1SP finds its Dormant installations in the schedules of its days".to_owned()
        }
        (None, Some(party)) => format!("{party} has no notice of any"),
        (plan, _) => stage(plan, lines.is_empty()),
    };
    Ok(DormantWeek {
        s1sp: s1sp.to_string(),
        days,
        planned_at: plan.map(|plan| plan.planned),
        noticed_at: plan.and_then(|plan| plan.noticed),
        stage,
        next: next(work, calendar, plan, own, &lines, &answers),
        lines: lines.iter().map(|line| shown(line, &gone, (&noticed, &answers), own)).collect(),
    })
}

/// The days of the week that can take none any more: they are locked or over.
fn gone(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<BTreeSet<Date>> {
    let today = local_date(work.now);
    let mut gone = BTreeSet::new();
    for date in calendar.days.iter().map(|day| day.date) {
        if date < today || schedules::version(&mut work.tx, &s1sp, date)? > 0 {
            gone.insert(date);
        }
    }
    Ok(gone)
}

fn days(work: &Look<'_>, gone: &BTreeSet<Date>, capacity: &BTreeMap<Date, Capacity>) -> Result<Vec<DormantDay>> {
    let percent = book(work)?.number("dormant_reserve_percent")?;
    let mut days = Vec::new();
    for (date, capacity) in capacity.iter().filter(|(_, capacity)| capacity.total() > 0) {
        days.push(DormantDay {
            date: date.to_string(),
            total: capacity.total(),
            reserve: capacity.reserve(),
            places: places(*capacity, percent),
            open: !gone.contains(date),
        });
    }
    Ok(days)
}

fn stage(plan: Option<Plan>, empty: bool) -> String {
    match plan {
        None => "nothing is planned".to_owned(),
        Some(Plan { planned, noticed: None }) if empty => {
            format!("planned at {}: no installation can be migrated in it, so nobody is told", in_words(planned))
        }
        Some(Plan { planned, noticed: None }) => {
            format!("planned at {}, the suppliers are not told yet", in_words(planned))
        }
        Some(Plan { noticed: Some(at), .. }) => format!("the suppliers were told at {}", in_words(at)),
    }
}

/// What happens next, and who acts.
fn next(
    work: &Look<'_>,
    calendar: &WeekCalendar<'_>,
    plan: Option<Plan>,
    own: Option<Party>,
    lines: &[DormantLineRecord],
    answers: &Answered,
) -> Vec<String> {
    let now = work.now;
    let at = |milestone| in_words(calendar.at(milestone));
    let ahead = |milestone| now < calendar.at(milestone);
    let mut next = Vec::new();
    match plan {
        None if own.is_some() => {}
        None if ahead(Milestone::DemandOpens) => {
            next.push(format!("the reserve is published and can be planned from {} on", at(Milestone::DemandOpens)));
        }
        None if ahead(Milestone::DmmsNotice) => {
            next.push(format!(
                "the operator plans (sluice dormant plan) and tells the suppliers (sluice dormant notify) by {}",
                at(Milestone::DmmsNotice)
            ));
        }
        Some(Plan { noticed: None, .. }) if ahead(Milestone::DmmsNotice) && lines.is_empty() => {
            next.push(format!(
                "if data change, the operator can plan again (sluice dormant plan) until {}",
                at(Milestone::DmmsNotice)
            ));
        }
        Some(Plan { noticed: None, .. }) if lines.is_empty() => {
            next.push("nothing was planned; this week takes no Dormant installations".to_owned());
        }
        Some(Plan { noticed: None, .. }) if ahead(Milestone::DmmsNotice) => {
            next.push(format!(
                "the operator tells the suppliers (sluice dormant notify) by {}",
                at(Milestone::DmmsNotice)
            ));
        }
        None | Some(Plan { noticed: None, .. }) => {
            next.push("the notices did not go out in time; this week takes no Dormant installations".to_owned());
        }
        Some(_) if ahead(Milestone::DmmsResponse) => {
            next.push(format!(
                "suppliers answer (DMMSR) until {}; no answer is no objection",
                at(Milestone::DmmsResponse)
            ));
        }
        Some(_) if local_date(now) > calendar.sunday() => {}
        Some(_) if lines.iter().any(|line| line.state == DormantState::Noticed) => {
            next.push("with the lock of each day those that find room are scheduled".to_owned());
        }
        Some(_) => {}
    }
    let waiting = undecided(lines, answers, own).len();
    if waiting > 0 {
        let objections = count(waiting, "objection");
        let who = match own {
            None => format!("the operator decides on {objections} (sluice dormant decide)"),
            Some(party) => format!("DCC decides on {objections} of {party}"),
        };
        next.push(format!("{who}; undecided at the lock is not scheduled"));
    }
    next
}

/// Objections on which nothing is decided, to installations that can still be migrated; for a supplier its own.
fn undecided(lines: &[DormantLineRecord], answers: &Answered, own: Option<Party>) -> Vec<(Eui64, Party)> {
    let open = lines.iter().filter(|line| line.state.is_open());
    let answers = open.filter_map(|line| Some((line.chf, answers.get(&line.chf)?)));
    let each = answers.flat_map(|(chf, answers)| answers.values().map(move |answer| (chf, answer)));
    let waiting = each.filter(|(_, answer)| answer.is_open() && own.is_none_or(|own| own == answer.party));
    waiting.map(|(chf, answer)| (chf, answer.party)).collect()
}

fn shown(
    line: &DormantLineRecord,
    gone: &BTreeSet<Date>,
    (noticed, answers): (&Noticed, &Answered),
    own: Option<Party>,
) -> DormantLine {
    let told = noticed.get(&line.chf).into_iter().flatten().filter(|party| own.is_none_or(|own| own == **party));
    let answers = answers.get(&line.chf).into_iter().flat_map(BTreeMap::values);
    let answers = answers.filter(|answer| own.is_none_or(|own| own == answer.party));
    DormantLine {
        chf: line.chf.to_string(),
        line: line.line.to_string(),
        date: line.date.map(|date| date.to_string()).unwrap_or_default(),
        state: line.state.to_string(),
        later: line.state == DormantState::Noticed && line.date.is_some_and(|date| gone.contains(&date)),
        codes: line.codes.clone(),
        why: why(&line.codes),
        told: told.map(ToString::to_string).collect(),
        answers: answers.map(|answer| in_sentence(answer, own.is_none())).collect(),
    }
}

/// An answer in words: "AAA123 objects (SAFETY): loose cover; not decided yet".
///
/// MSM-14: who of DCC decided is for DCC and observers to know.
fn in_sentence(answer: &AnswerRecord, named: bool) -> String {
    let party = answer.party;
    match answer.answer.as_str() {
        "NO_OBJECTION" => return format!("{party} has no objection"),
        "ACTIVE" => return format!("{party} says that it is Active"),
        _ => {}
    }
    let statement = if answer.statement.is_empty() { String::new() } else { format!(": {}", answer.statement) };
    let decision = match &answer.decision {
        None => "not decided yet".to_owned(),
        Some(decision) => {
            let word = if decision.upheld { "upheld" } else { "rejected" };
            let by = if named { format!(" by {}", decision.by) } else { String::new() };
            format!("{word} at {}{by}: {}", in_words(decision.at), decision.why)
        }
    };
    format!("{party} objects ({}){statement}; {decision}", answer.reason)
}

/// What waits for the operator in a week, in words.
pub(crate) enum Wait {
    /// The plan and its notices.
    Plan(String),
    /// Objections that nobody has decided on.
    Objections(String, Vec<(Eui64, Party)>),
}

/// What waits for the operator in a week.
///
/// # Errors
/// If the database fails.
pub(crate) fn waits(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<Wait>> {
    let week: Date = calendar.monday;
    let mut waits = Vec::new();
    let due = calendar.at(Milestone::DemandOpens) <= work.now && must_be_before_notice(work, calendar).is_ok();
    let plan = dormant::plan(&mut work.tx, &s1sp, week)?;
    let lines = dormant::of_week(&mut work.tx, &s1sp, week)?;
    // A plan of nothing was made, and there is nobody to be told.
    if due && plan.is_none_or(|plan| plan.noticed.is_none() && !lines.is_empty()) {
        let capacity = weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?;
        let what = match plan {
            None => "plan the Dormant installations, then tell their suppliers",
            Some(_) => {
                "tell the suppliers of the planned Dormant installations; if data have changed, plan again first"
            }
        };
        if capacity.values().any(|capacity| capacity.reserve() > 0) {
            let by = in_words(calendar.at(Milestone::DmmsNotice));
            waits.push(Wait::Plan(format!("{what} by {by} (DMT-2)")));
        }
    }
    let waiting = undecided(&lines, &answered(work, s1sp, week)?, None);
    if !waiting.is_empty() {
        let objections = count(waiting.len(), "objection");
        let what =
            format!("decide on {objections} to Dormant installations; undecided at the lock is not scheduled (DMT-4)");
        waits.push(Wait::Objections(what, waiting));
    }
    Ok(waits)
}
