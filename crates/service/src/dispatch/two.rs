//! The acts that two people answer for (ACC-2).

use crate::act::work::{Act, Look, Work};
use crate::bars::stops::LiftStop;
use crate::books::calendar::local_date;
use crate::days::cut::ChangeCapacity;
use crate::error::{Result, ServiceError};
use crate::events::event::{CancelEvent, RecordEvent};
use crate::files::end_intake::ResumeIntake;
use crate::files::outage::RecordOutage;
use crate::imports::import::{Import, UndoImport};
use crate::people::accounts::{AddUser, DisableUser};
use crate::people::tokens::{MakeToken, RevokeToken};
use crate::weeks::close::CloseWeek;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::publish::Publish;
use jiff::Timestamp;
use sluice_rules::calendar::local;

/// An act that two people answer for. On a database that is not simulated the first proposes it and the second approves it.
pub trait ByTwo: Act {
    /// The same act with the name of the second.
    #[must_use]
    fn signed(self, second: &str) -> Self;

    /// What is asked for, in words.
    fn title(&self) -> String;

    /// What stands that it would set anew, in words: a line each. Whoever signs sees both.
    ///
    /// # Errors
    /// If the database fails.
    fn standing(&self, _: &mut Work<'_>) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Is it overtaken by what has happened since it was proposed, as far as reading tells? Then it can only be declined. What may
    /// still come, as its turn or its time, overtakes nothing.
    ///
    /// # Errors
    /// Why it cannot be done any more, as the act itself would say it.
    fn must_not_be_overtaken(&self, _: &mut Look<'_>) -> Result<()> {
        Ok(())
    }

    /// What would come of it, in figures: a line each.
    fn figures(&self, answer: &Self::Answer) -> Vec<String>;

    /// The same as an engine says it: what was proposed is proposed again in the same words.
    fn figures_of(&self, _engine: i64, answer: &Self::Answer) -> Vec<String> {
        self.figures(answer)
    }

    /// Does it write other rows from day to day, though nothing has happened? Then a day that goes by is no change.
    const FROM_ITS_DAY_ON: bool = false;

    /// The deadline of the rule that it belongs to; none if the rule has none.
    ///
    /// # Errors
    /// If the database fails.
    fn deadline(&self, _: &mut Work<'_>) -> Result<Option<Timestamp>> {
        Ok(None)
    }
}

/// ACC-2: until when a proposal can be approved: the deadline of its rule while that lies ahead, else the end of the next
/// Working Day, and beyond those on record of the next day.
///
/// # Errors
/// If the database fails.
pub fn expires_at(act: &impl ByTwo, work: &mut Work<'_>) -> Result<Timestamp> {
    if let Some(deadline) = act.deadline(work)?.filter(|deadline| *deadline > work.now) {
        return Ok(deadline);
    }
    let today = local_date(work.now);
    // Beyond the Working Days on record it is the next day: a clock that was once far ahead must not keep two people from acting.
    let next = work.books.working_days.next(today).or_else(|_| today.tomorrow()).map_err(ServiceError::defect)?;
    let midnight = next.tomorrow().ok().and_then(|date| local(date, jiff::civil::Time::midnight()));
    midnight.map(|at| at.timestamp()).ok_or_else(|| ServiceError::defect("a Working Day has no end"))
}

/// What is to be done with an act of two people that is only known as text.
pub trait VisitTwo {
    /// What comes of it.
    type Out;

    /// Does it with the act.
    ///
    /// # Errors
    /// What it says.
    fn visit<A: ByTwo>(self, act: A) -> Result<Self::Out>;
}

macro_rules! kinds_of_two {
    ($($kind:ty),* $(,)?) => {
        /// Does something with an act of two people by its kind and details.
        ///
        /// # Errors
        /// If it is no such act, and what the doing says.
        pub fn of_two<V: VisitTwo>(kind: &str, details: &str, visitor: V) -> Result<V::Out> {
            match kind {
                $(<$kind>::KIND => {
                    let act: $kind = serde_json::from_str(details).map_err(ServiceError::defect)?;
                    visitor.visit(act)
                })*
                other => Err(ServiceError::defect(format!("'{other}' is no act of two people"))),
            }
        }
    };
}

kinds_of_two![
    Publish,
    CloseWeek,
    MoveMilestone,
    ChangeCapacity,
    Import,
    UndoImport,
    RecordEvent,
    CancelEvent,
    LiftStop,
    AddUser,
    DisableUser,
    MakeToken,
    RevokeToken,
    ResumeIntake,
    RecordOutage,
];
