#![doc = include_str!("../README.md")]

mod agenda;
pub mod check;
mod documents;
mod error;
mod faults;
pub mod look;
mod ops;
pub mod place;
mod rival;
mod run;
pub mod world;

pub use error::{Result, SimError};
pub use rival::{Documents, Way};
pub use run::{Bug, Report, Trace, documents, documents_beside_versions, simulate};
