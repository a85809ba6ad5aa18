//! What the plans of the weeks say of a Dormant installation: notices, answers, decisions, and what comes next.

use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::read::story::reader::{Happening, Reader};
use crate::read::story::step::{Next, scheduled};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sluice_rules::calendar::Milestone;
use sluice_rules::dormant::DormantState;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::reference::ReferenceKind;
use sluice_store::Scope;
use sluice_store::tables::dormant::{self, AnswerRecord, DormantLineRecord};
use sluice_store::tables::{files, imports, schedules};
use std::collections::BTreeSet;

/// The plans that told of it, what suppliers answered and what was decided. Gives the days for which it was planned.
pub(crate) fn history(
    work: &mut Look<'_>,
    chf: Eui64,
    own: &dyn Fn(Party) -> bool,
    events: &mut Vec<Happening>,
) -> Result<BTreeSet<Date>> {
    for (week, party, at) in dormant::notices_of(&mut work.tx, chf)?.into_iter().filter(|(_, party, _)| own(*party)) {
        let what = format!("told {party} of its Dormant migration in the week of {week} (DMT-2)");
        events.push(Happening { at, who: "DCC".to_owned(), what });
    }
    for (week, answer) in dormant::answers_of(&mut work.tx, chf)?.into_iter().filter(|(_, answer)| own(answer.party)) {
        let at = files::get(&mut work.tx, answer.file)?.and_then(|file| file.verdict_at);
        let what = format!("{} (DMT-3)", answered(&answer, week));
        let who = answer.party.to_string();
        events.extend(at.map(|at| Happening { at, who, what }));
        if let Some(decision) = &answer.decision {
            let word = if decision.upheld { "upheld" } else { "did not uphold" };
            // MSM-14: who of DCC decided is for DCC and observers to know.
            let named = !matches!(work.tx.scope(), Scope::Party(_) | Scope::S1sp(_));
            let by = if named { format!(" ({})", decision.by) } else { String::new() };
            let what = format!("{word} the objection of {}{by}: {} (DMT-4)", answer.party, decision.why);
            events.push(Happening { at: decision.at, who: "DCC".to_owned(), what });
        }
    }
    // A line may have stood on other days of its week before.
    let weeks = dormant::of_installation(&mut work.tx, chf)?.into_iter().map(|(_, line)| line.week);
    Ok(weeks.flat_map(|week| week.series(1.day()).take(7)).collect())
}

fn answered(answer: &AnswerRecord, week: Date) -> String {
    let migration = format!("to its migration in the week of {week}");
    match answer.answer.as_str() {
        "NO_OBJECTION" => format!("had no objection {migration}"),
        "ACTIVE" => format!("answered the notice of its migration in the week of {week}: it is Active"),
        _ if answer.statement.is_empty() => format!("objected {migration} ({})", answer.reason),
        _ => format!("objected {migration} ({}: {})", answer.reason, answer.statement),
    }
}

/// What comes next where a week has it as a Dormant installation; nothing if none has. A supplier learns of a plan when it is
/// told (DMT-2), and an S1SP when a schedule has it (SCH-1).
pub(crate) fn next(work: &mut Look<'_>, file: &Dossier, reader: Reader) -> Result<Option<Next>> {
    let (s1sp, chf) = (file.installation.s1sp, file.installation.chf);
    let this_week = week_of(local_date(work.now))?;
    let notices = dormant::notices_of(&mut work.tx, chf)?;
    let is_told = |week: Date| match reader {
        Reader::Dcc => true,
        Reader::S1sp => false,
        Reader::Supplier(party) => notices.iter().any(|(of, noticed, _)| (*of, *noticed) == (week, party)),
    };
    let is_next = |line: &DormantLineRecord| match line.state {
        DormantState::Planned => line.week >= this_week && matches!(reader, Reader::Dcc),
        DormantState::Noticed | DormantState::Stopped => line.week >= this_week && is_told(line.week),
        DormantState::Scheduled | DormantState::Unknown => true,
        _ => false,
    };
    let lines = dormant::of_installation(&mut work.tx, chf)?;
    let Some((_, line)) = lines.into_iter().find(|(of, line)| *of == s1sp && is_next(line)) else {
        return said_active(work, file, reader);
    };
    let calendar = work.week(line.week)?;
    let over = match line.date {
        Some(date) => schedules::version(&mut work.tx, &s1sp, date)? > 0,
        None => false,
    };
    let where_it_is = match line.date {
        Some(date) if over => {
            format!("It was planned for Dormant migration on {date} and waits for a later day of the week")
        }
        Some(date) => format!("It is planned for Dormant migration on {date}"),
        None => format!("It stands by for the Dormant migrations of the week of {}", line.week),
    };
    let due = line.date.and_then(|date| calendar.day(date)).map(|day| in_words(day.outcomes_due.timestamp()));
    let step = |now: String, next: String, who: String| Some(Next { now, next, who, also: Vec::new() });
    Ok(match (line.state, line.date) {
        (DormantState::Planned, _) => {
            let by = in_words(calendar.at(Milestone::DmmsNotice));
            step(format!("{where_it_is}; its suppliers are not told yet."), format!("They are told by {by}."), dcc())
        }
        (DormantState::Scheduled, Some(date)) => Some(scheduled(work, file, reader, date, &due.unwrap_or_default())?),
        (DormantState::Unknown, Some(date)) => step(
            format!("It was in the schedule of {date}; its outcome is not known."),
            "The S1SP reports the outcome, late as it is; until then no week takes it.".to_owned(),
            format!("S1SP {s1sp}"),
        ),
        (DormantState::Stopped, _) => step(
            "A stop order keeps it from being migrated.".to_owned(),
            format!("When the order is lifted it is in the plan of the week of {} again.", line.week),
            dcc(),
        ),
        _ => {
            let (next, who) = waiting(work, file, reader, &line, &calendar)?;
            step(format!("{where_it_is}."), next, who)
        }
    })
}

