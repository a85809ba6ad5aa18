//! Stop orders (STOP-1): one operator imposes, two lift, and each S1SP acknowledges its stop list.

use super::milestones::ClockAct;
use crate::actor::{Actor, second_operator};
use crate::calendar::{in_words, local_date};
use crate::cases::dormant::{Reviewed, review};
use crate::cases::lock::{issue_changed, schedule_rows};
use crate::desk::{Changed, Desk, MamTerms, mam, tell};
use crate::error::{Result, ServiceError};
use crate::work::{UseCase, Work};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::{StopScope, is_model};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::rulebook::Document;
use sluice_store::Tx;
use sluice_store::tables::bars::{self, StopOrder};
use sluice_store::tables::outcomes::{self, Escalation};
use sluice_store::tables::{authorisations, issued, parties};
use sluice_wire::name::FileName;
use sluice_wire::written::{StopRow, write_csv};
use std::collections::BTreeSet;

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
    /// Until when the stop lists are to be acknowledged, in words; empty where there are none.
    pub acknowledge_by: String,
}

/// What a stop order did at one S1SP.
#[derive(Debug, Clone, Serialize)]
pub struct StoppedAt {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// Authorisations that it stopped, or that are in line again.
    pub rows: usize,
    /// Dormant installations that it stopped, or that are in their week again.
    #[serde(skip_serializing_if = "is_none")]
    pub dormant: u64,
    /// The days whose schedule was issued again.
    #[serde(with = "crate::words::list")]
    pub days: Vec<Date>,
    /// The name of the stop list; empty where none was issued.
    pub list: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

impl UseCase for ImposeStop {
    const KIND: &'static str = "stop";
    type Answer = Stopping;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("imposing a stop order")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Stopping> {
        if self.reason.trim().is_empty() {
            return Err(ServiceError::rule("STOP-1", "a stop order says why; give the reason with --reason"));
        }
        let value = self.checked_value(work)?;
        let listed: BTreeSet<Eui64> = self.listed.iter().copied().collect();
        let order = StopOrder {
            id: 0,
            scope: self.scope,
            value,
            reason: self.reason.trim().to_owned(),
            imposed_at: work.now,
            imposed_by: work.by.name.clone(),
            lifted: None,
        };
        let id = bars::add_stop(&mut work.tx, &order, &listed.into_iter().collect::<Vec<_>>())?;
        let book = mam(work.books, local_date(work.now)).or_else(|_| work.books.latest(Document::Mam))?;
        work.rulebook.clone_from(&book.id);
        let minutes = i64::try_from(book.number("stop_acknowledgement_minutes")?).unwrap_or(i64::MAX);
        let due = work.now.checked_add(jiff::SignedDuration::from_mins(minutes)).map_err(ServiceError::defect)?;
        let mut stopping = Stopping { id, at: Vec::new(), acknowledge_by: String::new() };
        for s1sp in self.s1sps(work, &order)? {
            let settled = settle_stops(work, s1sp)?;
            if settled.is_empty() && self.scope != StopScope::S1sp {
                continue;
            }
            let rows = settled.changed.iter().filter(|change| change.is_now(State::Stopped)).count();
            let list = stop_list(work, s1sp, &settled)?;
            bars::add_stop_list(&mut work.tx, id, &s1sp, due)?;
            stopping.at.push(StoppedAt { s1sp, rows, dormant: settled.dormant.changed, days: settled.days(), list });
            stopping.acknowledge_by = in_words(due);
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
                Ok(party) if parties::find(&mut work.tx, &party)?.is_some_and(|found| found.role == "SUPPLIER") => {
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

    /// The S1SPs at which it can cover anything.
    fn s1sps(&self, work: &mut Work<'_>, order: &StopOrder) -> Result<Vec<S1sp>> {
        match self.scope {
            StopScope::S1sp => Ok(vec![order.value.parse().map_err(ServiceError::defect)?]),
            _ => Ok(parties::s1sps(&mut work.tx)?),
        }
    }
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
}

/// STOP-1: in one transaction rows in scope are stopped or in line again, the units that came free are given on, and new
/// versions of the schedules are issued.
fn settle_stops(work: &mut Work<'_>, s1sp: S1sp) -> Result<Settled> {
    let today = local_date(work.now);
    let dormant = review(work, s1sp, None, None)?;
    let rows = authorisations::from_day(&mut work.tx, &s1sp, today)?;
    if rows.is_empty() {
        dormant.issue(work, s1sp)?;
        return Ok(Settled { changed: Vec::new(), dormant });
    }
    let terms = MamTerms::on(work.books, today)?;
    let mut desk = Desk::open(work, s1sp, terms)?;
    desk.load(work, rows.iter().map(|stored| stored.chf))?;
    desk.apply_stops();
    desk.promote(work)?;
    let changed = desk.save(work, None)?;
    issue_changed(work, s1sp, &changed, None)?;
    dormant.issue(work, s1sp)?;
    Ok(Settled { changed, dormant })
}

/// STOP-1: the stop list of an S1SP: what was in a locked schedule and is stopped. Gives its name.
fn stop_list(work: &mut Work<'_>, s1sp: S1sp, settled: &Settled) -> Result<String> {
    let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else {
        return Err(ServiceError::Use(format!("no party is S1SP {s1sp}; import it with sluice import parties")));
    };
    let stopped: BTreeSet<(Eui64, Date)> = settled
        .changed
        .iter()
        .filter(|change| change.touches_schedule() && change.is_now(State::Stopped))
        .map(|change| (change.chf, change.date()))
        .chain(settled.dormant.from_schedules.iter().copied())
        .collect();
    let rows = schedule_rows(work, s1sp, stopped)?.into_iter().map(StopRow);
    let mut bytes = Vec::new();
    write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
    let mut at = work.now.to_zoned(LONDON);
    // Two orders in one second are two lists.
    loop {
        let name = format!("{}.csv", FileName::stop_list(s1sp, at.date(), at.time()));
        if issued::of_prefix(&mut work.tx, &name)? == 0 {
            issued::issue(&mut work.tx, &party, &name, work.now, None, &bytes)?;
            return Ok(name);
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

impl UseCase for LiftStop {
    const KIND: &'static str = "stop-lift";
    type Answer = Stopping;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("lifting a stop order")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Stopping> {
        let order = standing(&mut work.tx, self.id)?;
        let by = work.by.clone();
        second_operator(&mut work.tx, &by, self.approve.as_deref(), "STOP-1", "lifting a stop order")?;
        let both = format!("{} and {}", by.name, self.approve.as_deref().unwrap_or_default());
        bars::lift_stop(&mut work.tx, self.id, work.now, &both)?;
        let mut stopping = Stopping { id: self.id, at: Vec::new(), acknowledge_by: String::new() };
        for s1sp in parties::s1sps(&mut work.tx)? {
            let settled = settle_stops(work, s1sp)?;
            if settled.is_empty() {
                continue;
            }
            if let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? {
                let words = format!("stop order {} is lifted: {}", self.id, order.reason);
                tell(work, party, "STOP-1", None, &words)?;
            }
            let rows = settled.changed.iter().filter(|change| change.was(State::Stopped)).count();
            let (days, dormant) = (settled.days(), settled.dormant.changed);
            stopping.at.push(StoppedAt { s1sp, rows, dormant, days, list: String::new() });
        }
        Ok(stopping)
    }
}

/// A stop order that stands.
fn standing(tx: &mut Tx<'_>, id: i64) -> Result<StopOrder> {
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

/// An S1SP acknowledges its stop list.
#[derive(Debug, Serialize, Deserialize)]
pub struct AcknowledgeStop {
    /// The number of the stop order.
    pub id: i64,
}

impl UseCase for AcknowledgeStop {
    const KIND: &'static str = "stop-acknowledge";
    /// Was it in time?
    type Answer = bool;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("acknowledging a stop list").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<bool> {
        let party = work.by.must_be_party("acknowledging a stop list")?;
        let own = crate::actor::s1sp_of(&mut work.tx, party)?;
        let lists = bars::stop_lists(&mut work.tx)?;
        let mine = lists.into_iter().find(|list| list.order == self.id && Some(list.s1sp) == own);
        let Some(list) = mine else {
            return Err(ServiceError::rule("STOP-1", format!("{party} has no stop list of order {}", self.id)));
        };
        if let Some(at) = list.acknowledged {
            return Err(ServiceError::rule("STOP-1", format!("it was acknowledged at {}", in_words(at))));
        }
        bars::acknowledge(&mut work.tx, self.id, &list.s1sp, work.now)?;
        Ok(work.now < list.due)
    }
}

/// STOP-1: a stop list that is not acknowledged in time is escalated.
#[derive(Debug, Serialize, Deserialize)]
pub struct EscalateStop {
    /// The number of the stop order.
    pub id: i64,
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
}

impl UseCase for EscalateStop {
    const KIND: &'static str = "stop-escalate";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("escalating a stop list")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let Self { id, s1sp } = *self;
        bars::set_escalated(&mut work.tx, id, &s1sp, work.now)?;
        let Some(party) = parties::of_s1sp(&mut work.tx, &s1sp)? else { return Ok(()) };
        let (office, night) = parties::contacts(&mut work.tx, &party)?;
        let reach = [office, night].into_iter().filter(|contact| !contact.is_empty()).collect::<Vec<_>>().join("; ");
        let reach = if reach.is_empty() { "no contact is on record".to_owned() } else { format!("call {reach}") };
        let words = format!("{party} has not acknowledged the stop list of order {id} in time; {reach}");
        let date = local_date(work.now);
        let escalation = Escalation { at: work.now, rule: "STOP-1".to_owned(), s1sp, date, words };
        outcomes::escalate(&mut work.tx, &escalation)?;
        tell(work, party, "STOP-1", None, &format!("the stop list of order {id} is not acknowledged; do it now"))
    }
}

impl ClockAct for EscalateStop {
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let lists = bars::stop_lists(tx)?;
        let open = |list: &bars::StopList| list.acknowledged.is_none() && list.escalated.is_none();
        Ok(lists.iter().any(|list| (list.order, list.s1sp) == (self.id, self.s1sp) && open(list)))
    }
}

/// STOP-1: the next stop list that is overdue at the moment of the work, with the moment at which it was due.
///
/// # Errors
/// If the database fails.
pub(super) fn next_due(work: &mut Work<'_>) -> Result<Option<(Timestamp, EscalateStop)>> {
    let lists = bars::stop_lists(&mut work.tx)?;
    let overdue = lists
        .into_iter()
        .filter(|list| list.acknowledged.is_none() && list.escalated.is_none() && list.due <= work.now)
        .min_by_key(|list| (list.due, list.order, list.s1sp));
    Ok(overdue.map(|list| (list.due, EscalateStop { id: list.order, s1sp: list.s1sp })))
}
