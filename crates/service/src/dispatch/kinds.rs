//! Every kind of act, by its word in the record.

use crate::act::count_again::CountAgain;
use crate::act::work::Act;
use crate::bars::acknowledge::{AcknowledgeStop, EscalateStop};
use crate::bars::exclusions::{DecideExclusion, LiftExclusion};
use crate::bars::holds::SetHold;
use crate::bars::stops::{ImposeStop, LiftStop};
use crate::days::cut::ChangeCapacity;
use crate::days::deferred::ExpireDeferred;
use crate::days::lock::LockDay;
use crate::days::outcomes::OutcomesDue;
use crate::days::signatures::{FlagUnsigned, Sign};
use crate::dispatch::aside::{EndAside, SetAside};
use crate::dispatch::judge::Judge;
use crate::dispatch::milestones::PassMilestone;
use crate::dispatch::proposals::{DecideProposal, ExpireProposal, Propose, WithdrawProposal};
use crate::dormant::decide::DecideObjection;
use crate::dormant::notify::NotifyDormant;
use crate::dormant::plan::PlanDormant;
use crate::error::{Result, ServiceError};
use crate::events::adopt::Adopt;
use crate::events::event::{CancelEvent, DoEvent, RecordEvent};
use crate::files::end_intake::{EndIntake, ResumeIntake};
use crate::files::machine_clock::AcceptClock;
use crate::files::outage::RecordOutage;
use crate::files::receive::Receive;
use crate::imports::import::{Import, UndoImport};
use crate::people::accounts::{AddUser, DisableUser};
use crate::people::tokens::{MakeToken, RevokeToken};
use crate::rows::lost::{AskForPassword, DropPassword};
use crate::rows::waiting::RefuseWaiting;
use crate::weeks::close::CloseWeek;
use crate::weeks::confirm::Confirm;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::publish::Publish;
use crate::weeks::questions::{AnswerQuery, Raise};
use crate::weeks::redistribute::{HandBack, Refill};
use crate::weeks::scale::ScaleWeek;
use crate::weeks::take_refused::TakeRefused;

/// What is to be done with a kind of act that only its word says.
pub trait Visit {
    /// What comes of it.
    type Out;

    /// Does it with the kind.
    ///
    /// # Errors
    /// What it says.
    fn visit<A: Act>(self) -> Result<Self::Out>;
}

/// Makes the look-up of a list of kinds.
macro_rules! kinds {
    ($($kind:ty),* $(,)?) => {
        /// Does something with the kind of a word.
        ///
        /// # Errors
        /// If there is no such kind, and what the doing says.
        pub fn of_kind<V: Visit>(word: &str, visitor: V) -> Result<V::Out> {
            match word {
                $(<$kind>::KIND => visitor.visit::<$kind>(),)*
                other => Err(ServiceError::Use(format!("acts of kind '{other}' are not known to this program"))),
            }
        }
    };
}

kinds![
    AddUser,
    DisableUser,
    MakeToken,
    RevokeToken,
    Import,
    UndoImport,
    Receive,
    Judge,
    Confirm,
    TakeRefused,
    PassMilestone,
    MoveMilestone,
    RefuseWaiting,
    AskForPassword,
    DropPassword,
    ScaleWeek,
    Publish,
    CloseWeek,
    Raise,
    AnswerQuery,
    HandBack,
    Refill,
    ChangeCapacity,
    LockDay,
    OutcomesDue,
    ExpireDeferred,
    SetHold,
    ImposeStop,
    LiftStop,
    AcknowledgeStop,
    EscalateStop,
    RecordEvent,
    DoEvent,
    CancelEvent,
    Adopt,
    Sign,
    FlagUnsigned,
    DecideExclusion,
    LiftExclusion,
    PlanDormant,
    NotifyDormant,
    DecideObjection,
    EndIntake,
    ResumeIntake,
    RecordOutage,
    AcceptClock,
    CountAgain,
    Propose,
    DecideProposal,
    WithdrawProposal,
    ExpireProposal,
    SetAside,
    EndAside,
];
