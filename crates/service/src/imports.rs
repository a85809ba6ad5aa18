//! Reference data: imported and undone.

pub mod import;
pub mod inventory;
pub mod tables;
