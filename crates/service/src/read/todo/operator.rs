//! What waits for operators.

use super::task::{NAMED, OPERATOR, Offer, TWO, Task, allowed, due, named};
use crate::act::simulated::is_simulated;
use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::days::lock::{LockDay, Stale, stale};
use crate::days::outcomes::BESIDE;
use crate::error::Result;
use crate::files::unconfirmed;
use crate::imports::capacity::was_known;
use crate::read::aside::Listed;
use crate::read::dormant::{Wait, waits};
use crate::responsibility::intake;
use crate::weeks::chain::is_without_result;
use crate::weeks::publish::Publish;
use crate::weeks::redistribute::Refill;
use crate::weeks::scale::ScaleWeek;
use crate::weeks::window::firm_due;
use crate::words::count;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, PartyRole, S1sp};
use sluice_store::tables::files::{self, PartyGrace};
use sluice_store::tables::{
    bars, counts, imports, installations, parties, questions, record, results, schedules, signatures, uses, weeks,
};
use std::collections::BTreeSet;

/// A week at an S1SP as an operator looks at it.
struct Desk<'c, 'k> {
    calendar: &'c WeekCalendar<'k>,
    s1sp: S1sp,
    week: Date,
    /// How a command names one operator, and two: on a simulated database by their names.
    one: &'static str,
    two: &'static str,
    tasks: Vec<Task>,
}

/// What waits for operators, in the order in which a week comes to it.
pub(super) fn tasks(work: &mut Look<'_>, calendar: &WeekCalendar<'_>, s1sp: S1sp) -> Result<Vec<Task>> {
    let (one, two) = match is_simulated(&mut work.tx)? {
        true => (" --by USER", " --by USER --approve USER"),
        false => ("", ""),
    };
    let mut desk = Desk { calendar, s1sp, week: calendar.monday, one, two, tasks: Vec::new() };
    desk.aside(work)?;
    desk.dormant(work)?;
    // CAL-5: a week that was closed has no result to come.
    if !is_without_result(work, s1sp, calendar.monday)? {
        desk.shut_out(work)?;
        desk.no_demand(work)?;
        desk.unconfirmed(work)?;
        desk.result(work)?;
        desk.queries(work)?;
    }
    desk.refill(work)?;
    desk.locks(work)?;
    desk.beside(work)?;
    desk.signatures(work)?;
    desk.stopped(work)?;
    Ok(desk.tasks)
}

impl Desk<'_, '_> {
    /// FI24: what failed by a fault of ours, for this S1SP and week or for none of its own.
    fn aside(&mut self, work: &mut Look<'_>) -> Result<()> {
        for Listed { aside, what, s1sp, week, commands } in crate::read::aside::list(work)? {
            if s1sp.is_none_or(|s1sp| s1sp == self.s1sp) && week.is_none_or(|week| week == self.week) {
                let (tries, since, reason) = (count(aside.tries, "time"), in_words(aside.since), aside.reason);
                let what = format!("{what} is set aside since {since}, tried {tries}: {reason} (FI24)");
                let task = Task::new(OPERATOR, what);
                self.tasks
                    .push(commands.iter().fold(task, |task, command| task.with(format!("{command}{}", self.one))));
            }
        }
        Ok(())
    }

    /// DMT-2 and DMT-4.
    fn dormant(&mut self, work: &mut Look<'_>) -> Result<()> {
        let (week, s1sp, one) = (self.week, self.s1sp, self.one);
        for wait in waits(work, self.calendar, s1sp)? {
            self.tasks.push(match wait {
                Wait::Plan(what) => Task::new(OPERATOR, what)
                    .with(format!("sluice dormant plan {week} --s1sp {s1sp}{one}"))
                    .with(format!("sluice dormant notify {week} --s1sp {s1sp}{one}"))
                    .offers(Offer::PlanDormant),
                Wait::Objections(what, all) => {
                    let task = Task::new(OPERATOR, what).with(format!("sluice dormant show {week} --s1sp {s1sp}"));
                    all.iter().take(NAMED).fold(task, |task, (chf, party)| {
                        let decide = |how: &str| {
                            format!(
                                "sluice dormant decide {week} {chf} --s1sp {s1sp} --as {party} {how} --why WHY{one}"
                            )
                        };
                        task.with(decide("--rejected")).with(decide("--upheld"))
                    })
                }
            });
        }
        Ok(())
    }

