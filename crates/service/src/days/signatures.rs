//! What one operator does at once and a second one signs afterwards (MSM-12).

use crate::act::actor::{Actor, must_have_a_name};
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::work::{Act, Look, Reads, Work};
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::party::S1sp;
use sluice_store::tables::outcomes::{self, Escalation};
use sluice_store::tables::signatures::{self, Countersignature};

/// Asks for the signature of a second operator within some hours. Gives the number under which it is signed.
///
/// # Errors
/// If the first operator has no name.
pub(crate) fn ask(
    work: &mut Work<'_>,
    rule: &'static str,
    (s1sp, date): (S1sp, Date),
    what: String,
    hours: u64,
) -> Result<(i64, Timestamp)> {
    must_have_a_name(&work.by, rule, &format!("{what} needs two people by name; name the first"))?;
    let hours = i64::try_from(hours).unwrap_or(i64::MAX);
    let due = work.now.checked_add(jiff::SignedDuration::from_hours(hours)).map_err(ServiceError::defect)?;
    let asked = Countersignature {
        id: 0,
        rule: rule.to_owned(),
        s1sp,
        date,
        what,
        first: work.by.name().to_owned(),
        at: work.now,
        act: work.by_act(),
        due,
        signed: None,
        flagged: None,
    };
    Ok((signatures::add(&mut work.tx, &asked)?, due))
}

/// A second operator signs what a first one did.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sign {
    /// Its number.
    pub id: i64,
}

/// What was signed.
#[derive(Debug, Clone, Serialize)]
pub struct Signed {
    /// What was done.
    pub what: String,
    /// By whom first.
    pub first: String,
    /// Was it signed in time?
    pub in_time: bool,
}

impl Act for Sign {
    const KIND: &'static str = "sign";
    type Answer = Signed;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_sign("signing")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Signed> {
        let found = signatures::all(&mut work.tx)?.into_iter().find(|asked| asked.id == self.id);
        let asked = found.ok_or_else(|| ServiceError::Use(format!("nothing waits for signature {}", self.id)))?;
        if let Some((by, at)) = &asked.signed {
            return Err(ServiceError::rule("MSM-12", format!("{by} signed it at {}", in_words(*at))));
        }
        must_have_a_name(&work.by, "MSM-12", "signing needs two people by name; name the second")?;
        if work.by.name() == asked.first {
            let message = format!("signing needs two people; '{}' is the first one again", asked.first);
            return Err(ServiceError::rule("MSM-12", message));
        }
        signatures::sign(&mut work.tx, self.id, work.by.name(), work.now)?;
        Ok(Signed { what: asked.what, first: asked.first, in_time: work.now < asked.due })
    }
}

/// MSM-12: what was not signed in time is flagged.
#[derive(Debug, Serialize, Deserialize)]
pub struct FlagUnsigned {
    /// Its number.
    pub id: i64,
}

impl Act for FlagUnsigned {
    const KIND: &'static str = "sign-flag";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("flagging a missing signature")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let found = signatures::all(&mut work.tx)?.into_iter().find(|asked| asked.id == self.id);
        let asked = found.ok_or_else(|| ServiceError::defect("a signature that is missing is not asked for"))?;
        signatures::flag(&mut work.tx, self.id, work.now)?;
        // S1SPs read escalations too, and names of operators are not for them.
        let words = format!("{}: no second operator has signed; sign {} with sluice week sign", asked.what, asked.id);
        let escalation = Escalation { at: work.now, rule: asked.rule, s1sp: asked.s1sp, date: asked.date, words };
        Ok(outcomes::escalate(&mut work.tx, &escalation)?)
    }
}

impl ClockAct for FlagUnsigned {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let asked = signatures::all(&mut work.tx)?.into_iter().find(|asked| asked.id == self.id && is_open(asked));
        Ok(asked.map(|asked| asked.due))
    }
}

/// Is it neither signed nor flagged?
fn is_open(asked: &Countersignature) -> bool {
    asked.signed.is_none() && asked.flagged.is_none()
}

/// The next signature that is overdue at the moment of the work, with the moment until which it was to be given.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let overdue = signatures::all(&mut work.tx)?
        .into_iter()
        .filter(|asked| is_open(asked) && asked.due <= work.now)
        .map(|asked| (asked.due, FlagUnsigned { id: asked.id }))
        .filter(|(_, act)| !aside.has(act))
        .min_by_key(|(due, act)| (*due, act.id));
    Ok(overdue.map(|(due, act)| Due::at(due, act)))
}
