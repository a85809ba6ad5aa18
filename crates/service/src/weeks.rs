//! Weeks: demand, scaling, publication, questions, refills.

pub mod demand;
pub mod move_milestone;
pub mod questions;
pub mod redistribute;
pub mod respond;
pub mod scale;
