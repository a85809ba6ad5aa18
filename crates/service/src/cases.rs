//! The use cases, one module a subject.

pub mod accounts;
pub mod authorise;
pub mod demand;
pub(crate) mod digests;
pub mod judge;
pub mod receive;
pub mod scale;