    /// MSM-2: who sent no demand, while the week is open and until it is scaled. Who has no home to move here is not asked.
    fn no_demand(&mut self, work: &mut Look<'_>) -> Result<()> {
        let (from, to, now) = (self.week, self.calendar.sunday(), work.now);
        let cutoff = self.calendar.at(Milestone::DemandCutoff);
        let scaled = !results::versions(&mut work.tx, &self.s1sp, from)?.is_empty();
        if now < self.calendar.at(Milestone::DemandOpens) || scaled {
            return Ok(());
        }
        let sent: BTreeSet<Party> =
            weeks::demand(&mut work.tx, &self.s1sp, from, to)?.into_iter().map(|line| line.party).collect();
        let counts = installations::eligible_counts(&mut work.tx, &self.s1sp, from)?;
        let asked =
            |party: Party| counts.is_empty() || counts.iter().any(|(other, homes)| *other == party && *homes > 0);
        let suppliers = parties::all(&mut work.tx)?.into_iter().filter(|party| party.role == PartyRole::Supplier);
        // CAL-3: who is in grace may still send it.
        let graces = files::graces(&mut work.tx, &self.s1sp, from)?;
        let may_send =
            |grace: &PartyGrace| grace.milestone == Milestone::DemandCutoff.id() && !grace.used && now < grace.until;
        let in_grace =
            |party: Party| cutoff <= now && graces.iter().any(|grace| grace.party == party && may_send(grace));
        let none: Vec<Party> = suppliers
            .map(|party| party.code)
            .filter(|party| !sent.contains(party) && asked(*party) && !in_grace(*party))
            .collect();
        if none.is_empty() {
            return Ok(());
        }
        let who = none.iter().map(Party::to_string).collect::<Vec<_>>().join(", ");
        let at = in_words(cutoff);
        let what = if now < cutoff {
            format!("no demand yet; the cut-off is at {at} (MSM-2)")
        } else if was_known(work, (self.s1sp, from), cutoff)? {
            format!("sent no demand until the cut-off at {at}: it counts as none (MSM-2)")
        } else {
            format!(
                "sent no demand, which counts as none; nobody could know of the week, whose capacity came after the cut-off at {at} (MSM-2)"
            )
        };
        self.tasks.push(Task::new(who, what));
        Ok(())
    }

    /// REF-3: who can send nothing, since intake is ended under each User ID that it has.
    fn shut_out(&mut self, work: &mut Look<'_>) -> Result<()> {
        let ended = parties::ended_intake(&mut work.tx)?;
        let shut: BTreeSet<Party> = ended.iter().map(|ended| ended.party).collect();
        for party in shut {
            if intake::open_id(&mut work.tx, party)?.is_none() {
                let what = format!("{party} can send nothing: intake is ended under each User ID that it has (REF-3)");
                let own = ended.iter().filter(|ended| ended.party == party);
                let task = own.fold(Task::new(TWO, what), |task, ended| {
                    task.with(format!("sluice intake resume {} --reason WHY{}", ended.user_id, self.two))
                });
                self.tasks.push(task);
            }
        }
        Ok(())
    }

