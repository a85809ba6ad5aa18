//! Dormant Meters: planned, noticed, answered, migrated in the days of a week (DMT-1 to DMT-5).

pub mod answers;
pub mod day;
pub mod decide;
pub mod notify;
pub mod passing;
pub mod plan;
pub mod reserve;
pub mod review;
pub mod roster;
