//! Stop orders (STOP-1): one operator imposes, two lift, and each S1SP acknowledges its stop list.

use crate::act::actor::Actor;
use crate::act::prepared::Prepared;
use crate::act::second::{both, second_operator};
use crate::act::tell::{send, tell};
use crate::act::work::{Act, Work};
use crate::board::changed::Changed;
use crate::board::finish::Ending;
use crate::board::open::Board;
use crate::books::calendar::{Moment, in_words, local_date};
use crate::books::terms::MamTerms;
use crate::dormant::review::{Reviewed, is_locked, review};
use crate::error::{Result, ServiceError};
use crate::facts::ahead::{Ahead, rows_since};
use crate::schedule::issue::schedule_rows;
use crate::words::count;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::{StopScope, is_model};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::{Eui64, Party, PartyRole, S1sp};
use sluice_store::tables::bars::{self, StopOrder};
use sluice_store::tables::convert::{eui_keys, parsed};
use sluice_store::tables::parties::Dictionary;
use sluice_store::tables::{installations, issued, parties, schedules};
use sluice_store::{Tx, View};
use sluice_wire::name::FileName;
use sluice_wire::written::{StopRow, write_csv};
use std::collections::{BTreeMap, BTreeSet};

/// A stop order is imposed.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImposeStop {
    /// What it covers.
    #[serde(with = "crate::words")]
    pub scope: StopScope,
    /// The S1SP, Device Model Combination, device model (`manufacturer:model` or with `:firmware`) or supplier; empty for a
    /// list.
    pub value: String,
    /// The installations of a list.
    #[serde(with = "crate::words::list")]
    pub listed: Vec<Eui64>,
    /// Why.
    pub reason: String,
}

/// What a stop order did, or its end.
#[derive(Debug, Clone, Serialize)]
pub struct Stopping {
    /// Its number.
    pub id: i64,
    /// At each S1SP: how many authorisations changed, the days whose schedule was issued again, and the stop list.
    pub at: Vec<StoppedAt>,
    /// Until when the stop lists are to be acknowledged, where there are any.
    pub acknowledge_by: Moment,
}

/// What a stop order did at one S1SP.
#[derive(Debug, Clone, Serialize)]
pub struct StoppedAt {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// Authorisations that it stopped, or had stopped.
    pub rows: usize,
    /// Of those that it had stopped: how many stand again. The others wait in line, but for those of the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<usize>,
    /// Of those how many wait for the other supplier's authorisation, or for what that one still needs. Programs before version 8
    /// counted them as in line, as what has ended.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub held: u64,
    /// Of those how many have ended.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub ended: u64,
    /// Dormant installations that it stopped, or that are in their week again.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub dormant: u64,
    /// Of these, those that wait for a later day of their week, since their own is locked or over.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub dormant_later: u64,
    /// The days whose schedule was issued again, each with its version.
    pub days: Vec<IssuedDay>,
    /// The name of the stop list; empty where none was issued.
    pub list: String,
}

impl StoppedAt {
    /// What became of those that a lifted order had stopped: how many, and what.
    #[must_use]
    pub fn lifted(&self) -> Vec<(u64, &'static str)> {
        let mut became = vec![(length(self.standing.unwrap_or_default()), "standing again")];
        became.push((self.in_line(), "waiting in line"));
        let others = [(self.held, "held for the other supplier (MAM-1)"), (self.ended, "ended")];
        became.extend(others.into_iter().filter(|(number, _)| *number > 0));
        became
    }

