//! The server: it listens, answers, and stops without losing anything.

use crate::api::router;
use crate::app::{App, Shared};
use crate::intake::Intake;
use crate::lane::Lane;
use crate::settings::Settings;
use crate::watermark::Watermark;
use crate::writer::Writer;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use sluice_service::ServiceError;
use sluice_service::service::Service;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It cannot listen where it should.
    #[error("the server cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, std::io::Error),
    /// The system gives it no threads.
    #[error("the server cannot start its threads: {0}")]
    Threads(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runs: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a database. It listens when this returns.
    ///
    /// # Errors
    /// If it cannot.
    pub fn start(mut service: Service, settings: Settings) -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listen = settings.listen;
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|error| Failure::Listen(listen, error))?;
        let address = listener.local_addr()?;
        let others = |count| (0..count).map(|_| service.another()).collect::<Result<Vec<_>, ServiceError>>();
        let (reading, keeping, mut tells) = (others(settings.readers)?, others(settings.intakes)?, service.another()?);
        let (door, reports) = (others(2)?, others(2)?);
        let (simulated, largest, veil) = (service.is_simulated()?, service.largest(), service.veil()?);
        let asked = Instant::now();
        let now = tells.moment(None)?;
        let (shared, id) = (tells.time_of_intake(now)?, Service::server_id()?);
        if !simulated {
            tells.begin_to_hold(now, &id, shared)?;
        }
        let watermark = Watermark::new(&id, (shared, asked));
        let room = settings.room;
        let (readers, mut threads) = Lane::start("reader", reading, room)?;
        let (door, signs) = Lane::start("door", door, settings.connections.0)?;
        let (reports, makes) = Lane::start("reports", reports, room)?;
        let (writer, writes) = Writer::start(service, room)?;
        let (intake, keeps) = Intake::start(keeping, tells, watermark, Arc::clone(&writer))?;
        threads.extend(signs.into_iter().chain(makes).chain(keeps).chain([writes]));
        let limits = Arc::default();
        let app: App =
            Arc::new(Shared { settings, readers, door, reports, writer, intake, limits, veil, simulated, largest });
        let (stop, stopped) = oneshot::channel();
        let runs = std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            run(&runtime, listener, &app, stopped);
            // Nobody asks any more: the threads do what waits, and end.
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
            drop(app);
            threads.into_iter().for_each(|thread| drop(thread.join()));
        })?;
        Ok(Self { address, stop: Some(stop), runs: Some(runs) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new requests, and waits for those at work, as long as the settings say.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(runs) = self.runs.take() {
            drop(runs.join());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(runtime: &Runtime, listener: TcpListener, app: &App, mut stopped: oneshot::Receiver<()>) {
    let (router, settings) = (router(App::clone(app)), &app.settings);
    runtime.block_on(async {
        let graceful = GracefulShutdown::new();
        let (all, each) = settings.connections;
        let places = Arc::new(Semaphore::new(all));
        let limits = Arc::clone(&app.limits);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &places) => accepted,
                _ = &mut stopped => break,
            };
            // What comes of one connection is nothing to the others; without room for one it is tried again.
            let Some((place, stream, from)) = accepted else {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            };
            // Who has too many is cut off.
            let Some(own) = limits.connection(from.ip(), each) else { continue };
            let answers = TowerToHyperService::new(router.clone());
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(settings.patience)
                .max_buf_size(settings.head)
                .serve_connection(TokioIo::new(stream), answers);
            let watched = graceful.watch(connection);
            tokio::spawn(async move {
                drop(watched.await);
                drop((place, own));
            });
        }
        drop(listener);
        drop(timeout(settings.grace, graceful.shutdown()).await);
    });
}

/// A place, and who comes in it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, from) = listener.accept().await.ok()?;
    Some((place, stream, from))
}
