//! What is still done when a person or the system ends the program: SIGINT, SIGTERM, SIGHUP, SIGQUIT.

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
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use std::sync::Once;
    static WAITING: Once = Once::new();
    let mut waits = Ok(());
    WAITING.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let answered = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(&status, *signal));
        waits = signal_hook::iterator::Signals::new(answered).map(|mut signals| {
            std::thread::spawn(move || signals.forever().for_each(end));
        });
    });
    waits.map_err(Failure::internal)
}

/// Was a signal ignored when the program began, as SIGHUP is under `nohup`? Then it stays so. What the system tells of the
/// process has a bit for each signal; a system that does not tell has it ended.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).ok().and_then(|place| bits.checked_shr(place)).is_some_and(|bits| bits & 1 == 1)
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
