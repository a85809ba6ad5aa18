//! The board: installations that an act is about, changed by the rules, and everything that follows from a change.

pub mod answer;
pub mod changed;
pub mod exclude;
pub mod finish;
pub mod ground;
pub mod open;
pub mod promote;
pub mod save;
pub mod stops;
pub mod wording;