    /// FI21: demand that nobody can confirm any more, which DCC can take until the week is firm (MSM-11).
    fn unconfirmed(&mut self, work: &mut Look<'_>) -> Result<()> {
        if results::firm_weeks(&mut work.tx, &self.s1sp)?.contains(&self.week) {
            return Ok(());
        }
        for file in unconfirmed::of_week(work, self.s1sp, self.week)? {
            let (id, sender, name) = (file.id, file.sender, record::received(&mut work.tx, file.id)?.name);
            let what = format!(
                "decide on file {id} of {sender}, {name}: it came in time, and nobody can confirm it since the result is published; ask {sender}, and take it if it is meant (FI21, MSM-11)"
            );
            let command = format!("sluice week take-file {id} --reason REASON{}", self.one);
            self.tasks.push(Task::new(OPERATOR, what).with(command).offers(Offer::Take(id)));
        }
        Ok(())
    }

    /// MSM-11: scaling, scaling again, publishing.
    fn result(&mut self, work: &mut Look<'_>) -> Result<()> {
        let (s1sp, week) = (self.s1sp, self.week);
        let versions = results::versions(&mut work.tx, &s1sp, week)?;
        if work.now < self.calendar.at(Milestone::DemandCutoff) || versions.iter().any(|one| one.firm_at.is_some()) {
            return Ok(());
        }
        let provisional = self.calendar.at(Milestone::ProvisionalDue);
        let Some(last) = versions.last() else {
            let due = due(provisional, work.now);
            return self.scale(work, &format!("scale the week; the provisional result is {due} (MSM-1)"));
        };
        let firm = last.published_at.is_some();
        let publish = Publish { s1sp, week, firm, approve: None };
        if let Err(why) = allowed(publish.fitting(work, self.calendar))? {
            return self.scale(work, &why);
        }
        if firm && work.now < self.calendar.at(Milestone::QueryCloses) {
            return Ok(());
        }
        let (who, word, at) = match firm {
            true => (TWO, "firm", firm_due(work, self.calendar, &s1sp)?),
            false => (OPERATOR, "provisional", provisional),
        };
        let by = if at < work.now { format!(", late since {}", in_words(at)) } else { format!(" by {}", in_words(at)) };
        let what = match firm {
            true => format!("publish the provisional result, version {}, as firm{by} (MSM-11)", last.version),
            // The milestone was that of the first result; a correction of it has none.
            false => match versions.iter().rev().find(|version| version.published_at.is_some()) {
                Some(wrong) => format!(
                    "publish version {} as provisional: it corrects version {} (MSM-11)",
                    last.version, wrong.version
                ),
                None => format!("publish version {} as provisional{by} (MSM-11)", last.version),
            },
        };
        let signed = if firm { self.two } else { self.one };
        let command = format!("sluice week publish {week} --s1sp {s1sp} --stage {word}{signed}");
        let task = match allowed(publish.must_be_allowed(work, self.calendar))? {
            Ok(()) => Task::new(who, what).with(command).offers(Offer::Publish { firm }),
            Err(why) => self.not_yet(work, who, (&what, &why))?,
        };
        self.tasks.push(task);
        Ok(())
    }

    fn scale(&mut self, work: &mut Look<'_>, what: &str) -> Result<()> {
        let (s1sp, week) = (self.s1sp, self.week);
        let task = match allowed(ScaleWeek { s1sp, week }.must_be_allowed(work, self.calendar))? {
            Ok(()) => {
                Task::new(OPERATOR, what).with(format!("sluice week scale {week} --s1sp {s1sp}")).offers(Offer::Scale)
            }
            Err(why) => self.not_yet(work, OPERATOR, (what, &why))?,
        };
        self.tasks.push(task);
        Ok(())
    }

    /// What cannot be done, and why. CAL-5: what a later firm week has overtaken never can, and the week can only be closed.
    fn not_yet(&self, work: &mut Look<'_>, who: &str, (what, why): (&str, &str)) -> Result<Task> {
        let (s1sp, week) = (self.s1sp, self.week);
        if results::firm_weeks(&mut work.tx, &s1sp)?.into_iter().any(|firm| firm > week) {
            let close = format!("sluice week close {week} --s1sp {s1sp} --reason REASON{}", self.two);
            return Ok(Task::new(TWO, format!("close the week: {why}")).with(close));
        }
        Ok(Task::new(who, format!("{what}; not yet: {why}")))
    }

