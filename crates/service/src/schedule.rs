//! The schedule of a day, issued again whenever something has changed it (SCH-1).

pub mod issue;
