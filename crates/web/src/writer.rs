//! The one thread that does acts: those that are asked for, one after the other, and what is due.

use crate::lane::{Busy, Job, do_contained};
use crate::settings::TICK;
use jiff::Timestamp;
use sluice_service::ServiceError;
use sluice_service::service::Service;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;
use tokio::sync::oneshot;

/// The way to the thread that writes.
pub(crate) struct Writer {
    jobs: SyncSender<Job>,
    state: Arc<State>,
}

/// What others see of it.
#[derive(Default)]
struct State {
    /// Has something arrived that is to be taken over?
    poked: AtomicBool,
    /// When what is due was last done, in milliseconds since 1970.
    caught_up: AtomicI64,
}

impl Writer {
    /// Starts the thread. It ends when this is dropped, after what waits.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(service: Service, room: usize) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(room);
        let state = Arc::new(State::default());
        let seen = Arc::clone(&state);
        let thread = Builder::new().name("writer".to_owned()).spawn(move || work(service, &waiting, &seen))?;
        Ok((Self { jobs, state }, thread))
    }

    /// Does an act when its turn comes. It is done also where nobody waits for it any more.
    ///
    /// # Errors
    /// If too much waits already, or it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Service) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, told) = oneshot::channel();
        self.post(Box::new(move |service| drop(answer.send(job(service)))))?;
        told.await.map_err(|_| Busy)
    }

    /// The same without waiting for it.
    ///
    /// # Errors
    /// If too much waits already.
    pub(crate) fn post(&self, job: Job) -> Result<(), Busy> {
        self.jobs.try_send(job).map_err(|_| Busy)
    }

    /// Says that something has arrived.
    pub(crate) fn poke(&self) {
        self.state.poked.store(true, Ordering::Release);
        // It wakes up if it sleeps; if it is at work it looks afterwards.
        drop(self.jobs.try_send(Box::new(|_| {})));
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
            if catch_up(&mut service).is_ok() {
                state.caught_up.store(Timestamp::now().as_millisecond(), Ordering::Release);
            } else {
                // It may be busy, or away; passwords stay remembered (MAM-10).
                drop(service.reconnect());
            }
            last = Some(Instant::now());
        }
        match waiting.recv_timeout(TICK) {
            Ok(job) => do_contained(&mut service, job),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn catch_up(service: &mut Service) -> Result<(), ServiceError> {
    let now = service.moment(None)?;
    service.catch_up(now).map(drop)
}
