//! What is handed in is kept beside everything else, and waits for nobody (MAM-9, CAL-3).

use crate::lane::Lane;
use crate::problem::Problem;
use crate::settings::WATERMARK;
use crate::watermark::{Came, Watermark};
use crate::writer::Writer;
use sluice_service::ServiceError;
use sluice_service::act::actor::Actor;
use sluice_service::act::digests::sha256;
use sluice_service::files::signed::SignedReceipt;
use sluice_service::service::{Barrier, Channel, Content, Own, Service, Wish};
use sluice_wire::name::may_be_password;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};

/// The way to the threads that keep what is handed in.
pub(crate) struct Intake {
    lane: Lane,
    watermark: Arc<Watermark>,
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

impl Intake {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        services: Vec<Service>,
        room: usize,
        mut tells: Service,
        watermark: Watermark,
    ) -> std::io::Result<(Self, Vec<JoinHandle<()>>)> {
        let watermark = Arc::new(watermark);
        let (lane, mut threads) = Lane::start("intake", services, room)?;
        let (ends, ended) = channel::<()>();
        let told = Arc::clone(&watermark);
        threads.push(Builder::new().name("watermark".to_owned()).spawn(move || {
            loop {
                // Who cannot say so is waited for as long as for one that is silent, and its files have no receipt.
                if tell(&mut tells, &told).is_err() {
                    drop(tells.reconnect());
                }
                if ended.recv_timeout(WATERMARK) != Err(RecvTimeoutError::Timeout) {
                    drop(tells.moment(None).and_then(|now| tells.hold_for_server(now, &told.server, None)));
                    return;
                }
            }
        })?);
        Ok((Self { lane, watermark, _tells: ends }, threads))
    }

    /// The last byte of something is here, now.
    pub(crate) fn came(&self) -> Came {
        self.watermark.came()
    }

    /// Keeps what arrived, and has it judged when its turn comes. The same name and content again has the first receipt.
    ///
    /// # Errors
    /// If it was not kept.
    pub(crate) async fn keep(&self, writer: &Writer, by: Actor, arrived: Arrived) -> Result<Kept, Problem> {
        let server = self.watermark.server.clone();
        let kept = self.lane.run(move |service| keep(service, &server, &by, arrived)).await??;
        let (kept, password) = kept;
        if let Some((own, came)) = password {
            // MAM-10: nobody else has it, so what is decided waits until the one that writes does.
            writer.post(Box::new(move |service| {
                if let Ok(now) = service.moment(None) {
                    drop(service.take(now, own));
                }
                drop(came);
            }))?;
        }
        writer.poke();
        Ok(kept)
    }
}

fn tell(service: &mut Service, watermark: &Watermark) -> Result<(), ServiceError> {
    if service.is_simulated()? {
        return Ok(());
    }
    let now = service.moment(None)?;
    let shared = service.time_of_intake(now)?;
    service.hold_for_server(now, &watermark.server, Some(watermark.level(shared)))
}

/// What is kept, and a password that the one that writes is to remember.
type Done = (Kept, Option<(Own<'static>, Came)>);

fn keep(service: &mut Service, server: &str, by: &Actor, arrived: Arrived) -> Result<Done, ServiceError> {
    let Arrived { name, body, confirms, came } = arrived;
    let now = service.moment(None)?;
    let bytes = body.read().map_err(ServiceError::defect)?;
    if !may_be_password(&name)
        && let Some(party) = by.party()
        && let Some(first) = service.arrived_before(party, &name, &sha256(&bytes))?
        && !confirms
    {
        return Ok((Kept { receipt: service.receipt(&first)?, before: true }, None));
    }
    let barrier = (!service.is_simulated()?).then_some(Barrier { process: server, at: came.at });
    let wish = Wish { confirms, channel: Channel::Http, ..Wish::default() };
    let own = service.arrive_behind(now, by, (&name, Content::Whole(&bytes), wish), barrier)?;
    let receipt = service.receipt(&own.arrival)?;
    let password = own.is_password().then(|| (own.into_owned(), came));
    Ok((Kept { receipt, before: false }, password))
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
