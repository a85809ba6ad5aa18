//! Responsibility events (MAM-11): market participant ids pass from one party to another, by a transfer or because their
//! supplier failed and another is appointed in its place.

use crate::act::actor::{Actor, registered};
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::prepared::Prepared;
use crate::act::second::{both, second_operator};
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::books::calendar::{in_words, local_date};
use crate::dormant::passing::{follow_event, issue_days};
use crate::error::{Result, ServiceError};
use crate::events::ahead;
use crate::events::effect::{Effect, Touched};
use crate::files::waiting_ends::end_waiting;
use crate::responsibility::intake::failure;
use crate::responsibility::intake::words as failed;
use crate::rows::asked::AskedOf;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::installation::Mpid;
use sluice_rules::party::{Party, PartyRole, S1sp};
use sluice_store::View;
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::responsibility::{self, FuelMpid, ResponsibilityEvent};
use sluice_store::tables::results;
use std::collections::{BTreeMap, BTreeSet};

/// DCC records that market participant ids pass from one party to another; done at once, or when its moment comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordEvent {
    /// What it is.
    #[serde(with = "crate::words")]
    pub kind: EventKind,
    /// From whom.
    #[serde(with = "crate::words")]
    pub from: Party,
    /// To whom.
    #[serde(with = "crate::words")]
    pub to: Party,
    /// The ids that pass; all that the party has if none is named.
    #[serde(with = "crate::words::list")]
    pub mpids: Vec<Mpid>,
    /// From when on; from now on if nothing is said.
    #[serde(with = "crate::words::optional")]
    pub at: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for RecordEvent {
    const KIND: &'static str = "responsibility";
    type Answer = Effect;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("a responsibility event")
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        let mut event = self.checked_event(work)?;
        if !is_done_with(work, &event) {
            return Ok(None);
        }
        set_passing(work, &mut event)?;
        ahead::prepare(work, &event)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Effect> {
        let mut event = self.checked_event(work)?;
        second_operator(work, self.approve.as_deref(), "MAM-11", "a responsibility event")?;
        event.id = responsibility::add(&mut work.tx, &event)?;
        if is_done_with(work, &event) {
            return carry_out(work, event);
        }
        announce(work, &event)?;
        let touched = Touched::by(work, &event)?;
        Ok(Effect::before(work.engine, &event, touched))
    }
}

/// Is an event done in the act that records it, or the preview of that?
fn is_done_with(work: &Work<'_>, event: &ResponsibilityEvent) -> bool {
    work.only_shown || event.effective <= work.now
}

impl RecordEvent {
    fn checked_event(&self, work: &mut Work<'_>) -> Result<ResponsibilityEvent> {
        Ok(ResponsibilityEvent {
            id: 0,
            kind: self.kind,
            from: self.from,
            to: self.to,
            mpids: self.checked(work)?,
            effective: self.at.unwrap_or(work.now),
            recorded_at: work.now,
            recorded_by: both(work.by.name(), self.approve.as_deref()),
            reason: self.reason.trim().to_owned(),
            done_at: None,
            cancelled_at: None,
            whole: false,
        })
    }

    /// What the event is about must make sense when it is recorded. Gives the ids that pass.
    fn checked(&self, work: &mut Work<'_>) -> Result<Vec<FuelMpid>> {
        let refused = |message: String| Err(ServiceError::rule("MAM-11", message));
        work.must_say(&self.reason, "MAM-11", "a responsibility event says why; give the reason with --reason")?;
        if self.from == self.to {
            return refused("nothing passes from a party to itself".to_owned());
        }
        for party in [self.from, self.to] {
            if registered(&mut work.tx, party)?.role != PartyRole::Supplier {
                return refused(format!("{party} is no supplier; only suppliers have market participant ids"));
            }
        }
        if failure(&mut work.tx, self.to)?.is_some() {
            return refused(format!("{} failed itself; name a supplier that goes on", self.to));
        }
        if self.kind == EventKind::Transfer && failure(&mut work.tx, self.from)?.is_some() {
            return refused(format!("{} failed; what is left of it passes by an appointment", self.from));
        }
        let held = Dictionary::load(&mut work.tx)?.mpids_of(self.from);
        if let Some(other) = self.mpids.iter().find(|mpid| !held.iter().any(|(_, own)| own == *mpid)) {
            return refused(format!("{other} is no market participant id of {}", self.from));
        }
        if held.is_empty() {
            return refused(format!("{} has no market participant id that could pass", self.from));
        }
        Ok(held.into_iter().filter(|(_, own)| self.mpids.is_empty() || self.mpids.contains(own)).collect())
    }
}

/// An event whose moment has come is done by the clock.
#[derive(Debug, Serialize, Deserialize)]
pub struct DoEvent {
    /// Its number.
    pub event: i64,
}