    fn queries(&mut self, work: &mut Look<'_>) -> Result<()> {
        let due = due(firm_due(work, self.calendar, &self.s1sp)?, work.now);
        for question in questions::questions(&mut work.tx, &self.s1sp, self.week, self.calendar.sunday())? {
            if question.answer.is_none() {
                let (id, party, date) = (question.id, question.party, question.date);
                let what = format!(
                    "answer query {id} of {party} about {date}; nothing is firm before, which is {due} (MSM-11)"
                );
                let command = format!("sluice query answer {id} --text ANSWER{}", self.one);
                self.tasks.push(Task::new(OPERATOR, what).with(command).offers(Offer::AnswerQuery(id)));
            }
        }
        Ok(())
    }

    /// MSM-13: free units that parties asked for.
    fn refill(&mut self, work: &mut Look<'_>) -> Result<()> {
        let (s1sp, week) = (self.s1sp, self.week);
        let Ok(units) = allowed(Refill { s1sp, week }.units(work, self.calendar))? else { return Ok(()) };
        if units > 0 {
            let (units, due) = (count(units, "free unit"), due(self.calendar.at(Milestone::RefillDue), work.now));
            let what = format!("refill: {units} can go to who asked for more, {due} (MSM-13)");
            let command = format!("sluice week refill {week} --s1sp {s1sp}");
            self.tasks.push(Task::new(OPERATOR, what).with(command).offers(Offer::Refill));
        }
        Ok(())
    }

    /// SCH-1, REF-1: days to be locked, and what is too old for the locks up to tonight, all of it at once.
    fn locks(&mut self, work: &mut Look<'_>) -> Result<()> {
        let days = self.to_lock(work)?;
        let old = if days.is_empty() {
            Vec::new()
        } else {
            // RB-2: without a rulebook in effect nothing says how old is too old, nor is anything locked.
            let standing = imports::standing(&mut work.tx)?;
            allowed(stale(work.books, &standing, local_date(work.now)))?.unwrap_or_default()
        };
        if !old.is_empty() {
            self.renew(&days, &old);
            return Ok(());
        }
        let now = work.now;
        for (date, at) in days.into_iter().filter(|(_, at)| *at <= now) {
            let allows = LockDay { s1sp: self.s1sp, date, waiver: None }.must_be_due(work, self.calendar);
            // Nobody can lock it before, so it is not late as soon as it can be locked.
            let what = format!("lock the schedule of {date}, due since {} (SCH-1)", in_words(at));
            self.tasks.push(match allowed(allows)? {
                Ok(()) => Task::new(OPERATOR, what).with(self.lock(date)).offers(Offer::Lock(date)),
                Err(why) => Task::new(OPERATOR, format!("{what}; not yet: {why}")),
            });
        }
        Ok(())
    }

    /// The Migration Days that are to be locked today or should be locked by now, with the moments of their locks.
    fn to_lock(&self, work: &mut Look<'_>) -> Result<Vec<(Date, Timestamp)>> {
        let mut days = Vec::new();
        if !results::firm_weeks(&mut work.tx, &self.s1sp)?.contains(&self.week) {
            return Ok(days);
        }
        let today = local_date(work.now);
        let capacity = weeks::capacity(&mut work.tx, &self.s1sp, self.week, self.calendar.sunday())?;
        for day in &self.calendar.days {
            let (date, at) = (day.date, day.schedule_lock.timestamp());
            let migrates = capacity.get(&date).is_some_and(|capacity| capacity.total() > 0);
            // SCH-1: a day that is over is not locked any more.
            let due = migrates && today <= date && local_date(at) <= today;
            if due && schedules::version(&mut work.tx, &self.s1sp, date)? == 0 {
                days.push((date, at));
            }
        }
        Ok(days)
    }

    fn lock(&self, date: Date) -> String {
        format!("sluice schedule lock {date} --s1sp {}", self.s1sp)
    }

