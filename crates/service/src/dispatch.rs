//! Which act is next: files by their kind, deadlines by their time.

pub(crate) mod again;
pub(crate) mod ahead;
pub mod aside;
pub mod due;
pub mod judge;
pub mod kinds;
pub mod milestones;
pub mod proposals;
mod shown;
mod tried;
pub mod two;
