//! Acts of the clock by their word, to try again one that was set aside.

use crate::act::clock::{ClockAct, Due};
use crate::act::work::Act;
use crate::bars::acknowledge::EscalateStop;
use crate::days::deferred::ExpireDeferred;
use crate::days::outcomes::OutcomesDue;
use crate::days::signatures::FlagUnsigned;
use crate::dispatch::milestones::PassMilestone;
use crate::dispatch::proposals::ExpireProposal;
use crate::error::{Result, ServiceError};
use crate::events::event::DoEvent;
use crate::rows::lost::AskForPassword;
use crate::rows::waiting::RefuseWaiting;
use jiff::Timestamp;

fn read<A: ClockAct + 'static>(details: &str, at: Timestamp) -> Result<Due> {
    let act: A = serde_json::from_str(details).map_err(ServiceError::defect)?;
    Ok(Due::at(at, act))
}

macro_rules! clock_kinds {
    ($($kind:ty),* $(,)?) => {
        /// Is it a kind of acts of the clock?
        pub(crate) fn is_of_clock(kind: &str) -> bool {
            [$(<$kind>::KIND),*].contains(&kind)
        }

        /// The act of the clock of a kind with these details, to be done at a moment.
        ///
        /// # Errors
        /// If it is none.
        pub(crate) fn of_clock(kind: &str, details: &str, at: Timestamp) -> Result<Due> {
            match kind {
                $(<$kind>::KIND => read::<$kind>(details, at),)*
                other => Err(ServiceError::defect(format!("'{other}' is no act of the clock"))),
            }
        }
    };
}

clock_kinds![
    PassMilestone,
    DoEvent,
    OutcomesDue,
    ExpireDeferred,
    EscalateStop,
    FlagUnsigned,
    ExpireProposal,
    RefuseWaiting,
    AskForPassword,
];
