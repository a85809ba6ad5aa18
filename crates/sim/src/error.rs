//! How a simulation ends before its end.

use sluice_service::error::ServiceError;
use sluice_store::StoreError;

/// Why a simulation ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A step broke what must hold.
    #[error("{0}")]
    Found(String),
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of the simulation itself.
    #[error("{0}; this is a defect of the simulation")]
    Defect(String),
}

impl SimError {
    /// A defect of the simulation, in the words of an error.
    pub fn defect(error: impl ToString) -> Self {
        Self::Defect(error.to_string())
    }
}

impl From<ServiceError> for SimError {
    fn from(error: ServiceError) -> Self {
        Self::Found(error.to_string())
    }
}

/// What a step of a simulation gives.
pub type Result<T> = std::result::Result<T, SimError>;