    /// REF-1: one task for all that is too old, with a command for each kind, and one for each lock that lets it pass.
    fn renew(&mut self, days: &[(Date, Timestamp)], old: &[Stale]) {
        let locks = days.iter().map(|(date, at)| format!("{date} at {}", in_words(*at)));
        let locks = locks.collect::<Vec<_>>().join(" and ");
        let words = old.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let mut task = Task::new(
            OPERATOR,
            format!("import newer data for the lock of {locks}, or let them pass with --waive: {words} (REF-1)"),
        );
        for stale in old {
            task = task.with(format!("sluice import {} FILE --as-at INSTANT{}", stale.kind, self.one));
        }
        for (date, _) in days {
            task = task.with(format!("{} --waive REASON{}", self.lock(*date), self.one));
        }
        self.tasks.push(task);
    }

    /// OUT-1: homes that nobody is sent to until it is known what the S1SP did there.
    fn beside(&mut self, work: &mut Look<'_>) -> Result<()> {
        let homes = counts::excluded_by(&mut work.tx, &self.s1sp, BESIDE)?;
        if homes > 0 {
            let s1sp = self.s1sp;
            let (are, them) = match homes {
                1 => ("1 home is".to_owned(), "it is"),
                _ => (format!("{homes} homes are"), "they are"),
            };
            let what = format!(
                "{s1sp} reports that {are} migrated that had left its schedule; {them} excluded since: ask what was done; lift what is not migrated (OUT-1)"
            );
            let lift = format!("sluice exclusion lift ID --why WHY{}", self.one);
            self.tasks.push(Task::new(OPERATOR, what).with("sluice exclusion list".to_owned()).with(lift));
        }
        Ok(())
    }

    /// MSM-12: what one operator did on the day itself.
    fn signatures(&mut self, work: &mut Look<'_>) -> Result<()> {
        for asked in signatures::all(&mut work.tx)? {
            if asked.s1sp == self.s1sp && self.calendar.day(asked.date).is_some() && asked.signed.is_none() {
                let (id, what, due) = (asked.id, asked.what, in_words(asked.due));
                let late = if asked.flagged.is_some() { "flagged: it was due" } else { "due" };
                let what = format!("sign {id} ({what}), {late} at {due} (MSM-12)");
                let command = format!("sluice week sign {id}{}", self.one);
                self.tasks.push(Task::new("second operator", what).with(command).offers(Offer::Sign(id)));
            }
        }
        Ok(())
    }

    /// STOP-1: rows that stand still.
    fn stopped(&mut self, work: &mut Look<'_>) -> Result<()> {
        let stopped = uses::stopped(&mut work.tx, &self.s1sp, self.calendar.monday, self.calendar.sunday())?;
        let rows = stopped.len();
        // A home with two suppliers has two rows.
        let homes: Vec<_> = stopped.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let told = bars::stop_lists(&mut work.tx)?.into_iter().filter(|list| list.s1sp == self.s1sp);
        let told: BTreeSet<i64> = told.map(|list| list.order).collect();
        let orders = bars::stops(&mut work.tx)?.into_iter().filter(|order| order.lifted.is_none());
        let orders: Vec<i64> = orders.map(|order| order.id).filter(|order| told.contains(order)).collect();
        let names = orders.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let what = match rows {
            0 if orders.is_empty() || self.calendar.sunday() < local_date(work.now) => return Ok(()),
            // What is refused is not seen otherwise.
            0 => format!(
                "stop orders are in force ({names}): whatever is sent for homes that they cover is refused (MA124, STOP-1)"
            ),
            _ => format!(
                "{} of the week stopped while stop orders are in force ({names}): {} (STOP-1)",
                count(rows, "row"),
                named(&homes, "sluice stop list")
            ),
        };
        let task = Task::new(TWO, what);
        self.tasks.push(orders.iter().fold(task, |task, id| task.with(format!("sluice stop lift {id}{}", self.two))));
        Ok(())
    }
}
