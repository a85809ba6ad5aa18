//! Rows of authorisation files, and what can be authorised.

pub mod asked;
pub mod authorise;
pub(crate) mod closed;
pub mod days;
pub mod each;
pub mod eligible;
pub mod lost;
pub mod propose;
pub mod waiting;
