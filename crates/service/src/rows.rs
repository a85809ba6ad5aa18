//! Rows of authorisation files, and what can be authorised.

pub mod authorise;
pub mod days;
pub mod each;
pub mod eligible;
pub mod waiting;
