//! The record, checked and done again.

pub mod erase;
pub mod replay;
pub mod tree;
pub mod verify;
