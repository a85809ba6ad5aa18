#![doc = include_str!("../README.md")]

mod agenda;
pub mod check;
mod error;
pub mod look;
mod ops;
pub mod place;
mod run;
pub mod world;

pub use error::{Result, SimError};
pub use run::{Bug, Report, Trace, simulate};
