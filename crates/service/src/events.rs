//! Responsibility events: market participant ids pass from one party to another (MAM-11).

pub mod adopt;
pub(crate) mod ahead;
pub(crate) mod back;
pub mod effect;
pub mod event;
pub mod follow;
pub(crate) mod lead;
pub mod rows;
pub(crate) mod units;
