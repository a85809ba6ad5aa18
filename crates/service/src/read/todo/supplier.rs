//! What waits for suppliers: for the one that reads, or for all.

use super::task::{NAMED, Offer, Task, named};
use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words};
use crate::dormant::roster::answered;
use crate::error::Result;
use crate::files::grace;
use crate::responsibility::intake;
use crate::rows::asked::{self, Waiting};
use crate::rows::lost::again_until;
use crate::rows::waiting::password_until;
use crate::weeks::chain::is_without_result;
use crate::weeks::window::windows;
use crate::words::count;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::{Party, S1sp};
use sluice_store::Scope;
use sluice_store::tables::bars::{self, StopOrder};
use sluice_store::tables::files::{self, FileRecord, PartyGrace};
use sluice_store::tables::{counts, dormant, issued, record, results, uses, weeks};
use std::collections::BTreeMap;

/// What waits for suppliers. Who reads for one supplier sees what it could do as well: send demand, ask, authorise, answer.
pub(super) fn tasks(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    reader: Option<Party>,
) -> Result<Vec<Task>> {
    let graces = files::graces(&mut work.tx, &s1sp, calendar.monday)?;
    let mut tasks = files_of(work, calendar, s1sp, &graces)?;
    let open = graces.iter().filter(|grace| !grace.used && work.now < grace.until);
    tasks.extend(open.filter_map(|grace| of_grace(calendar, grace, work.now)));
    tasks.extend(awaited(work, calendar, s1sp, reader)?);
    // MAM-11: of who failed nothing is taken any more.
    if let Scope::Party(party) = *work.tx.scope()
        && intake::failure(&mut work.tx, party)?.is_none()
    {
        tasks.extend(own(work, calendar, s1sp, party)?);
    }
    Ok(tasks)
}

/// FI21 and MAM-10: files that wait for their sender. A supplier sees its own (MSM-14).
fn files_of(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, graces: &[PartyGrace]) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let milestone = Milestone::DemandCutoff;
    for file in files::of_status(&mut work.tx, FileStatus::Held)? {
        if (file.s1sp, file.date) != (s1sp, calendar.monday) {
            continue;
        }
        let (id, sender, name) = (file.id, file.sender, name_of(work, &file)?);
        let own =
            graces.iter().filter(|grace| (grace.party, &*grace.milestone) == (sender, milestone.id()) && !grace.used);
        let until = own.map(|grace| grace.until).fold(calendar.at(milestone), Timestamp::max);
        let published = grace::published(work, &s1sp, calendar.monday)?;
        let what = match published {
            // Programs of before held what could not be confirmed any more.
            Some(at) => format!(
                "file {id}, {name}, is held, and nobody can confirm it since the result was published at {}; ask DCC (FI21, MSM-14)",
                in_words(at)
            ),
            None => format!("file {id}, {name}, is held: confirm it until {}, or it lapses (FI21)", in_words(until)),
        };
        let task = Task::new(sender, what);
        tasks.push(match published.is_none() && work.now < until {
            true => task.with(format!("sluice submit {name} --as {sender} --confirm")).offers(Offer::Confirm(id)),
            false => task,
        });
    }
    for file in files::of_status(&mut work.tx, FileStatus::Waiting)? {
        if file.s1sp == s1sp {
            let (sender, name) = (file.sender, name_of(work, &file)?);
            let password = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem).replacen("MA", "MAPASSWORD", 1);
            let until = password_until(work, file.id)?.map(in_words).unwrap_or_default();
            let again = again_until(&mut work.tx, file.id)?.filter(|again| work.now < *again);
            let what = match again {
                Some(again) => format!(
                    "file {}, {name}, waits for its password, which is not there any more: send it again before {} and it counts from \
                     when it came (MAM-10)",
                    file.id,
                    in_words(again)
                ),
                None => format!(
                    "file {}, {name}, waits for its password until {until}, or the cut-off of what it names (MAM-10)",
                    file.id
                ),
            };
            tasks.push(Task::new(sender, what).with(format!("sluice submit {password}.txt --as {sender}")));
        }
    }
    Ok(tasks)
}

