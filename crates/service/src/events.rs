//! Responsibility events: market participant ids pass from one party to another (MAM-11).

pub mod adopt;
pub mod effect;
pub mod event;
pub mod follow;
pub mod rows;
pub mod stop_intake;
pub(crate) mod units;
