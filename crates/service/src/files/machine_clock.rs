//! CAL-3: the clock of the machine, which gives files their moments, was set while it ran.

use crate::act::actor::Actor;
use crate::act::work::{Act, Work};
use crate::error::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An operator says that the clock of the machine is right, which was set.
#[derive(Debug, Serialize, Deserialize)]
pub struct AcceptClock {
    /// What it would have been.
    #[serde(with = "crate::words")]
    pub from: Timestamp,
    /// What it says.
    #[serde(with = "crate::words")]
    pub to: Timestamp,
}

impl Act for AcceptClock {
    const KIND: &'static str = "accept-clock";
    const BY_ANY_CLOCK: bool = true;
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("accepting the clock of the machine")
    }

    fn run(&self, _: &mut Work<'_>) -> Result<()> {
        Ok(())
    }
}
