//! Weeks: demand, scaling, publication, questions, refills.

pub(crate) mod chain;
pub mod close;
pub mod confirm;
pub mod demand;
pub(crate) mod forecast;
pub mod move_milestone;
pub mod publish;
pub mod questions;
pub mod redistribute;
pub mod respond;
pub mod scale;
pub mod take_refused;
pub(crate) mod window;
