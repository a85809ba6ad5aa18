//! What the clock asks for next.

use crate::act::aside::Aside;
use crate::act::clock::Due;
use crate::act::work::Look;
use crate::bars::acknowledge;
use crate::days::{deferred, outcomes, signatures};
use crate::dispatch::{milestones, proposals};
use crate::error::Result;
use crate::events::event;
use crate::rows::{lost, waiting};

/// What an act of the clock is found by: the next one that is due at the moment of the work and is not set aside.
type Source = fn(&mut Look<'_>, &Aside) -> Result<Option<Due>>;

/// Where acts of the clock come from. Passwords that must come again, and files whose password is overdue, come before everything else,
/// since they may stand for a week that ends; of two others that were due at one moment the one named first here comes first.
const SOURCES: [Source; 9] = [
    lost::next_due,
    waiting::next_due,
    milestones::next_due,
    event::next_due,
    outcomes::next_due,
    deferred::next_due,
    acknowledge::next_due,
    signatures::next_due,
    proposals::next_due,
];

/// So many of them come before everything else.
const FIRST: usize = 2;

/// A search for the next thing that is due. A source that fails keeps the others from nothing: it is gone on after it.
#[derive(Default)]
pub struct Search {
    asked: usize,
    found: Option<Due>,
}

impl Search {
    /// Is every source asked?
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.asked == SOURCES.len()
    }

    /// Asks the sources that were not asked yet.
    ///
    /// # Errors
    /// If one of them fails. The others can be asked in another reading.
    pub fn go_on(&mut self, work: &mut Look<'_>, aside: &Aside) -> Result<()> {
        while let Some(source) = SOURCES.get(self.asked) {
            let first = self.asked < FIRST;
            self.asked += 1;
            #[cfg(any(test, feature = "faults"))]
            crate::act::fault::strike("due")?;
            let Some(due) = source(work, aside)? else { continue };
            if self.found.as_ref().is_none_or(|found| due.at < found.at) {
                self.found = Some(due);
            }
            if first {
                self.asked = SOURCES.len();
            }
        }
        Ok(())
    }

    /// What is due first, of what was found.
    #[must_use]
    pub fn found(self) -> Option<Due> {
        self.found
    }
}
