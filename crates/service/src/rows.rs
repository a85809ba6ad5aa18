//! Rows of authorisation files, and what can be authorised.

pub mod asked;
pub mod authorise;
pub mod days;
pub mod each;
pub mod eligible;
pub mod propose;
pub mod waiting;
