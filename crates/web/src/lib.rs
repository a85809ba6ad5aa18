#![doc = include_str!("../README.md")]

pub mod api;
mod app;
mod arrivals;
mod caller;
mod connections;
mod fields;
mod intake;
mod lane;
mod limits;
mod log;
mod problem;
mod request;
pub mod serve;
pub mod settings;
mod watermark;
mod writer;

pub use serve::{Failure, Server};
pub use settings::Settings;
