//! The board: installations that an act is about, changed by the rules, and everything that follows from a change.

pub mod desk;
pub mod ground;
pub mod save;
pub mod wording;
