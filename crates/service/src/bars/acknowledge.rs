//! What becomes of a stop list: its S1SP acknowledges it, or that is escalated (STOP-1).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::books::calendar::{in_words, local_date};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::party::S1sp;
use sluice_store::tables::bars;
use sluice_store::tables::outcomes::{self, Escalation};
use sluice_store::tables::parties;

/// An S1SP acknowledges its stop list.
#[derive(Debug, Serialize, Deserialize)]
pub struct AcknowledgeStop {
    /// The number of the stop order.
    pub id: i64,
}

impl Act for AcknowledgeStop {
    const KIND: &'static str = "stop-acknowledge";
    /// Was it in time?
    type Answer = bool;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("acknowledging a stop list").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<bool> {
        let party = work.by.must_be_party("acknowledging a stop list")?;
        let own = crate::act::actor::s1sp_of(&mut work.tx, party)?;
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

impl Act for EscalateStop {
    const KIND: &'static str = "stop-escalate";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("escalating a stop list")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let Self { id, s1sp } = *self;
        bars::set_escalated(&mut work.tx, id, &s1sp, work.now)?;
        let party = parties::of_s1sp(&mut work.tx, &s1sp)?;
        let reach = match &party {
            Some(party) => reach(&parties::contacts(&mut work.tx, party)?),
            None => format!("no party is S1SP {s1sp} any more, so nobody was told"),
        };
        let words = format!("{s1sp} has not acknowledged the stop list of order {id} in time; {reach}");
        let date = local_date(work.now);
        let escalation = Escalation { at: work.now, rule: "STOP-1".to_owned(), s1sp, date, words };
        outcomes::escalate(&mut work.tx, &escalation)?;
        let Some(party) = party else { return Ok(()) };
        tell(work, party, "STOP-1", None, &format!("the stop list of order {id} is not acknowledged; do it now"))
    }
}

/// Whom to call, in operations and out of hours.
fn reach((operations, out_of_hours): &(String, String)) -> String {
    match (operations.as_str(), out_of_hours.as_str()) {
        ("", "") => "no contact is on record".to_owned(),
        (operations, "") => format!("call {operations} (operations)"),
        ("", out_of_hours) => format!("call {out_of_hours} (out of hours)"),
        (operations, out_of_hours) => format!("call {operations} (operations) or {out_of_hours} (out of hours)"),
    }
}

impl ClockAct for EscalateStop {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let lists = bars::stop_lists(&mut work.tx)?;
        let list = lists.iter().find(|list| (list.order, list.s1sp) == (self.id, self.s1sp) && is_open(list));
        Ok(list.map(|list| list.due))
    }
}

/// Does it wait for its acknowledgement without that having been escalated?
fn is_open(list: &bars::StopList) -> bool {
    list.waits() && list.escalated.is_none()
}

/// STOP-1: the next stop list that is overdue at the moment of the work, with the moment at which it was due.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let lists = bars::stop_lists(&mut work.tx)?;
    let overdue = lists
        .into_iter()
        .filter(|list| is_open(list) && list.due <= work.now)
        .map(|list| (list.due, EscalateStop { id: list.order, s1sp: list.s1sp }))
        .filter(|(_, act)| !aside.has(act))
        .min_by_key(|(due, act)| (*due, act.id, act.s1sp));
    Ok(overdue.map(|(due, act)| Due::at(due, act)))
}
