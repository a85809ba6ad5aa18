//! What all handlers share: the ways to the database, and what is counted.

use crate::intake::Intake;
use crate::lane::Lane;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::writer::Writer;
use jiff::Timestamp;
use sluice_service::ServiceError;
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Act;
use sluice_service::people::veil::Veil;
use sluice_service::service::Service;
use std::sync::Arc;

/// What all handlers share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) readers: Lane,
    pub(crate) writer: Writer,
    pub(crate) intake: Intake,
    pub(crate) limits: Arc<Limits>,
    pub(crate) veil: Veil,
    /// Does the clock of the database stand still until it is moved?
    pub(crate) simulated: bool,
    /// Files larger than this no rulebook reads (FI09).
    pub(crate) largest: u64,
}

/// The handle on it that the router clones.
pub(crate) type App = Arc<Shared>;

impl Shared {
    /// Reads something, at the moment of now.
    ///
    /// # Errors
    /// What the reading says, or that too much waits.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        reading: impl Fn(&mut Service, Timestamp) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        let done = self.readers.read(move |service| {
            let now = service.moment(None)?;
            reading(service, now)
        });
        Ok(done.await??)
    }

    /// Does something that writes, at the moment of its turn.
    ///
    /// # Errors
    /// What it says, or that too much waits.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        writing: impl FnOnce(&mut Service, Timestamp) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        let done = self.writer.run(move |service| {
            let now = service.moment(None)?;
            writing(service, now)
        });
        Ok(done.await??)
    }

    /// Does an act for somebody.
    ///
    /// # Errors
    /// As [`Shared::write`].
    pub(crate) async fn act<A>(&self, by: Actor, act: A) -> Result<A::Answer, Problem>
    where
        A: Act + Send + 'static,
        A::Answer: Send + 'static,
    {
        self.write(move |service, now| service.act(now, &by, act)).await
    }
}
