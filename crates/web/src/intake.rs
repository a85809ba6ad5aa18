//! What is handed in is kept beside everything else, and waits for nobody (MAM-9, CAL-3).

use crate::lane::{Lane, contained};
use crate::log;
use crate::problem::Problem;
use crate::settings::WATERMARK;
use crate::watermark::{Came, Watermark};
use crate::writer::Writer;
use sluice_service::ServiceError;
use sluice_service::act::actor::Actor;
use sluice_service::act::digests::sha256;
use sluice_service::files::signed::SignedReceipt;
use sluice_service::service::{Barrier, Channel, Content, Service, Wish};
use sluice_wire::name::may_be_password;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// The way to the threads that keep what is handed in.
pub(crate) struct Intake {
    lane: Lane,
    watermark: Arc<Watermark>,
    writer: Arc<Writer>,
    /// Dropped, it ends the thread that tells the watermark.
    _tells: Sender<()>,
}

/// What came: in memory, which is all that a password ever is in, or in a file without a name.
pub(crate) enum Body {
    /// It may be a password.
    Memory(Vec<u8>),
    /// Of so many bytes.
    File(File, u64),
}

/// The receipt of a file, and whether it is that of the same file before.
pub(crate) struct Kept {
    pub(crate) receipt: SignedReceipt,
    pub(crate) before: bool,
}

/// Something whose last byte is here.
pub(crate) struct Arrived {
    pub(crate) name: String,
    pub(crate) body: Body,
    pub(crate) confirms: bool,
    /// When that was; the watermark waits for it.
    pub(crate) came: Came,
}

/// What came waits on the disk, so as much may wait as there are connections.
const ROOM: usize = 1024;

impl Intake {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        services: Vec<Service>,
        mut tells: Service,
        watermark: Watermark,
        writer: Arc<Writer>,
    ) -> std::io::Result<(Self, Vec<JoinHandle<()>>)> {
        let watermark = Arc::new(watermark);
        let (lane, mut threads) = Lane::start("intake", services, ROOM)?;
        let (ends, ended) = channel::<()>();
        let told = Arc::clone(&watermark);
        threads.push(Builder::new().name("watermark".to_owned()).spawn(move || {
            loop {
                // Who cannot say so is waited for as long as for one that is silent, and its files have no receipt.
                if !matches!(contained(|| tell(&mut tells, &told)), Some(Ok(()))) {
                    drop(tells.reconnect());
                }
                if ended.recv_timeout(WATERMARK) != Err(RecvTimeoutError::Timeout) {
                    let server = told.server();
                    drop(tells.moment(None).and_then(|now| tells.holds_no_more(now, &server)));
                    return;
                }
            }
        })?);
        Ok((Self { lane, watermark, writer, _tells: ends }, threads))
    }

    /// The last byte of something is here, now.
    pub(crate) fn came(&self) -> Came {
        self.watermark.came()
    }

    /// Keeps what arrived, and has it judged when its turn comes. The same name and content again has the first receipt.
    ///
    /// # Errors
    /// If it was not kept.
    pub(crate) async fn keep(&self, by: Actor, arrived: Arrived) -> Result<Kept, Problem> {
        let writer = Arc::clone(&self.writer);
        Ok(self.lane.run_to_the_end(move |service| keep(service, &writer, &by, arrived)).await??)
    }
}

/// Says from which moment on something may come.
fn tell(service: &mut Service, watermark: &Watermark) -> Result<(), ServiceError> {
    if service.is_simulated()? {
        return Ok(());
    }
    let asked = Instant::now();
    let now = service.moment(None)?;
    let shared = service.time_of_intake(now)?;
    // What was said too slowly says too little of now; that from before goes on.
    if asked.elapsed() > SLOW {
        return Ok(());
    }
    let (level, server) = (watermark.level((shared, asked)), watermark.server());
    if !service.holds_still(now, &server, level)? {
        let anew = Service::server_id()?;
        service.begin_to_hold(now, &anew, shared)?;
        watermark.begin_anew(&anew);
    }
    Ok(())
}

/// An answer of the clock that took so long is not used.
const SLOW: Duration = Duration::from_millis(500);

fn keep(service: &mut Service, writer: &Arc<Writer>, by: &Actor, arrived: Arrived) -> Result<Kept, ServiceError> {
    let Arrived { name, body, confirms, came } = arrived;
    let now = service.moment(None)?;
    let bytes = body.read().map_err(ServiceError::defect)?;
    if !may_be_password(&name)
        && !confirms
        && let Some(party) = by.party()
        && let Some(first) = service.arrived_before(party, &name, sha256(&bytes))?
    {
        return Ok(Kept { receipt: service.receipt(&first)?, before: true });
    }
    let barrier = (!service.is_simulated()?).then_some(Barrier { process: &came.server, at: came.at });
    let wish = Wish { confirms, channel: Channel::Http, ..Wish::default() };
    let own = service.arrive_behind(now, by, (&name, Content::Whole(&bytes), wish), barrier)?;
    let receipt = service.receipt(&own.arrival);
    if own.is_password() {
        // MAM-10: nobody else has it, so what is decided waits until the one that writes does.
        let own = own.into_owned();
        writer.post(Box::new(move |service| {
            match service.moment(None) {
                Ok(now) => drop(service.take(now, own)),
                Err(error) => log::failed("a password was lost", &error.to_string()),
            }
            drop(came);
        }));
    }
    writer.poke();
    Ok(Kept { receipt: receipt?, before: false })
}

impl Body {
    fn read(self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Ok(bytes),
            Self::File(mut file, size) => {
                let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
                file.rewind()?;
                file.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}
