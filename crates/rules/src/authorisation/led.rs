//! What an authorisation has while it waits for no unit of its own: its place in line, and what went with the lead.

use crate::party::Party;

/// The place in line of a row that is not in line now, and may be again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It waited on standby.
    Standby,
    /// It was first in line, or had a unit.
    Deferred,
    /// It has never waited, and had no unit: its supplier did not lead.
    New,
}

/// What an authorisation took that has gone with the lead to another supplier, which has not authorised the installation; or that its own
/// supplier has the lead by an event with which no unit came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Led {
    /// To whom.
    pub party: Party,
    /// What became of its unit.
    pub unit: LedUnit,
}

/// The unit that came with the lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedUnit {
    /// None came, or a cut took it: a unit of demand alone.
    None,
    /// It came, and is as any other of its supplier's: the date is closed, or a program of before passed it.
    Free,
    /// It came, and is kept for the installation.
    Kept,
    /// It was kept, and let go since the ground of that is gone, as by an import; where it is back, it is kept again if it is free.
    LetGo,
    /// None came, and the authorisation is its own supplier's: what it uses is of that one's allocation, and stays there.
    Own,
}
