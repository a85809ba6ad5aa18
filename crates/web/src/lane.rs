//! Threads that work on the database beside the runtime, which never waits for it.

use crate::log;
use sluice_service::ServiceError;
use sluice_service::service::Service;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use tokio::sync::oneshot;

/// Something to be done on a connection.
pub(crate) type Job = Box<dyn FnOnce(&mut Service) + Send>;

/// Nobody has time for it, or it could not be done to its end.
#[derive(Debug)]
pub(crate) struct Busy;

/// A queue with an end, before some threads that each have a connection.
pub(crate) struct Lane {
    jobs: SyncSender<Job>,
}

impl Lane {
    /// Starts a thread for each connection. They end when the lane is dropped.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        name: &str,
        services: Vec<Service>,
        room: usize,
    ) -> std::io::Result<(Self, Vec<JoinHandle<()>>)> {
        let (jobs, waiting) = sync_channel(room);
        let waiting = Arc::new(Mutex::new(waiting));
        let threads = services.into_iter().map(|service| {
            let waiting = Arc::clone(&waiting);
            Builder::new().name(name.to_owned()).spawn(move || work(service, &waiting))
        });
        Ok((Self { jobs }, threads.collect::<std::io::Result<_>>()?))
    }

    /// Does something when its turn comes. Who has gone meanwhile is left out.
    ///
    /// # Errors
    /// If too much waits already, or it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Service) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, told) = oneshot::channel();
        let job: Job = Box::new(move |service| {
            if !answer.is_closed() {
                drop(answer.send(job(service)));
            }
        });
        self.jobs.try_send(job).map_err(|_| Busy)?;
        told.await.map_err(|_| Busy)
    }

    /// The same, done also where who asked has gone: what was said to have come is not forgotten half way.
    ///
    /// # Errors
    /// As [`Lane::run`].
    pub(crate) async fn run_to_the_end<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Service) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, told) = oneshot::channel();
        self.jobs.try_send(Box::new(move |service| drop(answer.send(job(service))))).map_err(|_| Busy)?;
        told.await.map_err(|_| Busy)
    }

    /// Reads something; once more on a new connection, where the first was lost.
    ///
    /// # Errors
    /// As [`Lane::run`]; what the reading says is inside.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        reading: impl Fn(&mut Service) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<Result<T, ServiceError>, Busy> {
        self.run(move |service| match reading(service) {
            Err(ServiceError::Store(error)) if error.is_worth_another_try() => match service.reconnect() {
                Ok(()) => reading(service),
                Err(_) => Err(error.into()),
            },
            done => done,
        })
        .await
    }
}

fn work(mut service: Service, waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        do_contained(&mut service, job);
    }
}

/// Does a job; after a panic the connection is another one.
pub(crate) fn do_contained(service: &mut Service, job: Job) {
    if contained(|| job(service)).is_none() {
        log::failed("a request was not done", "it panicked");
        // If it cannot be reached, the next job says so.
        drop(service.reconnect());
    }
}

/// Does something that may panic.
pub(crate) fn contained<T>(job: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(job)).ok()
}