impl Act for DoEvent {
    const KIND: &'static str = "responsibility-done";
    type Answer = Effect;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("doing a responsibility event")
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        let mut event = event(&mut work.tx, self.event)?;
        set_passing(work, &mut event)?;
        ahead::prepare(work, &event)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Effect> {
        let event = event(&mut work.tx, self.event)?;
        carry_out(work, event)
    }
}

impl ClockAct for DoEvent {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let event = event(&mut work.tx, self.event)?;
        Ok(is_to_come(&event).then_some(event.effective))
    }
}

/// Is it neither done nor cancelled?
fn is_to_come(event: &ResponsibilityEvent) -> bool {
    event.done_at.is_none() && event.cancelled_at.is_none()
}

/// Two operators cancel an event whose moment has not come.
#[derive(Debug, Serialize, Deserialize)]
pub struct CancelEvent {
    /// Its number.
    pub event: i64,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for CancelEvent {
    const KIND: &'static str = "responsibility-cancel";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("cancelling a responsibility event")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let event = self.to_come(&mut work.tx)?;
        let what = "cancelling a responsibility event";
        second_operator(work, self.approve.as_deref(), "MAM-11", what)?;
        responsibility::cancel(&mut work.tx, event.id, work.now)?;
        let words = format!("responsibility event {}, from {} to {}, is cancelled", event.id, event.from, event.to);
        for party in [event.from, event.to] {
            tell(work, party, "MAM-11", None, &words)?;
        }
        Ok(())
    }
}

impl CancelEvent {
    /// The event, which is neither done nor cancelled.
    ///
    /// # Errors
    /// If it is, or there is none.
    pub(crate) fn to_come(&self, view: &mut View<'_>) -> Result<ResponsibilityEvent> {
        let event = event(view, self.event)?;
        if is_to_come(&event) {
            return Ok(event);
        }
        let word = if event.done_at.is_some() { "done" } else { "cancelled" };
        let message = format!("event {} is {word} already; only one to come can be cancelled", event.id);
        Err(ServiceError::rule("MAM-11", message))
    }
}

/// The next event whose moment has come at that of the work, with its moment.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let due = responsibility::all(&mut work.tx)?
        .into_iter()
        .filter(|event| is_to_come(event) && event.effective <= work.now)
        .map(|event| (event.effective, DoEvent { event: event.id }))
        .filter(|(_, act)| !aside.has(act))
        .min_by_key(|(at, act)| (*at, act.event));
    Ok(due.map(|(at, act)| Due::at(at, act)))
}

/// The event of a number.
///
/// # Errors
/// If there is none.
pub(crate) fn event(tx: &mut View<'_>, id: i64) -> Result<ResponsibilityEvent> {
    let found = responsibility::all(tx)?.into_iter().find(|event| event.id == id);
    let unknown =
        || ServiceError::Use(format!("there is no responsibility event {id}; see sluice responsibility list"));
    found.ok_or_else(unknown)
}

/// What of the ids of an event passes.
fn set_passing(work: &mut Work<'_>, event: &mut ResponsibilityEvent) -> Result<()> {
    // What has passed to a third party since the event was recorded is that one's.
    let held = Dictionary::load(&mut work.tx)?.mpids_of(event.from);
    event.mpids.retain(|mpid| held.contains(mpid));
    // Nor does anything pass to a party that has failed since, or is in the parties file no more.
    if failure(&mut work.tx, event.to)?.is_some() || parties::find(&mut work.tx, &event.to)?.is_none() {
        event.mpids.clear();
    }
    event.whole = !event.mpids.is_empty() && event.mpids.len() == held.len();
    Ok(())
}

/// Does an event: from here on responsibility, lead, eligibility, checks and notices follow it.
fn carry_out(work: &mut Work<'_>, mut event: ResponsibilityEvent) -> Result<Effect> {
    set_passing(work, &mut event)?;
    let found = ahead::found(work, &event);
    let found = found.as_deref();
    let touched = ahead::touched(work, found, &event)?;
    let mut effect = Effect::before(work.engine, &event, touched);
    let mut waited = Vec::new();
    for s1sp in parties::s1sps(&mut work.tx)? {
        let tells = work.engine > 3;
        waited.push((s1sp, if tells { ahead::waited(work, found, s1sp)? } else { AskedOf::new() }));
    }
    (event.done_at, effect.done) = (Some(work.now), true);
    responsibility::set_done(&mut work.tx, &event)?;
    if event.mpids.is_empty() {
        let ResponsibilityEvent { id, from, to, .. } = event;
        let words = format!(
            "nothing passes from {from} to {to} by responsibility event {id}: the ids have gone elsewhere since, or {to} failed or is registered no more"
        );
        for party in [from, to] {
            tell(work, party, "MAM-11", None, &words)?;
        }
        return Ok(effect);
    }
    let before = [units_of(work, event.from)?, units_of(work, event.to)?];
    crate::events::follow::follow(work, &event)?;
    for (s1sp, waited) in waited {
        // DMT-5: the suppliers of noticed installations have changed with it.
        let (days, changed) = follow_event(work, s1sp, &event)?;
        // Until the units have passed nothing else of them may change.
        let found = found.map(|found| &found.rows);
        crate::events::rows::follow(work, s1sp, &event, (&waited, found), &mut effect)?;
        effect.dormant_changed += changed;
        effect.add_schedules(s1sp, issue_days(work, s1sp, days)?);
    }
    if event.kind == EventKind::Appointment {
        end_waiting(work, "MAM-11", &failed(&event), |file| file.sender == event.from)?;
    }
    report(work, &event, &effect, &before)?;
    Ok(effect)
}

