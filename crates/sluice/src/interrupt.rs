//! What is still done when a person or the system ends the program: SIGINT, SIGTERM.

use crate::failure::Failure;
use std::sync::{Mutex, PoisonError};

type Task = Box<dyn Fn() + Send>;

/// What is to be done, if anything.
static TASK: Mutex<Option<Task>> = Mutex::new(None);

/// As long as it lives, its task is done when the program is ended.
#[derive(Debug)]
pub struct AtInterrupt(());

impl AtInterrupt {
    /// Has something done when the program is ended; it takes the place of what was set before.
    ///
    /// # Errors
    /// If signals cannot be waited for.
    pub fn set(task: impl Fn() + Send + 'static) -> Result<Self, Failure> {
        wait_for_signals()?;
        set(Some(Box::new(task)));
        Ok(Self(()))
    }
}

impl Drop for AtInterrupt {
    fn drop(&mut self) {
        set(None);
    }
}

fn set(task: Option<Task>) {
    *TASK.lock().unwrap_or_else(PoisonError::into_inner) = task;
}

/// Waits for signals on a thread of its own, until the program ends; then ends it as the signal would have.
#[cfg(unix)]
fn wait_for_signals() -> Result<(), Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use std::sync::Once;
    static WAITING: Once = Once::new();
    let mut waits = Ok(());
    WAITING.call_once(|| {
        waits = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map(|mut signals| {
            std::thread::spawn(move || signals.forever().for_each(end));
        });
    });
    waits.map_err(Failure::internal)
}

#[cfg(unix)]
fn end(signal: i32) {
    let task = TASK.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(task) = &*task {
        task();
    }
    // Fails for other signals only.
    signal_hook::low_level::emulate_default_handler(signal).ok();
}

/// There are no signals; the next run does it.
#[cfg(not(unix))]
fn wait_for_signals() -> Result<(), Failure> {
    Ok(())
}
