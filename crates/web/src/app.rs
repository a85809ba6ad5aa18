//! What all handlers share: the ways to the database, and what is counted.

use crate::intake::Intake;
use crate::lane::Lane;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::settings::{SLICE, Settings};
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
    /// Who signs in waits for no report.
    pub(crate) door: Lane,
    /// What reads much: reports, lists, previews.
    pub(crate) reports: Lane,
    pub(crate) writer: Arc<Writer>,
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
        read_in(&self.readers, reading).await
    }

    /// Reads much.
    ///
    /// # Errors
    /// As [`Shared::read`].
    pub(crate) async fn read_much<T: Send + 'static>(
        &self,
        reading: impl Fn(&mut Service, Timestamp) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        read_in(&self.reports, reading).await
    }

    /// Does something that writes, at the moment of its turn, after what is due then unless that waits for it.
    ///
    /// # Errors
    /// What it says, or that too much waits.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        due_first: bool,
        writing: impl FnOnce(&mut Service, Timestamp) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Problem> {
        let done = self.writer.run(move |service| {
            let now = service.moment(None)?;
            // As before a command.
            if due_first {
                service.catch_up_within(now, SLICE)?;
            }
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
        self.write(true, move |service, now| service.act(now, &by, act)).await
    }
}

async fn read_in<T: Send + 'static>(
    lane: &Lane,
    reading: impl Fn(&mut Service, Timestamp) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Problem> {
    let done = lane.read(move |service| {
        let now = service.moment(None)?;
        reading(service, now)
    });
    Ok(done.await??)
}
