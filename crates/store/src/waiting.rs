//! A transaction whose changes are only shown gives way to whoever waits for its place: it fails, and nothing is lost with it.
//!
//! A thread of its own looks whether somebody waits, and breaks off the statement that is at work.

use crate::error::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked.
const OFTEN: Duration = Duration::from_millis(50);

/// How it is seen whether somebody waits for a transaction, and how what that is at is broken off.
pub(crate) trait Looks: Send + 'static {
    fn is_waited_for(&mut self) -> bool;
    fn break_off(&mut self);
}

/// What looks whether somebody waits for a transaction, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lookout {
    is_waited_for: Arc<AtomicBool>,
    /// When it is gone, the thread ends.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lookout {
    pub(crate) fn new(mut looks: impl Looks) -> Self {
        let is_waited_for = Arc::new(AtomicBool::new(false));
        let (end, ended) = channel();
        let told = Arc::clone(&is_waited_for);
        let thread = std::thread::spawn(move || {
            while ended.recv_timeout(OFTEN) == Err(RecvTimeoutError::Timeout) {
                // Again and again: it may have been between two statements.
                if looks.is_waited_for() {
                    told.store(true, Ordering::Relaxed);
                    looks.break_off();
                }
            }
        });
        Self { is_waited_for, end: Some(end), thread: Some(thread) }
    }

    /// An error, if somebody waits.
    pub(crate) fn gives_way(&self) -> Option<StoreError> {
        self.is_waited_for.load(Ordering::Relaxed).then_some(StoreError::GaveWay)
    }
}

/// What is told of an error: what was broken off would tell so in other words.
pub(crate) fn told(lookout: Option<&Lookout>, error: StoreError) -> StoreError {
    lookout.and_then(Lookout::gives_way).unwrap_or(error)
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.end = None;
        // Nothing is broken off any more once it is gone.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
