//! The server: it listens, answers, and stops without losing anything.

use crate::api::router;
use crate::app::{App, Shared};
use crate::connections::{Connections, Open};
use crate::intake::Intake;
use crate::lane::Lane;
use crate::problem::{Kind, Problem};
use crate::request::new_id;
use crate::settings::{REFUSALS, REFUSED, Settings};
use crate::watermark::Watermark;
use crate::writer::Writer;
use axum::Router;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
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
        let (limits, open) = (Arc::clone(&app.limits), Arc::<Connections>::default());
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
            let Some(own) = open.open(from.ip(), each) else {
                // Who is told so too often is cut off: others want a place too.
                if let Some(told) = limits.turned_away(from.ip(), REFUSALS) {
                    tokio::spawn(async move {
                        drop(timeout(REFUSED, turn_away(stream, each)).await);
                        drop((place, told));
                    });
                }
                continue;
            };
            let own = Arc::new(own);
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(settings.patience)
                .max_buf_size(settings.head)
                .serve_connection(TokioIo::new(own.watching(stream)), answers(router.clone(), Arc::clone(&own)));
            let watched = graceful.watch(connection);
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    _ = watched => {}
                    () = own.makes_room() => {}
                }
                drop(place);
            });
        }
        drop(listener);
        drop(timeout(settings.grace, graceful.shutdown()).await);
    });
}

/// What answers the requests of a connection, which is not idle meanwhile.
fn answers(
    router: Router,
    own: Arc<Open>,
) -> impl hyper::service::Service<
    hyper::Request<hyper::body::Incoming>,
    Response = Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    let answers = TowerToHyperService::new(router);
    service_fn(move |request| {
        let at_work = own.at_work();
        let answer = answers.call(request);
        async move {
            let answer = answer.await;
            drop(at_work);
            answer
        }
    })
}

/// Tells whoever comes that its address has as many connections as it may, and none of them is idle.
async fn turn_away(stream: TcpStream, most: usize) {
    let told = service_fn(move |_| async move {
        let words = format!(
            "an address may have {most} connections at once, and all of yours are at work; nothing was done: ask again when one of \
             them is through, or use fewer"
        );
        Ok::<Response, std::convert::Infallible>(Problem::of(Kind::Busy, "LIMIT", words).answer(&new_id()))
    });
    drop(http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), told).await);
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
