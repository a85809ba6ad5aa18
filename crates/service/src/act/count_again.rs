//! The running counts, counted from scratch: where they do not agree with what they count, as after a fault of the program's.

use crate::act::actor::Actor;
use crate::act::work::{Act, Work};
use crate::error::Result;
use serde::{Deserialize, Serialize};
use sluice_store::tables::counts;

/// REP-1: an operator makes the running counts anew. In a replay they are right, so nothing comes of it there.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountAgain {}

impl Act for CountAgain {
    const KIND: &'static str = "count-again";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("counting again")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        Ok(counts::make_anew(&mut work.tx)?)
    }
}