/// What a party has of the days from today on.
type Units = BTreeMap<(S1sp, Date), u64>;

fn units_of(work: &mut Work<'_>, party: Party) -> Result<Units> {
    let mut held = Units::new();
    let today = local_date(work.now);
    for s1sp in parties::s1sps(&mut work.tx)? {
        let all = results::allocations(&mut work.tx, &s1sp, today, Date::MAX)?.into_iter();
        held.extend(all.filter(|record| record.party == party).map(|record| ((s1sp, record.date), record.units)));
    }
    Ok(held)
}

/// The allocations of a party that an event changed, in words.
fn reallocated(work: &mut Work<'_>, party: Party, before: &Units) -> Result<String> {
    if work.engine < 3 {
        return Ok(String::new());
    }
    let after = units_of(work, party)?;
    let units = |of: &Units, day: &(S1sp, Date)| of.get(day).copied().unwrap_or(0);
    let days: BTreeSet<&(S1sp, Date)> = before.keys().chain(after.keys()).collect();
    let changed = days.into_iter().filter(|day| units(before, day) != units(&after, day));
    let changed =
        changed.map(|day| format!("{} at {} {}, before {}", day.1, day.0, units(&after, day), units(before, day)));
    let changed: Vec<String> = changed.collect();
    Ok(if changed.is_empty() { String::new() } else { format!("; your allocation now: {}", changed.join("; ")) })
}

/// The ids of an event in words.
#[must_use]
pub fn mpids_in_words(mpids: &[FuelMpid]) -> String {
    let words = mpids.iter().map(|(fuel, mpid)| format!("{mpid} ({})", fuel.word().to_ascii_lowercase()));
    words.collect::<Vec<_>>().join(", ")
}

/// Tells both parties of an event whose moment is to come.
fn announce(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
    let ResponsibilityEvent { id, from, to, mpids, effective, .. } = event;
    let (mpids, at) = (mpids_in_words(mpids), in_words(*effective));
    let words = format!("at {at} {mpids} of {from} will pass to {to} (responsibility event {id})");
    for party in [*from, *to] {
        tell(work, party, "MAM-11", None, &words)?;
    }
    Ok(())
}

/// Tells both parties of what an event did.
fn report(work: &mut Work<'_>, event: &ResponsibilityEvent, effect: &Effect, before: &[Units; 2]) -> Result<()> {
    let ResponsibilityEvent { id, from, to, mpids, .. } = event;
    let mpids = mpids_in_words(mpids);
    let rows = |word: &str| effect.became.get(word).copied().unwrap_or(0);
    let (to_from, to_to) = match event.kind {
        EventKind::Transfer => {
            let with = if event.whole { "; demand, allocations, forecast and rounding balances follow" } else { "" };
            let passed = rows("PASSED");
            let passed = match work.engine {
                ..=3 => format!("authorisations that passed, with the units in use: {passed}"),
                _ => format!("authorisations that passed: {passed}; units that passed: {}", effect.units_passed),
            };
            let words = format!("{mpids} of {from} passed to {to} (responsibility event {id}); {passed}{with}");
            let stayed = [
                ("HELD", "that wait for its supplier's too now"),
                ("EXPIRED", "that can be completed no more (MA128)"),
            ]
            .map(|(word, what)| (rows(word), what));
            let stayed: String = stayed
                .into_iter()
                .filter(|(rows, _)| work.engine > 3 && *rows > 0)
                .map(|(rows, what)| format!("; authorisations of yours {what}: {rows}"))
                .collect();
            let to_from = format!("{words}{stayed}{}", reallocated(work, *from, &before[0])?);
            (to_from, format!("{words}{}", reallocated(work, *to, &before[1])?))
        }
        EventKind::Appointment => {
            let why = format!("{to} is appointed in the place of {from} for {mpids} (responsibility event {id})");
            let suspended = rows("SUSPENDED");
            (
                format!("{why}; nothing that you send is taken any more"),
                format!(
                    "{why}; authorisations that are suspended, to be adopted until the lock of their day: {suspended}; see sluice responsibility suspended {id}"
                ),
            )
        }
    };
    tell(work, *from, "MAM-11", None, &to_from)?;
    tell(work, *to, "MAM-11", None, &to_to)
}
