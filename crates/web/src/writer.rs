//! The one thread that does acts: those that are asked for, one after the other, and what is due.

use crate::lane::{Busy, Job, contained, do_contained};
use crate::log;
use crate::settings::{SLICE, TICK};
use jiff::Timestamp;
use sluice_service::ServiceError;
use sluice_service::service::Service;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The way to the thread that writes.
pub(crate) struct Writer {
    jobs: Sender<Job>,
    room: usize,
    state: Arc<State>,
}

/// What others see of it.
#[derive(Default)]
struct State {
    /// Has something arrived that is to be taken over?
    poked: AtomicBool,
    /// Acts that wait.
    waiting: AtomicUsize,
    /// When what is due was last done, in milliseconds since 1970.
    caught_up: AtomicI64,
}

impl Writer {
    /// Starts the thread. It ends when this is dropped, after what waits.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(service: Service, room: usize) -> std::io::Result<(Arc<Self>, JoinHandle<()>)> {
        let (jobs, waiting) = channel();
        let state = Arc::new(State::default());
        let seen = Arc::clone(&state);
        let thread = Builder::new().name("writer".to_owned()).spawn(move || work(service, &waiting, &seen))?;
        Ok((Arc::new(Self { jobs, room, state }), thread))
    }

    /// Does an act when its turn comes. It is done also where nobody waits for it any more.
    ///
    /// # Errors
    /// If too much waits already, or it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Service) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        if self.state.waiting.fetch_add(1, Ordering::AcqRel) >= self.room {
            self.state.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Busy);
        }
        let (answer, told) = oneshot::channel();
        let state = Arc::clone(&self.state);
        self.post(Box::new(move |service| {
            state.waiting.fetch_sub(1, Ordering::AcqRel);
            drop(answer.send(job(service)));
        }));
        told.await.map_err(|_| Busy)
    }

    /// Has something done that is no act, and cannot be asked for again.
    pub(crate) fn post(&self, job: Job) {
        // The thread ends after all that could post.
        drop(self.jobs.send(job));
    }

    /// Says that something has arrived.
    pub(crate) fn poke(&self) {
        if !self.state.poked.swap(true, Ordering::AcqRel) {
            // It wakes up if it sleeps; if it is at work it looks afterwards.
            self.post(Box::new(|_| {}));
        }
    }

    /// When what is due was last done, by the machine's clock.
    pub(crate) fn caught_up(&self) -> Timestamp {
        let at = self.state.caught_up.load(Ordering::Acquire);
        Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn work(mut service: Service, waiting: &Receiver<Job>, state: &State) {
    let mut last: Option<Instant> = None;
    loop {
        if last.is_none_or(|last| last.elapsed() >= TICK) || state.poked.swap(false, Ordering::AcqRel) {
            match contained(|| catch_up(&mut service)) {
                Some(Ok(true)) => state.caught_up.store(Timestamp::now().as_millisecond(), Ordering::Release),
                // Acts have their turn, then it goes on.
                Some(Ok(false)) => state.poked.store(true, Ordering::Release),
                failed => {
                    // It may be busy, or away; passwords stay remembered (MAM-10).
                    let why = failed.map_or_else(
                        || "it panicked".to_owned(),
                        |failed| failed.err().map_or(String::new(), |error| error.to_string()),
                    );
                    log::failed("what is due could not be done", &why);
                    drop(service.reconnect());
                }
            }
            last = Some(Instant::now());
        }
        let patience = if state.poked.load(Ordering::Acquire) { Duration::ZERO } else { TICK };
        match waiting.recv_timeout(patience) {
            Ok(job) => do_contained(&mut service, job),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Does what is due, for as long as others can wait. False if there is more.
fn catch_up(service: &mut Service) -> Result<bool, ServiceError> {
    let now = service.moment(None)?;
    let done = service.catch_up_within(now, SLICE);
    service.stuck().iter().for_each(|words| log::failed("set aside", words));
    done
}
