//! Days: locked, cut, carried out, reported.

pub mod cut;
pub mod deferred;
pub mod lock;
pub mod outcomes;
pub(crate) mod rise;
pub mod signatures;
