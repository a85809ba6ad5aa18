//! The record, checked and done again.

mod files;
pub mod replay;
pub mod tree;
pub mod verify;