fn dcc() -> String {
    "DCC".to_owned()
}

/// DMT-3: what a supplier says has become Active since the inventory was made no week takes; nothing if none says so.
fn said_active(work: &mut Look<'_>, file: &Dossier, reader: Reader) -> Result<Option<Next>> {
    let today = local_date(work.now);
    if file.case.meters.type_on(today) != InstallationType::Dormant {
        return Ok(None);
    }
    let inventory = imports::as_at(&mut work.tx, ReferenceKind::Inventory)?.unwrap_or(Timestamp::MIN);
    let said = dormant::who_says_active(&mut work.tx, file.installation.chf, inventory)?;
    // That another one did was told when it left its week, but not which one.
    let own = said.iter().flatten().find(|party| reader.reads(**party));
    let who = match (own, said.is_empty()) {
        (Some(party), _) => party.to_string(),
        (None, false) => "a supplier".to_owned(),
        (None, true) => return Ok(None),
    };
    let now = format!("No meter of it is Active in the inventory, but {who} answered that it is (DMT-3).");
    let next = "No week takes it until an inventory that describes a later moment says what it is.";
    Ok(Some(Next { now, next: next.to_owned(), who: dcc(), also: Vec::new() }))
}

/// What a noticed installation waits for, and who acts.
fn waiting(
    work: &mut Look<'_>,
    file: &Dossier,
    reader: Reader,
    line: &DormantLineRecord,
    calendar: &WeekCalendar<'_>,
) -> Result<(String, String)> {
    let chf = file.installation.chf;
    let answers = dormant::answers_of(&mut work.tx, chf)?;
    let answers: Vec<&AnswerRecord> =
        answers.iter().filter(|(week, _)| *week == line.week).map(|(_, one)| one).collect();
    // MSM-14: what another supplier answered is that one's.
    if answers.iter().any(|answer| answer.is_open() && reader.reads(answer.party)) {
        let next = "A supplier objects; DCC decides, and until then no day takes it (DMT-4).";
        return Ok((next.to_owned(), dcc()));
    }
    let due = calendar.at(Milestone::DmmsResponse);
    let silent = |party: &Party| !(reader.reads(*party) && answers.iter().any(|answer| answer.party == *party));
    let noticed = dormant::notices_of(&mut work.tx, chf)?.into_iter().filter(|(week, ..)| *week == line.week);
    let asked: Vec<Party> = noticed.map(|(_, party, _)| party).filter(silent).collect();
    if work.now < due && !asked.is_empty() {
        let next = format!("Its suppliers may object until {}; no answer is no objection.", in_words(due));
        let date = line.date.unwrap_or(line.week);
        return Ok((next, reader.who(&asked, &file.case.meters, date)));
    }
    let next = match reader {
        Reader::Dcc => "A day whose capacity has room for it takes it when it is locked.",
        _ => {
            "A day whose capacity has room for it takes it when it is locked, unless an objection is not decided then."
        }
    };
    Ok((next.to_owned(), dcc()))
}
