//! The record, checked and done again.

pub mod replay;
pub mod verify;