    /// Of those that a lifted order had stopped: how many wait in line.
    #[must_use]
    pub fn in_line(&self) -> u64 {
        length(self.rows).saturating_sub(length(self.standing.unwrap_or_default()) + self.held + self.ended)
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A day whose schedule was issued again.
#[derive(Debug, Clone, Serialize)]
pub struct IssuedDay {
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// The version.
    pub version: i64,
}

impl Act for ImposeStop {
    const KIND: &'static str = "stop";
    type Answer = Stopping;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("imposing a stop order")
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        find_ahead(work)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Stopping> {
        work.must_say(&self.reason, "STOP-1", "a stop order says why; give the reason with --reason")?;
        let value = self.checked_value(work)?;
        let listed: BTreeSet<Eui64> = self.listed.iter().copied().collect();
        must_be_known(&mut work.tx, &listed)?;
        let mut order = StopOrder {
            id: 0,
            scope: self.scope,
            value,
            reason: self.reason.trim().to_owned(),
            imposed_at: work.now,
            imposed_by: work.by.name().to_owned(),
            lifted: None,
        };
        let id = bars::add_stop(&mut work.tx, &order, &listed.into_iter().collect::<Vec<_>>())?;
        order.id = id;
        let book = work.mam_rulebook()?;
        work.rulebook.clone_from(&book.id);
        let minutes = i64::try_from(book.number("stop_acknowledgement_minutes")?).unwrap_or(i64::MAX);
        let due = work.now.checked_add(jiff::SignedDuration::from_mins(minutes)).map_err(ServiceError::defect)?;
        let mut stopping = Stopping { id, at: Vec::new(), acknowledge_by: Moment::new(None, work.engine) };
        for (s1sp, about) in concerned(&mut work.tx, &order)? {
            let settled = settle_stops(work, s1sp)?;
            let rows = settled.changed.iter().filter(|change| change.is_now(State::Stopped)).count();
            let list = stop_list(work, s1sp, &settled)?;
            bars::add_stop_list(&mut work.tx, id, &s1sp, due)?;
            stopping.acknowledge_by = Moment::new(Some(due), work.engine);
            announce(work, s1sp, &order, &about, &list, stopping.acknowledge_by)?;
            let (days, dormant) = (settled.issued(work, s1sp)?, settled.dormant.changed);
            let list = list.name;
            stopping.at.push(StoppedAt {
                s1sp,
                rows,
                standing: None,
                held: 0,
                ended: 0,
                dormant,
                dormant_later: 0,
                days,
                list,
            });
        }
        Ok(stopping)
    }
}

impl ImposeStop {
    /// STOP-1: what the order is about must exist, written as the tables have it.
    fn checked_value(&self, work: &mut Work<'_>) -> Result<String> {
        let value = self.value.trim();
        let unknown = |what: &str| Err(ServiceError::Use(format!("{what} '{value}' is not known; nothing is stopped")));
        match self.scope {
            StopScope::S1sp => match value.parse::<S1sp>() {
                Ok(s1sp) if parties::s1sps(&mut work.tx)?.contains(&s1sp) => Ok(s1sp.to_string()),
                _ => unknown("S1SP"),
            },
            StopScope::Supplier => match value.parse::<Party>() {
                Ok(party)
                    if parties::find(&mut work.tx, &party)?.is_some_and(|found| found.role == PartyRole::Supplier) =>
                {
                    Ok(party.to_string())
                }
                _ => unknown("supplier"),
            },
            StopScope::Combination => {
                let all = bars::combinations(&mut work.tx)?;
                let found = all.into_iter().find(|(_, code, _)| code == value).map(|(_, code, _)| code);
                found.map_or_else(|| unknown("Device Model Combination"), Ok)
            }
            StopScope::Model => {
                let all = bars::combinations(&mut work.tx)?;
                let known = all.iter().flat_map(|(.., models)| models).any(|model| is_model(value, model));
                if known { Ok(value.to_owned()) } else { unknown("device model") }
            }
            StopScope::List if self.listed.is_empty() => {
                Err(ServiceError::rule("STOP-1", "a stop list names at least one installation"))
            }
            StopScope::List => Ok(String::new()),
        }
    }
}

/// STOP-1: what a list names must be in the inventory, so that a slip does not leave an installation unstopped.
fn must_be_known(tx: &mut Tx<'_>, listed: &BTreeSet<Eui64>) -> Result<()> {
    let known: BTreeSet<Eui64> = found(tx, listed)?.into_iter().map(|(chf, _)| chf).collect();
    let unknown: Vec<String> = listed.difference(&known).map(ToString::to_string).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let first = unknown.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = unknown.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(ServiceError::Use(format!("no installation has the CHF Device ID {first}{more}; nothing is stopped")))
}

/// Device IDs of an error that are given in full.
const NAMED: usize = 10;

/// The installations of a list that are in the inventory, with their S1SPs.
fn found(tx: &mut Tx<'_>, listed: &BTreeSet<Eui64>) -> Result<Vec<(Eui64, S1sp)>> {
    let dictionary = Dictionary::load(tx)?;
    let found = installations::find(tx, &dictionary, &eui_keys(listed.iter().copied()))?;
    Ok(found.into_iter().map(|installation| (installation.chf, installation.s1sp)).collect())
}

/// STOP-1: the S1SPs that an order concerns, and what it is about for each, in words: the S1SPs of what is listed, and
/// everyone for devices and suppliers, since a new row may bring them tomorrow.
fn concerned(tx: &mut Tx<'_>, order: &StopOrder) -> Result<BTreeMap<S1sp, String>> {
    let value = &order.value;
    let words = match order.scope {
        StopScope::S1sp => return Ok(BTreeMap::from([(parsed(value)?, "everything of yours".to_owned())])),
        StopScope::List => {
            let listed = bars::stop_entries(tx, order.id)?.into_iter().collect();
            let mut counts: BTreeMap<S1sp, usize> = BTreeMap::new();
            for (_, s1sp) in found(tx, &listed)? {
                *counts.entry(s1sp).or_default() += 1;
            }
            let words = |number| format!("{} of a list", count(number, "installation"));
            return Ok(counts.into_iter().map(|(s1sp, number)| (s1sp, words(number))).collect());
        }
        StopScope::Combination => format!("Device Model Combination {value}"),
        StopScope::Model => format!("device model {value}"),
        StopScope::Supplier => format!("installations with a meter of {value}"),
    };
    Ok(parties::s1sps(tx)?.into_iter().map(|s1sp| (s1sp, words.clone())).collect())
}

/// STOP-1: tells an S1SP of an order, with the stop list and until when to acknowledge it.
fn announce(
    work: &mut Work<'_>,
    s1sp: S1sp,
    order: &StopOrder,
    about: &str,
    list: &IssuedList,
    due: Moment,
) -> Result<()> {
    let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else { return Ok(()) };
    let (id, IssuedList { name, rows }) = (order.id, list);
    let what_to_do = match rows {
        0 => format!("nothing in your schedules is stopped by it now; acknowledge order {id} until {due}"),
        _ => format!("stop the work on what {name} names, and acknowledge order {id} until {due}"),
    };
    let words = format!("stop order {id} is in force for {about}: {}; {what_to_do}", order.reason);
    tell(work, party, "STOP-1", None, &words)
}

/// What became of authorisations and of Dormant installations.
struct Settled {
    changed: Vec<Changed>,
    dormant: Reviewed,
}

impl Settled {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.dormant.changed == 0
    }

    /// The days whose schedule is another one with it.
    fn days(&self) -> Vec<Date> {
        let touched = self.changed.iter().filter(|change| change.touches_schedule()).map(Changed::date);
        touched.chain(self.dormant.days()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Those days, with the versions that they have now.
    fn issued(&self, work: &mut Work<'_>, s1sp: S1sp) -> Result<Vec<IssuedDay>> {
        let version = |date| Ok(IssuedDay { date, version: schedules::version(&mut work.tx, &s1sp, date)? });
        self.days().into_iter().map(version).collect()
    }
}

/// What every stop order settles: each row that stands is looked at.
fn find_ahead(work: &mut Work<'_>) -> Result<Option<Prepared>> {
    let today = local_date(work.now);
    work.until_next_act(|work| {
        let dictionary = Dictionary::load(&mut work.tx)?;
        Ahead::find(work, today, dictionary)
    })
}

/// STOP-1: in one transaction rows in scope are stopped or in line again, the units that came free are given on, and new
/// versions of the schedules are issued.
fn settle_stops(work: &mut Work<'_>, s1sp: S1sp) -> Result<Settled> {
    let today = local_date(work.now);
    let dormant = review(work, s1sp, None, None)?;
    let ahead = work.found::<Ahead>();
    let rows = rows_since(work, ahead.as_deref(), s1sp, today)?;
    if rows.is_empty() {
        dormant.issue(work, s1sp)?;
        return Ok(Settled { changed: Vec::new(), dormant });
    }
    let terms = MamTerms::on(work.books, today)?;
    let mut board = Board::open(work, s1sp, terms)?;
    board.facts.load_ahead(work, rows.iter().map(|(chf, _)| *chf), ahead.as_deref())?;
    let changed = board.settle(work)?.finish(work, Ending { also: dormant.days(), ..Ending::default() })?;
    Ok(Settled { changed, dormant })
}

/// A stop list as it was issued; without a name where no party is the S1SP any more.
#[derive(Default)]
struct IssuedList {
    name: String,
    rows: usize,
}

/// STOP-1: the stop list of an S1SP: what was in a locked schedule and is stopped. It is issued without rows too, since the
/// S1SP acknowledges the order by it.
fn stop_list(work: &mut Work<'_>, s1sp: S1sp, settled: &Settled) -> Result<IssuedList> {
    // What nobody can be told is stopped nevertheless, and escalated.
    let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else { return Ok(IssuedList::default()) };
    let stopped: BTreeSet<(Eui64, Date)> = settled
        .changed
        .iter()
        .filter(|change| change.touches_schedule() && change.is_now(State::Stopped))
        .map(|change| (change.chf, change.date()))
        .chain(settled.dormant.from_schedules.iter().copied())
        .collect();
    let rows = schedule_rows(work, s1sp, stopped)?;
    let number = rows.len();
    let mut bytes = Vec::new();
    write_csv(rows.into_iter().map(StopRow), &mut bytes).map_err(ServiceError::defect)?;
    let mut at = work.now.to_zoned(LONDON);
    // Two orders in one second are two lists.
    loop {
        let name = format!("{}.csv", FileName::stop_list(s1sp, at.date(), at.time()));
        if issued::of_prefix(&mut work.tx, &name)? == 0 {
            send(work, &party, &name, None, &bytes)?;
            return Ok(IssuedList { name, rows: number });
        }
        at = at.checked_add(jiff::SignedDuration::from_secs(1)).map_err(ServiceError::defect)?;
    }
}

/// A stop order is lifted, by two operators.
#[derive(Debug, Serialize, Deserialize)]
pub struct LiftStop {
    /// Its number.
    pub id: i64,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for LiftStop {
    const KIND: &'static str = "stop-lift";
    type Answer = Stopping;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("lifting a stop order")
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        find_ahead(work)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Stopping> {
        let order = standing(&mut work.tx, self.id)?;
        second_operator(work, self.approve.as_deref(), "STOP-1", "lifting a stop order")?;
        let both = both(work.by.name(), self.approve.as_deref());
        bars::lift_stop(&mut work.tx, self.id, work.now, &both)?;
        let mut stopping = Stopping { id: self.id, at: Vec::new(), acknowledge_by: Moment::new(None, work.engine) };
        let concerned = concerned(&mut work.tx, &order)?;
        for s1sp in parties::s1sps(&mut work.tx)? {
            let settled = settle_stops(work, s1sp)?;
            if settled.is_empty() && !concerned.contains_key(&s1sp) {
                continue;
            }
            if let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? {
                // SCH-1: who reads of a day that has begun only that an order is lifted goes on with all of it.
                let begun = work.engine > 8 && is_locked(work, s1sp, local_date(work.now))?;
                let words = format!("stop order {} is lifted: {}", self.id, order.reason);
                tell(work, party, "STOP-1", None, &(words + if begun { STAYS_OUT } else { "" }))?;
            }
            if settled.is_empty() {
                continue;
            }
            let had_stopped = || settled.changed.iter().filter(|change| change.was(State::Stopped));
            let stands = |change: &&Changed| change.is_now(State::Accepted) || change.is_now(State::Scheduled);
            let (rows, standing) = (had_stopped().count(), Some(had_stopped().filter(stands).count()));
            let that =
                |which: fn(&&Changed) -> bool| length(had_stopped().filter(which).filter(|_| work.engine > 7).count());
            let (held, ended) = (that(|change| change.is_now(State::Held)), that(|change| !change.is_live()));
            let (days, dormant) = (settled.issued(work, s1sp)?, settled.dormant.changed);
            let dormant_later = if work.engine > 7 { settled.dormant.later } else { 0 };
            stopping.at.push(StoppedAt {
                s1sp,
                rows,
                standing,
                held,
                ended,
                dormant,
                dormant_later,
                days,
                list: String::new(),
            });
        }
        Ok(stopping)
    }
}

/// What an S1SP is told beside that an order is lifted, where its day has begun.
const STAYS_OUT: &str = "; what it took out of today's schedule stays out of it, since nothing is added to a day that has begun: work by the latest version";

/// A stop order that stands.
///
/// # Errors
/// If it was lifted, or there is none.
pub(crate) fn standing(tx: &mut View<'_>, id: i64) -> Result<StopOrder> {
    let found = bars::stops(tx)?.into_iter().find(|order| order.id == id);
    let order = found.ok_or_else(|| ServiceError::Use(format!("there is no stop order {id}; see sluice stop list")))?;
    match &order.lifted {
        Some((at, by)) => {
            let message = format!("stop order {id} was lifted at {} by {by}", in_words(*at));
            Err(ServiceError::rule("STOP-1", message))
        }
        None => Ok(order),
    }
}