fn name_of(work: &mut Look<'_>, file: &FileRecord) -> Result<String> {
    Ok(record::received(&mut work.tx, file.id)?.name)
}

/// CAL-3: a grace that is open, with its end.
fn of_grace(calendar: &WeekCalendar<'_>, grace: &PartyGrace, now: Timestamp) -> Option<Task> {
    let (milestone, at) = calendar.milestones.iter().find(|(milestone, _)| milestone.id() == grace.milestone)?;
    let kind = match milestone {
        Milestone::DemandCutoff => FileKind::DemandCommitment,
        Milestone::DmmsResponse => FileKind::DormantAnswer,
        _ => FileKind::Authorisation,
    };
    let over = if at.timestamp() <= now { "over" } else { "ahead" };
    let (what, until) = (milestone.title().to_lowercase(), in_words(grace.until));
    let words = format!(
        "grace at the {what} ({over}): one {} file that is corrected or confirmed is taken until {until} (CAL-3)",
        kind.word()
    );
    Some(Task::new(grace.party, words))
}

/// MAM-1: what waits for a supplier's row beside another one's; a supplier sees what waits for itself.
fn awaited(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, reader: Option<Party>) -> Result<Vec<Task>> {
    let mut parties: BTreeMap<Party, Vec<Waiting>> = BTreeMap::new();
    for one in asked::of_week(work, s1sp, calendar)? {
        if reader.is_none_or(|own| own == one.missing.of) {
            parties.entry(one.missing.of).or_default().push(one);
        }
    }
    let mut tasks = Vec::new();
    for (party, homes) in parties {
        tasks.extend(homes.iter().take(NAMED).map(of_home));
        let command = format!("sluice propose --as {party} --s1sp {s1sp} --week {} --out FILE", calendar.monday);
        if homes.len() > NAMED {
            let more = count(homes.len() - NAMED, "installation");
            tasks.push(Task::new(party, format!("{more} more like these, all in its eligible list (MAM-1)")));
        }
        // The proposal has those that can be sent as they are; where both name a date they have to agree.
        let proposed = homes.iter().any(|one| one.reasons.is_empty() && one.missing.named.is_empty());
        if let Some(last) = tasks.last_mut().filter(|_| proposed) {
            last.commands.push(command);
        }
    }
    Ok(tasks)
}

/// MAM-1 and MA121: the home, the date, the other's name, until when, and a way out.
fn of_home(one: &Waiting) -> Task {
    let bars: Vec<&str> = one.reasons.iter().map(|code| code.code()).collect();
    let bars = if bars.is_empty() { String::new() } else { format!("; now refused with {}", bars.join(" ")) };
    Task::new(one.missing.of, format!("{}: {} (MAM-1){bars}", one.home(), asked::of_one(&one.missing, one.until)))
}

