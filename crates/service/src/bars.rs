//! What keeps installations from being migrated: holds, exclusions, stop orders.

pub mod acknowledge;
pub mod exclusions;
pub mod holds;
pub mod stops;
