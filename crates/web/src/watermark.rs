//! CAL-3: from which moment on something of this server may come that is not kept yet. Nothing after it is decided before that.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The moments of what has come and is not kept, by a clock that this server shares with all that work on the database.
pub(crate) struct Watermark {
    /// By what it is known to them.
    pub(crate) server: String,
    state: Mutex<State>,
}

struct State {
    /// The clock that all share, when it was last asked, and when that was.
    shared: (Timestamp, Instant),
    /// The last moment that was given.
    last: Timestamp,
    number: u64,
    came: BTreeSet<(Timestamp, u64)>,
}

/// Something that came; as long as it is held, the watermark stays before it.
pub(crate) struct Came {
    /// When its last byte was there.
    pub(crate) at: Timestamp,
    number: u64,
    of: Arc<Watermark>,
}

impl Watermark {
    /// A watermark by a clock as it is now.
    pub(crate) fn new(server: String, now: Timestamp) -> Self {
        let state = State { shared: (now, Instant::now()), last: now, number: 0, came: BTreeSet::new() };
        Self { server, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has come, just now.
    pub(crate) fn came(self: &Arc<Self>) -> Came {
        let mut state = self.state();
        let at = state.now();
        state.number += 1;
        let number = state.number;
        state.came.insert((at, number));
        Came { at, number, of: Arc::clone(self) }
    }

    /// The moment from which on something may come: the first that is not kept, else now. The clock that all share was asked just now.
    pub(crate) fn level(&self, shared: Timestamp) -> Timestamp {
        let mut state = self.state();
        state.shared = (shared, Instant::now());
        let now = state.now();
        state.came.first().map_or(now, |(at, _)| *at)
    }
}

impl State {
    /// What time it is, to the millisecond, never earlier than it was.
    fn now(&mut self) -> Timestamp {
        let (shared, then) = self.shared;
        let elapsed = SignedDuration::try_from(then.elapsed()).unwrap_or_default();
        let now = shared.checked_add(elapsed).unwrap_or(shared);
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        self.last = self.last.max(now);
        self.last
    }
}

impl Drop for Came {
    fn drop(&mut self) {
        self.of.state().came.remove(&(self.at, self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cal_3_the_watermark_waits_for_what_came_and_is_not_kept() {
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        let later = now + SignedDuration::from_secs(60);
        let watermark = Arc::new(Watermark::new("server".to_owned(), now));
        let (first, second) = (watermark.came(), watermark.came());
        let at = first.at;
        assert!(at >= now && second.at >= at);
        assert_eq!(watermark.level(later), at, "the clock goes on, what came is not kept");
        drop(second);
        assert_eq!(watermark.level(later), at);
        drop(first);
        assert!(watermark.level(later) >= later);
    }

    #[test]
    fn cal_3_a_clock_that_goes_back_gives_no_earlier_moment() {
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        let watermark = Arc::new(Watermark::new("server".to_owned(), now));
        let level = watermark.level(now + SignedDuration::from_secs(5));
        assert!(watermark.level(now) >= level);
        assert!(watermark.came().at >= level);
    }
}
