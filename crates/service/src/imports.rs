//! Reference data: imported and undone.

pub(crate) mod cancelled;
pub(crate) mod capacity;
mod cases;
mod expired;
pub mod import;
pub mod inventory;
pub(crate) mod prepare;
pub(crate) mod reach;
pub(crate) mod retract;
pub(crate) mod rows;
mod shown;
pub(crate) mod stands;
pub mod tables;
pub(crate) mod touched;
mod weight;
