//! CAL-3: from which moment on something of this server may come that is not kept yet. Nothing after it is decided before that.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The moments of what has come and is not kept, by a clock that this server shares with all that work on the database.
pub(crate) struct Watermark {
    state: Mutex<State>,
}

struct State {
    /// By what the server is known to the others. It is another one after it was silent for too long.
    server: Arc<str>,
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
    /// By what the server was known then: if it has been silent since, nothing held the moment.
    pub(crate) server: Arc<str>,
    number: u64,
    of: Arc<Watermark>,
}

impl Watermark {
    /// A watermark by a clock as it was when it was asked.
    pub(crate) fn new(server: &str, shared: (Timestamp, Instant)) -> Self {
        let (server, last) = (Arc::from(server), shared.0);
        Self { state: Mutex::new(State { server, shared, last, number: 0, came: BTreeSet::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By what the server is known.
    pub(crate) fn server(&self) -> Arc<str> {
        Arc::clone(&self.state().server)
    }

    /// Something has come, just now.
    pub(crate) fn came(self: &Arc<Self>) -> Came {
        let mut state = self.state();
        let at = state.now();
        state.number += 1;
        let number = state.number;
        state.came.insert((at, number));
        Came { at, server: Arc::clone(&state.server), number, of: Arc::clone(self) }
    }

    /// The moment from which on something may come: the first that is not kept, else now. The clock that all share said so when it was
    /// asked: what it said may have been so later, so no moment is before the last byte.
    pub(crate) fn level(&self, shared: (Timestamp, Instant)) -> Timestamp {
        let mut state = self.state();
        state.shared = shared;
        let now = state.now();
        state.came.first().map_or(now, |(at, _)| *at)
    }

    /// The server was silent for too long, and is known anew: what came before has lost its moment.
    pub(crate) fn begin_anew(&self, server: &str) {
        let mut state = self.state();
        state.server = Arc::from(server);
        state.came.clear();
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
        let watermark = Arc::new(Watermark::new("server", (now, Instant::now())));
        let (first, second) = (watermark.came(), watermark.came());
        let at = first.at;
        assert!(at >= now && second.at >= at);
        assert_eq!(watermark.level((later, Instant::now())), at, "the clock goes on, what came is not kept");
        drop(second);
        assert_eq!(watermark.level((later, Instant::now())), at);
        drop(first);
        assert!(watermark.level((later, Instant::now())) >= later);
    }

    #[test]
    fn cal_3_a_clock_that_goes_back_gives_no_earlier_moment() {
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        let watermark = Arc::new(Watermark::new("server", (now, Instant::now())));
        let level = watermark.level((now + SignedDuration::from_secs(5), Instant::now()));
        assert!(watermark.level((now, Instant::now())) >= level);
        assert!(watermark.came().at >= level);
    }

    #[test]
    fn cal_3_what_came_before_a_silence_is_known_by_it() {
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        let watermark = Arc::new(Watermark::new("first", (now, Instant::now())));
        let came = watermark.came();
        watermark.begin_anew("second");
        assert_eq!((&*came.server, &*watermark.server(), &*watermark.came().server), ("first", "second", "second"));
        let later = now + SignedDuration::from_secs(60);
        assert!(watermark.level((later, Instant::now())) >= later, "it is held no more");
    }
}
