//! The use cases, one module a subject.

pub mod accounts;
pub mod authorise;
pub mod deferred;
pub mod demand;
pub(crate) mod digests;
pub mod dormant;
pub mod eligible;
pub mod exclusions;
pub mod holds;
pub mod import;
pub mod judge;
pub mod lock;
pub mod milestones;
pub mod outcomes;
pub mod overview;
pub mod questions;
pub mod receive;
pub mod redistribute;
mod respond;
pub mod responsibility;
pub mod scale;
pub mod signatures;
pub mod stops;
pub mod verdict;
