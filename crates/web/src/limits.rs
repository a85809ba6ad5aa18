//! How much one caller may ask for, so that nobody keeps the others waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The minute in which requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// Counts of requests by caller, and of uploads by party.
#[derive(Default)]
pub(crate) struct Limits {
    requests: Mutex<HashMap<String, (Instant, u32)>>,
    uploads: Mutex<HashMap<String, usize>>,
}

/// What is left of a caller's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Requests; nothing if it has had all.
    pub(crate) requests: Option<u32>,
    /// Seconds until the next minute begins, rounded up.
    pub(crate) seconds: u64,
}

/// An upload on its way.
pub(crate) struct Upload {
    of: String,
    limits: Arc<Limits>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
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
        let seconds = MINUTE.saturating_sub(now.duration_since(*since)).as_secs() + 1;
        Left { requests: most.checked_sub(*count), seconds }
    }

    /// An upload of a party begins, if not too many are on their way.
    pub(crate) fn upload(self: &Arc<Self>, party: &str, most: usize) -> Option<Upload> {
        let mut uploads = locked(&self.uploads);
        let count = uploads.entry(party.to_owned()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Upload { of: party.to_owned(), limits: Arc::clone(self) })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut uploads = locked(&self.limits.uploads);
        if let Some(count) = uploads.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                uploads.remove(&self.of);
            }
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