/// What a supplier can do in the week, with its deadline.
fn own(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, party: Party) -> Result<Vec<Task>> {
    let (from, to, now) = (calendar.monday, calendar.sunday(), work.now);
    let is_open = |opens: Milestone, closes: Milestone| calendar.at(opens) <= now && now < calendar.at(closes);
    let until = |milestone: Milestone| in_words(calendar.at(milestone));
    let mut tasks = Vec::new();
    // CAL-5: a week that was closed has no result to come.
    if is_without_result(work, s1sp, from)? {
        return Ok(tasks);
    }
    if is_open(Milestone::DemandOpens, Milestone::DemandCutoff) {
        tasks.extend(demand(work, calendar, s1sp, party)?);
    }
    let versions = results::versions(&mut work.tx, &s1sp, from)?;
    let firm = versions.iter().any(|result| result.firm_at.is_some());
    let asks_until = windows(work, calendar, &s1sp)?.until(party);
    // MSM-11: a query is raised against a line, so who has none has nothing to ask about.
    let published = versions.iter().rev().find(|result| result.published_at.is_some());
    let lines = match published {
        Some(result) => results::lines(&mut work.tx, &s1sp, from, to, result.version)?,
        None => Vec::new(),
    };
    let has_a_line = lines.iter().any(|line| line.party == party);
    if has_a_line && !firm && now < asks_until {
        let what =
            format!("read why you got what you got; ask until {} if it seems wrong (MSM-11)", in_words(asks_until));
        let command = format!("sluice query raise --as {party} --s1sp {s1sp} --date DAY --text QUESTION");
        tasks.push(Task::new(party, what).with(command));
    }
    let takes_back = now < calendar.at(Milestone::HandbackCutoff);
    let unused = unused(work, calendar, s1sp, party)?;
    // STOP-1: what nobody may be sent to is not worth sending, and may be given back in time.
    tasks.extend(in_force(work, s1sp, party)?.filter(|_| !unused.is_empty()));
    for (closes, days) in unused {
        let handback = match takes_back {
            true => format!(", or give back until {}", until(Milestone::HandbackCutoff)),
            false => String::new(),
        };
        let units = count(days.values().sum::<u64>(), "unit");
        // Whether anything would be proposed only a reading of the inventory says.
        let what = format!(
            "{units} of yours no row uses: authorise until {}{handback}; where all that are eligible have an authorisation, \
             name another date to move one (MAM-2)",
            in_words(closes)
        );
        let task =
            Task::new(party, what).with(format!("sluice propose --as {party} --s1sp {s1sp} --week {from} --out FILE"));
        // MSM-13: units are given back by day.
        let back = days.iter().filter(|_| takes_back);
        tasks.push(back.fold(task, |task, (date, units)| {
            task.with(format!("sluice handback --as {party} --s1sp {s1sp} --date {date} --units {units}"))
        }));
    }
    tasks.extend(noticed(work, calendar, s1sp, party)?);
    if intake::open_id(&mut work.tx, party)?.is_none() {
        // Everything but a question and units given back goes by a file.
        let by_no_file =
            |command: &String| ["sluice query", "sluice handback"].iter().any(|act| command.starts_with(act));
        tasks.iter_mut().for_each(|task| task.commands.retain(by_no_file));
        let what = "no file of yours is taken: intake is ended under each User ID that you have; ask DCC (REF-3)";
        tasks.insert(0, Task::new(party, what));
    }
    tasks.extend(stopped(work, calendar, s1sp, party)?);
    Ok(tasks)
}

/// MSM-2: demand that was not sent yet and can be.
fn demand(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, party: Party) -> Result<Option<Task>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let is_due = grace::published(work, &s1sp, from)?.is_none()
        && weeks::demand(&mut work.tx, &s1sp, from, to)?.is_empty()
        && has_homes(work, s1sp)?;
    if !is_due {
        return Ok(None);
    }
    let until = in_words(calendar.at(Milestone::DemandCutoff));
    let command = format!("sluice template demand --party {party} --s1sp {s1sp} --week {from} --user-id ID --out FILE");
    Ok(Some(Task::new(party, format!("no demand of yours yet; send it until {until} (MSM-2)")).with(command)))
}

/// Has the supplier that reads anything to ask for at an S1SP? Where it leads nothing anywhere, the inventory may not be there yet.
fn has_homes(work: &mut Look<'_>, s1sp: S1sp) -> Result<bool> {
    let led = counts::led_at(&mut work.tx)?;
    Ok(led.is_empty() || led.contains(&s1sp))
}

/// STOP-1: the orders in force that cover homes of a supplier at an S1SP, or may, as a task.
fn in_force(work: &mut Look<'_>, s1sp: S1sp, party: Party) -> Result<Option<Task>> {
    let mut orders = bars::stops(&mut work.tx)?;
    let covers_all = |order: &StopOrder| match order.scope {
        StopScope::S1sp => order.value == s1sp.as_str(),
        StopScope::Supplier => order.value == party.as_str(),
        _ => false,
    };
    let covers_some =
        |order: &StopOrder| matches!(order.scope, StopScope::Combination | StopScope::Model | StopScope::List);
    orders.retain(|order| order.lifted.is_none() && (covers_all(order) || covers_some(order)));
    if orders.is_empty() {
        return Ok(None);
    }
    let names = orders.iter().map(|order| order.id.to_string()).collect::<Vec<_>>().join(", ");
    let what = match orders.iter().any(covers_all) {
        true => format!(
            "nothing that you send for {s1sp} is taken while stop orders are in force ({names}): it is refused with MA124; your units stay \
             yours until the moments below (STOP-1)"
        ),
        false => format!(
            "stop orders are in force ({names}): rows for homes that they cover are refused with MA124; your eligible list says which (STOP-1)"
        ),
    };
    Ok(Some(Task::new("DCC", what)))
}

