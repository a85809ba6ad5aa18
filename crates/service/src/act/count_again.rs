//! The running counts, counted from scratch: where they do not agree with what they count, as after a fault of the program's.

use crate::act::actor::Actor;
use crate::act::work::{Act, Work};
use crate::error::Result;
use serde::{Deserialize, Serialize};
use sluice_store::tables::counts;

/// REP-1: an operator makes the running counts anew. In a replay they are right, so nothing comes of it there.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountAgain {}

/// How many running counts there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Those of days.
    pub days: u64,
    /// Those of the rows of files.
    pub files: u64,
    /// Those of the places of installations.
    pub places: u64,
}

impl Act for CountAgain {
    const KIND: &'static str = "count-again";
    /// How many counts there are now; nothing from acts of before version 8.
    type Answer = Option<Counted>;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("counting again")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Option<Counted>> {
        let [days, files, places] = counts::make_anew(&mut work.tx)?;
        Ok((work.engine > 7).then_some(Counted { days, files, places }))
    }
}
