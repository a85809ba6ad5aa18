//! How much one caller may ask for, so that nobody keeps the others waiting.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The minute in which requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Counts of requests by caller, and of uploads by party.
#[derive(Default)]
pub(crate) struct Limits {
    requests: Mutex<HashMap<String, (Instant, u32)>>,
    /// Uploads by party that are on their way at once, and connections by address that are being turned away.
    at_once: Mutex<HashMap<String, usize>>,
}

/// What is left of a caller's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Requests; nothing if it has had all.
    pub(crate) requests: Option<u32>,
    /// Seconds until the next minute begins, at least one.
    pub(crate) seconds: u64,
}

/// An upload, or a connection that is turned away, on its way.
pub(crate) struct AtOnce {
    of: String,
    limits: Arc<Limits>,
}

/// What a lock guards, also after a panic.
pub(crate) fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Limits {
    /// Counts a request.
    pub(crate) fn request(&self, caller: &str, most: u32, now: Instant) -> Left {
        let mut requests = locked(&self.requests);
        // What is over is forgotten, so that strangers do not fill the memory.
        requests.retain(|_, (since, _)| now.duration_since(*since) < MINUTE);
        let (since, count) = requests.entry(caller.to_owned()).or_insert((now, 0));
        *count = count.saturating_add(1);
        let seconds = MINUTE.saturating_sub(now.duration_since(*since)).as_secs().max(1);
        Left { requests: most.checked_sub(*count), seconds }
    }

    /// An upload of a party begins, if not too many are on their way.
    pub(crate) fn upload(self: &Arc<Self>, party: &str, most: usize) -> Option<AtOnce> {
        self.begin(format!("upload {party}"), most)
    }

    /// A connection of an address is told that there is no room for it, if not too many are.
    pub(crate) fn turned_away(self: &Arc<Self>, of: IpAddr, most: usize) -> Option<AtOnce> {
        self.begin(format!("turned away {of}"), most)
    }

    fn begin(self: &Arc<Self>, of: String, most: usize) -> Option<AtOnce> {
        let mut at_once = locked(&self.at_once);
        let count = at_once.get(&of).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        at_once.insert(of.clone(), count + 1);
        Some(AtOnce { of, limits: Arc::clone(self) })
    }
}

impl Drop for AtOnce {
    fn drop(&mut self) {
        let mut at_once = locked(&self.limits.at_once);
        let left = at_once.get(&self.of).map_or(0, |count| count - 1);
        if left == 0 {
            at_once.remove(&self.of);
        } else {
            at_once.insert(self.of.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_so_many_requests_a_minute_and_others_theirs() {
        let (limits, now) = (Limits::default(), Instant::now());
        let ask = |caller, after| limits.request(caller, 2, now + Duration::from_secs(after)).requests;
        assert_eq!([ask("a", 0), ask("a", 1), ask("a", 59)], [Some(1), Some(0), None]);
        assert_eq!(ask("b", 59), Some(1));
        assert_eq!(ask("a", 60), Some(1), "the next minute");
    }

    #[test]
    fn a_party_has_so_many_uploads_at_once() {
        let limits = Arc::new(Limits::default());
        let first = limits.upload("AAA123", 1);
        assert!(first.is_some() && limits.upload("AAA123", 1).is_none() && limits.upload("BBB456", 1).is_some());
        drop(first);
        assert!(limits.upload("AAA123", 1).is_some());
    }
}