/// MAM-2: units of the week that no row of a party uses and that one still can, by the moment until which it can, and by day:
/// days may be closed before their week (CAL-7).
fn unused(
    work: &mut Look<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: S1sp,
    party: Party,
) -> Result<BTreeMap<Timestamp, BTreeMap<Date, u64>>> {
    let mut unused: BTreeMap<Timestamp, BTreeMap<Date, u64>> = BTreeMap::new();
    let Some(week) = asked::takes_until(work, party, s1sp, calendar)? else { return Ok(unused) };
    let allowances = uses::allowances(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    for ((_, date), allowance) in allowances.iter().filter(|((own, _), _)| *own == party) {
        let open = allowance.open();
        if let Some(until) = calendar.takes_until(*date, week, work.now).filter(|_| open > 0) {
            unused.entry(until).or_default().insert(*date, open);
        }
    }
    Ok(unused)
}

/// DMT-3: Dormant installations of the plan that the supplier was told of and has not answered for.
fn noticed(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, party: Party) -> Result<Option<Task>> {
    let (week, until) = (calendar.monday, calendar.at(Milestone::DmmsResponse));
    if work.now >= until {
        return Ok(None);
    }
    let (told, answers) = (dormant::notices(&mut work.tx, &s1sp, week)?, answered(work, s1sp, week)?);
    let mut lines = dormant::of_week(&mut work.tx, &s1sp, week)?;
    lines.retain(|line| line.state.is_open() && told.get(&line.chf).is_some_and(|told| told.contains(&party)));
    lines.retain(|line| answers.get(&line.chf).is_none_or(|answers| !answers.contains_key(&party)));
    if lines.is_empty() {
        return Ok(None);
    }
    // A row that its file leaves blank says nothing, which is an answer.
    if answers.values().any(|answers| answers.contains_key(&party)) {
        let homes = count(lines.len(), "Dormant installation");
        let until = in_words(until);
        let what = format!(
            "you have answered, and said nothing of {homes}: that is no objection when answers are due, at {until} (DMT-3)"
        );
        return Ok(Some(Task::new(party, what)));
    }
    let what = format!(
        "you were told of {} and have not answered: object or say Active until {}; no answer is no objection (DMT-3)",
        count(lines.len(), "Dormant installation"),
        in_words(until)
    );
    let (task, date) = (Task::new(party, what), format!("_{}", week.strftime("%Y%m%d")));
    // The last one has everything that the supplier was told of, under the User ID that it had then.
    let told = issued::last_of(&mut work.tx, &party, (&format!("DMMS_{s1sp}_"), &date))?;
    let Some((told, id)) = told.zip(intake::open_id(&mut work.tx, party)?) else { return Ok(Some(task)) };
    let template = format!("sluice template dmms-answer --party {party} --s1sp {s1sp} --week {week} --user-id {id}");
    let answer = format!("DMMSR_{s1sp}_{id}{date}.xlsx");
    let task = task
        .with(format!("sluice outbox --as {party} --out inbox"))
        .with(format!("{template} --from inbox/{told}.csv --out {answer}"))
        .with(format!("sluice submit {answer} --as {party}"));
    Ok(Some(task))
}

/// STOP-1: rows of a supplier that stand still.
fn stopped(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp, party: Party) -> Result<Option<Task>> {
    let stopped = uses::stopped(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    if stopped.is_empty() {
        return Ok(None);
    }
    let what = format!(
        "{} of {party} stopped by a stop order: {} (STOP-1); nothing for {party} to do",
        count(stopped.len(), "row"),
        named(&stopped, "its responses")
    );
    Ok(Some(Task::new("DCC", what)))
}
